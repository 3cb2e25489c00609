"""Documents one after another as arrays over their mentions, so that the linker compares all pairs at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np

from pipeline.extraction.candidates import UNITS, Page, anchor_features
from pipeline.extraction.layout import LETTERS
from pipeline.extraction.lists import lists_of
from pipeline.extraction.sums import Names, Numbers
from pipeline.knowledge import COMMON, lines

#: So many units before and after a mention are looked at.
SEEN = 3
#: Mentions that may stand between two people who are named together.
_BETWEEN = frozenset(LETTERS[label] for label in ("ROLE", "INSTITUTION", "PLACE"))
_LABELS = {label: number for number, label in enumerate(LETTERS)}


@dataclass(frozen=True, slots=True)
class Book:
    """A batch of documents; most arrays are (n,) over the mentions of all of them.

    opens: the first mention of each document.
    symbols: those of all layouts as numbers (`Names.symbols`), with some of number 0 between documents; units: the
        same as a text, a character each, of which stretches can be cut. at: the place of each mention in them.
    marks: those of all layouts; mark_at: the place of each mention in them.
    near: (units, n) the numbers of `UNITS` within the document.
    stops: as in `Layout`. texts: numbers in `Names.texts`. known: as `Page.known`. labels: numbers in the order of
        `LETTERS`; counts: (labels, n + 1) how many mentions of each stand before a mention.
    company: of a person the number of those who are named together, -1 of other mentions.
    lists: (4, n) the number of the list (over all documents), the run, the form and the lead, as in `Lists`.
    """

    pages: Sequence[Page]
    names: Names
    opens: list[int]
    units: str
    symbols: Numbers
    marks: str
    at: Numbers
    mark_at: Numbers
    near: Numbers
    stops: Numbers
    texts: Numbers
    known: Numbers
    labels: Numbers
    counts: Numbers
    company: Numbers
    lists: Numbers
    _beside: dict[tuple[int, int], list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, pages: Sequence[Page], names: Names) -> Book:
        """Join documents; their symbols and texts are numbered in `names`."""
        gap = [0] * SEEN
        symbols = list(gap)
        opens, at, mark_at, places = [0], [], [], 0
        for page in pages:
            layout = page.layout
            opens.append(opens[-1] + len(page.spans))
            at += [len(symbols) + place for place in layout.at]
            mark_at += [places + place for place in layout.mark_at]
            places += len(layout.marks)
            symbols += names.symbols.numbers(layout.symbols)
            symbols += gap
        labels = np.array([_LABELS[label] for page in pages for _, _, label in page.spans], np.int64)
        there = labels == np.arange(len(_LABELS))[:, None]
        layouts = [page.layout for page in pages]
        numbers, positions = np.array(symbols, np.int64), np.array(at, np.int64)
        near = [list(chain.from_iterable(getattr(each, unit) for each in layouts)) for unit in UNITS]
        return cls(
            pages,
            names,
            opens,
            "".join(map(chr, symbols)),
            numbers,
            "".join(layout.marks for layout in layouts),
            positions,
            np.array(mark_at, np.int64),
            np.array(near, np.int64),
            np.array([stop for layout in layouts for stop in layout.stops], np.int64),
            np.array(names.texts.numbers(chain.from_iterable(page.texts for page in pages)), np.int64),
            np.array([known for page in pages for known in page.known()], np.int64),
            labels,
            np.concatenate([np.zeros((len(_LABELS), 1), np.int64), np.cumsum(there, axis=1)], axis=1),
            _companies(names, numbers, positions, labels),
            _lists(pages),
        )

    def of_label(self, label: str) -> Numbers:
        """The mentions of a label, in order."""
        return np.flatnonzero(self.labels == _LABELS[label])

    def beside(self, page: int, anchor: int) -> list[str]:
        """The features of an anchor, which is asked for more than one kind of link."""
        found = self._beside.get((page, anchor))
        if found is None:
            found = self._beside[page, anchor] = anchor_features(self.pages[page], anchor)
        return found

    def spelled(self, first: int, end: int) -> list[str]:
        """The symbols from one place to another."""
        of = self.names.symbols.of
        return [of[number] for number in self.symbols[first:end].tolist()]


def _lists(pages: Sequence[Page]) -> Numbers:
    """(4, n) as `Book.lists`."""
    rows: list[tuple[int, int, int, int]] = []
    before = 0
    for page in pages:
        lists = lists_of([label for _, _, label in page.spans], page.layout)
        numbers = [before + number for number in lists.number]
        before = numbers[-1] + 1 if numbers else before
        rows += zip(numbers, lists.run, lists.form, [lists.lead] * len(numbers), strict=True)
    return np.array(rows, np.int64).reshape(-1, 4).T


def _companies(names: Names, symbols: Numbers, at: Numbers, labels: Numbers) -> Numbers:
    """(n,) the company of each person, numbered from 0, -1 of others: of two with no other word between the same.

    names, symbols, at, labels: as in `Book`.
    """
    persons = np.flatnonzero(labels == _LABELS["PERSON"])
    tying = _BETWEEN.union(lines(COMMON, "tie_words"))
    parting = np.array([symbol not in tying for symbol in names.symbols.of], np.bool_)[symbols]
    before, places = np.append(0, np.cumsum(parting)), at[persons]
    # A person's own symbol parts as well, so of two next to each other there is one between.
    apart = before[places[1:]] - before[places[:-1]] > 1
    company = np.full(len(labels), -1, np.int64)
    company[persons] = np.append(0, np.cumsum(apart))[: len(persons)]
    return company
