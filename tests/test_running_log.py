"""The log of a run: one event a line, whatever becomes of the run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import running_fakes as fakes

from pipeline.running import LogError, Progress, StoppedError, run
from pipeline.running.log import Log

GOOD = 'Asanova B., director, National Library. Bekova C.: "Maps" 2012-09-05.'


def go(base: Path, **settings: Any) -> Any:
    return run(base / "in", base / "out", make_engine=fakes.make_engine, link=fakes.link, learn=False, **settings)


@pytest.fixture
def base(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text(GOOD)
    (tmp_path / "in" / "b.txt").write_text("%BREAK%")
    return tmp_path


def events(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_log_tells_what_happens_in_order(base: Path) -> None:
    go(base, log=base / "run.jsonl", sources={"out": "command line"})
    told = events(base / "run.jsonl")
    kinds = [e["event"] + e.get("stage", "") for e in told]
    assert kinds == [
        "start", "stageplanning", "plan", "document", "document", "stagereading", "stagelinking", "stagewriting",
        "stageindexing", "end",
    ]  # fmt: skip
    assert told[0]["inputs"] == [str(base / "in")] and told[0]["sources"] == {"out": "command line"}
    assert told[2]["files"]["new"] == 2
    good, bad = told[3], told[4]
    assert (good["document_id"], good["status"], good["characters"]) == ("a.txt", "ok", len(GOOD))
    assert good["seconds"] >= 0
    assert bad["status"] == "failed" and bad["reason"].startswith("the extraction broke")
    assert told[-1]["status"] == "done" and told[-1]["counts"]["ok"] == 1


def test_log_goes_on_and_tells_of_a_store_put_aside(base: Path) -> None:
    go(base, log=base / "run.jsonl")
    (base / "out" / "rollcall.sqlite").write_bytes(b"no store" * 1000)
    go(base, log=base / "run.jsonl")
    told = events(base / "run.jsonl")
    assert [e["event"] for e in told].count("start") == 2
    (warning,) = [e for e in told if e["event"] == "warning"]
    assert "could not be used" in warning["message"]


def test_log_tells_how_a_run_ended_that_did_not_finish(base: Path) -> None:
    def interrupt(progress: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        go(base, log=base / "run.jsonl", progress=interrupt)
    assert events(base / "run.jsonl")[-1]["status"] == "interrupted"
    with pytest.raises(StoppedError):
        go(base, log=base / "run.jsonl", keep_going=False)
    end = events(base / "run.jsonl")[-1]
    assert (end["event"], end["status"]) == ("end", "failed") and end["reason"].startswith("b.txt: ")


def test_log_tells_of_a_worker_that_was_replaced(base: Path) -> None:
    (base / "in" / "c.txt").write_text("%DIE%")
    result = go(base, log=base / "run.jsonl", jobs=2)
    told = events(base / "run.jsonl")
    assert [e["event"] for e in told].count("worker") >= 2  # it died with its batch, then alone with its file
    assert {e["document_id"]: e["status"] for e in told if e["event"] == "document"} == {
        "a.txt": "ok", "b.txt": "failed", "c.txt": "failed",
    }  # fmt: skip
    assert result.counts["documents"] == 3


def test_log_below_the_input_or_in_the_output_is_no_announcement(base: Path) -> None:
    go(base, log=base / "in" / "log.txt")
    assert go(base, log=base / "in" / "log.txt").counts["documents"] == 2
    go(base, log=base / "out" / "weekly.log")
    go(base)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("in/a.txt", "holds something that is no log of Rollcall"),
        ("none/log", r"cannot be written \(No such file or directory\)"),
        ("in", r"cannot be written \(Is a directory\)"),
        ("out/events", "a log is called something.log"),
    ],
)
def test_log_that_cannot_be_there_is_refused(base: Path, name: str, message: str) -> None:
    with pytest.raises(LogError, match=message):
        go(base, log=base / name)
    assert (base / "in" / "a.txt").read_text() == GOOD


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_log_that_fills_the_disk_does_not_end_the_run() -> None:
    with Log(Path("/dev/full"), Path()) as log:
        log.event("start")
        log.event("end")
    assert "No space left on device" in log.problem
