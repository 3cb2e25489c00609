"""The people of one document: its person mentions grouped by whom they name.

Full names open groups, shorter forms join them: initials, a given name with patronymic, a family name alone, case
forms. What fits no group opens one; a lone word that fits several goes to the person named last before it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from msgspec.structs import replace

from pipeline import knowledge
from pipeline.normalisation.comparison import compare, family_parts, merged, scanned
from pipeline.normalisation.name_words import given_groups
from pipeline.normalisation.names import readings
from pipeline.normalisation.person_name import Name
from pipeline.normalisation.transliteration import close, key
from pipeline.normalisation.written import plain_spaces, tidy_name


@dataclass(slots=True)
class Group:
    """A person in the making."""

    name: Name
    names: list[Name] = field(default_factory=list)
    mentions: list[int] = field(default_factory=list)
    readings: tuple[Name, ...] = ()


@dataclass(slots=True)
class _Form:
    text: str
    readings: tuple[Name, ...]
    mentions: list[int]


def group_people(
    mentions: list[tuple[int, str, int]], language: str, raw: str = "", languages: Mapping[int, str] | None = None
) -> list[Group]:
    """Groups of person mentions, given as (index, text, start) in text order; sorted by first mention.

    `raw` is the document's text: a title before a lone family name (`Mrs.`) is looked up there. `languages` gives the
    language of mentions (by index) that stand in another one than the document's.
    """
    forms = _forms(mentions, language, raw, languages or {})
    evidence = _evidence(forms)
    forms = [_reordered(f, evidence) for f in forms]
    groups: list[Group] = []
    lone: list[_Form] = []
    for form in sorted(forms, key=lambda f: (_turn(f), -_fullness(f.readings[0]), f.mentions[0])):
        if _is_lone(form.readings[0]):
            lone.append(form)
        else:
            _place_form(form, groups)
    starts = {index: start for index, _, start in mentions}
    _place_lone(lone, groups, starts, raw)
    groups.sort(key=lambda g: min(g.mentions))
    return groups


def _forms(mentions: list[tuple[int, str, int]], language: str, raw: str, languages: Mapping[int, str]) -> list[_Form]:
    forms: dict[tuple[str, str], _Form] = {}
    for index, text, start in mentions:
        tidy = tidy_name(text)[0] or plain_spaces(text)
        found = readings(text, languages.get(index, language))
        title = _title_gender(raw, start)
        if title == "f" and found[0].gender == "m" and found[0].given:
            # `Mrs. Paul K. Ostrander` is the wife: of the name only the family is hers.
            found = (replace(found[0], given="", initials=(), gender="f", suffix=""),)
            tidy = f"Mrs. {tidy}"
        else:
            title = ""
        form = forms.get((tidy, title))
        if form is None:
            form = forms[tidy, title] = _Form(tidy, found, [])
        form.mentions.append(index)
    return list(forms.values())


def _fullness(name: Name) -> int:
    return name.weight * 2 + name.certain


def _turn(form: _Form) -> int:
    """When a form is placed: full names first, then given names with patronymic, then initials."""
    if any(r.given and r.patronymic and not r.family for r in form.readings):
        return 1
    name = form.readings[0]
    return 0 if name.family and name.given else 2


def _is_lone(name: Name) -> bool:
    """Whether the form is a single word: a family or a given name alone."""
    return not (name.family and name.initials) and not (name.given and name.patronymic)


def _evidence(forms: list[_Form]) -> dict[str, list[Name]]:
    """Names whose family part is beyond doubt, for judging the doubtful ones, by the key of that part."""
    found: dict[str, list[Name]] = {}
    for form in forms:
        name = form.readings[0]
        if name.certain and name.family and name.initials:
            found.setdefault(key(name.family), []).append(name)
    return found


def _reordered(form: _Form, evidence: Mapping[str, list[Name]]) -> _Form:
    """The form with the reading first that other forms of the document bear out."""
    if len(form.readings) < 2:
        return form
    borne_out = [0.0] * len(form.readings)
    for at, reading in enumerate(form.readings):
        for sure in evidence.get(key(reading.family), ()) if reading.family else ():
            if sure != reading and (match := compare(reading, sure)):
                borne_out[at] = max(borne_out[at], match.score)
    order = sorted(range(len(form.readings)), key=lambda at: (-borne_out[at], at))
    return replace_readings(form, tuple(form.readings[at] for at in order))


def replace_readings(form: _Form, found: tuple[Name, ...]) -> _Form:
    """The form with other readings."""
    return _Form(form.text, found, form.mentions)


#: What a form must have in common with a group of its document to join it: a family name but for a slip, or a
#: given name with a patronymic.
_ENOUGH = 1.0


def _place_form(form: _Form, groups: list[Group]) -> None:
    """Put a form of several parts into the one group that it fits best, or open a new one."""
    best: list[tuple[float, int, Name]] = []
    for number, group in enumerate(groups):
        fits: list[tuple[float, Name]] = []
        for rank, reading in enumerate(form.readings):
            match = _fit(reading, group)
            if match is not None:
                fits.append((match - 0.35 * rank, reading))
        fits = [f for f in fits if f[0] >= _ENOUGH]
        if fits:
            score, reading = max(fits, key=lambda pair: pair[0])
            best.append((score, number, reading))
    best.sort(key=lambda item: (-item[0], item[1]))
    if best and (len(best) == 1 or best[0][0] - best[1][0] > 0.25):
        _join(groups[best[0][1]], form.mentions, best[0][2])
    elif best:  # several fit alike: whom the text named last before each mention
        for index in form.mentions:
            _, number, reading = min(
                (b for b in best if best[0][0] - b[0] <= 0.25),
                key=lambda b: _distance(groups[b[1]], index),
            )
            _join(groups[number], [index], reading)
    else:
        group = Group(form.readings[0])
        group.readings = form.readings[1:4]
        groups.append(group)
        _join(group, form.mentions, form.readings[0])


def _fit(reading: Name, group: Group) -> float | None:
    """How well a reading fits a group; None where it contradicts any of its names."""
    scores = []
    for name in group.names:
        match = compare(reading, name)
        if match is None:
            return None
        if (
            reading.suffix != name.suffix
            and reading.given
            and reading.initials == name.initials
            and key(reading.given) == key(name.given)
        ):
            return None  # father and son: the text takes care to tell them apart
        scores.append(match.score)
    match = compare(reading, group.name)
    if match is None:
        return None
    return max([match.score, *scores])


def _join(group: Group, indices: list[int], reading: Name) -> None:
    group.mentions += indices
    if reading not in group.names:
        group.names.append(reading)
    if len(group.names) > 1:
        group.readings = tuple(r for r in group.readings if compare(r, reading) is not None)
    group.name = merged(group.name, reading)


def _distance(group: Group, index: int) -> tuple[int, int]:
    """How far before this mention the group was last named; groups named only later come after all others."""
    before = [m for m in group.mentions if m < index]
    return (0, index - max(before)) if before else (1, min(group.mentions) - index)


def _place_lone(forms: list[_Form], groups: list[Group], starts: dict[int, int], raw: str) -> None:
    """Put family and given names that stand alone to the people they stand for, mention by mention."""
    named = list(groups)
    waiting: list[tuple[int, _Form]] = sorted(((i, f) for f in forms for i in f.mentions), key=lambda pair: pair[0])
    candidates = {f.text: _lone_candidates(f, named) for f in forms}
    opened: dict[str, Group] = {}
    for index, form in waiting:
        options = candidates[form.text]
        if not options:
            twin = next((g for t, g in opened.items() if _lone_twins(form, t, g)), None)
            if twin is None:
                twin = opened[form.text] = Group(form.readings[0])
                groups.append(twin)
            _join(twin, [index], _lone_reading(form, twin))
            continue
        gender = _title_gender(raw, starts.get(index, 0))
        gender = gender or (form.readings[0].gender if form.text.startswith("Mrs. ") else "")
        fitting = [o for o in options if not (gender and o[0].name.gender and o[0].name.gender != gender)]
        if not fitting:  # a wife or sister whom the text names only so
            fresh = next((g for t, g in opened.items() if t == gender + form.text), None)
            if fresh is None:
                fresh = opened[gender + form.text] = Group(replace(form.readings[0], gender=gender))
                groups.append(fresh)
            _join(fresh, [index], fresh.name)
            continue
        group, reading = min(fitting, key=lambda o: (form.readings.index(o[1]), _distance(o[0], index)))
        group.mentions.append(index)
        if reading.family and group.name.family and key(reading.family) == key(group.name.family):
            group.name = replace(group.name, certain=True)


def _lone_reading(form: _Form, group: Group) -> Name:
    same_part = [r for r in form.readings if bool(r.family) == bool(group.name.family)]
    return next((r for r in same_part if r.family == group.name.family), (same_part or list(form.readings))[0])


def _lone_twins(form: _Form, text: str, group: Group) -> bool:
    """Whether a lone form is another case or spelling of the lone form that opened a group."""
    ours = {key(r.family or r.given) for r in form.readings}
    theirs = {key(n.family or n.given) for n in group.names}
    return bool(ours & theirs) or form.text == text


def _lone_candidates(form: _Form, groups: list[Group]) -> list[tuple[Group, Name]]:
    """The groups that a lone word may stand for: by the family name, else the given name, else a near spelling."""
    by_family: list[tuple[Group, Name]] = []
    by_given: list[tuple[Group, Name]] = []
    letters = _letters(form)
    near: list[tuple[Group, Name]] = []
    for group in groups:
        family, given = group.name.family, group.name.given
        if letters:
            if letters in _letters_of(group.name):
                near.append((group, form.readings[0]))
            continue
        for reading in form.readings:
            word = reading.family or reading.given
            plain = key(word)
            if family and (plain == key(family) or plain in family_parts(family)):
                if not (reading.suffix and group.name.suffix and reading.suffix != group.name.suffix):
                    by_family.append((group, reading))
                break
            if given and (plain in {key(w) for w in given.split()} or plain == key(given)):
                by_given.append((group, reading))
                break
            if group.name.nickname and plain == key(group.name.nickname):
                by_given.append((group, reading))
                break
            if given and given_groups(word) & given_groups(given.split()[0]):
                near.append((group, reading))
                break
            if family and _like(plain, key(family)):
                near.append((group, reading))
                break
    return by_family or by_given or near


def _like(plain: str, family: str) -> bool:
    """Whether a lone word may be this family name in spite of a slip."""
    if scanned(plain) == scanned(family):
        return True
    return len(plain) >= 5 and plain[-1:] == family[-1:] and close(plain, family)


def _letters(form: _Form) -> str:
    """The letters of a form made of initials only (`J.M.O.`), as one key; else empty."""
    name = form.readings[0]
    if name.family or name.given or name.patronymic or len(name.initials) < 2:
        return ""
    return "".join(key(i) for i in name.initials)


def _letters_of(name: Name) -> set[str]:
    """The letters by which a text may shorten a name."""
    first = "".join(key(i)[:2] if len(i) > 1 else key(i) for i in name.initials)
    short = key(name.initials[0]) if name.initials else ""
    last = key(name.family)[:1]
    return {first + last, short + last, last + first} | (
        {first} if name.patronymic and len(name.initials) > 1 else set()
    )


@cache
def _titles() -> re.Pattern[str]:
    """A title right before a name; not the second of `Mr. and Mrs.`, which goes before the husband's name."""
    titles = "|".join(re.escape(t) for t in knowledge.lines(knowledge.COMMON, "person_titles"))
    return re.compile(rf"(?<!Mr\. and )(?<!Mr and )\b(?P<title>{titles})\.?\s*\Z")


@cache
def _title_words() -> tuple[str, ...]:
    return tuple(knowledge.lines(knowledge.COMMON, "person_titles"))


def _title_gender(raw: str, start: int) -> str:
    before = raw[max(0, start - 16) : start]
    if not before.rstrip().removesuffix(".").endswith(_title_words()):
        return ""  # before nearly all names
    found = _titles().search(before)
    if not found:
        return ""
    return next(e[1] for e in knowledge.table(knowledge.COMMON, "person_titles") if e[0] == found["title"])
