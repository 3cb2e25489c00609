"""People over all documents: names that can be one person's, weighed with the company that they keep.

Equal names are one node; the fullest nodes come first, and each of their persons joins the one person found so far that
it fits, or opens a new one. Candidates come from an index by family name (its skeleton, so that spellings of other
languages meet, its parts and its root) and first sound of the given name, so the cost grows with the number of names.
What speaks for a link is added up (see the weights); a common family name, or two persons who fit, ask for more. Where
the evidence is thin the persons stay apart, because a false merge is worse than a missed one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

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


@dataclass(frozen=True, slots=True)
class Decision:
    """Why a document's person was joined to another: the numbers of the two, the score, the reasons."""

    one: int
    other: int
    score: float
    reasons: tuple[str, ...]


@dataclass(slots=True)
class _Cluster:
    """A person over all documents, in the making."""

    name: Name
    number: int = 0
    names: list[Name] = field(default_factory=list)
    members: list[int] = field(default_factory=list)
    documents: set[str] = field(default_factory=set)
    affiliations: set[str] = field(default_factory=set)
    roles: set[str] = field(default_factory=set)
    people: set[str] = field(default_factory=set)
    institutions: set[str] = field(default_factory=set)


class _Index:
    """Clusters by the keys under which names look for them."""

    def __init__(self) -> None:
        self.clusters: list[_Cluster] = []
        self._by_key: dict[str, list[int]] = defaultdict(list)
        self._filed: set[tuple[str, int]] = set()
        self._by_company: dict[tuple[str, str], list[int]] = defaultdict(list)

    def open(self, name: Name) -> _Cluster:
        """A new cluster, not yet filed under any key."""
        self.clusters.append(_Cluster(name, len(self.clusters)))
        return self.clusters[-1]

    def add(self, number: int, name: Name, company: Company) -> None:
        """File a cluster under the keys of one of its names, and of these with the company it keeps."""
        for k in name_keys(name):
            if (k, number) not in self._filed:
                self._filed.add((k, number))
                self._by_key[k].append(number)
            for each in company.affiliations | company.people:
                self._by_company[k, each].append(number)

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
                for each in company.affiliations | company.people:
                    found.update(self._by_company.get((k, each), ())[-_CROWD:])
        return [self.clusters[n] for n in sorted(found)]


def name_keys(name: Name) -> Iterable[str]:
    """The keys under which names that may be one person's meet."""
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


def link_people(candidates: Sequence[Candidate]) -> tuple[Disjoint, list[Decision]]:
    """Which persons of the documents are one, and why; the order of the candidates does not matter."""
    sets = Disjoint(len(candidates))
    decisions: list[Decision] = []
    index = _Index()
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
        home, reading, score, reasons = _home(candidate, index.near(candidate.name, candidate.company), rare)
        if home is None:
            others = (
                _home(candidate, index.near(other, candidate.company), 0.0, other) for other in candidate.readings
            )
            found = next((f for f in others if f[0] is not None), None)
            if found is not None:
                home, reading, score, reasons = found
        if home is None:
            home = index.open(candidate.name)
        else:
            decisions.append(Decision(home.members[0], number, round(score, 2), reasons))
        _join(home, reading, number, candidate)
        index.add(home.number, reading, candidate.company)
    decisions += _place_lone(lone, candidates, index)
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
    candidate: Candidate, clusters: list[_Cluster], rare: float, name: Name | None = None
) -> tuple[_Cluster | None, Name, float, tuple[str, ...]]:
    """The one cluster that the person belongs to, with reading, score and reasons; None where the evidence is thin."""
    name = name or candidate.name
    fits = []
    for cluster in clusters:
        base = _name_score(name, cluster)
        if base is None or (candidate.document in cluster.documents and base[0] < 3.5):
            continue
        more, why = _company_score(candidate.company, cluster)
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


def _company_score(company: Company, cluster: _Cluster) -> tuple[float, list[str]]:
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


def _join(cluster: _Cluster, name: Name, number: int, candidate: Candidate) -> None:
    cluster.members.append(number)
    cluster.documents.add(candidate.document)
    if name not in cluster.names:
        cluster.names.append(name)
    cluster.name = merged(cluster.name, name)
    cluster.affiliations |= candidate.company.affiliations
    cluster.roles |= candidate.company.roles
    cluster.people |= candidate.company.people
    cluster.institutions |= candidate.company.institutions


def _place_lone(lone: list[int], candidates: Sequence[Candidate], index: _Index) -> list[Decision]:
    """Family or given names alone go to the one person of that name with whose company they stand."""
    by_word: dict[str, list[_Cluster]] = defaultdict(list)
    for cluster in index.clusters:
        words = {key(cluster.name.family), key(cluster.name.given)} | family_parts(cluster.name.family)
        for word in words - {""}:
            by_word[word].append(cluster)
    decisions = []
    strangers: dict[str, list[_Cluster]] = defaultdict(list)
    for number in lone:
        candidate = candidates[number]
        name = candidate.name
        word = key(name.family or name.given)
        scored = []
        for cluster in [*by_word.get(word, ())[:_CROWD], *strangers.get(word, ())[:_CROWD]]:
            if candidate.document in cluster.documents:
                continue
            score, why = _company_score(candidate.company, cluster)
            scored.append((score, cluster, why))
        scored.sort(key=lambda s: (-s[0], s[1].members[0]))
        needed = LONE if len(scored) != 1 or not name.family else LONE * 0.6
        if scored and scored[0][0] >= needed and (len(scored) == 1 or scored[0][0] - scored[1][0] >= LEAD):
            score, home, why = scored[0]
            decisions.append(Decision(home.members[0], number, round(score, 2), ("same name alone", *why)))
        else:
            home = index.open(name)
            strangers[word].append(home)
        _join(home, name if home.names == [] else home.names[0], number, candidate)
    return decisions
