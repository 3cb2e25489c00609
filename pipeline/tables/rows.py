"""Builds rows from (Source, Extraction, Entities), in two steps, because ids are known only after the last document.

`draft` turns one document into rows in which every reference to an entity is the number of a mention; a draft is plain
JSON, so that it can wait on disk. `finish` puts in the ids, and `entity_rows` and the like list the entities.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from operator import itemgetter
from typing import Any, Protocol

from pipeline.cleaning.anatomy import anatomy
from pipeline.normalisation.dates import completed
from pipeline.normalisation.roles import rank
from pipeline.normalisation.written import plain_spaces
from pipeline.records import Extraction, Mention, Section, Source
from pipeline.tables.declare import BY_NAME, DOCUMENTS, Table
from pipeline.tables.write import Cell

#: The tables whose rows come from single documents.
OF_DOCUMENTS = ("documents", "mentions", "affiliations", "reports", "events", "sections")
#: The columns in which a draft holds the number of a mention, and which `finish` turns into an id.
REFERENCES = {
    "mentions": ("entity_id",),
    "affiliations": ("person_id", "institution_id"),
    "reports": ("person_id", "institution_id", "event_id"),
    "events": ("event_id",),
}
#: The same by the numbers of the columns, and the columns by which the rows of a table are sorted.
_REFERENCES = tuple((name, tuple(map(BY_NAME[name].position, columns))) for name, columns in REFERENCES.items())
_SORTED = tuple((name, itemgetter(*map(BY_NAME[name].position, BY_NAME[name].key))) for name in OF_DOCUMENTS)
_LABEL, _ENTITY = (BY_NAME["mentions"].position(name) for name in ("label", "entity_id"))
_COUNTED = ((DOCUMENTS.position("people"), "PERSON"), (DOCUMENTS.position("institutions"), "INSTITUTION"))
_SPEAKER = tuple(map(BY_NAME["reports"].position, ("report_id", "speaker", "person_id", "confidence")))
#: The labels whose mentions have an entity across documents.
_ENTITIES = frozenset({"PERSON", "INSTITUTION", "EVENT"})

#: Plain JSON: {"document_id", "mentions": [[cell, …], …], …, "roles": [[id, label, kind], …]}.
Draft = dict[str, Any]


class RoleLike(Protocol):
    """A role in our wording."""

    @property
    def role_id(self) -> str:
        """Its id."""

    @property
    def label(self) -> str:
        """Its English label."""

    @property
    def kind(self) -> str:
        """Post, degree, honour or profession."""


class EntitiesLike(Protocol):
    """What the linking of all documents gives."""

    @property
    def people(self) -> Iterable[Any]:
        """Records with the fields of the table people."""

    @property
    def institutions(self) -> Iterable[Any]:
        """Records with the fields of the table institutions."""

    def entity_id(self, document_id: str, mention_index: int) -> str:
        """The id of the entity that a mention means, empty where there is none."""


class Naming(Protocol):
    """What the rows ask of the normalisation."""

    def normalised(self, mention: Mention, language: str) -> str:
        """The wording of a mention for the column `normalised`."""

    def role(self, text: str, language: str) -> RoleLike:
        """The role that a text names."""

    def date(self, extraction: Extraction, source_date: str) -> str:
        """The date of a document, empty where it gives none; `source_date` is the one that its format gives."""


def draft(
    source: Source, extraction: Extraction, naming: Naming, *, seen: Extraction | None = None,
    masked: Mapping[str, int] | None = None,
) -> Draft:  # fmt: skip
    """The rows of one document that was read, references as numbers of mentions.

    Args:
        source: where it comes from.
        extraction: what it says, as it is to be shown.
        naming: the normalisation.
        seen: what it says before anything was masked, in which its date and its parts are found.
        masked: how many contacts of each kind were masked, None where none were looked for.
    """
    seen = seen or extraction
    document, mentions, language = source.document_id, extraction.mentions, extraction.language
    date = naming.date(seen, source.source_date)
    normalised = [m.normalised or naming.normalised(m, m.language or language) for m in mentions]
    roles = {i: naming.role(m.text, m.language or language) for i, m in enumerate(mentions) if m.label == "ROLE"}

    def target(index: int, mention: Mention) -> Cell:
        if mention.label == "ROLE":
            return roles[index].role_id
        return index if mention.label in _ENTITIES else None

    sections = parts(seen)
    title = headline(extraction.raw, sections)
    breaks = [i for i, c in enumerate(extraction.raw) if c == "\f"] if "\f" in extraction.raw else []

    def page(start: int) -> int | None:
        return bisect_right(breaks, start) + 1 if breaks else None

    affiliations = sorted(
        extraction.affiliations,
        key=lambda a: (a.start, a.end, a.person, a.role, -1 if a.institution is None else a.institution),
    )
    events = sorted(extraction.events, key=lambda e: (mentions[e.title].start, e.title))
    return {
        "document_id": document,
        "documents": [_document(source, language, title, date, len(extraction.raw), len(mentions), masked)],
        "mentions": [
            [document, _mention(i), m.label, m.start, m.end, m.text, normalised[i], target(i, m), m.confidence,
             page(m.start)]
            for i, m in enumerate(mentions)
        ],
        "affiliations": [
            [
                document, f"a{number:05d}", a.person, mentions[a.person].text, mentions[a.role].text,
                roles[a.role].role_id if a.role in roles else None,
                a.institution, None if a.institution is None else mentions[a.institution].text,
                date, a.start, a.end, a.confidence,
                _mention(a.person), _mention(a.role), _mention(a.institution),
            ]
            for number, a in enumerate(affiliations, 1)
        ],
        "reports": list(_reports(document, extraction, normalised, date)),
        "events": [
            [
                document, e.title, mentions[e.title].text, e.kind,
                None if e.date is None else completed(normalised[e.date], date),
                None if e.place is None else mentions[e.place].text,
                mentions[e.title].start, mentions[e.title].end, e.confidence,
            ]
            for e in events
        ],
        "sections": [
            [document, f"s{number:05d}", s.kind, s.start, s.end,
             "" if s.kind == "body" else extraction.raw[s.start : s.end], s.reason]
            for number, s in enumerate(sections, 1)
        ],
        "roles": [[r.role_id, r.label, r.kind] for r in roles.values() if r.role_id],
        "masked": dict(masked or {}),
    }  # fmt: skip


def parts(extraction: Extraction) -> tuple[Section, ...]:
    """The parts of the release. A line that is nothing but a name or a date heads nothing."""
    names: list[tuple[int, int]] = []
    where = -1
    for m in extraction.mentions:
        if m.label in ("DATE", "PLACE", "INSTITUTION"):
            # An institution, its place and a date often share a line.
            near = where >= 0 and extraction.raw[where : m.start].strip(" ,.()") == ""
            names.append((names.pop()[0] if near else m.start, m.end))
            where = m.end
        elif m.label == "PERSON":
            names.append((m.start, m.end))
            where = -1
    return anatomy(extraction.raw, extraction.furniture, names)


def headline(raw: str, sections: Iterable[Section]) -> str:
    """The headline on one line; empty where there is none."""
    return next((plain_spaces(raw[s.start : s.end]) for s in sections if s.kind == "headline"), "")


def draft_without_text(
    source: Source, language: str, characters: int | None = None, masked: Mapping[str, int] | None = None
) -> Draft:
    """The rows of a document that is empty or failed: the one in documents."""
    return {
        "document_id": source.document_id,
        "documents": [_document(source, language if source.status == "empty" else "", "", "", characters, 0, masked)],
        **{name: [] for name in (*OF_DOCUMENTS[1:], "roles")},
        "masked": dict(masked or {}),
    }


def ids_of(made: Draft, entities: EntitiesLike) -> dict[int, str]:
    """The ids of the mentions of a draft that have an entity, by number in their order."""
    numbers = {
        row[place] for name, places in _REFERENCES for row in made[name] for place in places
        if isinstance(row[place], int)
    }  # fmt: skip
    return {number: entities.entity_id(made["document_id"], number) for number in sorted(numbers)}


def finish(made: Draft, ids: Mapping[int, str]) -> Draft:
    """Put the ids into a draft, and count the people and institutions of its document. Changes and returns it.

    Args:
        made: the draft. ids: those of its mentions (`ids_of`).
    """
    for name, places in _REFERENCES:
        for row in made[name]:
            for place in places:
                if isinstance(row[place], int):
                    row[place] = ids[row[place]]
    made["reports"] = _one_row_a_speaker(made["reports"])
    for place, label in _COUNTED:
        found = {row[_ENTITY] for row in made["mentions"] if row[_LABEL] == label and row[_ENTITY]}
        made["documents"][0][place] = len(found)
    # An event may share its place with another wording; its id decides the order, as the key of the table says.
    for name, key in _SORTED:
        made[name].sort(key=key)
    return made


def _one_row_a_speaker(rows: list[list[Cell]]) -> list[list[Cell]]:
    """The rows of reports, a speaker who stands there under two wordings once: by the surer of them."""
    talk, number, person, confidence = _SPEAKER
    best: dict[tuple[Cell, Cell], list[Cell]] = {}
    for row in rows:
        # A row without a person stands for itself.
        key = (row[talk], row[person] or f"#{row[number]}")
        if key not in best or _number(row[confidence]) > _number(best[key][confidence]):
            best[key] = row
    chosen = set(map(id, best.values()))
    kept = [row for row in rows if id(row) in chosen]
    counts: dict[Cell, int] = {}
    for row in kept:
        counts[row[talk]] = counts[row[talk]] + 1 if row[talk] in counts else min(int(_number(row[number])), 1)
        row[number] = counts[row[talk]]
    return kept


def _number(cell: Cell) -> float:
    return float(cell) if isinstance(cell, int | float) else 0.0


def change_rows(entities: EntitiesLike) -> list[list[Cell]]:
    """The rows of the table changes."""
    return sorted([c.id, c.to, c.change] for c in getattr(entities, "changes", ()))


def role_rows(counted: dict[str, tuple[str, str, int]]) -> list[list[Cell]]:
    """The rows of the table roles, from role_id → (label, kind, mentions)."""
    return [[role_id, *counted[role_id], rank(counted[role_id][0]) or None] for role_id in sorted(counted)]


def entity_rows(table: Table, records: Iterable[Any]) -> Iterator[list[Cell]]:
    """The rows of people, or of institutions, sorted by id.

    Records that tell their `ids` are sorted, and rows are made of them one by one.
    """
    rest = iter(records)
    if (one := next(rest, None)) is None:
        return
    # The id may be called by the column's name or just `id`; a record need not know of every column.
    other = {table.key[0]: "id"}
    names = [c if hasattr(one, c) else other.get(c, c) for c in table.header]
    rows = ([getattr(record, name, None) for name in names] for record in chain([one], rest))
    yield from rows if hasattr(records, "ids") else sorted(rows, key=lambda row: str(row[0]))


def _document(
    source: Source, language: str, title: str, date: str, characters: int | None, mentions: int,
    masked: Mapping[str, int] | None,
) -> list[Cell]:  # fmt: skip
    return [
        source.document_id, source.path, source.sha256, source.media_type, source.encoding,
        source.encoding_confidence if source.encoding else None, language, title, date, characters, mentions, 0, 0,
        source.status, source.reason, source.source_title, source.source_date, source.address, source.note,
        source.text_file, "", None if masked is None else sum(masked.values()),
    ]  # fmt: skip


def _reports(document: str, extraction: Extraction, normalised: list[str], release: str) -> Iterable[list[Cell]]:
    """One row a speaker; talks are numbered in the order of their titles."""
    mentions = extraction.mentions
    talks = {title: number for number, title in enumerate(sorted({r.title for r in extraction.reports}), 1)}
    speakers: dict[int, int] = {}
    ordered = sorted(extraction.reports, key=lambda r: (r.title, r.person is None, r.person or 0, r.start, r.end))
    for r in ordered:
        # 0 marks the talk without a speaker; whatever else is said of it is counted on.
        speakers[r.title] = speakers[r.title] + 1 if r.title in speakers else int(r.person is not None)
        yield [
            document, f"r{talks[r.title]:05d}", speakers[r.title], mentions[r.title].text,
            r.person, None if r.person is None else mentions[r.person].text, r.institution, r.event, r.kind,
            None if r.date is None else completed(normalised[r.date], _near(r.date, release, extraction, normalised)),
            r.start, r.end, r.confidence,
            _mention(r.title), _mention(r.person),
        ]  # fmt: skip


def _near(date: int, release: str, extraction: Extraction, normalised: list[str]) -> str:
    """The release date; without its year and month, the nearest date above another that has them."""
    above = (normalised[n] for n in range(date - 1, -1, -1) if extraction.mentions[n].label == "DATE")
    return next((told for told in (release, *above) if re.match(r"\d{4}-\d\d", told)), release)


def _mention(index: int | None) -> str | None:
    return None if index is None else f"m{index + 1:05d}"
