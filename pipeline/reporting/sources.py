"""The raw text of a document of an output, where it can still be had unchanged, and its text cut at the mentions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.running import texts
from pipeline.running.dossier import sentence

Record = dict[str, Any]


class Stretch(NamedTuple):
    """A stretch of a raw text; `mention` is the row of the mention it is, None between mentions."""

    text: str
    mention: Record | None


def raw_text(out: Path, document: Record) -> tuple[str | None, str]:
    """The raw text, or None with the key of the reason: `failed`, `moved`, `changed` or `unreadable`."""
    if document["status"] != "ok":
        return None, "failed"
    try:
        return texts.raw_text(out, document, unchanged=True), ""
    except OSError:
        return None, "moved"
    except texts.ChangedError:
        return None, "changed"
    except (LookupError, ValueError):
        return None, "unreadable"


def stretches(raw: str, mentions: list[Record]) -> Iterator[Stretch]:
    """The raw text cut at its mentions; of mentions that overlap, the one that begins first and is longest is taken.

    Joined again, the stretches are the raw text.
    """
    at = 0
    for mention in sorted(mentions, key=lambda m: (m["start"], -m["end"])):
        if mention["start"] < at or mention["end"] <= mention["start"]:
            continue
        if mention["start"] > at:
            yield Stretch(raw[at : mention["start"]], None)
        yield Stretch(raw[mention["start"] : mention["end"]], mention)
        at = mention["end"]
    if at < len(raw):
        yield Stretch(raw[at:], None)


def sentence_of(raw: str | None, mention: Record) -> str:
    """The sentence of a mention on one line; its bare text where there is no raw text."""
    if raw is None:
        return str(mention["text"] or "")
    return sentence(raw, mention["start"], mention["end"])
