"""Two names weighed against each other: what speaks for one person, or that they cannot be one.

The score adds what each part says; the evidence names it in words, so that a link can be explained.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from msgspec.structs import replace

from pipeline import knowledge
from pipeline.normalisation.name_words import given_groups, patronymic_stem
from pipeline.normalisation.person_name import Name
from pipeline.normalisation.transliteration import close, edits, is_cyrillic, key, skeleton, to_cyrillic, to_latin


@dataclass(frozen=True, slots=True)
class Match:
    """Names that can be one person's: how strongly (see the weights below) and why."""

    score: float
    evidence: tuple[str, ...]


#: What each agreement is worth. Family 1 is taken for granted: without it nothing is compared.
SAME_FAMILY, NEAR_FAMILY, PART_OF_FAMILY, NO_FAMILY = 1.0, 0.4, 0.3, 0.4
SAME_GIVEN, VARIANT_GIVEN, NEAR_GIVEN, SAME_INITIAL = 2.0, 1.6, 1.0, 0.7
SAME_PATRONYMIC, SAME_SECOND_INITIAL = 2.0, 1.2


def compare(one: Name, other: Name) -> Match | None:
    """How well two readings fit one person; None where they contradict each other or share nothing."""
    if one.family and other.family and _far_apart(_family(one.family), _family(other.family)):
        return None  # nearly all pairs, so that the cache is for the others
    return _compared(one, other)


@lru_cache(maxsize=32768)
def _compared(one: Name, other: Name) -> Match | None:
    family = _families(one, other)
    if family is None:
        return None
    score, evidence = family
    given = _givens(one, other)
    if given is None:
        return None
    patronymic = _patronymics(one, other)
    if patronymic is None:
        return None
    if one.suffix and other.suffix and one.suffix != other.suffix:
        return None
    both_families = bool(one.family and other.family)
    if {one.gender, other.gender} == {"m", "f"}:
        same_family = both_families and key(one.family) == key(other.family)
        if not same_family or patronymic[0] or (one.given and other.given):
            return None
    if not both_families and not (given[0] and (patronymic[0] or not (one.patronymic and other.patronymic))):
        return None
    total = score + given[0] + patronymic[0]
    return Match(total, tuple(e for e in (evidence, given[1], patronymic[1]) if e))


@dataclass(frozen=True, slots=True)
class _Family:
    """What is compared of a family name: it is made once and looked up for every pair."""

    key: str
    scanned: str
    skeleton: str
    hard: str  # the key with every h a g
    root: str
    gendered: bool
    parts: frozenset[str]
    #: All of these together: names that share none of them differ, but perhaps for a letter.
    marks: frozenset[str]


@lru_cache(maxsize=16384)
def _family(written: str) -> _Family:
    plain = key(written)
    gendered = bool(_GENDERED.search(plain))
    parts = family_parts(written)
    marks = (plain, scanned(plain), skeleton(written), plain.replace("h", "g"), family_root(written))
    return _Family(*marks, gendered, parts, parts.union(marks))


def _far_apart(a: _Family, b: _Family) -> bool:
    """Whether two family names are surely different ones."""
    return a.marks.isdisjoint(b.marks) and not (a.key[-1:] == b.key[-1:] and abs(len(a.key) - len(b.key)) <= 1)


def _families(one: Name, other: Name) -> tuple[float, str] | None:
    if not one.family or not other.family:
        return NO_FAMILY, ""
    a, b = _family(one.family), _family(other.family)
    if a.key == b.key:
        return SAME_FAMILY, "same family name"
    if a.scanned == b.scanned:
        return SAME_FAMILY * 0.9, "same family name but for scanning"
    if a.key[-1:] == b.key[-1:]:
        shorter = min(len(a.key), len(b.key))
        if a.skeleton == b.skeleton and shorter >= 4 and edits(a.key, b.key) <= 3:
            return NEAR_FAMILY * 1.5, "family names differ in vowels"
        if shorter >= 5 and close(a.key, b.key):
            return NEAR_FAMILY, "family names differ in a letter"
    if (len(a.parts) > 1 or len(b.parts) > 1) and a.parts & b.parts:
        return PART_OF_FAMILY, "family names share a part"
    if a.hard == b.hard:
        return SAME_FAMILY * 0.8, "family names differ in h and g"
    if a.root == b.root and not (a.gendered and b.gendered):
        return PART_OF_FAMILY, "family names with and without an ending"
    return None


