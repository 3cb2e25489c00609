"""Progress of a run for people: a bar on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Protocol

from pipeline.running.results import Failure, Progress

if TYPE_CHECKING:
    from rich.progress import ProgressColumn

#: Seconds between two plain lines.
_EVERY = 5.0
#: From so many documents on the time that is left is told.
_FEW = 20
_STEPS = {
    "learning": "Looking for lines that recur in files",
    "linking": "Linking people and institutions",
    "writing": "Writing the tables",
}


class Tell(Protocol):
    """What `run` calls."""

    def __call__(self, progress: Progress) -> None:
        """Show how far it is."""


@contextmanager
def shown(stream: IO[str] | None = None, quiet: bool = False) -> Iterator[Tell]:
    """Something to give to `run` as `progress`. Failures are named even when it is quiet."""
    stream = stream or sys.stderr
    if quiet:
        yield lambda progress: _name(progress.failure, stream)
    elif stream.isatty():
        with _bar(stream) as tell:
            yield tell
    else:
        yield _Lines(stream)


def failure_line(failure: Failure) -> str:
    """A failed document in one line; control characters in its name cannot garble the terminal."""
    return visible(f"failed: {failure.document_id}: {failure.reason}")


def visible(text: str) -> str:
    """A text in one line, with control characters and lone surrogates written out."""
    safe = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
    return safe.encode("utf-8", "backslashreplace").decode("utf-8")


def duration(seconds: float) -> str:
    """Seconds as people say them: `0.4 s`, `12 s`, `3 min 05 s`, `2 h 10 min`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def _rate(rate: float) -> str:
    return f"{rate:,.0f}" if rate >= 10 else f"{rate:.1f}"


def _characters(progress: Progress) -> str:
    number = progress.characters
    return f"{number / 1e6:,.1f} million" if number >= 1e6 else f"{number:,}"


def _left(progress: Progress, seconds: float) -> str:
    """The time that is left, by the bytes of the files, else by their number: one may hold thousands of others.

    Empty after the first few documents: workers take seconds to start, which says nothing of the rest.
    """
    share = progress.share or progress.done / max(1, progress.total)
    if not share or (progress.done < _FEW and share < 0.1):
        return ""
    return f", {duration(seconds * (1 - share) / share)} left"


def _name(failure: Failure | None, stream: IO[str]) -> None:
    if failure:
        print(failure_line(failure), file=stream, flush=True)


class _Lines:
    """Plain lines: at most one in a few seconds, so that a log stays short."""

    def __init__(self, stream: IO[str]) -> None:
        self.stream = stream
        self.begun = self.last = time.monotonic()

    def __call__(self, progress: Progress) -> None:
        _name(progress.failure, self.stream)
        now = time.monotonic()
        if now - self.last < _EVERY:
            return
        self.last = now
        if progress.step != "reading":
            print(f"{_STEPS[progress.step]} of {progress.total:,} documents", file=self.stream, flush=True)
            return
        rate = progress.done / (now - self.begun)
        print(
            f"{progress.done:,} of {progress.total:,} documents, {_characters(progress)} characters, "
            f"{_rate(rate)} documents a second{_left(progress, now - self.begun)}",
            file=self.stream,
            flush=True,
        )


@contextmanager
def _bar(stream: IO[str]) -> Iterator[Tell]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    columns: tuple[ProgressColumn, ...] = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
    )
    console = Console(file=stream, highlight=False)
    begun = time.monotonic()
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task("Reading", total=None, rate="")

        def tell(progress: Progress) -> None:
            if progress.failure:
                console.print(failure_line(progress.failure), markup=False, soft_wrap=True, style="red")
            seconds = max(time.monotonic() - begun, 0.001)
            rate = f"{_rate(progress.done / seconds)} documents/s"
            if progress.step == "reading":
                rate = f"{_characters(progress)} characters, {rate}{_left(progress, seconds)}"
            label = _STEPS.get(progress.step, "Reading")
            bar.update(
                task,
                description=label,
                completed=progress.done,
                total=progress.total,
                rate=rate,
            )

        yield tell
