"""The company that a person keeps in documents: institutions, roles and people, and what it is worth where shared."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from msgspec import Struct

from pipeline.normalisation.person_name import Name

#: What company is worth: the same institution in an affiliation, the same role, another person or a named
#: institution in both documents.
AFFILIATED, ROLE, TOGETHER, NAMED = 1.6, 0.5, 0.8, 0.3


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


@dataclass(slots=True)
class Around:
    """The documents of a cluster and the company that it keeps in them."""

    documents: set[str] = field(default_factory=set)
    affiliations: set[str] = field(default_factory=set)
    roles: set[str] = field(default_factory=set)
    people: set[str] = field(default_factory=set)
    institutions: set[str] = field(default_factory=set)

    def add(self, candidate: CandidateLike) -> None:
        """A member joins."""
        company = candidate.company
        self.documents.add(candidate.document)
        self.affiliations |= company.affiliations
        self.roles |= company.roles
        self.people |= company.people
        self.institutions |= company.institutions


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
