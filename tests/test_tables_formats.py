"""Tables in further formats: each is read by a program for it, and holds the same rows."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from pathlib import Path

import pandas as pd
import pytest
from reporting_made import HOSTILE, made

from pipeline.tables import (
    BY_NAME,
    FORMATS,
    TABLES,
    VIEWS,
    FormatError,
    TablesError,
    TableWriter,
    check_formats,
    read_tables,
    write_descriptor,
    write_formats,
)
from pipeline.tables.formats import SHEET_WIDEST


def test_formats_are_the_same_bytes_twice(tmp_path: Path) -> None:
    out = made(tmp_path)
    names = [n for n in FORMATS if n not in ("parquet", "xlsx")]
    assert write_formats(out, names) == write_formats(out, names)


def test_format_json_nests_rows_in_their_documents(tmp_path: Path) -> None:
    out = made(tmp_path)
    write_formats(out, ["json"])
    told = json.loads((out / "tables.json").read_text(encoding="utf-8"))
    first, second = told["documents"]
    assert [m["mention_id"] for m in first["mentions"]] == ["m00001", "m00002", "m00003", "m00004", "m00005"]
    assert (second["status"], second["mentions"], second["reports"]) == ("failed", [], [])
    assert told["people"][0]["variants"] == ["Asanova B.", "Асанова Бахыт"]


def test_format_sqlite_has_types_and_views(tmp_path: Path) -> None:
    out = made(tmp_path)
    write_formats(out, ["sqlite"])
    base = sqlite3.connect(out / "tables.sqlite")
    assert base.execute("SELECT person_name, institution_name FROM affiliations_named").fetchall() == [
        ("Бахыт Асанова", HOSTILE)
    ]
    assert {n for (n,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'view'")} == {v.name for v in VIEWS}
    assert base.execute("SELECT typeof(start), typeof(confidence), typeof(page) FROM mentions").fetchone() == (
        "integer", "real", "null")  # fmt: skip
    assert {n for (n,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")} == {
        t.name for t in TABLES
    }
    base.close()


def test_format_parquet_is_typed(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    out = made(tmp_path)
    write_formats(out, ["parquet"])
    frame = pd.read_parquet(out / "mentions.parquet")
    assert str(frame["start"].dtype) == "int64" and len(frame) == 5
    assert list(pd.read_parquet(out / "people.parquet")["variants"][0]) == ["Asanova B.", "Асанова Бахыт"]


def test_format_xlsx_has_a_sheet_a_table_and_no_formula(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    pytest.importorskip("xlsxwriter")
    out = made(tmp_path)
    first = write_formats(out, ["xlsx"])
    assert first == write_formats(out, ["xlsx"])
    book = openpyxl.load_workbook(out / "tables.xlsx")
    assert book.sheetnames == [t.name for t in TABLES]
    cell = book["institutions"]["A2"]
    assert (cell.value, cell.data_type) == ("=evil", "s")


def test_format_xlsx_can_be_read_as_it_opens(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    pytest.importorskip("xlsxwriter")
    out = made(tmp_path)
    write_formats(out, ["xlsx"])
    for sheet in openpyxl.load_workbook(out / "tables.xlsx"):
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref == sheet.dimensions  # the head row and every row below it
    sheet = openpyxl.load_workbook(out / "tables.xlsx")["mentions"]
    widths = {cell.value: sheet.column_dimensions[cell.column_letter].width for cell in sheet[1]}
    assert widths["start"] < 12 < 40 < widths["text"] <= SHEET_WIDEST + 1  # numbers narrow, the long title wide
    assert widths["confidence"] > len("confidence")


def test_format_xlsx_filters_each_sheet_of_a_long_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    pytest.importorskip("xlsxwriter")
    monkeypatch.setattr("pipeline.tables.formats.SHEET_ROWS", 2)
    out = made(tmp_path)
    write_formats(out, ["xlsx"])
    book = openpyxl.load_workbook(out / "tables.xlsx")
    assert [book[name].max_row for name in ("mentions", "mentions 2", "mentions 3")] == [3, 3, 2]
    assert all(sheet.auto_filter.ref == sheet.dimensions for sheet in book)


def test_format_excel_csv_runs_no_formula(tmp_path: Path) -> None:
    out = made(tmp_path)
    write_formats(out, ["excel"])
    data = (out / "institutions.excel.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    _, row = csv.reader(data.decode("utf-8-sig").splitlines())
    assert row[0] == "'=evil"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("=1+1", False), ("+7 701", False), ("-1", False), ("@SUM(A1)", False), ("\n=1", False), ("＝1", False),
        ("0017", False), ("12345678901234567", False), ("1998-03", False), ("1/2", False), ("14.10.2016", False),
        ("14 October 2016", False), ("March 1998", False), ("12 мая 2003 г.", False), ("5 May", False), ("TRUE", False),
        ("1e5", False), ("10:30", False), ("50%", False),
        ("1998", True), ("2016-10-14", True), ("2012-09-05/2012-09-07", True), ("XXXX-11-24", True), ("m00001", True),
        ("asanova-bahyt", True), ("Room 5", True), ("the village library", True), ("2012-09-05?", True),
        ("news/a.txt", True), ("marat-5", True),
    ],
)  # fmt: skip
def test_format_excel_csv_neither_runs_nor_converts(text: str, kept: bool, tmp_path: Path) -> None:
    out = made(tmp_path)
    with TableWriter(BY_NAME["changes"], out) as writer:
        writer.write([text, "a", "merged"])
    write_formats(out, ["excel"])
    data = (out / "changes.excel.csv").read_bytes().decode("utf-8-sig")
    _, (cell, *_) = csv.reader(io.StringIO(data, newline=""))
    assert cell == (text if kept else f"'{text}")


def test_leading_zeros_survive_in_every_format(tmp_path: Path) -> None:
    """An id such as `0017` is a text, whatever reads it."""
    for library in ("pyarrow", "xlsxwriter", "duckdb", "openpyxl", "frictionless"):
        pytest.importorskip(library)
    import duckdb
    import frictionless
    import openpyxl

    out = made(tmp_path)
    with TableWriter(BY_NAME["people"], out) as writer:
        row = {"person_id": "007", "name": "A", "variants": ["01"], "authority_id": "0017", "mentions": 3}
        writer.write([row.get(name) for name in BY_NAME["people"].header])
    write_descriptor(out)
    write_formats(out, list(FORMATS))
    columns = ("person_id", "authority_id", "mentions")
    expected = ("007", "0017", 3)
    (told,) = json.loads((out / "tables.json").read_text(encoding="utf-8"))["people"]
    assert tuple(told[c] for c in columns) == expected
    assert tuple(read_tables(out)["people"].loc[0, list(columns)]) == expected
    assert tuple(pd.read_parquet(out / "people.parquet").loc[0, list(columns)]) == expected
    chosen = ", ".join(columns)
    assert duckdb.sql(f"SELECT {chosen} FROM '{out}/people.parquet'").fetchall() == [expected]
    base = sqlite3.connect(out / "tables.sqlite")
    assert base.execute(f"SELECT {chosen} FROM people").fetchall() == [expected]
    base.close()
    head, row_found = openpyxl.load_workbook(out / "tables.xlsx")["people"].values
    assert tuple(dict(zip(head, row_found, strict=True))[c] for c in columns) == expected
    (resource,) = [r for r in frictionless.Package(str(out / "datapackage.json")).resources if r.name == "people"]
    (row_told,) = resource.read_rows()
    assert tuple(row_told[c] for c in columns) == expected


def test_csv_is_read_by_duckdb(tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    out = made(tmp_path)
    rows = duckdb.sql(f"SELECT document_id, text FROM read_csv('{out}/mentions.csv', all_varchar=true)").fetchall()
    assert rows[2] == ("a.txt", HOSTILE)
    (lines,) = duckdb.sql(f"SELECT count(*), max(\"end\") FROM read_json('{out}/mentions.jsonl')").fetchall()
    assert lines == (5, read_tables(out)["mentions"]["end"].max())


def test_descriptor_is_valid_for_frictionless(tmp_path: Path) -> None:
    frictionless = pytest.importorskip("frictionless")
    out = made(tmp_path)
    write_descriptor(out)
    told = frictionless.validate(str(out / "datapackage.json"))
    assert told.valid, told.flatten(["title", "message"])[:3]
    # A pointer to nobody is found.
    people = out / "people.csv"
    people.write_text(people.read_text(encoding="utf-8").replace("asanova-bahyt", "someone"), encoding="utf-8")
    assert not frictionless.validate(str(out / "datapackage.json")).valid


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    out = made(tmp_path)
    lines = (out / "mentions.jsonl").read_text(encoding="utf-8").splitlines()
    (out / "mentions.jsonl").write_text(f"{lines[0]}\n{lines[1][:50]}", encoding="utf-8")
    with pytest.raises(TablesError, match=r"mentions\.jsonl is damaged at line 2"):
        write_formats(out, ["json"])


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(FormatError, match="json, parquet"):
        check_formats(["csv", "odt"])
    assert check_formats(["csv", "xlsx", "json", "json"]) == ["json", "xlsx"]
    with pytest.raises(FormatError, match="'odt' is no format"):
        check_formats(["json,odt"])


@pytest.mark.parametrize("given", [["xlsx,json"], ["xlsx, json", "csv"], ["json", "xlsx"], "json,xlsx"])
def test_formats_are_listed_with_commas_or_one_by_one(given: str | list[str]) -> None:
    pytest.importorskip("xlsxwriter")
    assert check_formats(given) == ["json", "xlsx"]
