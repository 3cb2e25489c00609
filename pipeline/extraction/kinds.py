"""What kind of report, event or date a mention is, from its words and those beside it; the words are knowledge."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from pipeline.extraction.spans import TokenSpan
from pipeline.extraction.words import fold, word_features
from pipeline.knowledge import table

#: A day within a word: `11.30.2018`, `12-13`, `5th`.
_DAY = re.compile(r"(?<!\d)\d{1,2}(?!\d)")
#: How many words before and after a title are looked at.
BEFORE, AFTER = 8, 4
#: The kind of days that are kept, such as World Book Day.
NAMED_DAY = "named day"
_OPENING = frozenset("\"“„«‹'‘")


@lru_cache(maxsize=16)
def _kinds(language: str, name: str) -> tuple[dict[str, str], dict[str, str]]:
    """(whole words, stems) with the kind that each tells."""
    words: dict[str, str] = {}
    stems: dict[str, str] = {}
    for entry, kind in table(language, name):
        if entry.endswith("*"):
            stems[entry[:-1]] = kind
        else:
            words[entry] = kind
    return words, stems


def kind_of(words: Sequence[str], span: TokenSpan, language: str, name: str) -> str:
    """The kind that the nearest telling word gives: before the title, then after it, then in it; '' where none does.

    A named day beside the title is what an event is held for, so that any other word is believed before it.

    Args:
        words: the document's tokens. span: the title. name: `report_kinds` or `event_kinds`.
    """
    first, last, _ = span
    before = words[max(0, first - BEFORE) : first]
    told = ""
    for word in (*reversed(before), *words[last : last + AFTER], *words[first:last]):
        kind = _kind_of_word(word, language, name)
        if kind and kind != NAMED_DAY:
            return kind
        told = told or kind
    return told


def is_named_day(words: Sequence[str], span: TokenSpan, language: str) -> bool:
    """Whether an event is by its own words a day that is kept; not where a day is the title of something, in quotes."""
    first, last, _ = span
    if first and words[first - 1] in _OPENING:
        return False
    return {_kind_of_word(word, language, "event_kinds") for word in words[first:last]} - {""} == {NAMED_DAY}


@lru_cache(maxsize=16_384)
def _kind_of_word(word: str, language: str, name: str) -> str:
    """The kind that a word tells, or ''."""
    whole, stems = _kinds(language, name)
    word = word.lower()
    if word in whole:
        return whole[word]
    return next((stems[word[:end]] for end in range(3, len(word) + 1) if word[:end] in stems), "")


def tells_a_day(words: Sequence[str], language: str) -> bool:
    """Whether a date says more than a year: it has the number of a day or names a month."""
    lists = word_features(language).lists
    return any(_DAY.search(word) or "month" in lists.of(fold(word)) for word in words)
