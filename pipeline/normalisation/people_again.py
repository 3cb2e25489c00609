"""People over an archive that changed a little: only the kin that it bears on is decided again.

Kin is decided on its own, so it stays as it was unless one of its people came or went, keeps other company, bears a
family name that became rare or common, or a new name makes it one with other kin. Lone names are decided again where
they, or a person who bears the word, may have changed. The outcome is that of `link_people` over everything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np

from pipeline.normalisation.again import members, settled
from pipeline.normalisation.columns import Candidates
from pipeline.normalisation.comparison import compare
from pipeline.normalisation.kept import Ints, Places, State, Table, Was
from pipeline.normalisation.kin import kindred, words_of
from pipeline.normalisation.people_across import Cluster, Decision, link_kin, place_in_order, place_lone


@dataclass(frozen=True, slots=True)
class _Names:
    """The names that people bear: those that are compared, the readings that tie some, the sounds beside families."""

    compared: frozenset[int]
    ties: frozenset[tuple[int, ...]]
    sounds: dict[str, set[str]]

    def rare(self, family: str) -> bool:
        """Whether all people with a family name (its key) may be one."""
        return len(self.sounds.get(family, ())) == 1


def people_again(state: State, was: Was, candidates: Candidates, touched: Places) -> Ints:
    """The labels of all people; kin and words in the state are brought up to date.

    Args:
        state: with the documents that changed. was: what stood there before.
        candidates: the people now, with the company that they keep now.
        touched: the people of documents that came, or in which a body became another.
    """
    return _Again(state, was, candidates, touched).labels()


class _Again:
    def __init__(self, state: State, was: Was, candidates: Candidates, touched: Places) -> None:
        self._state, self._candidates = state, candidates
        self._names, self._labels = state.person["name"], state.person["label"]
        self._before = was.person
        self._were, self._are = _names(state, was.person), _names(state, state.person)
        gone = was.person["name"][was.gone_people].tolist()
        self._touched = frozenset((*self._names[touched].tolist(), *gone))
        self._decisions: list[Decision] = []

    def labels(self) -> Ints:
        state = self._state
        again, before = self._kin()
        words = {word for label in self._labels_of(before) for word in state.words.pop(label, ())}
        clusters = self._clusters(again)
        words |= {word for cluster in clusters for word in words_of(cluster.name)}
        words |= {about.word for n in self._touched if (about := state.about[n]).lone}
        labels = settled(self._labels, self._placed(words, clusters))
        for cluster in clusters:
            state.words[int(labels[cluster.members[0]])] = tuple(sorted(words_of(cluster.name)))
        return labels

    def _kin(self) -> tuple[set[int], list[int]]:
        """The kin to decide again, and the names that were in what became it.

        Names that came are put among their kin, and those that went are taken out.
        """
        about, were, are = self._state.about, self._were, self._are
        came, went = are.compared - were.compared, were.compared - are.compared
        families = {f for f in are.sounds.keys() | were.sounds.keys() if are.rare(f) != were.rare(f)}
        touched = {*self._touched, *went, *(n for tie in are.ties ^ were.ties for n in tie)}
        again = {about[n].kin for n in touched} | self._near(came)
        if families:
            again |= {about[n].kin for n in are.compared if about[n].family in families}
        again.discard(-1)
        before = [n for n in were.compared if about[n].kin in again]
        some = sorted(n for n in are.compared if about[n].kin in again or n in came)
        chosen = set(some)
        ties = [[self._state.names[n] for n in tie] for tie in sorted(are.ties) if tie[0] in chosen]
        for n in went:
            about[n].kin = -1
        made = set()
        for kin in kindred((self._state.names[n] for n in some), ties):
            for name in kin:
                about[self._state.names.number(name)].kin = self._state.kin
            made.add(self._state.kin)
            self._state.kin += 1
        return made, before

    def _near(self, came: Iterable[int]) -> set[int]:
        """The kin of names that can be one person's with one of these."""
        names, about = self._state.names, self._state.about
        by_key: dict[str, list[int]] = defaultdict(list)
        for n in came:
            for k in about[n].keys:
                by_key[k].append(n)
        found: set[int] = set()
        for n in self._were.compared if by_key else ():
            near = (other for k in about[n].keys if k in by_key for other in by_key[k])
            if about[n].kin not in found and any(compare(names[other], names[n]) is not None for other in near):
                found.add(about[n].kin)
        return found

    def _labels_of(self, names: Iterable[int]) -> set[int]:
        """The labels that people of these names had."""
        some = [n for n in names if not self._state.about[n].lone]
        mask = np.isin(self._before["name"], np.array(some, np.int64))
        return set(self._before["label"][mask].tolist())

    def _units(self, names: Iterable[int]) -> Iterable[tuple[int, int]]:
        """The people of these names, each with the number of its name."""
        units = np.flatnonzero(np.isin(self._names, np.array(sorted(names), np.int64)))
        return zip(units.tolist(), self._names[units].tolist(), strict=True)

    def _clusters(self, again: set[int]) -> list[Cluster]:
        """The persons of kin."""
        about = self._state.about
        of_kin: dict[int, list[int]] = defaultdict(list)
        for unit, name in self._units(n for n in self._are.compared if about[n].kin in again and not about[n].lone):
            of_kin[about[name].kin].append(unit)
        kin = of_kin.values()
        return [c for numbers in kin for c in link_kin(numbers, self._candidates, self._are.rare, self._decisions)]

    def _placed(self, words: set[str], clusters: Sequence[Cluster]) -> list[list[int]]:
        """All people decided again, as groups: persons with the lone names that found them, lone names alone."""
        about = self._state.about
        alone: dict[str, list[int]] = defaultdict(list)
        for unit, name in self._units(n for n, each in enumerate(about) if each.lone and each.word in words):
            alone[about[name].word].append(unit)
        bearers = self._bearers(alone.keys(), clusters)
        groups = {c.members[0]: list(c.members) for c in clusters}
        first = {unit: c.members[0] for c in clusters for unit in c.members}
        others: dict[int, list[int]] = defaultdict(list)  # of persons who are not decided again, who joins them
        for word, numbers in alone.items():
            placed = place_lone(numbers, bearers.get(word, ()), self._candidates, self._decisions)
            found = {number: home for home, number in placed}
            groups.update((number, [number]) for number in numbers if number not in found)
            for number, home in found.items():
                home = first.get(home, home)
                (groups[home] if home in groups else others[int(self._labels[home])]).append(number)
        decided = {*first, *(number for numbers in alone.values() for number in numbers)}
        whole = members(self._labels, others)
        return [
            *groups.values(),
            *([*joined, *(u for u in whole[label] if u not in decided)] for label, joined in others.items()),
        ]

    def _bearers(self, words: AbstractSet[str], clusters: Sequence[Cluster]) -> dict[str, list[Cluster]]:
        """The persons who bear each of some words."""
        state = self._state
        found: dict[str, list[Cluster]] = defaultdict(list)
        for cluster in clusters:
            for word in words & words_of(cluster.name):
                found[word].append(cluster)
        near = {label: both for label, borne in state.words.items() if (both := words & set(borne))} if words else {}
        for label, units in members(self._labels, near).items():
            some = [u for u in units if not state.about[self._names[u]].lone]
            some.sort(key=lambda u: place_in_order(self._candidates[u], u))
            cluster = Cluster(self._candidates[some[0]].name, members=some)
            for word in near[label]:
                found[word].append(cluster)
        return found


def _names(state: State, people: Table) -> _Names:
    live = np.unique(people["name"]).tolist()
    pairs = np.unique(np.stack([people["name"], people["readings"]]), axis=1).T.tolist()
    ties = frozenset(
        (name, *others) for name, n in pairs if (others := state.readings[n]) and not state.about[name].lone
    )
    compared = {n for n in live if not state.about[n].lone}
    sounds: dict[str, set[str]] = defaultdict(set)
    for n in live:
        if (sound := state.about[n].bears) is not None:
            sounds[state.about[n].family].add(sound)
    return _Names(frozenset(compared.union(*ties)), ties, dict(sounds))
