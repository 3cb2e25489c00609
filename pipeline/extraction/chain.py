"""The arithmetic of a linear chain over many sequences at once: marginals and best paths, in NumPy.

Sequences are packed by time: sorted by falling length, step t of all that are that long stands together, so that a
step of the recursion is one matrix product and nothing is padded. Method: forward-backward with scaling (Rabiner 1989).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Packing:
    """How sequences that stand one after another are laid out by time.

    order: (n,) positions in the flat array, step by step. bounds: steps + 1 places in `order` where steps begin.
    """

    order: NDArray[np.intp]
    bounds: list[int]

    @classmethod
    def of(cls, lengths: Sequence[int]) -> Packing:
        """Pack sequences of these lengths (none of them 0)."""
        sizes = np.asarray(lengths, np.int64)
        if not len(sizes):
            return cls(np.zeros(0, np.intp), [0])
        starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        sequence = np.argsort(-sizes, kind="stable")
        rank = np.empty_like(sequence)
        rank[sequence] = np.arange(len(sequence))
        step = np.arange(int(sizes.sum())) - np.repeat(starts, sizes)
        order = np.lexsort((np.repeat(rank, sizes), step))
        bounds = np.searchsorted(step[order], np.arange(int(sizes.max()) + 1)).tolist()
        return cls(order, bounds)

    def before(self) -> tuple[slice, NDArray[np.intp]]:
        """The packed places that have a step before them, and the places of those steps."""
        first = self.bounds[1] if len(self.bounds) > 1 else 0
        previous = [
            np.arange(self.bounds[t - 1], self.bounds[t - 1] + self.bounds[t + 1] - self.bounds[t])
            for t in range(1, len(self.bounds) - 1)
        ]
        return slice(first, None), np.concatenate(previous) if previous else np.zeros(0, np.intp)


def passes(
    scores: FloatArray, packing: Packing, transitions: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, float]:
    """The forward and backward pass over packed scores.

    Args:
        scores: (n, L) packed emissions. transitions: (L, L) from, to.

    Returns:
        alpha and beta, each row scaled (their product is a marginal up to a factor); exp of the emissions, each row
        scaled; and the log of the sum over all paths of all sequences.
    """
    highest = scores.max(axis=1, keepdims=True)
    emitted = np.exp(scores - highest)
    shift = float(transitions.max())
    step = np.exp(transitions - shift)
    back = np.ascontiguousarray(step.T)
    bounds = packing.bounds
    alpha = np.empty_like(emitted)
    beta = np.ones_like(emitted)
    scale = np.empty((len(emitted), 1), np.float32)
    alpha[: bounds[1]] = emitted[: bounds[1]]
    for t in range(len(bounds) - 1):
        a, b = bounds[t], bounds[t + 1]
        if t:
            before = bounds[t - 1]
            # Each row by itself: how a product of matrices rounds a row depends on how many there are beside it.
            np.matmul(alpha[before : before + b - a, None], step, out=alpha[a:b, None])
            alpha[a:b] *= emitted[a:b]
        np.sum(alpha[a:b], axis=1, keepdims=True, out=scale[a:b])
        alpha[a:b] /= scale[a:b]
    for t in range(len(bounds) - 2, 0, -1):
        a, b = bounds[t], bounds[t + 1]
        before = bounds[t - 1]
        np.matmul((beta[a:b] * (emitted[a:b] / scale[a:b]))[:, None], back, out=beta[before : before + b - a, None])
    steps = len(scores) - (bounds[1] if len(bounds) > 1 else 0)
    log_sum = float(np.log(scale, dtype=np.float64).sum() + highest.sum(dtype=np.float64)) + steps * shift
    return alpha, beta, emitted, log_sum


def marginals(scores: FloatArray, packing: Packing, transitions: FloatArray) -> FloatArray:
    """(n, L) the probability of each label at each token of packed sequences."""
    if not len(scores):
        return np.zeros_like(scores)
    alpha, beta, _, _ = passes(scores[packing.order], packing, transitions)
    alpha *= beta
    alpha /= alpha.sum(axis=1, keepdims=True)
    result = np.empty_like(scores)
    result[packing.order] = alpha
    return result


def best_path(scores: FloatArray, packing: Packing, transitions: FloatArray) -> NDArray[np.int32]:
    """(n,) the best label sequence of each of packed sequences (Viterbi).

    Where a path came from is worked out on the way back, for the labels that are on it alone.
    """
    if not len(scores):
        return np.zeros(0, np.int32)
    bounds = packing.bounds
    best = scores[packing.order]
    leaving, arriving = transitions[:, None, :], np.ascontiguousarray(transitions.T)
    for t in range(1, len(bounds) - 1):
        a, b = bounds[t], bounds[t + 1]
        last = best[bounds[t - 1] : bounds[t - 1] + b - a]
        best[a:b] += (last.T[:, :, None] + leaving).max(axis=0)
    path = best.argmax(axis=1).astype(np.int32)
    for t in range(len(bounds) - 2, 0, -1):
        a, b = bounds[t], bounds[t + 1]
        before = bounds[t - 1]
        path[before : before + b - a] = (best[before : before + b - a] + arriving[path[a:b]]).argmax(axis=1)
    result = np.empty(len(path), np.int32)
    result[packing.order] = path
    return result
