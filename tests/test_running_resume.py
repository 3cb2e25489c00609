"""What a second run does: nothing that is done, all that is not, and the same tables as one undisturbed run."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import running_fakes as fakes
from running_made import tables

from pipeline.reading import ReadOptions
from pipeline.running import OutputError, Progress, RunResult, output, pool, run
from pipeline.running.lock import LOCK, Lock
from pipeline.running.store import DAMAGED, STORE

GOOD = 'Asanova B., director, National Library. Bekova C.: "Maps" 2012-09-05.'


def go(inputs: Path, out: Path, **settings: Any) -> RunResult:
    return run(inputs, out, make_engine=fakes.make_engine, link=fakes.link, **settings)


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    for i in range(12):
        (tmp_path / "in" / f"n{i:02}.txt").write_text(f"{GOOD} {i}")
    return tmp_path / "in"


def did(result: RunResult) -> dict[str, int]:
    return {kind: number for kind, number in result.files.items() if number}


def test_resume_a_second_run_does_nothing_and_gives_the_same_tables(inputs: Path, tmp_path: Path) -> None:
    assert did(go(inputs, tmp_path / "out")) == {"new": 12}
    before = tables(tmp_path / "out")
    assert did(go(inputs, tmp_path / "out")) == {"kept": 12}
    assert tables(tmp_path / "out") == before


def test_resume_does_what_is_new_changed_and_gone(inputs: Path, tmp_path: Path) -> None:
    go(inputs, tmp_path / "out")
    (inputs / "n00.txt").write_text("Dosova E. came.")
    (inputs / "n01.txt").unlink()
    (inputs / "new.txt").write_text("Fesova G. came.")
    os.utime(inputs / "n02.txt")  # touched, not changed
    assert did(go(inputs, tmp_path / "out", dry_run=True)) == {"new": 1, "changed": 1, "gone": 1, "kept": 10}
    assert did(go(inputs, tmp_path / "out")) == {"new": 1, "changed": 1, "gone": 1, "kept": 10}
    go(inputs, tmp_path / "anew")
    assert tables(tmp_path / "out") == tables(tmp_path / "anew")


def test_resume_keeps_what_is_missing_on_wish(inputs: Path, tmp_path: Path) -> None:
    go(inputs, tmp_path / "out")
    before = tables(tmp_path / "out")
    (inputs / "n01.txt").unlink()
    assert go(inputs, tmp_path / "out", keep_missing=True).counts["documents"] == 12
    assert tables(tmp_path / "out") == before
    assert go(inputs, tmp_path / "out").counts["documents"] == 11


def test_resume_failed_files_are_told_and_tried_again_on_wish(inputs: Path, tmp_path: Path) -> None:
    (inputs / "bad.txt").write_text("%BREAK%")
    first = go(inputs, tmp_path / "out")
    again = go(inputs, tmp_path / "out")
    assert again.failures == first.failures and did(again) == {"kept": 13, "failed": 1}
    assert did(go(inputs, tmp_path / "out", retry=True)) == {"kept": 12, "retry": 1}


def test_resume_what_cannot_be_opened_failed_before_and_has_not_changed(inputs: Path, tmp_path: Path) -> None:
    (inputs / "nowhere.txt").symlink_to(inputs / "gone.txt")
    (inputs / "circle.txt").symlink_to(inputs / "circle.txt")
    go(inputs, tmp_path / "out")
    assert did(go(inputs, tmp_path / "out", dry_run=True)) == {"kept": 12, "retry": 2}
    (inputs / "gone.txt").write_text("Asanova B. came")  # the link now leads somewhere
    assert go(inputs, tmp_path / "out", dry_run=True).files["new"] == 1


def test_resume_other_settings_have_all_done_again(inputs: Path, tmp_path: Path) -> None:
    go(inputs, tmp_path / "out")
    assert did(go(inputs, tmp_path / "out", min_confidence=0.95)) == {"settings": 12}


def test_resume_another_version_is_told_and_done_again_on_wish(
    inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go(inputs, tmp_path / "out")
    monkeypatch.setattr(sys.modules["pipeline.running.run"], "code_key", lambda: "another")
    assert did(go(inputs, tmp_path / "out")) == {"kept": 12, "outdated": 12}
    assert did(go(inputs, tmp_path / "out", refresh=True)) == {"refresh": 12}
    assert did(go(inputs, tmp_path / "out")) == {"kept": 12}


def test_resume_after_an_interruption_goes_on_from_there(inputs: Path, tmp_path: Path) -> None:
    def interrupt(progress: Progress) -> None:
        if progress.done == 9:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        go(inputs, tmp_path / "out", progress=interrupt)
    assert did(go(inputs, tmp_path / "out")) == {"new": 4, "kept": 8}
    go(inputs, tmp_path / "anew")
    assert tables(tmp_path / "out") == tables(tmp_path / "anew")


def test_resume_a_dry_run_writes_nothing(inputs: Path, tmp_path: Path) -> None:
    assert did(go(inputs, tmp_path / "out", dry_run=True)) == {"new": 12}
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("left", [0, 100, 5000])
def test_store_cut_short_is_put_aside_and_told(inputs: Path, tmp_path: Path, left: int) -> None:
    go(inputs, tmp_path / "out")
    before = tables(tmp_path / "out")
    store = tmp_path / "out" / STORE
    store.write_bytes(store.read_bytes()[:left])
    result = go(inputs, tmp_path / "out")
    assert did(result) == {"new": 12}
    assert tables(tmp_path / "out") == before
    if left:
        assert "could not be used" in result.remarks[0] and (tmp_path / "out" / DAMAGED).exists()


def test_store_is_plain_sqlite_with_views(inputs: Path, tmp_path: Path) -> None:
    (inputs / "bad.txt").write_text("%BREAK%")
    go(inputs, tmp_path / "out")
    db = sqlite3.connect(tmp_path / "out" / STORE)
    assert dict(db.execute("SELECT * FROM progress")) == {"ok": 12, "failed": 1}
    assert [row[0] for row in db.execute("SELECT document_id FROM failures")] == ["bad.txt"]
    db.close()


def test_lock_a_second_run_is_refused_with_the_pid(inputs: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    lock = Lock(tmp_path / "out")
    with pytest.raises(OutputError, match=rf"Another run is writing .* \(process {os.getpid()}\)"):
        go(inputs, tmp_path / "out")
    lock.release()
    (tmp_path / "out" / LOCK).write_text("1\n")  # what a killed run left is no lock
    assert go(inputs, tmp_path / "out").ok
    assert not (tmp_path / "out" / LOCK).exists()


_SLOW = """
import sys, time, running_fakes as fakes
from pipeline.running import run
run(sys.argv[1], sys.argv[2], make_engine=fakes.make_engine, link=fakes.link, learn=False,
    progress=lambda p: time.sleep(0.03) or print(p.done, flush=True))
