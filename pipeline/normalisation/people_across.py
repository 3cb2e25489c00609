"""People over all documents: names that can be one person's, weighed with the company that they keep.

Equal names are one node; the fullest nodes come first, and each of their persons joins the one person found so far that
it fits, or opens a new one. Candidates come from an index by family name (its skeleton, so that spellings of other
languages meet, its parts and its root) and first sound of the given name, so the cost grows with the number of names.
What speaks for a link is added up (see the weights); a common family name, or two persons who fit, ask for more. Where
the evidence is thin the persons stay apart, because a false merge is worse than a missed one.
"""

from __future__ import annotations

from array import array
from collections import OrderedDict, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

from pipeline.normalisation.comparison import (
    NEAR_GIVEN,
    SAME_SECOND_INITIAL,
    compare,
    family_parts,
    family_root,
    merged,
    scanned,
    second_initial,
)
from pipeline.normalisation.disjoint import Disjoint
from pipeline.normalisation.name_words import patronymic_stem
from pipeline.normalisation.person_name import Name
from pipeline.normalisation.transliteration import key, skeleton

#: What company is worth: the same institution in an affiliation, the same role, another person or a named
#: institution in both documents.
AFFILIATED, ROLE, TOGETHER, NAMED = 1.6, 0.5, 0.8, 0.3
#: What a link needs, and by how much the best of several must lead.
LINK, LEAD = 2.8, 0.5
#: What it adds when all persons of the corpus with this family name may be this one.
RARE = 1.2
#: What it costs when one name has a `Jr.` and the other has none.
GENERATION = 0.8
#: How many clusters of one key are looked at without shared company.
_CROWD = 50
#: Of how many clusters the company is kept at hand; that of others is gathered again from their members. Persons come
#: in the order of names, so that clusters are mostly asked for again soon or not at all.
_AT_HAND = 4_000
#: What company a lone family or given name needs to be taken for the person who fits.
LONE = 1.0


@dataclass(frozen=True, slots=True)
class Company:
    """What stands around a person in a document, as keys."""

    affiliations: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    institutions: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Candidate:
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


@dataclass(frozen=True, slots=True)
class Decision:
    """Why a document's person was joined to another: the numbers of the two, the score, the reasons."""

    one: int
    other: int
    score: float
    reasons: tuple[str, ...]


@dataclass(slots=True)
class _Cluster:
    """A person over all documents, in the making; `read` are the names as which the members joined."""

    name: Name
    number: int = 0
    names: list[Name] = field(default_factory=list)
    members: list[int] = field(default_factory=list)
    read: list[Name] = field(default_factory=list)


@dataclass(slots=True)
class _Around:
    """The documents of a cluster and the company that it keeps in them."""

    documents: set[str] = field(default_factory=set)
    affiliations: set[str] = field(default_factory=set)
    roles: set[str] = field(default_factory=set)
    people: set[str] = field(default_factory=set)
    institutions: set[str] = field(default_factory=set)

    def add(self, candidate: CandidateLike) -> None:
        company = candidate.company
        self.documents.add(candidate.document)
        self.affiliations |= company.affiliations
        self.roles |= company.roles
        self.people |= company.people
        self.institutions |= company.institutions


