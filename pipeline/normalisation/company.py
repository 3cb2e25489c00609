"""The company that a person keeps in documents: institutions, roles and people, and what it is worth where shared."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

from msgspec import Struct

from pipeline.normalisation.person_name import Name

#: What company is worth: the same institution in an affiliation, the same role, another person or a named
#: institution in both documents.
AFFILIATED, ROLE, TOGETHER, NAMED = 1.6, 0.5, 0.8, 0.3
#: So many years hardly anybody holds posts, and what it costs when documents say so: more than a role, and no less than
#: what two namesakes at one institution have in common. Half of that where either is only named: people look back.
WORKING_LIFE, OTHER_AGE = 60, 2.4


class Company(Struct, frozen=True, array_like=True, gc=False):
    """What stands around a person in a document, as keys."""

    affiliations: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    institutions: frozenset[str] = frozenset()


class Candidate(Struct, frozen=True, array_like=True, gc=False):
    """One person of one document as the linker sees it; `document` orders persons and keeps one document's apart."""

    name: Name
    document: str
    company: Company
    readings: tuple[Name, ...] = ()
    date: str = ""


class CandidateLike(Protocol):
    """The same, whether its company is at hand or made when it is asked for."""

    @property
    def name(self) -> Name:
        """The fullest reading of the name."""

    @property
    def document(self) -> str:
        """The document."""

    @property
    def company(self) -> Company:
        """What stands around the person."""

    @property
    def readings(self) -> tuple[Name, ...]:
        """Other readings of the name."""

    @property
    def date(self) -> str:
        """The date of the document (EDTF), or empty."""


@dataclass(slots=True)
class Years:
    """The first and the last of some years; 0 for both where there are none."""

    first: int = 0
    last: int = 0

    def add(self, year: int) -> None:
        """A year more; 0 is none."""
        if year:
            self.first, self.last = min(self.first or year, year), max(self.last, year)


@dataclass(slots=True)
class Around:
    """The documents of a cluster, the company that it keeps in them, and their years.

    `posted` are those of documents in which it has a role or an institution of its own.
    """

    documents: set[str] = field(default_factory=set)
    affiliations: set[str] = field(default_factory=set)
    roles: set[str] = field(default_factory=set)
    people: set[str] = field(default_factory=set)
    institutions: set[str] = field(default_factory=set)
    years: Years = field(default_factory=Years)
    posted: Years = field(default_factory=Years)

    @classmethod
    def of(cls, candidates: Iterable[CandidateLike]) -> Around:
        """That of a cluster with these members."""
        made = cls()
        for candidate in candidates:
            made.add(candidate)
        return made

    def add(self, candidate: CandidateLike) -> None:
        """A member joins."""
        company = candidate.company
        self.documents.add(candidate.document)
        self.affiliations |= company.affiliations
        self.roles |= company.roles
        self.people |= company.people
        self.institutions |= company.institutions
        self.years.add(year := year_of(candidate.date))
        if _has_post(company):
            self.posted.add(year)


def _has_post(company: Company) -> bool:
    return bool(company.roles or company.affiliations)


_YEAR = re.compile(r"\d{4}")


@lru_cache(maxsize=8192)
def year_of(date: str) -> int:
    """The year with which a date (EDTF) begins; 0 where it names none."""
    year = _YEAR.match(date)
    return int(year[0]) if year else 0


def age_score(candidate: CandidateLike, cluster: Around) -> float:
    """What it costs that documents of a person and of a cluster lie further apart than a working life; 0 or less."""
    year = year_of(candidate.date)
    if not year:
        return 0.0
    held, known = cluster.posted, cluster.years
    posted = held.first and _has_post(candidate.company)
    if posted and max(held.last, year) - min(held.first, year) > WORKING_LIFE:
        return -OTHER_AGE
    if known.first and max(known.first - year, year - known.last) > WORKING_LIFE:
        return -OTHER_AGE / 2
    return 0.0


def company_score(company: Company, cluster: Around) -> tuple[float, list[str]]:
    """What shared company is worth, and which it is."""
    score, why = 0.0, []
    if company.affiliations & cluster.affiliations:
        score += AFFILIATED
        why.append("same institution")
    elif company.affiliations & cluster.institutions or company.institutions & cluster.affiliations:
        score += NAMED
        why.append("institution named in both")
    if company.roles & cluster.roles:
        score += ROLE
        why.append("same role")
    together = len(company.people & cluster.people)
    if together:
        score += TOGETHER * min(together, 2)
        why.append("named with the same people")
    return score, why
