"""Training of the log-linear choice (`pipeline.extraction.ranker`): L-BFGS over all examples, with an L2 penalty."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.extraction.ranker import Ranker


@dataclass(frozen=True, slots=True)
class Choice:
    """One decision: the features of each alternative, and which alternatives are right (at least one)."""

    alternatives: Sequence[Sequence[str]]
    right: Sequence[int]


def train_ranker(choices: Sequence[Choice], *, l2: float = 0.5, seen: int = 2, iterations: int = 100) -> Ranker:
    """Fit the weights.

    Args:
        choices: the decisions; where several alternatives are right, each is asked for an equal share.
        l2: weight of the penalty; seen: a feature that fewer alternatives have is left out; iterations: steps at most.
    """
    from scipy.optimize import minimize

    counts = Counter(feature for choice in choices for features in choice.alternatives for feature in set(features))
    index = {feature: i for i, feature in enumerate(sorted(f for f, n in counts.items() if n >= seen))}
    columns: list[int] = []
    lengths: list[int] = []
    targets: list[float] = []
    sizes: list[int] = []
    for choice in choices:
        sizes.append(len(choice.alternatives))
        for number, features in enumerate(choice.alternatives):
            known = [index[f] for f in features if f in index]
            columns += known
            lengths.append(len(known))
            targets.append(1 / len(choice.right) if number in choice.right else 0.0)
    column = np.array(columns, np.int64)
    row = np.repeat(np.arange(len(lengths)), lengths)
    target = np.array(targets)
    group = np.repeat(np.arange(len(sizes)), sizes)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        scores = np.bincount(row, weights=weights[column], minlength=len(lengths))
        scores -= np.maximum.reduceat(scores, starts)[group]
        whole = np.log(np.add.reduceat(np.exp(scores), starts))
        log_p = scores - whole[group]
        gradient = np.bincount(column, weights=(np.exp(log_p) - target)[row], minlength=len(index))
        return float(-(target * log_p).sum() + l2 / 2 * (weights**2).sum()), gradient + l2 * weights

    found = minimize(loss, np.zeros(len(index)), jac=True, method="L-BFGS-B", options={"maxiter": iterations})
    return Ranker({feature: float(found.x[i]) for feature, i in index.items()})
