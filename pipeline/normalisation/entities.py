"""People, institutions and events over all documents, with ids that do not depend on the order of files.

`link` takes the records that `resolve_document` makes of documents, in any order, and decides which of them speak of
one person or one body. An id is made of the entity's name; a number is added only where two entities would share one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic

from msgspec.structs import replace

from pipeline.normalisation.apart import Apart, Elsewhere
from pipeline.normalisation.authority import Authority, AuthorityLink
from pipeline.normalisation.columns import (
    Candidates,
    Columns,
    Earlier,
    OfDocuments,
    Units,
    numbered,
    texts_of,
    votes_of,
    wholes,
)
from pipeline.normalisation.comparison import compare
from pipeline.normalisation.describe import (
    Described,
    Institution,
    Person,
    describe_institution,
    describe_person,
    with_ids,
)
from pipeline.normalisation.disjoint import Groups
from pipeline.normalisation.division import Divided
from pipeline.normalisation.events import event_ids
from pipeline.normalisation.first import bodies_at_hand, first_state, names_at_hand
from pipeline.normalisation.first import texts_of as written
from pipeline.normalisation.identifiers import Change, keep_voted
from pipeline.normalisation.institutions import InstitutionName
from pipeline.normalisation.institutions_across import link_institutions
from pipeline.normalisation.institutions_within import similarity
from pipeline.normalisation.judgements import Judgement
from pipeline.normalisation.keeping import Keeper
from pipeline.normalisation.kept import State
from pipeline.normalisation.linking_again import Again, Listed, entity_ids
from pipeline.normalisation.local import DocumentEntities, LocalInstitution, Stream
from pipeline.normalisation.people_across import Decision, link_people
from pipeline.normalisation.person_name import Name
from pipeline.normalisation.pools import Looked
from pipeline.normalisation.rulings import Ruled, rule

__all__ = ["Entities", "Given", "Institution", "Person", "link", "link_again"]


@dataclass(frozen=True, slots=True)
class Given:
    """What the user brings to the linking: judgements, authority records, and the ids of an earlier run.

    `earlier_people` and `earlier_institutions` give the id that each mention (`DOCUMENT:START`) had; or else `earlier`
    makes what gives them document by document, in the order of documents.
    """

    judgements: Sequence[Judgement] = ()
    authority: Authority | None = None
    earlier_people: Mapping[str, str] = field(default_factory=dict)
    earlier_institutions: Mapping[str, str] = field(default_factory=dict)
    earlier: Callable[[], Earlier] | None = None

    def ids(self) -> Earlier:
        """What gives the earlier ids of a document's mentions."""
        if self.earlier is not None:
            return self.earlier()
        if not self.earlier_people and not self.earlier_institutions:
            return lambda document: ({}, {})

        def of(document: DocumentEntities) -> tuple[dict[int, str], dict[int, str]]:
            people, bodies = (
                {s: ids[place] for u in units for s in u.starts if (place := f"{document.document_id}:{s}") in ids}
                for units, ids in (
                    (document.people, self.earlier_people),
                    (document.institutions, self.earlier_institutions),
                )
            )
            return people, bodies

        return of


@dataclass(frozen=True, slots=True)
class Entities:
    """What all documents together suggest. `people` and `institutions` are sorted by id.

    `decisions` says for each person's id which documents' persons were joined and why; `problems` which judgements
    could not be applied, in sentences; `changes` what became of ids of the earlier run. `state` is what the next
    linking can go on from; `affected` are the documents in which ids may be others than before, None where any may,
    and `other_rows` the ids of people and institutions whose rows may be.
    """

    people: Sequence[Person]
    institutions: Sequence[Institution]
    decisions: dict[str, tuple[str, ...]] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    _ids: Callable[[str, int], str] = field(default=lambda document_id, mention: "", repr=False, compare=False)
    state: State | None = field(default=None, repr=False, compare=False)
    affected: frozenset[str] | None = field(default=None, repr=False, compare=False)
    other_rows: frozenset[str] | None = field(default=None, repr=False, compare=False)

    def entity_id(self, document_id: str, mention_index: int) -> str:
        """The id of the person, institution or event that a mention names; empty where it names none of these."""
        return self._ids(document_id, mention_index)


