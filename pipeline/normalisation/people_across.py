"""People over all documents: names that can be one person's, weighed with the company that they keep.

Names that can be one person's, directly or by way of others, are kin (`kindred`), and kin is decided on its own:
whatever else a corpus holds does not bear on it. Within kin the fullest names come first, and each person joins the one
person found so far that it fits, or opens a new one. Candidates come from an index by family name (its skeleton, so
that spellings of other languages meet, its parts and its root) and first sound of the given name, so the cost grows
with the number of names. What speaks for a link is added up (see the weights); a family name that others bear too, in
the corpus or as one of the commonest there are, or two persons who fit, ask for more, and so do documents further apart
than a working life. Where the evidence is thin the persons stay apart, because a false
merge is worse than a missed one.

Last come family or given names that stand alone: each word on its own, against the persons who bear it.
"""

from __future__ import annotations

from array import array
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from pipeline.normalisation.company import Around, CandidateLike, Company, age_score, company_score
from pipeline.normalisation.comparison import (
    NEAR_GIVEN,
    SAME_SECOND_INITIAL,
    compare,
    merged,
    second_initial,
)
from pipeline.normalisation.disjoint import Disjoint, Groups
from pipeline.normalisation.kin import bearing, is_lone, kindred, lone_word, name_keys, words_of
from pipeline.normalisation.name_words import is_common_family, patronymic_stem
from pipeline.normalisation.person_name import Name
from pipeline.normalisation.transliteration import key

if TYPE_CHECKING:
    from pipeline.normalisation.apart import Apart

#: What a link needs, and by how much the best of several must lead.
LINK, LEAD = 2.8, 0.5
#: What it adds when all persons of the corpus with this family name may be this one, and it is none of the commonest.
RARE = 1.2
#: What it costs when one name has a `Jr.` and the other has none.
GENERATION = 0.8
#: How many clusters of one key are looked at without shared company.
CROWD = 50
#: Of how many clusters the company is kept at hand; that of others is gathered again from their members. Persons come
#: in the order of names, so that clusters are mostly asked for again soon or not at all.
_AT_HAND = 4_000
#: What company a lone family or given name needs to be taken for the person who fits.
LONE = 1.0


@dataclass(frozen=True, slots=True)
class Decision:
    """Why a document's person was joined to another: the numbers of the two, the score, the reasons."""

    one: int
    other: int
    score: float
    reasons: tuple[str, ...]


@dataclass(slots=True)
class Cluster:
    """A person over all documents, in the making; `read` are the names as which the members joined."""

    name: Name
    number: int = 0
    names: list[Name] = field(default_factory=list)
    members: list[int] = field(default_factory=list)
    read: list[Name] = field(default_factory=list)

    def add(self, name: Name, number: int) -> None:
        """Take in a person, read as this name."""
        self.members.append(number)
        self.read.append(name)
        if name not in self.names:
            self.names.append(name)
        self.name = merged(self.name, name)


class Index(Protocol):
    """Clusters as they stand when a person looks for a home."""

    def near(self, name: Name, company: Company) -> Sequence[Cluster]:
        """Those with which a name in its company is compared."""

    def around(self, cluster: Cluster) -> Around:
        """The documents and the company of a cluster."""


class _Index:
    """Clusters by the keys under which names look for them."""

    def __init__(self, candidates: Sequence[CandidateLike]) -> None:
        self.clusters: list[Cluster] = []
        self._candidates = candidates
        self._by_key: dict[str, list[int]] = {}
        self._crowds: dict[str, dict[str, list[int]]] = {}
        self._around: OrderedDict[int, Around] = OrderedDict()
        self._turn: dict[int, int] = {}  # when each candidate joined
        self._turns = 0

    def open(self, name: Name) -> Cluster:
        """A new cluster, not yet filed under any key."""
        self.clusters.append(Cluster(name, len(self.clusters)))
        return self.clusters[-1]

    def around(self, cluster: Cluster) -> Around:
        """The documents and the company of a cluster."""
        found = self._around.get(cluster.number)
        if found is not None:
            self._around.move_to_end(cluster.number)
            return found
        found = self._around[cluster.number] = Around.of(map(self._candidates.__getitem__, cluster.members))
        if len(self._around) > _AT_HAND:
            self._around.popitem(last=False)
        return found

    def join(self, cluster: Cluster, name: Name, number: int) -> None:
        """Put a person, read as this name, into a cluster."""
        candidate = self._candidates[number]
        if (around := self._around.get(cluster.number)) is not None:
            around.add(candidate)
        cluster.add(name, number)
        self._turns += 1
        self._turn[number] = self._turns

    def file(self, cluster: Cluster, name: Name, company: Company) -> None:
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

    def near(self, name: Name, company: Company) -> list[Cluster]:
        """The clusters that share a key with the name, oldest first.

        Under a key that very many share (`A. Kim`) only the first, whose names are the fullest, and those that keep
        some of the same company.
        """
        found: set[int] = set()
        for k in name_keys(name):
            filed = self._by_key.get(k, [])
            found.update(filed[:CROWD])
            if len(filed) > CROWD:
                crowd = self._crowds[k] if k in self._crowds else self._crowd(k)
                for each in company.affiliations | company.people:
                    found.update(crowd.get(each, ())[-CROWD:])
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


