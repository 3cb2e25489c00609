"""Outputs watched: how far a run is, and what differs between two outputs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import running_fakes as fakes
from typer.testing import CliRunner

import cli
from pipeline.reading import Found, InputError
from pipeline.running import Progress, run
from pipeline.running.differing import differences
from pipeline.running.watching import status
from pipeline.running.work import batches


def go(inputs: Path, out: Path, **settings: object) -> None:
    run(inputs, out, make_engine=fakes.make_engine, link=fakes.link, **settings)  # type: ignore[arg-type]


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    for name in "abc":
        (tmp_path / "in" / f"{name}.txt").write_text("Asanova B., director.")
    return tmp_path / "in"


def test_status_while_a_run_works_and_after(inputs: Path, tmp_path: Path) -> None:
    during, said = [], []

    def look(progress: Progress) -> None:
        if progress.step == "linking":
            during.append(status(tmp_path / "out"))
            said.append(CliRunner().invoke(cli.app, ["status", str(tmp_path / "out")]).output.splitlines()[-1])

    go(inputs, tmp_path / "out", progress=look)
    go(inputs, tmp_path / "out", progress=look)
    assert said == ["The tables come when it is done.", "The tables are those of the run before."]
    assert (during[0].files, during[0].expected, during[0].complete) == (3, 3, False)
    assert during[0].pid and during[1].complete
    after = status(tmp_path / "out")
    assert (after.documents, after.pid, after.complete) == ({"ok": 3}, "", True)


def test_status_tells_of_tables_that_a_run_would_refuse_or_write_anew(inputs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    go(inputs, out)
    whole = (out / "people.csv").read_bytes()
    (out / "people.csv").write_bytes(whole + b"added by hand\n")
    told = CliRunner().invoke(cli.app, ["status", str(out)]).stdout
    assert f"would not write here: {out}/people.csv was changed after Rollcall wrote it" in told
    assert "are whole" not in told
    (out / "people.csv").unlink()
    assert "The tables are not written yet" in CliRunner().invoke(cli.app, ["status", str(out)]).stdout
    (out / "people.csv").write_bytes(whole)
    assert "The tables are whole." in CliRunner().invoke(cli.app, ["status", str(out)]).stdout


def test_status_of_a_folder_that_is_no_output(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no output of Rollcall"):
        status(tmp_path)


def test_differences_name_what_came_went_and_changed(inputs: Path, tmp_path: Path) -> None:
    go(inputs, tmp_path / "one")
    assert list(differences(tmp_path / "one", tmp_path / "one")) == []
    (inputs / "a.txt").unlink()
    (inputs / "d.txt").write_text("Asanova B., director!")
    (inputs / "e.txt").write_text("Bekova C. came.")
    go(inputs, tmp_path / "other")
    found = list(differences(tmp_path / "one", tmp_path / "other"))
    # Documents that stayed may change too: their family loses and wins members.
    assert [(d.kind, d.key) for d in found if d.table == "documents" and d.kind != "changed"] == [
        ("went", "a.txt"), ("came", "d.txt"), ("came", "e.txt"),
    ]  # fmt: skip
    people = {d.key: d.kind for d in found if d.table == "people"}
    assert people == {"bekova-c": "came"}
    back = {d.key: d.kind for d in differences(tmp_path / "other", tmp_path / "one") if d.table == "people"}
    assert back == {"bekova-c": "went"}


def test_differences_a_sentence_more_is_no_change_of_what_stands_below_it(inputs: Path, tmp_path: Path) -> None:
    below = 'Asanova B., director, National Library. Bekova C., head. Bekova C.: "Maps".'
    (inputs / "a.txt").write_text(below)
    go(inputs, tmp_path / "one")
    (inputs / "a.txt").write_text(f"Dosova E., director. {below}")
    go(inputs, tmp_path / "other")
    found = [d for d in differences(tmp_path / "one", tmp_path / "other") if d.table in ("mentions", "affiliations")]
    assert [(d.kind, d.key) for d in found] == [
        ("came", "a.txt 0-9 PERSON; Dosova E."), ("came", "a.txt 11-19 ROLE; director"),
        ("came", "a.txt 0-19 Dosova E.; director"),
    ]  # fmt: skip
    assert "reports" not in {d.table for d in differences(tmp_path / "one", tmp_path / "other")}
    back = list(differences(tmp_path / "other", tmp_path / "one"))
    assert ("went", "a.txt 0-19 Dosova E.; director") in [(d.kind, d.key) for d in back]


def test_differences_a_moved_file_is_told_as_moved_and_keeps_its_rows(inputs: Path, tmp_path: Path) -> None:
    (inputs / "a.txt").write_text("Asanova B., director, National Library.")
    go(inputs, tmp_path / "one")
    (inputs / "old").mkdir()
    (inputs / "a.txt").rename(inputs / "old" / "z.txt")
    (inputs / "c.txt").write_text("Asanova B., head.")
    go(inputs, tmp_path / "other")
    found = list(differences(tmp_path / "one", tmp_path / "other"))
    assert [d.key for d in found if d.kind == "moved"] == ["a.txt → old/z.txt"]
    assert {d.key.split()[0] for d in found if d.table in ("mentions", "affiliations")} == {"c.txt"}
    told = CliRunner().invoke(cli.app, ["diff", str(tmp_path / "one"), str(tmp_path / "other")]).stdout
    assert "documents: 1 moved, 1 changed\n" in told


def test_status_names_what_failed(inputs: Path, tmp_path: Path) -> None:
    for name in ("bad", "worse"):
        (inputs / f"{name}.txt").write_text("%BREAK%")
    go(inputs, tmp_path / "out")
    told = CliRunner().invoke(cli.app, ["status", str(tmp_path / "out")]).stdout
    assert "5 files done; documents: 3 ok, 2 failed\n2 failed:\n  bad.txt, worse.txt: the extraction broke" in told
    told = CliRunner().invoke(cli.app, ["status", str(tmp_path / "out"), "--json"]).stdout
    assert [document for document, _ in json.loads(told)["failures"]] == ["bad.txt", "worse.txt"]


def test_batches_are_bounded_by_files_and_by_bytes(tmp_path: Path) -> None:
    files = []
    for i in range(300):
        path = tmp_path / f"{i:03}.txt"
        path.write_bytes(b"x" * (150_000 if 100 <= i < 110 else 10))
        files.append(Found(path, path.name))
    made = list(batches(files))
    assert [f for batch in made for f in batch] == files
    assert [len(batch) for batch in made[:4]] == [1, 2, 4, 8]
    assert max(map(len, made)) == 64
    sizes = [sum(f.path.stat().st_size for f in batch) for batch in made]
    assert max(sizes) <= 400_000 + 150_000
    assert [len(batch) for batch in batches([Found(tmp_path / "none", "none")])] == [1]
