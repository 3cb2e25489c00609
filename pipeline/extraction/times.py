"""Times of day among the tokens of a page: `10.30`, `9:15am`, `9 am`, and spans of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from pipeline.knowledge import COMMON, lines

_TIME = re.compile(r"(?:[01]?\d|2[0-3])[.:][0-5]\d(?:[ap]m)?|24[.:]00|(?:0?[1-9]|1[0-2])[ap]m", re.IGNORECASE)
_HOUR = re.compile(r"0?[1-9]|1[0-2]")
_DASHES = frozenset("-–—")


@cache
def _halves() -> frozenset[str]:
    return frozenset(lines(COMMON, "day_halves"))


@cache
def _between() -> frozenset[str]:
    return _DASHES.union(lines(COMMON, "range_words"))


def is_half(word: str) -> bool:
    """Whether a word says in which half of a day an hour lies."""
    return word[0] in "aApP" and word.lower() in _halves()


def tells_time(words: Sequence[str], at: int) -> bool:
    """Whether a time of day begins at a token: `10.30`, or an hour before `am`."""
    word = words[at]
    if not word[0].isdigit():
        return False
    if _TIME.fullmatch(word):
        return True
    return _HOUR.fullmatch(word) is not None and at + 1 < len(words) and is_half(words[at + 1])


def ends_time(words: Sequence[str], at: int) -> bool:
    """Whether the time at a token is the end of a span: `10.30` in `9.30 – 10.30` and in `9.30 to 10.30`."""
    before = at - 1
    if before > 0 and words[before].lower() in _between():
        before -= 1
    return before >= 0 and (is_half(words[before]) or tells_time(words, before))
