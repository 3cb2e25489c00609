"""The second look: what a first labelling of the whole document says about each token.

A name that is clear in one place helps another, a title's label is decided with its whole quotation in view, and a
programme's lines are read alike. All of it is small codes, like the families of `context.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.extraction.context import Context, IntArray
from pipeline.extraction.quotes import Quoted
from pipeline.extraction.tokens import LINE, Tokens

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
    tokens: Tokens, ids: NDArray[np.int32], context: Context, probabilities: NDArray[np.float32]
) -> IntArray:
    """(families, n) codes of the second look.

    Args:
        tokens, context: the document.
        ids: (n,) the same number for the same word.
        probabilities: (n, T) tag probabilities of the first labelling; tag 0 is outside, tags 2k+1 and 2k+2 begin
            and go on with label k.
    """
    n, width = probabilities.shape
    codes = np.zeros((len(SECOND_FAMILIES), n), np.int32)
    if n == 0:
        return codes
    family = dict(zip(SECOND_FAMILIES, codes, strict=True))
    tags = probabilities.argmax(axis=1).astype(np.int32)
    sure = probabilities.max(axis=1) > 0.8
    family["t0"][:] = tags * 2 + sure
    padded = np.concatenate([np.full(3, width), tags, np.full(3, width)])
    for offset in (-2, -1, 1, 2, 3):
        family[f"t{offset:+d}"][:] = padded[3 + offset : 3 + offset + n]
    kinds = (tags + 1) // 2  # 0 outside, 1… the labels
    by_kind = _by_kind(probabilities)
    family["elsewhere"][:] = _elsewhere(ids, by_kind)
    _quoted(context.quotes, by_kind, family["quoted"])
    _neighbours(tags, kinds, family)
    _lines(tokens, tags, kinds, family)
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


def _elsewhere(ids: NDArray[np.int32], by_kind: NDArray[np.float32]) -> NDArray[np.int32]:
    """The label that the same word has at its other places in the document; 0 where there is none."""
    _, inverse, counts = np.unique(ids, return_inverse=True, return_counts=True)
    total = np.zeros((len(counts), by_kind.shape[1]), np.float32)
    np.add.at(total, inverse, by_kind)
    others = total[inverse] - by_kind
    number = counts[inverse] - 1
    best = others.argmax(axis=1)
    share = others[np.arange(len(ids)), best] / np.maximum(number, 1)
    return np.where(number > 0, best * 3 + _strength(share), 0).astype(np.int32)


def _quoted(quotes: Sequence[Quoted], by_kind: NDArray[np.float32], family: IntArray) -> None:
    """The label of most of the quoted stretch around a token."""
    for quoted in quotes:
        mean = by_kind[quoted.first : quoted.last].mean(axis=0)
        best = int(mean.argmax())
        family[quoted.first : quoted.last] = best * 3 + int(_strength(mean[best]))


def _neighbours(tags: IntArray, kinds: IntArray, family: dict[str, IntArray]) -> None:
    """The mentions before and after a token, how near they are, and the two before in order."""
    n = len(tags)
    here = np.arange(n)
    begins = (tags % 2 == 1) | ((kinds > 0) & (np.append(0, kinds[:-1]) != kinds))
    ends = (kinds > 0) & (np.append(begins[1:], True) | (np.append(kinds[1:], 0) != kinds))
    # The last mention that ended before a token, and the first that begins after it.
    last_end = np.maximum.accumulate(np.where(ends, here, -1))
    before = np.append(-1, last_end[:-1])
    next_start = np.minimum.accumulate(np.where(begins, here, n)[::-1])[::-1]
    after = np.append(next_start[1:], n)
    kind_before = np.where(before >= 0, kinds[np.maximum(before, 0)], 0)
    kind_after = np.where(after < n, kinds[np.minimum(after, n - 1)], 0)
    family["before"][:] = kind_before * 4 + _near(here - before)
    family["after"][:] = kind_after * 4 + _near(after - here)
    # The mention before the one before: what had ended when that one began.
    starts = np.maximum.accumulate(np.where(begins, here, -1))
    start_of_before = np.where(before >= 0, starts[np.maximum(before, 0)], -1)
    earlier = np.where(start_of_before > 0, before[np.maximum(start_of_before, 0)], -1)
    kind_earlier = np.where(earlier >= 0, kinds[np.maximum(earlier, 0)], 0)
    family["order"][:] = kind_earlier * _KINDS + kind_before


def _near(distance: NDArray[Any]) -> IntArray:
    """0 to 3 for distances of 1, 2 to 3, 4 to 8, more."""
    return ((distance > 1).astype(np.int32) + (distance > 3) + (distance > 8)).astype(np.int32)


def _lines(tokens: Tokens, tags: IntArray, kinds: IntArray, family: dict[str, IntArray]) -> None:
    """The first two labels of the token's line and of the line above."""
    starts = np.flatnonzero(tokens.breaks >= LINE)
    line_of = np.cumsum(tokens.breaks >= LINE) - 1
    signatures = np.zeros(len(starts) + 1, np.int32)
    ends = np.append(starts[1:], len(tags))
    begins = np.flatnonzero((kinds > 0) & ((tags % 2 == 1) | (np.append(0, kinds[:-1]) != kinds)))
    first = np.searchsorted(begins, starts)
    for i, end in enumerate(ends.tolist()):
        inside = begins[first[i] : first[i] + 2]
        inside = inside[inside < end]
        if len(inside):
            signatures[i + 1] = kinds[inside[0]] * _KINDS + (kinds[inside[1]] if len(inside) > 1 else 0)
    family["lineopens"][:] = signatures[line_of + 1]
    family["lineabove"][:] = signatures[line_of]
