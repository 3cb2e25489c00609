"""A run on which faults befall: `python -m pipeline.running.faulty JSON` runs in a process of its own, for trials."""

from __future__ import annotations

import builtins
import io
import json
import os
import sqlite3
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipeline.running import pool

#: What the process says on stderr, before the message, when the run ended as an error that a user is told of.
TOLD = "told: "


@dataclass(frozen=True, slots=True)
class Asked:
    """A run and what befalls it.

    Args:
        source, out, language, jobs, retry: as for `run`.
        max_seconds: the longest time for reading one document; the same in all runs, as files are done anew otherwise.
        disk: after so many bytes of tables the disk is full; -1 never.
        pages: the store takes so many pages of 4,096 bytes before the disk is full; 0 any number.
        starved: after so many seconds every worker is found too large, for one second.
    """

    source: str
    out: str
    language: str = "en"
    jobs: int = 1
    retry: bool = False
    max_seconds: float = 3.0
    disk: int = -1
    pages: int = 0
    starved: float = 0.0

    def command(self) -> list[str]:
        """The command that does it."""
        return [sys.executable, "-m", "pipeline.running.faulty", json.dumps(asdict(self))]


@contextmanager
def full_disk(folder: Path, size: int) -> Iterator[None]:
    """Let the disk be full once so many bytes were written to files below a folder; files of SQLite aside."""
    root, left, real = os.path.realpath(folder), [size], io.open

    class Bounded(io.FileIO):
        """A file that fails as one on a full disk does: with what still fits written."""

        def write(self, data: Any, /) -> int:
            data = memoryview(data).cast("B")
            fits = min(len(data), left[0])
            left[0] -= fits
            if fits:
                return super().write(data[:fits])
            if data:
                raise OSError(28, os.strerror(28))
            return 0

    def opened(file: Any, mode: str = "r", *args: Any, **settings: Any) -> Any:
        below = not isinstance(file, int) and os.path.realpath(os.fspath(file)).startswith(root + os.sep)
        if not below or not set(mode) & set("wax"):
            return real(file, mode, *args, **settings)
        buffered = io.BufferedWriter(Bounded(file, mode.replace("b", "").replace("t", "")))
        names = ("buffering", "encoding", "errors", "newline")
        given = dict(zip(names, args, strict=False)) | settings
        given.pop("buffering", None)
        return buffered if "b" in mode else io.TextIOWrapper(buffered, **given)

    builtins.open = io.open = opened
    try:
        yield
    finally:
        builtins.open = io.open = real


@contextmanager
def full_store(pages: int) -> Iterator[None]:
    """Let the disk be full for every SQLite database of more than so many pages."""
    real = sqlite3.connect

    def connect(*args: Any, **settings: Any) -> sqlite3.Connection:
        base: sqlite3.Connection = real(*args, **settings)
        base.execute(f"PRAGMA max_page_count={pages}")
        return base

    sqlite3.connect = connect  # type: ignore[assignment]
    try:
        yield
    finally:
        sqlite3.connect = real


def _starve(after: float) -> None:
    """Find every worker too large for a second, some time from now."""

    def starve() -> None:
        time.sleep(after)
        before, pool.MOST_MEMORY = pool.MOST_MEMORY, 1
        time.sleep(1.0)
        pool.MOST_MEMORY = before

    threading.Thread(target=starve, daemon=True).start()


def main(asked: Asked) -> int:
    """Do what is asked; 0 when the run came to its end."""
    from pipeline.reading import ReadOptions
    from pipeline.running import OutputError, run

    if asked.starved:
        _starve(asked.starved)
    reading = ReadOptions(max_seconds=asked.max_seconds)
    try:
        disk = asked.disk if asked.disk >= 0 else sys.maxsize
        with full_disk(Path(asked.out), disk), full_store(asked.pages or 1 << 30):
            run([asked.source], asked.out, language=asked.language, jobs=asked.jobs, reading=reading, retry=asked.retry)
    except OutputError as error:
        print(f"{TOLD}{error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(Asked(**json.loads(sys.argv[1]))))