_ENDING = re.compile(r"(?:ova|eva|ov|ev|uli|kizi|uulu|ulu)\Z")
_GENDERED = re.compile(r"(?:ova|eva|ov|ev)\Z")


@lru_cache(maxsize=16384)
def family_root(family: str) -> str:
    """The key of a family name without the ending that some writers leave out (`Nurpeis/Nurpeisov`)."""
    plain = key(family)
    bare = _ENDING.sub("", plain)
    return bare if len(bare) >= 4 else plain


@lru_cache(maxsize=16384)
def family_parts(family: str) -> frozenset[str]:
    """The keys of the parts of a compound family name (four letters and more)."""
    return frozenset(k for part in family.replace("-", " ").split() if len(k := key(part)) >= 4)


def _givens(one: Name, other: Name) -> tuple[float, str] | None:
    a, b = one.given.split(), other.given.split()
    if a and b:
        return _given_words(a, b, one, other)
    if not one.initials or not other.initials:
        return 0.0, ""
    if initials_agree(one.initials[0], other.initials[0], one.given, other.given):
        return SAME_INITIAL, "same first initial"
    return None


def _given_words(a: list[str], b: list[str], one: Name, other: Name) -> tuple[float, str] | None:
    """Written given names: the first of each decides, the others and their initials must not contradict it."""
    whole_a, whole_b = key(one.given), key(other.given)
    if whole_a == whole_b:
        return SAME_GIVEN, "same given name"
    nicks = {key(n) for n in (one.nickname, other.nickname) if n}
    level = _given_level(a[0], b[0])
    if level is None and nicks & {key(a[0]), key(b[0])}:
        level = VARIANT_GIVEN, "short form of the given name"
    if level is None and one.nickname and given_groups(one.nickname) & given_groups(b[0]):
        level = VARIANT_GIVEN, "short form of the given name"
    shorter, longer = sorted((whole_a, whole_b), key=len)
    if level is None and len(shorter) >= 4 and longer.startswith(shorter):
        level = VARIANT_GIVEN, "given name written in part"
    if level is None and len(a) != len(b) and (key(a[-1]) == key(b[-1]) and min(len(a), len(b)) == 1):
        level = NEAR_GIVEN, "one of two given names"  # `H. Theodore` and `Theodore`
    if level is None:
        return None
    if len(a) > 1 and len(b) > 1 and _given_level(a[1], b[1]) is None:
        return None
    return level


@lru_cache(maxsize=32768)
def _given_level(a: str, b: str) -> tuple[float, str] | None:
    left, right = key(a), key(b)
    if left == right or scanned(left) == scanned(right):
        return SAME_GIVEN, "same given name"
    if given_groups(a) & given_groups(b):
        return VARIANT_GIVEN, "variant of the given name"
    bones_agree = left[-1:] == right[-1:] and skeleton(a) == skeleton(b)
    if bones_agree and min(len(left), len(right)) >= 4 and edits(left, right) <= 2:
        return NEAR_GIVEN, "given names differ in vowels"
    if min(len(left), len(right)) >= 6 and close(left, right) and left[0] == right[0] and left[-1] == right[-1]:
        return NEAR_GIVEN, "given names differ in a letter"
    return None


def _patronymics(one: Name, other: Name) -> tuple[float, str] | None:
    """Patronymics or second initials."""
    if one.patronymic and other.patronymic:
        a, b = patronymic_stem(one.patronymic), patronymic_stem(other.patronymic)
        if a == b or scanned(a) == scanned(b):
            return SAME_PATRONYMIC, "same patronymic"
        if min(len(a), len(b)) >= 3 and (skeleton(a) == skeleton(b) or (len(a) >= 5 and close(a, b))):
            return SAME_PATRONYMIC * 0.8, "patronymics differ in a letter"
        return None
    a_second, b_second = second_initial(one), second_initial(other)
    if not a_second or not b_second:
        return 0.0, ""
    if initials_agree(a_second, b_second, one.patronymic, other.patronymic):
        return SAME_SECOND_INITIAL, "same second initial"
    return None


