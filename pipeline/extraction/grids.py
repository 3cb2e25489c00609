"""Tables in a text: which lines are rows, where their cells lie, and what the head says of the columns.

A row's cells stand apart by bars, by tabulators or by three spaces and more. All is told in tokens, so that every cell
leads back to its characters.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.extraction.heads import Heads, heads_of, kinds_of
from pipeline.extraction.labeller import Document
from pipeline.extraction.tokens import GAP, LINE, PARAGRAPH

Stretch = tuple[int, int]
BARS = frozenset("|¦")
BAR, TAB, WIDE = "bars", "tabulators", "wide gaps"
#: A line without cells that has more words goes on with the text below a table.
_LONGEST_ASIDE = 14
#: So many lines without cells, one below the other, end a table.
_ASIDES = 4
#: A table without a head has so many rows of as many cells.
_LEAST_ROWS = 3
#: Cells that begin below each other do so to so many characters.
_ASKEW = 2


@dataclass(frozen=True, slots=True)
class Row:
    """cells: by column, where its tokens lie: nowhere, in one stretch, or in one for each line of a row."""

    cells: tuple[tuple[Stretch, ...], ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: what its head says of each column, the rows below, and whether that is a head of people or talks.

    loose: whether nothing but wide gaps tells that it is a table.
    """

    heads: Heads
    rows: list[Row]
    headed: bool
    loose: bool = False


@dataclass(frozen=True, slots=True)
class _Line:
    """first, last: its tokens. cells: where they lie, None for an empty one; starts: the column of each on the page."""

    first: int
    last: int
    cells: list[Stretch | None]
    starts: list[int]


def grids_of(document: Document) -> list[Grid]:
    """The tables of a document, those with a head and those without."""
    words, breaks = document.words, document.tokens.breaks
    if not len(words) or int((breaks == GAP).sum()) + sum(words.count(bar) for bar in BARS) < _LEAST_ROWS:
        return []
    return list(_grids(_Lines(document)))


def _grids(page: _Lines) -> Iterator[Grid]:
    number, plain = 0, 0
    while number < len(page.bounds):
        if headed := page.head(number):
            yield from page.bare(plain, number)
            grid, number = page.below(number, *headed)
            plain = number
            if grid.rows:
                yield grid
        else:
            number += 1
    yield from page.bare(plain, number)


