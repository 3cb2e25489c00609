"""What makes the store pleasant to browse, in Datasette say: views of rows, who stands where, and search.

Views show the rows that wait in the store as JSON, with ids and names of entities in place. `appearances` lead from an
entity to its documents. `texts` and the names of people and institutions have a full-text index (SQLite's FTS5).
Everything here is derived: it is brought up to date after the linking, and only where something changed.
"""

from __future__ import annotations

import hashlib
import heapq
import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from pipeline.running.store import Store
from pipeline.tables.declare import BY_NAME, INSTITUTIONS, PEOPLE, SEPARATOR, Table
from pipeline.tables.rows import OF_DOCUMENTS, REFERENCES, Draft
from pipeline.tables.write import Cell, escaped

#: Columns that are only known when all documents are, and stand in the tables alone.
_LATER = frozenset({("documents", "people"), ("documents", "institutions"), ("documents", "family_id")})
#: Columns that a view adds: the name behind an id.
_NAMES = {"person_id": ("person_name", "people"), "institution_id": ("institution_name", "institutions")}
_LABEL, _ENTITY = (BY_NAME["mentions"].position(name) for name in ("label", "entity_id"))
_SQL = {"integer": "INTEGER", "number": "REAL"}
#: So many characters of text are indexed before they are committed.
_CHARACTERS = 4_000_000

_LAYOUT = """
CREATE TABLE IF NOT EXISTS entities (document_id TEXT PRIMARY KEY, ids TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS appearances (
    entity_id TEXT NOT NULL, document_id TEXT NOT NULL, mentions INTEGER NOT NULL, PRIMARY KEY (entity_id, document_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS appearances_by_document ON appearances (document_id);
CREATE TABLE IF NOT EXISTS texts (id INTEGER PRIMARY KEY, document_id TEXT NOT NULL UNIQUE, text TEXT NOT NULL);
CREATE TRIGGER IF NOT EXISTS documents_gone AFTER DELETE ON documents BEGIN
    DELETE FROM entities WHERE document_id = old.document_id;
    DELETE FROM appearances WHERE document_id = old.document_id;
    DELETE FROM texts WHERE document_id = old.document_id;
END;
"""
# The name in double quotes is what Datasette looks for to show its field for searching.
_SEARCH = """
CREATE VIRTUAL TABLE {table}_search USING fts5
    ({columns}, content="{table}", content_rowid="id", tokenize="unicode61 remove_diacritics 2");
CREATE TRIGGER {table}_new AFTER INSERT ON {table} BEGIN
    INSERT INTO {table}_search (rowid, {columns}) VALUES (new.id, {new});
END;
CREATE TRIGGER {table}_gone AFTER DELETE ON {table} BEGIN
    INSERT INTO {table}_search ({table}_search, rowid, {columns}) VALUES ('delete', old.id, {old});
END;
INSERT INTO {table}_search ({table}_search) VALUES ('rebuild');
"""
_NO_SEARCH = """
DROP TRIGGER IF EXISTS {table}_new;
DROP TRIGGER IF EXISTS {table}_gone;
DROP TABLE IF EXISTS {table}_search;
DELETE FROM {table};
"""
#: What can be searched, and in which columns.
_SEARCHED = {"texts": ("text",), "people": ("name", "variants"), "institutions": ("name", "variants")}


