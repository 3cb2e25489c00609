"""New names of the same kind: a person's, an institution's or a place's words exchanged, their endings kept.

What is exchanged is the stem, so that `Туякбаева Кенеса` becomes another man in the genitive and `Pavlodar region`
another region. People, places and institutions are numbered without end; the stem of a number is always the same. Low
numbers bear stems that the corpus has, higher ones are coined of the halves of two, so that new words never cease.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random

from pipeline import knowledge
from pipeline.normalisation.name_words import given_gender, is_patronymic, patronymic_gender

VOWELS = frozenset("aeiouyäöüıаеёиоуыэюяәіөұүё")
WORD = re.compile(r"[^\W\d_]+(?:['’ʼ][^\W\d_]+)*")
_INITIAL = re.compile(r"\b(?:[^\W\d_]|Zh|Kh|Sh|Ch|Ya|Yu|Ye)\.")
_NUMBER = re.compile(r"(?<=№)\s?\d+|(?<=No\.)\s?\d+|(?<=No)\s?\d+")
#: Letters that a coined stem has at most.
_LONGEST = 9
# How the ending of a Russian given name tells its case, by the way it is declined.
_DECLINED = {
    "consonant": ("", {"": "n", "а": "g", "у": "d", "ом": "i", "ем": "i", "е": "p"}),
    "й": ("й", {"й": "n", "я": "g", "ю": "d", "ем": "i", "е": "p"}),
    "ь": ("ь", {"ь": "n", "я": "g", "ю": "d", "ем": "i", "е": "p", "и": "g", "ью": "i"}),
    "а": ("а", {"а": "n", "ы": "g", "и": "g", "е": "d", "у": "a", "ой": "i"}),
    "я": ("я", {"я": "n", "и": "g", "е": "d", "ю": "a", "ей": "i"}),
}


def cyrillic(word: str) -> bool:
    """Whether a word is written in Cyrillic letters."""
    return any("\u0400" <= c <= "\u052f" for c in word)


@cache
def _endings(kind: str) -> tuple[re.Pattern[str], ...]:
    return tuple(
        re.compile(f"(?:{pattern})\\Z")
        for name, pattern in knowledge.table(knowledge.COMMON, "exchanged_endings")
        if name == kind
    )


def parted(word: str, kind: str) -> tuple[str, str]:
    """A word in lower case as stem and ending; the ending of one that has none of its kind is empty."""
    for pattern in _endings(kind):
        found = pattern.search(word)
        if found and found.start() >= 3:
            return word[: found.start()], word[found.start() :]
    return word, ""


def as_written(word: str, like: str) -> str:
    """A word in lower case, with the capitals of another."""
    if like.isupper() and len(like) > 1:
        return word.upper()
    return word[:1].upper() + word[1:] if like[:1].isupper() else word


def number(chance: Random, scale: float, tail: float) -> int:
    """A number from 0 without end, small ones often: a shifted Pareto distribution.

    Among n draws the different ones grow as n ** (1 / (1 + tail)): the growth that vocabularies show (Heaps' law).
    """
    return int(scale * ((1.0 - chance.random()) ** (-1.0 / tail) - 1.0))


class Stems:
    """Stems without end: those given, in an order of their own, then such as are coined of two."""

    def __init__(self, known: Iterable[str], seed: str) -> None:
        self._known = sorted(set(known))
        self._seed = seed
        Random(seed).shuffle(self._known)
        self._halves = [halves for stem in self._known if (halves := _halves(stem))]

    def __getitem__(self, k: int) -> str:
        if k < len(self._known) // 2 or not self._halves:
            return self._known[k % len(self._known)]
        chance = Random(f"{self._seed}:{k}")
        for _ in range(8):
            made = chance.choice(self._halves)[0] + chance.choice(self._halves)[1]
            if 4 <= len(made) <= _LONGEST:
                break
        return made

    def __len__(self) -> int:
        return len(self._known)


def _halves(stem: str) -> tuple[str, str] | None:
    """A stem cut between a consonant and a vowel, so that any two halves can be spoken; None for one too short."""
    cuts = [i for i in range(2, len(stem) - 1) if stem[i - 1] not in VOWELS and stem[i] in VOWELS]
    return (stem[: cuts[-1]], stem[cuts[0] :]) if cuts else None


@dataclass(frozen=True, slots=True)
class Pools:
    """What names of one language and script are made of. Given names are by gender."""

    families: Stems  # stems to which an ending is added
    surnames: Stems  # whole names
    given: Mapping[str, Sequence[str]]
    fathers: Sequence[str]
    places: Stems


def pools(names: Iterable[str], places: Iterable[str], script: bool, seed: str) -> Pools:
    """The pools of the names and places of a corpus, of Cyrillic (`script`) or Latin letters.

    Args:
        names: written names of people. places: places of one word.
        script: whether those in Cyrillic letters are taken, or the others.
        seed: decides which number bears which stem.
    """
    families, surnames = set(), set()
    given: dict[str, list[str]] = {"m": [], "f": []}
    for name in names:
        kinds = _kinds(name)
        for word, kind in zip(WORD.findall(name), kinds, strict=True):
            lower = word.lower()
            if cyrillic(lower) is not script or len(lower) < 4:
                continue
            if kind == "family":
                families.add(parted(lower, "family")[0])
            elif kind == "surname":
                surnames.add(parted(lower, "case")[0])
            elif kind == "unknown given" and not parted(lower, "case")[1]:
                for each in given.values():
                    each.append(lower)
    stems = {parted(word.lower(), "place")[0] for word in places if len(word) > 3 and cyrillic(word) is script}
    for language in ("ru", "kk") if script else ("en",):
        for name, gender in knowledge.table(language, "given_names"):
            given[gender].append(name.lower())
    fallback = ["akhmet"] if not script else ["ахмет"]
    return Pools(
        Stems(families or fallback, f"{seed}:family"),
        Stems(surnames or fallback, f"{seed}:surname"),
        {gender: sorted(set(each)) for gender, each in given.items()},
        sorted({n for n in given["m"] if n[-1] not in VOWELS and n[-1] not in "йь"}),
        Stems(stems or fallback, f"{seed}:place"),
    )


def _kinds(text: str) -> list[str]:
    """What each word of a name is: given, unknown given, patronymic, family, surname, or empty (particles, initials).

    Of words that nothing tells, all but the last stand for given names, and so does the last beside a family name.
    """
    kinds = []
    for word in WORD.findall(text):
        lower = word.lower()
        if not word[:1].isupper() or len(word) < 3:
            kinds.append("")
        elif _given_form(lower):
            kinds.append("given")
        elif is_patronymic(lower):
            kinds.append("patronymic")
        else:
            kinds.append("family" if parted(lower, "family")[1] else "surname")
    unknown = [i for i, kind in enumerate(kinds) if kind == "surname"]
    if "given" not in kinds:
        for i in unknown if "family" in kinds else unknown[:-1]:
            # What a hyphen joins to the next word is half of a family name.
            if "-" not in text or not re.search(rf"{re.escape(WORD.findall(text)[i])}-", text):
                kinds[i] = "unknown given"
    return kinds


def gender_of(texts: Iterable[str]) -> str:
    """`m` or `f` by what the written names of a person show; `m` where none does."""
    for text in texts:
        for word in WORD.findall(text):
            lower = word.lower()
            known = _given_form(lower)
            gender = (known[1] if known else "") or patronymic_gender(lower)
            if gender:
                return gender
    words = [w.lower() for text in texts for w in WORD.findall(text)]
    return "f" if any(re.search(r"(?:ova|eva|ina|aya|ова|ева|ина|ская)\Z", w) for w in words) else "m"


@dataclass(frozen=True, slots=True)
class Person:
    """A made-up person: the k-th of a gender."""

    k: int
    gender: str
    pools: Pools

    @property
    def given(self) -> str:
        """The given name, in lower case and the nominative."""
        names = self.pools.given[self.gender]
        return names[Random(f"given:{self.k}").randrange(len(names))]

    @property
    def father(self) -> str:
        """The father's name, of which patronymics are made."""
        return self.pools.fathers[Random(f"father:{self.k}").randrange(len(self.pools.fathers))]

    def named(self, text: str, only: bool = True) -> str:
        """A written name with this person's words in the place of its own.

        `only` says that the text is nothing but a name; else words that do not look like one stay.
        """
        count = position = 0
        kinds = _kinds(text)

        def initial(found: re.Match[str]) -> str:
            nonlocal count
            count += 1
            name = self.given if count == 1 else self.father
            return as_written(name[:1], found[0]) + "."

        def word(found: re.Match[str]) -> str:
            nonlocal position
            position += 1
            return self._word(found[0], kinds[position - 1], only, kinds[: position - 1].count("surname"))

        # The initials last: they are made of letters that would else be taken for words.
        return _INITIAL.sub(initial, WORD.sub(word, text))

    def _word(self, word: str, kind: str, only: bool, before: int) -> str:
        lower = word.lower()
        if kind == "given":
            known = _given_form(lower)
            assert known is not None
            return as_written(_declined(self.given, known[2]) + known[3], word)
        if kind == "patronymic":
            ending = parted(lower, "patronymic")[1]
            return as_written(self.father + ending, word) if ending else word
        if kind == "family":
            return as_written(self.pools.families[self.k] + parted(lower, "family")[1], word)
        if not kind or not only:
            return word
        if kind == "unknown given":
            ending = parted(lower, "case")[1]
            return as_written(self.given + (ending if self.given[-1] not in VOWELS | {"ь", "й"} else ""), word)
        surname = self.pools.surnames[self.k + 100_000_000 * before]  # the second half of a double name is another
        return as_written(surname + parted(lower, "case")[1], word)


@cache
def _given_forms() -> dict[str, tuple[str, str, str, str]]:
    """Given names in every case: form → (nominative, gender, case, ending that is kept)."""
    found: dict[str, tuple[str, str, str, str]] = {}
    for language in ("ru", "kk", "en"):
        for name, gender in knowledge.table(language, "given_names"):
            lower = name.lower()
            for ending, case in _DECLINED[_declension(lower)][1].items() if cyrillic(lower) else [("", "n")]:
                found.setdefault(_stem(lower) + ending if cyrillic(lower) else lower, (lower, gender, case, ""))
    return found


def _given_form(word: str) -> tuple[str, str, str, str] | None:
    """What a word in lower case is as a given name: (nominative, gender, case, Kazakh ending); None when it is none."""
    known = _given_forms().get(word)
    if known:
        return known
    if given_gender(word):
        return word, given_gender(word), "n", ""
    stem, ending = parted(word, "case")
    if ending and stem in _given_forms():
        return (*_given_forms()[stem][:3], ending)
    return None


def _declension(name: str) -> str:
    return name[-1] if name[-1] in _DECLINED else "consonant"


def _stem(name: str) -> str:
    return name[: len(name) - len(_DECLINED[_declension(name)][0])]


def _declined(name: str, case: str) -> str:
    """A given name in a case; what knows no such case stands in the nominative."""
    if case == "n" or not cyrillic(name) or name[-1] in VOWELS - frozenset("ая"):
        return name
    endings = {c: ending for ending, c in reversed(_DECLINED[_declension(name)][1].items())}
    return _stem(name) + endings.get(case, endings["g"])


def placed(text: str, place_of: Mapping[str, str]) -> str:
    """A text with its places exchanged: stem → new stem, endings kept."""

    def word(found: re.Match[str]) -> str:
        stem, ending = parted(found[0].lower(), "place")
        new = place_of.get(stem, "") if found[0][:1].isupper() else ""
        return as_written(new + ending, found[0]) if new else found[0]

    return WORD.sub(word, text)


def numbered(text: str, chance: Random) -> str:
    """An institution's name with another number, where it has one."""
    return _NUMBER.sub(lambda m: m[0][: -len(m[0].lstrip())] + str(chance.randint(1, 180)), text)
