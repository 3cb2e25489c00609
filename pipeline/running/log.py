"""The log of a run, for programs that watch it: one event a line, as JSON, written when it happens."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from io import RawIOBase
from pathlib import Path
from types import TracebackType
from typing import Any

from pipeline.reading import printable

#: So end the names of logs that may lie in an output folder.
ENDINGS = (".log", "log.jsonl")


class LogError(Exception):
    """The log cannot be written there; the message says what to do."""


class Log:
    """A file to which events are added; without a path, nothing is. A context manager that tells how a run ended.

    Each event has `time` (UTC) and `event`: start, plan, document, stage, warning, worker or end.
    A disk that takes no more of it must not cost the run: the log then ends, and `problem` says so.
    """

    def __init__(self, path: Path | None, out: Path) -> None:
        """Open it. A log that is there goes on; any other file is refused.

        Raises:
            LogError: when it cannot be opened, holds something else, or its name would have `out` refused next time.
        """
        self.problem = ""
        self._path = path
        self._file: RawIOBase | None = None
        self._ended = False
        if path is None:
            return
        name = printable(path)
        inside = os.path.realpath(path.parent) == os.path.realpath(out)
        if inside and not path.name.endswith(ENDINGS):
            raise LogError(f"In the output folder a log is called something.log, and not {name}.")
        try:
            if path.is_file() and not _is_log(path):  # what is read from a pipe would be lost
                raise LogError(f"{name} holds something that is no log of Rollcall. Name another file with --log.")
            self._file = path.open("ab", buffering=0)  # a line that cannot be written must not be tried again
        except OSError as error:
            raise LogError(
                f"The log {name} cannot be written ({error.strerror}). Name another file with --log."
            ) from error

    def __enter__(self) -> Log:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None and not self._ended:
            interrupted = isinstance(error, KeyboardInterrupt)
            self.event("end", status="interrupted" if interrupted else "failed", reason=str(error))
        if self._file:
            self._file.close()
            self._file = None

    def event(self, event: str, **told: Any) -> None:
        """Something happened; what is told of it must be plain JSON."""
        if self._file is None:
            return
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = json.dumps({"time": now, "event": event, **told}, ensure_ascii=True, default=str)
        left = memoryview(line.encode("ascii") + b"\n")
        try:
            while left:
                left = left[self._file.write(left) or 0 :]
        except OSError as error:
            self.problem = f"The log {printable(self._path or '')} could not be written on ({error.strerror})."
            self._file.close()
            self._file = None
            return
        self._ended = event == "end"


def _is_log(path: Path) -> bool:
    with path.open("rb") as file:
        line = file.readline(1_000_000)
    try:
        return not line or "event" in json.loads(line)
    except (ValueError, TypeError):
        return False
