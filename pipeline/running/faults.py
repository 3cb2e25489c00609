"""Trials by fault: runs that are killed, starved, cut short go on, and the tables must be those of a whole run."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.running.benchmark import BenchmarkError
from pipeline.running.faulty import TOLD, Asked
from pipeline.running.store import STORE
from pipeline.running.watching import status
from pipeline.tables import TABLES

#: After so many faults a run may come to its end. A third worker that is killed in a row, before it was ready, ends it.
_FAULTS_A_RUN = 2


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of runs under one kind of fault.

    `faults` befell; `runs` then came to their end, in which `retried` files had failed of the fault and were done
    again with `--retry`. `different` names the tables that then differed from those of an undisturbed run.
    """

    kind: str
    faults: int
    runs: int
    retried: int
    different: tuple[str, ...]


class Trials:
    """Runs over one folder, first an undisturbed one, then under faults. A context manager: it needs a folder."""

    def __init__(self, source: Path, language: str = "en", seed: int = 0) -> None:
        """Take a folder of announcements; `seed` chooses the moments."""
        self._source, self._language, self._chance = source, language, random.Random(seed)

    def __enter__(self) -> Trials:
        self._base = tempfile.TemporaryDirectory()
        self._whole, self._out = (Path(self._base.name) / name for name in ("whole", "out"))
        self._asked = Asked(str(self._source), str(self._whole), self._language)
        begun = time.monotonic()
        self._finish(self._asked)
        self._length = time.monotonic() - begun
        self._bytes = sum(path.stat().st_size for path in self._whole.iterdir() if path.name != STORE)
        self._pages = (self._whole / STORE).stat().st_size // 4096
        self._asked = replace(self._asked, out=str(self._out))
        return self

    def __exit__(self, *_: object) -> None:
        self._base.cleanup()

    def under(self, kind: str, times: int) -> Trial:
        """Have faults of a kind befall runs, so many in all, and let each run come to its end.

        Raises:
            BenchmarkError: when a run ends in another way than the fault explains.
        """
        faults = runs = retried = 0
        different: set[str] = set()
        while faults < times:
            befell = ended = 0
            while not ended and faults + befell < times and befell < _FAULTS_A_RUN:
                happened, ended = KINDS[kind](self)
                befell += happened
            if not ended:
                self._finish(self._asked)
            faults += befell
            runs += 1
            retried += self._heal()
            different |= _different(self._whole, self._out)
            if _code(self._whole) != _code(self._out):
                raise BenchmarkError("The code, models or knowledge were changed during the trial: run it again.")
            shutil.rmtree(self._out)
        return Trial(kind, faults, runs, retried, tuple(sorted(different)))

    def _heal(self) -> int:
        """Do again what failed of a fault; how many documents that were."""
        failed = status(self._out).documents.get("failed", 0) - status(self._whole).documents.get("failed", 0)
        if failed:
            self._finish(replace(self._asked, retry=True))
            # The run that lacked these documents came to its end, and the ids that it gave stay. Without its mentions
            # they are given anew, as in a run that nothing befell.
            (self._out / "mentions.csv").unlink()
            self._finish(self._asked)
        return failed

    # The kinds of faults. Each has one run go on and tells how many faults befell it, and whether it came to its end.

    def killed(self) -> tuple[int, bool]:
        """Kill the main process at a random moment."""
        process = self._start(replace(self._asked, jobs=self._chance.choice((1, 2))))
        begun = time.monotonic()
        try:
            process.communicate(timeout=self._chance.uniform(0, self._length))
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return 1, False
        self._shorter(time.monotonic() - begun)
        return 0, True

    def worker_killed(self) -> tuple[int, bool]:
        """Kill workers, or the process of which they are copies, at random moments."""
        return self._befall("multiprocessing.forkserver import main", signal.SIGKILL)

    def reader_hangs(self) -> tuple[int, bool]:
        """Stop the processes that read at random moments, without ending them."""
        return self._befall("pipeline.reading.helper", signal.SIGSTOP)

    def _befall(self, command: str, what: signal.Signals) -> tuple[int, bool]:
        process = self._start(replace(self._asked, jobs=2))
        befell, begun = 0, time.monotonic()
        while process.poll() is None:
            moment = time.monotonic() + self._chance.uniform(0, self._length / 3)
            while process.poll() is None and time.monotonic() < moment:
                time.sleep(0.05)
            below = [pid for pid in _below(process.pid) if command in _command(pid)]
            if below and befell < _FAULTS_A_RUN:
                try:
                    os.kill(self._chance.choice(below), what)
                    befell += 1
                except ProcessLookupError:
                    pass
        if not befell:
            self._shorter(time.monotonic() - begun)
        self._ended_well(process)
        return befell, True

    def _shorter(self, seconds: float) -> None:
        """Choose moments within a run as long as this one; the first may have been slowed by what else was at work."""
        self._length = min(self._length, seconds)

    def starved(self) -> tuple[int, bool]:
        """Find the workers too large at a random moment."""
        after = self._chance.uniform(0.1, self._length)
        process = self._start(replace(self._asked, jobs=2, starved=after))
        self._ended_well(process)
        return 1, True

    def disk_full(self) -> tuple[int, bool]:
        """Let the disk be full after a random number of bytes: of the tables, or of the store."""
        if self._chance.random() < 0.5:
            asked = replace(self._asked, disk=self._chance.randrange(self._bytes))
        else:
            asked = replace(self._asked, pages=self._chance.randrange(1, self._pages))
        process = self._start(asked)
        told = process.communicate()[1]
        if process.returncode == 2 and f"{TOLD}The output folder" in told and "No space left" in told:
            return 1, False
        if process.returncode:
            raise BenchmarkError(f"A run on a full disk ended otherwise than it should: {told[-2000:]}")
        return 0, True

    def store_cut(self) -> tuple[int, bool]:
        """Cut the store short, or overwrite a part of it, after a run that was killed or came to its end."""
        ended = self.killed()[1]
        path = self._out / STORE
        if not path.is_file() or not path.stat().st_size:
            return 0, ended
        size = path.stat().st_size
        with path.open("r+b") as store:
            if self._chance.random() < 0.5:
                store.truncate(self._chance.randrange(size))
            else:
                store.seek(self._chance.randrange(size))
                store.write(self._chance.randbytes(min(size, 20_000)))
        return 1, False

    # Processes.

    def _start(self, asked: Asked) -> subprocess.Popen[str]:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
        return subprocess.Popen(asked.command(), env=environment, stderr=subprocess.PIPE, text=True, errors="replace")

    def _finish(self, asked: Asked) -> None:
        self._ended_well(self._start(asked))

    def _ended_well(self, process: subprocess.Popen[str]) -> None:
        told = process.communicate()[1]
        if process.returncode:
            raise BenchmarkError(f"A run of the trial ended with the code {process.returncode}: {told[-2000:]}")


