"""Joined views: the same rows in SQLite, in DuckDB and in the frames, whatever points nowhere or twice."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from reporting_made import made

from pipeline.tables import BY_NAME, TABLES, VIEWS, TableWriter, View, read_tables, sql, write_formats


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """An output in which events have several rows, people none, and dates no year."""
    folder = made(tmp_path)
    rewritten(
        folder, "events",
        {"document_id": "a.txt", "event_id": "e", "title": "Readings", "start": 5, "end": 6},
        {"document_id": "a.txt", "event_id": "e", "title": "the Readings", "start": 9, "end": 10, "date": "XXXX-05-01"},
        {"document_id": "b.txt", "event_id": "e", "title": "Чтения", "start": 1, "end": 2, "date": "2001"},
    )  # fmt: skip
    talk = {"document_id": "a.txt", "speaker": 1, "title": "T", "start": 0, "end": 1, "person_id": "asanova-bahyt"}
    rewritten(
        folder, "reports",
        {**talk, "report_id": "r1", "event_id": "e", "date": "1999"},
        {**talk, "report_id": "r2", "person_id": "nobody", "date": "XXXX-11-24"},
        {**talk, "report_id": "r3", "document_id": "b.txt", "event_id": "e", "person_id": None},
    )  # fmt: skip
    return folder


def rewritten(folder: Path, table: str, *rows: dict[str, Any]) -> None:
    with TableWriter(BY_NAME[table], folder) as writer:
        for row in rows:
            writer.write([row.get(name) for name in BY_NAME[table].header])


def plain(frame: pd.DataFrame, columns: list[str]) -> list[tuple[Any, ...]]:
    cells = frame[columns].astype(object)
    return sorted(cells.where(cells.notna(), None).itertuples(index=False, name=None), key=repr)


@pytest.mark.parametrize("view", VIEWS, ids=lambda v: v.name)
def test_views_are_the_same_everywhere(view: View, out: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    write_formats(out, ["sqlite", "parquet"])
    columns = [*(c.name for c in BY_NAME[view.table].columns), *(c.name for c in view.columns)]
    frame = read_tables(out)[view.name]
    expected = plain(frame, columns)
    assert len(expected) == len(read_tables(out)[view.table]), "no row is lost or doubled"
    base = sqlite3.connect(out / "tables.sqlite")
    chosen = ", ".join(f'"{c}"' for c in columns)
    assert sorted(base.execute(f"SELECT {chosen} FROM {view.name}"), key=repr) == expected
    base.close()
    duck = duckdb.connect()
    for table in TABLES:
        duck.execute(f"CREATE VIEW {table.name} AS SELECT * FROM '{out}/{table.name}.parquet'")
    duck.execute(f"CREATE VIEW {view.name} AS {sql(view)}")
    assert sorted(duck.execute(f"SELECT {chosen} FROM {view.name}").fetchall(), key=repr) == expected
    duck.close()


def test_views_who_spoke(out: Path) -> None:
    spoke = read_tables(out)["reports_named"].set_index("report_id")
    assert list(spoke["event_title"].fillna("")) == ["Readings", "", "Чтения"]
    assert list(spoke["person_name"].fillna("")) == ["Бахыт Асанова", "", ""]
    assert list(spoke["year"].fillna(0)) == [1999, 1998, 0], "a date without a year leaves it to the document"
    assert str(spoke["year"].dtype) == "Int64"
    assert "document_date_parsed" in spoke


def test_views_name_each_kind_of_mention(out: Path) -> None:
    named = read_tables(out)["mentions_named"]
    names = dict(zip(named["mention_id"], named["entity_name"].fillna(""), strict=True))
    assert names["m00001"] == "director" and names["m00002"] == "Бахыт Асанова" and names["m00003"] == ""


def test_views_a_name_that_is_none(out: Path) -> None:
    tables = read_tables(out)
    assert set(tables) == {t.name for t in TABLES}
    with pytest.raises(KeyError, match=r"no table or view 'talks'.*reports_named"):
        tables["talks"]


def test_views_of_an_empty_output(tmp_path: Path) -> None:
    folder = made(tmp_path)
    for table in TABLES:
        rewritten(folder, table.name)
    tables = read_tables(folder)
    for view in VIEWS:
        assert len(tables[view.name]) == 0
        assert {c.name for c in view.columns} <= set(tables[view.name].columns)