def link_people(
    candidates: Sequence[CandidateLike], *, reasons: bool = True,
    told: Callable[[Sequence[Name], Sequence[Cluster]], None] | None = None, apart: Apart | None = None,
) -> tuple[Disjoint, list[Decision]]:  # fmt: skip
    """Which persons of the documents are one, and with `reasons` why; the order of the candidates does not matter.

    `told` gets each kin with its persons. `apart` has these found elsewhere; it cannot give reasons.
    """
    sets = Disjoint(len(candidates))
    decisions: list[Decision] = []
    bearers: dict[str, str | None] = {}  # family name → the first sound beside it, None where there are several
    number_of: dict[Name, int] = {}
    compared, of = array("i"), array("i")  # the candidates, and the numbers of their names
    lone: dict[str, list[int]] = defaultdict(list)
    ties: dict[tuple[Name, ...], None] = {}
    for number, candidate in enumerate(candidates):
        name = candidate.name
        if (borne := bearing(name)) is not None and bearers.setdefault(*borne) != borne[1]:
            bearers[borne[0]] = None
        if is_lone(name):
            lone[lone_word(name)].append(number)
            continue
        compared.append(number)
        of.append(number_of.setdefault(name, len(number_of)))
        if candidate.readings:
            ties[name, *candidate.readings] = None
    borne_by: dict[str, list[Cluster]] = defaultdict(list)

    def is_rare(family: str) -> bool:
        return bearers.get(family) is not None

    all_kin = kindred(number_of, list(ties), apart.keys if apart else None)
    del ties
    bearing_it = Groups(of)
    units = ([compared[n] for name in kin if name in number_of for n in bearing_it[number_of[name]]] for kin in all_kin)
    if apart:
        people = apart.people(units, candidates, is_rare)
    else:
        people = (link_kin(some, candidates, is_rare, decisions) for some in units)
    for kin, clusters in zip(all_kin, people, strict=True):
        if told:
            told(kin, clusters)
        for cluster in clusters:
            for other in cluster.members[1:]:
                sets.union(cluster.members[0], other)
            for word in words_of(cluster.name) & lone.keys():
                borne_by[word].append(cluster)
        if not reasons:
            decisions.clear()
    for word, numbers in lone.items():
        for home, number in place_lone(numbers, borne_by.get(word, []), candidates, decisions):
            sets.union(home, number)
    return sets, decisions if reasons else []


def link_kin(
    numbers: Iterable[int], candidates: Sequence[CandidateLike], is_rare: Callable[[str], bool],
    decisions: list[Decision],
) -> list[Cluster]:  # fmt: skip
    """The persons among candidates whose names are kin, each with its members; decisions are added to the list.

    Args:
        numbers: the candidates. candidates: all of them.
        is_rare: whether all persons of the corpus with this family name (its key) may be one.
        decisions: gets why each was joined to another.
    """
    index = _Index(candidates)
    for number in sorted(numbers, key=lambda n: place_in_order(candidates[n], n)):
        candidate = candidates[number]
        home, reading, score, why = home_of(candidate, index, is_rare)
        if home is None:
            home = index.open(candidate.name)
        else:
            decisions.append(Decision(home.members[0], number, round(score, 2), why))
        index.file(home, reading, candidate.company)
        index.join(home, reading, number)
    return index.clusters


def home_of(
    candidate: CandidateLike, index: Index, is_rare: Callable[[str], bool]
) -> tuple[Cluster | None, Name, float, tuple[str, ...]]:
    """The cluster that a person joins, None where it opens one; the name as which it does, the score, the reasons."""
    family = key(candidate.name.family)
    rare = RARE if is_rare(family) and not is_common_family(family) else 0.0
    found = _home(candidate, index, candidate.name, rare)
    if found[0] is None:
        others = (_home(candidate, index, other, 0.0) for other in candidate.readings)
        return next((f for f in others if f[0] is not None), found)
    return found


def place_in_order(candidate: CandidateLike, number: int) -> tuple[object, ...]:
    """Where a candidate stands in the order of decisions: fuller names first, then by document."""
    return (order_of(candidate.name), candidate.document, number)


def order_of(name: Name) -> tuple[object, ...]:
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
    candidate: CandidateLike, index: Index, name: Name, rare: float
) -> tuple[Cluster | None, Name, float, tuple[str, ...]]:
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
        more, why = company_score(company, around)
        more += age_score(candidate, around)
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


def _name_score(name: Name, cluster: Cluster) -> tuple[float, tuple[str, ...]] | None:
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


def place_lone(
    numbers: Iterable[int], bearers: Sequence[Cluster], candidates: Sequence[CandidateLike], decisions: list[Decision]
) -> list[tuple[int, int]]:
    """Family or given names alone go to the one person of that name with whose company they stand.

    Args:
        numbers: the candidates of one lone word (`lone_word`).
        bearers: the persons who bear it (`words_of`). Of very many the first are looked at, whose names are fullest.
        candidates: all candidates. decisions: gets why each was joined to another.

    Returns:
        A member of the home of each that found one, with its own number.
    """
    first = sorted(bearers, key=lambda c: place_in_order(candidates[c.members[0]], c.members[0]))[:CROWD]
    known = [(c.members[0], Around.of(map(candidates.__getitem__, c.members))) for c in first]
    strangers: list[tuple[int, Around]] = []
    found = []
    for number in sorted(numbers, key=lambda n: place_in_order(candidates[n], n)):
        candidate = candidates[number]
        scored = []
        for home, around in (*known, *strangers[:CROWD]):
            if candidate.document not in around.documents:
                score, why = company_score(candidate.company, around)
                score += age_score(candidate, around)
                scored.append((score, home, why, around))
        scored.sort(key=lambda s: (-s[0], s[1]))
        needed = LONE if len(scored) != 1 or not candidate.name.family else LONE * 0.6
        if scored and scored[0][0] >= needed and (len(scored) == 1 or scored[0][0] - scored[1][0] >= LEAD):
            score, home, why, around = scored[0]
            decisions.append(Decision(home, number, round(score, 2), ("same name alone", *why)))
            found.append((home, number))
        else:
            around = Around()
            strangers.append((number, around))
        around.add(candidate)
    return found
