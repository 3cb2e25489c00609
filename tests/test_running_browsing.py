"""The store as people browse it: views, links from entities to documents, search, kept up to date run by run."""

from __future__ import annotations

import csv
import sqlite3
from pathlib import Path
from typing import Any

import pytest
import running_fakes as fakes

from pipeline.running import RunResult, run
from pipeline.running.faults import with_mails
from pipeline.running.store import STORE
from pipeline.tables import BY_NAME
from pipeline.tables.rows import OF_DOCUMENTS

TEXTS = {
    "a": 'Asanova B., director, National Library. Bekova C.: "Maps" 2012-09-05.',
    "b": "Asanova B. came to the Café.",
    "c": "Жанар читала доклад. Dosova E. came.",
}


def go(base: Path, **settings: Any) -> RunResult:
    return run(base / "in", base / "out", make_engine=fakes.make_engine, link=fakes.link, learn=False, **settings)


def ask(base: Path, sql: str, *values: object) -> list[tuple[Any, ...]]:
    db = sqlite3.connect(f"file:{base / 'out' / STORE}?mode=ro", uri=True)
    try:
        return db.execute(sql, values).fetchall()
    finally:
        db.close()


def found(base: Path, words: str) -> list[str]:
    sql = "SELECT document_id FROM texts JOIN texts_search ON id = texts_search.rowid WHERE texts_search MATCH ?"
    return sorted(row[0] for row in ask(base, sql, words))


@pytest.fixture
def base(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    for name, text in TEXTS.items():
        (tmp_path / "in" / f"{name}.txt").write_text(text, encoding="utf-8")
    go(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", OF_DOCUMENTS)
def test_browsing_views_show_the_rows_of_the_tables(base: Path, name: str) -> None:
    db = sqlite3.connect(base / "out" / STORE)
    db.row_factory = sqlite3.Row
    shown = [dict(row) for row in db.execute(f"SELECT * FROM {name.removesuffix('s')}_rows ORDER BY document_id")]
    db.close()
    with (base / "out" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(shown) == len(rows)
    numbers = {c.name for c in BY_NAME[name].columns if c.kind == "number"}
    for one, other in zip(shown, rows, strict=True):
        for column in set(other) & set(one) - numbers:
            assert str("" if one[column] is None else one[column]) == other[column], column


def test_browsing_views_join_the_names_of_entities(base: Path) -> None:
    sql = "SELECT document_id, person_id, person_name, role FROM affiliation_rows"
    assert ask(base, sql) == [("a.txt", "asanova-b", "Asanova B.", "director")]
    sql = "SELECT document_id, name, mentions FROM appearance_rows WHERE entity_id = 'asanova-b' ORDER BY 1"
    assert ask(base, sql) == [("a.txt", "Asanova B.", 1), ("b.txt", "Asanova B.", 1)]


def test_browsing_texts_are_searched_by_words(base: Path) -> None:
    assert found(base, "library") == ["a.txt"]
    assert found(base, "CAFE") == ["b.txt"]
    assert found(base, "жанар") == ["c.txt"]
    assert found(base, '"director national"') == ["a.txt"]
    assert found(base, "nothing") == []


def test_browsing_names_are_searched(base: Path) -> None:
    sql = "SELECT person_id FROM people JOIN people_search ON id = people_search.rowid WHERE people_search MATCH ?"
    assert ask(base, sql, "asan*") == [("asanova-b",)]
    assert ask(base, sql, "dosova") == [("dosova-e",)]


def test_browsing_datasette_sees_what_can_be_searched(base: Path) -> None:
    for table in ("texts", "people", "institutions"):
        sql = "SELECT name FROM sqlite_master WHERE rootpage = 0 AND sql LIKE ?"
        assert ask(base, sql, f'%VIRTUAL TABLE%USING FTS%content="{table}"%') == [(f"{table}_search",)]


def test_browsing_follows_what_changes(base: Path) -> None:
    (base / "in" / "a.txt").write_text("Bekova C. saw Fesova G.")
    (base / "in" / "b.txt").unlink()
    (base / "in" / "d.txt").write_text("A library, and Asanova B. in it.")
    go(base)
    assert found(base, "library") == ["d.txt"] and found(base, "cafe") == []
    assert [row[0] for row in ask(base, "SELECT person_id FROM people ORDER BY 1")] == [
        "asanova-b", "bekova-c", "dosova-e", "fesova-g",
    ]  # fmt: skip
    assert ask(base, "SELECT document_id FROM appearances WHERE entity_id = 'asanova-b'") == [("d.txt",)]
    assert ask(base, "SELECT count(*) FROM entities") == [(3,)]
    for table in ("texts", "people"):
        db = sqlite3.connect(base / "out" / STORE)
        db.execute(f"INSERT INTO {table}_search ({table}_search) VALUES ('integrity-check')")
        db.close()


def test_browsing_what_is_unchanged_is_not_written_again(base: Path) -> None:
    before = ask(base, "SELECT id, document_id FROM texts"), ask(base, "SELECT id, person_id FROM people")
    (base / "in" / "d.txt").write_text("Dosova E. came again.")
    go(base)
    after = ask(base, "SELECT id, document_id FROM texts"), ask(base, "SELECT id, person_id FROM people")
    assert set(before[0]) < set(after[0])
    assert {(i, p) for i, p in before[1] if p != "dosova-e"} < set(after[1])


def test_browsing_can_be_off_and_on_again(base: Path) -> None:
    go(base, search=False)
    counts = "SELECT (SELECT count(*) FROM texts), (SELECT count(*) FROM people), (SELECT count(*) FROM appearances)"
    assert ask(base, counts) == [(0, 0, 0)]
    assert ask(base, "SELECT count(*) FROM sqlite_master WHERE name LIKE '%search%'") == [(0,)]
    assert len(ask(base, "SELECT * FROM mention_rows")) > 0
    assert go(base).files["kept"] == 3  # nothing is worked on for it
    assert found(base, "library") == ["a.txt"]
    assert ask(base, counts) == [(3, 3, 5)]


def test_browsing_texts_of_other_formats_and_of_files_that_changed(base: Path) -> None:
    with_mails(base / "in", every=1)
    go(base)
    assert found(base, "library") == ["a.eml"]
    go(base, search=False)
    (base / "in" / "e.txt").write_text("Dosova E. came.")
    go(base, search=False)
    (base / "in" / "e.txt").unlink()
    result = go(base, keep_missing=True)
    assert found(base, "library") == ["a.eml"]
    assert result.remarks == (
        "Texts that cannot be searched in the store, since their files were changed or cannot be read any more: 1.",
    )


def test_browsing_texts_are_masked_where_contacts_are(base: Path) -> None:
    pytest.importorskip("phonenumbers")
    (base / "in" / "a.txt").write_text("Asanova B., director. Write to library@example.org or call +7 7182 32 11 22.")
    go(base, mask="contacts")
    assert found(base, "director") == ["a.txt"]
    assert found(base, "example") == []
    assert "32 11 22" not in ask(base, "SELECT text FROM texts WHERE document_id = 'a.txt'")[0][0]
