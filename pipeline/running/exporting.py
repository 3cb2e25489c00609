"""The store → the tables. Of documents whose rows are those of before, the bytes are copied and not made again.

The store notes of each document how many bytes its rows take in each file, and of what they were made: the draft, the
ids of its people, institutions and events, its family. Where all of that is the same, and the tables of before lie
there untouched, its rows are taken from them. So a further run costs what is new, and the bytes are the same.
"""

from __future__ import annotations

import json
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import blake2b
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.cleaning.contacts import KINDS
from pipeline.running.browsing import Browsing
from pipeline.running.entity_rows import EntityRows
from pipeline.running.increments import code_key
from pipeline.running.store import Store
from pipeline.tables import BY_NAME, TABLES, TableWriter
from pipeline.tables.rows import (
    OF_DOCUMENTS,
    Draft,
    EntitiesLike,
    change_rows,
    finish,
    ids_of,
    role_rows,
)

#: The note of the store that says which files its table `exported` tells of.
_NOTE = "exported"
#: The files whose rows come from single documents, in the order in which `exported` counts their bytes.
_FILES = tuple(f"{name}.{suffix}" for name in OF_DOCUMENTS for suffix in ("csv", "jsonl"))
#: So many documents are written together.
_TOGETHER = 64
_STATUS, _FAMILY = (BY_NAME["documents"].position(name) for name in ("status", "family_id"))
# `fresh` says that the draft is the one of which the rows were made; `refs` are the numbers of the mentions that have
# an entity, `made` a digest of their ids and of the family; `sizes` are bytes by file, then rows by table.
_LAYOUT = """
CREATE TABLE IF NOT EXISTS exported (
    file_id TEXT NOT NULL, number INTEGER NOT NULL, document_id TEXT NOT NULL, fresh INTEGER NOT NULL,
    refs BLOB NOT NULL, made BLOB NOT NULL, sizes BLOB NOT NULL, told TEXT NOT NULL, PRIMARY KEY (file_id, number)
);
CREATE TRIGGER IF NOT EXISTS documents_changed AFTER DELETE ON documents BEGIN
    UPDATE exported SET fresh = 0 WHERE file_id = old.file_id AND number = old.number;
END;
"""
_ORDER = "document_id, file_id, number"
_JOINED = (
    "SELECT d.file_id, d.number, d.document_id, e.fresh, e.refs, e.made, e.told FROM documents d "
    "LEFT JOIN exported e ON e.file_id = d.file_id AND e.number = d.number "
    "ORDER BY d.document_id, d.file_id, d.number"
)


@dataclass(frozen=True, slots=True)
class Exported:
    """The numbers of rows by table and of documents by status, the digests of the files, and what was masked.

    `copied` says of how many documents the rows were those of before.
    """

    counts: dict[str, int]
    digests: dict[str, str]
    masked: dict[str, int]
    copied: int


class _Before:
    """The tables of before and where the rows of each document lie in them; empty where they cannot be used."""

    def __init__(self, store: Store, out: Path, digests: Mapping[str, str]) -> None:
        self._folder = out
        self._at: dict[tuple[str, int], int] = {}
        self._starts: list[list[int]] = []
        self._rows: list[list[int]] = []
        self._families: dict[str, str] = {}
        known = json.loads(store.meta(_NOTE) or "{}")
        there = {name: digests.get(name, "") for name in _FILES}
        found = known.pop("families", {})
        if known != {"code": code_key(), "files": there} or not all((out / name).is_file() for name in _FILES):
            return
        self._families = found
        packed: list[bytes] = []
        for file_id, number, each in store.ask(f"SELECT file_id, number, sizes FROM exported ORDER BY {_ORDER}"):
            self._at[file_id, number] = len(packed)
            packed.append(each)
        sizes = np.frombuffer(b"".join(packed), np.uint64).reshape(len(packed), -1)
        for place, name in enumerate(_FILES):
            ends = np.cumsum(sizes[:, place]).tolist() if packed else []
            start = (out / name).stat().st_size - (ends[-1] if ends else 0)  # behind the header
            self._starts.append([start, *(start + end for end in ends)])
        for place in range(len(_FILES), len(_FILES) + len(OF_DOCUMENTS)):
            self._rows.append([0, *np.cumsum(sizes[:, place]).tolist()] if packed else [0])

    def family(self, document_id: str) -> str:
        """The family that a document of which there is a MinHash was of."""
        return self._families.get(document_id, document_id)

    def place(self, file_id: str, number: int) -> int:
        """Where a document stands among those of before; -1 for one that they do not have."""
        return self._at.get((file_id, number), -1)

    def mentions(self, at: int) -> int:
        """How many rows a document has in the table of mentions."""
        counted = self._rows[OF_DOCUMENTS.index("mentions")]
        return counted[at + 1] - counted[at]

    def copy(self, first: int, last: int, writers: Mapping[str, TableWriter]) -> None:
        """Copy the rows of the documents from the first to the last, which lie one after the other."""
        for place, name in enumerate(_FILES):
            table, _, suffix = name.partition(".")
            bounds = self._starts[place][first], self._starts[place][last + 1]
            writers[table].copy(suffix, self._folder / name, *bounds)
        for counted, table in zip(self._rows, OF_DOCUMENTS, strict=True):
            writers[table].rows += counted[last + 1] - counted[first]


