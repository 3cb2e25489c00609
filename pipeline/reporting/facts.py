"""What the pages are made of, in a SQLite file beside them while they are made, so that memory does not grow with them.

Documents come in one by one and leave their facts; entities and lists are then asked for by index. The file goes when
the reading room is finished.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

#: The kinds of entities that have pages, with the table that lists them and the column of their id.
ENTITIES = {"p": ("people", "person_id"), "i": ("institutions", "institution_id"), "r": ("roles", "role_id")}
_SAFE = re.compile(r"[a-z0-9][a-z0-9-]{0,99}\Z")
_YEAR = re.compile(r"(\d{4})\b")

_LAYOUT = """
PRAGMA journal_mode=OFF;
PRAGMA synchronous=OFF;
PRAGMA cache_size=-32000;
CREATE TABLE entity (
    number INTEGER PRIMARY KEY, kind TEXT, id TEXT, name TEXT, sort TEXT, initial TEXT, folded TEXT, first TEXT,
    last TEXT, documents INTEGER, mentions INTEGER, link TEXT, UNIQUE (kind, id)
);
CREATE TABLE mention (
    kind TEXT, entity TEXT, date TEXT, page TEXT, title TEXT, anchor TEXT, before TEXT, text TEXT, after TEXT
);
CREATE TABLE named (document INTEGER, entity INTEGER, PRIMARY KEY (document, entity)) WITHOUT ROWID;
CREATE TABLE spoken (entity INTEGER, language TEXT, PRIMARY KEY (entity, language)) WITHOUT ROWID;
CREATE TABLE said (
    kind TEXT, entity TEXT, what TEXT, date TEXT, words TEXT, other_kind TEXT, other TEXT, page TEXT, title TEXT,
    anchor TEXT
);
CREATE TABLE document (
    number INTEGER PRIMARY KEY, page TEXT, title TEXT, date TEXT, year TEXT, language TEXT, people INTEGER,
    mentions INTEGER
);
CREATE TABLE talk (page TEXT, title TEXT, year TEXT, language TEXT);
"""
_INDEXES = """
CREATE INDEX mention_of ON mention (kind, entity);
CREATE INDEX said_of ON said (kind, entity);
CREATE INDEX named_who ON named (entity, document);
"""


class Sentence(NamedTuple):
    """A mention in its sentence, with the page and the place on it."""

    date: str | None
    page: str
    title: str
    anchor: str
    before: str
    text: str
    after: str


class Said(NamedTuple):
    """What a document says of an entity: a role or a report; `other` is the other entity of a role, if any."""

    what: str
    date: str | None
    words: str
    other_kind: str | None
    other: str | None
    page: str
    title: str
    anchor: str | None


class Met(NamedTuple):
    """An entity that documents name together with another, as a link from one folder down, and how many do."""

    kind: str
    link: str
    documents: int


@lru_cache(maxsize=50_000)
def page_of(kind: str, identifier: str) -> str:
    """Where the page of a document (`d`), person (`p`), institution (`i`) or role (`r`) lies: the same in every run."""
    safe = _SAFE.match(identifier)
    name = identifier if safe else sha256(identifier.encode("utf-8", "backslashreplace")).hexdigest()[:20]
    return f"{kind}/{name}.html"


def year(date: str | None) -> str:
    """The year of an EDTF date; empty where it has none."""
    found = _YEAR.match(date or "")
    return found[1] if found else ""


class Facts:
    """The facts of one output folder."""

    def __init__(self, path: Path) -> None:
        self._base = sqlite3.connect(path, isolation_level=None)
        self._base.executescript(_LAYOUT)
        self._base.execute("BEGIN")

    def close(self) -> None:
        """Close the file."""
        self._base.close()

    def add_entities(self, kind: str, rows: Iterable[dict[str, Any]]) -> None:
        """Put in the rows of the table of one kind."""
        column = ENTITIES[kind][1]

        def cells(row: dict[str, Any]) -> tuple[Any, ...]:
            sort = _sorting(kind, row)
            name = row.get("name") or row.get("role") or row[column]
            dates = (row.get("first_date"), row.get("last_date"))
            link = f'<a href="../{page_of(kind, row[column])}">{escape(name)}</a>'
            return (kind, row[column], name, sort, initial(sort), sort.casefold(), *dates, row.get("documents"),
                    row["mentions"] or 0, link)  # fmt: skip

        self._base.executemany("INSERT OR REPLACE INTO entity VALUES (NULL,?,?,?,?,?,?,?,?,?,?,?)", map(cells, rows))

    def add_document(
        self,
        row: tuple[Any, ...],
        mentions: Sequence[tuple[Any, ...]],
        said: Sequence[tuple[Any, ...]],
    ) -> None:
        """Put in a document with its mentions and with what it says, as the tables above have them."""
        number = self._base.execute("INSERT INTO document VALUES (NULL,?,?,?,?,?,?,?)", row).lastrowid
        self._base.executemany("INSERT INTO mention VALUES (?,?,?,?,?,?,?,?,?)", mentions)
        self._base.executemany("INSERT INTO said VALUES (?,?,?,?,?,?,?,?,?,?)", said)
        named = sorted({(number, m[0], m[1]) for m in mentions if m[0] != "r"})
        self._base.executemany("INSERT INTO named SELECT ?, number FROM entity WHERE kind = ? AND id = ?", named)
        self._base.executemany(
            "INSERT OR IGNORE INTO spoken SELECT number, ? FROM entity WHERE kind = ? AND id = ?",
            sorted({(row[4], m[0], m[1]) for m in mentions if row[4]}),
        )

    def add_talk(self, page: str, title: str, year: str, language: str) -> None:
        """Put in a report for the search; `page` leads to its title."""
        self._base.execute("INSERT INTO talk VALUES (?,?,?,?)", (page, title, year, language))

    def talks(self) -> Iterator[tuple[str, str, str, str]]:
        """(page, title, year, language) of every report, in the order in which they came."""
        yield from self._base.execute("SELECT page, title, year, language FROM talk ORDER BY rowid")

    def complete(self) -> None:
        """Index what is there, once every document is."""
        self._base.execute("COMMIT")
        self._base.executescript(_INDEXES)

    def name(self, kind: str, identifier: str | None) -> str:
        """The name of an entity; empty where there is none."""
        found = self._base.execute("SELECT name FROM entity WHERE kind = ? AND id = ?", (kind, identifier)).fetchone()
        return str(found[0]) if found else ""

    def count(self, kind: str) -> int:
        """How many entities there are of a kind."""
        return int(self._base.execute("SELECT COUNT(*) FROM entity WHERE kind = ?", (kind,)).fetchone()[0])

    def busiest(self, kind: str, most: int) -> list[tuple[str, str, int]]:
        """(id, name, mentions) of those that are named most."""
        rows = self._base.execute(
            "SELECT id, name, mentions FROM entity WHERE kind = ? ORDER BY mentions DESC, folded, id LIMIT ?",
            (kind, most),
        )
        return rows.fetchall()

    def initials(self, kind: str) -> list[tuple[str, int]]:
        """The initials of a list of entities, in its order, with their numbers."""
        return self._base.execute(
            "SELECT initial, COUNT(*) FROM entity WHERE kind = ? GROUP BY initial ORDER BY initial", (kind,)
        ).fetchall()

    def entities(self, kind: str) -> Iterator[tuple[str, str, list[Any]]]:
        """(page, name, cells of the list) of every entity of a kind, by initial and alphabet."""
        for identifier, sort, first, last, documents, mentions in self._base.execute(
            "SELECT id, sort, first, last, documents, mentions FROM entity WHERE kind = ? ORDER BY initial, folded, id",
            (kind,),
        ):
            dates = "/".join(dict.fromkeys(d for d in (first, last) if d))
            yield page_of(kind, identifier), sort, [mentions] if kind == "r" else [dates, documents, mentions]

    def years(self) -> list[tuple[str, int]]:
        """The years of the documents in the order of their list, with their numbers; `` where they have none."""
        return self._base.execute(
            "SELECT year, COUNT(*) FROM document GROUP BY year ORDER BY year = '', year"
        ).fetchall()

    def documents(self) -> Iterator[tuple[str, str, list[Any]]]:
        """(page, title, cells of the list) of every document by date, those without a year last."""
        for page, title, date, language, people, mentions in self._base.execute(
            "SELECT page, title, date, language, people, mentions FROM document "
            "ORDER BY year = '', year, date, title, page"
        ):
            yield page, title, [date, language, people, mentions]

    def ranked(self) -> Iterator[tuple[str, str, str, str | None, str | None]]:
        """(kind, id, name, first and last date) of all people, institutions and roles, those mentioned most first."""
        yield from self._base.execute(
            "SELECT kind, id, name, first, last FROM entity ORDER BY kind = 'r', mentions DESC, kind DESC, id"
        )

    def languages(self, kind: str, identifier: str) -> list[str]:
        """The languages of the documents that name an entity."""
        rows = self._base.execute(
            "SELECT language FROM spoken WHERE entity = (SELECT number FROM entity WHERE kind = ? AND id = ?)",
            (kind, identifier),
        )
        return sorted(language for (language,) in rows)

    def said(self, kind: str, identifier: str) -> list[Said]:
        """What the documents say of an entity, by date."""
        rows = self._base.execute(
            "SELECT what, date, words, other_kind, other, page, title, anchor FROM said WHERE kind = ? AND entity = ? "
            "ORDER BY date IS NULL, date, page, anchor, words", (kind, identifier),
        )  # fmt: skip
        return list(map(Said._make, rows))

    def wordings(self, kind: str, identifier: str) -> list[tuple[str, int]]:
        """The wordings of an entity with their numbers, the commonest first."""
        return self._base.execute(
            "SELECT text, COUNT(*) FROM mention WHERE kind = ? AND entity = ? GROUP BY text ORDER BY 2 DESC, text",
            (kind, identifier),
        ).fetchall()

    def sentences(self, kind: str, identifier: str) -> list[Sentence]:
        """Every mention of an entity in its sentence, by date."""
        rows = self._base.execute(
            "SELECT date, page, title, anchor, before, text, after FROM mention WHERE kind = ? AND entity = ? "
            "ORDER BY date IS NULL, date, page, anchor", (kind, identifier),
        )  # fmt: skip
        return list(map(Sentence._make, rows))

    def met(self, kind: str, identifier: str, within: int, most: int) -> list[Met]:
        """Whom and what documents name together with an entity, in at most `within` of its documents."""
        rows = self._base.execute(
            "WITH me AS (SELECT number FROM entity WHERE kind = ? AND id = ?), "
            "mine AS (SELECT document FROM named WHERE entity = (SELECT number FROM me) ORDER BY document LIMIT ?), "
            "others AS (SELECT n.entity AS number, COUNT(*) AS shared FROM mine JOIN named n USING (document) "
            "WHERE n.entity <> (SELECT number FROM me) GROUP BY n.entity ORDER BY shared DESC, n.entity LIMIT ?) "
            "SELECT kind, link, shared FROM others JOIN entity USING (number) ORDER BY shared DESC, number",
            (kind, identifier, within, most),
        )  # fmt: skip
        return list(map(Met._make, rows))

    def ties(self, most: int) -> list[tuple[str, str, int]]:
        """(person, institution, documents that say so) of the roles said most often."""
        return self._base.execute(
            "SELECT entity, other, COUNT(DISTINCT page) AS documents FROM said WHERE kind = 'p' AND other_kind = 'i' "
            "AND other <> '' GROUP BY entity, other ORDER BY documents DESC, entity, other LIMIT ?", (most,),
        ).fetchall()  # fmt: skip


def initial(name: str) -> str:
    """The letter under which a list has a name, in upper case; `#` where it begins with none."""
    letter = next((c for c in name if c.isalnum()), "#").upper()[:1]
    return letter if letter.isalpha() else "#"


def _sorting(kind: str, row: dict[str, Any]) -> str:
    """The name as a list sorts and shows it: of a person the family name first."""
    if kind == "p" and row.get("family_name"):
        rest = " ".join(filter(None, (row.get("given_name") or row.get("initials"), row.get("patronymic"))))
        return f"{row['family_name']}, {rest}" if rest else str(row["family_name"])
    return str(row.get("name") or row.get("role") or row[ENTITIES[kind][1]])
