"""The store: one SQLite file in the output folder that holds the result of every document, a file's as a whole.

A run that is ended in any way leaves here all files that were finished; the tables are exports of it. Rows are plain
JSON and text, so that any SQLite reader opens it.
"""

from __future__ import annotations

import os
import sqlite3
import time
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, cast

from pipeline.running.packing import Packed, read_json
from pipeline.tables.rows import Draft
from pipeline.tables.write import escaped

#: The file in the output folder, and where one that is damaged is put.
STORE, DAMAGED = "rollcall.sqlite", "rollcall-damaged.sqlite"
#: The version of the layout below; a store with another is put aside.
SCHEMA = 1
#: A file is only trusted to be unchanged by its times when it was looked at so long after they were set.
_SETTLED = 2_000_000_000
#: Finished files are committed after so many seconds or characters of rows, so that little is lost.
_SECONDS, _CHARACTERS = 0.5, 4_000_000
#: The note that says how contacts were masked.
_MASK = "mask"

_LAYOUT = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE files (
    file_id TEXT PRIMARY KEY, size INTEGER, modified INTEGER, changed INTEGER, looked INTEGER, sha256 TEXT NOT NULL,
    settings TEXT NOT NULL, code TEXT NOT NULL, failed INTEGER NOT NULL, documents INTEGER NOT NULL
);
CREATE TABLE documents (
    file_id TEXT NOT NULL REFERENCES files, number INTEGER NOT NULL, document_id TEXT NOT NULL, status TEXT NOT NULL,
    reason TEXT NOT NULL, draft TEXT NOT NULL, resolved TEXT, signature BLOB, text_file TEXT, text BLOB,
    PRIMARY KEY (file_id, number)
);
CREATE INDEX documents_by_id ON documents (document_id);
CREATE VIEW failures AS SELECT document_id, reason FROM documents WHERE status = 'failed' ORDER BY document_id;
CREATE VIEW progress AS SELECT status, count(*) AS documents FROM documents GROUP BY status;
"""
# Rows of documents are large: what is asked of all of them at each run is answered from indexes that hold the answer.
_INDEXES = """
CREATE INDEX IF NOT EXISTS documents_in_order ON documents (document_id, file_id, number);
CREATE INDEX IF NOT EXISTS documents_by_status ON documents (status, file_id, number, document_id);
CREATE INDEX IF NOT EXISTS documents_signed ON documents (file_id, number, document_id, signature)
    WHERE signature IS NOT NULL;