def link(
    documents: Iterable[DocumentEntities], given: Given | None = None, *, reasons: bool = True, keep: bool = False,
    elsewhere: Elsewhere | None = None,
) -> Entities:  # fmt: skip
    """The entities of all documents; the order in which the documents come does not matter.

    Args:
        documents: the records; as a `Stream` they are read several times and not held.
        given: what the user brings.
        reasons: whether `decisions` are wanted, which take time and memory.
        keep: whether the next linking is to go on from this one (`link_again`), where it can.
        elsewhere: has parts of the work done by other processes, where no reasons are wanted.
    """
    given = given or Given()
    ordered = documents if isinstance(documents, Stream) else sorted(documents, key=lambda d: d.document_id)
    keep = keep and not given.judgements and given.authority is None
    apart = Apart(elsewhere) if elsewhere and not reasons else None
    return _Linking(Divided(ordered, given.judgements), given, keep).done(reasons, apart)


def link_again(state: State, gone: Sequence[DocumentEntities], into: Sequence[DocumentEntities]) -> Entities:
    """The entities of all documents after a few of them changed: those that `link` gives, ids of before being kept.

    Args:
        state: what the last linking left; it is brought up to date. Neither it nor this one knows of judgements.
        gone: documents that went or changed, as they were. into: those that came or changed, as they are.
    """
    again = Again(state, gone, into)
    people, bodies = Listed(state.people), Listed(state.bodies)
    left = state if state.exact else None
    return Entities(people, bodies, {}, (), again.changes, again.ids, left, again.affected, again.rows)


@dataclass(frozen=True, slots=True)
class _Rows(Generic[Described]):
    """Rows with their final ids, in the order of their groups; `row_of` the id of each unit, empty for what is none."""

    rows: list[Described]
    row_of: list[str]
    changes: list[Change]
    ruled: Ruled


