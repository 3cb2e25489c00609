"""Tables of a further run: what did not change is copied, and the bytes are those of a run over everything."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import running_fakes as fakes
from hypothesis import given, settings
from hypothesis import strategies as st
from running_made import change_files, tables

from pipeline.running import RunResult, exporting, run
from pipeline.running.output import Output
from pipeline.running.store import STORE

TEXTS = (
    'Asanova B., director, National Library. Bekova C.: "Maps" 2012-09-05.', "Asanova B. came.", "Nobody came.", "",
    'Dosova E.: "Ұлттық кітапхана\u2028and \'more\'"', "%BREAK%", "Fesova G., head. Asanova B., head.",
    "Fesova G., HEAD.",
)  # fmt: skip


class Numbered(fakes.FakeEntities):
    """Ids that change in all documents when one more of them names the person."""

    def __init__(self, documents: Iterable[fakes.Resolved]) -> None:
        found = list(documents)
        super().__init__(found)
        self._named = Counter(fakes.slug(name) for _, names in found for _, _, name in names)

    def entity_id(self, document_id: str, mention_index: int) -> str:
        found = super().entity_id(document_id, mention_index)
        return f"{found}-{self._named[found] % 3}" if found else ""


def go(inputs: Path, out: Path, **more: Any) -> RunResult:
    return run(inputs, out, make_engine=fakes.make_engine, link=Numbered, jobs=1, **more)


@pytest.fixture
def anew(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The documents whose rows were made, and not copied."""
    made: list[str] = []
    real = exporting.finish

    def counted(draft: Any, ids: Any) -> Any:
        made.append(draft["document_id"])
        return real(draft, ids)

    monkeypatch.setattr(exporting, "finish", counted)
    return made


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    for i in range(6):
        (tmp_path / "in" / f"n{i}.txt").write_text(f"{TEXTS[2 * (i % 2)]} {i}")
    return tmp_path / "in"


#: What becomes of a file: its text, or None where it goes.
changes = st.dictionaries(
    st.sampled_from(["a.txt", "b/c.txt", "b/d.txt", "b.txt", "z.txt"]), st.none() | st.sampled_from(TEXTS), min_size=1
)


@settings(max_examples=15)
@given(st.lists(changes, min_size=2, max_size=4))
def test_export_after_any_changes_gives_the_bytes_of_a_run_over_everything(rounds: list[dict[str, str | None]]) -> None:
    base = Path(tempfile.mkdtemp())
    try:
        (base / "in" / "b").mkdir(parents=True)
        (base / "in" / "always.txt").write_text(TEXTS[0])
        for change in rounds:
            change_files(base / "in", change)
            more = go(base / "in", base / "out")
        whole = go(base / "in", base / "whole")
        assert tables(base / "out") == tables(base / "whole")
        assert more.counts == whole.counts
    finally:
        shutil.rmtree(base)


def test_export_words_a_role_as_the_last_document_does(inputs: Path, tmp_path: Path) -> None:
    def worded() -> bytes:
        go(inputs, tmp_path / "out")
        return tables(tmp_path / "out")["roles.csv"]

    (inputs / "n7.txt").write_text("Fesova G., head.")
    (inputs / "n8.txt").write_text("Fesova G., HEAD.")
    assert b"\r\nhead,HEAD,post,2," in worded()
    (inputs / "n6.txt").write_text("Gosova H., head.")
    assert b"\r\nhead,HEAD,post,3," in worded()
    (inputs / "n8.txt").unlink()
    assert b"\r\nhead,head,post,2," in worded()
    (inputs / "n9.txt").write_text("Fesova G., HEAD.")
    assert b"\r\nhead,HEAD,post,3," in worded()


def test_export_makes_the_rows_of_a_new_document_alone(inputs: Path, tmp_path: Path, anew: list[str]) -> None:
    go(inputs, tmp_path / "out")
    assert len(anew) == 6
    anew.clear()
    (inputs / "n22.txt").write_text("Gosova H. came.")
    go(inputs, tmp_path / "out")
    assert anew == ["n22.txt"]


def test_export_makes_rows_anew_whose_ids_changed(inputs: Path, tmp_path: Path, anew: list[str]) -> None:
    go(inputs, tmp_path / "out")
    anew.clear()
    (inputs / "n22.txt").write_text("Bekova C. came.")  # the even ones name her too
    go(inputs, tmp_path / "out")
    assert anew == ["n0.txt", "n2.txt", "n22.txt", "n4.txt"]


@pytest.mark.parametrize("lost", ["mentions.csv", "rollcall.json", STORE])
def test_export_makes_all_rows_anew_where_something_is_gone(
    inputs: Path, tmp_path: Path, anew: list[str], lost: str
) -> None:
    go(inputs, tmp_path / "out")
    before = tables(tmp_path / "out")
    anew.clear()
    if lost == "rollcall.json":  # as a run leaves it that was killed while the tables changed place
        text = (tmp_path / "out" / lost).read_text()
        (tmp_path / "out" / lost).write_text(text.replace('"complete": true', '"complete": false'))
    else:
        os.unlink(tmp_path / "out" / lost)
    go(inputs, tmp_path / "out")
    assert len(anew) == 6 and tables(tmp_path / "out") == before


def test_export_that_was_not_put_in_place_is_not_gone_by(
    inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go(inputs, tmp_path / "out")
    (inputs / "n22.txt").write_text("Bekova C. came.")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Output, "commit", killed)
        go(inputs, tmp_path / "out")
    (inputs / "n0.txt").unlink()
    go(inputs, tmp_path / "out")
    go(inputs, tmp_path / "whole")
    assert tables(tmp_path / "out") == tables(tmp_path / "whole")


def test_export_notes_for_browsing_what_a_run_without_it_left_out(inputs: Path, tmp_path: Path) -> None:
    import sqlite3

    go(inputs, tmp_path / "out", search=False)
    go(inputs, tmp_path / "out")
    base = sqlite3.connect(tmp_path / "out" / STORE)
    assert base.execute("SELECT count(*) FROM appearances WHERE entity_id LIKE 'bekova-c%'").fetchone() == (3,)
    base.close()
