"""What the heads of tables say of their columns: whose talk, its title, a role, an institution; words are knowledge."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from pipeline.extraction.languages import LANGUAGES
from pipeline.knowledge import COMMON, lines, table

#: Kinds of columns; a head that holds words of several is of the first of these that it has.
KINDS = ("other", "role", "institution", "speaker", "person", "talk", "topic", "title", "name")
#: Kinds that call a title, the surest first, and those that call a person.
TITLES, PERSONS = ("talk", "topic", "title"), ("speaker", "person", "name")
#: A head's cell has no more words than this.
LONGEST_HEAD = 7
#: What stands between the parts of a head (`Position, organisation`), beside joining words; a part is of one kind.
_BETWEEN = r"[,/;+&()\[\]]"
_WORD = re.compile(r"[^\W_]+(?:[-.'’/][^\W_]+)*\.?")

Heads = tuple[frozenset[str], ...]


@lru_cache(maxsize=1)
def _known() -> tuple[dict[str, str], dict[str, str]]:
    """(whole words and phrases, beginnings) with their kind, of all languages: Kazakh tables have Russian heads."""
    whole: dict[str, str] = {}
    beginnings: dict[str, str] = {}
    for language in LANGUAGES:
        for entry, kind in table(language, "table_heads"):
            if entry.endswith("*"):
                beginnings.setdefault(entry[:-1], kind)
            else:
                whole.setdefault(entry, kind)
    return whole, beginnings


@lru_cache(maxsize=1)
def _between() -> tuple[re.Pattern[str], frozenset[str]]:
    """(what parts a head, words of it that say nothing)."""
    joints = "|".join(map(re.escape, lines(COMMON, "table_joints")))
    return re.compile(rf"{_BETWEEN}|\s(?:{joints})\s"), frozenset(lines(COMMON, "table_links"))


@lru_cache(maxsize=4096)
def _kind_of_word(word: str) -> str:
    whole, beginnings = _known()
    if word in whole:
        return whole[word]
    return next((beginnings[word[:end]] for end in range(len(word), 2, -1) if word[:end] in beginnings), "")


def kinds_of(text: str, least: float = 0.5) -> frozenset[str]:
    """The kinds that the cell of a head calls: none where less than this share of its words are known."""
    text = " ".join(text.lower().split())
    if whole := _known()[0].get(text):
        return frozenset([whole])
    found = set()
    words = known = 0
    parts, links = _between()
    for part in parts.split(text):
        own = [word for word in _WORD.findall(part) if word not in links]
        kinds = list(filter(None, map(_kind_of_word, own)))
        words += len(own)
        if phrase := _known()[0].get(part.strip()):
            kinds = [phrase] * len(own)
        known += len(kinds)
        found.update([kind for kind in KINDS if kind in kinds][:1])
    return frozenset(found) if words and known >= least * words else frozenset()


def heads_of(cells: Sequence[str]) -> Heads | None:
    """The kinds of the columns that a line heads, or None where it is no head of people or talks."""
    named = [cell for cell in cells if any(letter.isalpha() for letter in cell)]
    if len(named) < 2 or any(len(cell.split()) > LONGEST_HEAD for cell in named):
        return None
    if any(letter.isdigit() for cell in cells for letter in cell):
        return None  # the row of a time, a day, a number
    found = tuple(map(kinds_of, cells))
    known = sum(map(bool, found))
    if known < 2 or 2 * known < len(named) or all(kinds_of(cell, 1.0).isdisjoint(PERSONS) for cell in named):
        return None
    return found


@lru_cache(maxsize=1)
def _no_titles() -> tuple[frozenset[str], tuple[str, ...]]:
    """(phrases, beginnings) that stand where a title would and are none."""
    entries = [entry for language in LANGUAGES for entry in lines(language, "table_no_titles")]
    whole = frozenset(entry for entry in entries if not entry.endswith(" *"))
    return whole, tuple(entry[:-1] for entry in entries if entry.endswith(" *"))


def is_no_title(words: Sequence[str]) -> bool:
    """Whether the words of a cell stand for a break, an opening, or a title that is not known yet."""
    whole, beginnings = _no_titles()
    spoken = [word.lower() for word in words if any(letter.isalnum() for letter in word)]
    if not any(letter.isalpha() for word in spoken for letter in word):
        return True
    text = " ".join(spoken)
    if text in whole or f"{text} ".startswith(beginnings):
        return True
    return len(spoken) > 1 and " ".join(spoken[:-1]) in whole
