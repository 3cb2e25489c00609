"""People, institutions and events over all documents, with ids that do not depend on the order of files.

`link` takes the records that `resolve_document` makes of documents, in any order, and decides which of them speak of
one person or one body. An id is made of the entity's name; a number is added only where two entities would share one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Generic

from pipeline.normalisation.authority import Authority, AuthorityLink
from pipeline.normalisation.comparison import compare
from pipeline.normalisation.describe import (
    Described,
    Institution,
    Person,
    describe_institution,
    describe_person,
    shortened,
    with_ids,
)
from pipeline.normalisation.disjoint import Disjoint
from pipeline.normalisation.division import divide
from pipeline.normalisation.identifiers import Change, keep_ids
from pipeline.normalisation.institutions import InstitutionName
from pipeline.normalisation.institutions_across import link_institutions
from pipeline.normalisation.institutions_within import similarity
from pipeline.normalisation.judgements import Judgement
from pipeline.normalisation.local import DocumentEntities, LocalInstitution, LocalPerson
from pipeline.normalisation.people_across import Candidate, Company, Decision, link_people
from pipeline.normalisation.person_name import Name
from pipeline.normalisation.rulings import Ruled, rule
from pipeline.normalisation.transliteration import key, latin_slug, skeleton

__all__ = ["Entities", "Given", "Institution", "Person", "link"]


@dataclass(frozen=True, slots=True)
class Given:
    """What the user brings to the linking: judgements, authority records, and the ids of an earlier run.

    `earlier` gives the id that each mention (`DOCUMENT:START`) had, for people and for institutions.
    """

    judgements: Sequence[Judgement] = ()
    authority: Authority | None = None
    earlier_people: Mapping[str, str] = field(default_factory=dict)
    earlier_institutions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entities:
    """What all documents together suggest. `people` and `institutions` are sorted by id.

    `decisions` says for each person's id which documents' persons were joined and why; `problems` which judgements
    could not be applied, in sentences; `changes` what became of ids of the earlier run.
    """

    people: list[Person]
    institutions: list[Institution]
    decisions: dict[str, tuple[str, ...]] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    _ids: dict[str, dict[int, str]] = field(default_factory=dict, repr=False)

    def entity_id(self, document_id: str, mention_index: int) -> str:
        """The id of the person, institution or event that a mention names; empty where it names none of these."""
        return self._ids.get(document_id, {}).get(mention_index, "")


def link(documents: Iterable[DocumentEntities], given: Given | None = None) -> Entities:
    """The entities of all documents; the order in which the documents come does not matter."""
    given = given or Given()
    ordered = sorted(divide(documents, given.judgements), key=lambda d: d.document_id)
    ids: dict[str, dict[int, str]] = {d.document_id: {} for d in ordered}
    numbers, body_sets, bodies, ruled_bodies = _institutions(ordered, ids, given)
    people, reasons, ruled_people, changes = _people(ordered, ids, numbers, body_sets, given)
    _events(ordered, ids)
    unknown = [j for j in given.judgements if j not in ruled_people.understood | ruled_bodies.understood]
    problems = [
        *ruled_people.problems,
        *ruled_bodies.problems,
        *(f"{j.said}: not both are there in these documents." for j in dict.fromkeys(unknown) if j.verdict != "undo"),
    ]
    return Entities(people, bodies.rows, reasons, tuple(problems), (*changes, *bodies.changes), ids)


@dataclass(frozen=True, slots=True)
class _Rows(Generic[Described]):
    """Rows with their final ids, sorted; `row_of` the id of each unit, empty for what is no entity."""

    rows: list[Described]
    row_of: dict[int, str]
    changes: list[Change]


def _final(
    groups: Sequence[Sequence[int]],
    describe: Callable[[Sequence[int]], Described],
    flat: Sequence[LocalPerson] | Sequence[LocalInstitution],
    documents: Sequence[str],
    judgements: Sequence[Judgement],
    likeness: Callable[[int, int], float],
    earlier: Mapping[str, str],
) -> tuple[_Rows[Described], Ruled]:
    """The rows of the clusters after judgements, with ids that stay. `documents[i]` is the document of unit i."""
    rows = with_ids([describe(g) for g in groups], [documents[g[0]] for g in groups])
    ids = [row.id for row in rows]
    at = [[f"{documents[m]}:{start}" for start in flat[m].starts] for m in range(len(flat))]
    ruled = Ruled([list(g) for g in groups])
    if judgements:
        wished = {entity: min(g) for entity, g in zip(ids, groups, strict=True)}
        if earlier:  # people judge by the ids that they see, which may be those of the earlier run
            ids, _ = keep_ids(ids, [[p for m in g for p in at[m]] for g in groups], earlier)
        # The ids of the evidence alone go first, so that what was judged holds whatever the earlier run made of it.
        known = {entity: min(g) for entity, g in zip(ids, groups, strict=True)} | wished
        places = {place: m for m, those in enumerate(at) for place in those}
        ruled = rule(groups, known, places, judgements, likeness)
        before = {tuple(g): (row, entity) for g, row, entity in zip(groups, rows, ids, strict=True)}
        old = {m: entity for g, entity in zip(groups, ids, strict=True) for m in g}
        rows = _renamed(ruled, describe, before, old)
    kept = [(row, g) for row, g in zip(rows, ruled.groups, strict=True) if g[0] not in ruled.dropped]
    final, changes = keep_ids([row.id for row, _ in kept], [[p for m in g for p in at[m]] for _, g in kept], earlier)
    named = []
    for entity, (row, g) in zip(final, kept, strict=True):
        name = ruled.preferred.get(g[0])
        named.append(replace(row, id=entity, name=name) if name else replace(row, id=entity))
    row_of = {m: row.id for row, (_, g) in zip(named, kept, strict=True) for m in g}
    return _Rows(named, row_of, changes), ruled


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


def _institutions(
    documents: Sequence[DocumentEntities], ids: dict[str, dict[int, str]], given: Given
) -> tuple[dict[tuple[int, int], int], Disjoint, _Rows[Institution], Ruled]:
    """Link institutions and write their ids; also the number of each document's each institution, and the sets."""
    numbers: dict[tuple[int, int], int] = {}
    flat: list[LocalInstitution] = []
    contexts: list[frozenset[str]] = []
    owners: list[int] = []
    for d, document in enumerate(documents):
        people = frozenset(_called(p) for p in document.people) - {""}
        for b, body in enumerate(document.institutions):
            numbers[d, b] = len(flat)
            flat.append(body)
            owners.append(d)
            contexts.append(people)
    sets = link_institutions(flat, contexts, [documents[o].home for o in owners])

    def describe(group: Sequence[int]) -> Institution:
        return describe_institution([flat[m] for m in group], *_documents(group, owners, documents))

    def likeness(one: int, other: int) -> float:
        score = similarity(flat[one].name, flat[other].name)
        return (score if score is not None else -5.0) + 0.5 * bool(contexts[one] & contexts[other])

    final, ruled = _final(
        sets.groups(),
        describe,
        flat,
        [documents[o].document_id for o in owners],
        given.judgements,
        likeness,
        given.earlier_institutions,
    )
    sets = Disjoint(len(flat))
    for group in ruled.groups:
        for other in group[1:]:
            sets.union(group[0], other)
    wholes: dict[str, Counter[str]] = defaultdict(Counter)
    forms: dict[str, dict[InstitutionName, None]] = defaultdict(dict)
    for m, body in enumerate(flat):
        entity = final.row_of.get(m, "")
        if not entity:
            continue
        forms[entity].update(dict.fromkeys(body.names))
        for index in body.mentions:
            ids[documents[owners[m]].document_id][index] = entity
        if body.parent >= 0:
            whole = final.row_of.get(numbers[owners[m], body.parent], "")
            if whole and whole != entity:
                wholes[entity][whole] += 1
    rows = []
    for row in final.rows:
        counts = wholes.get(row.id)
        if counts:
            row = replace(row, part_of=min(counts, key=lambda w: (-counts[w], w)))
        if given.authority is not None:
            row = _with_authority(row, given.authority.institution(list(forms[row.id])))
        rows.append(row)
    return numbers, sets, _Rows(sorted(rows, key=lambda r: r.id), final.row_of, final.changes), ruled


