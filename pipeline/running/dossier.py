"""What an output folder tells of one entity: found by name, with its mentions, evidence, roles, reports and judgements.

Everything is read from the tables and the texts they point to, and the evidence is weighed anew with the functions of
the linking, so that it can be shown for any output, whatever wrote it.
"""

from __future__ import annotations

import csv
import re
import sys
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from pipeline import knowledge
from pipeline.normalisation import institutions, names
from pipeline.normalisation.comparison import compare
from pipeline.normalisation.institutions_within import similarity
from pipeline.normalisation.judgements import Judgement, read_judgements
from pipeline.normalisation.transliteration import key
from pipeline.reading import MARKER, InputError, printable
from pipeline.running.linking import JUDGEMENTS
from pipeline.running.texts import raw_text
from pipeline.tables.declare import SEPARATOR

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Seen:
    """A mention with its sentence, in which `[` and `]` stand around it; it is empty where `missing` says why.

    `place` (`DOCUMENT:START`) names the mention in judgements.
    """

    place: str
    date: str
    text: str
    sentence: str
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two written forms weighed against each other; `score` is None where they contradict each other."""

    one: str
    other: str
    score: float | None
    evidence: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why mentions are one entity: `company` are institutions, roles and people that several documents name with it."""

    row: Row
    mentions: list[Seen]
    pairs: list[Pair]
    company: list[str]
    judgements: list[Judgement]


@dataclass(frozen=True, slots=True)
class Card:
    """An entity with what the documents say of it, by date: (date, what, document)."""

    row: Row
    affiliations: list[tuple[str, str, str]]
    reports: list[tuple[str, str, str]]
    documents: list[tuple[str, str, str]]


