"""Institutions over all documents: equal names, cross-language names and abbreviations brought together.

Documents' institutions are first put together by what their fullest names say (equal parts are one node), then nodes
are compared only with those that share a telling part (a name, a place and kind, a country and kind, an abbreviation).
A node joins the one cluster that it fits and contradicts no member of; where two fit, it stays apart. Names that say no
more than a kind are put together by the company that they keep, and bare abbreviations by who introduces them; both on
their own, whatever else a corpus holds.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar

from msgspec.structs import replace

from pipeline.normalisation.disjoint import Disjoint, Groups
from pipeline.normalisation.institution_words import telling
from pipeline.normalisation.institutions import InstitutionName, subject_names
from pipeline.normalisation.institutions_within import acronyms_of, similarity
from pipeline.normalisation.transliteration import skeleton

if TYPE_CHECKING:
    from pipeline.normalisation.apart import Apart

Home = TypeVar("Home", bound=Hashable)

#: How much two names say the same; None where they contradict each other.
Likeness = Callable[[InstitutionName, InstitutionName], float | None]

#: Where a link is made: what the shared parts must be worth, and by how much the best must lead.
LINK, LEAD = 2.2, 0.4
#: The same for a name without a kind (`Bromley`), of which only one body must bear the name.
LONE = 1.4
#: Blocks with more clusters than this are not compared pair by pair: their shared part says too little.
LARGE = 400


class BodyLike(Protocol):
    """What is compared of a document's institution."""

    @property
    def name(self) -> InstitutionName:
        """The fullest name."""

    @property
    def acronyms(self) -> tuple[str, ...]:
        """Its abbreviations."""


@dataclass(slots=True)
class _Node:
    """Local institutions whose fullest names have the same parts."""

    name: InstitutionName
    members: list[int]


def link_institutions(
    locals_: Sequence[BodyLike], contexts: Sequence[frozenset[str]], homes: Sequence[str],
    tied: Callable[[int], None] | None = None, apart: Apart | None = None, equal: Groups | None = None,
) -> Disjoint:  # fmt: skip
    """Which local institutions are one body.

    `contexts[i]` are keys of the company that the i-th keeps, `homes[i]` is the country of its document or empty.
    `tied` gets a member of each node of which company had to decide where it belongs. `apart` has names compared
    elsewhere. `equal` are those whose names have the same parts, where that is known.

    The result does not depend on the order of the input, but for the numbering.
    """
    sets = Disjoint(len(locals_))
    nodes = []
    for members in equal or _equal(locals_, homes):
        name = at_home(locals_[members[0]].name, homes[members[0]])
        if is_node(name):
            nodes.append(_Node(name, members))
        elif name.weight:
            for group in by_company([(m, contexts[m]) for m in members], is_specific(name)):
                for other in group[1:]:
                    sets.union(group[0], other)
    nodes.sort(key=lambda n: in_order(n.name))
    keys: Iterable[Sequence[str]] = (sorted(set(block_keys(node.name))) for node in nodes)
    like: Likeness = similarity
    if apart:
        keys = list(keys)
        like = apart.likeness([node.name for node in nodes], keys)
    clusters = _cluster(nodes, keys, contexts, like, tied)
    spelt: dict[str, list[int]] = defaultdict(list)
    for cluster in clusters:
        members = [m for node in cluster for m in node.members]
        for other in members[1:]:
            sets.union(members[0], other)
        for acronym in sorted({a for name in {locals_[m].name for m in members} for a in acronyms_of(name)}):
            spelt[acronym].append(members[0])
    _by_acronym(locals_, contexts, sets, spelt)
    return sets


def at_home(name: InstitutionName, home: str) -> InstitutionName:
    """A name of national scope that names no country, taken to be of its document's country."""
    scope = "national" in name.levels or "central" in name.levels or name.kind in telling("of-country")
    placed = name.names or name.places or name.countries or name.numbers or name.foreign
    if home and scope and name.kinds and not placed:
        return replace(name, countries=frozenset({home}))
    return name


