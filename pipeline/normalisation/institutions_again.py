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
from pipeline.normalisation.kept import GENERIC, NODE, SILENT, Ints, Places, State, Was


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
        node_of = np.array(state.node_of, np.int64)
        self._node = node_of[state.body["named"]] if len(node_of) else np.zeros(0, np.int64)
        self._before = node_of[was.body["named"]] if len(node_of) else np.zeros(0, np.int64)
        self._touched = set(self._node[came].tolist()) | set(self._before[was.gone_bodies].tolist())

    def labels(self) -> Ints:
        nodes = self._state.nodes
        live = set(np.unique(self._node).tolist())
        groups = [
            group
            for n in self._touched & live
            if nodes[n].sort == GENERIC
            for group in by_company([(u, self._contexts[u]) for u in self._units([n])], nodes[n].specific)
        ]
        clusters = _Clusters(self._state, self._labels_of_nodes(), self._company)
        moved = clusters.decide({n for n in self._touched if nodes[n].sort == NODE}, live, self._shown())
        groups += [self._units(cluster) for cluster in moved]
        groups += [[u] for u in self._came.tolist() if nodes[self._node[u]].sort == SILENT]
        silent = np.array([node.sort == SILENT for node in nodes], bool)[self._node]
        kept = self._state.body["label"]
        fresh = int(kept.max(initial=-1)) + 1
        # Bare abbreviations bear the label of the body that they mean, which is to keep it.
        labels = settled(np.where(silent, -1, kept).astype(np.int32), groups, fresh)
        came = np.zeros(len(silent), bool)
        came[self._came] = True
        return self._with_bare(np.where(silent & ~came, kept, labels).astype(np.int32))

    def _units(self, nodes: Iterable[int]) -> list[int]:
        return np.flatnonzero(np.isin(self._node, np.array(sorted(nodes), np.int64))).tolist()

    def _company(self, nodes: Iterable[int]) -> set[str]:
        return set().union(*(self._contexts[u] for u in self._units(nodes)))

    def _labels_of_nodes(self) -> dict[int, int]:
        """The label of each node of before."""
        found = dict(zip(self._before.tolist(), self._was.body["label"].tolist(), strict=True))
        return {n: label for n, label in found.items() if self._state.nodes[n].sort == NODE}

    def _shown(self) -> dict[int, int]:
        """The name that now stands for each node that was touched: that of its first body."""
        found: dict[int, int] = {}
        units = np.flatnonzero(np.isin(self._node, np.array(sorted(self._touched), np.int64)))
        for n, name in zip(self._node[units].tolist(), self._state.body["named"][units].tolist(), strict=True):
            found.setdefault(n, name)
        return found

    def _with_bare(self, labels: Ints) -> Ints:
        """Labels after bare abbreviations were placed again, where what bears on them may have changed."""
        state, local = self._state, self._state.body["local"]
        moved = np.flatnonzero(labels != state.body["label"])
        again = set()
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
        for unit, n in self._of(local, (n for n, each in enumerate(state.acronyms) if not again.isdisjoint(each))):
            body = state.locals[n]
            for acronym in again.intersection(body.acronyms):
                if body.name.weight:
                    bearers[acronym].append(unit)
                elif body.name.acronym == acronym:
                    bare[acronym].append(unit)
        spelt: dict[str, set[int]] = defaultdict(set)
        wanted = bare.keys()
        for unit, n in self._of(state.body["named"], (n for n, s in enumerate(state.spelt) if wanted & set(s))):
            if state.nodes[self._node[unit]].sort == NODE:
                for acronym in wanted & set(state.spelt[n]):
                    spelt[acronym].add(int(labels[unit]))
        return self._placed(labels, bare, bearers, spelt)

    def _of(self, column: Ints, values: Iterable[int]) -> Iterable[tuple[int, int]]:
        units = np.flatnonzero(np.isin(column, np.array(list(values), np.int64)))
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


class _Clusters:
    """The clusters of nodes. One is called by the node that opened it: the first of its nodes in their order."""

    def __init__(
        self, state: State, labels: dict[int, int], company: Callable[[Iterable[int]], set[str]]
    ) -> None:
        self._nodes, self._names, self._company_of = state.nodes, state.named, company
        self._home: dict[int, int] = {}
        self._members: dict[int, set[int]] = defaultdict(set)
        self._by_key: dict[str, set[int]] = defaultdict(set)
        of_label: dict[int, list[int]] = defaultdict(list)
        for n, label in labels.items():
            of_label[label].append(n)
        for some in of_label.values():
            opener = min(some, key=self._order)
            for n in some:
                self._put(n, opener)
        self._waiting: list[tuple[tuple[int, str], int]] = []
        self._waited: set[int] = set()

    def _order(self, n: int) -> tuple[int, str]:
        return self._nodes[n].order

    def _put(self, n: int, home: int) -> None:
        self._home[n] = home
        self._members[home].add(n)
        for k in self._nodes[n].keys:
            self._by_key[k].add(n)

    def decide(self, touched: set[int], live: set[int], shown: dict[int, int]) -> list[list[int]]:
        """Decide again after these nodes' bodies came or went; the nodes of each cluster that is not as it was.

        Args:
            touched: nodes of which bodies came or went. live: all that have bodies.
            shown: the name that stands for each node that was touched.
        """
        other = {n for n in touched if n not in live or n not in self._home or self._nodes[n].shown != shown[n]}
        for n in touched & live:
            self._nodes[n].shown = shown[n]
        self._wait(touched)
        moved: set[int] = set()
        while self._waiting:
            order, n = heapq.heappop(self._waiting)
            before = self._home.get(n)
            after = self._chosen(n) if n in live else None
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
                self._wait(m for m in near if self._nodes[m].tied and self._order(m) > order)
        homes = sorted({self._home[n] for n in moved if n in self._home})
        return [sorted(self._members[home]) for home in homes]

    def _wait(self, nodes: Iterable[int]) -> None:
        for n in nodes:
            if n not in self._waited:
                self._waited.add(n)
                heapq.heappush(self._waiting, (self._order(n), n))

    def _near(self, nodes: Iterable[int]) -> set[int]:
        """The nodes that share a telling part with one of these."""
        return set().union(*(self._by_key[k] for k in {k for n in nodes for k in self._nodes[n].keys}))

    def _take_out(self, n: int) -> None:
        home = self._home.pop(n, None)
        if home is not None:
            self._members[home].discard(n)
            for k in self._nodes[n].keys:
                self._by_key[k].discard(n)

    def _chosen(self, n: int) -> int:
        """The cluster that a node joins, given those before it; itself where it opens one."""
        node = self._nodes[n]
        found: set[int] = set()
        for k in node.keys:
            filed = {self._home[m] for m in self._by_key[k] if self._order(m) < node.order}
            if len(filed) <= LARGE:
                found |= filed

        def earlier(home: int) -> list[int]:
            return [m for m in self._members[home] if self._order(m) < node.order]

        name = self._names[node.shown]
        homes = sorted(found, key=self._order)
        fits = [(fit(name, [self._names[self._nodes[m].shown] for m in earlier(home)]), home) for home in homes]
        chosen, near = choose(name, fits, lambda home: self._company_of(earlier(home)), lambda: self._company_of([n]))
        node.tied = bool(near)
        return n if chosen is None else chosen
