"""Watches an output: how far a run is, from its store while it works, and whether the next one would write there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipeline.reading import MARKER, InputError, printable
from pipeline.running.lock import running
from pipeline.running.output import OutputError, check, read_marker
from pipeline.running.store import STORE, Store, StoreError


@dataclass(frozen=True, slots=True)
class Status:
    """How an output stands: documents in the store by status, the process at work, whether the tables are whole.

    `failures` are the documents that failed, with the reason; `refused` is why the next run would not write there.
    """

    documents: dict[str, int]
    files: int
    expected: int
    pid: str
    complete: bool
    failures: tuple[tuple[str, str], ...] = ()
    refused: str = ""


def status(out: Path) -> Status:
    """How an output folder stands; nothing in it is changed, and a run that is at work is not disturbed.

    Raises:
        InputError: when the folder holds no output, or its store cannot be read.
        OutputError: when what tells of the run there is damaged.
    """
    if not (out / MARKER).is_file():
        raise InputError(
            f"{printable(out)} holds no output of Rollcall. Name the folder that `rollcall run` writes to."
        )
    told = read_marker(out)
    complete = bool(told.get("complete")) and all((out / name).is_file() for name in told.get("files", {}))
    pid = running(out)
    documents: dict[str, int] = {}
    failures: tuple[tuple[str, str], ...] = ()
    files = expected = 0
    if (out / STORE).is_file():
        try:
            store = Store(out / STORE, readonly=True)
        except StoreError as error:
            raise InputError(
                f"{printable(out / STORE)} cannot be read ({error}). Run `rollcall run` again; it puts the store aside."
            ) from error
        documents, files, expected = store.counts(), len(store.files()), int(store.meta("expected") or 0)
        failures = tuple(store.failures())
        store.close()
    return Status(documents, files, expected, pid, complete, failures, "" if pid else _refused(out))


def _refused(out: Path) -> str:
    """Why a run would not write into a folder (a table that was edited, say); empty where it would."""
    try:
        check(out)
    except OutputError as error:
        return str(error)
    return ""
