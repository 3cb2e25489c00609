"""Dates as texts write them → EDTF (ISO 8601-2) with the precision of the text, and the date of a document.

What comes out: `1998`, `1998-03`, `1998-11-24`, `XXXX-11-24` (no year given), `XXXX-11`, `XXXX-XX-24` (`the 24th`),
`1998-23` (autumn), `199X` (the nineties), ranges `2012-09-05/2012-09-07`. Nothing is completed: a date without a year
keeps `XXXX`, a month has no day, and what cannot be read gives an empty text.

Numeric dates. `13.08.1973` with full stops is day, month, year, as in Russia, Kazakhstan and most of Europe.
`8/13/73` with strokes is month, day, year (the American press release); where that is impossible, day first. With
hyphens, `1973-08-13` is year first, else day first. A year of two figures is 1930 to 2029.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from functools import cache, lru_cache

from pipeline import knowledge
from pipeline.cleaning import marks
from pipeline.normalisation.written import plain_spaces
from pipeline.records import Extraction, Mention

_LANGUAGES = ("en", "ru", "kk")
_PIVOT = 30
_UNKNOWN_YEAR = "XXXX"
_NUMERALS = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
_ROMAN = {numeral: number for number, numeral in enumerate(_NUMERALS, 1)}


@dataclass(frozen=True, slots=True)
class _Day:
    """A date as far as it is given; 0 is unknown. A month above 20 is a season."""

    year: int = 0
    month: int = 0
    day: int = 0

    def _has_day(self) -> bool:
        return 1 <= self.day <= monthrange(self.year or 2000, self.month)[1]

    @property
    def edtf(self) -> str:
        season = self.month > 12  # which has no days
        if self.month and self.day and not season and not self._has_day():
            return ""
        text = f"{self.year:04d}" if self.year else _UNKNOWN_YEAR
        if self.month:
            text += f"-{self.month:02d}"
            if self.day and not season:
                text += f"-{self.day:02d}"
        if self.day and not self.month and not self.year:
            return f"{_UNKNOWN_YEAR}-XX-{self.day:02d}" if self.day <= 31 else ""
        return text if self.year or self.month else ""


@lru_cache(maxsize=16384)
def edtf(text: str, language: str = "en") -> str:
    """The EDTF of a written date, empty where it cannot be read. See the top of the module for the conventions."""
    line = plain_spaces(text).lower().strip(" .,;:()[]")
    # Letters that a scanner took for figures, and the other way round: `2O09`, `0ctober`.
    line = re.sub(r"(?<=\d)[loо]|(?<![^\W\d])[loо](?=\d)", lambda m: "1" if m[0] == "l" else "0", line)
    line = re.sub(r"(?<!\w)0(?=[^\W\d]{2})", lambda m: "o" if line[m.end()].isascii() else "о", line)
    line = re.sub(r"[‐‑‒–—―−]", "-", line).replace("'", "’")
    for reader in (_numeric_range, _numeric, _decade):
        found = reader(line)
        if found:
            return found
    return _worded(line, language)


_NUMERIC = re.compile(r"(\d{1,4})\s?([./-])\s?(\d{1,2})\s?\2\s?(\d{1,4})(?:\s?(?:г|ж|y)\w*\.?)?")


def _numeric(line: str) -> str:
    """`13.08.1973`, `8/13/73`, `1973-08-13`, `08.1973`, `13.08`."""
    found = _NUMERIC.fullmatch(line)
    if found:
        day = _numeric_day(found[1], found[2], found[3], found[4])
        return day.edtf if day else ""
    found = re.fullmatch(r"(\d{1,2})[./](\d{4})", line) or None
    if found and 1 <= int(found[1]) <= 12:
        return _Day(int(found[2]), int(found[1])).edtf
    found = re.fullmatch(r"(\d{4})-(\d{2})", line)
    if found and 1 <= int(found[2]) <= 12:
        return _Day(int(found[1]), int(found[2])).edtf
    found = re.fullmatch(r"(\d{1,2})\.(\d{2})", line)
    if found and 1 <= int(found[2]) <= 12:
        return _Day(0, int(found[2]), int(found[1])).edtf
    found = re.fullmatch(r"(\d{1,2})/(\d{1,2})", line)
    if found and 1 <= int(found[1]) <= 12:
        return _Day(0, int(found[1]), int(found[2])).edtf
    found = re.fullmatch(r"(\d{1,2})[.\s/-]([ivx]+)[.\s/-](\d{4}|\d{2})", line)  # 24.XI.1998, 24/XI-1998
    if found and found[2] in _ROMAN:
        return _Day(_full_year(found[3]), _ROMAN[found[2]], int(found[1])).edtf
    return ""


def _numeric_day(first: str, mark: str, second: str, third: str) -> _Day | None:
    if len(first) == 4:
        year, month, day = int(first), int(second), int(third)
    elif len(third) in (2, 4) and len(first) <= 2:
        year = _full_year(third)
        month, day = (int(first), int(second)) if mark == "/" else (int(second), int(first))
        if month > 12:
            month, day = day, month
    else:
        return None
    return _Day(year, month, day) if 1 <= month <= 12 and 1 <= day <= 31 else None


def ends(date: str) -> tuple[str, str]:
    """The first and the last day of a range as `edtf` gives it; of another date itself, twice."""
    return date.partition("/")[0], date.rpartition("/")[2]


def _numeric_range(line: str) -> str:
    """`05-07.09.2012`, `5.09-7.10.2012`, `28.08.2012-02.09.2012`, `1998-2001`, `1998/99`."""
    found = re.fullmatch(r"(\d{1,2})\s?-\s?(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})", line)
    if found and 1 <= int(found[3]) <= 12:
        year, month = _full_year(found[4]), int(found[3])
        return _interval(_Day(year, month, int(found[1])), _Day(year, month, int(found[2])))
    found = re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.?\s?-\s?(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})", line)
    if found and 1 <= int(found[2]) <= 12 and 1 <= int(found[4]) <= 12:
        year = _full_year(found[5])
        return _interval(_Day(year, int(found[2]), int(found[1])), _Day(year, int(found[4]), int(found[3])))
    found = re.fullmatch(r"([\d.]{8,10})\s?-\s?([\d.]{8,10})", line)
    if found:
        ends = [_numeric(part) for part in found.groups()]
        return "/".join(ends) if all(ends) else ""
    found = re.fullmatch(r"(\d{4})\s?[-/]\s?(\d{4}|\d{2})\s?(?:гг?|жж?|years?)?\.?", line)
    if found and 1000 <= int(found[1]) <= 2100:
        last = found[2] if len(found[2]) == 4 else found[1][:2] + found[2]
        if int(last) > int(found[1]) and (len(found[2]) == 4 or int(found[2]) > 12):
            return f"{found[1]}/{last}"
    return ""


def _decade(line: str) -> str:
    """`the 1990s`, `1990-е годы`, `1990 жылдар`: `199X`."""
    found = re.fullmatch(
        r"(?:the\s)?(?:early\s|late\s|mid-)?(\d{3})0(?:[’]?s|-?[ехы]{1,2}(?:\sгод\w*)?|-?\s?жылдар\w*)", line
    )
    return f"{found[1]}X" if found else ""


_YEAR = re.compile(r"(?<![\d.])(1[0-9]{3}|20[0-9]{2})(?!\d)")
_DAY = re.compile(r"(?<!\d)([0-3]?\d)(?!\d)")


@cache
def _range() -> re.Pattern[str]:
    """What stands between the two ends of a range."""
    words = "|".join(knowledge.lines(knowledge.COMMON, "range_words"))
    return re.compile(rf"\s*(?:-|&|\b(?:{words})\b)\s*")


@cache
def _leading() -> re.Pattern[str]:
    """Words before or inside a date that say nothing of which it is."""
    return re.compile(rf"\b(?:{'|'.join(knowledge.lines(knowledge.COMMON, 'date_leads'))})\b\s*")


@cache
def _ordinal() -> re.Pattern[str]:
    """Endings of ordinal numbers, and the case endings that hang on figures."""
    return re.compile(rf"(?<=\d)-?(?:{'|'.join(knowledge.lines(knowledge.COMMON, 'number_endings'))})\b")


def _worded(line: str, language: str) -> str:
    """A date with the month in words, or a bare year; ranges of days, months and years among them."""
    line = _leading().sub("", line)
    line = _ordinal().sub("", line)
    line = re.sub(r"\bfirst\b", "1", line)
    for spelled, day in _days_in_words():
        line = spelled.sub(day, line)
    short = re.search(r"’(\d{2})\b", line)
    if short:
        line = line.replace(short[0], f" {_full_year(short[1])} ")
    parts = [p for p in _range().split(line) if p]
    readings = [_part(p, language) for p in parts]
    if not readings or None in readings:
        return ""
    days = [r for r in readings if r is not None]
    if len(days) == 1 or (days[0].month > 12 and all(d.day and not d.month for d in days[1:])):
        return days[0].edtf  # the winter 2018-19 is that of 2018
    if len(days) > 2 and not all((d.day and not d.year) or d == days[-1] for d in days[:-1]):
        return ""
    return _interval(_completed(days[0], days[-1]), _completed(days[-1], days[0]))


def _completed(one: _Day, other: _Day) -> _Day:
    """One end of a range with what only the other end names (`5` of `5-7 September 2012`)."""
    month = one.month or (other.month if one.day else 0)
    return _Day(one.year or other.year, month, one.day)


def _part(part: str, language: str) -> _Day | None:
    """One end of a date: what year, month and day it names; None where words are left that are no date."""
    rest = part
    year = 0
    found = _YEAR.search(rest)
    if found:
        year = int(found[1])
        rest = rest[: found.start()] + " " + rest[found.end() :]
    month = 0
    left = []
    for word in re.findall(r"[^\W\d_]+", rest):
        number = _month(word, language)
        if number and not month:
            month = number
        elif number:
            return None
        else:
            left.append(word)
    if any(word not in _filling() and len(word) > 2 for word in left):
        return None
    numbers = [int(n) for n in _DAY.findall(rest)]
    if len(numbers) > 1 and not year and month and "," in rest:
        return None
    day = numbers[0] if numbers else 0
    if len(numbers) > 1 or re.search(r"\d{3}", rest):
        two = re.search(r"(?<=[\s,.])(\d{2})\Z", rest.strip())
        if year or not month or not two or len(numbers) > 2:
            return None
        year = _full_year(two[1])
    if day > 31 and month and not year:  # `November 98`
        day, year = 0, _full_year(str(day))
    if (day and month > 20) or day > 31 or not (year or month or day):
        return None
    return _Day(year, month, day)


@cache
def _days_in_words() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(rf"\b{word}\b"), day) for word, day in knowledge.table("ru", "day_words"))


@cache
def _filling() -> frozenset[str]:
    return frozenset(knowledge.lines(knowledge.COMMON, "date_words"))


@lru_cache(maxsize=4096)
def _month(word: str, language: str) -> int:
    for known in (language, *_LANGUAGES):
        months = _months(known)
        if "rn" in word and word not in months:  # as scanners read an m
            word = word.replace("rn", "m")
        if word in months:
            return months[word]
        if known == "kk":
            for cut in range(1, 7):
                if len(word) - cut >= 3 and word[:-cut] in months and _kazakh_ends().fullmatch(word[-cut:]):
                    return months[word[:-cut]]
    return 0


@cache
def _kazakh_ends() -> re.Pattern[str]:
    return re.compile("(?:" + "|".join(knowledge.lines("kk", "month_endings")) + ")")


@cache
def _months(language: str) -> dict[str, int]:
    if language not in _LANGUAGES:
        return {}
    return {name: int(number) for name, number in knowledge.table(language, "months")}


def _full_year(digits: str) -> int:
    year = int(digits)
    return year if len(digits) == 4 else year + (2000 if year < _PIVOT else 1900)


def _interval(first: _Day, last: _Day) -> str:
    start, end = first.edtf, last.edtf
    if not start or not end or start == end:
        return start if start == end else ""
    return f"{start}/{end}"


def document_date(extraction: Extraction, source_date: str = "") -> str:
    """The release date of a document as EDTF: the date that stands in its dateline or heading; empty where none does.

    A date counts when it stands alone on its line, follows a place at the start of a paragraph (`ALMATY, March 3,
    1998 --`), or follows a word that says so (`For release`, `Posted`). A date inside the prose does not: it is as
    likely the date of what is told. Full dates go before partial ones, earlier lines before later ones. One without a
    year is completed from the nearest date or range above it that has one and such a place, else from `source_date`,
    the date that the format of the document gives it (`completed`). Where there is no such date, a range with a year
    counts, as of the days of a programme.
    """
    best: tuple[int, int, str] | None = None
    days: tuple[int, int, str] | None = None
    for mention in extraction.mentions:
        if mention.label != "DATE":
            continue
        date = edtf(mention.text, extraction.language)
        if not date:
            continue
        if "/" in date:
            rank = _dateline_rank(extraction, mention) if date[0] != "X" and best is None else None
            if rank is not None and (days is None or rank < days[0]):
                days = (rank, mention.start, date)
            continue
        vague = date.count("X") + 3 * (2 - date.count("-"))
        if best is not None and vague >= best[0]:
            continue  # wherever it stands: an earlier one is as good
        rank = _dateline_rank(extraction, mention)
        if rank is None:
            continue
        found = (vague + rank, mention.start, date)
        if best is None or found < best:
            best = found
    best = best or days
    if best is None or not best[2].startswith(_UNKNOWN_YEAR):
        return best[2] if best else ""
    return completed(_with_year_above(extraction, best[2], best[1]), source_date)


def _with_year_above(extraction: Extraction, date: str, start: int) -> str:
    """A date without a year, with that of the nearest date above it that could be the document's and has one."""
    for mention in reversed(extraction.mentions):
        if mention.label != "DATE" or mention.start >= start:
            continue
        above = edtf(mention.text, extraction.language)
        if not re.match(r"\d{4}", above) or _dateline_rank(extraction, mention) is None:
            continue
        first, _, last = above.partition("/")
        if last and first <= first[:4] + date[4:] <= last:
            return first[:4] + date[4:]  # a day of a programme
        return completed(date, first) if "-" in first else f"{first[:4]}{date[4:]}?"
    return date


