"""Draft authority records in EAC-CPF, the archives' standard for people and corporate bodies: 2.0 (2021), or 2010.

Each record is a draft (`inProcess`) made by a machine, and says so; every statement names the documents it comes from.
The schemas are those of https://eac.staatsbibliothek-berlin.de/schemata-and-tag-library/; what is used of them is
restated in the tests.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import re
import shutil
import unicodedata
import xml.etree.ElementTree as ET
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import quote

from pipeline.normalisation.dates import ends
from pipeline.reporting.archival import AuthorityRecord, Occupation, Relation, Source, Told, authority_records

#: The editions of the standard, the newest first, and their namespaces.
EDITIONS = {"2.0": "https://archivists.org/ns/eac/v2", "2010": "urn:isbn:1-931666-33-4"}
XLINK = "http://www.w3.org/1999/xlink"
#: Who keeps the records, unless the user says so.
AGENCY = "Agency not stated"
_CONVENTION = "Rollcall: the form that the documents support best, not reviewed"
_ATTESTED = "Dates of the documents that name it, not of birth, death, foundation or end."
#: Characters that XML 1.0 cannot hold in any form.
NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DATE = re.compile(r"\d{4}(?:-\d\d(?:-\d\d)?)?\Z")
_NO_NMTOKEN = re.compile(r"[^\w.:-]")
_LONGEST_NAME = 120
#: Roles of these kinds are no occupations.
_DESCRIPTIONS = ("degree", "honour")
_SCRIPTS = {"CYRILLIC": "Cyrl", "LATIN": "Latn", "ARABIC": "Arab", "GREEK": "Grek", "GEORGIAN": "Geor",
            "ARMENIAN": "Armn", "HEBREW": "Hebr"}  # fmt: skip


def write_eac(out: Path, target: Path, edition: str, agency: str = "") -> Path:
    """Write a record for each person and institution into `target/eac-EDITION/people` and `…/institutions`.

    Args:
        out: the output folder.
        target: the folder of the exports.
        edition: one of `EDITIONS`.
        agency: the name of the archive that keeps the records.
    """
    folder, part = target / f"eac-{edition}", target / f"eac-{edition}.part"
    shutil.rmtree(part, ignore_errors=True)
    writer = {"2.0": _Edition2, "2010": _Edition2010}[edition](agency or AGENCY, _when(out))
    for kind in ("people", "institutions"):
        (part / kind).mkdir(parents=True)
    for record in authority_records(out):
        root = writer.record(record)
        ET.indent(root, " ")
        text = ET.tostring(root, encoding="unicode")
        path = part / ("people" if record.person else "institutions") / file_name(record.entity_id)
        path.write_text(f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n', encoding="utf-8", newline="\n")
    shutil.rmtree(folder, ignore_errors=True)
    os.replace(part, folder)
    return folder


def file_name(entity_id: str) -> str:
    """The name of the file of an entity, the same on every system."""
    name = quote(entity_id, safe="", errors="backslashreplace")
    if len(name) > _LONGEST_NAME:
        name = f"{name[:_LONGEST_NAME]}~{hashlib.sha256(name.encode()).hexdigest()[:12]}"
    return f"{name}.xml"


def _when(out: Path) -> str:
    """When the run ended: the same for each export of it."""
    try:
        return str(json.loads((out / "run.json").read_text(encoding="utf-8"))["ended"])
    except (OSError, ValueError, KeyError):
        return ""


def _script(text: str) -> str:
    """The ISO 15924 code of a text's first letter, empty for one that we do not know."""
    for character in text:
        if character.isalpha():
            return _SCRIPTS.get(unicodedata.name(character, "").split(" ")[0], "")
    return ""


def _standard(date: str) -> str:
    """The date where it is a plain ISO 8601 year, month or day of the calendar, else empty."""
    if not _DATE.match(date):
        return ""
    try:
        datetime.date.fromisoformat((date + "-01-01")[:10] if len(date) < 10 else date)
    except ValueError:
        return ""
    return date


