"""Takes down what a linking over all documents decides, so that the next one can go on from it."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence

import numpy as np
from msgspec.structs import replace

from pipeline.normalisation.columns import Columns, Units, votes_of, wholes
from pipeline.normalisation.describe import Described, Institution, Person, unique_ids
from pipeline.normalisation.disjoint import Groups
from pipeline.normalisation.identifiers import Change, keep_voted
from pipeline.normalisation.kept import State
from pipeline.normalisation.kept_names import Rows
from pipeline.normalisation.kin import words_of
from pipeline.normalisation.people_across import Cluster
from pipeline.normalisation.person_name import Name
from pipeline.normalisation.pools import Looked, hash_of


class Keeper:
    """Is told what is decided; `tied` are bodies of nodes of which company had to decide where they belong."""

    def __init__(self, state: State) -> None:
        """Take what is to hold it, with the documents that are linked."""
        self.state = state
        self.tied: list[int] = []
        self._units, self._words = array("q"), array("Q")
        self._named, self._read = state.person["name"], state.person["read"]
        self._several = (state.readings.sizes() > 0)[state.person["readings"]]

    def kin(self, names: Sequence[Name], clusters: Sequence[Cluster]) -> None:
        """Names that are kin, and the persons found among them."""
        known = self.state.names
        for name in names:
            known.kin.values[known.number(name)] = self.state.kin
        self.state.kin += 1
        for cluster in clusters:
            for unit, name in zip(cluster.members, cluster.read, strict=True):
                self._read[unit] = known.number(name) if self._several[unit] else self._named[unit]
            for word in sorted(map(hash_of, words_of(cluster.name))):
                self._units.append(cluster.members[0])
                self._words.append(word)

    def put(self, people: Groups, bodies: Groups) -> None:
        """Have the state hold which people, and which bodies, are one."""
        state = self.state
        state.person["label"], state.body["label"] = people.labels(), bodies.labels()
        state.words.values = self._words
        state.words_of.values = array("i", state.person["label"][np.frombuffer(self._units, np.int64)].tobytes())
        shown, nodes = state.nodes.shown.values, state.node_of.values
        named = state.body["named"].tolist()
        for name in reversed(named):
            shown[nodes[name]] = name  # the first stays
        for unit in self.tied:
            state.nodes.tied.values[nodes[named[unit]]] = True

    def describe(
        self, described: tuple[Iterable[Person], Iterable[Institution]], groups: tuple[Groups, Groups], columns: Columns
    ) -> tuple[Change, ...]:
        """Have the state hold the rows of people and bodies, with ids that stay; what became of ids of before.

        Args:
            described: the rows of people and of bodies, with the ids that they wish for; they are taken one by one.
            groups: those of people and of bodies. columns: of all documents.
        """
        people, bodies = self.state.people, self.state.bodies
        changes = _with_ids(people, described[0], groups[0], columns.people, columns.documents)
        people.exchange(lambda label, row: (replace(row[0], id=people.ids[label]), row[1]))
        self.state.forget()
        changes += _with_ids(bodies, described[1], groups[1], columns.bodies, columns.documents)
        ids = Looked(bodies.ids.__getitem__, self.state.body["label"])
        whole = wholes(ids, columns.parents, columns.bodies)

        def placed(label: int, row: tuple[Institution, str]) -> tuple[Institution, str]:
            entity = bodies.ids[label]
            return replace(row[0], id=entity, part_of=whole.get(entity, "")), row[1]

        bodies.exchange(placed)
        self.state.forget()
        return tuple(changes)


def _with_ids(
    rows: Rows[Described], described: Iterable[Described], groups: Groups, units: Units, documents: Sequence[str]
) -> list[Change]:
    """Put rows down, each with the id that it wishes for, and then say which ids they have."""
    wishes = []
    for label, row in enumerate(described):
        rows.put(label, row, row.id)
        wishes.append(row.id)
    first = [documents[units.owner[group[0]]] for group in groups]
    wished = unique_ids(wishes, first, lambda label: rows[label][0].variants)
    known = {entity for before in units.before for entity, _ in before}
    rows.ids, changes = keep_voted(wished, (votes_of(group, units.before) for group in groups), known)
    return changes
