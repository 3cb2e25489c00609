"""Plots as SVG that needs no script: counts by year, a career as a timeline, the network of people and institutions."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from markupsafe import Markup

#: So many people and institutions are drawn in the network: more cannot be told apart.
MOST_NODES = 40


def bars(counts: Mapping[str, int], title: str) -> Markup:
    """A bar for each year, empty years included; `counts` is year → number."""
    if not counts:
        return Markup("")
    first, last = int(min(counts)), int(max(counts))
    years = list(range(first, last + 1)) if last - first < 200 else sorted(map(int, counts))
    most, wide, high = max(counts.values()), 720, 180
    step = (wide - 40) / len(years)
    drawn = []
    for place, year in enumerate(years):
        count = counts.get(str(year), 0)
        tall = count / most * (high - 40)
        x = 36 + place * step
        drawn.append(Markup(
            '<rect class="bar" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"><title>{}: {}</title></rect>'
        ).format(x, high - 22 - tall, max(step * 0.8, 1), tall, year, count))
        if place % max(1, math.ceil(len(years) / 12)) == 0 and x < wide - 30:
            drawn.append(Markup('<text x="{:.1f}" y="{}">{}</text>').format(x, high - 6, year))
    drawn.append(Markup('<text x="2" y="22">{}</text><path class="axis" d="M34 18V{}H{}"/>').format(
        most, high - 22, wide))  # fmt: skip
    return _svg(wide, high, title, drawn)


def timeline(rows: Sequence[tuple[str, str, str]], title: str) -> Markup:
    """A dot for each dated statement, a line for each label: (year, label, what is told on pointing at it)."""
    dated = [(int(year), label, told) for year, label, told in rows if year]
    labels = list(dict.fromkeys(label for _, label, _ in sorted(dated)))[:24]
    if not dated or len(dated) < 2:
        return Markup("")
    first, last = min(d[0] for d in dated), max(d[0] for d in dated)
    span, wide, high = max(1, last - first), 720, 34 + 26 * len(labels)
    drawn = []
    for line, label in enumerate(labels):
        y = 20 + 26 * line
        at = [(320 + (year - first) / span * 380, year, told) for year, name, told in dated if name == label]
        shown = label if len(label) <= 44 else f"{label[:43]}…"
        drawn.append(Markup('<text x="2" y="{}">{}</text>').format(y + 4, shown))
        drawn.append(Markup('<path class="span" d="M{:.1f} {}H{:.1f}"/>').format(min(at)[0], y, max(at)[0]))
        drawn += [Markup('<circle class="dot" cx="{:.1f}" cy="{}" r="5"><title>{}: {}</title></circle>').format(
            x, y, year, told) for x, year, told in at]  # fmt: skip
    for x, year in {(320, first), (690, last)}:
        drawn.append(Markup('<text x="{}" y="{}">{}</text>').format(x - 10, high - 4, year))
    return _svg(wide, high, title, drawn)


def network(
    names: Mapping[str, tuple[str, str, str]], ties: Mapping[tuple[str, str], int], title: str
) -> Markup:
    """The nodes with most ties and the ties between them; `names` is id → (name, kind, address)."""
    weight: dict[str, int] = {}
    for (one, other), count in ties.items():
        weight[one] = weight.get(one, 0) + count
        weight[other] = weight.get(other, 0) + count
    nodes = sorted((n for n in weight if n in names), key=lambda n: (-weight[n], n))[:MOST_NODES]
    tied = {end for tie in ties if tie[0] in nodes and tie[1] in nodes for end in tie}
    nodes = [n for n in nodes if n in tied]  # without those tied only to what is not drawn
    place = {node: i for i, node in enumerate(nodes)}
    kept = [(place[a], place[b], c) for (a, b), c in sorted(ties.items()) if a in place and b in place]
    if not kept:
        return Markup("")
    wide, high = 960, 640
    spots = _apart(_laid_out(len(nodes), kept) * (wide - 260, high - 80) + (30, 40), high)
    drawn = [
        Markup('<path class="tie" stroke-width="{:.1f}" d="M{:.1f} {:.1f}L{:.1f} {:.1f}"/>').format(
            min(1 + math.log2(count), 5), *spots[a], *spots[b])
        for a, b, count in kept
    ]  # fmt: skip
    for node, (x, y) in zip(nodes, spots, strict=True):
        name, kind, address = names[node]
        shown = name if len(name) <= 34 else f"{name[:33]}…"
        drawn.append(Markup(
            '<a href="{}"><circle class="node {}" cx="{:.1f}" cy="{:.1f}" r="{:.1f}"><title>{}</title></circle>'
            '<text x="{:.1f}" y="{:.1f}">{}</text></a>'
        ).format(address, kind, x, y, 4 + math.sqrt(weight[node]), name, x + 10, y + 4, shown))  # fmt: skip
    return _svg(wide, high, title, drawn)


def _laid_out(size: int, ties: Sequence[tuple[int, int, int]]) -> np.ndarray:
    """Places in the unit square by springs and repulsion (Fruchterman and Reingold 1991), the same every time."""
    turn = np.arange(size) * 2.399963  # the golden angle spreads the start evenly
    spots = np.stack([np.cos(turn), np.sin(turn)], 1) * np.sqrt(np.arange(size) + 0.5)[:, None] / math.sqrt(size)
    ideal = 1.6 / math.sqrt(size)
    for heat in np.linspace(0.12, 0.005, 200):
        gap = spots[:, None] - spots[None]
        far = np.maximum(np.linalg.norm(gap, axis=2), 0.01)[..., None]
        push = (gap / far**2).sum(1) * ideal**2 - spots * 0.05
        for a, b, _ in ties:
            pull = gap[a, b] * far[a, b] / ideal
            push[a] -= pull
            push[b] += pull
        size_of = np.maximum(np.linalg.norm(push, axis=1, keepdims=True), 1e-9)
        spots = spots + push / size_of * np.minimum(size_of, heat)
    low, high = spots.min(0), spots.max(0)
    return np.asarray((spots - low) / np.maximum(high - low, 1e-9))


def _apart(spots: np.ndarray, high: int) -> np.ndarray:
    """The places moved up and down until no label (200 wide, 15 high) covers another."""
    for _ in range(200):
        moved = False
        order = np.argsort(spots[:, 1], kind="stable")
        for i, a in enumerate(order):
            for b in order[i + 1 :]:
                lacking = 15 - abs(spots[b, 1] - spots[a, 1])
                if lacking > 0.01 and abs(spots[a, 0] - spots[b, 0]) < 200:
                    spots[a, 1] -= lacking / 2
                    spots[b, 1] += lacking / 2
                    moved = True
        spots[:, 1] = np.clip(spots[:, 1], 12, high - 12)
        if not moved:
            break
    return spots


def _svg(wide: int, high: int, title: str, drawn: Sequence[Markup]) -> Markup:
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" class="plot" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>'
    ).format(wide, high, title, Markup("").join(drawn))
