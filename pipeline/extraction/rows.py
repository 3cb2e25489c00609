"""The scores of single words: the weights of a word's features summed, once a word."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

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
    ) -> None:
        """`names`, `bounds`, `columns` and `values` as in `CrfWeights`; `width`: the columns of a row."""
        self._names, self._columns, self._values, self._width = names, columns, values, width
        self._starts, self._sizes = bounds[:-1], np.diff(bounds)
        wide = np.flatnonzero(self._sizes > _WIDE)
        self._whole = np.zeros((len(wide), width))
        self._whole_of = np.full(len(self._sizes), -1, np.int64)
        self._whole_of[wide] = np.arange(len(wide))
        for row, feature in zip(self._whole, wide.tolist(), strict=True):
            inside = slice(bounds[feature], bounds[feature + 1])
            row[columns[inside]] = values[inside]

    def of(self, features: Sequence[Sequence[str]]) -> Iterator[NDArray[np.float64]]:
        """(words, width) the summed weights of some words after the other, from the features of each."""
        get = self._names.get
        for start in range(0, len(features), _AT_ONCE):
            some = [[n for n in map(get, word) if n is not None] for word in features[start : start + _AT_ONCE]]
            found = np.fromiter(chain.from_iterable(some), np.int64)
            owner = np.repeat(np.arange(len(some)), [len(word) for word in some])
            whole = self._whole_of[found]
            rows = self._narrow(found[whole < 0], owner[whole < 0], len(some))
            self._add_wide(rows, whole[whole >= 0], owner[whole >= 0])
            yield rows

    def _narrow(self, found: NDArray[np.int64], owner: NDArray[np.int64], words: int) -> NDArray[np.float64]:
        sizes = self._sizes[found]
        cells = np.arange(sizes.sum()) + np.repeat(self._starts[found] - np.cumsum(sizes) + sizes, sizes)
        at = np.repeat(owner * self._width, sizes) + self._columns[cells]
        sums = np.bincount(at, weights=self._values[cells], minlength=words * self._width)
        return sums.reshape(words, self._width).astype(np.float64, copy=False)  # whole numbers where there are none

    def _add_wide(self, rows: NDArray[np.float64], whole: NDArray[np.int64], owner: NDArray[np.int64]) -> None:
        """Add the first such feature of every word, then the second, and so on."""
        rank = np.arange(len(owner)) - np.searchsorted(owner, owner)
        for number in range(int(rank.max(initial=-1)) + 1):
            now = rank == number
            rows[owner[now]] += self._whole[whole[now]]
