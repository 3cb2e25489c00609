"""Takes down what a linking over all documents decides, so that the next one can go on from it."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import numpy as np

from pipeline.normalisation.describe import Institution, Person
from pipeline.normalisation.kept import Ints, State
from pipeline.normalisation.kin import words_of
from pipeline.normalisation.people_across import Cluster
from pipeline.normalisation.person_name import Name
from pipeline.normalisation.pools import hash_of


class Keeper:
    """Is told what is decided; `tied` are bodies of nodes of which company had to decide where they belong."""

    def __init__(self, state: State) -> None:
        """Take what is to hold it, with the documents that are linked."""
        self.state = state
        self.tied: list[int] = []
        self._units, self._words = array("q"), array("Q")

    def kin(self, names: Sequence[Name], clusters: Sequence[Cluster]) -> None:
        """Names that are kin, and the persons found among them."""
        known = self.state.names
        for name in names:
            known.kin.values[known.number(name)] = self.state.kin
        self.state.kin += 1
        for cluster in clusters:
            for word in sorted(map(hash_of, words_of(cluster.name))):
                self._units.append(cluster.members[0])
                self._words.append(word)

    def put(
        self, people: tuple[Sequence[Sequence[int]], Sequence[Person], Sequence[str]],
        bodies: tuple[Sequence[Sequence[int]], Sequence[Institution], Sequence[str]],
    ) -> None:  # fmt: skip
        """Have the state hold what was decided.

        Args:
            people: groups, their rows, and the ids that these wish for. bodies: the same of bodies.
        """
        state = self.state
        state.person["label"] = _labels(len(state.person["name"]), people[0])
        state.body["label"] = _labels(len(state.body["named"]), bodies[0])
        for label, (person, wish) in enumerate(zip(people[1], people[2], strict=True)):
            state.people.put(label, person, wish)
        for label, (body, wish) in enumerate(zip(bodies[1], bodies[2], strict=True)):
            state.bodies.put(label, body, wish)
        state.words.values = self._words
        state.words_of.values = array("i", state.person["label"][np.frombuffer(self._units, np.int64)].tobytes())
        shown, nodes = state.nodes.shown.values, state.node_of.values
        named = state.body["named"].tolist()
        for name in reversed(named):
            shown[nodes[name]] = name  # the first stays
        for unit in self.tied:
            state.nodes.tied.values[nodes[named[unit]]] = True


def _labels(count: int, groups: Sequence[Sequence[int]]) -> Ints:
    labels = np.full(count, -1, np.int32)
    for label, group in enumerate(groups):
        labels[list(group)] = label
    return labels
