"""What a line of a release shows by its own wording: the words that open a part, a bare date, a dateline, an item.

The words are knowledge, by language, in `release_parts.txt`; dates are made of the names of months and the words that
may stand in dates. A line says what it could be; `anatomy` decides, by where it stands.
"""

from __future__ import annotations

import re
from functools import cache

from pipeline.knowledge import COMMON, lines, table

#: The languages whose words open parts of releases.
LANGUAGES = ("en", "ru", "kk")
#: The alphabets that tell which of them to try.
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_LATIN = re.compile("[A-Za-z]")
_SCRIPTS = ((("ru", "kk"), _CYRILLIC), (("en",), _LATIN))
#: What a mark may say of itself, in characters.
_LONGEST_REASON = 60
#: What follows the words that open a part: numbers and addresses stand in the text alone, where they can be masked.
_TOLD = re.compile(r"[:\d(+]|\S+ ?(?:@|\(at\)|\[at\])")
#: Longer lines are paragraphs, which open a part only by their first words.
_LONGEST_LINE = 200

_UPPER = "A-ZÀ-ÖØ-ÞĀ-ŽА-ЯЁӘҒҚҢӨҰҮҺІЇЄҐЎҚҲҶ"
_DASH = "(?:--+|[–—―-])"
_NUMBER = r"\d{1,4}(?:st|nd|rd|th|-?(?:го|ое|шы|ші))?"
_TIME = r"\d{1,2}[.:]\d\d(?!\d|\.\d)"
_WORD = re.compile(r"[^\W\d_]+")
_NUMERIC_DATE = r"\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d\d)|\d{4}-\d\d-\d\d"


def mark(line: str) -> tuple[str, str]:
    """The part that the first words of a line open, and those words; empty where they open none."""
    for languages, script in _SCRIPTS:
        if script.search(line):
            pattern, kinds = _parts(languages, len(line) <= _LONGEST_LINE)
            found = pattern.match(line)
            if found and found.lastgroup:
                said = _TOLD.split(" ".join(found.group().split()), maxsplit=1)[0]
                return kinds[int(found.lastgroup[1:])], said[:_LONGEST_REASON].strip()
    return "", ""


@cache
def _parts(languages: tuple[str, ...], whole: bool) -> tuple[re.Pattern[str], list[str]]:
    """All patterns of these languages as one alternation, and the part that each opens by its group number.

    Without `whole` only those that say nothing of the end of the line, which is too far away to be tried.
    """
    rows = [row for language in languages for row in table(language, "release_parts")]
    rows = [row for row in rows if whole or not row[0].endswith(r"\Z")]
    joined = "|".join(f"(?P<p{number}>{row[0]})" for number, row in enumerate(rows))
    return re.compile(rf"\W{{0,3}}(?:{joined})", re.IGNORECASE), [row[1] for row in rows]


def is_date(line: str, year: bool = True) -> bool:
    """Whether a line is nothing but one day: numbers, a month, and what else may stand in a date.

    Args:
        line: without white space around it. year: whether it must name its year.
    """
    if len(line) > 60 or not re.search(r"\d", line):
        return False
    if re.fullmatch(rf"\W*(?:{_NUMERIC_DATE})(?:,? {_TIME})?\W*(?:\(\w+\))?", line):
        return True
    words = [w.lower() for w in _WORD.findall(line)]
    if not any(map(_is_month, words)) or not all(_is_month(w) or w in _date_words() for w in words):
        return False
    days = re.findall(r"(?<![\d.:])\d{1,2}(?![\d.:]|\s*%)", line)
    return len(days) == 1 and (not year or bool(re.search(r"\d{4}", line))) and not re.search(r"\d\s*[–—-]\s*\d", line)


@cache
def _months() -> tuple[frozenset[str], tuple[str, ...]]:
    """The names of months as they stand, and those of Kazakh, to which endings are joined."""
    names = {language: [n for n, number in table(language, "months") if int(number) <= 12] for language in LANGUAGES}
    return frozenset(n for found in names.values() for n in found), tuple(n for n in names["kk"] if len(n) > 4)


