"""Who is named together with whom: `A, senior archivist of the B, and Professor C` may have given one report."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from pipeline.extraction.book import Book
from pipeline.extraction.candidates import NEARNESS, Page
from pipeline.extraction.layout import LETTERS
from pipeline.extraction.sums import Group, Numbers
from pipeline.knowledge import COMMON, lines

#: Mentions that may stand between two people who are named together.
_BETWEEN = frozenset(LETTERS[label] for label in ("ROLE", "INSTITUTION", "PLACE"))
#: So many words before and after a report are looked through for one that says that several gave it.
_REACH = 12
#: A person as seen from a report: the nearest on that side, one named together with that one, another.
_NEAREST, _FELLOW, _OTHER = range(3)
_STATES = ("nearest", "fellow", "other")
#: People named together are counted up to so many.
_MOST = 3


def fellows(
    book: Book,
    anchors: Sequence[tuple[int, int]],
    sizes: Sequence[int],
    other: Numbers,
    side: Numbers,
    same: Numbers,
    rank: Numbers,
    opening: Callable[[int], str],
) -> Group:
    """What it tells of a report's persons whether they are named together with the one nearest to the report.

    Args:
        book, anchors, sizes, other, side, same, rank: as in `Pairs`.
        opening: what the features of a pair begin with.
    """
    persons = np.flatnonzero(book.labels == list(LETTERS).index("PERSON"))
    company = _companies(book, book.at[persons])
    place = np.searchsorted(persons, other)
    near = np.where(side == 0, place + rank, place - rank)
    many = np.minimum(np.bincount(company)[company], _MOST)[place]
    together = np.where(company[place] == company[near], _FELLOW, _OTHER)
    state = np.where(rank == 0, _NEAREST, together)
    joint = np.repeat([_joint(book.pages[page], report) for page, report in anchors], sizes).astype(np.int64)
    ranks = np.minimum(rank, 3)

    def features(i: int) -> list[str]:
        key = f"{opening(i)}fel={_STATES[state[i]]}{many[i]}"
        told = f"{key}{'j' if joint[i] else ''}"
        return [key, told, f"{told}{NEARNESS[same[i]]}", f"{key}{ranks[i]}"]

    keys = side
    parts = ((state, len(_STATES)), (many, _MOST + 1), (joint, 2), (same, len(NEARNESS)), (ranks, 4))
    size = 2
    for part, values in parts:
        keys, size = keys * values + part, size * values
    return Group("fellows", np.arange(len(keys)), keys, features, size)


def _companies(book: Book, at: Numbers) -> Numbers:
    """(persons,) the company of each person of a book, numbered from 0: of two with no other word between the same.

    at: the places of the persons among the book's symbols.
    """
    tying = _BETWEEN.union(lines(COMMON, "tie_words"))
    parting = np.array([symbol not in tying for symbol in book.names.symbols.of], np.bool_)[book.symbols]
    before = np.append(0, np.cumsum(parting))
    # A person's own symbol parts as well, so of two next to each other there is one between.
    apart = before[at[1:]] - before[at[:-1]] > 1
    return np.append(0, np.cumsum(apart)).astype(np.int64)[: len(at)]


def _joint(page: Page, report: int) -> bool:
    """Whether a word near a report says that several people did something together."""
    first, end, _ = page.spans[report]
    stems = lines(COMMON, "joint_stems")
    near = [*page.words[max(0, first - _REACH) : first], *page.words[end : end + _REACH]]
    return any(word.lower().startswith(stems) for word in near)
