"""What the pages are made of, in a SQLite file beside them while they are made, so that memory does not grow with them.

Documents come in one by one and leave their facts; entities and lists are then asked for by index. The file goes when
the reading room is finished.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator
from functools import lru_cache
from hashlib import sha256
from html import escape
from itertools import islice
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
    last TEXT, documents INTEGER, mentions INTEGER, link TEXT, what TEXT, place TEXT, authority TEXT, part_of TEXT,
    UNIQUE (kind, id)
);
CREATE TABLE mention (
    kind TEXT, entity TEXT, document INTEGER, anchor TEXT, before TEXT, text TEXT, after TEXT
);
CREATE TABLE named (document INTEGER, entity INTEGER, PRIMARY KEY (document, entity)) WITHOUT ROWID;
CREATE TABLE said (
    kind TEXT, entity TEXT, what TEXT, date TEXT, words TEXT, other_kind TEXT, other TEXT, document INTEGER, anchor TEXT
);
CREATE TABLE document (
    number INTEGER PRIMARY KEY, page TEXT, title TEXT, date TEXT, year TEXT, language TEXT, people INTEGER,
    mentions INTEGER
);
CREATE TABLE talk (page TEXT, title TEXT, year TEXT, language TEXT);
"""
_INDEXES = """
INSERT INTO named
    SELECT DISTINCT m.document, e.number FROM mention m JOIN entity e ON e.kind = m.kind AND e.id = m.entity
    WHERE m.kind <> 'r' ORDER BY 1, 2;
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


class Entity(NamedTuple):
    """An entity with all that its pages tell; `what` is the kind of an institution or role, `part_of` an id."""

    number: int
    id: str
    name: str
    what: str | None
    place: str | None
    authority: str | None
    part_of: str | None
    part_of_name: str | None
    sentences: list[Sentence]
    said: list[Said]


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

    def __init__(self, path: Path, anew: bool = True) -> None:
        """Make the file, or open it once it is complete."""
        self.path = path
        self._base = sqlite3.connect(path, isolation_level=None)
        if anew:
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
                    row["mentions"] or 0, link, row.get("kind"), row.get("place"), row.get("authority_id"),
                    row.get("part_of"))  # fmt: skip

        put = "INSERT OR REPLACE INTO entity VALUES (NULL,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
        self._base.executemany(put, map(cells, rows))

    def add_document(
        self,
        row: tuple[Any, ...],
        mentions: Iterable[tuple[Any, ...]],
        said: Iterable[tuple[Any, ...]],
    ) -> None:
        """Put in a document with its mentions and with what it says, as the tables above have them.

        The number of the document is put into their column `document`.
        """
        number = self._base.execute("INSERT INTO document VALUES (NULL,?,?,?,?,?,?,?)", row).lastrowid
        self._base.executemany(f"INSERT INTO mention VALUES (?,?,{number},?,?,?,?)", mentions)
        self._base.executemany(f"INSERT INTO said VALUES (?,?,?,?,?,?,?,{number},?)", said)

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
        if not identifier:
            return ""
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

    def ranked(self) -> Iterator[tuple[str, str, str, str | None, str | None, list[str], list[str]]]:
        """(kind, id, name, first and last date, wordings, languages) of all entities, those mentioned most first."""
        for *told, texts, languages in self._base.execute(
            "WITH told AS (SELECT m.kind, m.entity, json_group_array(DISTINCT m.text) AS texts, "
            "json_group_array(DISTINCT d.language) AS languages FROM mention m "
            "JOIN document d ON d.number = m.document GROUP BY m.kind, m.entity) "
            "SELECT e.kind, e.id, e.name, e.first, e.last, texts, languages FROM entity e "
            "LEFT JOIN told ON told.kind = e.kind AND told.entity = e.id "
            "ORDER BY e.kind = 'r', e.mentions DESC, e.kind DESC, e.id"
        ):
            yield *told, json.loads(texts or "[]"), sorted(filter(None, json.loads(languages or "[]")))

    def cuts(self, kind: str, size: int) -> list[tuple[str, str | None]]:
        """The entities of a kind cut by id into stretches of one size: where each begins, and where the next does."""
        ids = self._base.execute("SELECT id FROM entity WHERE kind = ? ORDER BY id", (kind,))
        begin = [i for (i,) in islice(ids, 0, None, size)]
        return list(zip(begin, [*begin[1:], None], strict=True))

    def told(self, kind: str, first: str = "", before: str | None = None) -> Iterator[Entity]:
        """The entities of a kind by their ids, with their mentions in sentences and what is said of them, by date.

        Where asked, only those whose ids lie from one on and before another.
        """
        asked = (kind, first, before)
        mentions = _Groups(self._base.execute(
            "SELECT entity, date, page, title, anchor, before, text, after FROM mention m JOIN document d "
            "ON d.number = m.document WHERE kind = ?1 AND entity >= ?2 AND (?3 IS NULL OR entity < ?3) "
            "ORDER BY entity, date IS NULL, date, page, anchor", asked,
        ))  # fmt: skip
        statements = _Groups(self._base.execute(
            "SELECT entity, what, s.date, words, other_kind, other, page, title, anchor FROM said s JOIN document d "
            "ON d.number = s.document WHERE kind = ?1 AND entity >= ?2 AND (?3 IS NULL OR entity < ?3) "
            "ORDER BY entity, s.date IS NULL, s.date, page, anchor, words", asked,
        ))  # fmt: skip
        for row in self._base.execute(
            "SELECT e.number, e.id, e.name, e.what, e.place, e.authority, e.part_of, whole.name FROM entity e "
            "LEFT JOIN entity whole ON whole.kind = e.kind AND whole.id = e.part_of "
            "WHERE e.kind = ?1 AND e.id >= ?2 AND (?3 IS NULL OR e.id < ?3) ORDER BY e.id",
            asked,
        ):
            sentences = [Sentence._make(m[1:]) for m in mentions.of(row[1])]
            yield Entity._make((*row, sentences, [Said._make(s[1:]) for s in statements.of(row[1])]))

    def met(self, number: int, documents: int, within: int, most: int) -> list[Met]:
        """Whom and what documents name together with an entity.

        Args:
            number: that of the entity.
            documents: how many documents name it.
            within: in so many of them at most is counted.
            most: so many are told at most.
        """
        if documents < 2:  # as most are: nothing is to be counted
            rows = self._base.execute(
                "SELECT kind, link, 1 FROM named n JOIN entity e ON e.number = n.entity WHERE n.document = "
                "(SELECT document FROM named WHERE entity = ?1) AND n.entity <> ?1 ORDER BY n.entity LIMIT ?2",
                (number, most),
            )
        else:
            rows = self._base.execute(
                "WITH mine AS (SELECT document FROM named WHERE entity = ?1 ORDER BY document LIMIT ?2), "
                "others AS (SELECT n.entity AS number, COUNT(*) AS shared FROM mine JOIN named n USING (document) "
                "WHERE n.entity <> ?1 GROUP BY n.entity ORDER BY shared DESC, n.entity LIMIT ?3) "
                "SELECT kind, link, shared FROM others JOIN entity USING (number) ORDER BY shared DESC, number",
                (number, within, most),
            )
        return list(map(Met._make, rows))

    def ties(self, most: int) -> list[tuple[str, str, int]]:
        """(person, institution, documents that say so) of the roles said most often."""
        return self._base.execute(
            "SELECT entity, other, COUNT(DISTINCT document) AS documents FROM said "
            "WHERE kind = 'p' AND other_kind = 'i' AND other <> '' "
            "GROUP BY entity, other ORDER BY documents DESC, entity, other LIMIT ?", (most,),
        ).fetchall()  # fmt: skip


class _Groups:
    """Rows that come sorted by their first column, asked for by its values in the same order."""

    def __init__(self, rows: Iterator[tuple[Any, ...]]) -> None:
        self._rows = rows
        self._next = next(rows, None)

    def of(self, wanted: str) -> Iterator[tuple[Any, ...]]:
        """The rows of one value; those of values before it that nobody asked for are passed over."""
        # SQLite sorts by the bytes of UTF-8, which is the order of code points and so that of Python.
        while (row := self._next) is not None and row[0] <= wanted:
            if row[0] == wanted:
                yield row
            self._next = next(self._rows, None)


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
