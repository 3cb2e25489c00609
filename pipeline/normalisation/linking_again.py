"""Linking over an archive that changed a little: the entities of all documents, from what the last linking left.

What comes out is what `link` gives for all documents and the ids of before, for which it decides again only what the
change bears on. It works where nothing was judged and no authority records were given.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic

import numpy as np
from msgspec.structs import replace

from pipeline.normalisation.again import changed, members
from pipeline.normalisation.columns import Candidates, OfDocuments, Units, wholes
from pipeline.normalisation.describe import Described, describe_institution, describe_person, with_ids
from pipeline.normalisation.events import event_ids
from pipeline.normalisation.identifiers import Change, ids_before, keep_voted, voted
from pipeline.normalisation.institutions_again import institutions_again
from pipeline.normalisation.kept import Ints, State, Table, ends
from pipeline.normalisation.local import DocumentEntities, LocalInstitution, LocalPerson
from pipeline.normalisation.people_again import people_again

#: Where mentions of a document start → the id that they had, and how they are written.
_Earlier = dict[int, tuple[str, str]]


class Again:
    """One such linking. `changes` are those of `Entities`; the rows are in the state, as are the ids (`entity_ids`).

    `affected` are the documents that came, or in which ids may be others than before; `rows` the ids of people and
    bodies whose rows are new, or others than before.
    """

    def __init__(self, state: State, gone: Sequence[DocumentEntities], into: Sequence[DocumentEntities]) -> None:
        """Link again.

        Args:
            state: what the last linking left; it is brought up to date.
            gone: the documents that went or changed, as they were. into: those that came or changed, as they are.
        """
        earlier = _earlier(state, gone)
        before = dict(state.people), dict(state.bodies)
        event_ids_before = event_ids(_titles(state), state.events_known)
        was = state.changed([d.document_id for d in gone], into)
        columns = state.columns()
        came = {d.document_id: d for d in into}
        new = np.array([document in came for document in state.documents], bool)
        of_person, of_body = np.array(columns.people.owner, np.int64), np.array(columns.bodies.owner, np.int64)
        people_before, bodies_before = state.person["label"], state.body["label"]
        contexts = OfDocuments(columns.bodies, columns.contexts)
        state.body["label"] = institutions_again(state, was, contexts, np.flatnonzero(new[of_body]))
        other = new.copy()
        other[of_body[bodies_before != state.body["label"]]] = True
        candidates = Candidates(columns, [f"i{label}" for label in state.body["label"].tolist()])
        state.person["label"] = people_again(state, was, candidates, np.flatnonzero(other[of_person]))
        places = {d: came[state.documents[d]] for d in np.flatnonzero(new).tolist()}

        def person_votes(d: int) -> list[Mapping[str, int]]:
            return _votes(earlier.get(state.documents[d], {}), places[d].people)

        def body_votes(d: int) -> list[Mapping[str, int]]:
            return _votes(earlier.get(state.documents[d], {}), places[d].institutions)

        people = _Rows(
            state, state.person, people_before, was.person["label"][was.gone_people], columns.people,
            lambda group, *told: describe_person((columns.names[u] for u in group), *told),
            state.people, state.people_wishes,
        )  # fmt: skip
        bodies = _Rows(
            state, state.body, bodies_before, was.body["label"][was.gone_bodies], columns.bodies,
            lambda group, *told: describe_institution((columns.locals[u].name for u in group), *told),
            state.bodies, state.bodies_wishes,
        )  # fmt: skip
        people.settle({d: person_votes(d) for d in places})
        bodies.settle({d: body_votes(d) for d in places})
        _put_together(state, columns.bodies)
        self.rows = _others(before[0], state.people) | _others(before[1], state.bodies)
        self.changes: tuple[Change, ...] = (*people.changes, *bodies.changes)
        events = event_ids(_titles(state), state.events_known)
        moved = {title for title, entity in event_ids_before.items() if events.get(title, entity) != entity}
        lists = {n for n, each in enumerate(state.events) if any(title in moved for title, _ in each)}
        touched = {*people.touched, *bodies.touched, *np.flatnonzero(new).tolist()}
        touched.update(np.flatnonzero(np.isin(state.document["events"], list(lists))).tolist() if lists else ())
        self.affected = frozenset(state.documents[d] for d in touched)


def entity_ids(state: State) -> Callable[[str, int], str]:
    """What gives the id of the entity that a mention of a document names; empty where it names none."""
    events = event_ids(_titles(state), state.events_known)
    number = {document: d for d, document in enumerate(state.documents)}
    first_person, first_body, first_mention = (
        array("l", ends(state.document[of]).tolist()) for of in ("people", "bodies", "mentions")
    )
    mentions, units = (array("i", state.mention[of].tobytes()) for of in ("number", "unit"))
    people, bodies = (array("i", table["label"].tobytes()) for table in (state.person, state.body))
    listed = array("i", state.document["events"].tobytes())

    def entity_id(document_id: str, mention: int) -> str:
        d = number.get(document_id)
        if d is None:
            return ""
        last = first_mention[d + 1]
        at = bisect_left(mentions, mention, first_mention[d], last)
        if at == last or mentions[at] != mention:
            return next((events[title] for title, those in state.events[listed[d]] if mention in those), "")
        persons = first_person[d + 1] - first_person[d]
        if units[at] < persons:
            return state.people[people[first_person[d] + units[at]]].id
        return state.bodies[bodies[first_body[d] + units[at] - persons]].id

    return entity_id


@dataclass(slots=True)
class _Rows(Generic[Described]):
    """The rows of people or of bodies, to be brought up to date."""

    state: State
    table: Table
    before: Ints
    gone: Ints
    units: Units
    describe: Callable[[Sequence[int], Mapping[str, int], int, Iterable[str]], Described]
    rows: dict[int, Described]
    wishes: dict[int, str]
    changes: list[Change] = field(default_factory=list)
    touched: set[int] = field(default_factory=set)

    def settle(self, votes_of: Mapping[int, Sequence[Mapping[str, int]]]) -> None:
        """Describe what changed and give it ids; `votes_of` are the earlier ids in documents that came."""
        after, rows, owner = self.table["label"], self.rows, self.units.owner
        moved = changed(self.before, after, self.gone)
        groups = {label: units for label, units in members(after, moved).items() if units}
        id_before = {label: rows[label].id for label in moved if label in rows}
        votes = {label: self._votes(units, id_before, votes_of) for label, units in groups.items()}
        # An earlier id is only that of rows here, or of others that did not change and keep it.
        known = {entity for counts in votes.values() for entity in counts}
        known.update(row.id for label, row in rows.items() if label not in moved)
        for label in moved:
            rows.pop(label, None)
            self.wishes.pop(label, None)
        for label, units in groups.items():
            rows[label] = self._described(units)
            self.wishes[label] = rows[label].id
        labels, first = np.unique(after, return_index=True)
        first_of = dict(zip(labels.tolist(), first.tolist(), strict=True))
        order = sorted(votes, key=first_of.__getitem__)
        wished = self._wished(order, first_of)
        ids, self.changes = keep_voted([wished[n] for n in order], [votes[n] for n in order], known)
        for label, entity in zip(order, ids, strict=True):
            rows[label] = replace(rows[label], id=entity)
        renamed = [label for label in order if id_before.get(label) != rows[label].id]
        for unit in np.flatnonzero((self.before != after) | np.isin(after, renamed)).tolist():
            if id_before.get(int(self.before[unit])) != rows[int(after[unit])].id:
                self.touched.add(owner[unit])

    def _votes(
        self, units: Sequence[int], ids: Mapping[int, str], votes_of: Mapping[int, Sequence[Mapping[str, int]]]
    ) -> Counter[str]:
        votes: Counter[str] = Counter()
        for unit in units:
            label = int(self.before[unit])
            if label >= 0:
                votes[ids[label]] += len(self._texts(unit))
            else:
                d = self.units.owner[unit]
                votes.update(votes_of[d][unit - self.units.first[d]])
        return votes

    def _texts(self, unit: int) -> tuple[str, ...]:
        return self.state.texts[int(self.table["texts"][unit])]

    def _described(self, units: Sequence[int]) -> Described:
        counts = Counter(text for unit in units for text in self._texts(unit))
        owners = {self.units.owner[unit] for unit in units}
        dates = {self.state.dates[int(self.state.document["date"][d])] for d in owners}
        return self.describe(units, counts, len(owners), dates)

    def _wished(self, wanted: Iterable[int], first_of: Mapping[int, int]) -> dict[int, str]:
        """The ids that these rows would have without an earlier run.

        They depend on the rows alone whose wish is the same but for numbers behind it.
        """
        stems = {_stem(self.wishes[label]) for label in wanted}
        some = [label for label, wish in self.wishes.items() if _stem(wish) in stems]
        some.sort(key=first_of.__getitem__)
        documents = [self.state.documents[self.units.owner[first_of[label]]] for label in some]
        made = with_ids([replace(self.rows[label], id=self.wishes[label]) for label in some], documents)
        return {label: row.id for label, row in zip(some, made, strict=True)}


def _others(before: Mapping[int, Described], now: Mapping[int, Described]) -> frozenset[str]:
    """The ids of the rows that are new or others than before. What did not change is the same object."""
    same = {id(row) for row in before.values()}
    return frozenset(row.id for row in now.values() if id(row) not in same)


def _stem(wish: str) -> str:
    return wish.rstrip("-0123456789")


def _titles(state: State) -> set[str]:
    return {title for n in np.unique(state.document["events"]).tolist() for title, _ in state.events[n]}


def _earlier(state: State, gone: Sequence[DocumentEntities]) -> dict[str, _Earlier]:
    """Document → where its mentions start → the ids that they have in the tables of before, and their texts."""
    if not gone:
        return {}
    number = {document: d for d, document in enumerate(state.documents)}
    first_person, first_body = ends(state.document["people"]), ends(state.document["bodies"])
    found = {}
    for document in gone:
        d = number[document.document_id]
        people = state.person["label"][first_person[d] : first_person[d + 1]].tolist()
        bodies = state.body["label"][first_body[d] : first_body[d + 1]].tolist()
        ids = [*(state.people[n].id for n in people), *(state.bodies[n].id for n in bodies)]
        found[document.document_id] = {
            start: (entity, text)
            for local, entity in zip(document.locals, ids, strict=True)
            for start, text in zip(local.starts, local.texts, strict=True)
        }
    return found


def _votes(earlier: _Earlier, locals_: Sequence[LocalPerson | LocalInstitution]) -> list[Mapping[str, int]]:
    """The earlier ids of each person or body of a document."""
    ids = ids_before(locals_, earlier)
    return [voted(local, ids) for local in locals_]


def _put_together(state: State, units: Units) -> None:
    """What each body is part of, as most of its documents say."""
    ids = [state.bodies[label].id for label in state.body["label"].tolist()]
    parts = wholes(ids, state.body["parent"].tolist(), units)
    for label, row in state.bodies.items():
        if row.part_of != parts.get(row.id, ""):
            state.bodies[label] = replace(row, part_of=parts.get(row.id, ""))
