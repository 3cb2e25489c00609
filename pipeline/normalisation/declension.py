"""Names in other cases than the nominative: what a Russian or Kazakh form may stand for.

A form often stands for more than one name (`Исабекова` is a woman in the nominative or a man in the genitive), so
every function returns candidates and the parts of a name vote: their cases and genders must agree.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from pipeline import knowledge
from pipeline.normalisation import dictionary
from pipeline.normalisation.name_words import given_gender

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


@cache
def _endings(name: str) -> tuple[tuple[re.Pattern[str], str, str, str], ...]:
    """The endings of a knowledge file: pattern, what replaces it, cases, gender."""
    entries = knowledge.table("ru", name)
    return tuple((re.compile(f"(?:{e[0]})\\Z"), "" if e[1] == "-" else e[1], e[2], e[3]) for e in entries)


@lru_cache(maxsize=8192)
def russian_family(word: str) -> tuple[Form, ...]:
    """What a Russian family name in any case may be in the nominative, likelier readings first."""
    lower = word.lower()
    forms = []
    for pattern, instead, cases, gender in _endings("family_cases"):
        found = pattern.search(lower)
        if found and found.start() >= 3:
            forms.append(_form(word[: found.start()] + instead, cases, gender))
    if forms:
        return tuple(forms)
    known = dictionary.family_forms(lower)
    if known:
        return tuple(_form(_as_written(word, nominative), cases, gender) for nominative, cases, gender in known)
    last = lower[-1:]
    if last in "бвгджзклмнпрстфхцчшщйь" and last:
        # A man's name in the nominative, or a woman's, which is not declined: no evidence of either.
        forms.append(Form(word, EVERY_CASE))
        if len(lower) > 5 and lower[-2:] in ("ом", "ем"):
            vowel = lower[-3] in "аеиоуюяыэ"
            forms.append(_form(word[:-2] + ("й" if vowel else ""), "i", "m"))
            if lower[-2:] == "ем" and not vowel:
                forms.append(_form(word[:-2] + "ь", "i", "m"))
    elif len(lower) > 3 and last in "аяуюе":
        stem = word[:-1]
        soft = lower[-2] in "аеиоуюяыэ" or last in "яю"
        short = stem + (("й" if lower[-2] in "аеиоуюяыэ" else "ь") if soft else "")
        forms.append(_form(word, "n", ""))
        if last in "ая":
            forms.append(_form(short, "ga", "m"))
        elif last in "ую":
            forms.append(_form(short, "d", "m"))
            forms.append(_form(stem + ("я" if soft else "а"), "a", ""))
        else:
            forms.append(_form(short, "p", "m"))
            forms.append(_form(stem + "а", "dp", ""))
    else:
        forms.append(Form(word, EVERY_CASE))
    return tuple(forms)


@lru_cache(maxsize=8192)
def russian_given(word: str) -> tuple[Form, ...]:
    """What a Russian given name in any case may be in the nominative; known names, when any fits, alone."""
    folded = word.lower().replace("ё", "е")
    known = _given_forms().get(folded)
    if known:
        return tuple(Form(_like(word, f.nominative), f.cases, f.gender, True) for f in known)
    listed = dictionary.given_forms(word.lower())
    if listed:
        return tuple(_form(_as_written(word, nominative), cases, gender, True) for nominative, cases, gender in listed)
    return _guessed_given(word)


def _guessed_given(word: str) -> tuple[Form, ...]:
    """The same for a given name that no list holds as it stands; its nominative may be known in another language."""
    lower = word.lower()
    forms = [_form(word, "n", "")]
    vowel = len(lower) > 1 and lower[-2] in "аеиоуюяыэ"
    for ending, instead, cases, gender in _endings("given_cases") if len(lower) > 3 else ():
        found = ending.search(lower)
        if found:
            instead = ("й" if vowel else "ь") if instead == "й/ь" else instead
            forms.append(_form(word[: found.start()] + instead, cases, gender))
    known = [Form(f.nominative, f.cases, sex, True) for f in forms if (sex := given_gender(f.nominative))]
    return tuple(known or forms)


@lru_cache(maxsize=8192)
def russian_patronymic(word: str) -> tuple[Form, ...]:
    """What a Russian patronymic in any case is in the nominative; none when the word is no such patronymic."""
    lower = word.lower()
    for pattern, instead, cases, gender in _endings("patronymic_cases"):
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


def _as_written(word: str, nominative: str) -> str:
    """A dictionary's lower-case nominative with the letters of the text where they agree (`ё`, capitals)."""
    shared = 0
    for a, b in zip(word.lower().replace("ё", "е"), nominative.replace("ё", "е"), strict=False):
        if a != b:
            break
        shared += 1
    rest = nominative[shared:]
    return word[:shared] + (rest.upper() if word.isupper() and len(word) > 1 else rest)


@lru_cache(maxsize=8192)
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
