"""The scores of single words: the weights of a word's features summed, once a word.

What many words share (`words.Parts`) is summed once for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from pipeline.extraction.arrays import places_of
from pipeline.extraction.features import Hashes, Index, hashed
from pipeline.extraction.words import Composed, Parts

#: The rows of so many words are made at a time, so that what is worked on stays in the processor's cache.
_AT_ONCE = 128
#: A feature that has more weights than this is added as a whole row, one that has fewer weight by weight.
_WIDE = 24


class WordRows:
    """Sums weights of features; in double precision, so that the order in which they are added does not matter."""

    def __init__(
        self,
        names: Mapping[str, int],
        bounds: NDArray[np.int64],
        columns: NDArray[np.uint16],
        values: NDArray[np.float32],
        width: int,
        spelled: int,
    ) -> None:
        """`names`, `bounds`, `columns` and `values` as in `CrfWeights`.

        `width`: the columns of a row; `spelled`: those of them, the first, in which features of spelling have weights.
        """
        self._index = Index(list(names))
        self._columns, self._values, self._width = columns, values, width
        self._starts, self._sizes = bounds[:-1], np.diff(bounds)
        wide = np.flatnonzero(self._sizes > _WIDE)
        self._whole = np.zeros((len(wide), width))
        self._whole_of = np.full(len(self._sizes), -1, np.int64)
        self._whole_of[wide] = np.arange(len(wide))
        at = np.repeat(np.arange(len(wide)) * width, self._sizes[wide])
        cells = places_of(self._starts[wide], self._sizes[wide])
        self._whole.ravel()[at + columns[cells]] = values[cells]
        self._parts: Parts | None = None
        self._looks, self._spellings = _Table(width), _Table(spelled)

    def of(self, composed: Composed, parts: Parts) -> Iterator[NDArray[np.float64]]:
        """(words, width) the summed weights of some words after the other; `parts` are those that are numbered."""
        if parts is not self._parts:
            self._parts = parts
            self._looks, self._spellings = _Table(self._width), _Table(self._spellings.rows.shape[1])
        for table, features in ((self._looks, parts.looks), (self._spellings, parts.spellings)):
            more = features[table.count :]
            hashes, _ = hashed(list(chain.from_iterable(more)))
            for rows in self._sums(hashes, np.array([len(each) for each in more], np.int64)):
                table.add(rows)
        spelled = self._spellings.rows.shape[1]
        at = 0
        for rows in self._sums(composed.own.ravel(), np.full(len(composed.own), composed.own.shape[1])):
            inside = slice(at, at + len(rows))
            rows += self._looks.rows.take(composed.looks[inside], axis=0)
            for numbers in composed.spellings[inside].T:
                rows[:, :spelled] += self._spellings.rows.take(numbers, axis=0)
            at += len(rows)
            yield rows

    def _sums(self, hashes: Hashes, sizes: NDArray[np.int64]) -> Iterator[NDArray[np.float64]]:
        """(words, width) the summed weights of some words after the other.

        Args:
            hashes: the numbers of the features of all words, one word after the other. sizes: how many each word has.
        """
        places = self._index.find(hashes)
        ends = np.cumsum(sizes)
        for start in range(0, len(sizes), _AT_ONCE):
            some = sizes[start : start + _AT_ONCE]
            found = places[ends[start] - sizes[start] : ends[start + len(some) - 1]]
            owner = np.repeat(np.arange(len(some)), some)
            known = found >= 0
            found, owner = found[known], owner[known]
            whole = self._whole_of[found]
            rows = self._narrow(found[whole < 0], owner[whole < 0], len(some))
            self._add_wide(rows, whole[whole >= 0], owner[whole >= 0])
            yield rows

    def _narrow(self, found: NDArray[np.int64], owner: NDArray[np.int64], words: int) -> NDArray[np.float64]:
        sizes = self._sizes[found]
        cells = places_of(self._starts[found], sizes)
        at = np.repeat(owner * self._width, sizes) + self._columns[cells]
        sums = np.bincount(at, weights=self._values[cells], minlength=words * self._width)
        return sums.reshape(words, self._width).astype(np.float64, copy=False)  # whole numbers where there are none

    def _add_wide(self, rows: NDArray[np.float64], whole: NDArray[np.int64], owner: NDArray[np.int64]) -> None:
        """Add the first such feature of every word, then the second, and so on."""
        rank = np.arange(len(owner)) - np.searchsorted(owner, owner)
        for number in range(int(rank.max(initial=-1)) + 1):
            now = rank == number
            rows[owner[now]] += self._whole[whole[now]]


class _Table:
    """Rows that become more; `rows` has room for more than the `count` that are known."""

    def __init__(self, width: int) -> None:
        self.rows: NDArray[np.float64] = np.zeros((1024, width))
        self.count = 0

    def add(self, rows: NDArray[np.float64]) -> None:
        """Add rows, as many of their columns as the table has."""
        end = self.count + len(rows)
        if end > len(self.rows):
            grown = np.zeros((2 * len(self.rows), self.rows.shape[1]))  # the system gives memory to what is written
            grown[: self.count] = self.rows[: self.count]
            self.rows = grown
        self.rows[self.count : end] = rows[:, : self.rows.shape[1]]
        self.count = end
