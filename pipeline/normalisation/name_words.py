"""What is known of name words: given names and their variants, patronymics, endings of family names, particles."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from pipeline import knowledge
from pipeline.normalisation.transliteration import key

_VOWELS = "aeiou"


def is_patronymic(word: str) -> bool:
    """Whether the word has the form of a patronymic in one of the languages of the area."""
    return len(word) >= 5 and patronymic_stem(word) != ""


@lru_cache(maxsize=32768)
def patronymic_stem(word: str) -> str:
    """What two patronymics of one father share (`Kairbekovna`, `Кайырбекқызы` → `kairbek`); empty for another word."""
    lower = word.lower()
    if lower.startswith(("bin ", "binti ", "bint ", "ibn ")):
        return key(lower.split(" ", 1)[1])
    if not _any_patronymic_ending().search(lower):
        return ""
    for pattern, _gender in _patronymic_endings():
        found = pattern.search(lower)
        if found and found.start() >= 2:
            return key(word[: found.start()]).rstrip(_VOWELS) or ""
    return ""


@lru_cache(maxsize=32768)
def patronymic_gender(word: str) -> str:
    """`m` or `f` by the ending of a patronymic; empty for another word."""
    lower = word.lower()
    return next((gender for pattern, gender in _patronymic_endings() if pattern.search(lower)), "")


@lru_cache(maxsize=32768)
def given_gender(word: str) -> str:
    """`m` or `f` for a known given name in any script, else empty."""
    return _given().get(key(word), "")


def is_given(word: str) -> bool:
    """Whether the word is a given name that we know, a variant or a short form of one."""
    return bool(given_gender(word) or given_groups(word))


@lru_cache(maxsize=32768)
def given_groups(word: str) -> frozenset[int]:
    """The numbers of the groups of equal given names (variants, short forms) that the word belongs to."""
    return _variants().get(key(word), frozenset())


@cache
def _given() -> dict[str, str]:
    found: dict[str, str] = {}
    for language in ("en", "ru", "kk"):
        for name, gender in knowledge.table(language, "given_names"):
            found.setdefault(key(name), gender)
    return found


@cache
def _variants() -> dict[str, frozenset[int]]:
    found: dict[str, set[int]] = {}
    groups = (*knowledge.table(knowledge.COMMON, "given_variants"), *knowledge.table("en", "nicknames"))
    for number, group in enumerate(groups):
        for name in group:
            found.setdefault(key(name), set()).add(number)
    return {name: frozenset(numbers) for name, numbers in found.items()}


@cache
def father_stems() -> frozenset[str]:
    """Keys of men's given names without closing vowels, as patronymics hold them."""
    return frozenset(name.rstrip(_VOWELS) for name, gender in _given().items() if gender == "m")


@cache
def kazakh_whole() -> re.Pattern[str]:
    """Endings by which a Kazakh name is known to be whole."""
    return re.compile("(?:" + "|".join(knowledge.lines("kk", "name_endings")) + r")\Z")


@cache
def particles() -> frozenset[str]:
    """Small words that belong to the family name after them."""
    return frozenset(knowledge.lines(knowledge.COMMON, "name_particles"))


@cache
def capital_particles() -> frozenset[str]:
    """Particles that also open a family name with a capital letter (`Van Buskirk`, `El Sayed`)."""
    entries = knowledge.table(knowledge.COMMON, "name_particles")
    return frozenset(e[0] for e in entries if len(e) > 1 and "capital" in e[1].split())


@cache
def suffixes() -> dict[str, str]:
    """What tells generations apart (`jr`), with how we write it."""
    return {entry[0]: entry[1] for entry in knowledge.table(knowledge.COMMON, "name_suffixes")}


@cache
def families_that_come_first() -> frozenset[str]:
    """Keys of family names of peoples who write the family name first."""
    return frozenset(key(name) for name in knowledge.lines(knowledge.COMMON, "family_first"))


@lru_cache(maxsize=32768)
def is_common_family(plain: str) -> bool:
    """Whether a family name, by its key, is one of the commonest, whose bearers need not have to do with each other."""
    return plain in _common_families()


@cache
def _common_families() -> frozenset[str]:
    found = set()
    for name in knowledge.lines(knowledge.COMMON, "common_families"):
        found.add(key(name))
        if name.endswith(("ов", "ев", "ёв", "ин")):  # the women of the family
            found.add(key(name + "а"))
        elif name.endswith("ий"):
            found.add(key(name[:-2] + "ая"))
    return frozenset(found)


@cache
def families_like_patronymics() -> frozenset[str]:
    """Keys of family names that have the form of a patronymic (`Байтұрсынұлы`, `Abramovich`)."""
    return frozenset(key(name) for name in knowledge.lines(knowledge.COMMON, "patronymic_families"))


@cache
def _patronymic_endings() -> tuple[tuple[re.Pattern[str], str], ...]:
    entries = knowledge.table(knowledge.COMMON, "patronymic_endings")
    return tuple((re.compile(pattern), gender) for pattern, gender in entries)


@cache
def _any_patronymic_ending() -> re.Pattern[str]:
    return re.compile("|".join(pattern.pattern for pattern, _ in _patronymic_endings()))


@cache
def patronymic_word() -> re.Pattern[str]:
    """A word that makes the one before it a patronymic: `uly`, `kyzy`, `оглы`."""
    return re.compile("(?:" + "|".join(knowledge.lines(knowledge.COMMON, "patronymic_words")) + r")\Z")


@lru_cache(maxsize=32768)
def has_surname_ending(word: str) -> bool:
    """Whether the word ends as family names of the area do."""
    plain = key(word)
    return any(pattern.search(plain) for pattern, _ in _surname_endings())


@lru_cache(maxsize=32768)
def surname_gender(word: str) -> str:
    """`m` or `f` where the ending of a family name tells it, else empty."""
    plain = key(word)
    return next((gender for pattern, gender in _surname_endings() if gender and pattern.search(plain)), "")


@cache
def _surname_endings() -> tuple[tuple[re.Pattern[str], str], ...]:
    entries = knowledge.table(knowledge.COMMON, "surname_endings")
    return tuple((re.compile(e[0]), e[1] if len(e) > 1 else "") for e in entries)
