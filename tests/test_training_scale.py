"""The measure of scale: a run over a made folder, one over a file more, the memory of all processes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import cli
from pipeline.training import scale

DATA = Path(__file__).parents[1] / "data" / "training"


def test_trial_scale_tells_speed_memory_and_one_file_more(tmp_path: Path) -> None:
    command = ["trial", "--scale", "3", "--workers", "1", "-l", "kk", "--data", str(DATA), "--keep", str(tmp_path)]
    done = CliRunner().invoke(cli.app, command)
    assert done.exit_code == 0, done.output
    first, memory, more = done.stdout.splitlines()
    assert first.startswith("3 documents, workers 1: ") and "documents/s (planning" in first and "linking" in first
    assert "at most" in memory and "one file more: " in more
    assert not list(tmp_path.iterdir())


def test_trial_refuses_a_language_that_is_none() -> None:
    assert CliRunner().invoke(cli.app, ["trial", "-l", "de"]).exit_code == 2


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="this system does not tell")
def test_memory_of_a_process_and_all_below_it() -> None:
    held = "b = bytearray(b'x' * 60_000_000); print(flush=True); input()"
    below = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {held!r}])"
    process = subprocess.Popen([sys.executable, "-c", below], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None and process.stdin is not None
    process.stdout.readline()
    found = scale.memory_below(process.pid)
    assert found is not None and 60 < found < 400
    process.stdin.close()
    process.wait()
    assert (scale.memory_below(os.getpid()) or 0) > 1


def test_memory_at_a_moment_is_that_of_the_last_look_before() -> None:
    samples = [(1.0, 100.0), (2.0, 200.0), (3.0, 150.0)]
    assert scale._at(samples, 2.5) == 200.0
    assert scale._at(samples, 0.5) is None
