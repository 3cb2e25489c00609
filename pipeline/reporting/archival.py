"""What an authority record tells of a person or an institution, gathered from the tables of an output."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.normalisation.dates import ends
from pipeline.tables import BY_NAME
from pipeline.tables.formats import Record, documents, records

#: A date that begins with its year can be put in order.
_ORDERED = re.compile(r"\d{4}")


@dataclass(slots=True)
class Told:
    """What several documents say in the same words: first and last date (EDTF, may be empty), and which documents."""

    first: str = ""
    last: str = ""
    documents: list[str] = field(default_factory=list)

    def add(self, document: str, date: str | None) -> None:
        """A document says it. Documents come in order, so that one that says it twice does so in a row."""
        if not self.documents or self.documents[-1] != document:
            self.documents.append(document)
        if date and _ORDERED.match(date):
            first, last = ends(date)
            self.first = min(self.first or first, first)
            self.last = max(self.last, last)


@dataclass(frozen=True, slots=True)
class Source:
    """A document that names the entity; `spans` are the places of its mentions in the raw text."""

    document_id: str
    title: str
    date: str
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Occupation:
    """A role that documents give a person, in one wording; `kind` is post, degree, honour or profession."""

    role: str
    kind: str
    institution: str
    told: Told


@dataclass(frozen=True, slots=True)
class Relation:
    """A tie to another entity or to a talk.

    `target` is `person`, `institution` or `report`; `kind` is `associative`, `parent`, `child` or `speaker`. The id is
    empty for a talk; `note` says what the tie is.
    """

    target: str
    target_id: str
    name: str
    kind: str
    note: str
    told: Told


@dataclass(frozen=True, slots=True)
class AuthorityRecord:
    """A person or an institution. `parts` are the parts of a person's name with what they are."""

    entity_id: str
    person: bool
    name: str
    parts: tuple[tuple[str, str], ...]
    variants: tuple[str, ...]
    kind: str
    place: str
    named_after: str
    authority_id: str
    first: str
    last: str
    sources: tuple[Source, ...]
    occupations: tuple[Occupation, ...]
    relations: tuple[Relation, ...]


def authority_records(out: Path) -> Iterator[AuthorityRecord]:
    """The people, then the institutions of an output, each sorted by id."""
    facts = _Facts(out)
    for row in records(out, BY_NAME["people"]):
        parts = [("surname", row["family_name"]), ("forename", row["given_name"]), ("patronymic", row["patronymic"])]
        yield facts.record(row, row["person_id"], tuple((k, v) for k, v in parts if v) if row["family_name"] else ())
    for row in records(out, BY_NAME["institutions"]):
        yield facts.record(row, row["institution_id"])


class _Facts:
    """Everything that documents tell, by the entity of which they tell it."""

    def __init__(self, out: Path) -> None:
        self.people = {row["person_id"]: row["name"] or row["person_id"] for row in records(out, BY_NAME["people"])}
        self.places: dict[str, str] = {}
        self.parents: dict[str, str] = {}
        self.children: dict[str, list[str]] = defaultdict(list)
        for row in records(out, BY_NAME["institutions"]):
            self.places[row["institution_id"]] = row["name"] or row["institution_id"]
            if row["part_of"]:
                self.parents[row["institution_id"]] = row["part_of"]
                self.children[row["part_of"]].append(row["institution_id"])
        self.roles = {row["role_id"]: row for row in records(out, BY_NAME["roles"])}
        self.documents: dict[str, tuple[str, str]] = {}
        # A person and an institution may have the same id.
        self.spans: dict[tuple[bool, str], dict[str, list[tuple[int, int]]]] = defaultdict(dict)
        self.held: dict[str, dict[tuple[str, str, str], Told]] = defaultdict(lambda: defaultdict(Told))
        self.ties: dict[tuple[bool, str], dict[tuple[str, str], Told]] = defaultdict(lambda: defaultdict(Told))
        self.talks: dict[str, dict[str, Told]] = defaultdict(lambda: defaultdict(Told))
        for document in documents(out):
            self._take(document)

    def _take(self, document: Record) -> None:
        name = document["document_id"]
        self.documents[name] = (document["title"] or "", document["date"] or "")
        for m in document["mentions"]:
            if m["label"] in ("PERSON", "INSTITUTION") and m["entity_id"]:
                found = self.spans[m["label"] == "PERSON", m["entity_id"]].setdefault(name, [])
                found.append((m["start"], m["end"]))
        for a in document["affiliations"]:
            person, place = a["person_id"], a["institution_id"] or ""
            if not person or not a["role"]:
                continue
            known = self.roles.get(a["role_id"], {})
            role = " ".join((known.get("role") or a["role"]).split())
            self.held[person][role, known.get("kind") or "post", place].add(name, a["date"])
            if place:
                self.ties[True, person][place, role].add(name, a["date"])
                self.ties[False, place][person, role].add(name, a["date"])
        for r in document["reports"]:
            if r["person_id"] and r["title"]:
                self.talks[r["person_id"]][" ".join(r["title"].split())].add(name, r["date"] or document["date"])

    def record(self, row: Record, entity: str, parts: tuple[tuple[str, str], ...] = ()) -> AuthorityRecord:
        person = "person_id" in row
        held = self.held.get(entity, {}) if person else {}
        return AuthorityRecord(
            entity, person, row["name"] or entity, parts,
            tuple(v for v in row["variants"] if v != row["name"]),
            row.get("kind") or "", row.get("place") or "", row.get("named_after") or "", row["authority_id"] or "",
            row["first_date"] or "", row["last_date"] or "",
            tuple(
                Source(d, *self.documents[d], tuple(spans))
                for d, spans in sorted(self.spans.get((person, entity), {}).items())
            ),
            tuple(Occupation(r, k, self.places.get(p, ""), told) for (r, k, p), told in sorted(held.items(), key=_key)),
            tuple(self._relations(entity, person)),
        )  # fmt: skip

    def _relations(self, entity: str, person: bool) -> Iterator[Relation]:
        names, target = (self.places, "institution") if person else (self.people, "person")
        for (other, role), told in sorted(self.ties.get((person, entity), {}).items(), key=_key):
            if other in names:
                yield Relation(target, other, names[other], "associative", role, told)
        if person:
            for title, told in sorted(self.talks.get(entity, {}).items(), key=_key):
                yield Relation("report", "", title, "speaker", "talk", told)
            return
        if (parent := self.parents.get(entity, "")) in self.places:
            yield Relation("institution", parent, self.places[parent], "parent", "part of", Told())
        for child in sorted(self.children.get(entity, ())):
            yield Relation("institution", child, self.places[child], "child", "has part", Told())


def _key(item: tuple[tuple[str, ...] | str, Told]) -> tuple[bool, str, tuple[str, ...] | str]:
    return not item[1].first, item[1].first, item[0]  # by date, what has none at the end