def _is_month(word: str) -> bool:
    names, stems = _months()
    return word in names or word.startswith(stems)


@cache
def _date_words() -> frozenset[str]:
    weekdays = (w.rstrip("*") for language in LANGUAGES for w in lines(language, "features_weekday"))
    return frozenset((*lines(COMMON, "date_words"), *lines(COMMON, "date_line_words"), *weekdays))


@cache
def _dateline() -> re.Pattern[str]:
    """A place, a date or both at the head of a paragraph, with the dash or full stop that ends them."""
    names, stems = _months()
    longest_first = sorted({*names, *stems}, key=lambda n: (-len(n), n))
    month = rf"(?:{'|'.join(map(re.escape, longest_first))})\w{{0,4}}\.?"
    year = r"(?:,?\s+\d{4}(?:\s*-?(?:года?|г\.?|жыл\w{0,4}|ж\.?))?)"
    date = (
        rf"(?:{_NUMERIC_DATE}|(?:\d{{4}}\s+(?:жыл\w{{0,4}}|ж\.)\s+)?{_NUMBER}(?:\s+of)?\s+{month}{year}?"
        rf"|{month}\s+{_NUMBER}{year}?|{month}{year})"
    )
    # A hyphen is part of a word, so that no two ways of parting words have to be tried.
    word = rf"(?-i:[{_UPPER}])[\w’'ʻ-]*"
    state = rf"(?:,\s+{word}\.?(?:(?:\s|(?<=\.)){word}\.?){{0,2}})?"
    place = rf"(?:{word}(?:\.? |\.-)){{0,3}}{word}{state}(?:\s+(?:қ|қаласы|облысы)\.?)?"
    loud = rf"[{_UPPER}][{_UPPER}’'ʻ.-]"
    capitals = rf"(?-i:{loud}+(?: {loud}*){{0,3}}){state}"
    bracketed = r"\([^()\d]{2,30}\)"
    first = rf"(?=[“\"«„‘(]?(?-i:[{_UPPER}]))"
    dash = rf"(?:\s*{bracketed}|,?\s+/?[^\W\d_]{{3,20}}/?)?\s*{_DASH}+\s*{first}"
    stop = rf"\s*[.:]\s+(?=[“\"«„‘(]?(?-i:[{_UPPER}\d]))"
    return re.compile(
        rf"\W{{0,2}}(?:{place}[,.]?\s+\(?{date}\)?(?:{dash}|{stop})|{capitals}{dash}"
        rf"|{place},?\s*{bracketed}\s*{_DASH}+\s*{first}|\(?{date}\)?\s*{_DASH}+\s*{first})",
        re.IGNORECASE,
    )


def dateline(paragraph: str) -> int:
    """How many characters at the head of a paragraph are its dateline (`ALMATY, May 12 --`); 0 where there is none."""
    found = _dateline().match(paragraph)
    return len(found.group().rstrip()) if found else 0


_PLACE = re.compile(
    rf"(?:(?:г|гор|с|пос)\. ?)?[{_UPPER}][\w’'ʻ.-]*(?: [{_UPPER}][\w’'ʻ.-]*){{0,3}} ?(?:\s?(?:қ\.|қаласы))?"
)


def is_place_and_date(line: str) -> bool:
    """Whether a line holds a place and a day and nothing else (`Astana, 21 September 2015`)."""
    place, comma, rest = line.partition(",")
    return bool(comma) and len(line) <= 80 and bool(_PLACE.fullmatch(place.strip())) and is_date(rest.strip())


