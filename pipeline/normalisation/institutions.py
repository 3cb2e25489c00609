"""Names of institutions taken apart into ideas that are the same in English, Russian and Kazakh.

A name is its kind (library), whose and what it is (regional, universal), its places, the names in it (its namesake
or its own name), a number and a country. Words are looked up by their stems in the knowledge, abbreviations that
readers of the area know are written out first. So `Pavlodar RUSL after S.Toraigyrov`, `Павлодарская ОУНБ им.
С. Торайгырова` and `С.Торайғыров атындағы Павлодар ОӘҒК` come to the same parts.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from msgspec import Struct

from pipeline import knowledge
from pipeline.normalisation import declension
from pipeline.normalisation.institution_words import (
    abbreviations,
    acronym_endings,
    ideas_of,
    named_after,
    near_kinds,
    place_countries,
    places_in,
    says_nothing,
    sorts_of_ideas,
    telling,
)
from pipeline.normalisation.transliteration import is_cyrillic, kazakh_cyrillic, key, latin_slug
from pipeline.normalisation.written import plain_spaces

_LANGUAGES = ("en", "ru", "kk")


class InstitutionName(Struct, frozen=True, array_like=True, gc=False, cache_hash=True):
    """The parts of one written name. `folded` is its text as tables show it.

    `foreign`: some word is of a language in which we only know the words for libraries and the like, so the body is
    hardly the one that a document calls `the National Library`.
    """

    folded: str
    kinds: tuple[str, ...] = ()
    levels: frozenset[str] = frozenset()
    fields: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    weak: frozenset[str] = frozenset()
    named_after: str = ""
    acronym: str = ""
    foreign: bool = False

    @property
    def kind(self) -> str:
        """The sort of body that the name says it is; empty where it says none."""
        return self.kinds[0] if self.kinds else ""

    @property
    def weight(self) -> int:
        """How much the name tells: larger for fuller names."""
        return (
            2 * bool(self.kinds)
            + 3 * len(self.names)
            + 2 * len(self.places)
            + len(self.fields)
            + len(self.levels)
            + len(self.countries)
            + 2 * len(self.numbers)
        )

    @property
    def generic(self) -> bool:
        """Whether the name says no more than what sort of body it is (`the Library`, `School No. 5`)."""
        return not (self.names or self.places or self.acronym or self.countries)

    @property
    def signature(self) -> tuple[object, ...]:
        """What two names must share to be the same words, in whatever language and order."""
        return (
            self.kind,
            tuple(sorted(self.kinds)),
            tuple(sorted(self.names)),
            tuple(sorted(self.places)),
            tuple(sorted(self.fields)),
            tuple(sorted(self.levels)),
            tuple(sorted(self.countries)),
            tuple(sorted(self.numbers)),
            self.foreign and self.generic,
            self.acronym,
        )


_DIGITS = re.compile(r"\d+")
_ACRONYM = re.compile(r"(?:[A-ZА-ЯӘҒҚҢӨҰҮІ&][a-zа-яәғқңөұүі]{0,3}\.?){2,8}")
_QUOTES, _SPACES = re.compile(r"[\"“”„«»]"), re.compile(r"\s+")
_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*\.?|№\s?\d+")


@lru_cache(maxsize=8192)
def parse(text: str, language: str = "en") -> InstitutionName:
    """The parts of a written institution name; only `folded` is set where nothing is understood."""
    line = fold(text)
    script = "en" if not is_cyrillic(line) else language if language != "en" else "ru"
    if (
        language == "kk"
        and script == "en"
        and re.search(r"[äöüūñğşıńáóúýǵ]|\b\w*(?:nyñ|nıñ|atyndağy)\b|q(?!u)", line.lower())
    ):
        line_in_script, script = kazakh_cyrillic(line), "kk"
        shouting = True
    else:
        line_in_script, shouting = line, line.isupper()
    bare = line.split("-")[0] if re.search(r"[A-ZА-ЯӘҒҚҢӨҰҮІ]{2,}-[а-я]+\Z", line) else line
    acronym = ""
    if " " not in bare and len(bare) <= 9 and _looks_like_acronym(bare, shouting):
        acronym = acronym_key(bare)
    expanded = _expanded(line_in_script, script)
    who = ""
    named = named_after(script).search(expanded)
    if named:
        who = named["who"].strip(' ,."“”„«»')
    return _parts(line, expanded, script, who, acronym, shouting)


@cache
def subject_names() -> frozenset[str]:
    """Names that tell a part of a body by its subject or its members alone (`History`, `Human Resources`)."""
    words = knowledge.lines(knowledge.COMMON, "subject_words")
    return frozenset().union(*(parse(word, "ru" if is_cyrillic(word) else "en").names for word in words))


@cache
def _two_universities() -> tuple[frozenset[str], ...]:
    """The names and places of states in which `X State University` and `University of X` are two bodies."""
    told = (parse(f"University of {state}") for state in knowledge.lines(knowledge.COMMON, "state_universities"))
    return tuple(filter(None, (name.names | name.places for name in told)))


def are_two_universities(one: InstitutionName, other: InstitutionName) -> bool:
    """Whether one is the state university and the other the university of a state that has both."""
    if ("state" in one.levels) == ("state" in other.levels) or {one.kind, other.kind} - {"university", ""}:
        return False
    shared = (one.names | one.places) & (other.names | other.places)
    return any(state <= shared for state in _two_universities())


@lru_cache(maxsize=32768)
def fold(text: str) -> str:
    """The text on one line, quotation marks and odd spacing gone, initials spaced alike."""
    line = _QUOTES.sub("", plain_spaces(text)).replace("’", "'").strip(" ,;:-–—")
    if "1" in line:
        line = re.sub(r"(?<=[^\W\d_])[1](?=[^\W\d_]{2})|(?<=[^\W\d_]{2})[1](?=[^\W\d_])", "l", line)
    if "." in line:
        line = re.sub(r"(?<=\b[^\W\d_]\.)\s+(?=[^\W\d_]\.)", "", line)
        line = re.sub(r"(?<=\b[^\W\d_]\.)(?=[^\W\d_]{3})", " ", line)
    return _SPACES.sub(" ", line)


def acronym_key(text: str) -> str:
    """The letters of an abbreviation in lower-case Latin, whatever its script: `КазНУ` and `KazNU` are `kaznu`."""
    return latin_slug(text).replace("-", "")


def _looks_like_acronym(word: str, shouting: bool) -> bool:
    if word[1:].islower() or sum(c.isupper() for c in word) < 2 or not _ACRONYM.fullmatch(word):
        return False
    return len(word) <= 6 or not word.isupper() or not re.search(r"[AEIOUYАЕИОУЫЭЮЯӘӨҰҮІ]", word[1:-1])


def _expanded(line: str, script: str) -> str:
    """The line with the abbreviations that readers know written out."""
    for short, full in abbreviations(script):
        if short in line:
            line = re.sub(rf"(?<![\w.]){re.escape(short)}(?![\w])", full, line)
    return line


def _parts(line: str, expanded: str, script: str, who: str, acronym: str, shouting: bool) -> InstitutionName:
    kinds: list[str] = []
    before_of: list[str] = []
    found: dict[str, set[str]] = {"level": set(), "field": set(), "country": set(), "weak": set(), "tongue": set()}
    names: set[str] = set()
    numbers: set[str] = set()
    lower = " " + expanded.lower() + " "
    places, lower = places_in(lower, script)
    # The namesake is looked at apart: in `library after Friends of Abai` no word is an idea.
    namesake = who.lower()
    first = ""
    sorts = sorts_of_ideas()
    unread: list[str] = []  # abbreviations beside a name (`A. Baitursynov KSU`): no part of the name
    short = set() if shouting else {w.lower() for w in _WORD.findall(expanded) if _looks_like_acronym(w, False)}
    for word in _WORD.findall(lower):
        if script == "en" and not before_of and word in _AFTER_HEAD:
            before_of = list(kinds)
        digits = _DIGITS.search(word)
        if digits:
            numbers.add(digits[0])
            continue
        if says_nothing(word, script):
            continue
        ideas = ideas_of(word, script)
        if ideas and namesake and word in namesake.split() and len(word) > 4:
            ideas = None
        first = first or word
        if ideas is None and word in short and not acronym:
            unread.append(word)
            continue
        if ideas is None:
            names.add(_name_key(word, script))
            continue
        for idea in ideas:
            sort = sorts.get(idea, "")
            if sort == "kind" and idea not in kinds:
                kinds.append(idea)
            elif sort in found:
                found[sort].add(idea)
    kinds = _head_first(kinds, before_of, script)
    if unread and (kinds or not names):
        names |= {_name_key(word, script) for word in unread}
    elif unread:
        kinds = [idea for word in unread for pattern, idea in acronym_endings() if pattern.search(word)][:1]
    if kinds and kinds[0] in telling("of-library") and "library" in kinds[1:]:
        kinds.remove("library")
        found["field"].add("of-library")
    names.discard("")
    if acronym and not kinds:
        names = set()
    elif not acronym and not shouting and _unknown_head(line, first, expanded):
        kinds = []  # `IHCH NAS KR`: what follows the abbreviation is the parent
    if not kinds and not names and found["field"] and not places and not acronym:
        names, found["field"] = {_name_key(key(line), "en")}, set()  # a press called `Science`
    return InstitutionName(
        line,
        tuple(kinds),
        frozenset(found["level"]),
        frozenset(found["field"]),
        frozenset(places),
        frozenset(names),
        frozenset(found["country"]),
        frozenset(numbers),
        frozenset(found["weak"]),
        _who(who, script),
        acronym,
        bool(found["tongue"]),
    )


def _head_first(kinds: list[str], before_of: list[str], script: str) -> list[str]:
    """The kinds with the one that the name is about first: the last before `of` in English, the last in Kazakh."""
    if script == "ru" or len(kinds) < 2:
        return kinds
    if script == "kk":
        return kinds[::-1]
    head = (before_of or kinds)[-1]
    if kinds[-1] in telling("of-university") and before_of and head in telling("holder"):
        head = kinds[-1]  # `University of Zambia Library`
    return [head, *(k for k in kinds if k != head)]


def _unknown_head(line: str, first: str, expanded: str) -> bool:
    """Whether the name opens with an abbreviation that nobody wrote out."""
    word = line.split()[0] if " " in line else ""
    return bool(
        word.isupper() and 2 <= len(word) <= 6 and word.isalpha() and word.lower() == first and line != expanded
    )


_AFTER_HEAD = frozenset(("of", "for", "named", "after", "at", "in", "on"))


def _who(who: str, script: str) -> str:
    """The namesake in the nominative as far as we know how."""
    if script != "ru" or not who:
        return who
    head, _, last = who.rpartition(" ")
    forms = [f for f in declension.russian_family(last) if f.gender == "m" and "g" in f.cases]
    return (head + " " + (forms[0].nominative if forms else last)).strip()


@lru_cache(maxsize=16384)
def _name_key(word: str, script: str) -> str:
    """The key of a proper word without case endings and closing vowels, so that cases and languages meet."""
    bare = word.rstrip(".").removesuffix("'s").removesuffix("’s")
    bare = re.sub(r"\A(?:al|аль|әл|эль|el)-", "", bare)
    if script == "kk":
        stems = declension.kazakh_stems(bare)
        bare = stems[0] if stems else bare
    if script == "ru":
        bare = re.sub(r"(?:ск(?:ий|ая|ое|ого|ой|ом|ому|им|ую|ие|их))\Z", "", bare) or bare
        bare = re.sub(r"(?<=[вн])(?:ым|ой)\Z|(?<=\w{4})(?:ого|его)\Z", "", bare)
    plain = key(bare)
    short = plain.rstrip("aeiou")
    if len(short) >= 3:
        return short
    # Of a short one the start, so that cases still meet (`Abai`, `Абая`) and other names do not (`Asia`, `Yasaui`).
    kept = plain.rstrip("aeio")
    return kept if len(kept) >= 4 else plain[:3]


def kinds_agree(one: InstitutionName, other: InstitutionName) -> bool:
    """Whether the two may be one sort of body (unknown agrees with all)."""
    a, b = one.kind, other.kind
    return not a or not b or a == b or b in near_kinds().get(a, ())


def in_other_countries(one: InstitutionName, other: InstitutionName) -> bool:
    """Whether the places of one name lie in a country that the other, which names its country, is not of.

    What the Soviet Union named may lie in any of its republics.
    """
    for here, there in ((one, other), (other, one)):
        lands = {c for p in here.places if (c := place_countries().get(p))}
        if lands and there.countries and not (lands & there.countries) and "ussr" not in there.countries:
            return True
    return False


@lru_cache(maxsize=32768)
def countries_of(text: str, language: str) -> frozenset[str]:
    """The countries that the name of a place speaks of: itself, or the one where a known town or region lies."""
    name = parse(text, language)
    return name.countries | frozenset(c for p in name.places if (c := place_countries().get(p)))
