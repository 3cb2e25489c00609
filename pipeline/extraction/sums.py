"""Sums of the weights of groups of features, kept by number, so that no feature is spelled out twice."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable, Sequence
from itertools import repeat
from math import nan
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from pipeline.extraction.ranker import Ranker

T = TypeVar("T", bound=Hashable)
Numbers = NDArray[np.int64]
#: The last of all characters.
_LAST = chr(0x10FFFF)
#: So many strings, and so many sums of a group, are kept; when there are more, all is begun anew.
KEPT = 24_000


class Numbering(Generic[T]):
    """Things numbered in the order in which they are first met; `first` is number 0."""

    def __init__(self, first: T) -> None:
        self.of = [first]
        self._numbers = {first: 0}

    def __len__(self) -> int:
        return len(self.of)

    def numbers(self, things: Iterable[T]) -> list[int]:
        """The number of each."""
        known = self._numbers
        found = []
        for thing in things:
            number = known.get(thing)
            if number is None:
                number = known[thing] = len(known)
                self.of.append(thing)
            found.append(number)
        return found


class Names:
    """What is numbered of documents: symbols, texts of mentions, what words of roles and institutions share.

    spelled: short stretches of symbols, each a character with the number of the symbol, as they are spelled.
    """

    def __init__(self) -> None:
        self.symbols, self.texts = Numbering(""), Numbering("")
        self.shared: Numbering[tuple[Any, ...]] = Numbering(())
        self.spelled: dict[str, str] = {}

    @property
    def most(self) -> int:
        """The number of the most of them."""
        return max(len(self.symbols), len(self.texts), len(self.shared), len(self.spelled))


class Group(NamedTuple):
    """Features of some pairs: `features(i)` are those of the pair `rows[i]`, which `keys[i]` stands for.

    size: how many keys there can be, where these are few; 0 where they are many.
    """

    name: str
    rows: Numbers
    keys: Numbers
    features: Callable[[int], list[str]]
    size: int = 0


class Endings(NamedTuple):
    """One feature of each of some pairs: that of the pair `rows[i]` is `openings[of[i]]` and `ends[i]`."""

    rows: Numbers
    openings: Sequence[str]
    of: Numbers
    ends: Sequence[str]

    def features(self, i: int) -> list[str]:
        """The feature of the i-th of them."""
        return [self.openings[self.of[i]] + self.ends[i]]


class Sums:
    """The summed weights of features, kept by the numbers of groups, which rest on the same `Names`."""

    def __init__(self, model: Ranker) -> None:
        self._model = model
        self.names = Names()
        self._known: dict[str, dict[int, float]] = {}
        self._few: dict[str, NDArray[np.float64]] = {}
        self._sorted = sorted(model.weights)
        self._tables: dict[str, dict[str, float]] = {}

    def of(self, kind: str, group: Group | Endings) -> NDArray[np.float64]:
        """(rows,) what the features of a group weigh; `kind` tells its numbers from others."""
        if isinstance(group, Endings):
            return self._of_endings(group)
        name = f"{kind} {group.name}"
        return self._of_few(name, group) if group.size else self._of_many(name, group)

    def _of_few(self, name: str, group: Group) -> NDArray[np.float64]:
        known = self._few.get(name)
        if known is None:
            known = self._few[name] = np.full(group.size, nan)
        new = np.flatnonzero(np.isnan(known[group.keys]))
        keys, first = np.unique(group.keys[new], return_index=True)
        known[keys] = [self._model.score(group.features(i)) for i in new[first].tolist()]
        return known[group.keys]

    def _of_many(self, name: str, group: Group) -> NDArray[np.float64]:
        known = self._known.setdefault(name, {})
        wanted = group.keys.tolist()
        values = np.fromiter(map(known.get, wanted, repeat(nan)), np.float64, len(wanted))
        for i in np.flatnonzero(np.isnan(values)).tolist():
            value = known.get(wanted[i])
            if value is None:
                value = known[wanted[i]] = self._model.score(group.features(i))
            values[i] = value
        return values

    def _of_endings(self, group: Endings) -> NDArray[np.float64]:
        tables = list(map(self._table, group.openings))
        values = np.zeros(len(group.rows))
        there = np.flatnonzero(np.array([bool(table) for table in tables], np.bool_)[group.of])
        ends = group.ends
        found = (tables[of].get(ends[i], 0.0) for of, i in zip(group.of[there].tolist(), there.tolist(), strict=True))
        values[there] = np.fromiter(found, np.float64, len(there))
        return values

    def _table(self, opening: str) -> dict[str, float]:
        """The weights of all features that open so, by how they end."""
        table = self._tables.get(opening)
        if table is None:
            names = self._sorted
            low, high = bisect_left(names, opening), bisect_left(names, opening + _LAST)
            weights = self._model.weights
            table = self._tables[opening] = {name[len(opening) :]: weights[name] for name in names[low:high]}
        return table

    def trim(self) -> None:
        """Begin anew when there is too much; call between batches only."""
        if max(self.names.most, len(self._tables), *map(len, self._known.values()), 0) > KEPT:
            self.names = Names()
            self._known.clear()
            self._tables.clear()