CREATE INDEX IF NOT EXISTS documents_with_text ON documents (file_id, number) WHERE text IS NOT NULL;
"""


class StoreError(Exception):
    """The store is damaged or has another layout."""


class Stamp(NamedTuple):
    """What tells whether a file is the same: its size, its times in nanoseconds, when they were looked at, its hash.

    `sha256` is empty where the file cannot be read.
    """

    size: int = 0
    modified: int = 0
    changed: int = 0
    looked: int = 0
    sha256: str = ""

    def surely(self, status: os.stat_result) -> bool:
        """Whether a file with this status is surely the one that was stamped, so that it need not be read."""
        times = (self.size, self.modified, self.changed)
        now = (status.st_size, status.st_mtime_ns, status.st_ctime_ns)
        return bool(self.sha256) and times == now and max(now[1:]) + _SETTLED < self.looked


class Done(NamedTuple):
    """A file in the store: its stamp, what it was made with, whether a document of it failed."""

    stamp: Stamp
    settings: str
    code: str
    failed: bool


class Store:
    """An open store. One process writes; others may read at any time."""

    def __init__(self, path: Path, *, readonly: bool = False, trusted: bool = False) -> None:
        """Open or make a store. One that is `trusted` is known to be as it was left and need not be checked whole.

        Raises:
            StoreError: when the file is damaged, cut short, or laid out by another version.
        """
        self.path = path
        self._since = time.monotonic()
        self._waiting = 0
        self._whole = True  # False while a file is half put
        try:
            if readonly:
                self._db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
            else:
                self._db = sqlite3.connect(path, isolation_level=None)
            self._prepare(readonly, trusted)
        except sqlite3.DatabaseError as error:
            self.close()
            if isinstance(error, sqlite3.OperationalError) and "full" in str(error):
                raise _of_the_system(error) from error
            raise StoreError(str(error)) from error
        except StoreError:
            self.close()
            raise

    def _prepare(self, readonly: bool, trusted: bool) -> None:
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        empty = not self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if not empty and version != SCHEMA:
            raise StoreError(f"its layout has the version {version}, and this Rollcall writes {SCHEMA}")
        if readonly:
            return
        # With WAL and NORMAL a power cut may cost the last commits, never what was committed before them.
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        if empty:
            self._db.executescript(f"BEGIN; {_LAYOUT} PRAGMA user_version={SCHEMA}; COMMIT;")
        elif not trusted:
            told = self._db.execute("PRAGMA quick_check(1)").fetchone()[0]
            if told != "ok":
                raise StoreError(told)
        self.script(_INDEXES)

    def close(self) -> None:
        """Keep what is finished and close. A file that was interrupted goes, with what was not yet committed."""
        if hasattr(self, "_db"):
            try:
                if self._whole:
                    self.commit()
                elif self._db.in_transaction:
                    self._db.execute("ROLLBACK")
            finally:
                self._db.close()

    def settle(self) -> None:
        """Make what was put last, all of it in the one file, which closing then leaves as it is."""
        self.commit()
        self._run("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def commit(self) -> None:
        """Make what was put so far last."""
        if self._db.in_transaction:
            self._run("COMMIT")
        self._since, self._waiting = time.monotonic(), 0

    def _run(self, sql: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        try:
            return self._db.execute(sql, values)
        except sqlite3.OperationalError as error:
            raise _of_the_system(error) from error

    # What is known of files.

    def files(self) -> dict[str, Done]:
        """Every file in the store."""
        rows = self._run("SELECT file_id, size, modified, changed, looked, sha256, settings, code, failed FROM files")
        return {r[0]: Done(Stamp(*r[1:6]), r[6], r[7], bool(r[8])) for r in rows}

    def meta(self, name: str) -> str:
        """A note, empty where there is none."""
        row = self._run("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return row[0] if row else ""

    def note(self, name: str, value: str) -> None:
        """Keep a note."""
        self._begin()
        self._run("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))
        self.commit()

    # Writing.

    def _begin(self) -> None:
        if not self._db.in_transaction:
            self._run("BEGIN IMMEDIATE")

    def put(self, file_id: str, stamp: Stamp, settings: str, code: str, made: Sequence[Packed]) -> None:
        """Store all that became of a file, in the place of what there was."""
        self._begin()
        self._whole = False
        self._delete(file_id)
        failed = any(o.source.status == "failed" for o in made)
        row = (file_id, stamp.size, stamp.modified, stamp.changed, stamp.looked, stamp.sha256, settings, code)
        self._run("INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (*row, failed, len(made)))
        for number, outcome in enumerate(made):
            source = outcome.source
            values = (
                file_id, number, source.document_id, source.status, escaped(source.reason), outcome.draft,
                outcome.resolved, outcome.signature or None, source.text_file if outcome.text else None, outcome.text,
            )  # fmt: skip
            self._run("INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
            self._waiting += len(outcome.draft)
        self._whole = True
        if self._waiting > _CHARACTERS or time.monotonic() - self._since > _SECONDS:
            self.commit()

    def stamped(self, stamps: Iterable[tuple[str, Stamp]]) -> None:
        """Put down anew when files were looked at that turned out to be unchanged."""
        self._begin()
        for file_id, s in stamps:
            values = (s.size, s.modified, s.changed, s.looked, file_id)
            self._run("UPDATE files SET size = ?, modified = ?, changed = ?, looked = ? WHERE file_id = ?", values)
        self.commit()

    def drop(self, file_ids: Iterable[str]) -> None:
        """Remove files with their documents."""
        self._begin()
        for file_id in file_ids:
            self._delete(file_id)
        self.commit()

    def _delete(self, file_id: str) -> None:
        self._run("DELETE FROM documents WHERE file_id = ?", (file_id,))
        self._run("DELETE FROM files WHERE file_id = ?", (file_id,))

    # For what is derived from the documents.

    def change(self, sql: str, values: Sequence[Any] = ()) -> None:
        """Change something, to be committed with what follows."""
        self._begin()
        self._run(sql, values)

    def change_all(self, sql: str, values: Iterable[Sequence[Any]]) -> None:
        """Change something with each of these values, to be committed with what follows."""
        self._begin()
        try:
            self._db.executemany(sql, values)
        except sqlite3.OperationalError as error:
            raise _of_the_system(error) from error

    def script(self, sql: str) -> None:
        """Lay something out: several statements, committed at once."""
        self.commit()
        try:
            self._db.executescript(f"BEGIN IMMEDIATE; {sql} COMMIT;")
        except sqlite3.OperationalError as error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise _of_the_system(error) from error

    def ask(self, sql: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        """The rows of a query."""
        return self._run(sql, values)

    def text(self, document_id: str) -> str | None:
        """The raw text of a document, where the output keeps it."""
        row = self._run("SELECT text FROM documents WHERE document_id = ?", (document_id,)).fetchone()
        return zlib.decompress(row[0]).decode("utf-8", "surrogatepass") if row and row[0] else None

    # Reading, for the tables.

    def __len__(self) -> int:
        return int(self._run("SELECT count(*) FROM documents").fetchone()[0])

    def draft(self, file_id: str, number: int) -> Draft:
        """The draft of one document of a file."""
        row = self._run("SELECT draft FROM documents WHERE file_id = ? AND number = ?", (file_id, number)).fetchone()
        return cast(Draft, read_json(row[0]))

    def drafts(self, digests: Iterable[str]) -> Iterator[tuple[str, Draft]]:
        """(document_id, draft) of the documents of files with these SHA-256."""
        for digest in digests:
            rows = self._run(
                "SELECT document_id, draft FROM documents JOIN files USING (file_id) WHERE sha256 = ? "
                "ORDER BY file_id, number", (digest,),
            )  # fmt: skip
            yield from ((document_id, cast(Draft, read_json(draft))) for document_id, draft in rows)

    def resolved(self) -> Iterator[str]:
        """What the linker needs of each document, packed, sorted by document_id."""
        rows = self._run("SELECT resolved FROM documents WHERE resolved IS NOT NULL ORDER BY document_id")
        yield from (record for (record,) in rows)

    def signatures(self) -> dict[str, bytes]:
        """document_id → MinHash, in the order of the files."""
        return dict(
            self._run(
                "SELECT document_id, signature FROM documents WHERE signature IS NOT NULL ORDER BY file_id, number"
            )
        )

    def failures(self) -> Iterator[tuple[str, str]]:
        """(document_id, reason) of what failed, in the order of the files."""
        yield from self._run(
            "SELECT document_id, reason FROM documents WHERE status = 'failed' ORDER BY file_id, number"
        )

    def texts(self) -> Iterator[tuple[str, str, str]]:
        """(document_id, text_file, raw text) of the documents whose text the output keeps."""
        rows = self._run(
            "SELECT document_id, text_file, text FROM documents WHERE text IS NOT NULL ORDER BY file_id, number"
        )
        for document_id, text_file, text in rows:
            yield document_id, text_file, zlib.decompress(text).decode("utf-8", "surrogatepass")

    def counts(self) -> dict[str, int]:
        """Documents by status, as far as they are committed."""
        return dict(self._run("SELECT status, documents FROM progress"))


def _of_the_system(error: sqlite3.OperationalError) -> OSError:
    """An error of SQLite, a full disk say, as the error of the system that the caller knows."""
    return OSError(28, "No space left on device") if "full" in str(error) else OSError(5, str(error))


def open_store(folder: Path, mask: str = "", *, trusted: bool = False) -> tuple[Store, str]:
    """The store of an output folder, and a sentence where the one there was had to be put aside.

    Args:
        folder: the output folder.
        trusted: whether the store is known to be as the latest run left it, so that it need not be checked whole.
        mask: how contacts are masked (`mask_key`), empty where they are not. A store that was masked otherwise or not
            at all is then deleted with every trace of it: what SQLite only marks as free could still be read.
    """
    path = folder / STORE
    if mask and path.is_file() and masked_by(path) != mask:
        _delete(folder, STORE)
    if mask:
        (folder / DAMAGED).unlink(missing_ok=True)
    try:
        store, remark = Store(path, trusted=trusted), ""
    except StoreError as error:
        fate = f"It is kept as {DAMAGED}, and every file is read anew."
        if mask:
            _delete(folder, STORE)
            fate = "It was deleted, since it may hold contacts, and every file is read anew."
        else:
            for suffix in ("-wal", "-shm"):
                (folder / f"{STORE}{suffix}").unlink(missing_ok=True)
            os.replace(path, folder / DAMAGED)
        store, remark = Store(path), f"The store {STORE} could not be used ({error}). {fate}"
    if store.meta(_MASK) != mask:
        if not mask:
            remark += " The earlier run into this folder masked contacts (--mask contacts); this one does not."
        store.note(_MASK, mask)
    return store, remark.strip()


def masked_by(path: Path) -> str:
    """How the contacts in a store were masked (`mask_key`); empty where they were not, or where nobody can tell."""
    try:
        store = Store(path, readonly=True)
    except StoreError:
        return ""
    try:
        return store.meta(_MASK)
    except OSError:
        return ""
    finally:
        store.close()


def _delete(folder: Path, name: str) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        (folder / f"{name}{suffix}").unlink(missing_ok=True)
