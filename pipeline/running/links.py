"""What the last linking left in the store, and the documents that changed since, so that the next one goes on from it.

Beside the packed linking (`linked`) lie the documents that came, went or changed since (`unlinked`), each as it was
then. It is only gone on from where the tables are those that were made of it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from pipeline.running.packing import unpack
from pipeline.running.store import Store

if TYPE_CHECKING:
    from pipeline.normalisation.kept import State

#: Whose digests tell whether the tables are those that were made of a linking: ids and rows of before stand there.
_TABLES = ("mentions.csv", "people.csv", "institutions.csv")
#: The note of the store that says of which tables, code and knowledge its `linked` tells.
_NOTE = "linked"
#: Where more than this share of the documents changed, or than so many, all are linked anew.
_SHARE, _FEW = 0.1, 20
_LAYOUT = """
CREATE TABLE IF NOT EXISTS linked (
    name TEXT NOT NULL, part INTEGER NOT NULL, digest BLOB NOT NULL, value BLOB NOT NULL, PRIMARY KEY (name, part)
);
CREATE INDEX IF NOT EXISTS linked_digests ON linked (name, part, digest);
CREATE TABLE IF NOT EXISTS unlinked (document_id TEXT PRIMARY KEY, resolved TEXT) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS unlinked_gone AFTER DELETE ON documents BEGIN
    INSERT OR IGNORE INTO unlinked VALUES (old.document_id, old.resolved);
END;
CREATE TRIGGER IF NOT EXISTS unlinked_come AFTER INSERT ON documents BEGIN
    INSERT OR IGNORE INTO unlinked VALUES (new.document_id, NULL);
END;
"""
_FORGET = """
DROP TRIGGER IF EXISTS unlinked_gone;
DROP TRIGGER IF EXISTS unlinked_come;
DROP TABLE IF EXISTS unlinked;
DROP TABLE IF EXISTS linked;
"""


class Links:
    """The last linking in a store."""

    def __init__(self, store: Store, made_by: str) -> None:
        """Take a store, and what else bears on a linking: a digest of code and knowledge."""
        self._store, self._made_by = store, made_by

    def last(self, tables: Mapping[str, str]) -> tuple[State, list[Any], list[Any]] | None:
        """The last linking, documents that went or changed as they were, and those that came or changed as they are.

        Args:
            tables: the digests of the tables there are, as far as they are known to be whole.

        Returns:
            None where there is no linking to go on from, or where too much changed.
        """
        from pipeline.normalisation.kept import KeptError, State

        note = self._store.meta(_NOTE)
        if not note or json.loads(note) != self._told(tables):
            return None
        if not all((self._store.path.parent / name).is_file() for name in _TABLES):
            return None  # without its tables of before, ids are given anew
        if self._changed() > max(_FEW, _SHARE * len(self._store)):
            return None
        if any(_digest(value) != digest for value, digest in self._store.ask("SELECT value, digest FROM linked")):
            return None  # it is damaged; what of it is read later, in the middle of the tables, must be whole
        try:
            state = State(self._read)
        except KeptError:
            return None
        were = self._store.ask("SELECT resolved FROM unlinked WHERE resolved IS NOT NULL ORDER BY document_id")
        are = self._store.ask(
            "SELECT d.resolved FROM unlinked u JOIN documents d USING (document_id) "
            "WHERE d.resolved IS NOT NULL ORDER BY document_id"
        )
        gone, into = ([unpack(record) for (record,) in rows] for rows in (were, are))
        if {d.document_id for d in gone} - set(state.documents):
            return None
        return state, gone, into

    def _read(self, name: str, part: int) -> bytes | None:
        """A part of what was kept."""
        row = self._store.ask("SELECT value FROM linked WHERE name = ? AND part = ?", (name, part)).fetchone()
        return row[0] if row else None

    def keep(self, state: State | None, tables: Mapping[str, str]) -> None:
        """Keep a linking of which these tables were made, in the place of the last; None where there is none.

        What is kept already is not written again.
        """
        if state is None or not all(map(_plain, state.documents)):
            if self._store.meta(_NOTE):
                self._store.note(_NOTE, "")
                self._store.script(_FORGET)
            return
        told = json.dumps(self._told(tables))
        if self._store.meta(_NOTE) == told and not self._changed():
            return  # nothing came and nothing went
        if not state.goes_on:
            self._store.script("DROP TABLE IF EXISTS linked;")  # it may be that of another version
        self._store.script(_LAYOUT)
        self._store.note(_NOTE, "")  # a run that ends in the middle leaves none to go on from
        self._store.change("DELETE FROM unlinked")
        rows = self._store.ask("SELECT name, part, digest FROM linked")
        there = {(name, part): digest for name, part, digest in rows}
        for name, part, value in state.parts():
            if there.get((name, part)) != (digest := _digest(value)):
                self._store.change("INSERT OR REPLACE INTO linked VALUES (?, ?, ?, ?)", (name, part, digest, value))
        self._store.change("DELETE FROM linked WHERE name = 'documents' AND part >= ?", (state.blocks,))
        self._store.note(_NOTE, told)

    def _changed(self) -> int:
        """How many documents came, went or changed since the linking that is kept."""
        return int(self._store.ask("SELECT count(*) FROM unlinked").fetchone()[0])

    def _told(self, tables: Mapping[str, str]) -> dict[str, str]:
        return {"made_by": self._made_by, **{name: tables.get(name, "") for name in _TABLES}}


def _digest(value: bytes) -> bytes:
    return blake2b(value, digest_size=8).digest()


def _plain(text: str) -> bool:
    """Whether a text has no lone surrogate, which cannot be packed."""
    return text.isascii() or not any("\ud800" <= c <= "\udfff" for c in text)
