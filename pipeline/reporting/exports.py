"""Exports for other programs: GraphML, EAC-CPF, schema.org JSON-LD, Web Annotations, CSV for OpenRefine."""

from __future__ import annotations

import csv
import json
import os
import re
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from pipeline.reporting.archival import Told
from pipeline.reporting.eac import EDITIONS, NO_XML, write_eac
from pipeline.reporting.sources import Record
from pipeline.tables import BY_NAME
from pipeline.tables.formats import documents, records
from pipeline.tables.read import check_output

_DAY = re.compile(r"\d{4}(-\d\d(-\d\d)?)?\Z")


#: The schema.org types of the kinds of institutions that have one; any other is an Organization.
_TYPES = {
    "library": "Library", "museum": "Museum", "archive": "ArchiveOrganization", "university": "CollegeOrUniversity",
    "college": "CollegeOrUniversity", "school": "School", "institute": "ResearchOrganization",
}  # fmt: skip


class ExportError(Exception):
    """The export cannot be written; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be chosen about an export: the edition of EAC-CPF, and the name of the agency that keeps the records."""

    edition: str = "2.0"
    agency: str = ""


def export(out: Path | str, form: str, choices: Choices | None = None) -> list[Path]:
    """Write an output folder's people, institutions and mentions for other programs, into OUT/export.

    Args:
        out: the folder that a run wrote.
        form: a name of `FORMS`.
        choices: what else can be chosen.

    Raises:
        TablesError: when the folder holds no finished tables.
        ExportError: when there is no such form or edition.
    """
    folder, choices = Path(out), choices or Choices()
    check_output(folder)
    if form not in FORMS:
        raise ExportError(f"There is no export {form!r}. Choose from {', '.join(FORMS)}.")
    if choices.edition not in EDITIONS:
        raise ExportError(f"There is no edition {choices.edition!r} of EAC-CPF. Choose from {', '.join(EDITIONS)}.")
    target = folder / "export"
    target.mkdir(exist_ok=True)
    return FORMS[form](folder, target, choices)


def _eac(out: Path, target: Path, choices: Choices) -> list[Path]:
    """`eac-EDITION/`: an authority record a file."""
    return [write_eac(out, target, choices.edition, choices.agency)]


def _graphml(out: Path, target: Path, _: Choices) -> list[Path]:
    """`network.graphml`: people, institutions and events; what ties them, since when, and how many documents say so."""
    ties: dict[tuple[str, str, str], Told] = defaultdict(Told)
    events: dict[str, str] = {}
    for d in documents(out):
        for e in d["events"]:
            events.setdefault(e["event_id"], e["title"])
        for a in d["affiliations"]:
            if a["person_id"] and a["institution_id"]:
                tie = ties[f"p:{a['person_id']}", f"i:{a['institution_id']}", a["role_id"] or ""]
                tie.add(d["document_id"], a["date"])
        for r in d["reports"]:
            if r["person_id"] and r["event_id"] in events:
                tie = ties[f"p:{r['person_id']}", f"e:{r['event_id']}", "report"]
                tie.add(d["document_id"], r["date"] or d["date"])
    for i in records(out, BY_NAME["institutions"]):
        if i["part_of"]:
            ties[f"i:{i['institution_id']}", f"i:{i['part_of']}", "part of"] = Told()
    nodes = [(f"p:{r['person_id']}", "person", r["name"]) for r in records(out, BY_NAME["people"])]
    nodes += [(f"i:{r['institution_id']}", "institution", r["name"]) for r in records(out, BY_NAME["institutions"])]
    nodes += [(f"e:{k}", "event", title) for k, title in sorted(events.items())]
    known = {n[0] for n in nodes}
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>', '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">',
        '<key id="kind" for="node" attr.name="kind" attr.type="string"/>',
        '<key id="name" for="node" attr.name="name" attr.type="string"/>',
        '<key id="relation" for="edge" attr.name="relation" attr.type="string"/>',
        '<key id="documents" for="edge" attr.name="documents" attr.type="int"/>',
        '<key id="first" for="edge" attr.name="first" attr.type="string"/>',
        '<key id="last" for="edge" attr.name="last" attr.type="string"/>',
        '<graph id="rollcall" edgedefault="directed">',
    ]  # fmt: skip
    for key, kind, name in nodes:
        told = f'<data key="kind">{kind}</data><data key="name">{_xml(name)}</data>'
        lines.append(f"<node id={_quoted(key)}>{told}</node>")
    for number, ((one, other, relation), said) in enumerate(sorted(ties.items(), key=itemgetter(0))):
        if one in known and other in known:
            lines.append(
                f'<edge id="t{number}" source={_quoted(one)} target={_quoted(other)}><data key="relation">'
                f'{_xml(relation)}</data><data key="documents">{len(said.documents)}</data>'
                f'<data key="first">{_xml(said.first)}</data><data key="last">{_xml(said.last)}</data></edge>'
            )
    return [_put(target / "network.graphml", "\n".join([*lines, "</graph>", "</graphml>", ""]))]


