"""The search of the reading room: words as comparison keys, in small files of which a page loads those it needs.

`rows-N.js` hold what a hit shows, `keys-AB.js` the rows of every key that begins with AB, `meta.js` what the filters
ask. Rows are numbered by importance, so that the first hits are the best. What a single letter finds, for which a page
would load the files of all keys that begin with it, is told in `search.js`.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator
from heapq import nsmallest
from itertools import accumulate, groupby
from pathlib import Path
from typing import Any

from pipeline import knowledge
from pipeline.normalisation.transliteration import key
from pipeline.tables.write import escaped

#: So many rows a file: sixty hits may lie in as many files.
ROWS = 500
#: So many hits are shown.
SHOWN = 60


class SearchIndex:
    """Takes rows one by one and writes the files; the keys wait in a SQLite file, so that memory does not grow."""

    def __init__(self, waiting: Path, folder: Path) -> None:
        self._base = sqlite3.connect(waiting, isolation_level=None)
        self._base.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; CREATE TABLE word (key, row)")
        self._base.execute("BEGIN")
        self._folder = folder
        self._rows: list[list[Any]] = []
        self._kinds: list[str] = []
        self._first: list[int] = []
        self._last: list[int] = []
        self._languages: list[int] = []
        self._codes: list[str] = []
        self._count = 0

    def add(
        self, kind: str, page: str, name: str, wordings: Iterable[str], first: str, last: str, languages: Iterable[str]
    ) -> None:
        """A row: kind, page, name, the wordings by which it is found, years (may be empty) and languages."""
        keys = {k for wording in wordings for word in re.findall(r"[^\W_]+", wording) if (k := key(word))}
        self._base.executemany("INSERT INTO word VALUES (?, ?)", ((k, self._count) for k in keys))
        one, other = int(first or last or 0), int(last or first or 0)
        self._rows.append([kind, page, " ".join(name.split()), one, other])
        self._kinds.append(kind)
        self._first.append(one)
        self._last.append(other)
        self._languages.append(sum(1 << self._code(code) for code in set(languages) if code))
        self._count += 1
        if len(self._rows) == ROWS:
            self._flush()

    def _code(self, language: str) -> int:
        if language not in self._codes:
            self._codes.append(language)
        return self._codes.index(language)

    def _flush(self) -> None:
        number = (self._count - 1) // ROWS
        self._put(f"rows-{number}", f"ROLLCALL_ROWS_{number}", self._rows)
        self._rows = []

    def finish(self) -> list[str]:
        """Write what is left; gives the languages."""
        if self._rows:
            self._flush()
        shards, letters = [], {}
        for letter, of_letter in groupby(self._words(), key=lambda item: item[0][0]):
            found: set[int] = set()
            for shard, words in groupby(of_letter, key=lambda item: item[0][:2]):
                steps = dict(words)
                shards.append(shard)
                self._put(f"keys-{shard}", f"ROLLCALL_KEYS_{shard}", steps)
                found.update(row for s in steps.values() for row in accumulate(s))
            letters[letter] = [len(found), nsmallest(SHOWN, found)]
        meta = {"kinds": "".join(self._kinds), "first": self._first, "last": self._last, "spoken": self._languages}
        self._put("meta", "ROLLCALL_META", meta)
        about = {
            "rows": ROWS, "shown": SHOWN, "shards": shards, "letters": letters, "languages": self._codes,
            "key": key_rules(),
        }  # fmt: skip
        self._put("search", "ROLLCALL_SEARCH", about)
        self._base.close()
        return self._codes

    def _words(self) -> Iterator[tuple[str, list[int]]]:
        """Each key with its rows, as the distance of each from the one before."""
        found = self._base.execute("SELECT key, row FROM word ORDER BY key, row")
        for word, rows in groupby(found, key=lambda item: item[0]):
            before, steps = 0, []
            for _, row in rows:
                steps.append(row - before)
                before = row
            yield word, steps

    def _put(self, file: str, name: str, value: Any) -> None:
        (self._folder / f"{file}.js").write_text(script_of(name, value), encoding="utf-8")


def key_rules() -> dict[str, Any]:
    """Letters and foldings by which a browser makes the key of a word that is typed: those of the linking."""
    letters = {cell[0]: cell[1] for cell in knowledge.table(knowledge.COMMON, "cyrillic_latin")}
    letters |= {cell[0]: cell[1] for cell in knowledge.table(knowledge.COMMON, "key_letters")}
    return {
        "letters": {a: "" if b == "-" else b for a, b in letters.items()},
        "folds": [
            [cell[0].replace(r"\A", "^").replace(r"\Z", "$"), "" if cell[1] == "-" else cell[1].replace("\\1", "$1")]
            for cell in knowledge.table(knowledge.COMMON, "key_folds")
        ],
    }


def script_of(name: str, value: Any) -> str:
    """A script that sets a variable of the window; nothing in it can end the script or begin a tag."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return f"window.{name}={escaped(text)};\n"
