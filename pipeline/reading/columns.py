"""The reading order of a page that is set in columns: down one column and then the next, however they were drawn.

A gutter is a stripe that no line of a zone crosses while lines stand on both sides of it. What crosses it (a headline
over both columns) parts the page into zones. A zone is only read column by column where both sides are running text,
whose lines go on below each other; the cells of a table or programme are read along their row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

#: Points; a gap between words that is wider than so many times the height of the line parts two columns.
_WIDE = 0.9
#: So many rows must stand on both sides of a gutter.
_ROWS = 4
#: Lines of a column of prose have so many characters at least, on the average, and this share of them goes on in the
#: middle of a sentence.
_PROSE, _GOES_ON = 18, 0.3
#: Columns within columns are looked for so deep.
_DEEPEST = 3


@dataclass(frozen=True, slots=True)
class Run:
    """Words that stand close together on one line: their box in points from the lower left corner of the page."""

    left: float
    right: float
    bottom: float
    top: float
    text: str


def split(words: Sequence[Run]) -> list[Run]:
    """The runs of one line, given its words from left to right: parted where a gap is wide."""
    runs: list[Run] = []
    for word in words:
        last = runs[-1] if runs else None
        if last is not None and word.left - last.right <= _WIDE * max(last.top - last.bottom, 1):
            text = f"{last.text} {word.text}"
            runs[-1] = Run(
                last.left, word.right, min(last.bottom, word.bottom), max(last.top, word.top), text,
            )  # fmt: skip
        else:
            runs.append(word)
    return runs


def in_order(runs: Sequence[Run], depth: int = 0) -> list[list[Run]] | None:
    """The columns of a page one after the other, each a list of runs from top to bottom; what crosses is one too.

    None where the page has no columns of running text.
    """
    lines = rows(runs)
    gutter = _gutter(lines) if depth < _DEEPEST else None
    if gutter is None:
        return None
    columns: list[list[Run]] = []
    found = False
    for crossed, zone in groupby(lines, key=lambda row: any(r.left < gutter < r.right for r in row)):
        inside = list(zone)
        left = [r for row in inside for r in row if r.right <= gutter]
        right = [r for row in inside for r in row if r.left >= gutter]
        if crossed or not (_is_prose(left) and _is_prose(right)):
            columns.append([r for row in inside for r in row])
            continue
        found = True
        for side in (left, right):
            columns += in_order(side, depth + 1) or [side]
    return columns if found else None


def rows(runs: Iterable[Run]) -> list[list[Run]]:
    """Runs on the same height, from top to bottom and from left to right."""
    found: list[list[Run]] = []
    for run in sorted(runs, key=lambda r: (-r.bottom, r.left)):
        if found and found[-1][0].bottom - run.bottom < 0.5 * max(run.top - run.bottom, 1):
            found[-1].append(run)
        else:
            found.append([run])
    return [sorted(row, key=lambda r: r.left) for row in found]


def _gutter(lines: Sequence[Sequence[Run]]) -> float | None:
    """The middle of the stripe that lies between two runs in the most rows, or None where these are too few."""
    gaps = [(a.right, b.left) for row in lines for a, b in pairwise(row) if b.left - a.right > 1]
    if len(gaps) < _ROWS:
        return None
    # The stripe that most gaps share: it begins where one of them begins and ends where one of them ends.
    edges = sorted([(a, 1) for a, _ in gaps] + [(b, -1) for _, b in gaps])
    count = most = 0
    begin = end = 0.0
    for (at, step), (following, _) in pairwise(edges):
        count += step
        if count > most:
            most, begin, end = count, at, following
    return (begin + end) / 2 if most >= _ROWS else None


def _is_prose(column: Sequence[Run]) -> bool:
    """Whether the lines of a column are running text."""
    if len(column) < _ROWS or sum(len(r.text) for r in column) < _PROSE * len(column):
        return False
    goes_on = sum(
        b.text[:1].islower() or a.text.endswith("-") for a, b in pairwise(column)
    )  # fmt: skip
    return goes_on >= _GOES_ON * (len(column) - 1)
