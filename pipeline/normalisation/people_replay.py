"""Persons decided again after a little changed, as `link_kin` would have decided them from the start.

`link_kin` takes people one after the other, and each looks for a home among the clusters that stand by then under the
keys of its names. So whoever comes before a change stays, and whoever comes after it is decided again only where
something changed under one of its keys. Those are found by the keys and decided in the same order; a cluster, or what
stands under a key, is put together as it stood at that point when somebody asks for it.
"""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice

import numpy as np
import numpy.typing as npt

from pipeline.normalisation.company import Around, CandidateLike, Company
from pipeline.normalisation.kept import State
from pipeline.normalisation.kin import name_keys
from pipeline.normalisation.people_across import CROWD, Cluster, home_of, order_of
from pipeline.normalisation.person_name import Name
from pipeline.normalisation.pools import Lists, Places, Sorted, hash_of

#: Where someone stands in the order of decisions: the order of the name, the document, the number.
Place = tuple[tuple[object, ...], str, int]
_START: Place = ((-math.inf,), "", 0)
_END: Place = ((math.inf,), "", 0)


class Keys:
    """Names by the keys under which they meet."""

    def __init__(self, keys: Lists) -> None:
        """Take the keys of all names, as hashes."""
        flat, self._owner = keys.flat()
        self._keys = Sorted(flat)

    def names(self, key: int) -> Places:
        """The names that have a key."""
        return self._owner[self._keys.places(np.array([key], np.uint64))]


class _Units:
    """People by the keys of names that they bear."""

    def __init__(self, keys: Keys, names: npt.NDArray[np.integer], units: npt.NDArray[np.integer]) -> None:
        """Take names, by number, and who bears each."""
        self._keys, self._names, self._units = keys, Sorted(names), units

    def under(self, key: int) -> list[int]:
        """Those who bear a name that has a key, once for each such name."""
        found: list[int] = self._units[self._names.places(self._keys.names(key))].tolist()
        return found


@dataclass(slots=True)
class Home(Cluster):
    """A person over all documents, as it stands at one point of the order; `waiting` come later, the last first.

    label: that of before, -1 where there was none. changed: whether it is not what it was at that point. soiled: of
    which names whoever looks under their keys was told of a change.
    """

    label: int = -1
    waiting: list[int] = field(default_factory=list)
    company: Around | None = None
    changed: bool = False
    names_of_all: set[int] = field(default_factory=set)
    soiled: set[int] = field(default_factory=set)


@dataclass(slots=True)
class _Shelf:
    """What stands under a key at one point of the order; `waiting` come later, the last first.

    homes: each once, oldest first. joined: each as often as someone joined it with that key, with who it was; by the
    company they keep once somebody asked for it (`crowd`).
    """

    waiting: list[int]
    homes: dict[int, Home] = field(default_factory=dict)
    joined: list[tuple[Home, int]] = field(default_factory=list)
    crowd: dict[str, list[Home]] | None = None


