"""Groups over a changed archive: which stay, which number a new one takes on, and what they bear on."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence

import numpy as np

from pipeline.normalisation.kept import Ints


def settled(labels: Ints, groups: Iterable[Sequence[int]], fresh: int = 0) -> Ints:
    """Labels after units were put together anew: a group takes on the label that most of its members had.

    A label that units elsewhere still bear stays theirs, and of two groups the one with most of its units gets it, so
    that what did not change keeps its label. The numbers mean nothing; what is equal is one.

    Args:
        labels: those of before, -1 for units that had none. groups: the groups of all units that were decided anew.
        fresh: new labels are at least this.
    """
    found = [list(group) for group in groups]
    units = np.fromiter((u for group in found for u in group), np.int64)
    after = labels.copy()
    after[units] = -1
    fresh = max(fresh, int(labels.max(initial=-1)) + 1)
    elsewhere = np.zeros(fresh, bool)
    elsewhere[after[after >= 0]] = True
    votes: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for number, group in enumerate(found):
        for label, count in Counter(labels[group].tolist()).items():
            if label >= 0 and not elsewhere[label]:
                votes[label].append((-count, number))
    claims: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for label, claimed in votes.items():
        count, number = min(claimed)
        claims[number].append((count, label))
    for number, group in enumerate(found):
        if number in claims:
            after[group] = min(claims[number])[1]
        else:
            after[group] = fresh
            fresh += 1
    return after


def members(labels: Ints, wanted: Collection[int]) -> dict[int, list[int]]:
    """The units of some labels, in order."""
    found: dict[int, list[int]] = {label: [] for label in wanted}
    units = np.flatnonzero(np.isin(labels, np.fromiter(wanted, np.int64, len(wanted))))
    for unit, label in zip(units.tolist(), labels[units].tolist(), strict=True):
        found[label].append(unit)
    return found


def changed(before: Ints, after: Ints, gone: Ints) -> set[int]:
    """The labels of which units came or went. `before` and `after` are of the units now; `gone` are of those gone."""
    moved = before != after
    return (set(before[moved].tolist()) | set(after[moved].tolist()) | set(gone.tolist())) - {-1}
