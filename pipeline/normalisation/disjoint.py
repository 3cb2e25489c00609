"""Disjoint sets: which things have been found to be one, nearly in constant time a union."""

from __future__ import annotations


class Disjoint:
    """Sets over the numbers 0 to n-1; each starts alone."""

    def __init__(self, n: int) -> None:
        """Start with n sets of one."""
        self._parent = list(range(n))

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

    def groups(self) -> list[list[int]]:
        """The sets with their members in order, by smallest member."""
        found: dict[int, list[int]] = {}
        for i in range(len(self._parent)):
            found.setdefault(self.find(i), []).append(i)
        return list(found.values())