class _Lines:
    """The lines of a document, taken apart into cells."""

    def __init__(self, document: Document) -> None:
        tokens = document.tokens
        self.words = document.words
        self._breaks = tokens.breaks.tolist()
        self._starts, self._ends = tokens.starts.tolist(), tokens.ends.tolist()
        self._text = tokens.text
        self._clean = tokens.text.clean
        opens = np.flatnonzero(tokens.breaks >= LINE).tolist()
        self.bounds: list[Stretch] = list(zip(opens, [*opens[1:], len(self.words)], strict=True))

    def mode(self, number: int) -> str:
        """How the cells of a line stand apart; empty where it has but one."""
        first, last = self.bounds[number]
        if not BARS.isdisjoint(self.words[first:last]):
            return BAR
        gaps = [i for i in range(first + 1, last) if self._breaks[i] == GAP]
        if any("\t" in self._between(i) for i in gaps):
            return TAB
        return WIDE if gaps else ""

    def _between(self, token: int) -> str:
        """The white space before a token in its line."""
        start = self._ends[token - 1] if token else 0
        return self._clean[start : self._starts[token]].rpartition("\n")[2]

    def line(self, number: int, mode: str) -> _Line:
        """A line taken apart."""
        first, last = self.bounds[number]
        if mode == BAR:
            return self._barred(first, last)
        cells: list[Stretch | None] = []
        starts: list[int] = []
        begin = self._starts[first] - len(self._between(first))
        opened = first
        for i in range(first, last + 1):
            space = self._between(i) if i < last else ""
            apart = "\t" in space if mode == TAB else i < last and self._breaks[i] == GAP
            if i == first:
                cells += [None] * (space.count("\t") if mode == TAB else 0)
                starts += [0] * len(cells)
            elif apart or i == last:
                cells.append((opened, i))
                starts.append(self._starts[opened] - begin)
                more = space.count("\t") - 1 if mode == TAB else 0
                cells += [None] * more
                starts += [0] * max(more, 0)
                opened = i
        return _Line(first, last, cells, starts)

    def _barred(self, first: int, last: int) -> _Line:
        cells: list[Stretch | None] = []
        opened = first + (self.words[first] in BARS)
        for i in range(opened, last + 1):
            if i == last or self.words[i] in BARS:
                cells.append((opened, i) if i > opened else None)
                opened = i + 1
        return _Line(first, last, cells, [])

    def parts(self, cell: Stretch | None, mode: str) -> tuple[Stretch, ...]:
        """A cell by the lines of the raw text: cleaning joins what looks wrapped, also over columns."""
        if cell is None:
            return ()
        first, last = cell
        if mode != WIDE or "\n" not in self._raw(first, last):
            return (cell,)
        cuts = [i for i in range(first + 1, last) if "\n" in self._raw(i - 1, i + 1)]
        return tuple(zip([first, *cuts], [*cuts, last], strict=True))

    def _raw(self, first: int, last: int) -> str:
        """The raw characters behind some tokens."""
        start, end = self._text.raw_span(self._starts[first], self._ends[last - 1])
        return self._text.raw[start:end]

    def said(self, cell: Stretch | None) -> str:
        """The characters of a cell."""
        return self._clean[self._starts[cell[0]] : self._ends[cell[1] - 1]] if cell else ""

    def head(self, number: int) -> tuple[_Line, str, Heads] | None:
        """The head of a table that a line is, and how its cells stand apart."""
        mode = self.mode(number)
        if not mode:
            return None
        line = self.line(number, mode)
        while line.cells and not line.cells[-1]:
            line.cells.pop()
        heads = heads_of([self.said(cell) for cell in line.cells])
        return (line, mode, heads) if heads else None

    def is_rule(self, number: int) -> bool:
        """Whether a line holds nothing but strokes."""
        first, last = self.bounds[number]
        return not any(word[0].isalnum() for word in self.words[first:last])

    def below(self, number: int, head: _Line, mode: str, heads: Heads) -> tuple[Grid, int]:
        """The table under a head, and the line after it."""
        rows: list[Row] = []
        asides = 0
        following = number + 1
        while following < len(self.bounds) and self.head(following) is None:
            first, last = self.bounds[following]
            if self.is_rule(following):
                following += 1
                continue
            line = self.line(following, mode)
            if mode == BAR and (whole := self._mended(line, following + 1, len(heads))):
                line = whole
                following += 1
            if len(line.cells) < 2 and not (rows and mode == WIDE and line.starts[0] + _ASKEW >= head.starts[1]):
                asides += 1
                if asides == _ASIDES or last - first > _LONGEST_ASIDE:
                    break
            else:
                if mode == BAR and self._breaks[first] == PARAGRAPH and len(line.cells) < len(heads):
                    break
                asides = 0
                placed = _placed(line, head, mode)
                if placed is None:
                    pass  # more cells than columns: nobody knows which is which
                elif rows and _goes_on(placed, heads, mode):
                    rows[-1] = _joined(rows[-1], placed)
                else:
                    rows.append(Row(tuple(self.parts(cell, mode) for cell in placed)))
            following += 1
        return Grid(heads, rows, True), following

    def _mended(self, line: _Line, following: int, columns: int) -> _Line | None:
        """A row that was broken in the middle of a cell, whole again; None where the next line does not complete it."""
        if not 1 < len(line.cells) < columns or following == len(self.bounds):
            return None
        first, last = self.bounds[following]
        if self._breaks[first] == PARAGRAPH:
            return None
        more = self._barred(first, last)
        if len(line.cells) + len(more.cells) - 1 != columns or more.cells[0] is None:
            return None
        middle = line.cells[-1]
        cells = [*line.cells[:-1], (middle[0] if middle else more.cells[0][0], more.cells[0][1]), *more.cells[1:]]
        return _Line(line.first, last, cells, [])

    def bare(self, start: int, end: int) -> Iterator[Grid]:
        """The tables without a head among some lines: runs of lines of as many cells."""
        run: list[_Line] = []
        kind: tuple[str, int] = "", 0
        for number in range(start, end + 1):
            own: tuple[str, int] = "", 0
            line = None
            if number < end and (mode := self.mode(number)):
                line = self.line(number, mode)
                while line.cells and not line.cells[-1]:
                    line.cells.pop()
                own = (mode, len(line.cells))
            elif number < end and run and self.bounds[number][1] - self.bounds[number][0] <= _LONGEST_ASIDE:
                continue  # a day between the rows
            if line and run and own[0] == kind[0] and 1 < own[1] < kind[1] and self._breaks[line.first] < PARAGRAPH:
                continue  # a break between the rows
            if own != kind or own[1] < 2:
                if len(run) >= _LEAST_ROWS and (kind[0] != WIDE or _aligned(run)):
                    yield self._bare(run, kind[0])
                run, kind = [], own
            if line is not None:
                run.append(line)

    def _bare(self, run: Sequence[_Line], mode: str) -> Grid:
        """A table without a head of people or talks; another first line that calls most columns is none of its rows."""
        heads = tuple(kinds_of(self.said(cell)) for cell in run[0].cells)
        if 2 * sum(map(bool, heads)) <= len(heads):
            heads = (frozenset(),) * len(heads)
        rows = run[1:] if any(heads) else run
        found = [Row(tuple(self.parts(cell, mode) for cell in line.cells)) for line in rows]
        return Grid(heads, found, False, mode == WIDE)


