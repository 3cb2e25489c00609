"""Who is named together with whom: `A, senior archivist of the B, and Professor C` may have given one report."""

from __future__ import annotations

import numpy as np

from pipeline.extraction.book import Book
from pipeline.extraction.candidates import Page
from pipeline.extraction.sums import Numbers
from pipeline.knowledge import COMMON, lines

#: A person as seen from a report: the nearest on that side, one named together with that one, another.
STATES = ("nearest", "fellow", "other")
#: People named together are counted up to so many.
MOST = 3
#: So many words before and after a report are looked through for one that says that several gave it.
_REACH = 12


def fellows(book: Book, other: Numbers, side: Numbers, rank: Numbers) -> tuple[Numbers, Numbers]:
    """Whether persons are named together with the one nearest to the report.

    Args:
        book: the documents.
        other, side, rank: (n,) the person of each pair, and where it lies as seen from the report, as in `Pairs`.

    Returns:
        (n,) places in `STATES`, and (n,) how many are named together with that person, itself counted, up to `MOST`.
    """
    persons = book.of_label("PERSON")
    company = book.company[persons]
    place = np.searchsorted(persons, other)
    near = np.where(side == 0, place + rank, place - rank)
    together = np.where(company[place] == company[near], STATES.index("fellow"), STATES.index("other"))
    state = np.where(rank == 0, STATES.index("nearest"), together)
    return state, np.minimum(np.bincount(company)[company], MOST)[place]


def told_joint(page: Page, report: int) -> bool:
    """Whether a word near a report says that several people did something together."""
    first, end, _ = page.spans[report]
    stems = lines(COMMON, "joint_stems")
    near = [*page.words[max(0, first - _REACH) : first], *page.words[end : end + _REACH]]
    return any(word.lower().startswith(stems) for word in near)
