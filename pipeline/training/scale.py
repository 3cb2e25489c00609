"""Runs timed by size: documents a second and memory with one worker and with several, and one file more."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.running.benchmark import BenchmarkError
from pipeline.training.making import generate

_RUN = """
import sys
from pipeline.running import run
run([sys.argv[1]], sys.argv[2], jobs=int(sys.argv[3]))
"""
#: A loop that needs a core and nothing else, and the seconds that it took.
_LOOP = """
import time
begun = time.perf_counter()
for n in range(20_000_000):
    n & 3
print(time.perf_counter() - begun)
"""
#: Seconds between two looks at the memory of a run; a look makes its processes wait, the longer the larger they are.
_EVERY = 2.0


@dataclass(frozen=True, slots=True)
class Scaled:
    """A run over so many documents, and one over one more.

    `stages` are the seconds of its stages; `peak_mb` the most memory that all its processes held together, empty where
    the system does not tell it (Linux does), and `halfway_mb` what they held after half of the reading; `one_more` are
    the seconds of a second run after a file was added, and `one_more_stages` those of its stages.
    """

    documents: int
    jobs: int
    seconds: float
    stages: dict[str, float]
    peak_mb: float | None
    halfway_mb: float | None
    read_mb: float | None
    one_more: float
    one_more_stages: dict[str, float]


def scaled(base: Path, sizes: Sequence[int], jobs: Sequence[int], data: Path, languages: Sequence[str],
           tell: Callable[[str], None] = lambda what: None) -> Iterator[Scaled]:  # fmt: skip
    """Time runs over made folders of these sizes with these numbers of workers, each in a process of its own.

    Args:
        base: a folder for input and output. sizes: numbers of documents. jobs: numbers of workers.
        data: the tagged corpus. languages: those that are made; all without it. tell: told what is done.

    Raises:
        BenchmarkError: when a run fails, or its tables depend on the number of workers.
    """
    for size in sorted(sizes):
        source = base / f"in{size}"
        tables: dict[str, str] = {}
        for number in jobs:
            shutil.rmtree(source, ignore_errors=True)
            tell(f"making {size:,} documents")
            generate(source, size, data=data, languages=languages)
            out = base / f"out{size}"
            tell(f"running over {size:,} documents, workers {number}")
            seconds, samples = _run(source, out, number)
            stages = _stages(out)
            made = json.loads((out / "rollcall.json").read_text(encoding="utf-8"))["files"]
            if made != (tables := tables or made):
                raise BenchmarkError(f"The tables of {size:,} documents depend on the number of workers: report it.")
            generate(source, 1, first=size, data=data, languages=languages)
            tell("running again, with one file more")
            more, _ = _run(source, out, number)
            reading = stages["planning"] + stages["reading"]
            yield Scaled(
                size, number, seconds, stages, max((mb for _, mb in samples), default=None),
                _at(samples, stages["planning"] + stages["reading"] / 2), _at(samples, reading),
                more, _stages(out),
            )  # fmt: skip
            shutil.rmtree(out)
        shutil.rmtree(source)


def most_gained(jobs: int) -> float:
    """How many times as much processes that share nothing do as one alone: the most that workers can gain here.

    Where two "cores" are two threads of one, or others use the machine, this is well below the number of processes.
    """

    def seconds(processes: int) -> list[float]:
        started = [
            subprocess.Popen([sys.executable, "-c", _LOOP], stdout=subprocess.PIPE, text=True) for _ in range(processes)
        ]
        return [float(process.communicate()[0]) for process in started]

    (alone,) = seconds(1)
    return sum(alone / together for together in seconds(jobs))


def _stages(out: Path) -> dict[str, float]:
    told: dict[str, float] = json.loads((out / "run.json").read_text(encoding="utf-8"))["seconds"]
    return told


def _at(samples: Sequence[tuple[float, float]], moment: float) -> float | None:
    """The memory held at a moment, in seconds since the start."""
    before = [mb for at, mb in samples if at <= moment]
    return before[-1] if before else None


def _run(source: Path, out: Path, jobs: int) -> tuple[float, list[tuple[float, float]]]:
    """Run in a process of its own; its seconds, and (seconds, MB) of all its processes together as they went."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    begun = time.monotonic()
    process = subprocess.Popen([sys.executable, "-c", _RUN, str(source), str(out), str(jobs)], env=environment)
    samples: list[tuple[float, float]] = []
    over = threading.Event()

    def look() -> None:
        while not over.wait(_EVERY):
            if (held := memory_below(process.pid)) is not None:
                samples.append((time.monotonic() - begun, held))

    looking = threading.Thread(target=look, daemon=True)
    looking.start()
    code = process.wait()
    over.set()
    looking.join()
    if code:
        raise BenchmarkError(f"A run of the trial ended with the code {code}; what it said stands above.")
    return time.monotonic() - begun, samples


def memory_below(pid: int) -> float | None:
    """The memory that a process and all below it hold together, in MB; None where the system does not tell it.

    Memory that processes share (libraries) is divided among them, where the system says how much that is.
    """
    try:
        children: dict[int, list[int]] = {}
        for entry in os.scandir("/proc"):
            if entry.name.isdigit():
                stat = Path(entry.path, "stat").read_text(errors="replace")
                children.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(int(entry.name))
    except OSError:
        return None  # it ended while we looked, or there is no /proc
    total, pending = 0.0, [pid]
    while pending:
        one = pending.pop()
        pending += children.get(one, [])
        total += _held(one)
    return total or None


def _held(pid: int) -> float:
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        return next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")) / 1_000
    except (OSError, StopIteration):
        pass
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    except (OSError, ValueError, IndexError):
        return 0.0
