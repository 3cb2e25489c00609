"""The tagged corpus: announcements with inline tags, read into raw text, spans and relations (see docs/corpus.md)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

TAGS = {
    "person": "PERSON",
    "inst": "INSTITUTION",
    "role": "ROLE",
    "report": "REPORT",
    "event": "EVENT",
    "work": "WORK",
    "date": "DATE",
    "place": "PLACE",
}
_TAG = re.compile(rf"<(/?)({'|'.join(TAGS)})((?:\s+\w+=\"[^\"]*\")*)\s*>")
_ATTRIBUTE = re.compile(r"(\w+)=\"([^\"]*)\"")
_DOCUMENT = re.compile(r"\A\s*<doc((?:\s+\w+=\"[^\"]*\")*)\s*>\n?(.*?)\n?</doc>\s*\Z", re.DOTALL)


class CorpusError(ValueError):
    """A tagged file that breaks the format; the message names the file and the place."""


@dataclass(frozen=True, slots=True)
class GoldSpan:
    """A tagged stretch of the raw text. `ids` of a person or institution; `of`, `at`, `by` as the guidelines say."""

    label: str
    start: int
    end: int
    text: str
    ids: tuple[str, ...] = ()
    of: tuple[str, ...] = ()
    at: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    part_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GoldDocument:
    """A tagged announcement."""

    name: str
    language: str
    style: str
    text: str
    spans: tuple[GoldSpan, ...]


def parse(source: str, name: str) -> GoldDocument:
    """Read one tagged text. Raises CorpusError where tags nest, are left open or close nothing."""
    outer = _DOCUMENT.match(source)
    if outer is None:
        raise CorpusError(f"{name}: there is no <doc …> … </doc> around the text")
    head = dict(_ATTRIBUTE.findall(outer[1]))
    body = outer[2]
    pieces: list[str] = []
    spans: list[GoldSpan] = []
    at = length = 0
    opened: tuple[str, int, dict[str, str]] | None = None
    for tag in _TAG.finditer(body):
        pieces.append(body[at : tag.start()])
        length += tag.start() - at
        at = tag.end()
        if not tag[1]:
            if opened:
                raise CorpusError(f"{name}: <{tag[2]}> inside <{opened[0]}> at character {length}")
            opened = (tag[2], length, dict(_ATTRIBUTE.findall(tag[3])))
            continue
        if opened is None or opened[0] != tag[2]:
            raise CorpusError(f"{name}: </{tag[2]}> closes nothing at character {length}")
        kind, start, attributes = opened
        ids = {key: tuple(attributes.get(key, "").split()) for key in ("id", "of", "at", "by", "part_of")}
        text = "".join(pieces)[start:length]
        spans.append(
            GoldSpan(TAGS[kind], start, length, text, ids["id"], ids["of"], ids["at"], ids["by"], ids["part_of"])
        )
        opened = None
    if opened:
        raise CorpusError(f"{name}: <{opened[0]}> is never closed")
    pieces.append(body[at:])
    return GoldDocument(
        head.get("id", name), head.get("lang", ""), head.get("style", ""), "".join(pieces), tuple(spans)
    )


def read_file(path: Path) -> GoldDocument:
    """Read a tagged file."""
    with path.open(encoding="utf-8", newline="") as file:
        return parse(file.read(), path.stem)


def read_folder(folder: Path) -> list[GoldDocument]:
    """All tagged files of a folder, sorted by name. Raises CorpusError when there are none."""
    paths = sorted(folder.glob("*.xml"))
    if not paths:
        raise CorpusError(f"{folder} holds no tagged .xml files")
    return [read_file(path) for path in paths]


def digest(paths: Iterable[Path]) -> str:
    """A checksum over the names and contents of tagged files, in order of name."""
    total = hashlib.sha256()
    for path in sorted(paths, key=lambda p: p.name):
        total.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()