class _Writer(ABC):
    """What both editions share."""

    @abstractmethod
    def record(self, record: AuthorityRecord) -> ET.Element:
        """The whole record."""

    def __init__(self, agency: str, when: str) -> None:
        self.agency, self.when = agency, when

    def add(self, parent: ET.Element, name: str, text: str = "", attributes: Mapping[str, str] = {}) -> ET.Element:
        """A child of this name; attributes that are empty are left out."""
        kept = {key: NO_XML.sub("\ufffd", value) for key, value in attributes.items() if value}
        child = ET.SubElement(parent, name, kept)
        if text:
            child.text = NO_XML.sub("\ufffd", text)
        return child

    def note(self, parent: ET.Element, *texts: str) -> None:
        """A descriptive note, a paragraph a text; none without texts."""
        if told := [text for text in texts if text]:
            note = self.add(parent, "descriptiveNote")
            for text in told:
                self.add(note, "p", text)

    def dates(self, parent: ET.Element, first: str, last: str, kind: str = "") -> None:
        """One date or the range from first to last, nothing where both are unknown; an interval is a range itself."""
        first, last = ends(first)[0], ends(last)[1]
        if not first and not last:
            return
        if first == last:
            self.add(parent, "date", first, {"standardDate": _standard(first), "localType": kind})
            return
        between = self.add(parent, "dateRange", "", {"localType": kind})
        for name, date in (("fromDate", first), ("toDate", last)):
            if date:
                self.add(between, name, date, {"standardDate": _standard(date)})

    def attested(self, description: ET.Element, record: AuthorityRecord) -> None:
        """The dates from which it is known."""
        if record.first or record.last:
            dates = self.add(description, "existDates", "", {"localType": "attested"})
            self.dates(dates, record.first, record.last)
            self.note(dates, _ATTESTED)

    def part(self, entry: ET.Element, record: AuthorityRecord) -> None:
        """The parts of the preferred name."""
        for kind, text in record.parts or (("", record.name),):
            self.add(entry, "part", text, {"localType": kind})


def _urn(kind: str, entity: str) -> str:
    return f"urn:rollcall:{kind}:{quote(entity, safe='-', errors='backslashreplace')}" if entity else ""


def _cited(source: Source) -> str:
    """A document as a source is cited."""
    told = f"{source.title} ({source.document_id})" if source.title else source.document_id
    return f"{told}, {source.date}" if source.date else told


def _counted(told: Told) -> str:
    number = len(told.documents)
    return f"{number} document{'s' * (number != 1)}" if number else ""


def _sorted(occupations: Iterable[Occupation], described: bool) -> list[Occupation]:
    return [o for o in occupations if (o.kind in _DESCRIPTIONS) == described]


