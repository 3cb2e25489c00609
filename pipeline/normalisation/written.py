"""Written forms made plain: line breaks, scanning slips, possessives, capitals, quotation marks."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from pipeline import knowledge

_BROKEN = re.compile(r"(?<=[^\W\d_])[-\u00ad\u2010]\s*\n\s*(?=[^\W\d_])")
_SPACE = re.compile(r"[\s\u00a0\u2000-\u200b\u202f\ufeff]+")
_NICKNAME = re.compile(r"\s*(?:[\"“”„«][^\"“”„«»]{2,20}[\"“”»]|\(([^()]{2,20})\))\s*")
_POSSESSIVE = re.compile(r"(?<=\w)['’]s\Z|(?<=s)['’]\Z")
_LETTERS, _TWO_LETTERS = re.compile(r"[^\W\d_]+"), re.compile(r"[^\W\d_]{2}")
_DIGIT, _ORDINAL = re.compile(r"\d"), re.compile(r"\d(?:nd|rd|th|st)\Z")
_QUOTES = "\"“”„«»'‘’‚`"
_EDGE = _QUOTES + " \t\n,;:"


def plain_spaces(text: str) -> str:
    """The text on one line: words broken by a hyphen at a line's end joined, runs of white space one space."""
    if "\n" not in text:
        return " ".join(text.split()) if text.isascii() else _SPACE.sub(" ", text).strip()
    return _SPACE.sub(" ", _BROKEN.sub("", text)).strip()


@lru_cache(maxsize=16384)
def tidy_name(text: str) -> tuple[str, str]:
    """A person's name as one tidy line and the nickname it held in quotation marks or brackets.

    `ROBERT\\nL. ABERNATHY III` → `Robert L. Abernathy III`; capitals are only lowered when the whole name is in them,
    because `CHEN Wei-ling` marks the family name so.
    """
    line = plain_spaces(text)
    found = _NICKNAME.search(line)
    nickname = ""
    if found:
        nickname = found[0].strip().strip(_QUOTES + "()")
        line = (line[: found.start()] + " " + line[found.end() :]).strip()
    line = _POSSESSIVE.sub("", line.strip(_EDGE)).replace("’", "'").replace("ʼ", "'")
    line = " ".join(_unscanned(word) for word in line.split(" "))
    line = _prefix().sub("", _honorific().sub("", line))
    if line.istitle():
        return line, nickname
    long_words = [w for w in _LETTERS.findall(line) if len(w) > 1 and w.lower() not in _generations()]
    if long_words and all(w.isupper() for w in long_words):
        line = restored(line)
    return line, nickname


@lru_cache(maxsize=32768)
def restored(words: str) -> str:
    """Words in capitals as names are written, the others as they stand."""
    return " ".join(_capitalised(w) if len(w.strip(".")) > 1 and w.isupper() else w for w in words.split(" "))


def _unscanned(word: str) -> str:
    """Digits and letters that a scanner took for their likes inside a word put right (`Amanzho1ov`, `lsabekov`)."""
    if not word.isalpha() and _DIGIT.search(word) and _TWO_LETTERS.search(word) and not _ORDINAL.search(word):
        word = word.replace("1", "l").replace("0", "o" if not word.isupper() else "O")
    return re.sub(r"\Al(?=[b-df-hj-km-np-tv-xz][a-z]{2})", "I", word) if word[:1] == "l" else word


def _capitalised(word: str) -> str:
    """A word in capitals as a name is written: `O'BRIEN` → `O'Brien`, `DE` → `de`; `III` stays."""
    bare = word.strip(".,").lower()
    if bare in _generations():
        return word if bare[0] == "i" else word.capitalize()
    if bare in _small_particles() and len(word) > 1:
        return word.lower()
    return _LETTERS.sub(lambda part: part[0][:1].upper() + part[0][1:].lower(), word)


@cache
def _prefix() -> re.Pattern[str]:
    words = "|".join(map(re.escape, knowledge.lines(knowledge.COMMON, "name_prefixes")))
    return re.compile(rf"\A(?:(?:{words})(?:\.\s*|\s+))+(?=\S)", re.IGNORECASE)


@cache
def _honorific() -> re.Pattern[str]:
    words = "|".join(map(re.escape, knowledge.lines(knowledge.COMMON, "name_honorifics")))
    return re.compile(rf"(?<=\w)[\s-](?:{words})\Z", re.IGNORECASE)


@cache
def _small_particles() -> frozenset[str]:
    return frozenset(w for w in knowledge.lines(knowledge.COMMON, "name_particles") if w not in _NAME_LIKE)


#: Particles that in capitals are as likely a part of the name written with a capital letter.
_NAME_LIKE = frozenset(
    [
        "al",
        "el",
        "ad",
        "mac",
        "ni",
        "nic",
        "san",
        "santa",
        "ben",
        "abu",
        "st.",
        "le",
        "la",
        "y",
        "v.",
        "af",
        "av",
        "эль",
        "аль",
        "бен",
        "да",
    ]
)


@cache
def _generations() -> frozenset[str]:
    return frozenset(knowledge.lines(knowledge.COMMON, "name_suffixes"))


def tidy_title(text: str) -> str:
    """A title on one line, without quotation marks at its edges and with the double ones inside made straight."""
    line = plain_spaces(text).strip(" ,;:")
    line = re.sub(r"\A[\"“”„«»‘`]+|[\"“”„«»`]+\Z", "", line).strip()
    return re.sub(r"[“”„«»]", '"', line)