def _aligned(run: Sequence[_Line]) -> bool:
    """Whether the cells of lines begin below each other, so that their gaps are not those of a typewriter."""
    lefts = [sorted(starts) for starts in zip(*(line.starts for line in run), strict=True)]
    return all(starts[-1] - starts[0] <= _ASKEW for starts in lefts[1:])


def _placed(line: _Line, head: _Line, mode: str) -> list[Stretch | None] | None:
    """The cells of a line by the columns of the head; None where they do not fit."""
    columns = len(head.cells)
    cells = line.cells
    while len(cells) > columns and not cells[-1]:
        cells = cells[:-1]
    if len(cells) == columns or (mode != WIDE and len(cells) < columns):
        return [*cells, *[None] * (columns - len(cells))]
    if mode != WIDE:
        return None
    found: list[Stretch | None] = [None] * columns
    least = 0
    for cell, start in zip(cells, line.starts, strict=True):
        column = min(range(least, columns), key=lambda c: abs(head.starts[c] - start))
        before = found[column]
        found[column] = (before[0], cell[1]) if before and cell else cell
        least = column
    return found


def _goes_on(cells: Sequence[Stretch | None], heads: Heads, mode: str) -> bool:
    """Whether a line goes on with the row above: nothing stands in its first column, and no new row is seen."""
    if cells[0] is not None or mode == TAB:
        return False
    return mode == WIDE or sum(cell is not None for cell in cells) == 1


def _joined(row: Row, cells: Sequence[Stretch | None]) -> Row:
    """A row with one line more; a stretch that nothing else comes between goes on."""
    alone = sum(cell is not None for cell in cells) == 1
    last = max((part[1] for cell in row.cells for part in cell), default=0)
    found = []
    for own, more in zip(row.cells, cells, strict=True):
        if more is None:
            found.append(own)
        elif alone and own and own[-1][1] == last:
            found.append((*own[:-1], (own[-1][0], more[1])))
        else:
            found.append((*own, more))
    return Row(tuple(found))