def _jsonld(out: Path, target: Path, _: Choices) -> list[Path]:
    """`entities.jsonld`: schema.org Person, Organization and Event, with roles as OrganizationRole."""
    events: dict[str, Record] = {}
    speakers: dict[str, set[str]] = defaultdict(set)
    named = {r["role_id"]: r["role"] for r in records(out, BY_NAME["roles"])}
    roles: dict[str, dict[tuple[str, str], list[str]]] = defaultdict(lambda: defaultdict(list))
    for d in documents(out):
        for a in d["affiliations"]:
            if a["person_id"] and a["role"]:
                role = named.get(a["role_id"]) or " ".join(a["role"].split())
                roles[a["person_id"]][role, a["institution_id"] or ""].append(_iso(a["date"]))
        for e in d["events"]:
            known = events.setdefault(e["event_id"], {"title": e["title"]})
            for column in ("date", "place"):
                known[column] = known.get(column) or e[column]
        for r in d["reports"]:
            if r["person_id"] and r["event_id"]:
                speakers[r["event_id"]].add(r["person_id"])
    graph: list[Record] = []
    for p in records(out, BY_NAME["people"]):
        graph.append(_known({
            "@type": "Person", "@id": _urn("person", p["person_id"]), "name": p["name"],
            "familyName": p["family_name"], "givenName": p["given_name"], "additionalName": p["patronymic"],
            "alternateName": p["variants"], **_identified(p["authority_id"]),
            "affiliation": [_known({
                "@type": "OrganizationRole", "roleName": role, "startDate": min(filter(None, dates), default=""),
                "endDate": max(filter(None, dates), default=""),
                "affiliation": {"@id": _urn("institution", place)} if place else None,
            }) for (role, place), dates in roles[p["person_id"]].items()],
        }))  # fmt: skip
    for i in records(out, BY_NAME["institutions"]):
        graph.append(_known({
            "@type": _TYPES.get(i["kind"] or "", "Organization"), "@id": _urn("institution", i["institution_id"]),
            "name": i["name"], "alternateName": i["variants"], "location": i["place"], **_identified(i["authority_id"]),
            "parentOrganization": {"@id": _urn("institution", i["part_of"])} if i["part_of"] else None,
        }))  # fmt: skip
    for event, e in sorted(events.items(), key=itemgetter(0)):
        first, last = [*(e["date"] or "").split("/"), ""][:2]
        graph.append(_known({
            "@type": "Event", "@id": _urn("event", event), "name": e["title"], "startDate": _iso(first),
            "endDate": _iso(last), "location": e["place"],
            "performer": [{"@id": _urn("person", p)} for p in sorted(speakers[event])],
        }))  # fmt: skip
    return [_put(target / "entities.jsonld", _json({"@context": "https://schema.org", "@graph": graph}))]


def _annotations(out: Path, target: Path, _: Choices) -> list[Path]:
    """`annotations.jsonl`: a W3C Web Annotation a line, each mention by quotation and position in the raw text."""
    path = target / "annotations.jsonl"
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for m in records(out, BY_NAME["mentions"]):
            bodies: list[Record] = [{"type": "TextualBody", "purpose": "tagging", "value": m["label"]}]
            if m["entity_id"]:
                bodies.append({"type": "SpecificResource", "purpose": "identifying",
                               "source": _urn(m["label"].lower(), m["entity_id"])})  # fmt: skip
            file.write(json.dumps({
                "@context": "http://www.w3.org/ns/anno.jsonld",
                "id": _urn("mention", f"{m['document_id']}/{m['mention_id']}"), "type": "Annotation", "body": bodies,
                "target": {"source": _urn("document", m["document_id"]), "selector": [
                    {"type": "TextPositionSelector", "start": m["start"], "end": m["end"]},
                    {"type": "TextQuoteSelector", "exact": m["text"]},
                ]},
            }, ensure_ascii=False) + "\n")  # fmt: skip
    return [path]


def _openrefine(out: Path, target: Path, _: Choices) -> list[Path]:
    """`reconcile.csv`: a row an entity, with what a reconciliation service may compare."""
    told: dict[str, Counter[str]] = defaultdict(Counter)
    for a in records(out, BY_NAME["affiliations"]):
        if a["person_id"]:
            told[a["person_id"]][", ".join(x for x in (a["role_id"], a["institution"]) if x)] += 1
    path = target / "reconcile.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "type", "name", "variants", "kind", "place", "first_date", "last_date", "context",
                         "authority_id"])  # fmt: skip
        for p in records(out, BY_NAME["people"]):
            context = "; ".join(what for what, _number in told[p["person_id"]].most_common(3))
            writer.writerow([p["person_id"], "person", p["name"], "; ".join(p["variants"]), "", "", p["first_date"],
                             p["last_date"], context, p["authority_id"]])  # fmt: skip
        for i in records(out, BY_NAME["institutions"]):
            writer.writerow([i["institution_id"], "institution", i["name"], "; ".join(i["variants"]), i["kind"],
                             i["place"], i["first_date"], i["last_date"], i["named_after"],
                             i["authority_id"]])  # fmt: skip
    return [path]


def _iso(date: str | None) -> str:
    """An EDTF date that is an ISO 8601 date as well, which is what schema.org takes; else empty."""
    return date if date and _DAY.match(date) else ""


def _identified(authority: str | None) -> Record:
    """An authority record: the same thing where its id is an address, else an identifier."""
    return {"sameAs" if (authority or "").startswith(("http://", "https://")) else "identifier": authority}


def _known(record: Record) -> Record:
    return {k: v for k, v in record.items() if v not in (None, "", [])}


def _urn(kind: str, identifier: str) -> str:
    return f"urn:rollcall:{kind}:{quote(identifier, safe='/-')}"


def _xml(text: str | None) -> str:
    return escape(NO_XML.sub("\ufffd", text or ""))


def _quoted(text: str) -> str:
    return quoteattr(NO_XML.sub("\ufffd", text))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _put(path: Path, text: str) -> Path:
    temporary = path.with_name(f"{path.name}.part")
    temporary.write_text(text, encoding="utf-8", newline="\n")
    os.replace(temporary, path)
    return path


#: What each export is written by.
FORMS: dict[str, Callable[[Path, Path, Choices], list[Path]]] = {
    "graphml": _graphml, "eac": _eac, "jsonld": _jsonld, "annotations": _annotations, "openrefine": _openrefine,
}  # fmt: skip
