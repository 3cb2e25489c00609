"""The store → the tables. Of documents whose rows are those of before, the bytes are copied and not made again.

The store notes of each document how many bytes its rows take in each file, and of what they were made: the draft, the
ids of its people, institutions and events, its family. Where all of that is the same, and the tables of before lie
there untouched, its rows are taken from them. So a further run costs what is new, and the bytes are the same.
"""

from __future__ import annotations

import json
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import astuple, dataclass, field
from hashlib import blake2b
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

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
#: Where more documents lie one after the other, two files are copied at a time.
_MANY = 1_000
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
CREATE INDEX IF NOT EXISTS exported_stale ON exported (fresh) WHERE fresh = 0;
"""
_ORDER = "document_id, file_id, number"


#: A document: file, number and id.
Key = tuple[str, int, str]


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
    """The tables of before and where the rows of each document lie in them; empty where they cannot be used.

    `totals` are what was counted over all documents (`_Tables.totals`); `fresh` says of each whether its rows are those
    of the draft there is, `browsed` whether the store held their entities.
    """

    def __init__(self, store: Store, out: Path, digests: Mapping[str, str]) -> None:
        self._store, self._folder = store, out
        self._at: dict[tuple[str, int], int] = {}
        self._starts: list[npt.NDArray[np.int64]] = []
        self._rows: list[npt.NDArray[np.int64]] = []
        self._families: dict[str, str] = {}
        self.fresh: list[int] = []
        self.totals: dict[str, Any] = {}
        known = json.loads(store.meta(_NOTE) or "{}")
        there = {name: digests.get(name, "") for name in _FILES}
        families, totals, browsed = (known.pop(name, None) for name in ("families", "totals", "browsed"))
        self.browsed = bool(browsed)
        if known != {"code": code_key(), "files": there} or not all((out / name).is_file() for name in _FILES):
            return
        self._families, self.totals = families, totals
        packed: list[bytes] = []
        for file_id, number, fresh, each in store.ask(
            f"SELECT file_id, number, fresh, sizes FROM exported ORDER BY {_ORDER}"
        ):
            self._at[file_id, number] = len(packed)
            self.fresh.append(fresh)
            packed.append(each)
        sizes = np.frombuffer(b"".join(packed), np.uint64).reshape(len(packed), len(_FILES) + len(OF_DOCUMENTS))
        ends = np.concatenate([np.zeros((1, sizes.shape[1]), np.int64), np.cumsum(sizes, axis=0, dtype=np.int64)])
        for place, name in enumerate(_FILES):
            behind_header = (out / name).stat().st_size - ends[-1, place]
            self._starts.append(ends[:, place] + behind_header)
        self._rows = [ends[:, len(_FILES) + place] for place in range(len(OF_DOCUMENTS))]

    def __len__(self) -> int:
        return len(self.fresh)

    def family(self, document_id: str) -> str:
        """The family that a document of which there is a MinHash was of."""
        return self._families.get(document_id, document_id)

    def place(self, file_id: str, number: int) -> int:
        """Where a document stands among those of before; -1 for one that they do not have."""
        return self._at.get((file_id, number), -1)

    def mentions(self, at: int) -> int:
        """How many rows a document has in the table of mentions."""
        counted = self._rows[OF_DOCUMENTS.index("mentions")]
        return int(counted[at + 1] - counted[at])

    def made_of(self, file_id: str, number: int) -> tuple[bytes, bytes, dict[str, Any]]:
        """The mentions of a document that have an entity, of what its rows were made, and what was told of it."""
        asked = "SELECT refs, made, told FROM exported WHERE file_id = ? AND number = ?"
        refs, made, told = self._store.ask(asked, (file_id, number)).fetchone()
        return refs, made, json.loads(told)

    def others(self, seen: Iterable[int]) -> Iterator[tuple[Key, dict[str, Any]]]:
        """The documents that are not at these places, each with what was told of it."""
        left = np.ones(len(self), bool)
        left[list(seen)] = False
        keys = list(self._at) if left.any() else []
        asked = "SELECT file_id, number, document_id, told FROM exported WHERE file_id = ? AND number = ?"
        for at in np.flatnonzero(left).tolist():
            file_id, number, document_id, told = self._store.ask(asked, keys[at]).fetchone()
            yield (file_id, number, document_id), json.loads(told)

    def copy(self, first: int, last: int, writers: Mapping[str, TableWriter]) -> None:
        """Copy the rows of the documents from the first to the last, which lie one after the other."""

        def copied(place: int) -> None:
            table, _, suffix = _FILES[place].partition(".")
            start, end = int(self._starts[place][first]), int(self._starts[place][last + 1])
            writers[table].copy(suffix, self._folder / _FILES[place], start, end)

        if last - first < _MANY:
            for place in range(len(_FILES)):
                copied(place)
        else:
            with ThreadPoolExecutor(2) as pool:  # the system copies, and OpenSSL digests, without Python
                list(pool.map(copied, range(len(_FILES))))
        for counted, table in zip(self._rows, OF_DOCUMENTS, strict=True):
            writers[table].rows += int(counted[last + 1] - counted[first])


@dataclass(slots=True)
class _Role:
    """A role: its wording and kind, in how many mentions, and which document gave the wording (id, file, number)."""

    label: str
    kind: str
    mentions: int = 0
    where: list[Any] = field(default_factory=list)


class _Tables:
    """The tables in the making."""

    def __init__(self, writers: Mapping[str, TableWriter], totals: Mapping[str, Any]) -> None:
        """Take what writes them, and the totals over the documents of before."""
        self.writers = writers
        self.masked = Counter(dict.fromkeys((*KINDS, "documents"), 0) | totals.get("masked", {}))
        self.status: Counter[str] = Counter({"ok": 0, "empty": 0, "failed": 0} | totals.get("status", {}))
        self._roles: dict[str, _Role] = {name: _Role(*told) for name, told in totals.get("roles", {}).items()}
        #: Of which roles the document that gave the wording is gone.
        self._unworded: set[str] = set()

    @property
    def totals(self) -> dict[str, Any]:
        """What was counted over all documents."""
        roles = {name: astuple(role) for name, role in self._roles.items()}
        return {"masked": self.masked, "status": self.status, "roles": roles}

    @property
    def roles(self) -> dict[str, tuple[str, str, int]]:
        """The roles with their wording, kind and number of mentions."""
        return {name: (role.label, role.kind, role.mentions) for name, role in self._roles.items()}

    def count(self, key: Key, told: Mapping[str, Any]) -> None:
        """Count in what is told of a document."""
        self.status[told["status"]] += 1
        self.masked.update(told["masked"])
        self.masked["documents"] += bool(told["masked"])
        self._count_roles(key, told)

    def _count_roles(self, key: Key, told: Mapping[str, Any]) -> None:
        where = [key[2], *key[:2]]
        for name, label, kind in told["roles"]:
            role = self._roles.setdefault(name, _Role(label, kind))
            role.mentions += 1
            if where >= role.where:  # the last document gives the wording
                role.label, role.kind, role.where = label, kind, where
                self._unworded.discard(name)

    def discount(self, key: Key, told: Mapping[str, Any]) -> None:
        """Take out again what was told of a document."""
        self.status[told["status"]] -= 1
        self.masked.subtract(told["masked"])
        self.masked["documents"] -= bool(told["masked"])
        for name, *_ in told["roles"]:
            role = self._roles[name]
            role.mentions -= 1
            if role.where == [key[2], *key[:2]]:
                self._unworded.add(name)

    def word(self, store: Store) -> None:
        """Have all roles worded as the last document does that has each, when all documents are written."""
        self._roles = {name: role for name, role in self._roles.items() if role.mentions}
        if self._unworded & self._roles.keys():
            self._roles = {}
            asked = f"SELECT file_id, number, document_id, told FROM exported WHERE fresh != 0 ORDER BY {_ORDER}"
            for *key, told in store.ask(asked):
                self._count_roles((key[0], key[1], key[2]), json.loads(told))

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
    copied: list[int] = []
    seen: list[int] = []
    with ExitStack() as stack:
        writers = {t.name: stack.enter_context(TableWriter(t, work)) for t in TABLES}
        tables = _Tables(writers, old.totals)
        run: list[int] = []  # the first and the last of documents that are copied together
        new = _New(store, entities, tables, browsing)

        def same(at: int, key: Key, kin: str) -> bool:
            """Whether the rows of a document are those of before."""
            if not old.fresh[at] or not (old.browsed or not browsing.on or not old.mentions(at)):
                return False
            if affected is not None and key[2] not in affected and kin in ("", old.family(key[2])):
                return True
            refs, made_of, _ = old.made_of(*key[:2])
            return made_of == _made_of(entities, key[2], array("I", refs), kin)

        for key in store.ask(f"SELECT file_id, number, document_id FROM documents ORDER BY {_ORDER}"):
            kin = family.get(key[2], "")
            at = old.place(*key[:2])
            if at >= 0:
                seen.append(at)
            if at >= 0 and same(at, key, kin):
                new.write()
                if run and at != run[1] + 1:
                    old.copy(run[0], run[1], writers)
                    run = []
                run = [run[0] if run else at, at]
                copied.append(at)
                continue
            if run:
                old.copy(run[0], run[1], writers)
                run = []
            if at >= 0:
                tables.discount(key, old.made_of(*key[:2])[2])
            new.add(key, kin)
        new.write()
        if run:
            old.copy(run[0], run[1], writers)
        for gone, told in old.others(seen):
            tables.discount(gone, told)
        tables.word(store)
        named.write(entities, writers, browsing)
        writers["roles"].write_all(role_rows(tables.roles))
        writers["changes"].write_all(change_rows(entities))
    digests = {name: digest for w in writers.values() for name, digest in w.digests.items()}
    store.change("DELETE FROM exported WHERE fresh = 0")
    named.done(digests, browsing.on)
    families = {document: first for document, first in family.items() if document != first}
    note = {
        "code": code_key(), "files": {name: digests[name] for name in _FILES}, "families": families,
        "totals": tables.totals, "browsed": browsing.on,
    }  # fmt: skip
    store.note(_NOTE, json.dumps(note))
    counts = {name: writer.rows for name, writer in writers.items()} | dict(tables.status)
    return Exported(counts, digests, dict(tables.masked), len(copied))


class _New:
    """Documents whose rows are made, so many at a time."""

    def __init__(self, store: Store, entities: EntitiesLike, tables: _Tables, browsing: Browsing) -> None:
        self._store, self._entities, self._tables, self._browsing = store, entities, tables, browsing
        self._made: list[Draft] = []
        self._notes: list[tuple[Any, ...]] = []

    def add(self, key: Key, kin: str) -> None:
        """Make the rows of a document (file, number, id), to be written with those of others."""
        made = self._store.draft(key[0], key[1])
        ids = ids_of(made, self._entities)
        finish(made, ids)
        self._browsing.finished(made)
        for row in made["documents"]:
            row[_FAMILY] = kin
        told = {"status": made["documents"][0][_STATUS], "masked": made.get("masked", {}), "roles": made["roles"]}
        self._tables.count(key, told)
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