class _Tables:
    """The tables in the making."""

    def __init__(self, writers: Mapping[str, TableWriter]) -> None:
        self.writers = writers
        self.masked = Counter(dict.fromkeys((*KINDS, "documents"), 0))
        self.status: Counter[str] = Counter({"ok": 0, "empty": 0, "failed": 0})
        self.roles: dict[str, tuple[str, str, int]] = {}

    def count(self, told: Mapping[str, Any]) -> None:
        """Count in what is told of a document."""
        self.status[told["status"]] += 1
        self.masked.update(told["masked"])
        self.masked["documents"] += bool(told["masked"])
        for role_id, label, kind in told["roles"]:
            self.roles[role_id] = (label, kind, self.roles.get(role_id, ("", "", 0))[2] + 1)

    def write(self, made: Sequence[Draft]) -> list[bytes]:
        """Write the finished rows of documents; their sizes."""
        written = [self.writers[name].write_parts([m[name] for m in made]) for name in OF_DOCUMENTS]
        return [
            array("Q", [*chain(*of_tables), *(len(m[name]) for name in OF_DOCUMENTS)]).tobytes()
            for m, of_tables in zip(made, zip(*written, strict=True), strict=True)
        ]


def export(
    store: Store, entities: EntitiesLike, family: Mapping[str, str], out: Path, work: Path, before: Mapping[str, str],
    browsing: Browsing,
) -> Exported:  # fmt: skip
    """Write all tables.

    Args:
        store: the store. entities: the people and bodies of all documents. family: document_id → its family, if any.
        out: the output folder with the tables of before. work: the folder to write to.
        before: the digests of the files in `out` that were verified; empty where there are none to go by.
        browsing: is told of what changed.
    """
    store.script(_LAYOUT)
    old = _Before(store, out, before)
    affected: frozenset[str] | None = getattr(entities, "affected", None)
    named = EntityRows(store, out, before, getattr(entities, "other_rows", None))
    store.note(_NOTE, "")  # a run that ends before its tables are in place leaves none to go by
    copied = 0
    with ExitStack() as stack:
        writers = {t.name: stack.enter_context(TableWriter(t, work)) for t in TABLES}
        tables = _Tables(writers)
        run: list[int] = []  # the first and the last of documents that are copied together
        new = _New(store, entities, tables, browsing)
        for file_id, number, document_id, fresh, refs, made_of, told in store.ask(_JOINED):
            kin = family.get(document_id, "")
            at = old.place(file_id, number) if fresh else -1
            same = at >= 0 and (browsing.knows(document_id) or not old.mentions(at))
            quiet = affected is not None and document_id not in affected and kin in ("", old.family(document_id))
            if same and (quiet or made_of == _made_of(entities, document_id, array("I", refs), kin)):
                new.write()
                if run and at != run[1] + 1:
                    old.copy(run[0], run[1], writers)
                    run = []
                run = [run[0] if run else at, at]
                tables.count(json.loads(told))
                copied += 1
                continue
            if run:
                old.copy(run[0], run[1], writers)
                run = []
            new.add((file_id, number, document_id), kin)
        new.write()
        if run:
            old.copy(run[0], run[1], writers)
        named.write(entities, writers, browsing)
        writers["roles"].write_all(role_rows(tables.roles))
        writers["changes"].write_all(change_rows(entities))
    digests = {name: digest for w in writers.values() for name, digest in w.digests.items()}
    store.change("DELETE FROM exported WHERE fresh = 0")
    named.done(digests, browsing.on)
    told = {name: digests[name] for name in _FILES}
    families = {document: first for document, first in family.items() if document != first}
    store.note(_NOTE, json.dumps({"code": code_key(), "files": told, "families": families}))
    counts = {name: writer.rows for name, writer in writers.items()} | dict(tables.status)
    return Exported(counts, digests, dict(tables.masked), copied)


class _New:
    """Documents whose rows are made, so many at a time."""

    def __init__(self, store: Store, entities: EntitiesLike, tables: _Tables, browsing: Browsing) -> None:
        self._store, self._entities, self._tables, self._browsing = store, entities, tables, browsing
        self._made: list[Draft] = []
        self._notes: list[tuple[Any, ...]] = []

    def add(self, key: tuple[str, int, str], kin: str) -> None:
        """Make the rows of a document (file, number, id), to be written with those of others."""
        made = self._store.draft(key[0], key[1])
        ids = ids_of(made, self._entities)
        finish(made, ids)
        self._browsing.finished(made)
        for row in made["documents"]:
            row[_FAMILY] = kin
        told = {"status": made["documents"][0][_STATUS], "masked": made.get("masked", {}), "roles": made["roles"]}
        self._tables.count(told)
        self._made.append(made)
        self._notes.append((*key, 1, array("I", ids).tobytes(), _digest(ids.values(), kin), json.dumps(told)))
        if len(self._made) == _TOGETHER:
            self.write()

    def write(self) -> None:
        """Write what waits, and note of what it was made."""
        if not self._made:
            return
        rows = [(*note, sizes) for note, sizes in zip(self._notes, self._tables.write(self._made), strict=True)]
        self._made, self._notes = [], []
        columns = "file_id, number, document_id, fresh, refs, made, told, sizes"
        self._store.change_all(f"INSERT OR REPLACE INTO exported ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)


def _made_of(entities: EntitiesLike, document_id: str, refs: Sequence[int], kin: str) -> bytes:
    """A digest of what bears on the rows of a document beside its draft."""
    return _digest((entities.entity_id(document_id, number) for number in refs), kin)


def _digest(ids: Iterable[str], kin: str) -> bytes:
    return blake2b("\0".join([*ids, kin]).encode("utf-8", "surrogatepass"), digest_size=16).digest()