class Browsing:
    """Keeps what is derived for browsing up to date, in the course of one run; or takes it away where it is off."""

    def __init__(self, store: Store, on: bool = True) -> None:
        """Lay out what is missing in the store. Views are made anew: the columns may be those of another version."""
        self._store, self.on = store, on and _searchable()
        store.script(_LAYOUT)
        for table in (PEOPLE, INSTITUTIONS):
            columns = ", ".join(f'"{c.name}" {_SQL.get(c.kind, "TEXT")}' for c in table.columns)
            made = f'CREATE TABLE "{table.name}" (id INTEGER PRIMARY KEY, {columns})'
            if self._made_by(table.name) not in ("", made):
                store.script(_NO_SEARCH.format(table=table.name) + f'DROP TABLE "{table.name}";')
            if not self._made_by(table.name):
                store.script(f'{made}; CREATE UNIQUE INDEX "{table.name}_ids" ON "{table.name}" ({table.key[0]});')
        for name, columns_of in _SEARCHED.items():
            if self.on and not self._made_by(f"{name}_search"):
                old, new = (", ".join(f"{which}.{c}" for c in columns_of) for which in ("old", "new"))
                store.script(_SEARCH.format(table=name, columns=", ".join(columns_of), old=old, new=new))
            elif not self.on:
                store.script(_NO_SEARCH.format(table=name))
        if not self.on:
            store.script("DELETE FROM entities; DELETE FROM appearances;")
        store.script(" ".join(_views()))

    def _made_by(self, name: str) -> str:
        row = self._store.ask("SELECT sql FROM sqlite_master WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else ""

    def finished(self, made: Draft) -> None:
        """Note the entities of a document whose ids were put in."""
        if not self.on:
            return
        document_id = made["document_id"]
        found = [None if row[_LABEL] == "ROLE" else row[_ENTITY] or None for row in made["mentions"]]
        ids = json.dumps(found, separators=(",", ":"))
        there = self._store.ask("SELECT ids FROM entities WHERE document_id = ?", (document_id,)).fetchone()
        if not found or there == (ids,):
            return
        change = self._store.change
        change("DELETE FROM appearances WHERE document_id = ?", (document_id,))
        change("INSERT OR REPLACE INTO entities VALUES (?, ?)", (document_id, ids))
        counted = sorted(Counter(filter(None, found)).items())
        rows = [(entity_id, document_id, mentions) for entity_id, mentions in counted]
        self._store.change_all("INSERT INTO appearances VALUES (?, ?, ?)", rows)

    def named(self, table: Table, rows: Iterable[Sequence[Cell]]) -> None:
        """Hold all people, or all institutions, as they are now; rows that did not change stay untouched."""
        if not self.on:
            return
        now = (tuple(map(_cell, row)) for row in rows)
        there = self._store.ask(f'SELECT {_listed(table)} FROM "{table.name}" ORDER BY {table.key[0]}')
        both = heapq.merge(((row[0], 0, row) for row in there), ((row[0], 1, row) for row in now), key=itemgetter(0, 1))
        gone, come = [], []
        for _, same in groupby(both, key=itemgetter(0)):
            sides = {side: row for _, side, row in same}
            if sides.get(0) != sides.get(1):
                gone += [(sides[0][0],)] if 0 in sides else []
                come += [sides[1]] if 1 in sides else []
        self._exchange(table, gone, come)

    def renamed(self, table: Table, gone: Iterable[str], rows: Iterable[Sequence[Cell]]) -> None:
        """The same where it is known which rows went or changed (their ids) and which came or changed."""
        if not self.on:
            return
        self._exchange(table, ((each,) for each in gone), (tuple(map(_cell, row)) for row in rows))

    def _exchange(self, table: Table, gone: Iterable[Sequence[Any]], come: Iterable[Sequence[Any]]) -> None:
        """Take the rows of some ids out and put others in."""
        columns, marks = _listed(table), ", ".join("?" * len(table.columns))
        self._store.change_all(f'DELETE FROM "{table.name}" WHERE {table.key[0]} = ?', gone)
        self._store.change_all(f'INSERT INTO "{table.name}" ({columns}) VALUES ({marks})', come)
        self._store.commit()

    def texts(self, files: Mapping[str, Path]) -> int:
        """Index the texts that are not yet; how many could not be, since their files changed or cannot be read.

        Args:
            files: where the files lie, by file_id.
        """
        if not self.on:
            return 0
        missing = self._store.ask(
            "SELECT file_id, document_id, json_extract(draft, '$.documents[0]'), text IS NOT NULL FROM documents "
            "WHERE status = 'ok' AND document_id NOT IN (SELECT document_id FROM texts) ORDER BY file_id, number"
        ).fetchall()
        waiting = lacking = 0
        for file_id, document_id, row, kept in missing:
            text = self._store.text(document_id) if kept else _read(files.get(file_id), json.loads(row))
            if text is None:
                lacking += 1
                continue
            self._store.change("INSERT INTO texts (document_id, text) VALUES (?, ?)", (document_id, escaped(text)))
            waiting += len(text)
            if waiting > _CHARACTERS:
                self._store.commit()
                waiting = 0
        self._store.commit()
        return lacking


@cache
def _searchable() -> bool:
    """Whether the SQLite of this Python has full-text search."""
    base = sqlite3.connect(":memory:")
    try:
        base.execute("CREATE VIRTUAL TABLE t USING fts5 (x)")
    except sqlite3.OperationalError:
        return False
    finally:
        base.close()
    return True


def _read(path: Path | None, row: Sequence[Any]) -> str | None:
    """The raw text of a text file, if it still is the one that was read."""
    documents = BY_NAME["documents"]
    sha256, encoding = row[documents.position("sha256")], row[documents.position("encoding")]
    with suppress(OSError, LookupError, ValueError):
        data = path.read_bytes() if path else b""
        if path and hashlib.sha256(data).hexdigest() == sha256:
            return data.decode(encoding or "utf-8")
    return None


def _listed(table: Table) -> str:
    return ", ".join(f'"{c.name}"' for c in table.columns)


def _cell(value: Cell) -> Any:
    if isinstance(value, (tuple, list)):
        value = SEPARATOR.join(value)
    return escaped(value) or None if isinstance(value, str) else value


def _views() -> Iterable[str]:
    """A view for each table that comes from single documents, named `mention_rows` and the like."""
    for name in OF_DOCUMENTS:
        columns, joins = [], []
        for place, column in enumerate(BY_NAME[name].columns):
            if (name, column.name) in _LATER:
                continue
            cell = f"json_extract(r.value, '$[{place}]')"
            if column.name in REFERENCES.get(name, ()):
                # A reference is the number of a mention; the id of that stands in `entities`.
                other = f"json_extract(e.ids, '$[' || {cell} || ']')"
                cell = f"CASE WHEN typeof({cell}) = 'integer' THEN {other} ELSE {cell} END"
            columns.append(f'{cell} AS "{column.name}"')
            if column.name in _NAMES:
                said, table = _NAMES[column.name]
                columns.append(f'{table}.name AS "{said}"')
                joins.append(f"LEFT JOIN {table} ON {table}.{column.name} = {cell}")
        columns[0] = "d.document_id AS document_id"  # so that a view asked for one document finds it at once
        view = f"{name.removesuffix('s')}_rows"
        yield f"DROP VIEW IF EXISTS {view};"
        yield (
            f"CREATE VIEW {view} AS SELECT {', '.join(columns)} FROM documents d JOIN json_each(d.draft, '$.{name}') r "
            f"LEFT JOIN entities e ON e.document_id = d.document_id {' '.join(joins)};"
        )
    yield "DROP VIEW IF EXISTS appearance_rows;"
    yield (
        "CREATE VIEW appearance_rows AS SELECT a.entity_id, coalesce(p.name, i.name) AS name, a.document_id, "
        "json_extract(d.draft, '$.documents[0][{date}]') AS date, json_extract(d.draft, '$.documents[0][{title}]') "
        "AS title, a.mentions FROM appearances a LEFT JOIN people p ON p.person_id = a.entity_id "
        "LEFT JOIN institutions i ON i.institution_id = a.entity_id JOIN documents d ON d.document_id = a.document_id;"
    ).format(date=BY_NAME["documents"].position("date"), title=BY_NAME["documents"].position("title"))
