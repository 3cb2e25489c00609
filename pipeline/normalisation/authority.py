"""Links from people and institutions to the user's own authority records, with score and reason; no network.

An authority file is a CSV with a header: `name` (needed), `variants` (other names, divided by `|` or `;`), `kind`
(`person` or `institution`; a record without one is tried for both), `dates` (of life: `1845-1904`, `1961-`), and the
identifiers: `id` for a local number, or any of `wikidata`, `viaf`, `isni`, `ror`, `gnd`, `orcid`, `lccn`. What a link
gets is the `id`, or else the first identifier that is there, with its scheme (`viaf:12345`).

A link needs more than a family name and an initial, and is not made when two records fit.
"""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.normalisation import institutions, names
from pipeline.normalisation.comparison import compare
from pipeline.normalisation.institutions import InstitutionName
from pipeline.normalisation.institutions_across import block_keys
from pipeline.normalisation.institutions_within import similarity
from pipeline.normalisation.kin import name_keys
from pipeline.normalisation.person_name import Name
from pipeline.normalisation.transliteration import is_cyrillic
from pipeline.normalisation.user_files import text_of

#: The identifiers that are understood, in the order in which one is chosen.
SCHEMES = ("id", "wikidata", "viaf", "isni", "ror", "gnd", "orcid", "lccn")
#: What a person's or an institution's names must share (the weights of the linking), and by how much the best leads.
PERSON, INSTITUTION, LEAD = 2.9, 2.4, 0.5
_KINDS = ("", "person", "institution")


class AuthorityError(Exception):
    """An authority file that cannot be read; the message names the line and says what to do."""


@dataclass(frozen=True, slots=True)
class Record:
    """An authority record. `born` and `died` are years, 0 where unknown."""

    identifier: str
    names: tuple[str, ...]
    kind: str = ""
    born: int = 0
    died: int = 0


@dataclass(frozen=True, slots=True)
class AuthorityLink:
    """A link, or why there is none: `identifier` is empty where two records fit."""

    identifier: str
    score: float
    reason: str


def read_authority(path: Path) -> list[Record]:
    """The records of an authority file.

    Raises:
        AuthorityError: where the file cannot be read or a record has no name or no identifier.
    """
    text = text_of(path, "The authority file", AuthorityError)
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    header = [(name or "").strip().lower() for name in rows.fieldnames or ()]
    if "name" not in header or not set(header) & set(SCHEMES):
        raise AuthorityError(
            f"{path} needs a first line with the column name and at least one of {', '.join(SCHEMES)}."
        )
    rows.fieldnames = header
    records = []
    for row in rows:
        cells = {k: (v or "").strip() for k, v in row.items() if isinstance(k, str) and not isinstance(v, list)}
        if any(cells.values()):
            records.append(_record(cells, path, rows.line_num))
    return records


def _record(cells: dict[str, str], path: Path, line: int) -> Record:
    identifier = next((cells[s] if s == "id" else f"{s}:{cells[s]}" for s in SCHEMES if cells.get(s)), "")
    if not cells.get("name") or not identifier:
        missing = "name" if not cells.get("name") else "identifier"
        raise AuthorityError(f"{path}, line {line}: the record has no {missing}.")
    kind = cells.get("kind", "").lower()
    if kind not in _KINDS:
        raise AuthorityError(f"{path}, line {line}: the kind {kind!r} is neither person nor institution.")
    variants = [v.strip() for v in re.split(r"[|;]", cells.get("variants", "")) if v.strip()]
    years = re.search(r"(\d{4})?\s*[-–—]\s*(\d{4})?", cells.get("dates", ""))
    born, died = (int(y or 0) for y in years.groups()) if years else (0, 0)
    return Record(identifier, (cells["name"], *variants), kind, born, died)