#: An hour, a day or a weekday at the head of a line of a programme.
_HOUR = re.compile(
    rf"\W{{0,3}}(?:{_TIME}|\d{{1,2}}(?:[.:]\d\d)?\s*[ap]\.?m\b|\d{{1,2}}\s*(?:ч|час\w*|сағат\w*)[. ]|сағат\s+\d)",
    re.IGNORECASE,
)
_ITEM = re.compile(r"(?:[-–—•·*°●►▪]|\(?\d{1,3}[.)]|№ ?\d+|[IVX]{1,4}\.|[a-zа-я]\))\s+\S|\d{1,2}\s*\|", re.IGNORECASE)
_DAY = re.compile(
    r"\W{0,2}(?:\d{1,2}\s+([^\W\d_]+)|([^\W\d_]+)\.?\s+\d{1,2}(?!\d)|([^\W\d_]+))\.?(?:\s*[:–—|-]|\s{2,}|\t)"
)
_QUOTED = re.compile(r"[“«„\"]\s?[^“«„\"»”]{4,}")


def item(line: str) -> str:
    """What kind of item of a list a line begins: `hour`, `day`, `listed`; empty where it begins none."""
    if _HOUR.match(line):
        return "hour"
    if _ITEM.match(line):
        return "listed"
    found = _DAY.match(line)
    if found:
        word = (found[1] or found[2] or found[3]).lower()
        if _is_month(word) if not found[3] else _is_weekday(word):
            return "day"
    return ""


def _is_weekday(word: str) -> bool:
    return word in _weekdays()[0] or word.startswith(_weekdays()[1])


@cache
def _weekdays() -> tuple[frozenset[str], tuple[str, ...]]:
    known = [w for language in LANGUAGES for w in lines(language, "features_weekday")]
    return frozenset(w for w in known if not w.endswith("*")), tuple(w[:-1] for w in known if w.endswith("*"))


def is_quoted(line: str) -> bool:
    """Whether a title stands in the line, in quotation marks."""
    return bool(_QUOTED.search(line))


_INITIALS = rf"(?:[{_UPPER}]\.[ -]?)"
_NAME = (
    rf"{_INITIALS}{{0,2}}[{_UPPER}][\w’'ʻ-]+(?: {_INITIALS}{{0,2}}[{_UPPER}][\w’'ʻ.-]*){{0,3}}"
    rf"(?:\s?{_INITIALS}{{1,2}})?"
)
#: A name at the end of a line, with or without a post before it.
_SIGNED = re.compile(rf"(?:[^.!?\d]{{3,80}}?(?:\s*[:,–—_-]\s*|\s{{2,}}|\t)_*\s*)?(?P<name>{_NAME})[.,]?")
_INITIALLED = re.compile(
    rf"[^!?;]{{3,80}}\s{_INITIALS}{{1,2}}[{_UPPER}][\w’'ʻ-]+\.?|{_INITIALS}{{1,2}}[{_UPPER}][\w’'ʻ-]+\."
)
#: Initials of writer and typist, as offices put them below a letter (`lrq/mh`).
_TYPED_BY = re.compile(r"[A-Za-z]{2,4}[/:][a-z]{2,3}")


def is_signed(line: str) -> bool:
    """Whether a line could be a name under a text, with or without a post before it."""
    if _TYPED_BY.fullmatch(line):
        return True
    if len(line) > 110 or re.search(r"[?!…”»\"]\Z", line):
        return False
    found = _SIGNED.fullmatch(line)
    if found and len(_WORD.findall(found["name"])) >= 2:
        return True
    return bool(_INITIALLED.fullmatch(line)) and len(line.split()) <= 14


_REACHES = re.compile(
    r"(?<![\d–-])(?:\+ ?\d{1,3}[ (-]{1,2})?(?:\(\d{2,6}(?: \d{2,4})?\)|\d{2,5})[ -]{1,3}\d{2,4}(?:[ -]\d{2,4}){1,3}"
    r"(?![\d.,]\d)|\(\d{2,6}(?: \d{2,4})?\) *\d{2,}|\+\d{7,}"
    r"|(?<![\w.+-])[\w.+-]{1,64} ?(?:@|\(at\)|\[at\]) ?[\w-]{1,64}\.\w|\b(?:tel|phones?|fax|тел|факс)\b\.?:? ?[\d(+]",
    re.IGNORECASE,
)


def reaches(line: str) -> bool:
    """Whether a number to ring or an address of mail stands in the line."""
    return bool(_REACHES.search(line))