def second_initial(name: Name) -> str:
    """The initial of the patronymic or middle name, if the form has one."""
    return name.initials[1] if len(name.initials) > 1 else ""


@lru_cache(maxsize=65536)
def initials_agree(a: str, b: str, word_a: str = "", word_b: str = "") -> bool:
    """Whether two initials may be of one name; the words, where known, tell `Zh.` of `Zhanar` from `Z.`."""
    if {a[:2].lower(), b[:2].lower()} in _APART:
        return False
    left = (word_a.split() or [a])[0]
    right = (word_b.split() or [b])[0]
    if len(a) > 1 and not word_a:
        return _begins(right if word_b else b, a, bool(word_b))
    if len(b) > 1 and not word_b:
        return _begins(left if word_a else a, b, bool(word_a))
    glides = _glide_initials()
    if (len(left) == 1 and right[:1].lower() in glides.get(left.lower(), "")) or (
        len(right) == 1 and left[:1].lower() in glides.get(right.lower(), "")
    ):
        return True
    return _first_sound(left) == _first_sound(right) or a[:1].lower() == b[:1].lower()


@cache
def _glide_initials() -> dict[str, str]:
    """Latin initials with the Cyrillic letters that they may stand for besides those of the same sound."""
    return {entry[0]: entry[1] for entry in knowledge.table(knowledge.COMMON, "glide_initials")}


#: Initials that stand for different Cyrillic letters.
_APART = ({"k", "kh"}, {"z", "zh"}, {"s", "sh"})


def _begins(word: str, initial: str, written_out: bool) -> bool:
    """Whether a word (or a shorter initial) may be shortened to this initial of several letters."""
    if written_out:
        return key(word).startswith(key(initial)) or _first_sound(word) == _first_sound(initial)
    return (len(word) == 1 and word[0].lower() == initial[0].lower()) or key(initial).startswith(key(word))


@lru_cache(maxsize=65536)
def _first_sound(word: str) -> str:
    """The first sound of a name by its key: `ch`, `sh` and `ts` count as one."""
    plain = key(word)
    return plain[:2] if plain[:2] in ("ch", "sh", "ts") else plain[:1]


@lru_cache(maxsize=16384)
def scanned(plain: str) -> str:
    """A key in which letters that scanners take for one another look alike (`rn` and `m`, `l` and `i`)."""
    return re.sub(r"i+", "i", plain.replace("rn", "m").replace("l", "i"))


def merged(one: Name, other: Name) -> Name:
    """The fuller of two compatible names with what only the other tells, in the script of the fuller."""
    full, rest = (one, other) if one.weight >= other.weight else (other, one)
    rest = _in_script_of(full, rest)
    initials = full.initials if len(full.initials) >= len(rest.initials) else rest.initials
    return Name(
        full.family or rest.family,
        full.given or rest.given,
        full.patronymic or rest.patronymic,
        initials,
        full.suffix or rest.suffix,
        full.nickname or rest.nickname,
        full.gender or rest.gender,
        full.certain or rest.certain,
        full.family_first,
    )


def _in_script_of(full: Name, rest: Name) -> Name:
    """The other name as the fuller one would be written: `Кравец О. В.` beside `Oleg Kravets` is `Kravets O. V.`."""
    cyrillic = is_cyrillic(full.family + full.given)
    if is_cyrillic(rest.family + rest.given) == cyrillic:
        return rest
    written = to_cyrillic if cyrillic else to_latin
    # What both have stays as the fuller one has it: `Е.` may be the `Y.` of `Yevgeny`.
    more = tuple(map(written, rest.initials[len(full.initials) :]))
    given, patronymic, nickname = map(written, (rest.given, rest.patronymic, rest.nickname))
    return replace(
        rest,
        family=written(rest.family),
        given=given,
        patronymic=patronymic,
        initials=(*full.initials, *more),
        nickname=nickname,
    )
