"""The rows of an output as the desk needs them: each document by its place in the files, and a queue of doubtful rows.

The files are held open, so that a run that replaces them meanwhile does not change what the desk shows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from heapq import nlargest
from itertools import combinations
from math import log2
from pathlib import Path
from typing import IO, Any

from pipeline.normalisation import names
from pipeline.normalisation.comparison import compare
from pipeline.normalisation.transliteration import key
from pipeline.records import Affiliation, Event, Extraction, Mention, Report
from pipeline.reporting.sources import Record

#: The tables whose rows belong to a document.
_OWNED = ("mentions", "affiliations", "reports", "events")
_ID = re.compile(rb'\{"document_id": ?("(?:[^"\\]|\\.)*")')
_ENTITY = re.compile(rb'"entity_id": ?("(?:[^"\\]|\\.)+")')
#: So many of the most doubtful rows wait at the desk; more than anyone looks through before the next run.
QUEUE = 20_000
#: People whose family names are written alike are weighed against each other where there are not more of them.
_ALIKE = 60
#: So many pairs of people are asked about.
PAIRS = 500


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something to be looked at: a row of `affiliations` or `reports`, or a `pair` of people who may be one.

    `row` is the id of the row, of a report with its speaker (`r00001/1`); of a pair the two ids are `one` and `row`.
    """

    weight: float
    kind: str
    one: str
    row: str
    evidence: str = ""


class Rows:
    """The tables of an output folder, a document at a time."""

    def __init__(self, out: Path) -> None:
        self._files: dict[str, IO[bytes]] = {}
        self._places: dict[str, dict[str, tuple[int, int]]] = {}
        self._named: dict[str, list[int]] = {}
        for table in ("documents", *_OWNED):
            self._files[table] = (out / f"{table}.jsonl").open("rb")
            self._places[table] = dict(self._index(self._files[table], table == "mentions"))

    def close(self) -> None:
        """Close the files."""
        for file in self._files.values():
            file.close()

    def _index(self, file: IO[bytes], named: bool) -> Iterator[tuple[str, tuple[int, int]]]:
        """(document, (begin, end)) of the rows of each document, which follow each other.

        Where `named`, the places of the mentions of each person and institution are put down on the way.
        """
        at = begin = 0
        before: bytes | None = None
        for line in file:
            found = _ID.match(line)
            identifier = found[1] if found else b'""'
            if identifier != before and before is not None:
                yield json.loads(before), (begin, at)
                begin = at
            if named and (entity := _ENTITY.search(line)):
                self._named.setdefault(json.loads(entity[1]), []).append(at)
            before = identifier
            at += len(line)
        if before is not None:
            yield json.loads(before), (begin, at)

    def document(self, document_id: str) -> Record | None:
        """A document with its rows inside; None where there is none."""
        row = self._read("documents", document_id)
        if not row:
            return None
        return row[0] | {table: self._read(table, document_id) for table in _OWNED}

    def mentions(self, entity: str) -> Iterator[Record]:
        """The mentions of a person, institution or event, one after another."""
        file = self._files["mentions"]
        for at in self._named.get(entity, ()):
            file.seek(at)
            yield json.loads(file.readline())

    def mention_at(self, place: str) -> Record | None:
        """The mention at a place `DOCUMENT:START`, None where there is none."""
        document_id, _, start = place.rpartition(":")
        return next((m for m in self._read("mentions", document_id) if str(m["start"]) == start), None)

    def _read(self, table: str, document_id: str) -> list[Record]:
        if document_id not in self._places[table]:
            return []
        begin, end = self._places[table][document_id]
        self._files[table].seek(begin)
        return [json.loads(line) for line in self._files[table].read(end - begin).splitlines()]


