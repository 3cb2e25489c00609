"""Entities described: the row of a person or institution, and its id, from what the documents call it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import groupby
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from pipeline.normalisation.comparison import merged
from pipeline.normalisation.dates import ends
from pipeline.normalisation.institutions import InstitutionName
from pipeline.normalisation.institutions_in_cases import in_nominative
from pipeline.normalisation.person_name import Name
from pipeline.normalisation.transliteration import is_cyrillic, latin_slug

_LONGEST_SLUG = 72


class Person(Struct, frozen=True, array_like=True, gc=False):
    """A person over all documents: a row of the table `people`."""

    id: str
    name: str
    family_name: str
    given_name: str
    patronymic: str
    initials: str
    variants: tuple[str, ...]
    documents: int
    mentions: int
    first_date: str
    last_date: str
    authority_id: str = ""
    authority_score: float | None = None
    authority_reason: str = ""


class Institution(Struct, frozen=True, array_like=True, gc=False):
    """An institution over all documents: a row of the table `institutions`."""

    id: str
    name: str
    kind: str
    named_after: str
    place: str
    part_of: str
    variants: tuple[str, ...]
    documents: int
    mentions: int
    first_date: str
    last_date: str
    authority_id: str = ""
    authority_score: float | None = None
    authority_reason: str = ""


Described = TypeVar("Described", Person, Institution)
T = TypeVar("T", Name, InstitutionName)


def describe_institution(
    named: Iterable[InstitutionName], counts: Mapping[str, int], documents: int, dates: Iterable[str]
) -> Institution:
    """The institution that bears these names; `id` is the wish, `part_of` still empty.

    Args:
        named: its name in each document. counts: its written forms with their numbers.
        documents: how many. dates: those of the documents.
    """
    times = Counter(named)
    names = _ranked(times, _institution_rank)
    name = in_nominative(names[0].folded)
    kinds: Counter[str] = Counter()
    places: Counter[str] = Counter()
    for parsed, count in times.items():
        if parsed.kind:
            kinds[parsed.kind] += count
        for place in parsed.places:
            places[place] += count
    first, last = _span(dates)
    return Institution(
        shortened(latin_slug(name)) or "institution",
        name,
        _commonest(kinds),
        next((n.named_after for n in names if n.named_after), ""),
        _commonest(places).replace("-", " ").title(),
        "",
        tuple(sorted(counts)),
        documents,
        sum(counts.values()),
        first,
        last,
    )


def describe_person(named: Iterable[Name], counts: Mapping[str, int], documents: int, dates: Iterable[str]) -> Person:
    """The person who bears these names; `id` is the wish. For the arguments see `describe_institution`."""
    names = _ranked(dict.fromkeys(named), _person_rank)
    best = names[0]
    for other in names[1:]:
        best = merged(best, other) if best.weight >= other.weight else best
    first, last = _span(dates)
    parts = [best.family, best.given or ".".join(best.initials), best.patronymic, best.suffix]
    return Person(
        shortened(latin_slug(" ".join(parts))) or "person",
        best.display,
        best.family,
        best.given,
        best.patronymic,
        "".join(f"{i}." for i in best.initials),
        tuple(sorted(counts)),
        documents,
        sum(counts.values()),
        first,
        last,
    )


def _span(dates: Iterable[str]) -> tuple[str, str]:
    """The first and the last of the documents' dates that name a year; of a range its ends."""
    known = [ends(d) for d in set(dates) if d and not d.startswith("X")]
    return (min(first for first, _ in known), max(last for _, last in known)) if known else ("", "")


def _commonest(counts: Counter[str]) -> str:
    return min(counts, key=lambda text: (-counts[text], text)) if counts else ""


def _ranked(names: Collection[T], rank: Callable[[T], tuple[object, ...]]) -> list[T]:
    """Names in the order of their ranks. Most entities have one, whose rank need not be known."""
    return sorted(names, key=rank) if len(names) > 1 else list(names)


def _institution_rank(name: InstitutionName) -> tuple[object, ...]:
    """Which of an institution's names stands for it: Latin, not in capitals, the fullest, then by the alphabet."""
    text = name.folded
    return (bool(name.acronym), is_cyrillic(text), text.isupper(), -name.weight, -len(text), text)


def _person_rank(name: Name) -> tuple[object, ...]:
    """Which of a person's names stands first: Latin, the fullest, the surest, then by the alphabet."""
    return (is_cyrillic(name.family + name.given), -name.weight, not name.certain, name.display)


def shortened(slug: str) -> str:
    """A slug cut after the last whole word within reach."""
    return slug if len(slug) <= _LONGEST_SLUG else slug[: _LONGEST_SLUG + 1].rpartition("-")[0] or slug[:_LONGEST_SLUG]


def with_ids(rows: list[Described], documents: list[str]) -> list[Described]:
    """The rows with ids made unique (`unique_ids`)."""
    ids = unique_ids([row.id for row in rows], documents, lambda i: rows[i].variants)
    return [replace(row, id=slug) for row, slug in zip(rows, ids, strict=True)]


def unique_ids(
    wishes: Sequence[str], documents: Sequence[str], variants: Callable[[int], tuple[str, ...]]
) -> list[str]:
    """Ids made unique: where several rows wish for one, those first named in a later document get a number.

    `documents[i]` is the document that names the i-th first, in the order of document ids; `variants(i)` are its
    written forms, which decide where one document is the first of both.
    """

    def place(i: int) -> tuple[str, str]:
        return wishes[i], documents[i]

    taken = set(wishes)
    seen: set[str] = set()
    ids = [""] * len(wishes)
    tried: dict[str, int] = {}
    for _, alike in groupby(sorted(range(len(wishes)), key=place), key=place):
        some = list(alike)
        for i in sorted(some, key=variants) if len(some) > 1 else some:
            slug = wishes[i]
            if slug in seen:
                number = tried.get(slug, 2)
                while f"{slug}-{number}" in taken:
                    number += 1
                tried[slug] = number + 1
                slug = f"{slug}-{number}"
            seen.add(slug)
            taken.add(slug)
            ids[i] = slug
    return ids
