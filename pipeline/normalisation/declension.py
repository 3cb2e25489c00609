"""Names in other cases than the nominative: what a Russian or Kazakh form may stand for.

A form often stands for more than one name (`Исабекова` is a woman in the nominative or a man in the genitive), so
every function returns candidates and the parts of a name vote: their cases and genders must agree.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from pipeline import knowledge

#: Cases as letters: nominative, genitive, dative, accusative, instrumental, prepositional.
EVERY_CASE = frozenset("ngdaip")


@dataclass(frozen=True, slots=True)
class Form:
    """What a word may stand for: its nominative, the cases and gender in which it looks as it does."""

    nominative: str
    cases: frozenset[str]
    gender: str = ""
    known: bool = False


def _form(nominative: str, cases: str, gender: str, known: bool = False) -> Form:
    return Form(nominative, frozenset(cases), gender, known)


#: Endings of Russian family names: ending of the form, what replaces it, cases, gender.
_FAMILY = (
    (r"(?<=[оеё]в)|(?<=[иы]н)", "", "n", "m"),
    (r"(?<=[оеё]в)а|(?<=[иы]н)а", "а", "n", "f"),
    (r"(?<=[оеё]в)а|(?<=[иы]н)а", "", "ga", "m"),
    (r"(?<=[оеё]в)у|(?<=[иы]н)у", "а", "a", "f"),
    (r"(?<=[оеё]в)у|(?<=[иы]н)у", "", "d", "m"),
    (r"(?<=[оеё]в)ой|(?<=[иы]н)ой", "а", "gdip", "f"),
    (r"(?<=[оеё]в)ым|(?<=[иы]н)ым", "", "i", "m"),
    (r"(?<=[оеё]в)е|(?<=[иы]н)е", "", "p", "m"),
    (r"(?<=[сц]к)ий", "ий", "n", "m"),
    (r"(?<=[сц]к)ого", "ий", "ga", "m"),
    (r"(?<=[сц]к)ому", "ий", "d", "m"),
    (r"(?<=[сц]к)им", "ий", "i", "m"),
    (r"(?<=[сц]к)ом", "ий", "p", "m"),
    (r"ая", "ая", "n", "f"),
    (r"ую", "ая", "a", "f"),
    (r"(?<=[^овн]н)ой|(?<=[сцьн]к)ой", "ая", "gdip", "f"),
)
_FAMILY_PATTERNS = tuple(
    (re.compile(f"(?:{ending})\\Z"), instead, cases, gender) for ending, instead, cases, gender in _FAMILY
)
_PATRONYMIC = (
    (r"(?<=вич)|(?<=ьич)|(?<=мич)", "", "n", "m"),
    (r"(?<=ич)а", "", "ga", "m"),
    (r"(?<=ич)у", "", "d", "m"),
    (r"(?<=ич)ем", "", "i", "m"),
    (r"(?<=ич)е", "", "p", "m"),
    (r"(?<=вн)а|(?<=ичн)а", "а", "n", "f"),
    (r"(?<=вн)ы|(?<=ичн)ы", "а", "g", "f"),
    (r"(?<=вн)е|(?<=ичн)е", "а", "dp", "f"),
    (r"(?<=вн)у|(?<=ичн)у", "а", "a", "f"),
    (r"(?<=вн)ой|(?<=ичн)ой", "а", "i", "f"),
)
_PATRONYMIC_PATTERNS = tuple(
    (re.compile(f"(?:{ending})\\Z"), instead, cases, gender) for ending, instead, cases, gender in _PATRONYMIC
)


@lru_cache(maxsize=32768)
def russian_family(word: str) -> tuple[Form, ...]:
    """What a Russian family name in any case may be in the nominative, likelier readings first."""
    lower = word.lower()
    forms = []
    for pattern, instead, cases, gender in _FAMILY_PATTERNS:
        found = pattern.search(lower)
        if found and found.start() >= 3:
            forms.append(_form(word[: found.start()] + instead, cases, gender))
    if forms:
        return tuple(forms)
    last = lower[-1:]
    if last in "бвгджзклмнпрстфхцчшщйь" and last:
        # A man's name in the nominative, or a woman's, which is not declined: no evidence of either.
        forms.append(Form(word, EVERY_CASE))
        if len(lower) > 5 and lower[-2:] in ("ом", "ем"):
            vowel = lower[-3] in "аеиоуюяыэ"
            forms.append(_form(word[:-2] + ("й" if vowel else ""), "i", "m"))
    elif len(lower) > 3 and last in "аяуюе":
        stem = word[:-1]
        soft = lower[-2] in "аеиоуюяыэ" or last in "яю"
        forms.append(_form(word, "n", ""))
        if last in "ая":
            forms.append(_form(stem + ("й" if soft else ""), "ga", "m"))
        elif last in "ую":
            forms.append(_form(stem + ("й" if soft else ""), "d", "m"))
            forms.append(_form(stem + ("я" if soft else "а"), "a", ""))
        else:
            forms.append(_form(stem + ("й" if soft else ""), "p", "m"))
            forms.append(_form(stem + "а", "dp", ""))
    else:
        forms.append(Form(word, EVERY_CASE))
    return tuple(forms)


@lru_cache(maxsize=32768)
def russian_given(word: str) -> tuple[Form, ...]:
    """What a Russian given name in any case may be in the nominative; known names, when any fits, alone."""
    folded = word.lower().replace("ё", "е")
    known = _given_forms().get(folded)
    if known:
        return tuple(Form(_like(word, f.nominative), f.cases, f.gender, True) for f in known)
    forms = [_form(word, "n", "")]
    lower = word.lower()
    if len(lower) > 3:
        if lower[-1] == "а":
            forms.append(_form(word[:-1], "ga", "m"))
        elif lower[-1] == "я":
            forms.append(_form(word[:-1] + "й", "ga", "m"))
        elif lower[-1] == "у":
            forms += [_form(word[:-1], "d", "m"), _form(word[:-1] + "а", "a", "f")]
        elif lower[-1] == "ю":
            forms += [_form(word[:-1] + "я", "a", "f"), _form(word[:-1] + "й", "d", "m")]
        elif lower[-1] == "и":
            forms += [_form(word[:-1] + "я", "gdp", "f"), _form(word[:-1] + "ь", "gdp", "f")]
        elif lower[-1] == "ы":
            forms.append(_form(word[:-1] + "а", "g", "f"))
        elif lower[-1] == "е":
            forms += [_form(word[:-1] + "а", "dp", "f"), _form(word[:-1], "p", "m")]
        elif lower[-2:] in ("ом", "ем"):
            forms.append(_form(word[:-2], "i", "m"))
        elif lower[-2:] == "ой":
            forms.append(_form(word[:-2] + "а", "i", "f"))
    return tuple(forms)


@lru_cache(maxsize=32768)
def russian_patronymic(word: str) -> tuple[Form, ...]:
    """What a Russian patronymic in any case is in the nominative; none when the word is no such patronymic."""
    lower = word.lower()
    for pattern, instead, cases, gender in _PATRONYMIC_PATTERNS:
        found = pattern.search(lower)
        if found and found.start() >= 4:
            return (_form(word[: found.start()] + instead, cases, gender),)
    return ()


@cache
def _given_forms() -> dict[str, tuple[Form, ...]]:
    """Every case form of the given names that are known, folded (lower case, ё as е)."""
    stems = {e[0]: e[1] for e in knowledge.table("ru", "given_forms")}
    found: dict[str, list[Form]] = {}
    for name, gender in knowledge.table("ru", "given_names"):
        for form, cases in _decline(name, gender, stems.get(name, "")):
            forms = found.setdefault(form.lower().replace("ё", "е"), [])
            if name not in (f.nominative for f in forms):
                forms.append(_form(name, cases, gender, True))
    return {form: tuple(sorted(f, key=lambda x: "n" not in x.cases)) for form, f in found.items()}


def _decline(name: str, gender: str, stem: str) -> list[tuple[str, str]]:
    """The case forms of a given name: (form, cases)."""
    if name.endswith("ия"):
        b = name[:-1]
        return [(name, "n"), (b + "и", "gdp"), (b + "ю", "a"), (b + "ей", "i")]
    if name.endswith("я"):
        b = stem or name[:-1]
        return [(name, "n"), (b + "и", "g"), (b + "е", "dp"), (b + "ю", "a"), (b + "ей", "i")]
    if name.endswith("а"):
        b = name[:-1]
        g = b + ("и" if b[-1] in "гкхжшчщ" else "ы")
        return [(name, "n"), (g, "g"), (b + "е", "dp"), (b + "у", "a"), (b + "ой", "i")]
    if gender == "f":
        if name.endswith("ь"):
            b = name[:-1]
            return [(name, "na"), (b + "и", "gdp"), (name + "ю", "i")]
        return [(name, "ngdaip")]
    if name.endswith("ий"):
        b = name[:-1]
        return [(name, "n"), (b + "я", "ga"), (b + "ю", "d"), (b + "ем", "i"), (b + "и", "p")]
    if name[-1] in "йь":
        b = name[:-1]
        return [(name, "n"), (b + "я", "ga"), (b + "ю", "d"), (b + "ем", "i"), (b + "е", "p")]
    b = stem or name
    return [(name, "n"), (b + "а", "ga"), (b + "у", "d"), (b + "ом", "i"), (b + "е", "p")]


def _like(word: str, name: str) -> str:
    return name.upper() if word.isupper() and len(word) > 1 else name


@lru_cache(maxsize=32768)
def kazakh_stems(word: str) -> tuple[str, ...]:
    """The word without each Kazakh case ending that it may carry, longest ending first; none where it carries none."""
    lower = word.lower().replace("i̇", "i")
    if len(lower) != len(word):
        return ()
    stems = []
    for pattern in _kazakh_endings():
        found = pattern.search(lower)
        if found and found.start("ending") >= (4 if len(found["ending"]) < 3 else 3):
            stem = word[: found.start("ending")]
            if stem not in stems:
                stems.append(stem)
    return tuple(stems)


@cache
def _kazakh_endings() -> tuple[re.Pattern[str], ...]:
    entries = knowledge.table("kk", "case_endings")
    return tuple(re.compile(f"(?<={before})(?P<ending>{ending})\\Z") for before, ending in entries)
