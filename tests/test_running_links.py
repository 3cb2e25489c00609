"""A further run goes on from the last linking; its tables are those of one that links all documents."""

from __future__ import annotations

import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from normalisation_made import tagged
from running_made import change_files, tables
from test_normalisation_again import SENTENCES, change

from pipeline.normalisation import document_date, kept, normalise_mention, resolve_document
from pipeline.normalisation.roles import canonical
from pipeline.records import Extraction
from pipeline.running import RunResult, engine, entity_rows, run
from pipeline.running.engine import Engine
from pipeline.running.links import Links
from pipeline.running.store import STORE

real = tagged


def extract_many(raws: Iterable[str]) -> Iterator[Extraction]:
    """Of tagged texts; offsets are those of the text without tags, and tables are only compared with each other."""
    return map(tagged, raws)


def make_engine(language: str, model: str = "fast") -> Engine:
    return Engine(extract_many, resolve_document, normalise_mention, canonical, document_date)


def go(inputs: Path, out: Path, **more: Any) -> RunResult:
    return run(inputs, out, make_engine=make_engine, jobs=1, learn=False, **more)


def named(out: Path) -> list[tuple[Any, ...]]:
    """The people and institutions that the store holds for browsing."""
    db = sqlite3.connect(out / STORE)
    try:
        people = db.execute("SELECT * FROM people ORDER BY person_id").fetchall()
        return [row[1:] for row in (*people, *db.execute("SELECT * FROM institutions ORDER BY institution_id"))]
    finally:
        db.close()


def forget(out: Path) -> None:
    """Take the last linking from an output, so that the next run links all documents."""
    db = sqlite3.connect(out / STORE)
    db.execute("DELETE FROM meta WHERE name = 'linked'")
    db.commit()
    db.close()