def signed(name: InstitutionName) -> tuple[object, ...]:
    """What makes names one node: all that they say but abbreviations. What is decided of a node depends on it alone."""
    return name.signature[:-1]


def in_order(name: InstitutionName) -> tuple[int, str]:
    """Where a node stands in the order of decisions: fuller names first."""
    return -name.weight, str(signed(name))


def is_node(name: InstitutionName) -> bool:
    """Whether a name says enough to be compared; others need shared company, or are bare abbreviations."""
    unplaced = not (name.places or name.countries or name.numbers)
    small = name.kind in telling("small-unit")
    names = name.names
    if small or not name.kinds or name.kind in telling("subject-unit"):
        names -= subject_names()
    generic = not (names or name.places or name.countries) or (name.kind in telling("of-another") and not names)
    return bool(name.weight) and not generic and not (small and unplaced)


def is_specific(name: InstitutionName) -> bool:
    """Whether a name that is no node is specific enough that all who bear it are one."""
    told = len(name.fields) >= 2 and name.kind not in telling("unit")
    return told or ("international" in name.levels and bool(name.fields or len(name.kinds) > 1))


def _equal(locals_: Sequence[BodyLike], homes: Sequence[str]) -> Groups:
    """Bodies put together whose names have equal parts."""
    number_of: dict[tuple[object, ...], int] = {}
    known: dict[tuple[InstitutionName, str], int] = {}
    numbers = array("i")
    for local, home in zip(locals_, homes, strict=True):
        if (number := known.get((local.name, home))) is None:
            number = number_of.setdefault(signed(at_home(local.name, home)), len(number_of))
            known[local.name, home] = number
        numbers.append(number)
    return Groups(numbers)


def by_company(members: Sequence[tuple[int, frozenset[str]]], specific: bool) -> list[list[int]]:
    """Bodies of one generic name, with the company that they keep (parent, people), put together where it is shared.

    Args:
        members: number and company of each. specific: whether the name is specific enough that all are one.
    """
    if specific:
        return [[number for number, _ in members]] if members else []
    sets = Disjoint(len(members))
    seen: dict[str, int] = {}
    for n, (_, company) in enumerate(members):
        for each in company:
            sets.union(seen.setdefault(each, n), n)
    return [[members[n][0] for n in group] for group in sets.groups()]


def _cluster(
    nodes: Sequence[_Node], keys_of: Iterable[Sequence[str]], contexts: Sequence[frozenset[str]], like: Likeness,
    tied: Callable[[int], None] | None,
) -> list[list[_Node]]:  # fmt: skip
    """Clusters of nodes, each of which, in their order, goes to the one cluster that it fits."""
    blocks: dict[str, list[int]] = {}  # clusters by key; one that is too large grows no more
    clusters: list[list[_Node]] = []

    def company(some: Iterable[_Node]) -> set[str]:
        return set().union(*(contexts[m] for n in some for m in n.members))

    def of_cluster(number: int) -> set[str]:
        return company(clusters[number])

    for node, keys in zip(nodes, keys_of, strict=True):
        mine = [blocks.setdefault(k, []) for k in keys]
        candidates = sorted({c for block in mine if len(block) <= LARGE for c in block})
        fits = [(fit(node.name, [n.name for n in clusters[c]], like), c) for c in candidates]
        chosen, near = choose(node.name, fits, of_cluster, partial(company, [node]))
        if near and tied:
            tied(node.members[0])
        home = len(clusters) if chosen is None else chosen
        if chosen is None:
            clusters.append([])
        clusters[home].append(node)
        for block in mine:
            if len(block) <= LARGE and (chosen is None or home not in block):
                block.append(home)
    return clusters


def needed(name: InstitutionName) -> float:
    """What a name must share with a cluster to join it."""
    return LONE if not name.kinds and name.names else LINK