def _documents(
    group: Sequence[int], owners: Sequence[int], documents: Sequence[DocumentEntities]
) -> tuple[list[str], list[str]]:
    """The ids and dates of the documents that a group's members stand in."""
    return [documents[owners[m]].document_id for m in group], [documents[owners[m]].date for m in group]


def _called(person: LocalPerson) -> str:
    """A key under which documents meet that name the same people: family name and first initial."""
    name = person.name
    return f"{skeleton(name.family)}:{key(name.initials[0])}" if name.family and name.initials else ""


def _people(
    documents: Sequence[DocumentEntities],
    ids: dict[str, dict[int, str]],
    numbers: dict[tuple[int, int], int],
    body_sets: Disjoint,
    given: Given,
) -> tuple[list[Person], dict[str, tuple[str, ...]], Ruled, list[Change]]:
    """Link people and write their ids; also the reasons for each person's links."""
    flat: list[LocalPerson] = []
    owners: list[int] = []
    candidates: list[Candidate] = []
    for d, document in enumerate(documents):
        around = [_called(p) for p in document.people]
        bodies = [f"i{body_sets.find(numbers[d, b])}" for b in range(len(document.institutions))]
        everyone, everything = frozenset(around) - {""}, frozenset(bodies)
        for called, person in zip(around, document.people, strict=True):
            flat.append(person)
            owners.append(d)
            employers = frozenset(bodies[b] for b in person.institutions)
            company = Company(employers, frozenset(person.roles), everyone - {called}, everything)
            candidates.append(Candidate(person.name, document.document_id, company, person.readings))
    sets, decisions = link_people(candidates)

    def describe(group: Sequence[int]) -> Person:
        return describe_person([flat[m] for m in group], *_documents(group, owners, documents))

    def likeness(one: int, other: int) -> float:
        match = compare(flat[one].name, flat[other].name)
        a, b = candidates[one].company, candidates[other].company
        shared = bool(a.affiliations & b.affiliations) + bool(a.roles & b.roles) + bool(a.people & b.people)
        return (match.score if match else -5.0) + shared

    names = [documents[o].document_id for o in owners]
    final, ruled = _final(sets.groups(), describe, flat, names, given.judgements, likeness, given.earlier_people)
    forms: dict[str, dict[Name, None]] = defaultdict(dict)
    for m, person in enumerate(flat):
        entity = final.row_of.get(m, "")
        forms[entity].setdefault(person.name)
        for index in person.mentions:
            ids[names[m]][index] = entity
    rows = final.rows
    if given.authority is not None:
        rows = [_with_authority(r, given.authority.person(list(forms[r.id]), r.last_date)) for r in rows]
    reasons = _reasons(decisions, final.row_of, names)
    return sorted(rows, key=lambda r: r.id), reasons, ruled, final.changes


def _reasons(decisions: list[Decision], id_of: dict[int, str], documents: list[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    for d in decisions:
        reasons = ", ".join(d.reasons)
        found[id_of.get(d.other, "")].append(f"{documents[d.one]} + {documents[d.other]}: {reasons} ({d.score:.1f})")
    return {person: tuple(sorted(each)) for person, each in found.items()}


def _events(documents: Sequence[DocumentEntities], ids: dict[str, dict[int, str]]) -> None:
    """Write the ids of events: the slug of the title, with a number where other titles came to the same slug."""
    titles: dict[str, set[str]] = defaultdict(set)
    for document in documents:
        for event in document.events:
            titles[_slug(event.title)].add(key(event.title))
    for document in documents:
        for event in document.events:
            slug = _slug(event.title)
            number = sorted(titles[slug]).index(key(event.title)) if len(titles[slug]) > 1 else 0
            for index in event.mentions:
                ids[document.document_id][index] = f"{slug}-{number + 1}" if number else slug


def _slug(title: str) -> str:
    return shortened(latin_slug(title)) or "event"
