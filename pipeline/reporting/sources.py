"""The raw text of a document of an output, where it can still be had unchanged, and cut at mentions and furniture."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.records import Furniture
from pipeline.running import texts
from pipeline.running.dossier import sentence_parts
from pipeline.running.store import STORE, Store, StoreError

Record = dict[str, Any]
_BETWEEN = re.compile(r"([^\S\r\n]*(?:\r\n?|\n)\s*)")


class Stretch(NamedTuple):
    """A stretch of a raw text.

    `mention` is the row of the mention it is, None between mentions; `furniture` says why it is no part of the
    announcement, empty where it is one.
    """

    text: str
    mention: Record | None
    furniture: str = ""


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


def learnt_furniture(out: Path) -> frozenset[str]:
    """The lines that the run into a folder took for its furniture, for `recurring.use`; empty where it learnt none."""
    try:
        learnt = json.loads((out / "rollcall.json").read_bytes())["settings"]["learn"]
        store = Store(out / STORE, readonly=True)
    except (OSError, ValueError, KeyError, TypeError, StoreError):
        return frozenset()
    try:
        note = store.meta("furniture") if learnt else ""
    finally:
        store.close()
    return frozenset(json.loads(note)["lines"]) if note else frozenset()


def stretches(raw: str, mentions: list[Record], furniture: Sequence[Furniture] = ()) -> Iterator[Stretch]:
    """The raw text cut at its mentions and its furniture.

    Of mentions that overlap, the one that begins first and is longest is taken. Joined again, the stretches are the raw
    text.
    """
    at = 0
    for mention in sorted(mentions, key=lambda m: (m["start"], -m["end"])):
        if mention["start"] < at or mention["end"] <= mention["start"]:
            continue
        yield from _between(raw, at, mention["start"], furniture)
        yield Stretch(raw[mention["start"] : mention["end"]], mention)
        at = mention["end"]
    yield from _between(raw, at, len(raw), furniture)


def _between(raw: str, start: int, end: int, furniture: Sequence[Furniture]) -> Iterator[Stretch]:
    """A stretch without mentions, cut at the furniture."""
    for piece in furniture:
        first, last = max(piece.start, start), min(piece.end, end)
        if first < last:
            if first > start:
                yield Stretch(raw[start:first], None)
            yield Stretch(raw[first:last], None, piece.reason)
            start = last
    if start < end:
        yield Stretch(raw[start:end], None)


def lines_of(text: str) -> list[tuple[str, str]]:
    """The lines of a text, each with the white space between it and the next; joined, they are the text."""
    cut = _BETWEEN.split(text)
    return list(zip(cut[::2], [*cut[1::2], ""], strict=True))


def sentence_of(raw: str | None, mention: Record, ends: Sequence[int] | None = None) -> tuple[str, str, str]:
    """The sentence of a mention in three parts on one line: before it, itself, after it.

    Where there is no raw text, it is the mention alone. `ends` are the `sentence_ends` of the text.
    """
    if raw is None:
        return "", _line(str(mention["text"] or "")), ""
    before, text, after = sentence_parts(raw, mention["start"], mention["end"], ends)
    return _line(before).lstrip(), _line(text), _line(after).rstrip()


def _line(text: str) -> str:
    """The text with every run of white space as one space, those at its ends too."""
    words = " ".join(text.split())
    head = " " if words and text[0].isspace() else ""
    return f"{head}{words}{' ' if words and text[-1].isspace() else ''}" or (" " if text else "")
