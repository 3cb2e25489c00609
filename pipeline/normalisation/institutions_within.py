"""The institutions of one document: full names, the abbreviations it introduces, short forms that stand for them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from pipeline.normalisation.institution_words import telling
from pipeline.normalisation.institutions import (
    InstitutionName,
    acronym_key,
    are_two_universities,
    in_other_countries,
    kinds_agree,
    parse,
)
from pipeline.normalisation.transliteration import close


@dataclass(slots=True)
class InstitutionGroup:
    """An institution in the making."""

    name: InstitutionName
    names: list[InstitutionName] = field(default_factory=list)
    acronyms: set[str] = field(default_factory=set)
    mentions: list[int] = field(default_factory=list)
    signatures: set[tuple[object, ...]] = field(default_factory=set)
    #: The signatures of the names that tell something, but for the abbreviation.
    told: set[tuple[object, ...]] = field(default_factory=set)


def group_institutions(
    mentions: list[tuple[int, str, int, int]],
    language: str,
    raw: str = "",
    languages: Mapping[int, str] | None = None,
) -> list[InstitutionGroup]:
    """Groups of institution mentions, given as (index, text, start, end) in text order; sorted by first mention.

    `languages` gives the language of mentions (by index) that stand in another one than the document's.
    """
    languages = languages or {}
    parsed: dict[str, InstitutionName] = {}
    places: dict[str, list[int]] = {}
    for index, text, _, _ in mentions:
        name = parse(text, languages.get(index, language))
        folded = name.folded.casefold()
        parsed.setdefault(folded, name)
        places.setdefault(folded, []).append(index)
    introduced = _introduced(mentions, raw)
    groups: list[InstitutionGroup] = []
    home: dict[int, InstitutionGroup] = {}
    order = sorted(parsed, key=lambda f: (bool(parsed[f].acronym), parsed[f].generic, -parsed[f].weight, places[f][0]))
    for folded in order:
        name, indices = parsed[folded], places[folded]
        group = _by_introduction(indices, introduced, home) or _best_group(name, groups)
        options = [] if group else _short_for(name, groups)
        if group is None and len(options) == 1:
            group = options[0]
        if group is None and options:
            for index in indices:
                _add(min(options, key=lambda g: _distance(g, index)), name, [index], home)
            continue
        if group is None:
            group = InstitutionGroup(name)
            groups.append(group)
        _add(group, name, indices, home)
    groups.sort(key=lambda g: min(g.mentions))
    return groups


def _add(
    group: InstitutionGroup,
    name: InstitutionName,
    indices: list[int],
    home: dict[int, InstitutionGroup],
) -> None:
    group.mentions += indices
    for index in indices:
        home[index] = group
    if name not in group.names:
        group.names.append(name)
        signature = name.signature
        group.signatures.add(signature)
        if name.weight:
            group.told.add(signature[:-1])
    if name.acronym:
        group.acronyms.add(name.acronym)
    if (name.weight, -len(name.folded)) > (group.name.weight, -len(group.name.folded)) and not name.acronym:
        group.name = name


_WORD = re.compile(r"[^\W\d_]+\.?")
#: What stands between a name and the short form that it introduces.
_OPENED = re.compile(
    r"[\"”»’]?\s*(?:\([^()]{0,20},\s*|\(|[,–-]\s*(?:or\s|hereafter\s|далее\s)|\((?:далее|бұдан әрі)\W+)[\"“«]?"
)


def _introduced(mentions: list[tuple[int, str, int, int]], raw: str) -> dict[int, int]:
    """Mentions in brackets right after a fuller name (`National Library … (NLRK)`): index → index of the fuller one."""
    found = {}
    for (before, _, _, end), (index, text, start, stop) in pairwise(mentions):
        between = raw[end:start]
        opened = _OPENED.fullmatch(between)
        if opened and _may_shorten(text):
            head = _chain_head(mentions, index, acronym_key(text), raw)
            before = before if head is None else head
        if opened and len(text) <= 40 and re.match(r"[\"”»’]?\s*[),;]", raw[stop : stop + 3]) and _may_shorten(text):
            found[index] = before
    return found


def _chain_head(mentions: list[tuple[int, str, int, int]], index: int, short: str, raw: str) -> int | None:
    """In `Arab Branch of the International Council on Archives (ABICA)` the mention that the short form is of."""
    at = next(n for n, m in enumerate(mentions) if m[0] == index)
    for back in (2, 3):
        if at < back or mentions[at - back + 1][2] - mentions[at - back][3] > 12:
            return None
        whole = parse(raw[mentions[at - back][2] : mentions[at - 1][3]], "en")
        if short in acronyms_of(whole) and short not in acronyms_of(parse(mentions[at - 1][1], "en")):
            return mentions[at - back][0]
    return None


def _may_shorten(text: str) -> bool:
    return " " not in text.strip() or text.isupper()


def _by_introduction(
    indices: list[int], introduced: dict[int, int], home: dict[int, InstitutionGroup]
) -> InstitutionGroup | None:
    for index in indices:
        if index in introduced and introduced[index] in home:
            return home[introduced[index]]
    return None


def _best_group(name: InstitutionName, groups: list[InstitutionGroup]) -> InstitutionGroup | None:
    """The group that bears the same name in other words, if exactly one does."""
    signature = name.signature
    if name.generic:
        same = [g for g in groups if signature in g.signatures]
        return same[0] if len(same) == 1 else None
    told = signature[:-1]
    for group in groups:
        if told in group.told:
            return group
    if name.acronym:
        for group in groups:
            if (
                name.acronym in group.acronyms
                or name.acronym in acronyms_of(group.name)
                or any(name.acronym in acronyms_of(n) for n in group.names)
            ):
                return group
        if not name.weight:
            return None
    scored = [(s, g) for g in groups if (s := similarity(name, g.name)) is not None and s >= 2.5]
    scored.sort(key=lambda pair: -pair[0])
    if scored and (len(scored) == 1 or scored[0][0] - scored[1][0] >= 0.5):
        return scored[0][1]
    return None


def _short_for(name: InstitutionName, groups: list[InstitutionGroup]) -> list[InstitutionGroup]:
    """The groups of which the name may be a short form: all that it says, they say too, and they say more."""
    found: list[InstitutionGroup] = []
    weight = name.weight
    if not weight:
        return found
    for group in groups:
        full = group.name
        if name.foreign and not full.foreign:
            continue
        if name.kinds and full.kinds and name.kind != full.kind:
            continue
        if name.kinds and not full.kinds and not (name.names & full.names):
            continue
        if not (
            name.levels <= full.levels
            and name.fields <= full.fields
            and name.places <= full.places
            and name.countries <= full.countries
            and name.numbers <= full.numbers
            and name.weak <= full.weak
            and not ({"academic"} if name.generic else telling("distinct")) & (full.fields - name.fields)
            and _names_within(name.names, full.names)
        ):
            continue
        if weight < full.weight or name.signature == full.signature:
            found.append(group)
    exact = [g for g in found if g.name.kind == name.kind]
    return exact or found


def _names_within(few: frozenset[str], many: frozenset[str]) -> bool:
    return all(n in many or any(_same_name(n, m) for m in many) for n in few)


@lru_cache(maxsize=32768)
def _same_name(one: str, other: str) -> bool:
    """Whether two keys of proper names may be spellings of one (`navoi/nauai`, `valihanov/ualihanov`)."""
    if one == other:
        return True
    a, b = one.replace("v", "u"), other.replace("v", "u")
    return a == b or (min(len(a), len(b)) >= 5 and close(a, b))


def names_meet(one: frozenset[str], other: frozenset[str]) -> int:
    """How many names of the smaller set have a like one in the larger."""
    few, many = sorted((one, other), key=len)
    return sum(n in many or any(_same_name(n, m) for m in many) for n in few)


def similarity(one: InstitutionName, other: InstitutionName) -> float | None:
    """How much two names say the same; None where they contradict each other."""
    if not kinds_agree(one, other):
        return None
    if one.numbers and other.numbers and one.numbers != other.numbers:
        return None
    if one.places and other.places and not (one.places & other.places):
        return None
    if one.countries and other.countries and not (one.countries & other.countries):
        return None
    if are_two_universities(one, other):
        return None
    if one.countries != other.countries and {one.kind, other.kind} & telling("abroad"):
        return None
    if in_other_countries(one, other):
        return None
    if _levels_clash(one.levels, other.levels):
        return None
    if one.kinds and other.kinds and set(one.kinds) != set(other.kinds) and not (one.names and other.names):
        return None
    score = 0.0
    if one.names and other.names:
        met = names_meet(one.names, other.names)
        if met < min(len(one.names), len(other.names)):
            return None
        score += 2.0 + 0.5 * (met - 1) - 0.4 * abs(len(one.names) - len(other.names))
    elif one.names or other.names:
        score -= 0.8
    if not (one.fields <= other.fields or other.fields <= one.fields):
        if not (one.names and other.names and one.fields & other.fields):
            return None
        score -= 0.3
    elif one.fields and one.fields == other.fields:
        score += 0.7
    elif one.fields ^ other.fields:
        score -= 0.3 * len(one.fields ^ other.fields)
        if telling("distinct") & (one.fields ^ other.fields):
            return None
    if one.places and other.places:
        score += 1.2
    elif one.places or other.places:
        score -= 0.4
    if one.countries and other.countries:
        score += 0.8
    elif one.countries or other.countries:
        score -= 0.4
    if one.levels & other.levels:
        score += 0.4
    elif one.levels and other.levels:
        score -= 0.8
    if one.kind == other.kind and one.kind and one.fields == other.fields:
        if one.countries & other.countries and telling("only") & one.levels & other.levels:
            score += 1.2  # a country has one national library
        if one.places & other.places and "regional" in one.levels & other.levels:
            score += 0.6
    if one.numbers and other.numbers:
        score += 1.0
    elif one.numbers or other.numbers:
        score -= 1.0
    if one.kind and one.kind == other.kind:
        score += 1.0
    if set(one.kinds) != set(other.kinds) and one.kinds and other.kinds:
        score -= 0.8
    return score


def _levels_clash(one: frozenset[str], other: frozenset[str]) -> bool:
    a = {level for level in one if level in telling("scope")}
    b = {level for level in other if level in telling("scope")}
    return bool(a and b and not (a & b))


@lru_cache(maxsize=32768)
def acronyms_of(name: InstitutionName) -> frozenset[str]:
    """Keys of the abbreviations that the words of a name may give: all initials, and those of the weighty words."""
    words = [w for w in _WORD.findall(name.folded) if not (w.endswith(".") and len(w) <= 3)]
    weighty = [w for w in words if len(w) > 3 or w[:1].isupper()]
    weighty = [w for w in weighty if w.lower() not in ("of", "the", "and", "for", "after", "named")]
    found = {"".join(w[0] for w in some) for some in (words, weighty) if len(some) >= 2}
    found |= {f[cut:] for f in list(found) for cut in (1, 2) if len(f) - cut >= 3 and name.names}
    if len(weighty) == 2 and name.kind == "university":
        found.add(weighty[1][0] + weighty[0][0])  # `University of Dhaka`: DU
    return frozenset(acronym_key(f) for f in found)


def _distance(group: InstitutionGroup, index: int) -> tuple[int, int, int]:
    """How far a group is from what a short form at this mention means: named before it, and the most often."""
    before = any(m < index for m in group.mentions)
    return (0 if before else 1, -len(group.mentions), min(group.mentions))