class _Linking:
    """One linking of all documents."""

    def __init__(self, documents: Divided, given: Given, keep: bool) -> None:
        wanted = {place for j in given.judgements for place in (j.one, j.other, j.one_at, j.other_at) if ":" in place}
        self._documents, self._given = documents, given
        first = first_state(documents, given.ids()) if keep else None
        self._keeper = Keeper(first[0]) if first else None
        self._columns = first[1] if first else Columns(documents, given.ids(), wanted)

    def done(self, reasons: bool, apart: Apart | None) -> Entities:
        """The entities; with `apart` a part of the work is done elsewhere."""
        columns = self._columns
        contexts = OfDocuments(columns.bodies, columns.contexts)
        homes = OfDocuments(columns.bodies, columns.homes)
        keeper = self._keeper
        state = keeper.state if keeper else None
        tied = keeper.tied.append if keeper else None
        equal = Groups(state.node_of.look()[state.body["named"]]) if state else None
        with bodies_at_hand(state, columns):
            sets = link_institutions(columns.locals, contexts, homes, tied, apart, equal)
        groups: Sequence[Sequence[int]] = sets.groups()
        del sets, equal
        bodies: _Rows[Institution] | None = None
        if self._given.judgements:  # they come before the people, who are known by the bodies they belong to
            bodies = self._bodies(groups, texts_of(self._documents, [(False, groups)])[0])
            groups = bodies.ruled.groups
        labels = [""] * len(columns.bodies)
        for n, group in enumerate(groups):
            label = f"i{n}"
            for unit in group:
                labels[unit] = label
        candidates = Candidates(columns, labels)
        told = keeper.kin if keeper else None
        with names_at_hand(state, columns):
            people_sets, decisions = link_people(candidates, reasons=reasons, told=told, apart=apart)
        people_groups = people_sets.groups()
        del people_sets
        if state and keeper and isinstance(groups, Groups):
            return self._kept(keeper, people_groups, groups, decisions if reasons else ())
        wanted: list[tuple[bool, Sequence[Sequence[int]]]] = [(True, people_groups)]
        texts = texts_of(self._documents, wanted if bodies else [*wanted, (False, groups)])
        people = self._people(people_groups, texts[0], candidates)
        if bodies is None:
            bodies = self._bodies(groups, texts[1])
        rows, body_rows = self._with_authority(people, bodies)
        understood = people.ruled.understood | bodies.ruled.understood
        unknown = dict.fromkeys(j for j in self._given.judgements if j not in understood and j.verdict != "undo")
        problems = (
            *people.ruled.problems,
            *bodies.ruled.problems,
            *(f"{j.said}: not both are there in these documents." for j in unknown),
        )
        why = _reasons(decisions, people.row_of, OfDocuments(columns.people, columns.documents)) if reasons else {}
        changes = (*people.changes, *bodies.changes)
        rows, body_rows = sorted(rows, key=_by_id), sorted(body_rows, key=_by_id)
        events = self._events()
        body_of, person_of = bodies.row_of, people.row_of

        def entity_id(document_id: str, mention: int) -> str:
            d = columns.number.get(document_id)
            if d is None:
                return ""
            unit = columns.unit(d, mention)
            if unit is None:
                return next((events[title] for title, at in columns.events[d] if mention in at), "")
            return person_of[unit[1]] if unit[0] else body_of[unit[1]]

        return Entities(rows, body_rows, why, problems, changes, entity_id)

    def _kept(self, keeper: Keeper, people: Groups, bodies: Groups, decisions: Sequence[Decision]) -> Entities:
        """The entities from what is kept, in which rows are put one by one."""
        columns, state = self._columns, keeper.state
        state.forget()
        keeper.put(people, bodies)
        described = (
            map(self._person, people, written(state, state.person, people)),
            map(self._body, bodies, written(state, state.body, bodies)),
        )
        changes = keeper.describe(described, (people, bodies), columns)
        id_of = Looked(state.people.ids.__getitem__, state.person["label"])
        why = _reasons(decisions, id_of, OfDocuments(columns.people, columns.documents))
        return Entities(Listed(state.people), Listed(state.bodies), why, (), changes, entity_ids(state, {}), state)

    def _person(self, group: Sequence[int], counts: Mapping[str, int]) -> Person:
        names = (self._columns.names[u] for u in group)
        return describe_person(names, counts, *self._spread(self._columns.people, group))

    def _body(self, group: Sequence[int], counts: Mapping[str, int]) -> Institution:
        names = (self._columns.locals[u].name for u in group)
        return describe_institution(names, counts, *self._spread(self._columns.bodies, group))

    def _people(
        self, groups: Sequence[Sequence[int]], texts: Iterable[Mapping[str, int]], candidates: Candidates
    ) -> _Rows[Person]:
        columns = self._columns

        def likeness(one: int, other: int) -> float:
            match = compare(columns.names[one], columns.names[other])
            a, b = candidates[one].company, candidates[other].company
            shared = bool(a.affiliations & b.affiliations) + bool(a.roles & b.roles) + bool(a.people & b.people)
            return (match.score if match else -5.0) + shared

        return self._final(True, groups, texts, self._person, likeness)

    def _bodies(self, groups: Sequence[Sequence[int]], texts: Iterable[Mapping[str, int]]) -> _Rows[Institution]:
        columns = self._columns
        contexts = OfDocuments(columns.bodies, columns.contexts)

        def likeness(one: int, other: int) -> float:
            score = similarity(columns.locals[one].name, columns.locals[other].name)
            return (score if score is not None else -5.0) + 0.5 * bool(contexts[one] & contexts[other])

        final = self._final(False, groups, texts, self._body, likeness)
        parts = wholes(final.row_of, columns.parents, columns.bodies)
        for n, row in enumerate(final.rows):
            if row.id in parts:
                final.rows[n] = replace(row, part_of=parts[row.id])
        return final

    def _spread(self, units: Units, group: Sequence[int]) -> tuple[int, set[str]]:
        """In how many documents the members of a group stand, and of what dates these are."""
        documents = {units.owner[u] for u in group}
        return len(documents), {self._columns.dates[d] for d in documents}

    def _final(
        self,
        is_people: bool,
        groups: Sequence[Sequence[int]],
        texts: Iterable[Mapping[str, int]],
        describe: Callable[[Sequence[int], Mapping[str, int]], Described],
        likeness: Callable[[int, int], float],
    ) -> _Rows[Described]:
        """The rows of the groups after judgements, with ids that stay."""
        columns, judgements = self._columns, self._given.judgements
        units = columns.people if is_people else columns.bodies
        known = {entity for before in units.before for entity, _ in before}
        described = [describe(g, counts) for g, counts in zip(groups, texts, strict=True)]
        rows = with_ids(described, [columns.documents[units.owner[g[0]]] for g in groups])
        del described
        ruled = Ruled([list(g) for g in groups])
        if judgements:
            ids = [row.id for row in rows]
            wished = {entity: min(g) for entity, g in zip(ids, groups, strict=True)}
            if known:  # people judge by the ids that they see, which may be those of the earlier run
                ids, _ = keep_voted(ids, [votes_of(g, units.before) for g in groups], known)
            # The ids of the evidence alone go first: what was judged holds whatever the earlier run made of it.
            unit_of = {entity: min(g) for entity, g in zip(ids, groups, strict=True)} | wished
            ruled = rule(groups, unit_of, units.places, judgements, likeness)
            before = {tuple(g): (row, entity) for g, row, entity in zip(groups, rows, ids, strict=True)}
            old = {m: entity for g, entity in zip(groups, ids, strict=True) for m in g}
            changed = [g for g in ruled.groups if tuple(g) not in before]
            told = iter(texts_of(self._documents, [(is_people, changed)])[0])
            rows = _renamed(ruled, lambda group: describe(group, next(told)), before, old)
        kept = [(row, g) for row, g in zip(rows, ruled.groups, strict=True) if g[0] not in ruled.dropped]
        del rows
        final, changes = keep_voted([row.id for row, _ in kept], [votes_of(g, units.before) for _, g in kept], known)
        named = []
        row_of = [""] * len(units)
        for entity, (row, g) in zip(final, kept, strict=True):
            name = ruled.preferred.get(g[0])
            if name or entity != row.id:
                row = replace(row, id=entity, name=name or row.name)
            named.append(row)
            for unit in g:
                row_of[unit] = entity
        return _Rows(named, row_of, changes, ruled)

    def _with_authority(
        self, people: _Rows[Person], bodies: _Rows[Institution]
    ) -> tuple[list[Person], list[Institution]]:
        """The rows with the authority records that they are linked to."""
        authority = self._given.authority
        if authority is None:
            return people.rows, bodies.rows
        forms: dict[str, dict[InstitutionName, None]] = defaultdict(dict)
        for unit, is_person, local in numbered(self._documents):
            if not is_person and isinstance(local, LocalInstitution):
                forms[bodies.row_of[unit]].update(dict.fromkeys(local.names))
        names: dict[str, dict[Name, None]] = defaultdict(dict)
        for unit, entity in enumerate(people.row_of):
            names[entity].setdefault(self._columns.names[unit])
        return (
            [_with_authority(r, authority.person(list(names[r.id]), r.last_date)) for r in people.rows],
            [_with_authority(r, authority.institution(list(forms[r.id]))) for r in bodies.rows],
        )

    def _events(self) -> dict[str, str]:
        """Title → id."""
        return event_ids(title for events in self._columns.events for title, _ in events)


