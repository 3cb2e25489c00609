"""Whole days (day, month and year) at the edge of a line, by which the items of a web page are known."""

from __future__ import annotations

import datetime
import re
from functools import cache

from pipeline.knowledge import table

#: The languages whose months are known.
_LANGUAGES = ("en", "ru", "kk")
#: A longer line that ends in a day is prose.
_SHORT = 120
#: So much of a line is looked at.
_HEAD = 80
_NUMERIC = (
    r"(?P<d1>\d{1,2})(?P<sign>[./-])(?P<m1>\d{1,2})(?P=sign)(?P<y1>\d{4})|(?P<y2>\d{4})-(?P<m2>\d\d)-(?P<d2>\d\d)"
)
_UPPER = "A-ZА-ЯЁӘҒҚҢӨҰҮҺІ"
_HOUR = r"(?:,?\s{1,3}\d{1,2}[:.]\d\d(?!\d))?"
_YEAR_WORD = r"(?:\s?(?:года?|г|жылы?|ж)\b\.?)?"


def day_of(line: str) -> str | None:
    """The day that a line opens with or, where it is short, ends with, in ISO 8601; None where there is none.

    A day in the middle of a sentence (`On 12 May 1998 the library …`) is none. Which number is the month in
    `05/12/1998` nobody can tell: then the day is there, but empty.
    """
    line = line.strip()
    found = _opening().match(line[:_HEAD]) or (_closing().search(line) if len(line) <= _SHORT else None)
    if not found:
        return None
    part = found.groupdict()
    word = next((part[k] for k in ("n1", "n2", "n3") if part[k]), "")
    month = _month(word) if word else int(part["m1"] or part["m2"])
    day = int(next(part[k] for k in ("d1", "d2", "d3", "d4", "d5") if part[k]))
    year = int(next(part[k] for k in ("y1", "y2", "y3", "y4", "y5") if part[k]))
    if part["sign"] == "/":
        if day <= 12 and month <= 12 and day != month:
            return ""
        if month > 12:
            day, month = month, day
    try:
        return datetime.date(year, month, day).isoformat()
    except ValueError:
        return None


def _month(word: str) -> int:
    months = _months()
    word = word.lower()
    return next((months[word[:n]] for n in range(len(word), 2, -1) if word[:n] in months), 0)


@cache
def _months() -> dict[str, int]:
    """The number of each name of a month."""
    return {name: int(n) for language in _LANGUAGES for name, n in table(language, "months") if int(n) <= 12}


@cache
def _day() -> str:
    names = "|".join(sorted(map(re.escape, _months()), key=len, reverse=True))
    month = rf"(?:{names})[^\W\d_]{{0,3}}\b\.?"  # Kazakh joins its endings
    number = r"\d{1,2}(?!\d)"
    return (
        rf"(?<!\d)(?:{_NUMERIC}"
        rf"|(?P<d3>{number})(?:st|nd|rd|th|-?го|-?е)?\s{{1,3}}(?P<n1>{month}),?\s{{1,3}}(?P<y3>\d{{4}})"
        rf"|(?P<n2>{month})\s{{1,3}}(?P<d4>{number})(?:st|nd|rd|th)?,?\s{{1,3}}(?P<y4>\d{{4}})"
        rf"|(?P<y5>\d{{4}})\s{{1,3}}(?:жыл[^\W\d_]{{0,3}}|ж\.)\s{{1,3}}(?P<d5>{number})\s{{1,3}}(?P<n3>{month}))(?!\d)"
        rf"{_YEAR_WORD}{_HOUR}"
    )


@cache
def _opening() -> re.Pattern[str]:
    """A day, what may stand before it (a weekday, a word with a colon), and the sign or space wide enough after it."""
    before = r"\W{0,3}(?:[^\W\d_]{2,20}(?:[:,.]|\s?[-–—])\s{0,3})?"
    after = rf"(?=\W{{0,3}}$|\s?[\])|:–—.-]|\s+(?-i:[-–—|«“\"„({_UPPER}]))"
    return re.compile(f"{before}{_day()}{after}", re.IGNORECASE)


@cache
def _closing() -> re.Pattern[str]:
    return re.compile(rf"{_day()}\W{{0,3}}$", re.IGNORECASE)
