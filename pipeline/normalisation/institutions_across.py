"""Institutions over all documents: equal names, cross-language names and abbreviations brought together.

Documents' institutions are first put together by what their fullest names say (equal parts are one node), then nodes
are compared only with those that share a telling part (a name, a place and kind, a country and kind, an abbreviation).
A node joins the one cluster that it fits and contradicts no member of; where two fit, it stays apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from pipeline.normalisation.disjoint import Disjoint
from pipeline.normalisation.institutions import InstitutionName, telling
from pipeline.normalisation.institutions_within import acronyms_of, similarity
from pipeline.normalisation.transliteration import skeleton

#: Where a link is made: what the shared parts must be worth, and by how much the best must lead.
LINK, LEAD = 2.2, 0.4
#: The same for a name without a kind (`Bromley`), of which only one body must bear the name.
LONE = 1.4
#: Blocks larger than this are not compared pair by pair: their shared part says too little.
_LARGE = 400


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
    locals_: Sequence[BodyLike], contexts: Sequence[frozenset[str]], homes: Sequence[str]
) -> Disjoint:
    """Which local institutions are one body.

    `contexts[i]` are keys of the company that the i-th keeps, `homes[i]` is the country of its document or empty.

    The result does not depend on the order of the input, but for the numbering.
    """
    sets = Disjoint(len(locals_))
    known: dict[tuple[InstitutionName, str], InstitutionName] = {}
    names = []
    for local, home in zip(locals_, homes, strict=True):
        if (local.name, home) not in known:
            known[local.name, home] = _at_home(local.name, home)
        names.append(known[local.name, home])
    nodes = _nodes(names, contexts, sets)
    clusters = _cluster(nodes, contexts)
    spelt = _spelt_out(clusters)
    for cluster in clusters:
        members = [m for node in cluster for m in node.members]
        for other in members[1:]:
            sets.union(members[0], other)
    _by_acronym(locals_, contexts, sets, spelt)
    return sets


def _at_home(name: InstitutionName, home: str) -> InstitutionName:
    """A name of national scope that names no country, taken to be of its document's country."""
    scope = "national" in name.levels or "central" in name.levels or name.kind in telling("of-country")
    placed = name.names or name.places or name.countries or name.numbers or name.foreign
    if home and scope and name.kinds and not placed:
        return replace(name, countries=frozenset({home}))
    return name


def _nodes(names: Sequence[InstitutionName], contexts: Sequence[frozenset[str]], sets: Disjoint) -> list[_Node]:
    """Equal names put together, but for those that say no more than a kind: they need shared company."""
    by_signature: dict[tuple[object, ...], list[int]] = defaultdict(list)
    signatures: dict[int, tuple[object, ...]] = {}  # by the identity of names, which are held while this works
    for number, each in enumerate(names):
        if id(each) not in signatures:
            signatures[id(each)] = each.signature[:-1]
        by_signature[signatures[id(each)]].append(number)
    nodes = []
    for members in by_signature.values():
        name = min((names[m] for m in members), key=lambda n: (-len(n.folded), n.folded))
        if not name.weight:
            continue
        unplaced = not (name.places or name.countries or name.numbers)
        if name.generic or (name.kind in telling("small-unit") and unplaced):
            told = len(name.fields) >= 2 and name.kind not in telling("unit")
            world = "international" in name.levels and bool(name.fields or len(name.kinds) > 1)
            _by_company(members, contexts, sets, specific=told or world)
            continue
        nodes.append(_Node(name, members))
    nodes.sort(key=lambda n: (-n.name.weight, n.name.folded, str(n.name.signature)))
    return nodes


def _by_company(members: list[int], contexts: Sequence[frozenset[str]], sets: Disjoint, specific: bool) -> None:
    """Put together bodies of one generic name that keep the same company (parent, people)."""
    seen: dict[str, int] = {}
    for member in members:
        for company in sorted(contexts[member]):
            if company in seen:
                sets.union(seen[company], member)
            else:
                seen[company] = member
    if specific:
        for other in members[1:]:
            sets.union(members[0], other)