"""


@pytest.mark.parametrize("after", [1, 6, 13])
def test_resume_after_kill_9_gives_the_same_tables(inputs: Path, tmp_path: Path, after: int) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *filter(None, sys.path)])}
    program = [sys.executable, "-c", _SLOW, str(inputs), str(tmp_path / "out")]
    with subprocess.Popen(program, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        for _ in range(after):
            process.stdout.readline()
        time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
    result = go(inputs, tmp_path / "out", learn=False)
    assert result.files["new"] + result.files["kept"] == 12
    go(inputs, tmp_path / "anew", learn=False)
    assert tables(tmp_path / "out") == tables(tmp_path / "anew")


@pytest.mark.parametrize(("text", "why"), [("%HANG%", "did not finish within"), ("%GROW%", "grew beyond 350 MB")])
def test_workers_one_that_hangs_or_grows_costs_one_document(
    inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, why: str
) -> None:
    monkeypatch.setattr(pool, "MOST_MEMORY", 350)
    monkeypatch.setattr(pool, "PATIENCE", 1.0 if text == "%HANG%" else 100.0)
    (inputs / "n01.txt").write_text(text)
    result = go(inputs, tmp_path / "out", jobs=2, learn=False, reading=ReadOptions(max_seconds=1))
    assert [f.document_id for f in result.failures] == ["n01.txt"]
    assert why in result.failures[0].reason
    assert result.counts["ok"] == 11


def test_workers_that_cannot_start_blame_no_document(inputs: Path, tmp_path: Path) -> None:
    script = tmp_path / "script.py"  # it calls run without a guard, so that its workers would call it again
    script.write_text(
        "import sys, running_fakes as fakes\nfrom pipeline.running import run\n"
        "run(sys.argv[1], sys.argv[2], make_engine=fakes.make_engine, link=fakes.link, jobs=2)\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *filter(None, sys.path)])}
    program = [sys.executable, str(script), str(inputs), str(tmp_path / "out")]
    done = subprocess.run(program, env=environment, capture_output=True, text=True, check=False, timeout=200)
    assert done.returncode and "WorkersError: The worker processes end before they are ready." in done.stderr
    assert go(inputs, tmp_path / "out").counts["ok"] == 12


_ALONE = """
import sys, running_fakes as fakes
from pipeline.running import run
if __name__ == "__main__":
    run(sys.argv[1], sys.argv[2], make_engine=fakes.make_engine, link=fakes.link, learn=False, jobs=2,
        progress=lambda p: print(p.done, flush=True))