class Dossiers:
    """The tables of an output folder, asked for entities."""

    def __init__(self, out: Path) -> None:
        """Read people and institutions. Raises InputError where the folder holds no tables."""
        self.out = out
        if not (out / MARKER).is_file() or not (out / "people.csv").is_file():
            raise InputError(
                f"{printable(out)} holds no tables of Rollcall. Name the folder that `rollcall run` wrote."
            )
        self._entities: dict[str, tuple[str, Row]] = {}
        for table, column in (("institutions", "institution_id"), ("people", "person_id")):
            for row in self._rows(table):
                self._entities[row[column]] = (column, row)
        self._documents = {row["document_id"]: row for row in self._rows("documents")}
        self._texts: dict[str, str | None] = {}

    def _rows(self, table: str) -> Iterator[Row]:
        csv.field_size_limit(10**9)
        with (self.out / f"{table}.csv").open(encoding="utf-8-sig", newline="") as file:
            yield from csv.DictReader(file)

    def find(self, name: str) -> list[str]:
        """The ids of the people and institutions that bear this id or name, those mentioned most first.

        A name fits an entity when each of its words begins a word of one of the entity's wordings, in any script.
        """
        if name in self._entities:
            return [name]
        wanted = [k for word in re.findall(r"[^\W_]+", name) if (k := key(word))]
        found = []
        for entity, (_, row) in self._entities.items():
            for wording in (row["name"], *row["variants"].split(SEPARATOR)):
                words = [key(word) for word in re.findall(r"[^\W_]+", wording)]
                if wanted and all(any(w.startswith(k) for w in words) for k in wanted):
                    found.append((-int(row["mentions"] or 0), entity))
                    break
        return [entity for _, entity in sorted(found)]

    def row(self, entity: str) -> Row:
        """The row of an entity. Raises InputError where there is none of this id."""
        if entity not in self._entities:
            raise InputError(
                f"There is no {entity!r} in {printable(self.out)}. `rollcall entity NAME --out {printable(self.out)}` "
                "finds ids by name."
            )
        return self._entities[entity][1]

    def mentions(self, entity: str) -> list[Row]:
        """The mentions of an entity, by document and place."""
        return [row for row in self._rows("mentions") if row["entity_id"] == entity]

    def is_person(self, entity: str) -> bool | None:
        """Whether an id is a person's; None where there is no such id."""
        return self._entities[entity][0] == "person_id" if entity in self._entities else None

    def place(self, reference: str) -> str:
        """The place (`DOCUMENT:START`) of an id's first mention; of a place, itself. Raises InputError for neither."""
        if reference in self._entities:
            return next((f"{m['document_id']}:{m['start']}" for m in self.mentions(reference)), "")
        document, _, start = reference.rpartition(":")
        for row in self._rows("mentions") if document in self._documents else ():
            if row["document_id"] == document and row["start"] == start:
                return reference
        raise InputError(
            f"There is no entity {reference!r} in {printable(self.out)}, and no mention at such a place. "
            f"`rollcall entity NAME` finds ids by name, `rollcall why ID` lists the places of mentions."
        )

    def why(self, entity: str, judgements: Path | None = None) -> Evidence:
        """Every mention, every pair of wordings with its evidence, shared company and judgements of an entity."""
        row = self.row(entity)
        found = self.mentions(entity)
        seen = [self._seen(m) for m in found]
        person = self._entities[entity][0] == "person_id"
        forms: dict[str, str] = {}
        for m in found:
            language = self._documents.get(m["document_id"], {}).get("language", "") or "en"
            forms.setdefault(" ".join(m["text"].split()), language)
        pairs = [self._pair(a, b, forms, person) for a, b in combinations(sorted(forms), 2)]
        places = {s.place for s in seen}
        path = judgements or self.out / JUDGEMENTS
        told = read_judgements(path) if path.is_file() else []
        about = [j for j in told if entity in (j.one, j.other) or places & {j.one, j.other, j.one_at, j.other_at}]
        return Evidence(row, seen, pairs, self._company(entity, person), about)

    def _pair(self, one: str, other: str, forms: dict[str, str], person: bool) -> Pair:
        if person:
            readings = [
                (i + j, match)
                for i, a in enumerate(names.readings(one, forms[one]))
                for j, b in enumerate(names.readings(other, forms[other]))
                if (match := compare(a, b)) is not None
            ]
            if not readings:
                return Pair(one, other, None, "these two alone share nothing: others or the company joined them")
            _, best = min(readings, key=lambda found: (found[0], -found[1].score))  # the likeliest readings first
            return Pair(one, other, round(best.score, 2), ", ".join(best.evidence) or "nothing against it")
        a, b = institutions.parse(one, forms[one]), institutions.parse(other, forms[other])
        score = similarity(a, b)
        shared = [
            f"{what}: {', '.join(sorted(both))}"
            for what, both in (
                ("kind", set(a.kinds) & set(b.kinds)),
                ("names", a.names & b.names),
                ("places", a.places & b.places),
                ("fields", a.fields & b.fields),
                ("levels", a.levels & b.levels),
                ("countries", a.countries & b.countries),
            )
            if both
        ]
        if a.acronym or b.acronym:
            shared.append(f"abbreviation: {a.acronym or b.acronym}")
        return Pair(one, other, None if score is None else round(score, 2), "; ".join(shared) or "nothing shared")

    def _company(self, entity: str, person: bool) -> list[str]:
        """What several documents name together with a person, or the people that several name with an institution."""
        ours, theirs = ("person_id", "institution_id") if person else ("institution_id", "person_id")
        documents: dict[str, set[str]] = defaultdict(set)
        for row in self._rows("affiliations"):
            if row[ours] == entity:
                for what in (row[theirs], f"role {row['role_id']}" if row["role_id"] else ""):
                    if what:
                        documents[what].add(row["document_id"])
        return [
            f"{what}: {', '.join(sorted(those))}"
            for what, those in sorted(documents.items(), key=lambda item: (-len(item[1]), item[0]))
            if len(those) > 1
        ]

    def card(self, entity: str) -> Card:
        """An entity's roles with institutions (of an institution: with people), reports and documents, by date."""
        row = self.row(entity)
        column = self._entities[entity][0]
        other = "institution" if column == "person_id" else "person"
        affiliations = [
            (a["date"], ", ".join(x for x in (a["role"], a[other]) if x).replace("\n", " "), a["document_id"])
            for a in self._rows("affiliations")
            if a[column] == entity
        ]
        reports = []
        for r in self._rows("reports"):
            if r[column] == entity:
                date = r["date"] or self._documents.get(r["document_id"], {}).get("date", "")
                said = r["title"] if column == "person_id" else f"{r['title']}, {r['person']}".rstrip(", ")
                reports.append((date, " ".join(said.split()), r["document_id"]))
        counts = Counter(m["document_id"] for m in self.mentions(entity))
        documents = [
            (d.get("date", ""), f"{count} mention{'s' * (count != 1)}", document)
            for document, count in counts.items()
            for d in (self._documents.get(document, {}),)
        ]
        return Card(row, *(sorted(set(each)) for each in (affiliations, reports, documents)))

    def _seen(self, mention: Row) -> Seen:
        document = mention["document_id"]
        date = self._documents.get(document, {}).get("date", "")
        start, end = int(mention["start"]), int(mention["end"])
        place = f"{document}:{start}"
        raw = self._raw(document)
        if raw is None:
            return Seen(place, date, mention["text"], "", "the file is not where it was")
        if raw[start:end] != mention["text"]:
            return Seen(place, date, mention["text"], "", "the file has changed since the run")
        return Seen(place, date, mention["text"], sentence(raw, start, end))

    def _raw(self, document: str) -> str | None:
        """The raw text of a document; None where it cannot be read any more."""
        if document not in self._texts:
            try:
                row = self._documents.get(document, {})
                self._texts[document] = raw_text(self.out, row, unchanged=False)
            except (OSError, LookupError, ValueError):
                self._texts[document] = None
        return self._texts[document]


