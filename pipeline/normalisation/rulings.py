"""Judgements applied to clusters: what people said is same or different, over what the evidence suggests.

The clusters that come in are those of the evidence alone, so the result is always evidence plus judgements and does
not depend on earlier runs. A cluster in which two members are judged different is divided: each of the others goes to
the one that it is more like. Then clusters that are judged the same are put together. Where a chain of `same` would
join what is `different`, the newest `same` of the chain is put aside, and the chain is reported.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.normalisation.disjoint import Disjoint
from pipeline.normalisation.judgements import OF_TWO, Judgement, latest_first


@dataclass(slots=True)
class Ruled:
    """The clusters after the judgements.

    `preferred` gives the judged name of a unit's cluster, `dropped` the units of what is no entity, `understood` the
    judgements whose entities were found here, `problems` what could not be applied, in sentences.
    """

    groups: list[list[int]]
    preferred: dict[int, str] = field(default_factory=dict)
    dropped: set[int] = field(default_factory=set)
    understood: set[Judgement] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Resolved:
    """A judgement with the units that it speaks of; `other` is -1 where it speaks of one."""

    judgement: Judgement
    one: int
    other: int


def rule(
    groups: Sequence[Sequence[int]],
    ids: Mapping[str, int],
    places: Mapping[str, int],
    judgements: Sequence[Judgement],
    likeness: Callable[[int, int], float],
) -> Ruled:
    """Apply judgements to the clusters of the evidence.

    Args:
        groups: the clusters, as lists of units.
        ids: id → a unit of its cluster.
        places: `DOCUMENT:START` of each mention → its unit.
        judgements: in any order.
        likeness: how much two units are alike, for dividing a cluster.
    """
    group_of = {unit: number for number, members in enumerate(groups) for unit in members}
    ruled = Ruled([list(g) for g in groups])
    resolved = []
    for judgement in latest_first(judgements):
        one = _unit(judgement.one_at, judgement.one, places, ids)
        two = judgement.verdict in OF_TWO and judgement.other
        other = _unit(judgement.other_at, judgement.other, places, ids) if two else -1
        if one is None or other is None:
            continue
        ruled.understood.add(judgement)
        resolved.append(_Resolved(judgement, one, other))
    holding = _holding(resolved, group_of)
    apart = [r for r in holding if r.judgement.verdict == "different"]
    _divide(ruled, apart, group_of, likeness)
    _unite(ruled, [r for r in holding if r.judgement.verdict == "same"], apart)
    after = {unit: tuple(members) for members in ruled.groups for unit in members}
    for r in reversed(holding):  # the newest holds
        if r.judgement.verdict == "preferred":
            ruled.preferred.update((unit, r.judgement.other) for unit in after[r.one])
        elif r.judgement.verdict == "not-an-entity":
            ruled.dropped.update(after[r.one])
    return ruled


def _unit(place: str, reference: str, places: Mapping[str, int], ids: Mapping[str, int]) -> int | None:
    """The unit that a judgement names: by the recorded place, else as a place or an id."""
    for name in (place, reference):
        if name in places:
            return places[name]
    return ids.get(reference)


def _holding(resolved: Sequence[_Resolved], group_of: Mapping[int, int]) -> list[_Resolved]:
    """The judgements that no newer one on the same entities replaces; the newest come first."""
    seen: set[object] = set()
    holding = []
    for r in resolved:
        keys: set[object] = set()
        if r.judgement.verdict in OF_TWO and r.other >= 0:
            keys.add(frozenset((r.judgement.one, r.judgement.other)))
            keys.add(frozenset((r.one, r.other)))
            if group_of[r.one] != group_of[r.other]:
                keys.add(("pair", frozenset((group_of[r.one], group_of[r.other]))))
        elif r.judgement.verdict == "undo":  # of one entity: its preferred name, or that it is none
            keys = {("preferred", group_of[r.one]), ("not-an-entity", group_of[r.one])}
        else:
            keys.add((r.judgement.verdict, group_of[r.one]))
        if not keys & seen and r.judgement.verdict != "undo":
            holding.append(r)
        seen |= keys
    return holding


def _divide(
    ruled: Ruled, apart: Sequence[_Resolved], group_of: Mapping[int, int], likeness: Callable[[int, int], float]
) -> None:
    """Divide each cluster that holds units judged different."""
    within: dict[int, list[_Resolved]] = {}
    for r in apart:
        if r.one == r.other:
            ruled.problems.append(f"{r.judgement.said}: both are one mention. Name two mentions by their places.")
        elif group_of[r.one] == group_of[r.other]:
            within.setdefault(group_of[r.one], []).append(r)
    for number, rulings in sorted(within.items()):
        members = ruled.groups[number]
        foes: dict[int, set[int]] = {}
        for r in rulings:
            foes.setdefault(r.one, set()).add(r.other)
            foes.setdefault(r.other, set()).add(r.one)
        parts: list[list[int]] = []
        for seed in sorted(foes):
            # Of several judged units those that nobody told apart stay together.
            home = next((p for p in parts if not foes[seed] & set(p)), None)
            if home is None:
                parts.append([seed])
            else:
                home.append(seed)
        seeds = [tuple(p) for p in parts]
        for unit in members:
            if unit not in foes:
                best = max(range(len(parts)), key=lambda n: (max(likeness(unit, s) for s in seeds[n]), -n))
                parts[best].append(unit)
        ruled.groups[number] = sorted(parts[0])
        ruled.groups += [sorted(p) for p in parts[1:]]


def _unite(ruled: Ruled, same: Sequence[_Resolved], apart: Sequence[_Resolved]) -> None:
    """Put together what is judged the same, but for chains that join what is judged different."""
    edges = list(same)
    start = {unit: number for number, members in enumerate(ruled.groups) for unit in members}
    while True:
        sets = Disjoint(len(ruled.groups))
        for r in edges:
            sets.union(start[r.one], start[r.other])
        broken = next(
            (
                r
                for r in apart
                if start[r.one] != start[r.other] and sets.find(start[r.one]) == sets.find(start[r.other])
            ),
            None,
        )
        if broken is None:
            break
        chain = _chain(start[broken.one], start[broken.other], edges, start)
        aside = chain and latest_first(r.judgement for r in chain)[0]
        told = "; ".join(r.judgement.said for r in chain)
        ruled.problems.append(
            f"{broken.judgement.said} is contradicted by: {told}. "
            f"Put aside: {aside.said if aside else ''}. Undo one of them."
        )
        edges = [r for r in edges if r.judgement != aside]
    united: dict[int, list[int]] = {}
    for number, members in enumerate(ruled.groups):
        united.setdefault(sets.find(number), []).extend(members)
    ruled.groups = [sorted(members) for members in united.values()]


def _chain(one: int, other: int, edges: Sequence[_Resolved], start: Mapping[int, int]) -> list[_Resolved]:
    """The shortest chain of judgements from one cluster to another."""
    ways: dict[int, list[tuple[int, _Resolved]]] = {}
    for r in edges:
        ways.setdefault(start[r.one], []).append((start[r.other], r))
        ways.setdefault(start[r.other], []).append((start[r.one], r))
    before: dict[int, tuple[int, _Resolved] | None] = {one: None}
    waiting = deque([one])
    while waiting and other not in before:
        here = waiting.popleft()
        for there, r in ways.get(here, ()):
            if there not in before:
                before[there] = (here, r)
                waiting.append(there)
    chain = []
    at = other
    while (step := before.get(at)) is not None:
        chain.append(step[1])
        at = step[0]
    return chain[::-1]