class _Index:
    """Clusters by the keys under which names look for them."""

    def __init__(self, candidates: Sequence[CandidateLike]) -> None:
        self.clusters: list[_Cluster] = []
        self._candidates = candidates
        self._by_key: dict[str, list[int]] = {}
        self._crowds: dict[str, dict[str, list[int]]] = {}
        self._around: OrderedDict[int, _Around] = OrderedDict()
        self._turn = array("l", bytes(array("l").itemsize * len(candidates)))  # when each candidate joined
        self._turns = 0

    def open(self, name: Name) -> _Cluster:
        """A new cluster, not yet filed under any key."""
        self.clusters.append(_Cluster(name, len(self.clusters)))
        return self.clusters[-1]

    def around(self, cluster: _Cluster) -> _Around:
        """The documents and the company of a cluster."""
        found = self._around.get(cluster.number)
        if found is not None:
            self._around.move_to_end(cluster.number)
            return found
        found = self._around[cluster.number] = _Around()
        for member in cluster.members:
            found.add(self._candidates[member])
        if len(self._around) > _AT_HAND:
            self._around.popitem(last=False)
        return found

    def join(self, cluster: _Cluster, name: Name, number: int) -> None:
        """Put a person, read as this name, into a cluster."""
        candidate = self._candidates[number]
        if (around := self._around.get(cluster.number)) is not None:
            around.add(candidate)
        cluster.members.append(number)
        cluster.read.append(name)
        if name not in cluster.names:
            cluster.names.append(name)
        cluster.name = merged(cluster.name, name)
        self._turns += 1
        self._turn[number] = self._turns

    def file(self, cluster: _Cluster, name: Name, company: Company) -> None:
        """File a cluster under the keys of a name that is about to join it."""
        keys = name_keys(name)
        if name not in cluster.names:
            known = {k for other in cluster.names for k in name_keys(other)}
            for k in keys:
                if k not in known:
                    known.add(k)
                    self._by_key.setdefault(k, []).append(cluster.number)
        for k in keys:
            if (crowd := self._crowds.get(k)) is not None:
                for each in company.affiliations | company.people:
                    crowd.setdefault(each, []).append(cluster.number)

    def near(self, name: Name, company: Company) -> list[_Cluster]:
        """The clusters that share a key with the name, oldest first.

        Under a key that very many share (`A. Kim`) only the first, whose names are the fullest, and those that keep
        some of the same company.
        """
        found: set[int] = set()
        for k in name_keys(name):
            filed = self._by_key.get(k, [])
            found.update(filed[:_CROWD])
            if len(filed) > _CROWD:
                crowd = self._crowds[k] if k in self._crowds else self._crowd(k)
                for each in company.affiliations | company.people:
                    found.update(crowd.get(each, ())[-_CROWD:])
        return [self.clusters[n] for n in sorted(found)]

    def _crowd(self, k: str) -> dict[str, list[int]]:
        """The clusters under a key by the company they keep, those last that were joined last."""
        crowd = self._crowds[k] = {}
        joined = [
            (self._turn[member], number, member)
            for number in self._by_key[k]
            for member, name in zip(self.clusters[number].members, self.clusters[number].read, strict=True)
            for each in name_keys(name)
            if each == k
        ]
        for _, number, member in sorted(joined):
            company = self._candidates[member].company
            for each in company.affiliations | company.people:
                crowd.setdefault(each, []).append(number)
        return crowd


@lru_cache(maxsize=8192)
def name_keys(name: Name) -> tuple[str, ...]:
    """The keys under which names that may be one person's meet."""
    return tuple(_name_keys(name))


def _name_keys(name: Name) -> Iterator[str]:
    if name.family and name.initials:
        families = {key(name.family), family_root(name.family), *family_parts(name.family)}
        sounds = {_sound(name), *(_sound_of(word) for word in name.given.split())}
        if not name.given and name.initials[0].lower() in ("i", "y", "j"):
            sounds |= {"a", "e"}  # `Y.` may be Юрий or Ерлан
        for sound in sorted(sounds):
            yield from (f"{_filed(family)}:{sound}" for family in families)
    elif name.family:
        yield f"{_filed(key(name.family))}:"
    if name.given and name.patronymic:
        yield f"{skeleton(name.given)}+{patronymic_stem(name.patronymic)}"


def _sound(name: Name) -> str:
    """The first sound of the given name, those that languages exchange as one."""
    return _sound_of(name.given.split()[0] if name.given else name.initials[0])


def _filed(family: str) -> str:
    """A family name's key as the index files it."""
    return skeleton(scanned(family).replace("h", "g"))


def _sound_of(word: str) -> str:
    plain = key(word)
    return {"i": "e", "o": "a", "u": "a", "v": "a", "h": "k", "g": "k", "j": "e"}.get(plain[:1], plain[:1])


def link_people(
    candidates: Sequence[CandidateLike], *, reasons: bool = True
) -> tuple[Disjoint, list[Decision]]:
    """Which persons of the documents are one, and with `reasons` why; the order of the candidates does not matter."""
    sets = Disjoint(len(candidates))
    decisions: list[Decision] = []
    index = _Index(candidates)
    bearers: dict[str, set[str]] = defaultdict(set)
    for c in candidates:
        if c.name.family and c.name.initials:
            bearers[key(c.name.family)].add(_sound(c.name))
    lone = []
    for number in sorted(range(len(candidates)), key=lambda n: (_order(candidates[n].name), candidates[n].document, n)):
        candidate = candidates[number]
        if not (candidate.name.family and candidate.name.initials) and not candidate.name.patronymic:
            lone.append(number)
            continue
        rare = RARE if len(bearers[key(candidate.name.family)]) == 1 else 0.0
        home, reading, score, why = _home(candidate, index, candidate.name, rare)
        if home is None:
            others = (_home(candidate, index, other, 0.0) for other in candidate.readings)
            found = next((f for f in others if f[0] is not None), None)
            if found is not None:
                home, reading, score, why = found
        if home is None:
            home = index.open(candidate.name)
        elif reasons:
            decisions.append(Decision(home.members[0], number, round(score, 2), why))
        index.file(home, reading, candidate.company)
        index.join(home, reading, number)
    placed = _place_lone(lone, candidates, index)
    decisions += placed if reasons else []
    for cluster in index.clusters:
        for other_number in cluster.members[1:]:
            sets.union(cluster.members[0], other_number)
    return sets, decisions


