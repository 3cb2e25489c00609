"""Runs on full disks, and what the trials of faults are made of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import running_fakes as fakes
from click.testing import Result
from typer.testing import CliRunner

import cli
from pipeline.running import OutputError, RunResult, run
from pipeline.running.faults import _different, with_mails
from pipeline.running.faulty import full_disk, full_store
from pipeline.running.watching import status

GOOD = 'Asanova B., director, National Library. Bekova C.: "Maps" 2012-09-05.'


def go(base: Path, out: str = "out", **settings: Any) -> RunResult:
    return run(base / "in", base / out, make_engine=fakes.make_engine, link=fakes.link, learn=False, **settings)


@pytest.fixture
def base(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    for i in range(40):
        (tmp_path / "in" / f"n{i:02}.txt").write_text(f"{GOOD} {i}\n")
    with_mails(tmp_path / "in")
    go(tmp_path, "whole")
    return tmp_path


def test_disk_full_at_any_byte_of_the_tables_leaves_the_old_ones(base: Path) -> None:
    (base / "in" / "n01.txt").rename(base / "n01.txt")
    go(base)
    before = (base / "out" / "mentions.csv").read_bytes()
    (base / "n01.txt").rename(base / "in" / "n01.txt")
    size = sum(path.stat().st_size for path in (base / "whole").glob("*.*l")) // 2
    stopped = 0
    for budget in (0, 100, *range(1_000, size, size // 12)):
        try:
            with full_disk(base / "out", budget):
                go(base)
        except OutputError as error:
            stopped += 1
            assert str(error) == (
                f"The output folder {base}/out cannot be written (No space left on device). "
                "Make room on that disk; the same command then goes on from there."
            )
        if status(base / "out").complete:
            assert (base / "out" / "mentions.csv").read_bytes() == before
    assert stopped > 5
    assert go(base).ok
    assert not _different(base / "whole", base / "out") - {"changes.csv", "changes.jsonl"}


@pytest.mark.parametrize("pages", [2, 6, 9, 12, 15])
def test_disk_full_for_the_store_keeps_what_was_finished(base: Path, pages: int) -> None:
    with pytest.raises(OutputError, match="No space left on device"), full_store(pages):
        go(base)
    assert go(base).ok
    assert not _different(base / "whole", base / "out")


def test_disk_full_is_told_in_the_log_and_by_the_command(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.running.engine.load_engine", fakes.make_engine)
    with full_store(6):
        result: Result = CliRunner().invoke(
            cli.app, ["run", str(base / "in"), "--out", str(base / "out"), "--log", str(base / "log")]
        )
    assert result.exit_code == 2
    assert result.stderr.endswith("Make room on that disk; the same command then goes on from there.\n")
    assert '"event": "end", "status": "failed"' in (base / "log").read_text().splitlines()[-1]


def test_trial_tells_tables_and_texts_that_differ(base: Path) -> None:
    go(base)
    assert _different(base / "whole", base / "out") == set()
    kept = next((base / "out" / "texts").rglob("*.txt"))
    kept.write_text("another")
    (base / "out" / "people.csv").unlink()
    assert _different(base / "whole", base / "out") == {"people.csv", str(kept.relative_to(base / "out"))}


def test_trial_refuses_a_fault_that_is_none() -> None:
    result = CliRunner().invoke(cli.app, ["trial", "--fault", "flood"])
    assert result.exit_code == 2
    assert "'flood' is no kind of fault. Choose from main, worker, reader, memory, disk, store." in result.stderr
