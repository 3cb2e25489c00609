"""Exports: other programs read what was written."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from lxml import etree
from reporting_made import HOSTILE, RAW, made

from pipeline.reporting.exports import FORMS, ExportError, export
from pipeline.tables import BY_NAME, TableWriter


def test_export_graphml_is_read_by_networkx(tmp_path: Path) -> None:
    networkx = pytest.importorskip("networkx")
    (path,) = export(made(tmp_path), "graphml")
    graph = networkx.read_graphml(path)
    assert graph.nodes["i:=evil"] == {"label": HOSTILE, "name": HOSTILE, "kind": "institution", "documents": 1}
    assert graph.nodes["p:asanova-bahyt"]["first_year"] == 1998
    ((one, other, data),) = graph.edges(data=True)
    assert (one, other) == ("p:asanova-bahyt", "i:=evil")
    assert data == {"label": "director", "relation": "director", "documents": 1, "weight": 1.0, "first": "1998-03",
                    "last": "1998-03", "first_year": 1998, "last_year": 1998, "id": "t0"}  # fmt: skip


def test_export_graphml_is_well_formed(tmp_path: Path) -> None:
    (path,) = export(made(tmp_path), "graphml")
    assert etree.parse(str(path)).getroot().tag == "{http://graphml.graphdrawing.org/xmlns}graphml"


def test_export_annotations_point_into_the_raw_text(tmp_path: Path) -> None:
    (path,) = export(made(tmp_path), "annotations")
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert len(lines) == 5
    for line in lines:
        position, quotation = line["target"]["selector"]
        assert RAW[position["start"] : position["end"]] == quotation["exact"]
        quoted = quotation.get("prefix", "") + quotation["exact"] + quotation.get("suffix", "")
        assert quoted in RAW and len(quoted) > len(quotation["exact"])
    assert {line["motivation"] for line in lines} == {"identifying", "tagging"}
    (tmp_path / "in/a.txt").write_text("something else", encoding="utf-8")
    (path,) = export(tmp_path / "out", "annotations")
    assert all("prefix" not in json.loads(line)["target"]["selector"][1] for line in path.open(encoding="utf-8"))


def test_export_jsonld_and_openrefine(tmp_path: Path) -> None:
    out = made(tmp_path)
    (path,) = export(out, "jsonld")
    person, institution = json.loads(path.read_text(encoding="utf-8"))["@graph"]
    assert person["affiliation"][0]["affiliation"]["@id"] == institution["@id"]
    assert person["affiliation"][0]["startDate"] == "1998-03"
    assert (person["affiliation"][0]["roleName"], institution["@type"]) == ("director", "Organization")
    (path,) = export(out, "openrefine")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(r["id"], r["type"]) for r in rows] == [("asanova-bahyt", "person"), ("=evil", "institution")]
    assert rows[0]["context"] == f"director, {HOSTILE}" and rows[0]["documents"] == "1"


def test_export_jsonld_roles_without_an_institution(tmp_path: Path) -> None:
    out = made(tmp_path)
    kinds = {"poet": "profession", "doctor of science": "degree", "people's artist": "honour"}
    held = [{"document_id": "a.txt", "affiliation_id": f"a{n}", "person_id": "asanova-bahyt", "role": role, "start": 0,
             "role_id": role, "end": 1, "date": "1999"} for n, role in enumerate(kinds)]  # fmt: skip
    roles = [{"role_id": role, "role": role, "kind": kind} for role, kind in kinds.items()]
    for table, rows in (("affiliations", held), ("roles", roles)):
        with TableWriter(BY_NAME[table], out) as writer:
            writer.write_all([row.get(name) for name in BY_NAME[table].header] for row in rows)
    (path,) = export(out, "jsonld")
    person = json.loads(path.read_text(encoding="utf-8"))["@graph"][0]
    assert person["hasOccupation"] == [{
        "@type": "Role", "startDate": "1999", "endDate": "1999",
        "hasOccupation": {"@type": "Occupation", "name": "poet"},
    }]  # fmt: skip
    assert [c["name"] for c in person["hasCredential"]] == ["doctor of science"]
    assert person["award"] == ["people's artist"] and "affiliation" not in person
    assert person["name"] not in person["alternateName"]


def test_export_events_with_their_speakers(tmp_path: Path) -> None:
    out = made(tmp_path)
    event = {"document_id": "a.txt", "event_id": "e", "title": "Readings", "date": "2012-09-05/2012-09-07", "start": 0,
             "end": 1}  # fmt: skip
    talk = {"document_id": "a.txt", "report_id": "r", "speaker": 1, "title": "T", "person_id": "asanova-bahyt",
            "event_id": "e", "start": 0, "end": 1, "date": "2012-09-06"}  # fmt: skip
    library = {"institution_id": "i", "name": "L", "kind": "library", "part_of": "j", "variants": []}
    archive = {"institution_id": "j", "name": "A", "kind": "archive", "authority_id": "https://a.test", "variants": []}
    for table, rows in (("events", [event]), ("reports", [talk]), ("institutions", [library, archive])):
        with TableWriter(BY_NAME[table], out) as writer:
            writer.write_all([row.get(name) for name in BY_NAME[table].header] for row in rows)
    (path,) = export(out, "jsonld")
    told = json.loads(path.read_text(encoding="utf-8"))["@graph"]
    assert [t["@type"] for t in told] == ["Person", "Library", "ArchiveOrganization", "Event"]
    assert told[3] == {
        "@type": "Event", "@id": "urn:rollcall:event:e", "name": "Readings", "startDate": "2012-09-05",
        "endDate": "2012-09-07", "performer": [{"@id": told[0]["@id"]}],
    }  # fmt: skip
    assert told[1]["parentOrganization"]["@id"] == told[2]["@id"]
    assert told[2]["sameAs"] == "https://a.test"
    networkx = pytest.importorskip("networkx")
    (path,) = export(out, "graphml")
    graph = networkx.read_graphml(path)
    assert sorted((a, b, d["relation"], d.get("first", "")) for a, b, d in graph.edges(data=True)) == [
        ("i:i", "i:j", "part of", ""), ("p:asanova-bahyt", "e:e", "report", "2012-09-06")]  # fmt: skip
    assert graph.nodes["e:e"] == {
        "label": "Readings", "name": "Readings", "kind": "event", "documents": 1, "first": "2012-09-05",
        "last": "2012-09-07", "first_year": 2012, "last_year": 2012,
    }  # fmt: skip


def test_export_of_an_unknown_form(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=", ".join(FORMS)):
        export(made(tmp_path), "gif")
