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

    Args:
        words: the document's tokens. span: the title. name: `report_kinds` or `event_kinds`.
    """
    first, last, _ = span
    before = words[max(0, first - BEFORE) : first]
    for word in (*reversed(before), *words[last : last + AFTER], *words[first:last]):
        if kind := _kind_of_word(word, language, name):
            return kind
    return ""


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
