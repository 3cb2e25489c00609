"""Fitting confidences: how often rows with a score were right, on documents that the models had not seen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pipeline.extraction.calibration import Calibration, Curve

#: Rows that a point of a curve rests on at least, and points at most.
SMALLEST_GROUP, MOST_POINTS = 40, 16


def fit(outcomes: Iterable[tuple[str, float, bool]]) -> Calibration:
    """Curves for each kind of row from (kind, score, right) of held-out documents."""
    by_kind: dict[str, list[tuple[float, bool]]] = {}
    for kind, score, right in outcomes:
        by_kind.setdefault(kind, []).append((score, right))
    return Calibration({kind: _curve(rows) for kind, rows in sorted(by_kind.items())})


def _curve(rows: Sequence[tuple[float, bool]]) -> Curve:
    """An isotonic curve through groups of equal size; a group of n with r right counts as (r + 1) / (n + 2)."""
    from scipy.optimize import isotonic_regression

    ordered = sorted(rows, key=lambda row: row[0])
    size = max(SMALLEST_GROUP, -(-len(ordered) // MOST_POINTS))
    groups = [ordered[i : i + size] for i in range(0, len(ordered), size)]
    if len(groups) > 1 and len(groups[-1]) < SMALLEST_GROUP:
        groups[-2:] = [groups[-2] + groups[-1]]
    # Groups of one score are one point of the curve.
    by_score: dict[float, list[bool]] = {}
    for group in groups:
        by_score.setdefault(round(sum(s for s, _ in group) / len(group), 4), []).extend(right for _, right in group)
    rates = [(sum(rights) + 1) / (len(rights) + 2) for rights in by_score.values()]
    smooth = isotonic_regression(rates, weights=[len(rights) for rights in by_score.values()]).x
    return Curve(tuple(by_score), tuple(round(float(v), 4) for v in smooth))


def reliability(
    outcomes: Iterable[tuple[str, float, bool]], kinds: Iterable[str]
) -> list[tuple[float, float, int, float]]:
    """Rows of a reliability table over some kinds: (from, to, rows, share right), by tenths of confidence."""
    wanted = set(kinds)
    bins: list[list[bool]] = [[] for _ in range(10)]
    for kind, score, right in outcomes:
        if kind in wanted:
            bins[min(int(score * 10), 9)].append(right)
    return [(i / 10, (i + 1) / 10, len(b), sum(b) / len(b)) for i, b in enumerate(bins) if b]