"""


def alone(base: Path, inputs: Path, out: Path) -> subprocess.Popen[str]:
    """A run with workers in a process group of its own."""
    (base / "script.py").write_text(_ALONE)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *filter(None, sys.path)])}
    return subprocess.Popen(
        [sys.executable, str(base / "script.py"), str(inputs), str(out)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # a shell's job may ignore it
    )  # fmt: skip


def gone(group: int) -> bool:
    """Whether every process of a group ends within a few seconds."""
    for _ in range(100):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    os.killpg(group, signal.SIGKILL)
    return False


@pytest.mark.skipif(os.name != "posix", reason="signals and process groups")
def test_workers_end_at_once_with_ctrl_c_in_the_middle_of_a_document(inputs: Path, tmp_path: Path) -> None:
    (inputs / "n11.txt").write_text("%HANG%")
    process = alone(tmp_path, inputs, tmp_path / "out")
    assert process.stdout and process.stdout.readline()
    time.sleep(0.5)
    os.killpg(process.pid, signal.SIGINT)
    begun = time.monotonic()
    _, told = process.communicate(timeout=30)
    assert time.monotonic() - begun < 5, "Ctrl-C waits for no document"
    assert "KeyboardInterrupt" in told and gone(process.pid)
    (inputs / "n11.txt").write_text(GOOD)
    result = go(inputs, tmp_path / "out", learn=False)
    assert result.files["kept"] > 0 and result.ok


@pytest.mark.skipif(os.name != "posix", reason="signals and process groups")
def test_workers_do_not_outlive_a_main_process_that_was_killed(inputs: Path, tmp_path: Path) -> None:
    (inputs / "n11.txt").write_text("%HANG%")
    process = alone(tmp_path, inputs, tmp_path / "out")
    assert process.stdout and process.stdout.readline()
    process.kill()
    process.communicate()
    assert gone(process.pid)


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_workers_one_killed_from_outside_costs_nothing(inputs: Path, tmp_path: Path) -> None:
    for i in range(12, 150):
        (inputs / f"n{i:03}.txt").write_text(f"{GOOD} {i}")
    killed: list[int] = []

    def kill(progress: Progress) -> None:
        if progress.done == 3:
            (one, *_) = [p for p in multiprocessing.active_children() if p.pid]
            os.kill(one.pid or 0, signal.SIGKILL)
            killed.append(one.pid or 0)

    result = go(inputs, tmp_path / "out", jobs=2, learn=False, progress=kill)
    assert killed and result.ok and result.counts["ok"] == 150
    go(inputs, tmp_path / "anew", learn=False)
    assert tables(tmp_path / "out") == tables(tmp_path / "anew")


def test_files_that_are_as_they_were_left_are_not_read_again(
    inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go(inputs, tmp_path / "out")
    read: list[str] = []
    differs = output._differs
    monkeypatch.setattr(output, "_differs", lambda path, digest: read.append(path.name) or differs(path, digest))
    assert STORE in output.untouched(tmp_path / "out") and "mentions.csv" in output.untouched(tmp_path / "out")
    go(inputs, tmp_path / "out")
    assert read == []
    table = tmp_path / "out" / "mentions.csv"
    table.write_bytes(table.read_bytes().replace(b"Asanova", b"Isanova"))
    with pytest.raises(OutputError, match=r"mentions\.csv was changed after"):
        go(inputs, tmp_path / "out")
    assert "mentions.csv" in read
