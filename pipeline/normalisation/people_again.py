"""People over an archive that changed a little: only those are decided again whom it bears on.

Kin is brought up to date name by name, and its people are decided again where something changed under the keys of
their names (`people_replay`). Lone names are decided again where they, or a person who bears the word, may have
changed. The outcome is that of `link_people` over everything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

import numpy as np

from pipeline.normalisation.again import members, settled
from pipeline.normalisation.company import CandidateLike
from pipeline.normalisation.kept import Ints, State, Table, Was
from pipeline.normalisation.kin import words_of
from pipeline.normalisation.kin_again import Borne, kin_again
from pipeline.normalisation.people_across import Cluster, Decision, place_in_order, place_lone
from pipeline.normalisation.people_replay import Home, Keys, Replay
from pipeline.normalisation.pools import Places, hash_of


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
        self._state, self._was, self._candidates, self._touched = state, was, candidates, touched
        self._names, self._labels = state.person["name"], state.person["label"]
        self._were, self._are = Borne(state, was.person), Borne(state, state.person)
        self._lone = state.names.lone.look() > 0
        self._decisions: list[Decision] = []

    def labels(self) -> Ints:
        state, gone = self._state, {name: column[self._was.gone_people] for name, column in self._was.person.items()}
        homes = self._replayed(gone)
        asked = ~self._lone[gone["name"]]
        words = self._taken(np.unique([*(home.label for home in homes), *gone["label"][asked].tolist()]))
        clusters: list[Cluster] = [home for home in homes if home.members]
        words |= {word for cluster in clusters for word in _words(cluster)}
        some = np.concatenate([self._names[self._touched], gone["name"]])
        words |= {state.names.word.values[n] for n in some[self._lone[some]].tolist()}
        groups, joined = self._placed(words, clusters)
        labels = settled(self._labels, groups)
        self._renamed(joined, labels)
        state.speak((int(labels[c.members[0]]), word) for c in clusters for word in sorted(_words(c)))
        return labels

    def _replayed(self, gone: Table) -> list[Home]:
        """All persons who are not as they were."""
        state, names = self._state, self._state.names
        keys = Keys(names.keys)
        renamed = kin_again(state, keys, self._were, self._are)
        replay = Replay(state, keys, self._candidates, lambda family: self._are.rare(hash_of(family)))
        columns = (gone[column].tolist() for column in ("name", "label", "read"))
        for document, name, label, read in zip(_documents(self._was), *columns, strict=True):
            if not self._lone[name]:
                replay.went(document, name, label, read)
        replay.other_kin(renamed)
        replay.again(self._touched.tolist(), fresh=True)
        changed = {int(f) for f in names.family.look()[(self._are.live != self._were.live) & (names.sound.look() > 0)]}
        families = [f for f in changed if self._are.rare(f) != self._were.rare(f)]
        borne = np.isin(names.family.look(), np.array(families, np.uint64))
        replay.again(np.flatnonzero(borne[self._names]).tolist())
        return replay.run()

    def _taken(self, labels: Places) -> set[int]:
        """The words of some labels, which are taken away."""
        words, of = self._state.words, self._state.words_of
        at = np.flatnonzero(np.isin(of.look(), labels[labels >= 0]))
        found = set(words.look()[at].tolist())
        of.look()[at] = -1
        return found

    def _renamed(self, persons: Mapping[int, int], labels: Ints) -> None:
        """Have the words of persons, of each of whom a member is given by the label of before, go with the label."""
        of = self._state.words_of.look()
        renamed = {label: int(labels[unit]) for label, unit in persons.items() if labels[unit] != label}
        at = np.flatnonzero(np.isin(of, np.fromiter(renamed, np.int64, len(renamed))))
        of[at] = [renamed[label] for label in of[at].tolist()]

    def _placed(self, words: set[int], clusters: Sequence[Cluster]) -> tuple[list[list[int]], dict[int, int]]:
        """All people decided again, as groups: persons with the lone names that found them, lone names alone.

        Behind them a member of each person who is not decided again, but who is found by a lone name, by its label.
        """
        word_of = self._state.names.word.look()
        alone: dict[int, list[int]] = defaultdict(list)
        some = np.flatnonzero(self._lone & np.isin(word_of, np.array(list(words), np.uint64)))
        units = np.flatnonzero(np.isin(self._names, some))
        for unit, word in zip(units.tolist(), word_of[self._names[units]].tolist(), strict=True):
            alone[word].append(unit)
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
        told = (
            *groups.values(),
            *([*joined, *(u for u in whole[label] if u not in decided)] for label, joined in others.items()),
        )
        return list(told), {label: next(u for u in whole[label] if not self._is_lone(u)) for label in others}

    def _is_lone(self, unit: int) -> bool:
        return bool(self._lone[self._names[unit]])

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
            some = [u for u in units if not self._is_lone(u)]
            some.sort(key=lambda u: place_in_order(self._candidates[u], u))
            cluster = Cluster(self._candidates[some[0]].name, members=some)
            for word in near[label]:
                found[word].append(cluster)
        return found


def _documents(was: Was) -> list[str]:
    """The document of each of the people who are gone."""
    owner = np.repeat(np.arange(len(was.documents)), was.document["people"])
    return [was.documents[d] for d in owner[was.gone_people].tolist()]


def _words(cluster: Cluster) -> set[int]:
    """The words by which a lone name may mean a person, as hashes."""
    return set(map(hash_of, words_of(cluster.name)))
