"""Lines that recur: in many files of one folder (menus, footers, contact blocks) and on the pages of one document.

What recurs in one folder is learnt before its documents are worked on and then marked in each of them, by `furniture`.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

#: A line is learnt when at least so many documents of a folder hold it, and this share of them.
FEWEST, SHARE = 4, 0.5
#: Longer lines are paragraphs: what recurs there is news that was sent twice.
LONGEST_LINE = 200
#: A document of whose long lines this share is known from one before is a reprint, which proves nothing.
_REPRINT = 0.6
_LONG = 60
#: So many lines at the head and foot of a page may be running heads.
_EDGE = 3
_SPACE = re.compile(r"\s+")
_DIGITS = re.compile(r"\d+")
_LINE = re.compile(r"[^\r\n\f]+")

#: What a sealed line begins with.
_SEAL = "sha256:"

_learnt: frozenset[str] = frozenset()
_sealed = False


def use(lines: frozenset[str] = frozenset()) -> None:
    """Take these lines (`Learner.learnt`) for furniture in this process, until they are taken back."""
    global _learnt, _sealed
    _learnt = lines
    _sealed = any(line.startswith(_SEAL) for line in lines)


def learnt() -> frozenset[str]:
    """The lines that are taken for furniture now."""
    return _learnt


def recurs(line: str) -> bool:
    """Whether a line is taken for furniture now."""
    if not _learnt:
        return False
    return (_seal(key(line)) if _sealed else key(line)) in _learnt


def sealed(lines: frozenset[str]) -> frozenset[str]:
    """Learnt lines as digests: a line is known again, but cannot be read, as where it holds someone's contacts."""
    return frozenset(map(_seal, lines))


def _seal(line: str) -> str:
    return _SEAL + hashlib.sha256(line.encode("utf-8", "surrogatepass")).hexdigest()


def key(line: str) -> str:
    """What two lines share that differ only in numbers, case and spaces."""
    return _DIGITS.sub("0", _SPACE.sub(" ", line.strip()).lower())


class Learner:
    """Counts in how many documents of each group a line stands."""

    def __init__(self) -> None:
        self._counts: dict[str, Counter[str]] = defaultdict(Counter)
        self._documents: Counter[str] = Counter()
        self._long: dict[str, set[str]] = defaultdict(set)

    def add(self, group: str, raw: str) -> None:
        """Count the lines of a document; `group` names its sender, say by its folder."""
        lines = {key(m.group()) for m in _LINE.finditer(raw)} - {"", "0"}
        long = {line for line in lines if len(line) > _LONG}
        known = self._long[group]
        if long and len(long & known) > _REPRINT * len(long):
            return
        known |= long
        self._documents[group] += 1
        self._counts[group].update(line for line in lines if len(line) <= LONGEST_LINE)

    def learnt(self) -> frozenset[str]:
        """The lines that recur."""
        return frozenset(
            line
            for group, counts in self._counts.items()
            for line, count in counts.items()
            if count >= FEWEST and count >= SHARE * self._documents[group]
        )


def running_heads(raw: str) -> frozenset[str]:
    """The keys of the lines that head or foot at least half of a document's pages (apart by form feeds)."""
    pages = [page for page in raw.split("\f") if page.strip()]
    if len(pages) < 3:
        return frozenset()
    counts = Counter(line for page in pages for line in set(_edges(page)))
    return frozenset(line for line, count in counts.items() if count >= 3 and count >= len(pages) / 2)


def _edges(page: str) -> Iterator[str]:
    lines = [key(m.group()) for m in _LINE.finditer(page) if m.group().strip()]
    yield from _short(lines[:_EDGE])
    yield from _short(lines[_EDGE:][-_EDGE:])


def _short(lines: Iterable[str]) -> Iterator[str]:
    return (line for line in lines if len(line) <= LONGEST_LINE)
