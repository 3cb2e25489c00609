"""What mentions could be instead, where a first look thinks it possible: with other borders nearby, of another kind."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.extraction.arrays import places_of
from pipeline.extraction.features import Places
from pipeline.extraction.tokens import PARAGRAPH
from pipeline.extraction.views import Stretches, View
from pipeline.records import LABELS

#: How many tokens a border is moved at most, how many places are tried on each side, and how probable they must be.
FARTHEST, PLACES, POSSIBLE = 12, 4, 0.01
#: How many pairs of borders are compared, the most probable ones.
PAIRS = 6
#: What a mention could be called instead must be so probable over its words.
OTHERWISE = 0.03
_NEVER_FIRST = tuple(",;:.)]}/|")
_NEVER_LAST = tuple(",;:([{/|")


@dataclass(frozen=True, slots=True)
class Choices:
    """The alternatives of some mentions, one mention after the other.

    of: the number of the mention that each is an alternative of, rising; the first is that mention itself. stretches:
    what it would be. none: whether it is the last, that there is no mention; its stretch is that of the mention.
    """

    of: Places
    stretches: Stretches
    none: NDArray[np.bool_]


def alternatives(view: View, found: Stretches) -> Choices:
    """What mentions could be: themselves, ones with other borders, ones of another kind."""
    begins = 1 + 2 * found.labels
    paragraphs = np.flatnonzero(view.breaks == PARAGRAPH)
    low = np.maximum(found.firsts - FARTHEST, paragraphs[np.searchsorted(paragraphs, found.firsts, side="right") - 1])
    high = np.minimum(found.ends + FARTHEST, paragraphs[np.searchsorted(paragraphs, found.ends)])
    of, at = _places(low, found.ends)
    begin = view.draft[at, begins[of]]
    starts, start_odds = _likeliest(view, of, at, begin, found.firsts, 0, _NEVER_FIRST)
    of, at = _places(found.firsts + 1, high + 1)
    column = begins[of]
    over = view.draft[at - 1, column] + view.draft[at - 1, column + 1]
    ends, end_odds = _likeliest(view, of, at, over * (1 - view.draft[at, column + 1]), found.ends, -1, _NEVER_LAST)
    shape = (len(found), PLACES + 1, PLACES + 1)
    first, end = np.broadcast_to(starts[:, :, None], shape), np.broadcast_to(ends[:, None, :], shape)
    possible = (first >= 0) & (end > first)
    possible[:, 0, 0] = False
    of, _, _ = np.nonzero(possible)
    first, end = first[possible], end[possible]
    odds = (start_odds[:, :, None] * end_odds[:, None, :])[possible]
    order = np.lexsort((end, first, -odds, of))
    order = order[_ranks(of[order]) < PAIRS]
    moved_of, moved = of[order], Stretches(first[order], end[order], found.labels[of[order]])
    other_of, other = _other_kinds(view, found)
    parts = (found, moved, other, found)
    of = np.concatenate([np.arange(len(found)), moved_of, other_of, np.arange(len(found))])
    order = np.argsort(of, kind="stable")
    whole = (np.concatenate([getattr(part, name) for part in parts]) for name in Stretches.__slots__)
    return Choices(of[order], Stretches(*whole)[order], order >= len(of) - len(found))


def _places(firsts: Places, ends: Places) -> tuple[Places, Places]:
    """The places from `firsts` to `ends`: the number of the stretch that each is of, and itself."""
    return np.repeat(np.arange(len(firsts)), ends - firsts), places_of(firsts, ends - firsts)


def _likeliest(
    view: View,
    of: Places,
    at: Places,
    probabilities: NDArray[np.float32],
    found: Places,
    seen: int,
    never: tuple[str, ...],
) -> tuple[Places, NDArray[np.float64]]:
    """(n, PLACES + 1) the places that were found and the most probable others, -1 for none; how probable they are.

    `seen`: where the word is, as seen from the place, that must not be one of those that `never` stand there.
    """
    places = np.full((len(found), PLACES + 1), -1, np.int64)
    odds = np.zeros(places.shape)
    itself = at == found[of]
    places[:, 0], odds[:, 0] = found, probabilities[itself]
    rows = np.flatnonzero((probabilities >= POSSIBLE) & ~itself)
    rows = rows[np.lexsort((at[rows], -probabilities[rows], of[rows]))]
    ranks = _ranks(of[rows]) + 1
    words = view.words[at[rows] + seen]
    kept = (ranks <= PLACES) & ~np.isin(words, [view.vocabulary.words.place(word) for word in never])
    rows, ranks = rows[kept], ranks[kept]
    places[of[rows], ranks], odds[of[rows], ranks] = at[rows], probabilities[rows]
    return places, odds


def _ranks(groups: Places) -> Places:
    """The place of each within its group; groups rise."""
    return np.arange(len(groups)) - np.searchsorted(groups, groups)


def _other_kinds(view: View, found: Stretches) -> tuple[Places, Stretches]:
    """The mentions that could be called otherwise, and as what."""
    of, at = _places(found.firsts, found.ends)
    starts = np.searchsorted(of, np.arange(len(found)))
    sums = np.add.reduceat(view.draft[at], starts, axis=0)
    means = sums / (found.ends - found.firsts)[:, None].astype(np.float32)
    likely = means[:, 1::2] + means[:, 2::2] >= OTHERWISE
    likely[np.arange(len(found)), found.labels] = False
    of, labels = np.nonzero(likely[:, : len(LABELS)])
    return of, Stretches(found.firsts[of], found.ends[of], labels)
