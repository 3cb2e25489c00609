"""Exports for other programs: GraphML, EAC-CPF, schema.org JSON-LD, Web Annotations, CSV for OpenRefine."""

from __future__ import annotations

import csv
import json
import os
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from pipeline.normalisation.dates import ends
from pipeline.reporting.archival import Told
from pipeline.reporting.eac import EDITIONS, NO_XML, write_eac
from pipeline.reporting.sources import Record, raw_text
from pipeline.tables import BY_NAME
from pipeline.tables.formats import documents, records
from pipeline.tables.read import check_output
from pipeline.tables.write import escaped

_DAY = re.compile(r"\d{4}(-\d\d(-\d\d)?)?\Z")
#: So many characters before and after a mention are quoted with it, by which it is found again in a text that moved.
_BESIDE = 32

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
    """`network.graphml`: people, institutions and events; what ties them, since when, and how many documents say so.

    `label` and `weight` are the names by which Gephi, Cytoscape and yEd know what to write and how thick to draw.
    """
    roles = {r["role_id"]: r["role"] for r in records(out, BY_NAME["roles"])}
    ties: dict[tuple[str, str, str], Told] = defaultdict(Told)
    events: dict[str, tuple[str, Told]] = {}
    for d in documents(out):
        for e in d["events"]:
            events.setdefault(e["event_id"], (e["title"], Told()))[1].add(d["document_id"], e["date"])
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
    nodes = [
        (f"{kind[0]}:{r[f'{kind}_id']}", {
            "label": r["name"], "name": r["name"], "kind": kind, "type": r.get("kind"),
            "documents": r["documents"], **_period(r["first_date"], r["last_date"]),
        })
        for table, kind in (("people", "person"), ("institutions", "institution"))
        for r in records(out, BY_NAME[table])
    ]  # fmt: skip
    nodes += [
        (f"e:{event}", {"label": title, "name": title, "kind": "event", "documents": len(said.documents),
                        **_period(said.first, said.last)})
        for event, (title, said) in sorted(events.items(), key=itemgetter(0))
    ]  # fmt: skip
    known = {n[0] for n in nodes}
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">']
    for of, columns in (("node", _OF_NODES), ("edge", _OF_EDGES)):
        lines += [f'<key id="{of}_{c}" for="{of}" attr.name="{c}" attr.type="{k}"/>' for c, k in columns.items()]
    lines.append('<graph id="rollcall" edgedefault="directed">')
    lines += [f"<node id={_quoted(key)}>{_told('node', told)}</node>" for key, told in nodes]
    for number, ((one, other, relation), said) in enumerate(sorted(ties.items(), key=itemgetter(0))):
        if one in known and other in known:
            told = {
                "relation": relation, "label": roles.get(relation) or relation, "documents": len(said.documents),
                "weight": max(1, len(said.documents)), **_period(said.first, said.last),
            }  # fmt: skip
            ends = f"source={_quoted(one)} target={_quoted(other)}"
            lines.append(f'<edge id="t{number}" {ends}>{_told("edge", told)}</edge>')
    return [_put(target / "network.graphml", "\n".join([*lines, "</graph>", "</graphml>", ""]))]


_PERIOD = {"first": "string", "last": "string", "first_year": "int", "last_year": "int"}
_OF_NODES = {"label": "string", "name": "string", "kind": "string", "type": "string", "documents": "int", **_PERIOD}
_OF_EDGES = {"label": "string", "relation": "string", "documents": "int", "weight": "double", **_PERIOD}


def _period(first: str | None, last: str | None) -> Record:
    """From when to when: EDTF dates, of an interval its beginning or end, and their years where they are known."""
    first, last = ends(first or "")[0], ends(last or "")[1]
    years = {f"{end}_year": int(date[:4]) for end, date in (("first", first), ("last", last)) if date[:4].isdecimal()}
    return {"first": first, "last": last, **years}


def _told(of: str, told: Record) -> str:
    return "".join(f'<data key="{of}_{k}">{_xml(str(v))}</data>' for k, v in told.items() if v not in (None, ""))


