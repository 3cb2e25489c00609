"""Disjoint sets: which things have been found to be one, nearly in constant time a union."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import overload

import numpy as np
import numpy.typing as npt


class Groups(Sequence[list[int]]):
    """The numbers 0 to n-1 in groups, held in two columns: a group is made a list when it is asked for."""

    def __init__(self, labels: Sequence[int] | npt.NDArray[np.integer]) -> None:
        """Take a label for each number; the groups come in the order of labels, their members in that of numbers."""
        given = np.asarray(labels, np.int32)
        order = np.argsort(given, kind="stable").astype(np.int32)
        bounds = np.flatnonzero(np.diff(given[order], prepend=-1)).astype(np.int32)
        self._members, self._starts = array("i", order.tobytes()), array("i", bounds.tobytes())
        self._starts.append(len(order))

    def __len__(self) -> int:
        return len(self._starts) - 1

    @overload
    def __getitem__(self, n: int) -> list[int]: ...
    @overload
    def __getitem__(self, n: slice) -> Sequence[list[int]]: ...
    def __getitem__(self, n: int | slice) -> list[int] | Sequence[list[int]]:
        if isinstance(n, slice):
            return [self[i] for i in range(*n.indices(len(self)))]
        return self._members[self._starts[n] : self._starts[n + 1]].tolist()

    def labels(self) -> npt.NDArray[np.int32]:
        """The number of the group of each."""
        found = np.empty(len(self._members), np.int32)
        found[np.array(self._members)] = np.repeat(np.arange(len(self), dtype=np.int32), np.diff(self._starts))
        return found


class Disjoint:
    """Sets over the numbers 0 to n-1; each starts alone."""

    def __init__(self, n: int) -> None:
        """Start with n sets of one."""
        self._parent = array("i", range(n))

    def find(self, i: int) -> int:
        """The number that stands for the set of i: its smallest member."""
        root = i
        while self._parent[root] != root:
            root = self._parent[root]
        while self._parent[i] != root:
            self._parent[i], i = root, self._parent[i]
        return root

    def union(self, i: int, j: int) -> int:
        """Make one set of those of i and j; the smaller representative stays, whatever the order of calls."""
        a, b = sorted((self.find(i), self.find(j)))
        self._parent[b] = a
        return a

    def groups(self) -> Groups:
        """The sets with their members in order, by smallest member."""
        return Groups(array("i", map(self.find, range(len(self._parent)))))
