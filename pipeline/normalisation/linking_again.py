"""Linking over an archive that changed a little: the entities of all documents, from what the last linking left.

What comes out is what `link` gives for all documents and the ids of before, for which it decides again only what the
change bears on. It works where nothing was judged and no authority records were given.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, overload

import numpy as np
from msgspec.structs import replace

from pipeline.normalisation.again import changed, members
from pipeline.normalisation.columns import Candidates, OfDocuments, Units
from pipeline.normalisation.describe import Described, describe_institution, describe_person, with_ids
from pipeline.normalisation.first import columns_of
from pipeline.normalisation.identifiers import Change, ids_before, keep_voted, voted
from pipeline.normalisation.institutions_again import institutions_again
from pipeline.normalisation.kept import Ints, State, Table, ends
from pipeline.normalisation.kept_names import Rows, stem
from pipeline.normalisation.local import DocumentEntities, LocalInstitution, LocalPerson
from pipeline.normalisation.people_again import people_again
from pipeline.normalisation.pools import Asked, Looked, Places, hash_of

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
        titles = {state.titles.of(event.title) for document in (*gone, *into) for event in document.events}
        titled = state.titles.ids(titles)
        was = state.changed([d.document_id for d in gone], into)
        columns = columns_of(state)
        came = {d.document_id: d for d in into}
        new = np.array([document in came for document in state.documents], bool)
        of_person, of_body = np.array(columns.people.owner, np.int64), np.array(columns.bodies.owner, np.int64)
        people_before, bodies_before = state.person["label"], state.body["label"]
        contexts = OfDocuments(columns.bodies, columns.contexts)
        state.body["label"] = institutions_again(state, was, contexts, np.flatnonzero(new[of_body]))
        other = new.copy()
        other[of_body[bodies_before != state.body["label"]]] = True
        labelled = Candidates(columns, Looked(lambda label: f"i{label}", state.body["label"]))
        candidates = Asked(labelled.__getitem__, len(labelled))
        state.person["label"] = people_again(state, was, candidates, np.flatnonzero(other[of_person]))
        places = {d: came[state.documents[d]] for d in np.flatnonzero(new).tolist()}

        def person_votes(d: int) -> list[Mapping[str, int]]:
            return _votes(earlier.get(state.documents[d], {}), places[d].people)

        def body_votes(d: int) -> list[Mapping[str, int]]:
            return _votes(earlier.get(state.documents[d], {}), places[d].institutions)

        people = _Settling(
            state, state.person, people_before, was.person["label"][was.gone_people], columns.people,
            lambda group, *told: describe_person((columns.names[u] for u in group), *told), state.people,
        )  # fmt: skip
        bodies = _Settling(
            state, state.body, bodies_before, was.body["label"][was.gone_bodies], columns.bodies,
            lambda group, *told: describe_institution((columns.locals[u].name for u in group), *told), state.bodies,
        )  # fmt: skip
        people.settle({d: person_votes(d) for d in places})
        bodies.settle({d: body_votes(d) for d in places})
        before = _parts(was.document, was.body)
        bodies.other |= _put_together(state, before, _parts(state.document, state.body), bodies)
        self.rows = frozenset(
            rows.rows.ids[label] for rows in (people, bodies) for label in rows.other if rows.rows.ids[label]
        )
        self.changes: tuple[Change, ...] = (*people.changes, *bodies.changes)
        now = state.titles.ids(titles)
        moved = {title for title, entity in titled.items() if now.get(title, entity) != entity}
        lists = [
            n for n in (np.unique(state.document["events"]).tolist() if moved else ())
            if any(title in moved for title, _ in state.events[n])
        ]  # fmt: skip
        touched = {*people.touched, *bodies.touched, *np.flatnonzero(new).tolist()}
        touched.update(np.flatnonzero(np.isin(state.document["events"], lists)).tolist())
        self.affected = frozenset(state.documents[d] for d in touched)
        self.ids = entity_ids(state, now)


def entity_ids(state: State, titles: Mapping[int, str]) -> Callable[[str, int], str]:
    """What gives the id of the entity that a mention of a document names; empty where it names none.

    `titles` are the ids of events as far as they are known; those of all are made where another is asked for.
    """
    known = dict(titles)
    number = {document: d for d, document in enumerate(state.documents)}
    first_person, first_body, first_mention = (ends(state.document[of]) for of in ("people", "bodies", "mentions"))
    mentions, units = (array("i", state.mention[of].tobytes()) for of in ("number", "unit"))
    people, bodies, listed = state.person["label"], state.body["label"], state.document["events"]

    def event(title: int) -> str:
        if title not in known:
            known.update(state.titles.ids(range(len(state.titles))))
        return known[title]

    def entity_id(document_id: str, mention: int) -> str:
        d = number.get(document_id)
        if d is None:
            return ""
        last = int(first_mention[d + 1])
        at = bisect_left(mentions, mention, int(first_mention[d]), last)
        if at == last or mentions[at] != mention:
            those = state.events[int(listed[d])]
            return next((event(title) for title, numbers in those if mention in numbers), "")
        persons = int(first_person[d + 1] - first_person[d])
        if units[at] < persons:
            return state.people.ids[int(people[first_person[d] + units[at]])]
        return state.bodies.ids[int(bodies[first_body[d] + units[at] - persons])]

    return entity_id


class Listed(Sequence[Described]):
    """Rows sorted by id, made when they are asked for."""

    def __init__(self, rows: Rows[Described]) -> None:
        self._rows: Rows[Described] = rows
        ids = rows.ids
        self._labels = array("i", sorted((n for n, entity in enumerate(ids) if entity), key=ids.__getitem__))
        #: The ids, sorted.
        self.ids = [ids[n] for n in self._labels]

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, at: int) -> Described: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Described]: ...
    def __getitem__(self, at: int | slice) -> Described | Sequence[Described]:
        if isinstance(at, slice):
            return [self.row(entity) for entity in self.ids[at]]
        return self.row(self.ids[at])

    def __iter__(self) -> Iterator[Described]:
        return (row for row, _ in self._rows.of(self._labels))

    def row(self, entity: str) -> Described:
        """The row of an id."""
        row: Described = self._rows[self._labels[bisect_left(self.ids, entity)]][0]
        return row


@dataclass(slots=True)
class _Settling(Generic[Described]):
    """The rows of people or of bodies, to be brought up to date.

    `other` are the labels of which the row is new or another than before, `renamed` those of which the id is.
    """

    state: State
    table: Table
    before: Ints
    gone: Ints
    units: Units
    describe: Callable[[Sequence[int], Mapping[str, int], int, Iterable[str]], Described]
    rows: Rows[Described]
    changes: list[Change] = field(default_factory=list)
    touched: set[int] = field(default_factory=set)
    other: set[int] = field(default_factory=set)
    renamed: set[int] = field(default_factory=set)

    def settle(self, votes_of: Mapping[int, Sequence[Mapping[str, int]]]) -> None:
        """Describe what changed and give it ids; `votes_of` are the earlier ids in documents that came."""
        after, rows, owner = self.table["label"], self.rows, self.units.owner
        moved = changed(self.before, after, self.gone)
        groups = {label: units for label, units in members(after, moved).items() if units}
        id_before = {label: entity for label in moved if label < len(rows.ids) and (entity := rows.ids[label])}
        votes = {label: self._votes(units, id_before, votes_of) for label, units in groups.items()}
        # An earlier id is only that of rows here, or of others that did not change and keep it.
        known = set(rows.ids) - set(id_before.values()) - {""}
        known.update(entity for counts in votes.values() for entity in counts)
        for label in id_before:
            rows.pop(label)
        for label, units in groups.items():
            row = self._described(units)
            rows.put(label, row, row.id)
        first_of = {label: units[0] for label, units in groups.items()}
        order = sorted(votes, key=first_of.__getitem__)
        wished = self._wished(order)
        ids, self.changes = keep_voted([wished[n] for n in order], [votes[n] for n in order], known)
        for label, entity in zip(order, ids, strict=True):
            row, wish = rows[label]
            rows.put(label, replace(row, id=entity), wish)
        self.other = set(groups)
        self.renamed = {label for label in moved if id_before.get(label, "") != rows.ids[label]}
        again = list(self.renamed & groups.keys())
        for unit in np.flatnonzero((self.before != after) | np.isin(after, again)).tolist():
            if id_before.get(int(self.before[unit])) != rows.ids[int(after[unit])]:
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

    def _wished(self, wanted: Iterable[int]) -> dict[int, str]:
        """The ids that these rows would have without an earlier run.

        They depend on the rows alone whose wish is the same but for numbers behind it.
        """
        stems = {hash_of(stem(self.rows[label][1])) for label in wanted}
        some = np.flatnonzero(np.isin(self.rows.stems.look(), np.array(list(stems), np.uint64))).tolist()
        first = {label: units[0] for label, units in members(self.table["label"], some).items()}
        some.sort(key=first.__getitem__)
        documents = [self.state.documents[self.units.owner[first[label]]] for label in some]
        rows = (self.rows[label] for label in some)
        made = with_ids([replace(row, id=wish) for row, wish in rows], documents)
        return {label: row.id for label, row in zip(some, made, strict=True)}


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
        ids = [*(state.people.ids[n] for n in people), *(state.bodies.ids[n] for n in bodies)]
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


def _parts(documents: Table, bodies: Table) -> tuple[Places, Places]:
    """Which labels documents say to be part of which (part and, in the lower half, whole), and how often each."""
    first = np.repeat(ends(documents["bodies"])[:-1], documents["bodies"])
    said = np.flatnonzero(bodies["parent"] >= 0)
    part, whole = bodies["label"][said], bodies["label"][first[said] + bodies["parent"][said]]
    other = part != whole
    pairs, counts = np.unique(part[other].astype(np.int64) << 32 | whole[other], return_counts=True)
    return pairs, counts


def _put_together(
    state: State, before: tuple[Places, Places], now: tuple[Places, Places], bodies: _Settling[Any]
) -> set[int]:
    """Say of bodies what they are part of, as most of their documents say; the labels of those that are now of another.

    Args:
        before: what documents said before (`_parts`). now: what they say. bodies: their rows, with ids settled.
    """
    both, one, other = np.intersect1d(before[0], now[0], assume_unique=True, return_indices=True)
    told = [*np.setxor1d(before[0], now[0], assume_unique=True), *both[before[1][one] != now[1][other]]]
    wholes = np.isin(now[0] & 0xFFFFFFFF, list(bodies.renamed))
    again = bodies.other | {int(pair) >> 32 for pair in (*told, *now[0][wholes])}
    some = np.isin(now[0] >> 32, list(again))
    said: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for pair, count in zip(now[0][some].tolist(), now[1][some].tolist(), strict=True):
        said[pair >> 32].append((-count, state.bodies.ids[pair & 0xFFFFFFFF]))
    moved = set()
    for label in again:
        if label >= len(state.bodies.ids) or not state.bodies.ids[label]:
            continue
        row, wish = state.bodies[label]
        part_of = min(said[label])[1] if label in said else ""
        if row.part_of != part_of:
            state.bodies.put(label, replace(row, part_of=part_of), wish)
            moved.add(label)
    return moved