def fit(name: InstitutionName, others: Iterable[InstitutionName], like: Likeness = similarity) -> float | None:
    """How well a name fits a cluster of names: its best likeness; None where it contradicts one or says too little."""
    best = -1.0
    for other in others:
        score = like(name, other)
        if score is None:
            return None
        best = max(best, score)
    return best if best >= needed(name) else None


def choose(
    name: InstitutionName, fits: Iterable[tuple[float | None, Home]], company: Callable[[Home], set[str]],
    own: Callable[[], set[str]],
) -> tuple[Home | None, list[Home]]:  # fmt: skip
    """The cluster that a node joins, if any; and those between which its company had to decide, if it had to.

    Args:
        name: the node's. fits: how well it fits clusters, which come in the order in which they were opened.
        company: the company of a cluster. own: that of the node. Both are asked only where names do not decide.
    """
    scored = sorted(((s, home) for s, home in fits if s is not None), key=lambda pair: -pair[0])
    if len(scored) < 2 or scored[0][0] - scored[1][0] >= LEAD:
        return (scored[0][1] if scored else None), []
    near = [(s, home) for s, home in scored if scored[0][0] - s < LEAD]
    mine = own()
    shared = sorted(((len(company(home) & mine), s, home) for s, home in near), key=lambda item: (-item[0], -item[1]))
    chosen = shared[0][2] if shared[0][0] > shared[1][0] else None
    return chosen, [home for _, home in near]


def block_keys(name: InstitutionName) -> Iterable[str]:
    """The keys under which names that may be one body's meet."""
    for each in name.names:
        yield "n:" + skeleton(each)[:4]
    for place in name.places:
        yield f"p:{place}:{name.kind}"
    for country in name.countries:
        for level in name.levels or ("",):
            yield f"c:{country}:{name.kind}:{level}"
    for number in name.numbers:
        yield f"#:{number}:{name.kind}"


def _by_acronym(
    locals_: Sequence[BodyLike],
    contexts: Sequence[frozenset[str]],
    sets: Disjoint,
    spelt: dict[str, list[int]],
) -> None:
    """An abbreviation joins the body for which documents introduce it, if they agree on which that is."""
    bearers: dict[str, list[int]] = defaultdict(list)
    bare: dict[str, list[int]] = defaultdict(list)
    for number, local in enumerate(locals_):
        for acronym in local.acronyms:
            if local.name.weight:
                bearers[acronym].append(number)
            elif local.name.acronym == acronym:
                bare[acronym].append(number)
    for acronym, alone in bare.items():
        introduced: dict[int, set[str]] = defaultdict(set)
        for number in bearers.get(acronym, ()):
            introduced[sets.find(number)] |= contexts[number]
        homes = place_bare(
            acronym, [contexts[n] for n in alone], introduced, {sets.find(n) for n in spelt.get(acronym, ())}
        )
        for number, home in zip(alone, homes, strict=True):
            if home is not None:
                sets.union(alone[0] if home == TOGETHER else home, number)


#: The home of bare abbreviations that belong together, but to no body whose name is known.
TOGETHER = -1


def place_bare(
    acronym: str, alone: Sequence[frozenset[str]], introduced: Mapping[int, set[str]], spelt: set[int]
) -> list[int | None]:
    """Where bodies belong of which documents give the abbreviation alone: a home, `TOGETHER`, or None.

    Args:
        acronym: the abbreviation. alone: the company of each of the bodies.
        introduced: the bodies for which documents introduce it, with the company that they keep there.
        spelt: those whose initials it gives.
    """
    homes = set(introduced)
    if not homes and len(acronym) >= 3 and len(spelt) == 1:
        homes = spelt
    if len(homes) == 1 and len(acronym) >= 2:
        return [next(iter(homes))] * len(alone)
    if len(homes) > 1:
        fitting = [[h for h in homes if company & introduced[h]] for company in alone]
        return [found[0] if len(found) == 1 else None for found in fitting]
    return [TOGETHER if len(acronym) >= 3 else None] * len(alone)