class _Edition2(_Writer):
    """EAC-CPF 2.0."""

    def record(self, record: AuthorityRecord) -> ET.Element:
        """The whole record."""
        root = ET.Element("eac", {"xmlns": EDITIONS["2.0"]})
        control = self.add(root, "control", "", {
            "dateEncoding": "iso8601", "scriptEncoding": "iso15924", "detailLevel": "minimal",
            "maintenanceStatus": "new", "publicationStatus": "inProcess",
        })  # fmt: skip
        self.add(control, "recordId", record.entity_id)
        self.add(self.add(control, "maintenanceAgency"), "agencyName", self.agency)
        event = self.add(self.add(control, "maintenanceHistory"), "maintenanceEvent", "",
                         {"maintenanceEventType": "created"})  # fmt: skip
        self.add(event, "agent", "Rollcall", {"agentType": "machine"})
        self.add(event, "eventDateTime", self.when or "unknown", {"standardDateTime": self.when})
        self.add(event, "eventDescription", "Drafted from announcements; to be reviewed.")
        numbers = {source.document_id: f"s{number}" for number, source in enumerate(record.sources, 1)}
        if record.sources:
            sources = self.add(control, "sources")
            for source in record.sources:
                entry = self.add(sources, "source", "", {"id": numbers[source.document_id]})
                self.add(entry, "reference", _cited(source))
                for start, end in source.spans:
                    self.add(entry, "citedRange", f"{start}-{end}", {"unit": "character"})
        declared = self.add(control, "conventionDeclaration", "", {"id": "rollcall"})
        self.add(declared, "reference", _CONVENTION)
        description = self.add(root, "cpfDescription")
        self._identity(description, record)
        self._description(description, record, numbers)
        if record.relations:
            relations = self.add(description, "relations")
            for relation in record.relations:
                self._relation(relations, relation, numbers)
        return root

    def _identity(self, parent: ET.Element, record: AuthorityRecord) -> None:
        identity = self.add(parent, "identity")
        self.add(identity, "entityType", "", {"value": "person" if record.person else "corporateBody"})
        entry = self.add(identity, "nameEntry", "", {
            "scriptOfElement": _script(record.name), "conventionDeclarationReference": "rollcall",
            "preferredForm": "true",
        })  # fmt: skip
        self.part(entry, record)
        for variant in record.variants:
            attributes = {"scriptOfElement": _script(variant), "status": "alternative"}
            self.add(self.add(identity, "nameEntry", "", attributes), "part", variant)
        if record.kind:
            types = self.add(identity, "otherEntityTypes")
            self.add(self.add(types, "otherEntityType"), "term", record.kind)
        if record.authority_id:
            self.add(identity, "identityId", record.authority_id, {"localType": "authority"})
        self.note(identity, f"Named after {record.named_after}." if record.named_after else "")

    def _description(self, parent: ET.Element, record: AuthorityRecord, numbers: Mapping[str, str]) -> None:
        described, held = _sorted(record.occupations, True), _sorted(record.occupations, False)
        if not (described or held or record.place or record.first or record.last):
            return
        description = self.add(parent, "description")
        for wrapper, name, found in (
            ("localDescriptions", "localDescription", described), ("occupations", "occupation", held),
        ):  # fmt: skip
            if found:
                inside = self.add(description, wrapper)
                for o in found:
                    attributes = {"localType": o.kind, "sourceReference": _refers(o.told, numbers)}
                    item = self.add(inside, name, "", attributes)
                    self.add(item, "term", o.role)
                    self.dates(item, o.told.first, o.told.last)
                    self.note(item, o.institution, _counted(o.told))
        if record.place:
            self.add(self.add(self.add(description, "places"), "place"), "placeName", record.place)
        self.attested(description, record)

    def _relation(self, parent: ET.Element, relation: Relation, numbers: Mapping[str, str]) -> None:
        item = self.add(parent, "relation", "", {"sourceReference": _refers(relation.told, numbers)})
        kind = {"person": "person", "institution": "corporateBody", "report": "resource"}[relation.target]
        target = self.add(item, "targetEntity", "", {
            "targetType": kind, "valueURI": _urn(relation.target, relation.target_id),
        })  # fmt: skip
        self.add(target, "part", relation.name)
        self.dates(item, relation.told.first, relation.told.last)
        types = {"associative": "associative", "parent": "hierarchical-parent", "child": "hierarchical-child",
                 "speaker": "creatorOf"}  # fmt: skip
        self.add(item, "relationType", types[relation.kind])
        self.note(item, relation.note, _counted(relation.told))


def _refers(told: Told, numbers: Mapping[str, str]) -> str:
    return " ".join(numbers[d] for d in told.documents if d in numbers)


