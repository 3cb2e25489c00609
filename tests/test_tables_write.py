"""Writing and reading tables: what goes in comes out, with its type."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.tables import BY_NAME, TABLES, VERSION, TablesError, TableWriter, read_tables
from pipeline.tables.write import Row

NASTY = ["", "plain", 'a "quoted" name', "two\nlines", "and\r\nthree", "comma, semicolon; tab\t", " spaces ", "=1+1",
         "nul\0byte", "lone \ud800 surrogate", "\udcff", "“Ы” 漢字 🎉", "line\u2028sep\x85x", "00123", "NA", "null",
         "1e5"]  # fmt: skip


def mention(text: str, number: int = 1) -> Row:
    return ["a.txt", f"m{number:05d}", "PERSON", 0, len(text), text, text, "00123", 0.5, None]


def write(out: Path, **rows: list[Row]) -> None:
    for table in TABLES:
        with TableWriter(table, out) as writer:
            writer.write_all(rows.get(table.name, []))
    (out / "rollcall.json").write_text(json.dumps({"program": "rollcall", "tables": VERSION, "complete": True}))


def test_write_csv_is_rfc_4180(tmp_path: Path) -> None:
    write(tmp_path, mentions=[mention('say "A, B"\nC')])
    assert (tmp_path / "mentions.csv").read_bytes() == (
        b"document_id,mention_id,label,start,end,text,normalised,entity_id,confidence,page\r\n"
        b'a.txt,m00001,PERSON,0,12,"say ""A, B""\nC","say ""A, B""\nC",00123,0.5000,\r\n'
    )


def test_write_jsonl_is_one_object_a_line(tmp_path: Path) -> None:
    write(tmp_path, mentions=[mention("a\nb"), mention("c", 2)])
    lines = (tmp_path / "mentions.jsonl").read_text(encoding="utf-8").splitlines()
    assert lines[0] == (
        '{"document_id": "a.txt", "mention_id": "m00001", "label": "PERSON", "start": 0, "end": 3, "text": "a\\nb", '
        '"normalised": "a\\nb", "entity_id": "00123", "confidence": 0.5000, "page": null}'
    )
    assert len(lines) == 2


@pytest.mark.parametrize("text", NASTY)
def test_write_any_text_survives(tmp_path: Path, text: str) -> None:
    write(tmp_path, mentions=[mention(text)])
    (read,) = read_tables(tmp_path)["mentions"]["text"]
    assert read == text if text else pd.isna(read)
    with (tmp_path / "mentions.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["text"] == text.encode("utf-8", "backslashreplace").decode("utf-8")
    assert len((tmp_path / "mentions.jsonl").read_text(encoding="utf-8").splitlines()) == 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(st.lists(st.text(min_size=1), max_size=5))
def test_write_lists_and_texts_survive(tmp_path: Path, variants: list[str]) -> None:
    row: Row = ["p", "n", "", "", "", "", variants, 1, 2, "", "", "", None, ""]
    write(tmp_path, people=[row])
    assert list(read_tables(tmp_path)["people"]["variants"]) == [tuple(variants)]


def test_write_lists_are_joined_in_csv(tmp_path: Path) -> None:
    write(tmp_path, people=[["p", "n", "", "", "", "", ("A. B.", "B, A."), 1, 2, "", "", "", None, ""]])
    assert b'"A. B. | B, A."' in (tmp_path / "people.csv").read_bytes()
    assert '"variants": ["A. B.", "B, A."]' in (tmp_path / "people.jsonl").read_text()


def test_write_parts_are_those_of_one_write_and_told_in_bytes(tmp_path: Path) -> None:
    parts = [[mention(text, n) for n in range(1, 3)] for text in NASTY]
    parts.insert(1, [])
    with TableWriter(BY_NAME["mentions"], tmp_path) as writer:
        sizes = writer.write_parts(parts)
    together = {suffix: (tmp_path / f"mentions.{suffix}").read_bytes() for suffix in ("csv", "jsonl")}
    write(tmp_path, mentions=[row for part in parts for row in part])
    assert together == {suffix: (tmp_path / f"mentions.{suffix}").read_bytes() for suffix in together}
    header = len(",".join(BY_NAME["mentions"].header)) + 2
    assert sizes[1] == (0, 0)
    assert [sum(size) for size in zip(*sizes, strict=True)] == [len(together["csv"]) - header, len(together["jsonl"])]


def test_write_unknown_is_empty(tmp_path: Path) -> None:
    document: Row = ["a.pdf", "a.pdf", "", "", "", None, "", "", "", None, 0, 0, 0, "failed", "why"]
    document += [""] * (len(BY_NAME["documents"].columns) - len(document))
    write(tmp_path, documents=[document])
    line = (tmp_path / "documents.csv").read_text().splitlines()[1]
    assert line.rstrip(",") == "a.pdf,a.pdf,,,,,,,,,0,0,0,failed,why"
    frame = read_tables(tmp_path)["documents"]
    assert frame.loc[0, ["sha256", "encoding_confidence", "characters"]].isna().all()


def test_read_types_are_the_declared_ones(tmp_path: Path) -> None:
    write(tmp_path, mentions=[mention("a"), mention("b", 2)])
    frames = read_tables(tmp_path)
    assert set(frames) == set(BY_NAME)
    for table in TABLES:
        frame = frames[table.name]
        for column in table.columns:
            kind = str(frame[column.name].dtype)
            wanted = {"text": "string", "date": "string", "integer": "Int64", "number": "float64", "list": "object"}
            assert kind == wanted[column.kind], f"{table.name}.{column.name}"
    assert list(frames["mentions"]["entity_id"]) == ["00123", "00123"]


def test_read_dates_are_parsed_only_where_they_are_a_day(tmp_path: Path) -> None:
    dates = ["1998-11-24", "1998-03", "XXXX-11-24", "2012-09-05/2012-09-07", "1998", "1401-01-01", "2021-02-30", ""]
    rows: list[Row] = [[f"p{i}", "", "", "", "", "", (), 0, 0, d, "", "", None, ""] for i, d in enumerate(dates)]
    write(tmp_path, people=rows)
    frame = read_tables(tmp_path)["people"]
    assert list(frame["first_date"].fillna("")) == dates
    assert [None if pd.isna(d) else f"{d:%Y-%m-%d}" for d in frame["first_date_parsed"]] == [
        "1998-11-24", None, None, None, None, "1401-01-01", None, None,
    ]  # fmt: skip


def test_read_a_folder_without_tables(tmp_path: Path) -> None:
    with pytest.raises(TablesError) as error:
        read_tables(tmp_path)
    assert str(error.value) == (
        f"{tmp_path} holds no tables of Rollcall (no rollcall.json). Name the folder that `rollcall run --out` wrote."
    )


def test_read_no_folder(tmp_path: Path) -> None:
    with pytest.raises(TablesError) as error:
        read_tables(tmp_path / "x")
    assert str(error.value) == (
        f"There is no folder {tmp_path}/x. Write tables with `rollcall run --out {tmp_path}/x` first."
    )


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        ({"tables": VERSION + 1, "complete": True}, f"holds tables of version {VERSION + 1}; this Rollcall reads"),
        ({"tables": VERSION, "complete": False}, "did not finish. Run `rollcall run --out"),
        ({}, "rollcall.json is damaged. Run `rollcall run --out"),
        ({"tables": VERSION, "complete": True}, "lacks documents.jsonl, mentions.jsonl"),
    ],
)
def test_read_other_folders(tmp_path: Path, manifest: dict[str, object], message: str) -> None:
    (tmp_path / "rollcall.json").write_text(json.dumps(manifest))
    with pytest.raises(TablesError, match=message):
        read_tables(tmp_path)


def test_read_a_damaged_line_is_named(tmp_path: Path) -> None:
    write(tmp_path, mentions=[mention("a"), mention("b", 2)])
    path = tmp_path / "mentions.jsonl"
    path.write_text(path.read_text()[:-20])
    with pytest.raises(TablesError, match=r"mentions.jsonl is damaged at line 2"):
        read_tables(tmp_path)
