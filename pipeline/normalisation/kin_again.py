"""Kin over an archive that changed a little: which names can be one person's, directly or by way of others.

Names that come join the kin of those with which they can be one person's, which may make one of several. Where names
go, it is looked whether those that they tied still hang together: from all of them at once, until they have met. The
outcome is that of `kindred` over everything.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator

import numpy as np

from pipeline.normalisation.comparison import compare
from pipeline.normalisation.kept import State, Table
from pipeline.normalisation.people_replay import Keys
from pipeline.normalisation.pools import Places


class Borne:
    """The names that people bear: which are compared, and the readings that tie some."""

    def __init__(self, state: State, people: Table) -> None:
        names = state.names
        self._names = names
        lone = names.lone.look() > 0
        self.live = np.zeros(len(names), bool)
        self.live[people["name"]] = True
        read = (state.readings.sizes() > 0)[people["readings"]] & ~lone[people["name"]]
        #: Each a name and, in its lower half, the number of its readings.
        self.ties: Places = np.unique(people["name"][read].astype(np.int64) << 32 | people["readings"][read])
        self.compared = self.live & ~lone
        flat, owner = state.readings.flat()
        tied = np.zeros(len(state.readings), bool)
        tied[people["readings"][read]] = True
        self.compared[flat[tied[owner]]] = True
        self._rare: dict[int, bool] = {}

    def rare(self, family: int) -> bool:
        """Whether all people with a family name (the hash of its key) may be one."""
        if family not in self._rare:
            borne = np.flatnonzero(self._names.family.look()[: len(self.live)] == np.uint64(family))
            sounds = self._names.sound.look()[borne[self.live[borne]]]
            self._rare[family] = len(set(sounds.tolist()) - {0}) == 1
        return self._rare[family]


def kin_again(state: State, keys: Keys, were: Borne, are: Borne) -> set[int]:
    """Bring the kin of names up to date; the names that were there before and are now the kin of others.

    Args:
        state: with the documents that changed. keys: those of its names. were, are: the names before and now.
    """
    return _Kin(state, keys, were, are).again()


class _Kin:
    def __init__(self, state: State, keys: Keys, were: Borne, are: Borne) -> None:
        self._state, self._keys, self._were, self._are = state, keys, were, are
        self._names, self._of = state.names, state.names.kin.look()
        self._tied: dict[int, set[int]] | None = None

    def again(self) -> set[int]:
        came = np.flatnonzero(self._are.compared & ~self._were.compared)
        went = np.flatnonzero(self._were.compared & ~self._are.compared)
        loose = self._torn(went)  # first: they are those of the kin of before
        self._of[went] = -1
        for n in came.tolist():
            self._of[n] = self._state.kin
            self._state.kin += 1
        ties = np.setdiff1d(self._are.ties, self._were.ties).tolist()
        pairs = [(n, other) for n in came.tolist() for other in self._alike(n)]
        pairs += [(tie >> 32, other) for tie in ties for other in self._state.readings[tie & 0xFFFFFFFF]]
        moved = self._joined(pairs)
        for seeds in self._by_kin(loose).values():
            moved |= self._parted(seeds)
        return moved - set(came.tolist())

    def _alike(self, n: int) -> Iterator[int]:
        """The names that can be one person's with this one."""
        name, seen = self._names[n], {n}
        for key in self._names.keys[n]:
            for m in self._keys.names(key).tolist():
                if m not in seen and self._are.compared[m]:
                    seen.add(m)
                    if compare(name, self._names[m]) is not None:
                        yield m

    def _near(self, n: int) -> Iterator[int]:
        """The names that are kin to this one directly."""
        yield from self._alike(n)
        if self._tied is None:
            self._tied = defaultdict(set)
            for tie in self._are.ties.tolist():
                for other in self._state.readings[tie & 0xFFFFFFFF]:
                    self._tied[tie >> 32].add(other)
                    self._tied[other].add(tie >> 32)
        yield from self._tied.get(n, ())

    def _torn(self, went: Places) -> set[int]:
        """The names that stay and were kin directly to what went, or were tied by readings that nobody has now."""
        found = {other for n in went.tolist() for other in self._alike(n)}
        for tie in np.setdiff1d(self._were.ties, self._are.ties).tolist():
            found |= {tie >> 32, *self._state.readings[tie & 0xFFFFFFFF]}
        return {n for n in found if self._are.compared[n] and self._were.compared[n]}

    def _joined(self, pairs: Iterable[tuple[int, int]]) -> set[int]:
        """Make one kin of those of each pair; the names whose kin has another number now."""
        one: dict[int, set[int]] = {}
        for n, other in pairs:
            a, b = (one.setdefault(kin, {kin}) for kin in (int(self._of[n]), int(self._of[other])))
            if a is not b:
                small, large = sorted((a, b), key=len)
                large |= small
                one.update(dict.fromkeys(small, large))
        moved: set[int] = set()
        for group in {id(group): group for group in one.values() if len(group) > 1}.values():
            inside = np.flatnonzero(np.isin(self._of, list(group)))
            numbers, sizes = np.unique(self._of[inside], return_counts=True)
            kept = int(numbers[sizes.argmax()])
            others = inside[self._of[inside] != kept]
            self._of[others] = kept
            moved |= set(others.tolist())
        return moved

    def _by_kin(self, names: Iterable[int]) -> dict[int, list[int]]:
        found: dict[int, list[int]] = defaultdict(list)
        for n in sorted(names):
            found[int(self._of[n])].append(n)
        return found

    def _parted(self, seeds: list[int]) -> set[int]:
        """Give what no more hangs together with the rest of its kin a number of its own; the names of it.

        Args:
            seeds: names of one kin, of which every part of it holds one.
        """
        part_of = {n: part for part, n in enumerate(seeds)}
        parts = {part: [n] for n, part in part_of.items()}
        open_ = {part: deque([n]) for n, part in part_of.items()}
        moved: set[int] = set()
        while len(open_) > 1:
            part = min(open_, key=lambda p: len(parts[p]))
            if not open_[part]:
                moved.update(parts[part])
                self._of[parts[part]] = self._state.kin
                self._state.kin += 1
                del open_[part]
                continue
            for n in self._near(open_[part].popleft()):
                other = part_of.get(n)
                if other is None:
                    part_of[n] = part
                    parts[part].append(n)
                    open_[part].append(n)
                elif other != part:
                    small, large = sorted((part, other), key=lambda p: len(parts[p]))
                    part_of.update(dict.fromkeys(parts[small], large))
                    parts[large] += parts.pop(small)
                    open_[large] += open_.pop(small)
                    part = large
        return moved
