"""What a run has to do, given what the store holds: new, changed, failed before, done by another version, gone."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import pipeline
from pipeline.reading import Found, ReadOptions
from pipeline.running import packing
from pipeline.running.engine import EngineMaker
from pipeline.running.masking import mask_key
from pipeline.running.store import Done, Stamp
from pipeline.running.work import Settings
from pipeline.tables import TABLES

#: The wings whose code bears on the result of a document.
_WINGS = ("records.py", "knowledge", "reading", "cleaning", "extraction", "normalisation", "tables", "running")
_SUFFIXES = frozenset({".py", ".txt", ".json", ".npz"})


@dataclass(frozen=True, slots=True)
class Plan:
    """Which files are to be worked on and why; `counts` says how many of each kind there are.

    `todo` is in the order of the files; `stamps` belong to it. `again` are stamps of files that were looked at and
    are the same; `gone` are files of the store that are not there any more.
    """

    todo: tuple[Found, ...]
    stamps: dict[str, Stamp]
    again: tuple[tuple[str, Stamp], ...]
    gone: tuple[str, ...]
    counts: dict[str, int]


def packed_lines(lines: Iterable[str], files: Sequence[Found], reading: ReadOptions) -> str:
    """Learnt furniture as a note of the store, with what it was learnt from."""
    told = {"files": len(files), "reading": json.dumps(asdict(reading), default=str), "lines": sorted(lines)}
    return json.dumps(told)


def kept_lines(note: str, files: Sequence[Found], reading: ReadOptions) -> frozenset[str] | None:
    """The furniture of a note, or None where it is to be learnt anew.

    It stays while a folder grows to twice the number of files it was learnt from: were it learnt anew for each new
    file, a line more or less would have all files done again.
    """
    told = json.loads(note) if note else {}
    if not told or told["reading"] != json.dumps(asdict(reading), default=str):
        return None
    return frozenset(told["lines"]) if len(files) < 2 * told["files"] else None


def settings_key(settings: Settings, own: str, learnt: Iterable[str], make_engine: EngineMaker) -> str:
    """A digest of all settings that bear on a document, own knowledge by its content, and of how rows are laid out.

    Where contacts are masked, all that decides what is one is part of it: rows that were masked by other rules are
    not to stay.

    Rows with another key are always made anew.
    """
    layout = [[t.name, [c.name for c in t.columns]] for t in TABLES]
    made_by = f"{make_engine.__module__}.{make_engine.__qualname__}"
    told = [
        settings.language, settings.min_confidence, settings.max_characters, asdict(settings.reading), own,
        sorted(learnt), settings.model, made_by, layout, packing.layout(),
        *([mask_key(settings.mask)] if settings.mask else []),
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(told, default=str).encode()).hexdigest()


@cache
def code_key() -> str:
    """A digest of the code, models and knowledge that ship: what was done with others can be done anew on wish."""
    base = Path(pipeline.__file__).parent
    total = hashlib.sha256()
    for wing in _WINGS:
        place = base / wing
        for path in [place] if place.is_file() else sorted(place.rglob("*")):
            if path.suffix in _SUFFIXES and path.is_file():
                total.update(path.relative_to(base).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()


def plan(
    files: Sequence[Found],
    done: dict[str, Done],
    settings: Callable[[str], str],
    code: str,
    *,
    retry: bool,
    refresh: bool,
) -> Plan:
    """Compare the files there are with the store.

    Args:
        files: what discovery found. done: what the store holds.
        settings: SHA-256 of a file → the key of the settings that it is to be done with. code: the `code_key`.
        retry: work again on files of which a document failed. refresh: on those done by another version.
    """
    counts = dict.fromkeys(("new", "changed", "settings", "retry", "refresh", "kept", "failed", "outdated", "gone"), 0)
    todo: list[Found] = []
    stamps: dict[str, Stamp] = {}
    again: list[tuple[str, Stamp]] = []
    for found in files:
        known = done.get(found.document_id)
        stamp, looked = stamp_of(found, known)
        kind = _kind(known, stamp, settings(stamp.sha256), code, retry, refresh)
        counts[kind] += 1
        if kind == "kept" and known:
            counts["failed"] += known.failed
            counts["outdated"] += known.code != code
            if looked:
                again.append((found.document_id, stamp))
            continue
        todo.append(found)
        stamps[found.document_id] = stamp
    present = {f.document_id for f in files}
    gone = tuple(file_id for file_id in done if file_id not in present)
    counts["gone"] = len(gone)
    return Plan(tuple(todo), stamps, tuple(again), gone, counts)


def _kind(known: Done | None, stamp: Stamp, settings: str, code: str, retry: bool, refresh: bool) -> str:
    if known is None:
        return "new"
    if stamp.sha256 != known.stamp.sha256:
        return "changed"
    if not stamp.sha256:
        return "retry" if known.failed else "changed"  # what cannot be opened is always tried again
    if known.settings != settings:
        return "settings"
    if retry and known.failed:
        return "retry"
    return "refresh" if refresh and known.code != code else "kept"


def stamp_of(found: Found, known: Done | None) -> tuple[Stamp, bool]:
    """The stamp of a file, and whether its content was read for it."""
    looked = time.time_ns()
    if found.address:
        # A file on another machine is not read for it: its size and what its system calls its version must do.
        return Stamp(found.size, 0, 0, looked, f"version {found.version}"), False
    try:
        status = os.stat(found.path)
        if known and known.stamp.surely(status):
            return known.stamp, False
        if not stat.S_ISREG(status.st_mode):
            return Stamp(looked=looked), False  # opening a pipe could block for ever; reading it will say what it is
        with open(found.path, "rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return Stamp(looked=looked), False
    return Stamp(status.st_size, status.st_mtime_ns, status.st_ctime_ns, looked, digest), True