def _jsonld(out: Path, target: Path, _: Choices) -> list[Path]:
    """`entities.jsonld`: schema.org Person, Organization and Event.

    Roles at an institution are OrganizationRole; without one, posts and professions are occupations, degrees
    credentials and honours awards.
    """
    events: dict[str, Record] = {}
    speakers: dict[str, set[str]] = defaultdict(set)
    named = {r["role_id"]: r for r in records(out, BY_NAME["roles"])}
    roles: dict[str, dict[tuple[str, str, str], list[str]]] = defaultdict(lambda: defaultdict(list))
    for d in documents(out):
        for a in d["affiliations"]:
            if a["person_id"] and a["role"]:
                known = named.get(a["role_id"], {})
                role = known.get("role") or " ".join(a["role"].split())
                kind = "post" if a["institution_id"] else known.get("kind") or "post"
                roles[a["person_id"]][role, kind, a["institution_id"] or ""].append(_iso(a["date"]))
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
            "alternateName": [v for v in p["variants"] if v != p["name"]], **_identified(p["authority_id"]),
            **_held(roles[p["person_id"]]),
        }))  # fmt: skip
    for i in records(out, BY_NAME["institutions"]):
        graph.append(_known({
            "@type": _TYPES.get(i["kind"] or "", "Organization"), "@id": _urn("institution", i["institution_id"]),
            "name": i["name"], "alternateName": [v for v in i["variants"] if v != i["name"]], "location": i["place"],
            **_identified(i["authority_id"]),
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


def _held(roles: dict[tuple[str, str, str], list[str]]) -> Record:
    """The roles of a person by (role, kind, institution), with the dates on which they were told."""
    held: dict[str, list[Any]] = defaultdict(list)
    for (role, kind, place), dates in roles.items():
        period = {"startDate": min(filter(None, dates), default=""), "endDate": max(filter(None, dates), default="")}
        if place:
            institution = {"affiliation": {"@id": _urn("institution", place)}}
            held["affiliation"].append(_known({"@type": "OrganizationRole", "roleName": role, **period, **institution}))
        elif kind == "degree":
            held["hasCredential"].append({"@type": "EducationalOccupationalCredential", "name": role})
        elif kind == "honour":
            held["award"].append(role)
        else:
            occupation = {"hasOccupation": {"@type": "Occupation", "name": role}}
            held["hasOccupation"].append(_known({"@type": "Role", **period, **occupation}))
    return held


def _annotations(out: Path, target: Path, _: Choices) -> list[Path]:
    """`annotations.jsonl`: a W3C Web Annotation a line, each mention by quotation and position in the raw text.

    What stands before and after it is quoted as well where the text can still be read.
    """
    path = target / "annotations.jsonl"
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for m, before, after in _beside(out):
            bodies: list[Record] = [{"type": "TextualBody", "purpose": "tagging", "value": m["label"]}]
            if m["entity_id"]:
                bodies.append({"type": "SpecificResource", "purpose": "identifying",
                               "source": _urn(m["label"].lower(), m["entity_id"])})  # fmt: skip
            file.write(json.dumps({
                "@context": "http://www.w3.org/ns/anno.jsonld",
                "id": _urn("mention", f"{m['document_id']}/{m['mention_id']}"), "type": "Annotation",
                "motivation": "identifying" if m["entity_id"] else "tagging", "body": bodies,
                "target": {"source": _urn("document", m["document_id"]), "selector": [
                    {"type": "TextPositionSelector", "start": m["start"], "end": m["end"]},
                    _known({"type": "TextQuoteSelector", "exact": m["text"], "prefix": before, "suffix": after}),
                ]},
            }, ensure_ascii=False) + "\n")  # fmt: skip
    return [path]


def _beside(out: Path) -> Iterator[tuple[Record, str, str]]:
    """Each mention with what stands before and after it, empty where the text cannot be read any more."""
    for d in documents(out, ["mentions"]):
        raw = raw_text(out, d)[0] or "" if d["mentions"] else ""
        for m in d["mentions"]:
            before, after = raw[max(0, m["start"] - _BESIDE) : m["start"]], raw[m["end"] : m["end"] + _BESIDE]
            yield m, escaped(before), escaped(after)


def _openrefine(out: Path, target: Path, _: Choices) -> list[Path]:
    """`reconcile.csv`: a row an entity, with what a reconciliation service may compare."""
    told: dict[str, Counter[str]] = defaultdict(Counter)
    roles = {r["role_id"]: r["role"] for r in records(out, BY_NAME["roles"])}
    places = {i["institution_id"]: i["name"] for i in records(out, BY_NAME["institutions"])}
    for a in records(out, BY_NAME["affiliations"]):
        if a["person_id"]:
            told[a["person_id"]][", ".join(_words(a, roles, places))] += 1
    path = target / "reconcile.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "type", "name", "family_name", "given_name", "patronymic", "variants", "kind", "place",
                         "part_of", "first_date", "last_date", "documents", "context", "authority_id"])  # fmt: skip
        for p in records(out, BY_NAME["people"]):
            context = "; ".join(what for what, _number in told[p["person_id"]].most_common(3))
            writer.writerow([p["person_id"], "person", p["name"], p["family_name"], p["given_name"], p["patronymic"],
                             "; ".join(p["variants"]), "", "", "", p["first_date"], p["last_date"], p["documents"],
                             context, p["authority_id"]])  # fmt: skip
        for i in records(out, BY_NAME["institutions"]):
            writer.writerow([i["institution_id"], "institution", i["name"], "", "", "", "; ".join(i["variants"]),
                             i["kind"], i["place"], places.get(i["part_of"], ""), i["first_date"], i["last_date"],
                             i["documents"], i["named_after"], i["authority_id"]])  # fmt: skip
    return [path]


def _words(affiliation: Record, roles: dict[str, str], places: dict[str, str]) -> Iterator[str]:
    """The role and the institution of a row, as they are called."""
    for called in (roles.get(affiliation["role_id"]) or affiliation["role"],
                   places.get(affiliation["institution_id"]) or affiliation["institution"]):  # fmt: skip
        if called:
            yield " ".join(called.split())


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