class Replay:
    """The order of decisions gone through once more; it is an `Index` at the place of whoever is decided."""

    def __init__(
        self, state: State, keys: Keys, candidates: Sequence[CandidateLike], is_rare: Callable[[str], bool]
    ) -> None:
        """Take the state with the documents that changed and with the kin of all names.

        Args:
            state: its labels and `read` are those of before; new people have none. keys: those of its names.
            candidates: the people now. is_rare: as in `link_kin`.
        """
        self._state, self._candidates, self._is_rare = state, candidates, is_rare
        person, lone = state.person, state.names.lone.look() > 0
        self._name: list[int] = person["name"].tolist()
        self._label, self._read = person["label"], person["read"]
        self._labels = Sorted(self._label)
        self._kin = state.names.kin.look()
        asked = np.flatnonzero(~lone[person["name"]])
        several = asked[(state.readings.sizes() > 0)[person["readings"][asked]]]
        readings, which = state.readings.of(person["readings"][several])
        #: Who looks under a key, and who is filed under it.
        self._looking = _Units(
            keys, np.concatenate([person["name"][asked], readings]), np.concatenate([asked, several[which]])
        )
        known = asked[self._read[asked] >= 0]
        self._filed = _Units(keys, self._read[known], known)
        self._lone = lone
        self._order: dict[int, tuple[object, ...]] = {}
        self._homes: dict[int, Home] = {}
        self._new: list[Home] = []
        self._gone: dict[int, list[int]] = defaultdict(list)
        self._shelves: dict[tuple[int, int], _Shelf] = {}
        self._soiled: set[int] = set()
        self._fresh: set[int] = set()
        self._decided: set[int] = set()
        self._heap: list[tuple[Place, int]] = []
        self._queued: set[int] = set()
        self._now, self._of_kin = _START, -1

    def went(self, document: str, name: int, label: int, read: int) -> None:
        """A person went from a document; all who went are told of before anyone is decided."""
        self._gone[label].append(read)
        # Before all who come from the same document; a number below 0 is that of a label.
        heapq.heappush(self._heap, ((self._order_of(name), document, -1), -1 - label))

    def again(self, units: Iterable[int], fresh: bool = False) -> None:
        """Have people decided again; `fresh` are those who are new or keep other company."""
        for unit in units:
            if not self._lone[self._name[unit]]:
                self._queue(unit)
                if fresh:
                    self._fresh.add(unit)

    def other_kin(self, names: Iterable[int]) -> None:
        """Names are the kin of others than before."""
        self._now = _START
        for name in names:
            for key in self._state.names.keys[name]:
                self._soil(key)

    def run(self) -> list[Home]:
        """Decide; all persons who are not as they were, whole, those of whom nobody is left without members."""
        while self._heap:
            self._now, number = heapq.heappop(self._heap)
            if number < 0:
                self._change(self._home(-1 - number))
            else:
                self._decide(number)
        self._now = _END
        changed = [home for home in (*self._homes.values(), *self._new) if home.changed]
        for home in changed:
            self._advance(home)
        return changed

    def near(self, name: Name, company: Company) -> list[Cluster]:
        """The clusters that share a key with a name: as `_Index` gives them."""
        found: dict[int, Home] = {}
        for key in name_keys(name):
            shelf = self._shelf(hash_of(key))
            found.update(islice(shelf.homes.items(), CROWD))
            if len(shelf.homes) > CROWD:
                if shelf.crowd is None:
                    shelf.crowd = {}
                    for home, unit in shelf.joined:
                        self._keep(shelf.crowd, home, unit)
                for each in company.affiliations | company.people:
                    found.update((id(home), home) for home in shelf.crowd.get(each, [])[-CROWD:])
        for home in found.values():
            self._advance(home)
        return list(found.values())

    def around(self, cluster: Cluster) -> Around:
        """The documents and the company of a cluster."""
        assert isinstance(cluster, Home)
        if cluster.company is None:
            cluster.company = Around.of(map(self._candidates.__getitem__, cluster.members))
        return cluster.company

    def _decide(self, unit: int) -> None:
        """Find a person's home, and tell of it whom that concerns."""
        candidate, label = self._candidates[unit], int(self._label[unit])
        self._of_kin = int(self._kin[self._name[unit]])
        before = self._home(label) if label >= 0 else None
        found, reading, *_ = home_of(candidate, self, self._is_rare)
        self._decided.add(unit)
        if found is None:
            if before is not None:
                self._advance(before)
            if before is not None and not before.members:
                home, before.names, before.name = before, [], candidate.name  # nobody who came before is left in it
            else:
                home = Home(candidate.name)
                self._new.append(home)
        else:
            assert isinstance(found, Home)
            home = found
        self._advance(home)
        several = bool(candidate.readings)
        read = self._state.names.number(reading) if several else self._name[unit]
        changed = unit in self._fresh or home is not before or read != self._read[unit]
        for key in self._state.names.keys[read]:
            self._file(self._shelf(key), home, unit)
        self._join(home, reading, unit)
        home.names_of_all.add(read)
        if changed:
            self._read[unit] = read
            self._change(home)
            if before is not None and before is not home:
                self._change(before)

    def _change(self, home: Home) -> None:
        """A person is not what it was: whoever comes later and looks under its keys is decided again."""
        home.changed = True
        for name in sorted(home.names_of_all - home.soiled):
            for key in self._state.names.keys[name]:
                self._soil(key)
        home.soiled |= home.names_of_all

    def _soil(self, key: int) -> None:
        # Of whatever kin: a name that went has none any more, and what it was kin to may have come apart.
        if key in self._soiled:
            return  # whoever comes later was told then
        self._soiled.add(key)
        for unit in self._looking.under(key):
            if unit not in self._queued and self._place(unit) > self._now:
                self._queue(unit)

    def _queue(self, unit: int) -> None:
        if unit not in self._queued:
            self._queued.add(unit)
            heapq.heappush(self._heap, (self._place(unit), unit))

    def _home(self, label: int) -> Home:
        """The person of a label of before."""
        if label not in self._homes:
            members = self._labels.places(np.array([label])).tolist()
            units = [u for u in members if not self._lone[self._name[u]]]
            units.sort(key=self._place, reverse=True)
            names = {int(self._read[u]) for u in units} | set(self._gone[label])
            self._homes[label] = Home(_NOBODY, label=label, waiting=units, names_of_all=names)
        return self._homes[label]

    def _shelf(self, key: int) -> _Shelf:
        """What stands now under a key, of the kin of whoever is decided."""
        kin = self._of_kin
        shelf = self._shelves.get((key, kin))
        if shelf is None:
            units = [u for u in self._filed.under(key) if self._kin[self._name[u]] == kin]
            units.sort(key=self._place, reverse=True)
            shelf = self._shelves[key, kin] = _Shelf(units)
        while shelf.waiting and self._place(shelf.waiting[-1]) < self._now:
            unit = shelf.waiting.pop()
            if unit not in self._decided:
                self._file(shelf, self._home(int(self._label[unit])), unit)
        return shelf

    def _file(self, shelf: _Shelf, home: Home, unit: int) -> None:
        shelf.homes.setdefault(id(home), home)
        if shelf.crowd is None:
            shelf.joined.append((home, unit))
        else:
            self._keep(shelf.crowd, home, unit)

    def _keep(self, crowd: dict[str, list[Home]], home: Home, unit: int) -> None:
        company = self._candidates[unit].company
        for each in company.affiliations | company.people:
            crowd.setdefault(each, []).append(home)

    def _advance(self, home: Home) -> None:
        """Have those join whose turn is past and who are not decided again."""
        while home.waiting and self._place(home.waiting[-1]) < self._now:
            unit = home.waiting.pop()
            if unit not in self._decided:
                self._join(home, self._state.names[int(self._read[unit])], unit)

    def _join(self, home: Home, name: Name, unit: int) -> None:
        if home.company is not None:
            home.company.add(self._candidates[unit])
        if not home.members:
            home.name = self._candidates[unit].name
        home.add(name, unit)

    def _place(self, unit: int) -> Place:
        return self._order_of(self._name[unit]), self._candidates[unit].document, unit

    def _order_of(self, name: int) -> tuple[object, ...]:
        if name not in self._order:
            self._order[name] = order_of(self._state.names[name])
        return self._order[name]


#: The name of a person of whom nobody came yet.
_NOBODY = Name()
