"""Russian names that a dictionary holds, with their cases: a thin layer over pymorphy3 and its OpenCorpora dictionary.

Only words that the dictionary really has count; its guesses at unknown words do worse on names than our own endings.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

#: Our letters for the dictionary's cases.
_CASES = {"nomn": "n", "gent": "g", "datv": "d", "accs": "a", "ablt": "i", "loct": "p", "gen2": "g", "loc2": "p"}


@cache
def _analyzer() -> Any:
    """The analyzer, loaded at the first Russian name (a tenth of a second, 15 MB)."""
    import pymorphy3

    return pymorphy3.MorphAnalyzer(lang="ru")


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
    for parse in _analyzer().parse(word):
        tag = parse.tag
        if not parse.is_known or sort not in tag or tag.number == "plur" or "Abbr" in tag:
            continue
        gender = {"masc": "m", "femn": "f"}.get(str(tag.gender), "")
        nominative = parse.inflect({"sing", "nomn"}) if gender else None
        key = (nominative.word if nominative else word if "Fixd" in tag else parse.normal_form, gender)
        found.setdefault(key, set()).add(_CASES.get(str(tag.case), ""))
    return tuple((name, "".join(sorted(cases)), gender) for (name, gender), cases in sorted(found.items()))