def _order(name: Name) -> tuple[object, ...]:
    """Fuller names first, equal ones together, whatever the order of documents."""
    fullness = name.weight + 2 * bool(name.given) + 2 * bool(second_initial(name)) + name.certain
    return (
        -fullness,
        key(name.family),
        key(name.given),
        patronymic_stem(name.patronymic),
        tuple(key(i) for i in name.initials),
        name.suffix,
    )


def _home(
    candidate: CandidateLike, index: _Index, name: Name, rare: float
) -> tuple[_Cluster | None, Name, float, tuple[str, ...]]:
    """The one cluster that the person belongs to, with reading, score and reasons; None where the evidence is thin."""
    company = candidate.company
    fits = []
    for cluster in index.near(name, company):
        base = _name_score(name, cluster)
        if base is None:
            continue
        around = index.around(cluster)
        if candidate.document in around.documents and base[0] < 3.5:
            continue
        more, why = _company_score(company, around)
        fits.append((base[0] + more, cluster, (*base[1], *why)))
    if not fits:
        return None, name, 0.0, ()
    fits.sort(key=lambda f: (-f[0], f[1].members[0]))
    score, best, reasons = fits[0]
    if len(fits) == 1:
        score += rare
    elif any(score - s < LEAD and compare(best.name, c.name) is None for s, c, _ in fits[1:]):
        return None, name, 0.0, ()  # two persons fit who cannot be one
    if score < LINK - 1e-9:
        return None, name, 0.0, ()
    return best, name, score, reasons


def _name_score(name: Name, cluster: _Cluster) -> tuple[float, tuple[str, ...]] | None:
    """How well a name fits a cluster: its best likeness; None where it contradicts any name of it."""
    best = compare(name, cluster.name)
    if best is None:
        return None
    for other in cluster.names:
        found = compare(name, other)
        if found is None:
            return None
        if found.score > best.score:
            best = found
    score, evidence = best.score, best.evidence
    if not (name.family and cluster.name.family) and not (
        name.patronymic and score >= NEAR_GIVEN + SAME_SECOND_INITIAL
    ):
        return None
    if bool(name.suffix) != bool(cluster.name.suffix) and (name.given or name.suffix):
        score -= GENERATION
    return score, evidence


def _company_score(company: Company, cluster: _Around) -> tuple[float, list[str]]:
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


def _place_lone(lone: list[int], candidates: Sequence[CandidateLike], index: _Index) -> list[Decision]:
    """Family or given names alone go to the one person of that name with whose company they stand."""
    by_word: dict[str, list[_Cluster]] = defaultdict(list)
    asked = {key(candidates[n].name.family or candidates[n].name.given) for n in lone} - {""}
    for cluster in index.clusters:
        words = {key(cluster.name.family), key(cluster.name.given)} | family_parts(cluster.name.family)
        for word in words & asked:
            by_word[word].append(cluster)
    decisions = []
    strangers: dict[str, list[_Cluster]] = defaultdict(list)
    for number in lone:
        candidate = candidates[number]
        name = candidate.name
        word, company = key(name.family or name.given), candidate.company
        scored = []
        for cluster in [*by_word.get(word, ())[:_CROWD], *strangers.get(word, ())[:_CROWD]]:
            around = index.around(cluster)
            if candidate.document in around.documents:
                continue
            score, why = _company_score(company, around)
            scored.append((score, cluster, why))
        scored.sort(key=lambda s: (-s[0], s[1].members[0]))
        needed = LONE if len(scored) != 1 or not name.family else LONE * 0.6
        if scored and scored[0][0] >= needed and (len(scored) == 1 or scored[0][0] - scored[1][0] >= LEAD):
            score, home, why = scored[0]
            decisions.append(Decision(home.members[0], number, round(score, 2), ("same name alone", *why)))
        else:
            home = index.open(name)
            strangers[word].append(home)
        index.join(home, home.names[0] if home.names else name, number)
    return decisions
