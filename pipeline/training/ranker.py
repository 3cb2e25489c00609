"""Training of the log-linear choice (`pipeline.extraction.ranker`) by stochastic gradient steps (`adagrad.py`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from pipeline.extraction.ranker import Ranker
from pipeline.training.adagrad import Table


@dataclass(frozen=True, slots=True)
class Choice:
    """One decision: the features of each alternative, and which alternatives are right (at least one)."""

    alternatives: Sequence[Sequence[str]]
    right: Sequence[int]


@dataclass(frozen=True, slots=True)
class RankerSettings:
    """Settings of the training; as `CrfSettings`. seen: a feature that fewer alternatives have is left out.

    Dropping features out, which helps the CRF, makes the linker worse: its features are few and made for the purpose.
    """

    l1: float = 0.1
    l2: float = 0.5
    epochs: int = 20
    batch: int = 32
    rate: float = 0.1
    start: float = 1.0
    smallest: float = 0.02
    seed: int = 1
    seen: int = 2


def train_ranker(choices: Sequence[Choice], settings: RankerSettings | None = None) -> Ranker:
    """Fit the weights; where several alternatives are right, each is asked for an equal share."""
    chosen = settings or RankerSettings()
    counts = Counter(feature for choice in choices for features in choice.alternatives for feature in set(features))
    index = {feature: i for i, feature in enumerate(sorted(f for f, n in counts.items() if n >= chosen.seen))}
    columns = [[index[f] for f in a if f in index] for choice in choices for a in choice.alternatives]
    bounds = np.cumsum([0, *map(len, columns)])
    matrix = csr_matrix(
        (np.ones(bounds[-1], np.float32), [c for row in columns for c in row], bounds), shape=(len(columns), len(index))
    )
    first = np.cumsum([0, *(len(choice.alternatives) for choice in choices)])
    target = np.zeros(len(columns), np.float32)
    for start, choice in zip(first.tolist(), choices, strict=False):
        target[[start + r for r in choice.right]] = 1 / len(choice.right)
    table = Table(len(index), 1, chosen)
    random = np.random.default_rng(chosen.seed)
    step = 0
    for epoch in range(chosen.epochs):
        order = random.permutation(len(choices))
        for begin in range(0, len(order), chosen.batch):
            step += 1
            taken = order[begin : begin + chosen.batch]
            sizes = first[taken + 1] - first[taken]
            rows = np.concatenate([np.arange(first[c], first[c + 1]) for c in taken])
            part = matrix[rows]
            used, inverse = np.unique(part.indices, return_inverse=True)
            part = csr_matrix((part.data, inverse, part.indptr), shape=(len(rows), len(used)))
            scores = part @ table.weights[used, 0]
            group = np.repeat(np.arange(len(taken)), sizes)
            starts = np.cumsum(sizes) - sizes
            powers = np.exp(scores - np.maximum.reduceat(scores, starts)[group])
            probability = powers / np.add.reduceat(powers, starts)[group]
            gradient = part.T @ (probability - target[rows])
            table.update(used, gradient[:, None].astype(np.float32), step, len(taken) / len(choices))
        if epoch >= chosen.epochs // 2:
            table.keep()
    mean = table.mean[:, 0]
    return Ranker({feature: float(mean[i]) for feature, i in index.items() if mean[i]})
