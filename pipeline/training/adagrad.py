"""Weights that are learnt by stochastic gradient steps: AdaGrad with an elastic net, row by row, and dropping out.

Method: Duchi, Hazan and Singer 2011, with the L1 part as a proximal step; the penalties of rows that a step does not
touch are made up for when they are next touched. Dropping out: Srivastava et al. 2014.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from pipeline.extraction.chain import FloatArray

#: Weights that one block of an update holds.
_BLOCK = 1 << 15


class Settings(Protocol):
    """l1, l2: the penalties, for all examples. rate, start: step, first sum of squares. smallest: weight in a mean."""

    @property
    def l1(self) -> float: ...  # noqa: D102
    @property
    def l2(self) -> float: ...  # noqa: D102
    @property
    def rate(self) -> float: ...  # noqa: D102
    @property
    def start(self) -> float: ...  # noqa: D102
    @property
    def smallest(self) -> float: ...  # noqa: D102


class Table:
    """A matrix of weights that is learnt row by row."""

    def __init__(self, rows: int, columns: int, settings: Settings) -> None:
        self.weights = np.zeros((rows, columns), np.float32)
        self._squares = np.full((rows, columns), settings.start, np.float32)
        self._seen = np.zeros(rows, np.int64)
        self._settings = settings
        self._mean = np.zeros((rows, columns), np.float32)
        self._kept = 0

    def update(self, rows: NDArray[np.intp], gradient: FloatArray, step: int, share: float) -> None:
        """One step on some rows; `share` is the part of the corpus that a step stands for."""
        waited = ((step - self._seen[rows]) * share).astype(np.float32)[:, None]
        self._seen[rows] = step
        # Block by block, so that what is worked out for a block stays in the cache of the core.
        size = max(1, _BLOCK // self.weights.shape[1])
        for begin in range(0, len(rows), size):
            block = slice(begin, begin + size)
            self._update(rows[block], gradient[block], waited[block])

    def _update(self, rows: NDArray[np.intp], given: FloatArray, waited: FloatArray) -> None:
        settings = self._settings
        weights, squares = self.weights[rows], self._squares[rows]
        gradient = settings.l2 * waited * weights
        gradient += given
        squares += gradient * gradient
        self._squares[rows] = squares
        rate = np.sqrt(squares, out=squares)
        np.divide(settings.rate, rate, out=rate)
        gradient *= rate
        weights -= gradient
        shrink = np.abs(weights, out=gradient)
        rate *= settings.l1 * waited
        shrink -= rate
        np.maximum(shrink, 0, out=shrink)
        self.weights[rows] = np.copysign(shrink, weights, out=shrink)

    def keep(self) -> None:
        """Count the weights as they are now towards the mean."""
        self._mean += self.weights
        self._kept += 1

    @property
    def mean(self) -> FloatArray:
        """The mean of the weights that were kept, small ones as 0."""
        mean: FloatArray = self._mean / np.float32(max(self._kept, 1))
        mean[np.abs(mean) < self._settings.smallest] = 0
        return mean


def drop(matrix: csr_matrix, share: float, random: np.random.Generator) -> None:
    """Leave out some of a matrix's ones, and raise the others to make up for it."""
    if share:
        matrix.data *= (random.random(len(matrix.data)) >= share).astype(np.float32) / np.float32(1 - share)


class Numbering:
    """Numbers anew, from 0 on, those of `width` columns that occur in an array.

    The same as `numpy.unique` with `return_inverse`, by a table that is made once instead of a sort for each array,
    which would take more time than anything else of a step.
    """

    def __init__(self, width: int) -> None:
        self._occurs = np.zeros(width, np.bool_)
        self._number = np.empty(width, np.intp)

    def compact(self, columns: NDArray[np.integer]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """The columns that occur, in order, and the place of each of the array's columns among them, in its shape."""
        self._occurs[columns] = True
        used = np.flatnonzero(self._occurs)
        self._occurs[used] = False
        self._number[used] = np.arange(len(used))
        return used, self._number[columns]
