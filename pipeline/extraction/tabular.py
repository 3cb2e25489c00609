"""What tables add to mentions: what their columns are for, and what stands in cells where nothing was found.

A head that says `Speaker | Position | Topic` is a strong fact: what stands below `Topic` is a title. Where a table has
no head, what was found in its columns tells what they are for. What the labeller found in a cell stays as it is; only
cells in which it found nothing of their kind are filled.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.extraction.grids import Grid, Row, Stretch, grids_of
from pipeline.extraction.heads import TITLES, is_no_title
from pipeline.extraction.labeller import Document, Labelling
from pipeline.extraction.spans import TokenSpan

#: How sure a mention is that fills a cell by its head, and by what stands in its column.
BY_HEAD, BY_COLUMN = 0.9, 0.7
#: No title has more words.
_LONGEST = 45
#: Nor a role or an institution in a cell of its own.
_LONGEST_NAME = 14
#: A column without a head is of titles where these are so probable on average, and so many times more than events and
#: works; nothing is said of a column of fewer cells.
_LIKELY, _RATHER, _LEAST = 0.25, 1.5, 2
_FEW, _MANY = 0.3, 0.6
#: What a head calls a column that is neither of people nor of titles.
_NEITHER = frozenset(["other", "role", "institution"])
_QUOTES = frozenset("\"“”„‟«»‹›‘’`'")
_EDGES = _QUOTES | frozenset(",;:.-–—*•")
OPENING, CLOSING = frozenset("(["), frozenset(")]")


@dataclass(frozen=True, slots=True)
class Plan:
    """What the columns of a table are for.

    title: the one of the titles of talks, None where it has none. both: those of roles and institutions together.
    """

    grid: Grid
    title: int | None
    persons: tuple[int, ...]
    roles: tuple[int, ...]
    institutions: tuple[int, ...]
    both: tuple[int, ...] = ()

    @property
    def by_head(self) -> bool:
        """Whether the head of the table says so."""
        return self.grid.headed


def plans_of(document: Document, spans: Sequence[TokenSpan], look: Labelling | None = None) -> list[Plan]:
    """The tables of a document that list people, with what their columns are for; `look`: what the labeller thought."""
    grids = grids_of(document)
    if not grids:
        return []
    found = _Spans(spans)
    return [plan for grid in grids if (plan := _plan(_Columns(document, grid, found, look))) is not None]


class _Spans:
    """Spans by where they begin: a long table asks for those of each of its cells."""

    def __init__(self, spans: Sequence[TokenSpan]) -> None:
        self._spans = sorted(spans)
        self._starts = [span[0] for span in self._spans]

    def within(self, cell: Sequence[Stretch], label: str = "") -> list[TokenSpan]:
        """The spans (with a label) that begin in a cell, in the order of its stretches."""
        return [
            span
            for first, last in cell
            for span in self._spans[bisect_left(self._starts, first) : bisect_left(self._starts, last)]
            if not label or span[2] == label
        ]


class _Columns:
    """What was found in the columns of a table."""

    def __init__(self, document: Document, grid: Grid, spans: _Spans, look: Labelling | None) -> None:
        self.grid = grid
        self._document, self._spans = document, spans
        self._look = look
        self._cells = [[row.cells[c] for row in grid.rows if row.cells[c]] for c in range(len(grid.heads))]
        self._found = [[{s[2] for s in spans.within(cell)} for cell in cells] for cells in self._cells]

    def share(self, column: int, *labels: str) -> float:
        """In how many of the filled cells of a column a mention with one of some labels stands."""
        cells = self._found[column]
        return sum(not cell.isdisjoint(labels) for cell in cells) / len(cells) if len(cells) >= _LEAST else 0.0

    def likely(self, column: int, *labels: str) -> float:
        """How probable some labels are in a column, on average over its filled cells; without a look, their share."""
        cells = self._cells[column]
        if self._look is None or len(cells) < _LEAST:
            return self.share(column, *labels)
        tags = [n for n, tag in enumerate(self._look.tags) if tag[2:] in labels]
        chains = (self._look.probabilities[first:last, tags].sum(axis=1).mean() for ((first, last), *_) in cells)
        return float(sum(chains)) / len(cells)

    def people(self, column: int) -> int:
        """How many different people are named in a column: who chairs is the same in many rows."""
        words = self._document.words
        named = [s for cell in self._cells[column] for s in self._spans.within(cell, "PERSON")]
        return len({" ".join(words[first:last]) for first, last, _ in named})

    def titles(self, column: int) -> bool:
        """Whether the cells of a column are titles of talks, rather than those of events and works."""
        others = self.likely(column, "EVENT", "WORK")
        return self.likely(column, "REPORT") > max(_LIKELY, _RATHER * others)


def _plan(seen: _Columns) -> Plan | None:
    grid = seen.grid
    if not grid.headed:
        return _guessed(seen)
    of = [kinds if "other" not in kinds else frozenset() for kinds in grid.heads]
    speakers = [c for c, kinds in enumerate(of) if "speaker" in kinds]
    persons = speakers or [c for c, kinds in enumerate(of) if kinds & {"person", "name"}]
    if not persons:
        return None
    roles, institutions, both = (
        tuple(c for c, kinds in enumerate(grid.heads) if kinds == wanted)
        for wanted in ({"role"}, {"institution"}, {"role", "institution"})
    )
    return Plan(grid, _title(seen, bool(speakers)), tuple(persons), roles, institutions, both)


def _title(seen: _Columns, speakers: bool) -> int | None:
    """The column of the titles of talks under a head, or None.

    `Title` alone may be that of a book or a post: it is believed beside `Speaker`, or where titles were found below.
    """
    for kind in TITLES:
        for column in (c for c, kinds in enumerate(seen.grid.heads) if kinds == {kind}):
            others = seen.share(column, "ROLE", "PERSON", "WORK", "INSTITUTION")
            if kind != "title" or seen.titles(column) or (speakers and others < _FEW):
                return column
    return None


def _guessed(seen: _Columns) -> Plan | None:
    """What the columns of a table without a head are for, by what was found in them: one of people, one of titles."""
    free = [c for c, kinds in enumerate(seen.grid.heads) if kinds.isdisjoint(_NEITHER)]
    persons = max(free, key=seen.people, default=None)
    title = max(free, key=lambda c: seen.likely(c, "REPORT"), default=None)
    if persons is None or title is None or persons == title or seen.share(persons, "PERSON") < _MANY:
        return None
    if seen.grid.loose and seen.share(title, "REPORT") < _MANY:
        return None
    return Plan(seen.grid, title, (persons,), (), ()) if seen.titles(title) else None


def complete(
    document: Document, spans: Sequence[TokenSpan], look: Labelling | None = None
) -> tuple[list[TokenSpan], dict[TokenSpan, float]]:
    """The spans with those of cells in which none of their kind was found, and how sure these are."""
    plans = plans_of(document, spans, look)
    sure: dict[TokenSpan, float] = {}
    if not plans:
        return list(spans), sure
    found = _Spans(spans)
    gone: set[TokenSpan] = set()
    filled: list[TokenSpan] = []
    for plan in plans:
        for row in plan.grid.rows:
            own = found.within(sorted(part for cell in row.cells for part in cell))
            if plan.by_head:
                gone.update(span for span in own if _crosses(span, row))
                own = [span for span in own if span not in gone]
            new: list[TokenSpan] = []
            for span, probability in _missing(document.words, own, plan, row):
                new = [*(s for s in new if s[1] <= span[0] or s[0] >= span[1]), span]
                sure[span] = probability
            filled += new
    return sorted([*apart([s for s in spans if s not in gone], sorted(filled)), *filled]), sure


def apart(spans: Sequence[TokenSpan], new: Sequence[TokenSpan]) -> Iterator[TokenSpan]:
    """The spans that share no token with new ones, which are in the order of the text and share none themselves."""
    starts = [span[0] for span in new]
    for span in spans:
        before = bisect_left(starts, span[1]) - 1
        if before < 0 or new[before][1] <= span[0]:
            yield span


def _crosses(span: TokenSpan, row: Row) -> bool:
    """Whether a mention goes over from one cell of a row of one line into the next."""
    if any(len(cell) > 1 for cell in row.cells):
        return False
    return any(span[0] < first < span[1] for cell in row.cells for first, _ in cell) and any(
        first <= span[0] < last for cell in row.cells for first, last in cell
    )


def _missing(words: Sequence[str], own: Sequence[TokenSpan], plan: Plan, row: Row) -> Iterator[tuple[TokenSpan, float]]:
    """The mentions that a row lacks, beside its own, and how sure they are."""
    sure = BY_HEAD if plan.by_head else BY_COLUMN
    persons = [s for c in plan.persons for s in _Spans(own).within(row.cells[c], "PERSON")]
    if not persons:
        for column in plan.persons:
            if name := _name(words, own, row.cells[column]):
                yield (*name, "PERSON"), sure
                persons = [(*name, "PERSON")]
                break
    if not persons:
        return
    if plan.title is not None and (title := _bare_title(words, own, row.cells[plan.title], plan.by_head)):
        yield (*title, "REPORT"), sure
    if not plan.by_head:
        return
    for column in plan.roles:
        for role in _roles(words, own, row.cells[column]):
            yield (*role, "ROLE"), sure
    for column in (*plan.institutions, *plan.both):
        if name := _institution(words, own, row.cells[column]):
            yield (*name, "INSTITUTION"), sure


def _trimmed(words: Sequence[str], first: int, last: int) -> Stretch | None:
    """A stretch without marks at its edges, or None where nothing is left."""
    while last > first and words[last - 1] in _EDGES:
        last -= 1
    while first < last and words[first] in _EDGES:
        first += 1
    return (first, last) if first < last else None


def _bare_title(
    words: Sequence[str], spans: Sequence[TokenSpan], cell: Sequence[Stretch], by_head: bool
) -> Stretch | None:
    """The title that fills a cell in which no title was found, without what stands in brackets at its end."""
    if len(cell) != 1:
        return None
    first, last = cell[0]
    titles = [s for s in spans if s[0] < last and s[1] > first and s[2] in ("REPORT", "EVENT", "WORK")]
    if any(s[2] == "REPORT" or 2 * (s[1] - s[0]) > last - first for s in titles):
        return None
    while last - 1 > first and words[last - 1] in CLOSING:
        opening = next((i for i in range(last - 2, first, -1) if words[i] in OPENING), None)
        if opening is None:
            break
        last = opening
    if is_no_title(words[first:last]) or last - first > _LONGEST:
        return None
    if any(s[2] == "PERSON" and s[0] <= first and s[1] >= last for s in spans):
        return None  # a name where the title should be
    if not by_head and any(s[0] <= first < s[1] for s in spans):
        return None  # a place, a post: the column holds other things, too
    return _trimmed(words, first, last)


def _free(spans: Sequence[TokenSpan], first: int, last: int) -> bool:
    """Whether no mention lies in a stretch."""
    return all(s[1] <= first or s[0] >= last for s in spans)


def _parts(words: Sequence[str], cell: Stretch) -> Iterator[Stretch]:
    """The parts of a cell between commas, semicolons and brackets."""
    opened = cell[0]
    for i in range(cell[0], cell[1] + 1):
        if i == cell[1] or words[i] in ",;()[]/":
            if i > opened:
                yield opened, i
            opened = i + 1


def _name(words: Sequence[str], spans: Sequence[TokenSpan], cell: Sequence[Stretch]) -> Stretch | None:
    """The name with which a cell without a person begins: two to five words with capitals."""
    if len(cell) != 1:
        return None
    first, last = next(_parts(words, cell[0]), (0, 0))
    said = [word for word in words[first:last] if word not in _EDGES]
    if not 2 <= len(said) <= 5 or not all(word[0].isupper() for word in said) or is_no_title(said):
        return None
    return _trimmed(words, first, last) if _free(spans, first, last) else None


def _roles(words: Sequence[str], spans: Sequence[TokenSpan], cell: Sequence[Stretch]) -> Iterator[Stretch]:
    """The roles that fill a cell in which none was found, up to what is an institution or a place."""
    if len(cell) != 1 or is_no_title(words[slice(*cell[0])]):
        return
    for first, last in _parts(words, cell[0]):
        inside = [s for s in spans if s[0] < last and s[1] > first]
        if len(inside) == 1 and inside[0][2] == "ROLE" and first < inside[0][0] and inside[0][1] == last:
            yield first, last  # the labeller found the end of it alone
    if _Spans(spans).within(cell, "ROLE"):
        return
    for first, last in _parts(words, cell[0]):
        last = min([s[0] for s in spans if first <= s[0] < last], default=last)
        if not _free(spans, first, last) or not 0 < last - first <= _LONGEST_NAME:
            continue
        stretch = _trimmed(words, first, last)
        if stretch and any(word[0].isalpha() for word in words[slice(*stretch)]):
            yield stretch


def _institution(words: Sequence[str], spans: Sequence[TokenSpan], cell: Sequence[Stretch]) -> Stretch | None:
    """The institution in a cell in which none was found: its first part that is free and begins as names do."""
    if len(cell) != 1 or _Spans(spans).within(cell, "INSTITUTION"):
        return None
    for first, last in _parts(words, cell[0]):
        said = words[first:last]
        if len(said) > _LONGEST_NAME or is_no_title(said):
            return None
        if _free(spans, first, last) and (said[0][0].isupper() or said[0][0] in _QUOTES or "№" in said):
            return _trimmed(words, first, last)
    return None