_END = re.compile(
    r"(?P<word>\b[^\W\d_]{3,}|[\"”»’)\d])[.!?…]+[\"”»’)]*\s+(?=[\"“„«(\[]*[^\W_a-zа-яёәғқңөұүһі])|\n\s*\n"
)
#: A sentence is shown so far before and after what is meant, in whole words; `…` stands for the rest.
_FARTHEST = 400
_CUT_WORD, _CUT_WORD_LAST = re.compile(r"\A\S+(?=\s)|\A\S"), re.compile(r"(?<=\s)\S+\Z|\S\Z")


def sentence(raw: str, start: int, end: int) -> str:
    """The sentence around a stretch of a text, on one line, with `[` and `]` around the stretch."""
    before, text, after = sentence_parts(raw, start, end)
    return " ".join(f"{before}[{text}]{after}".split())


def sentence_ends(raw: str, low: int = 0, high: int = sys.maxsize) -> list[int]:
    """Where the sentences of a text, or of the stretch from `low` to `high`, end; white space after them is theirs."""
    return [found.end() for found in _END.finditer(raw, low, high) if not _is_title(found["word"])]


def sentence_parts(raw: str, start: int, end: int, ends: Sequence[int] | None = None) -> tuple[str, str, str]:
    """The sentence around a stretch of a text, as it stands: what comes before, the stretch, what comes after.

    Of a very long one there is a part, in whole words, with `…` where it is cut.

    Args:
        raw: the text.
        start: where the stretch begins.
        end: where it ends.
        ends: the `sentence_ends` of the text, for who asks more than once.
    """
    if ends is None:
        ends = sentence_ends(raw, max(0, start - _FARTHEST), end + _FARTHEST)
    before, after = bisect_right(ends, start), bisect_right(ends, end)
    first, last = ends[before - 1] if before else 0, ends[after] if after < len(ends) else len(raw)
    head, tail = raw[first:start], raw[end:last]
    if len(head) > _FARTHEST:
        head = "… " + _CUT_WORD.sub("", head[-_FARTHEST - 1 :], count=1)
    if len(tail) > _FARTHEST:
        tail = _CUT_WORD_LAST.sub("", tail[: _FARTHEST + 1]) + " …"
    return head, raw[start:end], tail


def _is_title(word: str | None) -> bool:
    """Whether the full stop after a word shortens it (`Prof.`)."""
    return bool(word) and str(word).lower() in knowledge.lines(knowledge.COMMON, "name_prefixes")