#: The kinds of faults by the names that `rollcall trial --fault` has for them.
KINDS: dict[str, Callable[[Trials], tuple[int, bool]]] = {
    "main": Trials.killed,
    "worker": Trials.worker_killed,
    "reader": Trials.reader_hangs,
    "memory": Trials.starved,
    "disk": Trials.disk_full,
    "store": Trials.store_cut,
}


def with_mails(folder: Path, every: int = 5) -> None:
    """Turn every so many text files of a folder into mails, which are read in a process of their own."""
    for path in sorted(folder.rglob("*.txt"))[::every]:
        head = f"Subject: {path.stem}\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
        path.with_suffix(".eml").write_text(
            f"{head}Content-Transfer-Encoding: 8bit\n\n{path.read_text(encoding='utf-8')}", encoding="utf-8"
        )
        path.unlink()


def faults(source: Path, kinds: Sequence[str], times: int, language: str = "en", seed: int = 0) -> Iterator[Trial]:
    """Runs over a folder under faults of these kinds, so many of each.

    Raises:
        BenchmarkError: when a kind is unknown or cannot be tried here, or a run ends as no fault explains.
    """
    for kind in kinds:
        if kind not in KINDS:
            raise BenchmarkError(f"{kind!r} is no kind of fault. Choose from {', '.join(KINDS)}.")
        if kind in ("worker", "reader") and not Path("/proc/self/cmdline").exists():
            raise BenchmarkError(f"The fault {kind} needs Linux, where the processes of a run can be found.")
    if not kinds:
        return
    with Trials(source, language, seed) as trials:
        for kind in kinds:
            yield trials.under(kind, times)


def _below(pid: int) -> list[int]:
    """The processes that a process started, and those that these started."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            parents.setdefault(parent, []).append(int(entry.name))
    found = [pid]
    for one in found:
        found += parents.get(one, [])
    return found[1:]


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    except OSError:
        return ""


def _code(out: Path) -> str:
    """The digest of the code, models and knowledge of the latest run."""
    return str(json.loads((out / "run.json").read_text(encoding="utf-8"))["made_by"]["code"])


def _different(one: Path, other: Path) -> set[str]:
    """The tables and kept texts that are not the same in two outputs."""
    tables = [f"{table.name}.{suffix}" for table in TABLES for suffix in ("csv", "jsonl")]
    texts = {str(path.relative_to(out)) for out in (one, other) for path in (out / "texts").rglob("*.txt")}
    return {name for name in [*tables, *sorted(texts)] if not _same(one / name, other / name)}


def _same(one: Path, other: Path) -> bool:
    return one.is_file() and other.is_file() and one.read_bytes() == other.read_bytes()
