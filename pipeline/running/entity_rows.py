"""The tables of people and institutions: rows that did not change are copied from the tables of before."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, islice
from pathlib import Path
from typing import Any

from pipeline.running.browsing import Browsing
from pipeline.running.increments import code_key
from pipeline.running.store import Store
from pipeline.tables import TableWriter
from pipeline.tables.declare import INSTITUTIONS, PEOPLE, Table
from pipeline.tables.rows import EntitiesLike, entity_rows

#: The note of the store that says which files its table `exported_rows` tells of.
_NOTE = "exported_rows"
_TABLES = (PEOPLE, INSTITUTIONS)
_SUFFIXES = ("csv", "jsonl")
_FILES = tuple(f"{table.name}.{suffix}" for table in _TABLES for suffix in _SUFFIXES)
#: So many rows are written together.
_TOGETHER = 500
# `ids` are those of the rows in their order, one a line; `sizes` the bytes of each as CSV, then of each as JSONL.
_LAYOUT = """
CREATE TABLE IF NOT EXISTS exported_rows (name TEXT PRIMARY KEY, ids TEXT NOT NULL, sizes BLOB NOT NULL);
"""


class EntityRows:
    """The tables of people and institutions of before, and how those of now are written."""

    def __init__(self, store: Store, out: Path, digests: Mapping[str, str], other: frozenset[str] | None) -> None:
        """Look what can be copied.

        Args:
            store: the store. out: the folder with the tables of before. digests: of those that were verified.
            other: the ids of rows that may be others than before; None where any may.
        """
        self._store, self._out, self._other = store, out, other
        store.script(_LAYOUT)
        told = json.loads(store.meta(_NOTE) or "{}")
        store.note(_NOTE, "")  # a run that ends before its tables are in place leaves none to go by
        there = {name: digests.get(name, "") for name in _FILES}
        self._known = other is not None and told.get("code") == code_key() and told.get("files") == there
        self._known = self._known and all((out / name).is_file() for name in _FILES)
        self._named = bool(told.get("named"))

    def write(self, entities: EntitiesLike, writers: Mapping[str, TableWriter], browsing: Browsing) -> None:
        """Write both tables, and have the store hold their rows."""
        for table, records in ((PEOPLE, entities.people), (INSTITUTIONS, entities.institutions)):
            if self._known and self._other is not None:
                self._changed(table, records, self._other, writers[table.name], browsing)
            else:
                browsing.named(table, entity_rows(table, records))
                self._keep(table, *_written(writers[table.name], entity_rows(table, records)))

    def _changed(
        self, table: Table, records: Any, other: frozenset[str], writer: TableWriter, browsing: Browsing
    ) -> None:
        ids, packed = self._store.ask("SELECT ids, sizes FROM exported_rows WHERE name = ?", (table.name,)).fetchone()
        listed = ids.split("\n") if ids else []
        at = {entity: number for number, entity in enumerate(listed)}
        sizes = array("Q", packed)
        old = sizes[: len(listed)], sizes[len(listed) :]
        bounds = []
        for suffix, of in zip(_SUFFIXES, old, strict=True):
            start = (self._out / f"{table.name}.{suffix}").stat().st_size - sum(of)  # behind the header
            bounds.append(array("Q", accumulate(of, initial=start)))
        now = array("Q"), array("Q")
        ids_now: list[str] = records.ids
        made = (records.row(entity) for entity in ids_now if entity in other or entity not in at)
        rows = {str(row[0]): row for row in entity_rows(table, made)}
        first = last = -1
        waiting: list[Sequence[Any]] = []

        def copy() -> None:
            if first < 0:
                return
            for suffix, of, each, sums in zip(_SUFFIXES, old, now, bounds, strict=True):
                writer.copy(suffix, self._out / f"{table.name}.{suffix}", sums[first], sums[last + 1])
                each.extend(of[first : last + 1])
            writer.rows += last + 1 - first

        def put() -> None:
            if not waiting:
                return
            for each, written in zip(now, _written(writer, waiting)[1], strict=True):
                each.extend(written)
            waiting.clear()

        for entity in ids_now:
            if entity in rows:
                copy()
                first = -1
                waiting.append(rows[entity])
                continue
            put()
            number = at[entity]
            if first >= 0 and number != last + 1:
                copy()
                first = -1
            first, last = (number if first < 0 else first), number
        put()
        copy()
        gone = at.keys() - set(ids_now)
        if self._named:
            browsing.renamed(table, [*gone, *(entity for entity in rows if entity in at)], list(rows.values()))
        else:
            browsing.named(table, entity_rows(table, records))
        self._keep(table, ids_now, now)

    def _keep(self, table: Table, ids: Sequence[str], sizes: tuple[array[int], array[int]]) -> None:
        self._store.change(
            "INSERT OR REPLACE INTO exported_rows VALUES (?, ?, ?)",
            (table.name, "\n".join(ids), (sizes[0] + sizes[1]).tobytes()),
        )

    def done(self, digests: Mapping[str, str], named: bool) -> None:
        """Note the files that were written; `named` says whether the store holds their rows."""
        told = {"code": code_key(), "files": {name: digests[name] for name in _FILES}, "named": named}
        self._store.note(_NOTE, json.dumps(told))


def _written(writer: TableWriter, rows: Iterable[Sequence[Any]]) -> tuple[list[str], tuple[array[int], array[int]]]:
    """Write rows; their ids, and how many bytes each takes as CSV and as JSONL."""
    ids: list[str] = []
    sizes = array("Q"), array("Q")
    rows = iter(rows)
    while some := list(islice(rows, _TOGETHER)):
        ids += [str(row[0]) for row in some]
        for both in writer.write_parts([[row] for row in some]):
            for each, size in zip(sizes, both, strict=True):
                each.append(size)
    return ids, sizes