_HEAD = 600
_COLUMNS = re.compile(r"[^\S\n]{3,}|\t|\s\|\s")
#: A place in capitals that opens a paragraph.
_CAPITALS = re.compile(r"\W{0,3}[^\Wa-zа-яәғқңөұүһі\d][^a-zа-яәғқңөұүһі\d]{2,40},\s*")


@cache
def _released() -> re.Pattern[str]:
    """Words that say that the date after them is the document's, and what may stand between."""
    words = "|".join(knowledge.lines(knowledge.COMMON, "release_words"))
    return re.compile(
        rf"(?:{words})\W{{0,4}}(?:on\s|at\s|\d{{1,2}}[:.]\d{{2}}|until\s|immediate\s?|\W|—|-)*\Z", re.IGNORECASE
    )


def _dateline_rank(extraction: Extraction, mention: Mention) -> int | None:
    """How well the place of a date fits a release date (0 is best); None where it does not."""
    raw = extraction.raw
    line_start = raw.rfind("\n", 0, mention.start) + 1
    line_end = raw.find("\n", mention.end)
    # Columns side by side on one line are lines of their own.
    before = _COLUMNS.split(raw[line_start : mention.start])[-1]
    after = _COLUMNS.split(raw[mention.end : line_end if line_end >= 0 else len(raw)])[0]
    if _released().search(raw[max(0, mention.start - 60) : mention.start]):
        return 0
    if marks.mark(f"{before}{raw[mention.start : mention.end]}{after}".strip())[0] in ("release_date", "embargo"):
        return 0
    alone = len(re.findall(r"\w{2,}", before)) + len(re.findall(r"[^\W\d]{2,}", after)) <= 3
    early = mention.start < _HEAD
    if alone and early:
        return 1
    if early and len(before) < 60 and re.match(r"\W{0,3}(?:\([A-Z ]{2,30}\))?\W{0,3}(?:--|[-–—―])", after):
        return 1
    if early and _CAPITALS.fullmatch(before) and re.match(r"\W{0,2}[.:]\s", after):
        return 1
    if early and len(before) < 60:
        line = raw[line_start : line_end if line_end >= 0 else len(raw)]
        indent = len(line) - len(line.lstrip())
        if mention.end <= line_start + indent + marks.dateline(line.strip()):
            return 1
    if alone and mention.start > len(raw) - 300:
        return 2
    return None


def completed(date: str, release: str) -> str:
    """A date without a year (`XXXX-11-24`) with the year that the release date suggests and a mark: `2006-11-24?`.

    The year is the one that brings the date nearest to the release, since announcements speak of what is near. The
    question mark is EDTF's for uncertain. Dates with a year stay as they are, and all where no release date is known.
    """
    if _UNKNOWN_YEAR not in date or not re.match(r"\d{4}(?:-\d{2})", release):
        return date
    year, month = int(release[:4]), int(release[5:7])

    def near(part: str) -> str:
        if not part.startswith(_UNKNOWN_YEAR) or not part[5:7].isdigit():
            return part
        ahead = int(part[5:7]) - month
        # A season (21 to 24) has no month to compare.
        found = year + (ahead < -6) - (ahead > 6) if int(part[5:7]) <= 12 else year
        return f"{found:04d}{part[4:]}?"

    return "/".join(near(part) for part in date.split("/"))