class Authority:
    """The records of a user, ready to be asked."""

    def __init__(self, records: Iterable[Record]) -> None:
        self._people: list[tuple[Record, list[Name]]] = []
        self._bodies: list[tuple[Record, list[InstitutionName]]] = []
        self._people_by_key: dict[str, list[int]] = defaultdict(list)
        self._bodies_by_key: dict[str, list[int]] = defaultdict(list)
        for record in sorted(set(records), key=lambda r: (r.identifier, r.names)):
            if record.kind != "institution":
                self._add_person(record)
            if record.kind != "person":
                self._add_body(record)

    def _add_person(self, record: Record) -> None:
        parsed = [names.parse(text, _language(text)) for text in record.names]
        usable = [n for n in parsed if n.family or n.patronymic]
        for key in sorted({k for n in usable for k in name_keys(n)}):
            self._people_by_key[key].append(len(self._people))
        self._people.append((record, usable))

    def _add_body(self, record: Record) -> None:
        parsed = [institutions.parse(text, _language(text)) for text in record.names]
        for key in sorted({k for n in parsed for k in _body_keys(n)}):
            self._bodies_by_key[key].append(len(self._bodies))
        self._bodies.append((record, parsed))

    def person(self, forms: Sequence[Name], last_date: str = "") -> AuthorityLink | None:
        """The record of a person known by these names; None where none fits.

        `last_date` is the date of the last document: nobody is named in a document before the year of birth.
        """
        numbers = sorted({n for f in forms for k in name_keys(f) for n in self._people_by_key.get(k, ())})
        found = []
        for number in numbers:
            record, theirs = self._people[number]
            if record.born and last_date[:4].isdigit() and int(last_date[:4]) < record.born:
                continue
            matches = [[compare(form, name) for name in theirs] for form in forms]
            if any(all(m is None for m in row) for row in matches):
                continue  # a form of the person that no name of the record can stand for
            best = max((m for row in matches for m in row if m), key=lambda m: m.score)
            if best.score >= PERSON - 1e-9:
                found.append((best.score, record, ", ".join(best.evidence)))
        return _chosen(found)

    def institution(self, forms: Sequence[InstitutionName]) -> AuthorityLink | None:
        """The record of an institution known by these names; None where none fits."""
        numbers = sorted({n for f in forms for k in _body_keys(f) for n in self._bodies_by_key.get(k, ())})
        found = []
        for number in numbers:
            record, theirs = self._bodies[number]
            best, reason = 0.0, ""
            for form in forms:
                for name in theirs:
                    score = similarity(form, name) if form.weight and name.weight and not form.generic else None
                    if form.acronym and form.acronym == name.acronym and len(form.acronym) >= 3:
                        score, why = INSTITUTION, "same abbreviation"
                    elif score is not None and form.signature[:-1] == name.signature[:-1]:
                        score, why = score + 1, "same name"
                    else:
                        why = "names that say the same"
                    if score is not None and score > best:
                        best, reason = score, why
            if best >= INSTITUTION - 1e-9:
                found.append((best, record, reason))
        return _chosen(found)


def _body_keys(name: InstitutionName) -> list[str]:
    return [*block_keys(name), *([f"a:{name.acronym}"] if name.acronym else [])]


def _language(text: str) -> str:
    if not is_cyrillic(text):
        return "en"
    return "kk" if re.search(r"[әғқңөұүһі]", text.lower()) else "ru"


def _chosen(found: list[tuple[float, Record, str]]) -> AuthorityLink | None:
    """The best of the records that fit; one without an identifier where a second fits nearly as well."""
    if not found:
        return None
    found.sort(key=lambda f: (-f[0], f[1].identifier))
    near = [f for f in found if found[0][0] - f[0] < LEAD]
    if len(near) > 1:
        fitting = ", ".join(f"{record.identifier} ({record.names[0]})" for _, record, _ in near[:4])
        return AuthorityLink("", round(near[0][0], 2), f"{len(near)} records fit: {fitting}")
    score, record, reason = found[0]
    return AuthorityLink(record.identifier, round(score, 2), f"{record.names[0]}: {reason}")
