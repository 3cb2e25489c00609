"""Training of the log-linear choice (`pipeline.extraction.ranker`) by stochastic gradient steps (`adagrad.py`)."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from pipeline.extraction.arrays import places_of
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


class Choices:
    """The choices of many documents, features as numbers, so that they are made once for all folds.

    names: of the features. matrix: (alternatives, features) which alternative has which. first: (choices + 1,) where
    the alternatives of each choice begin. answers: which are right. begins: (documents + 1,) where the choices of each
    document begin.
    """

    def __init__(
        self,
        names: Sequence[str],
        matrix: csr_matrix,
        first: NDArray[np.int64],
        answers: _Answers,
        begins: NDArray[np.int64],
    ) -> None:
        self.names, self.matrix, self.first, self.answers, self.begins = names, matrix, first, answers, begins

    @classmethod
    def of(cls, documents: Iterable[Iterable[Choice]]) -> Choices:
        """The choices of each document."""
        names: dict[str, int] = {}
        columns, bounds, sizes, counts = array("i"), array("q", [0]), array("q"), array("q", [0])
        right: list[Sequence[Sequence[int]]] = []
        for choices in documents:
            for choice in choices:
                for alternative in choice.alternatives:
                    columns.extend([names.setdefault(feature, len(names)) for feature in alternative])
                    bounds.append(len(columns))
                sizes.append(len(choice.alternatives))
                right.append(choice.right)
            counts.append(len(right))
        ones = np.ones(len(columns), np.float32)
        matrix = csr_matrix((ones, np.array(columns), np.array(bounds)), shape=(len(bounds) - 1, len(names)))
        first = np.concatenate([[0], np.cumsum(np.array(sizes), dtype=np.int64)])
        return cls(list(names), matrix, first, _Answers.of(right), np.array(counts))

    def __len__(self) -> int:
        return len(self.first) - 1

    def of_documents(self, documents: Sequence[int]) -> Choices:
        """The choices of some of the documents."""
        sizes = np.diff(self.begins)[list(documents)]
        taken = places_of(self.begins[list(documents)], sizes)
        alternatives = np.diff(self.first)[taken]
        rows = places_of(self.first[taken], alternatives)
        first, begins = (np.concatenate([[0], np.cumsum(x, dtype=np.int64)]) for x in (alternatives, sizes))
        return Choices(self.names, self.matrix[rows], first, self.answers.of_choices(taken), begins)

    def seen(self, times: int) -> Choices:
        """The same choices with those features alone that so many alternatives have."""
        once = self.matrix.copy()
        once.sum_duplicates()
        kept = np.bincount(once.indices, minlength=len(self.names)) >= times
        number, here = np.cumsum(kept) - 1, kept[self.matrix.indices]
        bounds = np.concatenate([[0], np.cumsum(here)])[self.matrix.indptr]
        matrix = csr_matrix(
            (self.matrix.data[here], number[self.matrix.indices[here]], bounds),
            shape=(self.matrix.shape[0], int(kept.sum())),
        )
        names = [name for name, keep in zip(self.names, kept.tolist(), strict=True) if keep]
        return Choices(names, matrix, self.first, self.answers, self.begins)


def train_ranker(choices: Choices, settings: RankerSettings | None = None) -> Ranker:
    """Fit the weights.

    Each right answer is asked for an equal share of the probability. Which of its alternatives gets how much is left
    open: the share is divided as the model itself divides it (the gradient of a marginal likelihood).
    """
    chosen = settings or RankerSettings()
    choices = choices.seen(chosen.seen)
    matrix, first, answers = choices.matrix, choices.first, choices.answers
    table = Table(len(choices.names), 1, chosen)
    numbering = Numbering(len(choices.names))
    random = np.random.default_rng(chosen.seed)
    step = 0
    for epoch in range(chosen.epochs):
        order = random.permutation(len(choices))
        for begin in range(0, len(order), chosen.batch):
            step += 1
            taken = order[begin : begin + chosen.batch]
            sizes = first[taken + 1] - first[taken]
            part = matrix[places_of(first[taken], sizes)]
            used, places = numbering.compact(part.indices)
            part = csr_matrix((part.data, places, part.indptr), shape=(part.shape[0], len(used)))
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
    kept = np.flatnonzero(mean)
    return Ranker(dict(sorted((choices.names[i], float(mean[i])) for i in kept.tolist())))


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
    def of(cls, right: Sequence[Sequence[Sequence[int]]]) -> _Answers:
        """The right answers of each choice."""
        answers = [answer for answers in right for answer in answers]
        sizes = [len(answer) for answer in answers]
        of_choice = [sum(map(len, answers)) for answers in right]
        return cls(
            np.cumsum([0, *of_choice], dtype=np.int64),
            np.array([n for answer in answers for n in answer], np.int64),
            np.repeat(np.arange(len(answers)), sizes),
            np.repeat([1 / len(answers) for answers in right for _ in answers], sizes),
        )

    def of_choices(self, taken: NDArray[np.int64]) -> _Answers:
        """Those of some choices."""
        sizes = np.diff(self.first)[taken]
        places = places_of(self.first[taken], sizes)
        first = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])
        return _Answers(first, self.within[places], self.answer[places], self.share[places])

    def shares(
        self, taken: NDArray[np.int64], starts: NDArray[np.int64], probability: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """What each alternative of the choices `taken`, which begin at `starts`, should have, given what it has."""
        sizes = self.first[taken + 1] - self.first[taken]
        places = places_of(self.first[taken], sizes)
        at = np.repeat(starts, sizes) + self.within[places]
        _, answer = np.unique(self.answer[places], return_inverse=True)
        has = probability[at] + _LEAST
        due = has / np.bincount(answer, has)[answer] * self.share[places]
        return np.bincount(at, due, minlength=len(probability)).astype(np.float64, copy=False)
