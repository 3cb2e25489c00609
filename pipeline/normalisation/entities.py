"""People, institutions and events over all documents, with ids that do not depend on the order of files.

`link` takes the records that `resolve_document` makes of documents, in any order, and decides which of them speak of
one person or one body. An id is made of the entity's name; a number is added only where two entities would share one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from pipeline.normalisation.describe import (
    Institution,
    Person,
    describe_institution,
    describe_person,
    shortened,
    with_ids,
)
from pipeline.normalisation.disjoint import Disjoint
from pipeline.normalisation.institutions_across import link_institutions
from pipeline.normalisation.local import DocumentEntities, LocalInstitution, LocalPerson
from pipeline.normalisation.people_across import Candidate, Company, Decision, link_people
from pipeline.normalisation.transliteration import key, latin_slug, skeleton

__all__ = ["Entities", "Institution", "Person", "link"]


@dataclass(frozen=True, slots=True)
class Entities:
    """What all documents together suggest. `people` and `institutions` are sorted by id.

    `decisions` says for each person's id which documents' persons were joined and why.
    """

    people: list[Person]
    institutions: list[Institution]
    decisions: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _ids: dict[str, dict[int, str]] = field(default_factory=dict, repr=False)

    def entity_id(self, document_id: str, mention_index: int) -> str:
        """The id of the person, institution or event that a mention names; empty where it names none of these."""
        return self._ids.get(document_id, {}).get(mention_index, "")


def link(documents: Iterable[DocumentEntities]) -> Entities:
    """The entities of all documents; the order in which the documents come does not matter."""
    ordered = sorted(documents, key=lambda d: d.document_id)
    ids: dict[str, dict[int, str]] = {d.document_id: {} for d in ordered}
    numbers, body_sets, institutions = _institutions(ordered, ids)
    people, reasons = _people(ordered, ids, numbers, body_sets)
    _events(ordered, ids)
    return Entities(people, institutions, reasons, ids)


def _institutions(
    documents: Sequence[DocumentEntities], ids: dict[str, dict[int, str]]
) -> tuple[dict[tuple[int, int], int], Disjoint, list[Institution]]:
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
    groups = sets.groups()
    rows = with_ids(
        [describe_institution([flat[m] for m in g], *_documents(g, owners, documents)) for g in groups],
        [documents[owners[g[0]]].document_id for g in groups],
    )
    row_of = {m: number for number, group in enumerate(groups) for m in group}
    wholes: dict[int, Counter[str]] = defaultdict(Counter)
    for m, body in enumerate(flat):
        for index in body.mentions:
            ids[documents[owners[m]].document_id][index] = rows[row_of[m]].id
        if body.parent >= 0:
            whole = rows[row_of[numbers[owners[m], body.parent]]].id
            if whole != rows[row_of[m]].id:
                wholes[row_of[m]][whole] += 1
    for number, counts in wholes.items():
        rows[number] = replace(rows[number], part_of=min(counts, key=lambda w: (-counts[w], w)))
    return numbers, sets, sorted(rows, key=lambda r: r.id)


def _documents(
    group: list[int], owners: Sequence[int], documents: Sequence[DocumentEntities]
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
) -> tuple[list[Person], dict[str, tuple[str, ...]]]:
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
    groups = sets.groups()
    rows = with_ids(
        [describe_person([flat[m] for m in g], *_documents(g, owners, documents)) for g in groups],
        [documents[owners[g[0]]].document_id for g in groups],
    )
    id_of: dict[int, str] = {}
    for row, group in zip(rows, groups, strict=True):
        for m in group:
            id_of[m] = row.id
            for index in flat[m].mentions:
                ids[documents[owners[m]].document_id][index] = row.id
    reasons = _reasons(decisions, id_of, [documents[o].document_id for o in owners])
    return sorted(rows, key=lambda r: r.id), reasons


def _reasons(decisions: list[Decision], id_of: dict[int, str], documents: list[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    for d in decisions:
        reasons = ", ".join(d.reasons)
        found[id_of[d.one]].append(f"{documents[d.one]} + {documents[d.other]}: {reasons} ({d.score:.1f})")
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