def _cluster(nodes: list[_Node], contexts: Sequence[frozenset[str]]) -> list[list[_Node]]:
    """Clusters of nodes: fuller names first, each node to the one cluster that it fits."""
    blocks: dict[str, dict[int, None]] = defaultdict(dict)
    clusters: list[list[_Node]] = []
    for node in nodes:
        keys = sorted(block_keys(node.name))
        candidates = sorted({c for k in keys if len(blocks[k]) <= _LARGE for c in blocks[k]})
        scored = []
        for number in candidates:
            score = _fit(node, clusters[number])
            lone = not node.name.kinds and node.name.names
            if score is not None and score >= (LONE if lone else LINK):
                scored.append((score, number))
        scored.sort(key=lambda pair: (-pair[0], pair[1]))
        if len(scored) > 1 and scored[0][0] - scored[1][0] < LEAD:
            scored = _by_context(node, scored, clusters, contexts)
        if scored:
            home = scored[0][1]
            clusters[home].append(node)
        else:
            home = len(clusters)
            clusters.append([node])
        for k in keys:
            blocks[k][home] = None
    return clusters


def _fit(node: _Node, cluster: list[_Node]) -> float | None:
    """How well a node fits a cluster: its best likeness; None where it contradicts a member."""
    best = None
    for other in cluster:
        score = similarity(node.name, other.name)
        if score is None:
            return None
        best = score if best is None else max(best, score)
    return best


def _by_context(
    node: _Node, scored: list[tuple[float, int]], clusters: list[list[_Node]], contexts: Sequence[frozenset[str]]
) -> list[tuple[float, int]]:
    """Of clusters that fit alike, the one whose company the node shares; none where that does not tell."""
    near = [(s, n) for s, n in scored if scored[0][0] - s < LEAD]
    shared = []
    mine = set().union(*(contexts[m] for m in node.members))
    for score, number in near:
        company = set().union(*(contexts[m] for n in clusters[number] for m in n.members))
        shared.append((len(company & mine), score, number))
    shared.sort(key=lambda item: (-item[0], -item[1], item[2]))
    if shared[0][0] and shared[0][0] > shared[1][0]:
        return [(shared[0][1], shared[0][2])]
    return []


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


def _spelt_out(clusters: list[list[_Node]]) -> dict[str, list[int]]:
    """The first members of the clusters whose names give an abbreviation by their initials."""
    found: dict[str, list[int]] = defaultdict(list)
    for cluster in clusters:
        for acronym in sorted({a for node in cluster for a in acronyms_of(node.name)}):
            found[acronym].append(cluster[0].members[0])
    return found


def _by_acronym(
    locals_: Sequence[BodyLike],
    contexts: Sequence[frozenset[str]],
    sets: Disjoint,
    spelt: dict[str, list[int]],
) -> None:
    """An abbreviation joins the body for which documents introduce it, if they agree on which that is."""
    bearers: dict[str, set[int]] = defaultdict(set)
    bare: dict[str, list[int]] = defaultdict(list)
    for number, local in enumerate(locals_):
        for acronym in local.acronyms:
            if local.name.acronym == acronym:
                bare[acronym].append(number)
            else:
                bearers[acronym].add(number)
    for acronym, numbers in bare.items():
        homes = {sets.find(n) for n in bearers.get(acronym, ())}
        if not homes and len(acronym) >= 3:
            homes = {sets.find(n) for n in spelt.get(acronym, ())}
            homes = homes if len(homes) == 1 else set()
        alone = [n for n in numbers if not locals_[n].name.weight]
        if len(homes) == 1 and len(acronym) >= 2:
            home = next(iter(homes))
            for number in alone:
                sets.union(home, number)
        elif len(homes) > 1:
            for number in alone:
                fitting = [h for h in homes if contexts[number] & contexts[h]]
                if len(fitting) == 1:
                    sets.union(fitting[0], number)
        elif len(acronym) >= 3:
            for number in alone[1:]:
                sets.union(alone[0], number)
