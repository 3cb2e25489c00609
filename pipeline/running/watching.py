"""Watches outputs: how far a run is, from its store while it works, and what differs between two outputs."""

from __future__ import annotations

import csv
import heapq
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from pipeline.reading import MARKER, InputError, printable
from pipeline.running.lock import running
from pipeline.running.output import OutputError, check, read_marker
from pipeline.running.store import STORE, Store, StoreError
from pipeline.tables import BY_NAME, TABLES
from pipeline.tables.rows import OF_DOCUMENTS


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


@dataclass(frozen=True, slots=True)
class Difference:
    """What became of one row: `came`, `went` or `changed`, with its key and, if changed, (column, before, after)."""

    table: str
    kind: str
    key: str
    cells: tuple[tuple[str, str, str], ...] = ()


#: The columns by which a row is the same in two outputs; any column that is not named here may change.
_KEYS = {
    "documents": ("document_id",),
    "mentions": ("document_id", "start", "end", "label"),
    "people": ("person_id",),
    "institutions": ("institution_id",),
    "roles": ("role_id",),
}
_Keyed = tuple[tuple[str, ...], dict[str, str]]


def differences(one: Path, other: Path) -> Iterator[Difference]:
    """Which rows of `other` came, went or changed against `one`, table by table.

    Rows of tables without a key of their own (affiliations, reports, events) can only come and go.

    Raises:
        InputError: when a folder holds no tables.
    """
    for out in (one, other):
        if not (out / MARKER).is_file() or not (out / "documents.csv").is_file():
            raise InputError(f"{printable(out)} holds no tables of Rollcall. Name a folder that `rollcall run` wrote.")
    for table in TABLES:
        before, after = _rows(one, table.name), _rows(other, table.name)
        yield from _compared(table.name, before, after)


def _compared(table: str, before: Iterable[_Keyed], after: Iterable[_Keyed]) -> Iterator[Difference]:
    merged = heapq.merge(((key, 0, row) for key, row in before), ((key, 1, row) for key, row in after), key=_place)
    waiting: tuple[tuple[str, ...], dict[str, str]] | None = None
    for key, side, row in merged:
        if side == 1 and waiting and waiting[0] == key:
            old = waiting[1]
            cells = tuple(
                (c, old.get(c, ""), row.get(c, "")) for c in {**old, **row} if old.get(c, "") != row.get(c, "")
            )
            if cells:
                yield Difference(table, "changed", " ".join(k for k in key if k), cells)
            waiting = None
            continue
        if waiting:
            yield Difference(table, "went", " ".join(k for k in waiting[0] if k))
        waiting = (key, row) if side == 0 else None
        if side == 1:
            yield Difference(table, "came", " ".join(k for k in key if k))
    if waiting:
        yield Difference(table, "went", " ".join(k for k in waiting[0] if k))


def _place(entry: tuple[tuple[str, ...], int, dict[str, str]]) -> tuple[tuple[str, ...], int]:
    return entry[0], entry[1]


def _rows(out: Path, table: str) -> Iterator[_Keyed]:
    """The rows of a table, sorted by their keys; those of documents a document at a time, as they stand sorted."""
    path = out / f"{table}.csv"
    if not path.is_file():
        return
    csv.field_size_limit(10**9)
    columns = _KEYS.get(table) or tuple(c.name for c in BY_NAME[table].columns)
    with path.open(encoding="utf-8-sig", newline="") as file:
        keyed = ((tuple(row.get(c) or "" for c in columns), row) for row in csv.DictReader(file))
        for _, together in groupby(keyed, key=lambda entry: entry[0][0] if table in OF_DOCUMENTS else ""):
            seen: Counter[tuple[str, ...]] = Counter()
            for key, row in sorted(together, key=lambda entry: entry[0]):
                seen[key] += 1
                yield (*key, f"({seen[key]})" if seen[key] > 1 else ""), row  # rows that are alike stay apart