class _Edition2010(_Writer):
    """EAC-CPF 2010."""

    def record(self, record: AuthorityRecord) -> ET.Element:
        """The whole record."""
        root = ET.Element("eac-cpf", {"xmlns": EDITIONS["2010"], "xmlns:xlink": XLINK})
        control = self.add(root, "control")
        token = _NO_NMTOKEN.sub("_", record.entity_id)
        self.add(control, "recordId", token)
        if token != record.entity_id:
            self.add(control, "otherRecordId", record.entity_id)
        self.add(control, "maintenanceStatus", "new")
        self.add(control, "publicationStatus", "inProcess")
        self.add(self.add(control, "maintenanceAgency"), "agencyName", self.agency)
        declared = self.add(control, "conventionDeclaration")
        self.add(declared, "abbreviation", "rollcall")
        self.add(declared, "citation", _CONVENTION)
        event = self.add(self.add(control, "maintenanceHistory"), "maintenanceEvent")
        self.add(event, "eventType", "created")
        self.add(event, "eventDateTime", self.when or "unknown", {"standardDateTime": self.when})
        self.add(event, "agentType", "machine")
        self.add(event, "agent", "Rollcall")
        self.add(event, "eventDescription", "Drafted from announcements; to be reviewed.")
        if record.sources:
            sources = self.add(control, "sources")
            for source in record.sources:
                entry = self.add(sources, "source", "", {"xlink:type": "simple"})
                self.add(entry, "sourceEntry", _cited(source))
                self.note(entry, "Characters " + ", ".join(f"{start}-{end}" for start, end in source.spans))
        description = self.add(root, "cpfDescription")
        self._identity(description, record)
        self._description(description, record)
        if record.relations:
            relations = self.add(description, "relations")
            for relation in sorted(record.relations, key=lambda r: r.target == "report"):
                self._relation(relations, relation)
        return root

    def _identity(self, parent: ET.Element, record: AuthorityRecord) -> None:
        identity = self.add(parent, "identity")
        if record.authority_id:
            self.add(identity, "entityId", record.authority_id, {"localType": "authority"})
        self.add(identity, "entityType", "person" if record.person else "corporateBody")
        entry = self.add(identity, "nameEntry", "", {"scriptCode": _script(record.name)})
        self.part(entry, record)
        self.add(entry, "authorizedForm", "rollcall")
        for variant in record.variants:
            entry = self.add(identity, "nameEntry", "", {"scriptCode": _script(variant)})
            self.add(entry, "part", variant)
            self.add(entry, "alternativeForm", "rollcall")
        self.note(identity, f"Named after {record.named_after}." if record.named_after else "")

    def _description(self, parent: ET.Element, record: AuthorityRecord) -> None:
        described, held = _sorted(record.occupations, True), _sorted(record.occupations, False)
        if not (described or held or record.place or record.kind or record.first or record.last):
            return
        description = self.add(parent, "description")
        self.attested(description, record)
        if record.place:
            self.add(self.add(description, "place"), "placeEntry", record.place)
        if record.kind:
            self.add(self.add(description, "localDescription", "", {"localType": "kind"}), "term", record.kind)
        for name, found in (("localDescription", described), ("occupation", held)):
            for o in found:
                item = self.add(description, name, "", {"localType": o.kind})
                self.add(item, "term", o.role)
                self.dates(item, o.told.first, o.told.last)
                self.note(item, o.institution, _said_by(o.told))

    def _relation(self, parent: ET.Element, relation: Relation) -> None:
        link = {"xlink:type": "simple", "xlink:href": _urn(relation.target, relation.target_id)}
        if relation.target == "report":
            item = self.add(parent, "resourceRelation", "", {"resourceRelationType": "creatorOf", **link})
        else:
            kind = {"associative": "associative"}.get(relation.kind, f"hierarchical-{relation.kind}")
            item = self.add(parent, "cpfRelation", "", {"cpfRelationType": kind, **link})
        self.add(item, "relationEntry", relation.name)
        self.dates(item, relation.told.first, relation.told.last)
        self.note(item, relation.note, _said_by(relation.told))


def _said_by(told: Told) -> str:
    """The documents by name, since in this edition a statement cannot point to its sources."""
    return f"Said by {', '.join(told.documents)}" if told.documents else ""
