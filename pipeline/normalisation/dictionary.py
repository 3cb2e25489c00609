"""Russian words that a dictionary holds, with their cases: a thin layer over pymorphy3 and its OpenCorpora dictionary.

Only words that the dictionary really has count; its guesses at unknown words do worse on names than our own endings.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

#: Our letters for the dictionary's cases.
_CASES = {"nomn": "n", "gent": "g", "datv": "d", "accs": "a", "ablt": "i", "loct": "p", "gen2": "g", "loc2": "p"}


@cache
def _analyzer() -> Any:
    """The analyzer, loaded at the first Russian name (a tenth of a second, 15 MB)."""
    import pymorphy3

    return pymorphy3.MorphAnalyzer(lang="ru")


@lru_cache(maxsize=4096)
def _parsed(word: str) -> tuple[Any, ...]:
    """What a lower-case word may be, the likeliest first."""
    return tuple(_analyzer().parse(word))


@lru_cache(maxsize=32768)
def given_forms(word: str) -> tuple[tuple[str, str, str], ...]:
    """(nominative, cases, gender) of each given name that the lower-case word is a form of; empty for unknown ones."""
    return _forms(word, "Name")


@lru_cache(maxsize=32768)
def family_forms(word: str) -> tuple[tuple[str, str, str], ...]:
    """The same for family names."""
    return _forms(word, "Surn")


def _forms(word: str, sort: str) -> tuple[tuple[str, str, str], ...]:
    found: dict[tuple[str, str], set[str]] = {}
    # Most names are in no dictionary: that is told at once, while guesses at them take long to make.
    for parse in _parsed(word) if _analyzer().word_is_known(word) else ():
        tag = parse.tag
        if not parse.is_known or sort not in tag or tag.number == "plur" or "Abbr" in tag:
            continue
        gender = {"masc": "m", "femn": "f"}.get(str(tag.gender), "")
        nominative = parse.inflect({"sing", "nomn"}) if gender else None
        key = (nominative.word if nominative else word if "Fixd" in tag else parse.normal_form, gender)
        found.setdefault(key, set()).add(_CASES.get(str(tag.case), ""))
    return tuple((name, "".join(sorted(cases)), gender) for (name, gender), cases in sorted(found.items()))


def nominative(adjectives: Sequence[str], noun: str) -> list[str] | None:
    """Lower-case adjectives and the noun after them in the nominative, of the number that they are in.

    One of something is likelier than many: `библиотеки` alone is `библиотека`. None where the words do not agree, or
    the dictionary does not have the noun.
    """
    found = [p for p in _parsed(noun) if "NOUN" in p.tag and "Fixd" not in p.tag]
    # Of `музея-заповедника` it knows the parts and declines the whole.
    nouns = [p for p in found if p.is_known or "-" in noun]
    for parse in sorted(nouns, key=lambda p: (p.tag.number != "sing", p.tag.case != "nomn")):
        gender = parse.tag.gender if parse.tag.number == "sing" else None
        agreeing = [_agreeing(word, parse.tag.case, parse.tag.number, gender) for word in adjectives]
        if forms := _in_nominative([*agreeing, parse], parse.tag.number):
            return forms
    return None


def nominative_alone(adjectives: Sequence[str]) -> list[str] | None:
    """Lower-case adjectives before a word that is not declined in the nominative; None where they do not agree.

    Neuter and masculine look alike in other cases; the masculine is taken, as most such words are.
    """
    for gender in ("femn", "masc", "neut"):
        for case in ("nomn", "gent", "datv", "ablt", "loct", "accs"):
            agreeing = [_agreeing(word, case, "sing", gender) for word in adjectives]
            if forms := _in_nominative(agreeing, "sing"):
                return forms
    return None


def _in_nominative(readings: Sequence[Any], number: str) -> list[str] | None:
    """The nominative of each of some readings; None where there is no reading, or one without it."""
    forms = [reading and reading.inflect({number, "nomn"}) for reading in readings]
    return [form.word for form in forms] if all(forms) else None


def is_adjective(word: str) -> bool:
    """Whether a lower-case word may be an adjective that is declined, as far as its ending tells."""
    return any(_is_adjective(p.tag) for p in _parsed(word))


def _is_adjective(tag: Any) -> bool:
    return ("ADJF" in tag or "PRTF" in tag) and "Fixd" not in tag


def _agreeing(word: str, case: str, number: str, gender: str | None) -> Any:
    """The reading of an adjective in this case, number and, of one thing, gender; None without any."""
    return next(
        (
            p
            for p in _parsed(word)
            if _is_adjective(p.tag)
            and (p.tag.case, p.tag.number) == (case, number)
            and (gender is None or p.tag.gender == gender)
        ),
        None,
    )