@pytest.fixture
def linkings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How documents were linked: `all` or `again`."""
    seen: list[str] = []
    all_, again = engine.link_documents, engine.link_again
    monkeypatch.setattr(engine, "link_documents", lambda *given: seen.append("all") or all_(*given))
    monkeypatch.setattr(engine, "link_again", lambda last: seen.append("again") or again(last))
    return seen


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    for n, sentence in enumerate(SENTENCES):
        (tmp_path / "in" / f"n{n:02}.txt").write_text(sentence)
    return tmp_path / "in"


@settings(max_examples=6)
@given(st.lists(change, min_size=1, max_size=3))
def test_links_after_any_changes_give_the_tables_of_linking_everything(rounds: list[dict[str, str | None]]) -> None:
    base = Path(tempfile.mkdtemp())
    try:
        (base / "in").mkdir()
        for n, sentence in enumerate(SENTENCES[:6]):
            (base / "in" / f"n{n:02}.txt").write_text(sentence)
        for each in [{}, *rounds]:
            change_files(base / "in", each)
            go(base / "in", base / "out")
            if (base / "anew").exists():
                forget(base / "anew")
            go(base / "in", base / "anew")
            assert tables(base / "out") == tables(base / "anew")
            assert named(base / "out") == named(base / "anew")
    finally:
        shutil.rmtree(base)


def test_links_are_gone_on_from(inputs: Path, tmp_path: Path, linkings: list[str]) -> None:
    go(inputs, tmp_path / "out")
    (inputs / "new.txt").write_text(SENTENCES[3])
    go(inputs, tmp_path / "out")
    (inputs / "n01.txt").unlink()
    (inputs / "n02.txt").write_text(SENTENCES[5])
    go(inputs, tmp_path / "out")
    go(inputs, tmp_path / "out")
    assert linkings == ["all", "again", "again", "again"]


def test_links_are_made_anew_where_judgements_speak(inputs: Path, tmp_path: Path, linkings: list[str]) -> None:
    go(inputs, tmp_path / "out")
    before = tables(tmp_path / "out")
    said = "date,who,verdict,one,other,one_at,other_at,note\n2026-01-01,me,not-an-entity,n10.txt:{},,,,\n"
    rows = before["mentions.csv"].decode().splitlines()
    place = next(row for row in rows if row.startswith("n10.txt,") and "Nurlan" in row)
    (tmp_path / "out" / "judgements.csv").write_text(said.format(place.split(",")[3]))
    go(inputs, tmp_path / "out")
    judged = tables(tmp_path / "out")
    assert judged["people.csv"] != before["people.csv"]
    (inputs / "new.txt").write_text("[P C. Ahmetova]")
    go(inputs, tmp_path / "out")
    (tmp_path / "out" / "judgements.csv").unlink()
    (inputs / "new.txt").unlink()
    go(inputs, tmp_path / "out")
    go(inputs, tmp_path / "out")
    assert linkings == ["all", "all", "all", "all", "again"]


def test_links_of_which_the_tables_were_not_made_are_not_gone_on_from(
    inputs: Path, tmp_path: Path, linkings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    go(inputs, tmp_path / "out")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    (inputs / "new.txt").write_text("[P A. Kim] and [P Anna Kim].")
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(Links, "keep", killed)  # the tables are in place by then
        go(inputs, tmp_path / "out")
    (inputs / "newer.txt").write_text("[P Anton Kim]")
    go(inputs, tmp_path / "out")
    assert linkings == ["all", "again", "all"]


def test_rows_of_people_and_institutions_are_copied_but_for_those_that_changed(
    inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go(inputs, tmp_path / "out")
    made: list[str] = []
    real = entity_rows.entity_rows

    def counted(table: Any, records: Iterable[Any]) -> Any:
        rows = list(real(table, records))
        made.extend(str(row[0]) for row in rows)
        return rows

    monkeypatch.setattr(entity_rows, "entity_rows", counted)
    (inputs / "new.txt").write_text("[P Dina Ahmetova] and [P Nurlan Askarov] came.")
    go(inputs, tmp_path / "out")
    assert sorted(made) == ["ahmetova-dina", "askarov-nurlan"]
    go(inputs, tmp_path / "out", search=False)
    made.clear()
    go(inputs, tmp_path / "out")  # the store is to hold all of them again
    assert len(named(tmp_path / "out")) == len(made) > 5


def test_links_and_ids_are_made_anew_where_the_mentions_were_deleted(
    inputs: Path, tmp_path: Path, linkings: list[str]
) -> None:
    go(inputs, tmp_path / "out")
    (tmp_path / "out" / "mentions.csv").unlink()
    go(inputs, tmp_path / "out")
    assert linkings == ["all", "all"]


def test_links_are_made_anew_where_much_changed(inputs: Path, tmp_path: Path, linkings: list[str]) -> None:
    go(inputs, tmp_path / "out")
    for n in range(30):
        (inputs / f"more{n:02}.txt").write_text(SENTENCES[n % len(SENTENCES)])
    go(inputs, tmp_path / "out")
    assert linkings == ["all", "all"]


def test_links_of_texts_that_cannot_be_packed_are_made_anew(
    inputs: Path, tmp_path: Path, linkings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    go(inputs, tmp_path / "out")
    monkeypatch.setattr(sys.modules[__name__], "tagged", lambda raw: real(raw.replace("%", "\udcff")))
    (inputs / "new.txt").write_text("[P Dina Ah%etova] came.")
    go(inputs, tmp_path / "out")
    go(inputs, tmp_path / "out")
    assert linkings == ["all", "again", "all", "all"] and b"dcff" in tables(tmp_path / "out")["mentions.csv"]


def test_links_that_did_not_change_are_not_written_again(
    inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "_DOCUMENTS", 8)

    def written() -> set[tuple[str, int, int]]:
        db = sqlite3.connect(tmp_path / "out" / STORE)
        try:
            return set(db.execute("SELECT name, part, rowid FROM linked WHERE part = 0"))
        finally:
            db.close()

    go(inputs, tmp_path / "out")
    before = written()
    (inputs / "q.txt").write_text("[P Dina Ahmetova] came.")
    go(inputs, tmp_path / "out")
    same = {name for name, _, _ in before & written()}
    assert {"documents", "named", "nodes.keys.flat", "bodies", "bodies.ids"} <= same
    assert not {"names", "people", "texts"} & same


def test_links_that_cannot_be_read_are_made_anew(inputs: Path, tmp_path: Path, linkings: list[str]) -> None:
    go(inputs, tmp_path / "out")
    before = tables(tmp_path / "out")
    db = sqlite3.connect(tmp_path / "out" / STORE)
    db.execute("UPDATE linked SET value = substr(value, 1, 1000)")
    db.commit()
    db.close()
    go(inputs, tmp_path / "out")
    assert linkings == ["all", "all"] and tables(tmp_path / "out") == before


def test_links_of_which_a_late_part_is_damaged_are_made_anew(inputs: Path, tmp_path: Path, linkings: list[str]) -> None:
    go(inputs, tmp_path / "out")
    db = sqlite3.connect(tmp_path / "out" / STORE)
    db.execute("UPDATE linked SET value = CAST(value || 'x' AS BLOB) WHERE rowid = (SELECT max(rowid) FROM linked)")
    db.commit()
    db.close()
    (inputs / "one_more.txt").write_text(SENTENCES[0], encoding="utf-8")
    go(inputs, tmp_path / "out")
    assert linkings == ["all", "all"]
    go(inputs, tmp_path / "fresh")
    assert tables(tmp_path / "out") == tables(tmp_path / "fresh")