def queue(out: Path) -> list[Waiting]:
    """What to look at first: what is least sure and bears on most.

    The weight of a row is its doubt times the logarithm of how often its person and institution are named; that of a
    pair of people is measured by their mentions likewise, as for a row that is sure by half.
    """
    named = {
        row[column]: row["mentions"] or 0
        for table, column in (("people", "person_id"), ("institutions", "institution_id"))
        for row in _lines(out, table)
    }

    def waiting() -> Iterator[Waiting]:
        for kind, numbers in (("affiliations", ("affiliation_id",)), ("reports", ("report_id", "speaker"))):
            for row in _lines(out, kind):
                bears = 1 + named.get(row["person_id"], 0) + named.get(row["institution_id"], 0)
                weight = (1 - (row["confidence"] or 0)) * log2(1 + bears)
                yield Waiting(weight, kind, row["document_id"], "/".join(str(row[n]) for n in numbers))
        yield from pairs(out)

    return nlargest(QUEUE, waiting(), key=lambda w: (w.weight, w.kind, w.one, w.row))


def pairs(out: Path) -> list[Waiting]:
    """Pairs of people who may be one: names that agree as far as they go, and nothing against it."""
    alike: dict[str, list[tuple[str, names.Name, int]]] = {}
    for row in _lines(out, "people"):
        if row["family_name"] and row["name"]:
            name = names.readings(row["name"])[0]
            alike.setdefault(key(row["family_name"]), []).append((row["person_id"], name, row["mentions"] or 0))
    found = []
    for people in alike.values():
        for (one, a, n), (other, b, m) in combinations(people, 2) if 1 < len(people) <= _ALIKE else ():
            if (match := compare(a, b)) is not None:
                found.append(Waiting(0.5 * log2(1 + n + m), "pair", one, other, ", ".join(match.evidence)))
    return nlargest(PAIRS, found, key=lambda w: (w.weight, w.one, w.row))


def _lines(out: Path, table: str) -> Iterator[Record]:
    with (out / f"{table}.jsonl").open(encoding="utf-8", newline="\n") as file:
        yield from map(json.loads, file)


def extraction_of(document: Record, raw: str) -> Extraction:
    """The extraction that a document's rows tell of; rows whose mentions are not there are left out."""
    mentions = sorted(document["mentions"], key=lambda m: (m["start"], m["end"]))
    at = {m["mention_id"]: i for i, m in enumerate(mentions)}

    def number(row: Record, column: str) -> int | None:
        return at.get(row[column]) if row[column] else None

    affiliations, reports = [], []
    for a in document["affiliations"]:
        person, role, place = (number(a, f"{name}_mention") for name in ("person", "role", "institution"))
        if person is not None and role is not None:
            affiliations.append(Affiliation(person, role, place, a["start"], a["end"], a["confidence"]))
    for r in document["reports"]:
        title, person = number(r, "title_mention"), number(r, "person_mention")
        if title is not None:
            kind = r["kind"] or ""
            reports.append(Report(title, person, None, None, kind, None, r["start"], r["end"], r["confidence"]))
    events = []
    for e in document["events"]:
        title = next((i for i, m in enumerate(mentions) if m["label"] == "EVENT" and m["start"] >= e["start"]), None)
        if title is not None:
            events.append(Event(title, e["kind"] or "", None, None, e["start"], e["end"], e["confidence"]))
    made = tuple(Mention(m["label"], m["start"], m["end"], m["text"], m["confidence"] or 0.0) for m in mentions)
    return Extraction(raw, document["language"] or "", made, tuple(affiliations), tuple(reports), tuple(events))


def row_of(document: Record, kind: str, row: str) -> Record | None:
    """A row of a document by the id that the queue gives it."""
    if kind == "affiliations":
        return next((a for a in document["affiliations"] if a["affiliation_id"] == row), None)
    return next((r for r in document["reports"] if f"{r['report_id']}/{r['speaker']}" == row), None)


def fields_of(document: Record, kind: str, row: Record) -> dict[str, tuple[int, int] | None]:
    """Where the parts of a row stand: person, role, institution; or title, person."""
    at: dict[str, Any] = {m["mention_id"]: (m["start"], m["end"]) for m in document["mentions"]}
    wanted = ("person", "role", "institution") if kind == "affiliations" else ("title", "person")
    return {name: at.get(row[f"{name}_mention"]) if row[f"{name}_mention"] else None for name in wanted}
