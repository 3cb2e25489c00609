"""EAC-CPF: records of both editions are valid, say what the tables say, and point to their sources."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from reporting_made import HOSTILE, RAW, made

from pipeline.reporting.eac import EDITIONS, file_name
from pipeline.reporting.exports import Choices, ExportError, export
from pipeline.tables import BY_NAME, TableWriter

etree = pytest.importorskip("lxml.etree")
DATA = Path(__file__).parent / "data"


def written(out: Path, edition: str, **choices: str) -> dict[str, Any]:
    """The records by file name, each checked against the restated schema."""
    (folder,) = export(out, "eac", Choices(edition, **choices))
    schema = etree.RelaxNG(etree.parse(str(DATA / f"eac-cpf-{edition}.rng")))
    found = {}
    for path in sorted(folder.rglob("*.xml")):
        tree = etree.parse(str(path))
        assert schema.validate(tree), f"{path.name}: {schema.error_log}"
        found[path.relative_to(folder).as_posix()] = tree.getroot()
    return found


def texts(root: Any, edition: str, path: str) -> list[str]:
    return [e.text for e in root.iterfind(path, {"": EDITIONS[edition]})]


def span(text: str) -> str:
    return f"{RAW.index(text)}-{RAW.index(text) + len(text)}"


def rewritten(out: Path, table: str, *rows: dict[str, Any]) -> None:
    with TableWriter(BY_NAME[table], out) as writer:
        for row in rows:
            writer.write([row.get(name) for name in BY_NAME[table].header])


@pytest.mark.parametrize("edition", EDITIONS)
def test_eac_is_valid_for_a_hostile_output(edition: str, tmp_path: Path) -> None:
    found = written(made(tmp_path), edition)
    assert list(found) == ["institutions/%3Devil.xml", "people/asanova-bahyt.xml"]
    assert texts(found["institutions/%3Devil.xml"], edition, ".//nameEntry/part")[0] == HOSTILE


@pytest.mark.parametrize("edition", EDITIONS)
def test_eac_tells_what_the_tables_tell(edition: str, tmp_path: Path) -> None:
    out = made(tmp_path)
    people = {"person_id": "asanova-bahyt", "name": "Бахыт Асанова", "family_name": "Асанова", "given_name": "Бахыт",
              "variants": ["Asanova B.", "Бахыт Асанова"], "first_date": "1998-03", "last_date": "2001",
              "authority_id": "http://viaf.test/1"}  # fmt: skip
    library = {"institution_id": "=evil", "name": "Library", "kind": "library", "place": "Pavlodar", "variants": [],
               "named_after": "S. Toraigyrov"}  # fmt: skip
    rewritten(out, "people", people)
    rewritten(out, "institutions", library, {"institution_id": "z", "name": "Hall", "part_of": "=evil", "variants": []})
    found = written(out, edition, agency="State Archive")
    hall, place = found["institutions/z.xml"], found["institutions/%3Devil.xml"]
    person = found["people/asanova-bahyt.xml"]
    assert texts(person, edition, ".//agencyName") == ["State Archive"]
    parts = person.findall(".//{*}nameEntry[1]/{*}part")
    assert [(p.get("localType"), p.text) for p in parts] == [("surname", "Асанова"), ("forename", "Бахыт")]
    assert texts(person, edition, ".//nameEntry/part")[2:] == ["Asanova B."], "the preferred name is no variant"
    assert texts(person, edition, ".//occupation/term") == ["director"]
    assert person.find(".//{*}occupation/{*}date").get("standardDate") == "1998-03"
    assert [d.get("standardDate") for d in person.find(".//{*}existDates/{*}dateRange")] == ["1998-03", "2001"]
    assert "http://viaf.test/1" in {e.text for e in person.find(".//{*}identity")}
    entry = ".//reference" if edition == "2.0" else ".//sourceEntry"
    assert texts(person, edition, entry)[0] == f"{HOSTILE} (a.txt), 1998-03"
    named = ".//targetEntity/part" if edition == "2.0" else ".//relationEntry"
    assert texts(person, edition, named) == ["Library", HOSTILE]
    assert texts(place, edition, named) == ["Бахыт Асанова", "Hall"]
    assert texts(hall, edition, named) == ["Library"]
    assert {"library", "Pavlodar", "Named after S. Toraigyrov."} <= {e.text for e in place.iter()}


def test_eac_statements_point_to_their_sources(tmp_path: Path) -> None:
    person = written(made(tmp_path), "2.0")["people/asanova-bahyt.xml"]
    (source,) = person.iterfind(".//{*}source")
    assert texts(source, "2.0", "citedRange") == [span("Асанова Бахыт"), span("Asanova B.")]
    assert {e.get("sourceReference") for e in person.iter("{*}occupation", "{*}relation")} == {source.get("id")}


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("date", ["1998-02-30", "2012?", "XXXX-11-24", "2012-09-05/2012-09-07", "19XX"])
def test_eac_only_days_of_the_calendar_are_standard(edition: str, date: str, tmp_path: Path) -> None:
    out = made(tmp_path)
    rewritten(out, "people", {"person_id": "a", "name": "A", "variants": [], "first_date": date, "last_date": date})
    dates = written(out, edition)["people/a.xml"].find(".//{*}existDates")
    standard = [e.get("standardDate") for e in dates.iter() if e.get("standardDate")]
    assert standard == (["2012-09-05", "2012-09-07"] if "/" in date else [])


@pytest.mark.parametrize("edition", EDITIONS)
def test_eac_is_the_same_bytes_twice_and_replaces_what_was_there(edition: str, tmp_path: Path) -> None:
    out = made(tmp_path)
    (out / "run.json").write_text(json.dumps({"ended": "2020-01-02T03:04:05+00:00"}))
    (folder,) = export(out, "eac", Choices(edition))
    first = {p: p.read_bytes() for p in folder.rglob("*.xml")}
    assert all(b'standardDateTime="2020-01-02T03:04:05+00:00"' in data for data in first.values())
    (folder / "people" / "gone.xml").write_text("an entity of an earlier run")
    export(out, "eac", Choices(edition))
    assert {p: p.read_bytes() for p in folder.rglob("*.xml")} == first


def test_eac_file_names_hold_on_every_system() -> None:
    assert file_name("asanova-bahyt") == "asanova-bahyt.xml"
    assert file_name("../a/б") == "..%2Fa%2F%D0%B1.xml"
    assert len(file_name("б" * 500)) < 150 and file_name("б" * 500) != file_name("б" * 501)


def test_eac_of_an_edition_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"no edition '3'.*2\.0, 2010"):
        export(made(tmp_path), "eac", Choices("3"))


def test_eac_restated_schema_refuses_what_is_wrong(tmp_path: Path) -> None:
    schema = etree.RelaxNG(etree.parse(str(DATA / "eac-cpf-2.0.rng")))
    root = written(made(tmp_path), "2.0")["people/asanova-bahyt.xml"]
    root.find(".//{*}date").set("standardDate", "March")
    assert not schema.validate(root)
