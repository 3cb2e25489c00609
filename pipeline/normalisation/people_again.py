"""People over an archive that changed a little: only the kin that it bears on is decided again.

Kin is decided on its own, so it stays as it was unless one of its people came or went, keeps other company, bears a
family name that became rare or common, or a new name makes it one with other kin. Lone names are decided again where
they, or a person who bears the word, may have changed. The outcome is that of `link_people` over everything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

import numpy as np

from pipeline.normalisation.again import members, settled
from pipeline.normalisation.company import CandidateLike
from pipeline.normalisation.comparison import compare
from pipeline.normalisation.kept import Ints, State, Table, Was
from pipeline.normalisation.kin import kindred, words_of
from pipeline.normalisation.people_across import Cluster, Decision, link_kin, place_in_order, place_lone
from pipeline.normalisation.pools import Places, hash_of


class _Names:
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


def people_again(state: State, was: Was, candidates: Sequence[CandidateLike], touched: Places) -> Ints:
    """The labels of all people; kin and words in the state are brought up to date.

    Args:
        state: with the documents that changed. was: what stood there before.
        candidates: the people now, with the company that they keep now.
        touched: the people of documents that came, or in which a body became another.
    """
    return _Again(state, was, candidates, touched).labels()


class _Again:
    def __init__(self, state: State, was: Was, candidates: Sequence[CandidateLike], touched: Places) -> None:
        self._state, self._candidates = state, candidates
        self._names, self._labels = state.person["name"], state.person["label"]
        self._before = was.person
        self._were, self._are = _Names(state, was.person), _Names(state, state.person)
        gone = was.person["name"][was.gone_people].tolist()
        self._touched = frozenset((*self._names[touched].tolist(), *gone))
        self._lone = state.names.lone.look() > 0
        self._decisions: list[Decision] = []

    def labels(self) -> Ints:
        state = self._state
        again, before = self._kin()
        words = self._taken(self._labels_of(before))
        clusters = self._clusters(again)
        words |= {word for cluster in clusters for word in _words(cluster)}
        words |= {state.names.word.values[n] for n in self._touched if self._lone[n]}
        labels = settled(self._labels, self._placed(words, clusters))
        for cluster in clusters:
            state.speak(int(labels[cluster.members[0]]), sorted(_words(cluster)))
        return labels

    def _taken(self, labels: Places) -> set[int]:
        """The words of some labels, which are taken away."""
        words, of = self._state.words, self._state.words_of
        at = np.flatnonzero(np.isin(of.look(), labels))
        found = set(words.look()[at].tolist())
        of.look()[at] = -1
        return found

    def _kin(self) -> tuple[set[int], Places]:
        """The kin to decide again, and the names that were in what became it.

        Names that came are put among their kin, and those that went are taken out.
        """
        state, were, are = self._state, self._were, self._are
        names, kin_of = state.names, state.names.kin.look()
        came, went = are.compared & ~were.compared, were.compared & ~are.compared
        changed = {int(f) for f in names.family.look()[(are.live != were.live) & (names.sound.look() > 0)]}
        families = [f for f in changed if are.rare(f) != were.rare(f)]
        touched = np.zeros(len(names), bool)
        tied = np.setxor1d(are.ties, were.ties).tolist()
        touched[[*self._touched, *(n for tie in tied for n in self._tied(tie))]] = True
        again = {*kin_of[touched | went].tolist(), *self._near(np.flatnonzero(came))}
        if families:
            borne = np.isin(names.family.look(), np.array(families, np.uint64))
            again |= set(kin_of[are.compared & borne].tolist())
        again.discard(-1)
        of_kin = np.isin(kin_of, list(again))
        before = np.flatnonzero(were.compared & of_kin)
        some = {names[n]: n for n in np.flatnonzero(are.compared & (of_kin | came)).tolist()}
        ties = are.ties[np.isin(are.ties >> 32, list(some.values()))].tolist()
        kin_of[went] = -1
        made = set()
        for kin in kindred(some, [[names[n] for n in self._tied(tie)] for tie in ties]):
            for name in kin:
                kin_of[some[name]] = state.kin
            made.add(state.kin)
            state.kin += 1
        return made, before

    def _tied(self, tie: int) -> tuple[int, ...]:
        """The names that a tie puts together."""
        return (tie >> 32, *self._state.readings[tie & 0xFFFFFFFF])

    def _near(self, came: Places) -> set[int]:
        """The kin of names that can be one person's with one of these."""
        names = self._state.names
        by_key: dict[int, list[int]] = defaultdict(list)
        for n in came.tolist():
            for k in names.keys[n]:
                by_key[k].append(n)
        found: set[int] = set()
        some = names.keys.holding(by_key)
        for n in some[self._were.compared[some]].tolist():
            near = (other for k in names.keys[n] if k in by_key for other in by_key[k])
            kin = names.kin.values[n]
            if kin not in found and any(compare(names[other], names[n]) is not None for other in near):
                found.add(kin)
        return found

    def _labels_of(self, names: Places) -> Places:
        """The labels that people of these names had."""
        mask = np.isin(self._before["name"], names[~self._lone[names]])
        return np.unique(self._before["label"][mask])

    def _units(self, names: Places) -> Iterable[tuple[int, int]]:
        """The people of these names, each with the number of its name."""
        units = np.flatnonzero(np.isin(self._names, names))
        return zip(units.tolist(), self._names[units].tolist(), strict=True)

    def _clusters(self, again: set[int]) -> list[Cluster]:
        """The persons of kin."""
        kin_of = self._state.names.kin.look()
        of_kin: dict[int, list[int]] = defaultdict(list)
        chosen = self._are.compared & np.isin(kin_of, list(again)) & ~self._lone
        for unit, name in self._units(np.flatnonzero(chosen)):
            of_kin[int(kin_of[name])].append(unit)

        def rare(family: str) -> bool:
            return self._are.rare(hash_of(family))

        return [c for numbers in of_kin.values() for c in link_kin(numbers, self._candidates, rare, self._decisions)]

    def _placed(self, words: set[int], clusters: Sequence[Cluster]) -> list[list[int]]:
        """All people decided again, as groups: persons with the lone names that found them, lone names alone."""
        word_of = self._state.names.word.look()
        alone: dict[int, list[int]] = defaultdict(list)
        some = np.flatnonzero(self._lone & np.isin(word_of, np.array(list(words), np.uint64)))
        for unit, name in self._units(some):
            alone[int(word_of[name])].append(unit)
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

    def _bearers(self, words: AbstractSet[int], clusters: Sequence[Cluster]) -> dict[int, list[Cluster]]:
        """The persons who bear each of some words."""
        state = self._state
        found: dict[int, list[Cluster]] = defaultdict(list)
        for cluster in clusters:
            for word in words & _words(cluster):
                found[word].append(cluster)
        said, of = state.words.look(), state.words_of.look()
        at = np.flatnonzero(np.isin(said, np.array(list(words), np.uint64)) & (of >= 0))
        near: dict[int, set[int]] = defaultdict(set)
        for label, word in zip(of[at].tolist(), said[at].tolist(), strict=True):
            near[label].add(word)
        for label, units in members(self._labels, near).items():
            some = [u for u in units if not self._lone[self._names[u]]]
            some.sort(key=lambda u: place_in_order(self._candidates[u], u))
            cluster = Cluster(self._candidates[some[0]].name, members=some)
            for word in near[label]:
                found[word].append(cluster)
        return found


def _words(cluster: Cluster) -> set[int]:
    """The words by which a lone name may mean a person, as hashes."""
    return set(map(hash_of, words_of(cluster.name)))
