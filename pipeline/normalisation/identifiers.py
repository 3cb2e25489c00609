"""Ids that stay: an entity keeps the id that it had in the earlier run, and what could not be kept is logged."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.normalisation.local import LocalInstitution, LocalPerson


@dataclass(frozen=True, slots=True)
class Change:
    """What became of an id of the earlier run: `merged` into, or `split` with a part going to, the entity `to`."""

    id: str
    change: str
    to: str


def ids_before(
    locals_: Iterable[LocalPerson | LocalInstitution], there: Mapping[int, tuple[str, str]]
) -> dict[int, str]:
    """Where mentions of people or bodies begin → the id that they had before, as far as the same text stands there.

    `there`: where mentions of before begin → the id that they had, and how they were written.
    """
    found = {}
    for local in locals_:
        for start, text in zip(local.starts, local.texts, strict=True):
            if start in there and there[start][1].split() == text.split():
                found[start] = there[start][0]
    return found


def voted(local: LocalPerson | LocalInstitution, ids: Mapping[int, str]) -> Counter[str]:
    """The ids that the mentions of a person or body had before (`ids_before`), with their numbers."""
    return Counter(ids[start] for start in local.starts if start in ids)


def keep_ids(
    wishes: Sequence[str], places: Sequence[Sequence[str]], earlier: Mapping[str, str]
) -> tuple[list[str], list[Change]]:
    """The ids of entities: those that their mentions had before, else the ones they wish for.

    Args:
        wishes: the id that each entity would have without an earlier run; no two are equal.
        places: the mentions of each entity, as `DOCUMENT:START`.
        earlier: mention → id in the earlier run.

    An earlier id stays with the entity that has most of its mentions. Of several that come together, the one with
    most mentions stays.
    """
    if not earlier:
        return list(wishes), []
    votes = [Counter(earlier[place] for place in at if place in earlier) for at in places]
    return keep_voted(wishes, votes, frozenset(earlier.values()))


def keep_voted(
    wishes: Sequence[str], votes: Iterable[Mapping[str, int]], known: Collection[str]
) -> tuple[list[str], list[Change]]:
    """The same, given the ids that the mentions of each entity had before, with their numbers.

    `known` are all ids of the earlier run; none of them is given to another entity.
    """
    counted: dict[str, dict[int, int]] = {}
    for number, mine in enumerate(votes):
        for old, count in mine.items():
            counted.setdefault(old, {})[number] = count
    claims: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for old in sorted(counted):
        number, count = min(counted[old].items(), key=lambda item: (-item[1], wishes[item[0]]))
        claims[number].append((-count, old))
    kept = {number: min(olds)[1] for number, olds in claims.items()}
    taken = set(kept.values()) | set(known)
    ids = []
    tried: dict[str, int] = {}
    for number, wish in enumerate(wishes):
        if number in kept:
            ids.append(kept[number])
            continue
        found, count = wish, tried.get(wish, 2)
        while found in taken:
            found, count = f"{wish}-{count}", count + 1
        tried[wish] = count
        taken.add(found)
        ids.append(found)
    changes = []
    for old, counts in sorted(counted.items()):
        for number in sorted(counts, key=lambda n: ids[n]):
            if ids[number] != old:
                change = "merged" if len(counts) == 1 else "split"
                changes.append(Change(old, change, ids[number]))
    return ids, changes
