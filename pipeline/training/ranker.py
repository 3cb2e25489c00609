"""Training of the log-linear choice (`pipeline.extraction.ranker`) by stochastic gradient steps (`adagrad.py`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from pipeline.extraction.ranker import Ranker
from pipeline.training.adagrad import Numbering, Table

#: Added to probabilities, so that an answer all of whose alternatives have none is divided evenly.
_LEAST = 1e-9


@dataclass(frozen=True, slots=True)
class Choice:
    """One decision: the features of each alternative, and the right answers (at least one).

    right: for each answer the alternatives that are it, for instance all mentions of the right person.
    """

    alternatives: Sequence[Sequence[str]]
    right: Sequence[Sequence[int]]


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
    """Fit the weights.

    Each right answer is asked for an equal share of the probability. Which of its alternatives gets how much is left
    open: the share is divided as the model itself divides it (the gradient of a marginal likelihood).
    """
    chosen = settings or RankerSettings()
    counts = Counter(feature for choice in choices for features in choice.alternatives for feature in set(features))
    index = {feature: i for i, feature in enumerate(sorted(f for f, n in counts.items() if n >= chosen.seen))}
    columns = [[index[f] for f in a if f in index] for choice in choices for a in choice.alternatives]
    bounds = np.cumsum([0, *map(len, columns)])
    matrix = csr_matrix(
        (np.ones(bounds[-1], np.float32), [c for row in columns for c in row], bounds), shape=(len(columns), len(index))
    )
    first = np.cumsum([0, *(len(choice.alternatives) for choice in choices)])
    answers = _Answers.of(choices)
    table = Table(len(index), 1, chosen)
    numbering = Numbering(len(index))
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
            used, inverse = numbering.compact(part.indices)
            part = csr_matrix((part.data, inverse, part.indptr), shape=(len(rows), len(used)))
            scores = part @ table.weights[used, 0]
            group = np.repeat(np.arange(len(taken)), sizes)
            starts = np.cumsum(sizes) - sizes
            powers = np.exp(scores - np.maximum.reduceat(scores, starts)[group])
            probability = powers / np.add.reduceat(powers, starts)[group]
            gradient = part.T @ (probability - answers.shares(taken, starts, probability))
            table.update(used, gradient[:, None].astype(np.float32), step, len(taken) / len(choices))
        if epoch >= chosen.epochs // 2:
            table.keep()
    mean = table.mean[:, 0]
    return Ranker({feature: float(mean[i]) for feature, i in index.items() if mean[i]})


@dataclass(frozen=True, slots=True)
class _Answers:
    """The right alternatives of all choices, one after the other.

    first: (choices + 1,) where each choice's begin. within: the place of an alternative within its choice. answer: the
    number of the answer that it is. share: what that answer is asked for.
    """

    first: NDArray[np.int64]
    within: NDArray[np.int64]
    answer: NDArray[np.int64]
    share: NDArray[np.float64]

    @classmethod
    def of(cls, choices: Sequence[Choice]) -> _Answers:
        right = [(i, answer) for i, choice in enumerate(choices) for answer in choice.right]
        sizes = [len(answer) for _, answer in right]
        of_choice = np.bincount([i for i, _ in right], sizes, minlength=len(choices)).astype(np.int64)
        return cls(
            np.concatenate([[0], np.cumsum(of_choice)]),
            np.array([n for _, answer in right for n in answer], np.int64),
            np.repeat(np.arange(len(right)), sizes),
            np.repeat([1 / len(choices[i].right) for i, _ in right], sizes),
        )

    def shares(
        self, taken: NDArray[np.int64], starts: NDArray[np.int64], probability: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """What each alternative of the choices `taken`, which begin at `starts`, should have, given what it has."""
        sizes = self.first[taken + 1] - self.first[taken]
        cells = np.concatenate([np.arange(self.first[c], self.first[c + 1]) for c in taken])
        at = np.repeat(starts, sizes) + self.within[cells]
        _, answer = np.unique(self.answer[cells], return_inverse=True)
        has = probability[at] + _LEAST
        due = has / np.bincount(answer, has)[answer] * self.share[cells]
        return np.bincount(at, due, minlength=len(probability)).astype(np.float64, copy=False)
