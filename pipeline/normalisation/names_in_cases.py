"""Names as Russian and Kazakh sentences decline them, brought back to the nominative."""

from __future__ import annotations

import re
from functools import cache
from itertools import product

from msgspec.structs import replace

from pipeline import knowledge
from pipeline.normalisation import declension
from pipeline.normalisation.name_words import given_gender, has_surname_ending, is_patronymic, kazakh_whole
from pipeline.normalisation.person_name import Name, gender_of
from pipeline.normalisation.transliteration import is_cyrillic


def in_nominative(name: Name, language: str) -> list[Name]:
    """The name's readings with its case endings taken off, likeliest first."""
    if language == "ru" and is_cyrillic(name.family + name.given + name.patronymic):
        return _russian(name)
    if language == "kk":
        return _kazakh(name)
    return [name]


#: Endings that a family name in the nominative hardly has, and given and family name both in -а like a man's genitive.
_OBLIQUE = re.compile(r"(?:[бвгджзклмнпрстфхцчшщ][уе]|[^кй]ю|[бвгдзклмнпрстфхцч][ое]м|ым)\Z")
_BOTH_IN_A = re.compile(r"[бвгджзклмнпрстфхцчшщ]а [\w-]*[бвгджзлмнпрстфхцчшщ]а\Z")


def _russian(name: Name) -> list[Name]:
    """Readings in which the cases and genders of all parts agree; the name as it stands where none do."""
    hold = (declension.Form("", declension.EVERY_CASE),)
    last_given = name.given.split()[-1] if name.given else ""
    families = _hyphenated(name.family) if name.family else hold
    givens = declension.russian_given(last_given) if last_given else hold
    if last_given and last_given[-1].lower() in "бвгджзклмнпрстфхцчшщь":
        # A woman's given name that ends in a consonant may stay as it is: `Жанат Ержановной`, `Айгуль Маратовне`.
        givens = (*givens, declension.Form(last_given, declension.EVERY_CASE, "f"))
    patronymics = (declension.russian_patronymic(name.patronymic) or hold) if name.patronymic else hold
    out: list[tuple[int, Name]] = []
    for f, g, p in product(families, givens, patronymics):
        cases = f.cases & g.cases & p.cases
        # The patronymic tells the gender for sure, the given name does not: `Жанат Ержановна`.
        genders = {x.gender for x in ((f, p) if p.gender else (f, g)) if x.gender}
        if not cases or len(genders) > 1:
            continue
        gender = next(iter(genders), name.gender)
        given = " ".join([*name.given.split()[:-1], g.nominative]) if last_given else ""
        read = replace(
            name, family=f.nominative, given=given, patronymic=p.nominative or name.patronymic, gender=gender
        )
        unlikely = "n" in cases and bool(_OBLIQUE.search((name.family or name.given).lower()))
        both = (
            "n" in cases
            and not g.known
            and not f.gender
            and bool(_BOTH_IN_A.search(f"{name.given} {name.family}".lower()))
        )
        undeclined = "n" not in cases and f.cases == declension.EVERY_CASE
        out.append((-2 * g.known - ("n" in cases) + 2 * (unlikely or both) + undeclined, read))
    out.sort(key=lambda pair: pair[0])
    if not out:  # `Алсу Зариповой`: the given name is not declined, the family name alone tells
        out = [
            (0, replace(name, family=f.nominative, gender=f.gender or name.gender))
            for f in families
            if f is not hold[0] and "n" not in f.cases
        ]
    return [read for _, read in out[:4]] or [name]


def _hyphenated(family: str) -> tuple[declension.Form, ...]:
    """The forms of a family name; of a compound one (hyphen or particles) the last part is declined."""
    head, mark, tail = family.rpartition("-") if "-" in family else family.rpartition(" ")
    heads = declension.russian_family(head) if mark == "-" and len(head) > 4 else ()
    if any("n" in h.cases for h in heads):
        heads = ()
    out = []
    for form in declension.russian_family(tail):
        # Both parts of `Римского-Корсакова` are declined; of `Миклухо-Маклая` and `ван Бетховена` the last alone.
        first = next((h.nominative for h in heads if h.gender and h.cases & form.cases), head)
        out.append(declension.Form(first + mark + form.nominative, form.cases, form.gender))
    return tuple(out)


@cache
def _unsure_endings() -> dict[str, str]:
    """Kazakh endings of which length does not tell whether they are one: `name` or `case`, which is likelier."""
    return {e[0]: e[1] for e in knowledge.table("kk", "unsure_endings")}


def _kazakh(name: Name) -> list[Name]:
    """The name with and without the Kazakh case ending of its last written word."""
    field = "family" if name.family else "patronymic" if name.patronymic else "given"
    out = [name]
    fields = [field] if field != "family" or not name.given or name.certain else ["family", "given"]
    for each in fields:
        word = getattr(name, each)
        for stem in declension.kazakh_stems(word):
            bare = _with_part(name, each, stem)
            if each == "family":
                bare = replace(bare, gender=gender_of(stem, [name.given] if name.given else []) or name.gender)
            ending = word[len(stem) :].lower()
            long = (
                not given_gender(word) and _unsure_endings().get(ending, "case" if len(ending) >= 3 else "") == "case"
            )
            sure = is_patronymic(stem) or (
                not _known_word(word) and (_known_word(stem) or bool(kazakh_whole().search(stem.lower())))
            )
            if long or sure:
                out.insert(0 if each == field else len(out), bare)
            else:
                out.append(bare)
    return out


def _known_word(word: str) -> bool:
    """Whether the word is a known given name or has the ending of a family name."""
    return bool(given_gender(word)) or has_surname_ending(word)


def _with_part(name: Name, part: str, text: str) -> Name:
    """The name with another text for its family, given name or patronymic."""
    if part == "family":
        return replace(name, family=text)
    return replace(name, given=text) if part == "given" else replace(name, patronymic=text)
