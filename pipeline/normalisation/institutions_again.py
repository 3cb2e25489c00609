"""Institutions over an archive that changed a little: only what that bears on is decided again.

Nodes (names that say the same) are decided in their order, each with those before it. One that came, went or keeps
other company has those after it decided again that share a telling part with its cluster, and so on where these decide
otherwise than before. Generic names and bare abbreviations are decided again group by group. The outcome is that of
`link_institutions` over everything.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from pipeline.normalisation.again import settled
from pipeline.normalisation.institutions_across import LARGE, TOGETHER, by_company, choose, fit, place_bare
from pipeline.normalisation.kept import Ints, State, Was
from pipeline.normalisation.kept_names import GENERIC, NODE, SILENT
from pipeline.normalisation.pools import Places, hash_of


def institutions_again(state: State, was: Was, contexts: Sequence[frozenset[str]], came: Places) -> Ints:
    """The labels of all bodies; the nodes in the state are brought up to date.

    Args:
        state: with the documents that changed. was: what stood there before.
        contexts: the company that each body keeps. came: the bodies of documents that came.
    """
    return _Again(state, was, contexts, came).labels()


class _Again:
    def __init__(self, state: State, was: Was, contexts: Sequence[frozenset[str]], came: Places) -> None:
        self._state, self._was, self._contexts, self._came = state, was, contexts, came
        node_of = state.node_of.look()
        self._node, self._before = node_of[state.body["named"]], node_of[was.body["named"]]
        self._touched = set(self._node[came].tolist()) | set(self._before[was.gone_bodies].tolist())
        self._members = Grouped(self._node)

    def labels(self) -> Ints:
        nodes = self._state.nodes
        sort = nodes.sort.look()
        live = {n for n in self._touched if len(self._members[n])}
        groups = [
            group
            for n in live
            if sort[n] == GENERIC
            for group in by_company([(u, self._contexts[u]) for u in self._units([n])], bool(nodes.specific.values[n]))
        ]
        clusters = _Clusters(self._state, self._labels_of_nodes(), self._company)
        moved = clusters.decide({n for n in self._touched if sort[n] == NODE}, live, self._shown(live))
        groups += [self._units(cluster) for cluster in moved]
        groups += [[u] for u in self._came.tolist() if sort[self._node[u]] == SILENT]
        silent = (sort == SILENT)[self._node]
        kept = self._state.body["label"]
        fresh = int(kept.max(initial=-1)) + 1
        # Bare abbreviations bear the label of the body that they mean, which is to keep it.
        labels = settled(np.where(silent, -1, kept).astype(np.int32), groups, fresh)
        came = np.zeros(len(silent), bool)
        came[self._came] = True
        return self._with_bare(np.where(silent & ~came, kept, labels).astype(np.int32))

    def _units(self, nodes: Iterable[int]) -> list[int]:
        return sorted(u for n in nodes for u in self._members[n].tolist())

    def _company(self, nodes: Iterable[int]) -> set[str]:
        return set().union(*(self._contexts[u] for n in nodes for u in self._members[n].tolist()))

    def _labels_of_nodes(self) -> Ints:
        """The label of each node of before, -1 for one that had none."""
        found = np.full(len(self._state.nodes), -1, np.int32)
        found[self._before] = self._was.body["label"]
        found[self._state.nodes.sort.look() != NODE] = -1
        return found

    def _shown(self, nodes: Iterable[int]) -> dict[int, int]:
        """The name that now stands for each of some nodes: that of its first body."""
        return {n: int(self._state.body["named"][self._members[n][0]]) for n in nodes}

    def _with_bare(self, labels: Ints) -> Ints:
        """Labels after bare abbreviations were placed again, where what bears on them may have changed."""
        state, local = self._state, self._state.body["local"]
        moved = np.flatnonzero(labels != state.body["label"])
        again: set[int] = set()
        for numbers, named in (
            (local[moved], state.body["named"][moved]),
            (self._was.body["local"][self._was.gone_bodies], self._was.body["named"][self._was.gone_bodies]),
        ):  # fmt: skip
            again |= {a for n in set(numbers.tolist()) for a in state.acronyms[n]}
            again |= {a for n in set(named.tolist()) for a in state.spelt[n]}
        if not again:
            return labels
        bearers: dict[str, list[int]] = defaultdict(list)
        bare: dict[str, list[int]] = defaultdict(list)
        for unit, n in self._of(local, state.acronyms.holding(again)):
            body = state.locals[n]
            for acronym in dict.fromkeys(a for a in body.acronyms if hash_of(a) in again):
                if body.name.weight:
                    bearers[acronym].append(unit)
                elif body.name.acronym == acronym:
                    bare[acronym].append(unit)
        spelt: dict[str, set[int]] = defaultdict(set)
        wanted = {hash_of(acronym): acronym for acronym in bare}
        sort = state.nodes.sort.look()
        for unit, n in self._of(state.body["named"], state.spelt.holding(wanted)):
            if sort[self._node[unit]] == NODE:
                for told in wanted.keys() & set(state.spelt[n]):
                    spelt[wanted[told]].add(int(labels[unit]))
        return self._placed(labels, bare, bearers, spelt)

    def _of(self, column: Ints, values: Places) -> Iterable[tuple[int, int]]:
        units = np.flatnonzero(np.isin(column, values))
        return zip(units.tolist(), column[units].tolist(), strict=True)

    def _placed(
        self, labels: Ints, bare: dict[str, list[int]], bearers: dict[str, list[int]], spelt: dict[str, set[int]]
    ) -> Ints:
        fixed = labels.copy()
        groups: list[list[int]] = []
        for acronym, alone in bare.items():
            introduced: dict[int, set[str]] = defaultdict(set)
            for unit in bearers.get(acronym, ()):
                introduced[int(labels[unit])] |= self._contexts[unit]
            homes = place_bare(acronym, [self._contexts[u] for u in alone], introduced, spelt.get(acronym, set()))
            together = [u for u, home in zip(alone, homes, strict=True) if home == TOGETHER]
            groups += [together] if together else []
            groups += [[u] for u, home in zip(alone, homes, strict=True) if home is None]
            for unit, home in zip(alone, homes, strict=True):
                if home is not None and home != TOGETHER:
                    fixed[unit] = home
        return settled(fixed, groups)


class Grouped:
    """Places in a column by the number that stands there."""

    def __init__(self, column: Ints) -> None:
        self._order = np.argsort(column, kind="stable")
        self._sorted = column[self._order]

    def __getitem__(self, number: int) -> Places:
        start, end = np.searchsorted(self._sorted, np.array([number, number + 1], self._sorted.dtype))
        return self._order[start:end]


class _Clusters:
    """The clusters of nodes. One is called by the node that opened it: the first of its nodes in their order.

    Those of before are looked at when they are asked for.
    """

    def __init__(self, state: State, labels: Ints, company: Callable[[Iterable[int]], set[str]]) -> None:
        self._nodes, self._names, self._company_of = state.nodes, state.named, company
        self._labels, self._of_label, self._looked = labels, Grouped(labels), set[int]()
        flat, self._bearer = state.nodes.keys.flat()
        self._of_key = Grouped(flat)
        self._home_of: dict[int, int] = {}
        self._members: dict[int, set[int]] = defaultdict(set)
        self._filed: dict[int, set[int]] = {}
        self._waiting: list[tuple[tuple[int, str], int]] = []
        self._waited: set[int] = set()

    def _order(self, n: int) -> tuple[int, str]:
        """See `institutions_across.in_order`."""
        return self._nodes[n]

    def _home(self, n: int) -> int | None:
        """The node that opened the cluster of a node; None for one that is in none."""
        label = int(self._labels[n])
        if label >= 0 and label not in self._looked:
            self._looked.add(label)
            some = self._of_label[label].tolist()
            opener = min(some, key=self._order)
            self._home_of.update(dict.fromkeys(some, opener))
            self._members[opener].update(some)
        return self._home_of.get(n)

    def _by_key(self, k: int) -> set[int]:
        """The nodes in clusters that have a key."""
        if k not in self._filed:
            some = self._bearer[self._of_key[k]].tolist()
            self._filed[k] = {n for n in some if self._home(n) is not None}
        return self._filed[k]

    def _put(self, n: int, home: int) -> None:
        self._home_of[n] = home
        self._members[home].add(n)
        for k in self._nodes.keys[n]:
            self._by_key(k).add(n)

    def decide(self, touched: set[int], live: set[int], shown: dict[int, int]) -> list[list[int]]:
        """Decide again after these nodes' bodies came or went; the nodes of each cluster that is not as it was.

        Args:
            touched: nodes of which bodies came or went. live: those of them that have bodies; all others have.
            shown: the name that stands for each of these.
        """
        names = self._nodes.shown.values
        other = {n for n in touched if n not in live or self._home(n) is None or names[n] != shown[n]}
        for n in touched & live:
            names[n] = shown[n]
        self._wait(touched)
        moved: set[int] = set()
        while self._waiting:
            order, n = heapq.heappop(self._waiting)
            before = self._home(n)
            after = None if n in touched and n not in live else self._chosen(n)
            if n in other or before != after:
                together = set(self._members.get(-1 if before is None else before, ()))
                self._take_out(n)
                if after is not None:
                    self._put(n, after)
                    together |= self._members[after]
                moved |= together
                self._wait(m for m in self._near(together | {n}) if self._order(m) > order)
            elif n in touched and after is not None:
                moved.add(n)
                near = self._near(self._members[after])
                self._wait(m for m in near if self._nodes.tied.values[m] and self._order(m) > order)
        homes = sorted({home for n in moved if (home := self._home(n)) is not None})
        return [sorted(self._members[home]) for home in homes]

    def _wait(self, nodes: Iterable[int]) -> None:
        for n in nodes:
            if n not in self._waited:
                self._waited.add(n)
                heapq.heappush(self._waiting, (self._order(n), n))

    def _near(self, nodes: Iterable[int]) -> set[int]:
        """The nodes that share a telling part with one of these."""
        return set().union(*(self._by_key(k) for k in {k for n in nodes for k in self._nodes.keys[n]}))

    def _take_out(self, n: int) -> None:
        home = self._home(n)
        if home is not None:
            del self._home_of[n]
            self._members[home].discard(n)
            for k in self._nodes.keys[n]:
                self._by_key(k).discard(n)

    def _chosen(self, n: int) -> int:
        """The cluster that a node joins, given those before it; itself where it opens one."""
        order, shown = self._order(n), self._nodes.shown.values
        found: set[int] = set()
        for k in self._nodes.keys[n]:
            filed = {home for m in self._by_key(k) if self._order(m) < order and (home := self._home(m)) is not None}
            if len(filed) <= LARGE:
                found |= filed

        def earlier(home: int) -> list[int]:
            return [m for m in self._members[home] if self._order(m) < order]

        name = self._names[shown[n]]
        homes = sorted(found, key=self._order)
        fits = [(fit(name, [self._names[shown[m]] for m in earlier(home)]), home) for home in homes]
        chosen, near = choose(name, fits, lambda home: self._company_of(earlier(home)), lambda: self._company_of([n]))
        self._nodes.tied.values[n] = bool(near)
        return n if chosen is None else chosen
