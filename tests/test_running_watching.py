"""Outputs watched: how far a run is, and what differs between two outputs."""

from __future__ import annotations

from pathlib import Path

import pytest
import running_fakes as fakes

from pipeline.reading import InputError
from pipeline.running import Progress, run
from pipeline.running.watching import differences, status


def go(inputs: Path, out: Path, **settings: object) -> None:
    run(inputs, out, make_engine=fakes.make_engine, link=fakes.link, **settings)  # type: ignore[arg-type]


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    for name in "abc":
        (tmp_path / "in" / f"{name}.txt").write_text("Asanova B., director.")
    return tmp_path / "in"


def test_status_while_a_run_works_and_after(inputs: Path, tmp_path: Path) -> None:
    during = []

    def look(progress: Progress) -> None:
        if progress.step == "linking":
            during.append(status(tmp_path / "out"))

    go(inputs, tmp_path / "out", progress=look)
    assert (during[0].files, during[0].expected, during[0].complete) == (3, 3, False)
    assert during[0].pid
    after = status(tmp_path / "out")
    assert (after.documents, after.pid, after.complete) == ({"ok": 3}, "", True)


def test_status_of_a_folder_that_is_no_output(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no output of Rollcall"):
        status(tmp_path)


def test_differences_name_what_came_went_and_changed(inputs: Path, tmp_path: Path) -> None:
    go(inputs, tmp_path / "one")
    assert list(differences(tmp_path / "one", tmp_path / "one")) == []
    (inputs / "a.txt").unlink()
    (inputs / "d.txt").write_text("Asanova B., director.")
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
