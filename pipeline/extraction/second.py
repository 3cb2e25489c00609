"""The second look: what a first labelling of the whole document says about each token.

A name that is clear in one place helps another, a title's label is decided with its whole quotation in view, and a
programme's lines are read alike. All of it is small codes, like the families of `context.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.extraction.context import Context
from pipeline.extraction.lexicon import IntArray
from pipeline.extraction.tokens import LINE, Tokens, words_apart

#: Families of the second look, with the number of codes of each; T tags and L labels are at most these many.
_TAGS, _KINDS = 17, 9
SECOND_FAMILIES: dict[str, int] = {
    "t0": 2 * _TAGS,
    "t-1": _TAGS + 1,
    "t+1": _TAGS + 1,
    "t-2": _TAGS + 1,
    "t+2": _TAGS + 1,
    "t+3": _TAGS + 1,
    "elsewhere": 3 * _KINDS,
    "quoted": 3 * _KINDS,
    "before": 4 * _KINDS,
    "after": 4 * _KINDS,
    "order": _KINDS * _KINDS,
    "lineopens": _KINDS * _KINDS,
    "lineabove": _KINDS * _KINDS,
}


def second_families(
    documents: Sequence[Tokens], contexts: Sequence[Context], probabilities: NDArray[np.float32]
) -> IntArray:
    """(families, n) codes of the second look, for documents one after another.

    Args:
        documents, contexts: the documents, their words numbered in one lexicon.
        probabilities: (n, T) tag probabilities of the first labelling; tag 0 is outside, tags 2k+1 and 2k+2 begin
            and go on with label k.
    """
    n, width = probabilities.shape
    codes = np.zeros((len(SECOND_FAMILIES), n), np.int32)
    if n == 0:
        return codes
    family = dict(zip(SECOND_FAMILIES, codes, strict=True))
    sizes = np.array([len(d) for d in documents if len(d)], np.int64)
    starts = np.repeat(np.cumsum(sizes) - sizes, sizes)
    ends = starts + np.repeat(sizes, sizes)
    tags = probabilities.argmax(axis=1).astype(np.int32)
    sure = probabilities.max(axis=1) > 0.8
    family["t0"][:] = tags * 2 + sure
    here = np.arange(n)
    for offset in (-2, -1, 1, 2, 3):
        at = here + offset
        inside = (at >= starts) & (at < ends)
        family[f"t{offset:+d}"][:] = np.where(inside, tags[np.where(inside, at, 0)], width)
    kinds = (tags + 1) // 2  # 0 outside, 1… the labels
    by_kind = _by_kind(probabilities)
    family["elsewhere"][:] = _elsewhere(words_apart(documents), by_kind)
    _quoted(documents, contexts, by_kind, family["quoted"])
    opens = here == starts
    begins = (tags % 2 == 1) | ((kinds > 0) & (opens | (np.append(0, kinds[:-1]) != kinds)))
    _neighbours(begins, kinds, starts, ends, family)
    _lines(np.concatenate([d.breaks for d in documents]), opens, begins, kinds, family)
    return codes


def _by_kind(probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, labels + 1) the probability of each label, whether it begins or goes on."""
    joined = np.empty((len(probabilities), (probabilities.shape[1] + 1) // 2), np.float32)
    joined[:, 0] = probabilities[:, 0]
    joined[:, 1:] = probabilities[:, 1::2] + probabilities[:, 2::2]
    return joined


def _strength(share: NDArray[np.float32] | np.float32) -> NDArray[np.int32]:
    """0 to 2 for a weak, fair or strong majority."""
    return (np.asarray(share) > 0.5).astype(np.int32) + (np.asarray(share) > 0.85)


def _sums(values: NDArray[np.float32], groups: NDArray[np.intp], count: int) -> NDArray[np.float32]:
    """(count, columns) the sums of the rows of each group, added in their order."""
    columns = values.shape[1]
    total = np.zeros(count * columns, np.float32)
    np.add.at(total, (groups[:, None] * columns + np.arange(columns)).ravel(), values.ravel())
    return total.reshape(count, columns)


def _elsewhere(words: NDArray[np.int64], by_kind: NDArray[np.float32]) -> NDArray[np.int32]:
    """The label that the same word has at its other places in the document; 0 where there is none."""
    _, inverse, counts = np.unique(words, return_inverse=True, return_counts=True)
    others = _sums(by_kind, inverse, len(counts))[inverse] - by_kind
    number = counts[inverse] - 1
    best = others.argmax(axis=1)
    share = others[np.arange(len(words)), best] / np.maximum(number, 1)
    return np.where(number > 0, best * 3 + _strength(share), 0).astype(np.int32)


def _quoted(
    documents: Sequence[Tokens], contexts: Sequence[Context], by_kind: NDArray[np.float32], family: IntArray
) -> None:
    """The label of most of the quoted stretch around a token; the inner stretch wins."""
    stretches: list[tuple[int, int]] = []
    start = 0
    for tokens, context in zip(documents, contexts, strict=True):
        stretches += [(start + q.first, start + q.last) for q in context.quotes]
        start += len(tokens)
    if not stretches:
        return
    sizes = np.array([last - first for first, last in stretches])
    of = np.repeat(np.arange(len(stretches)), sizes)
    inside = np.concatenate([np.arange(first, last) for first, last in stretches])
    mean = _sums(by_kind[inside], of, len(stretches)) / sizes.astype(np.float32)[:, None]
    best = mean.argmax(axis=1)
    code = best * 3 + _strength(mean[np.arange(len(best)), best])
    for (first, last), value in zip(stretches, code.tolist(), strict=True):
        family[first:last] = value


def _neighbours(
    begins: NDArray[np.bool_],
    kinds: IntArray,
    first: NDArray[np.intp],
    end: NDArray[np.intp],
    family: dict[str, IntArray],
) -> None:
    """The mentions before and after a token, how near they are, and the two before in order.

    `first` and `end` are where the document of each token begins and ends.
    """
    n = len(kinds)
    here = np.arange(n)
    closes = here == end - 1
    ends = (kinds > 0) & (closes | np.append(begins[1:], True) | (np.append(kinds[1:], 0) != kinds))
    # The last mention that ended before a token, and the first that begins after it; `first - 1` and `end` for none.
    before = np.append(-1, np.maximum.accumulate(np.where(ends, here, -1))[:-1])
    before = np.maximum(before, first - 1)
    after = np.append(np.minimum.accumulate(np.where(begins, here, n)[::-1])[::-1][1:], n)
    after = np.minimum(after, end)
    kind_before = np.where(before >= first, kinds[np.maximum(before, 0)], 0)
    kind_after = np.where(after < end, kinds[np.minimum(after, n - 1)], 0)
    family["before"][:] = kind_before * 4 + _near(here - before)
    family["after"][:] = kind_after * 4 + _near(after - here)
    # The mention before the one before: what had ended when that one began.
    starts = np.maximum.accumulate(np.where(begins, here, -1))
    start_of_before = np.where(before >= first, starts[np.maximum(before, 0)], first - 1)
    earlier = np.where(start_of_before > first, before[np.maximum(start_of_before, 0)], first - 1)
    kind_earlier = np.where(earlier >= first, kinds[np.maximum(earlier, 0)], 0)
    family["order"][:] = kind_earlier * _KINDS + kind_before


def _near(distance: NDArray[Any]) -> IntArray:
    """0 to 3 for distances of 1, 2 to 3, 4 to 8, more."""
    return ((distance > 1).astype(np.int32) + (distance > 3) + (distance > 8)).astype(np.int32)


def _lines(
    breaks: NDArray[np.uint8],
    opens: NDArray[np.bool_],
    begins: NDArray[np.bool_],
    kinds: IntArray,
    family: dict[str, IntArray],
) -> None:
    """The first two labels of the token's line and of the line above; `opens` tells where documents begin."""
    starts = np.flatnonzero(breaks >= LINE)
    sizes = np.diff(np.append(starts, len(breaks)))
    mentions = np.append(np.flatnonzero(begins & (kinds > 0)), len(breaks))
    first = np.searchsorted(mentions, starts)
    ends = starts + sizes
    one, two = mentions[first], mentions[np.minimum(first + 1, len(mentions) - 1)]
    padded = np.append(kinds, 0)
    signatures = np.where(one < ends, padded[one] * _KINDS + np.where(two < ends, padded[two], 0), 0)
    above = np.where(opens[starts], 0, np.append(0, signatures[:-1]))
    family["lineopens"][:] = np.repeat(signatures, sizes)
    family["lineabove"][:] = np.repeat(above, sizes)