def _by_id(row: Person | Institution) -> str:
    return row.id


def _renamed(
    ruled: Ruled,
    describe: Callable[[Sequence[int]], Described],
    before: Mapping[tuple[int, ...], tuple[Described, str]],
    old: Mapping[int, str],
) -> list[Described]:
    """The rows after judgements: what they left alone keeps its id, so does the fullest part of what they joined."""
    rows: list[Described] = []
    taken: set[str] = set()
    for group in ruled.groups:
        if tuple(group) in before:
            row, entity = before[tuple(group)]
            row = replace(row, id=entity)
            taken.add(entity)
        else:
            row = describe(group)
        rows.append(row)
    everything = set(old.values())
    for number, group in enumerate(ruled.groups):
        if tuple(group) in before:
            continue
        wish = rows[number].id
        parts = sorted({old[m] for m in group} - taken, key=lambda i: (i != wish, len(i), i))
        found, count = (parts[0] if parts else wish), 2
        while found in taken or (not parts and found in everything):
            found, count = f"{wish}-{count}", count + 1
        taken.add(found)
        rows[number] = replace(rows[number], id=found)
    return rows


def _with_authority(row: Described, found: AuthorityLink | None) -> Described:
    if found is None:
        return row
    return replace(row, authority_id=found.identifier, authority_score=found.score, authority_reason=found.reason)


def _reasons(
    decisions: Sequence[Decision], id_of: Sequence[str], documents: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    for d in decisions:
        reasons = ", ".join(d.reasons)
        found[id_of[d.other]].append(f"{documents[d.one]} + {documents[d.other]}: {reasons} ({d.score:.1f})")
    return {person: tuple(sorted(each)) for person, each in found.items()}
