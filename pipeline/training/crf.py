"""Training the CRF: stochastic gradient steps over batches of documents, in NumPy and SciPy.

The scores factor as in `pipeline.extraction.crf`: a token's emission is a sum of rows of words, codes and pairs, and a
word's row is a sum over its features. So a batch is three sparse products, and its gradient the same three backwards.
Steps follow AdaGrad (Duchi, Hazan and Singer 2011) with an elastic-net penalty whose L1 part is a proximal step;
parts that a batch does not touch are made up for when they are next touched. Features of words are dropped at random
(Srivastava et al. 2014), so that no word is known by its identity alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from pipeline.extraction.chain import FloatArray, Packing, passes
from pipeline.extraction.context import SLOTS
from pipeline.extraction.crf import PAIRS, CrfWeights
from pipeline.extraction.lexicon import EDGE, IntArray
from pipeline.extraction.words import WordFeatures
from pipeline.training.adagrad import Numbering, Table, drop

_SLOT_NAMES = tuple(SLOTS)
_SPELLING = np.array([i for i, spelling in enumerate(SLOTS.values()) if spelling])


@dataclass(frozen=True, slots=True)
class Tagged:
    """A document to learn from: words, slots (slots, n), families (families, n), tag numbers (n,), sequence lengths."""

    words: Sequence[str]
    slots: IntArray
    families: IntArray
    tags: NDArray[np.int32]
    lengths: Sequence[int]


@dataclass(frozen=True, slots=True)
class CrfSettings:
    """Settings of the training, found by cross-validation on the corpora.

    copies: of each document, with other names (`Maker.copy`), from which a first CRF learns as from the document.
    l1, l2: the elastic net, for the whole corpus. epochs: passes over it. batch: documents a step. rate, start:
    AdaGrad's step and its first sum of squares; second_rate: the step of a second CRF. smallest: weights below this
    are not kept. seed: of all that is drawn.
    The shares that a step leaves out: features of words, places where a word is read, pairs, codes of families.
    """

    copies: int = 2
    l1: float = 0.02
    l2: float = 0.5
    epochs: int = 20
    batch: int = 4
    rate: float = 0.7
    second_rate: float = 0.1
    start: float = 1.0
    smallest: float = 0.05
    seed: int = 1
    dropped_features: float = 0.6
    dropped_places: float = 0.1
    dropped_pairs: float = 0.5
    dropped_codes: float = 0.2


class _Corpus:
    """The documents as sparse matrices over their tokens."""

    def __init__(self, data: Sequence[Tagged], features: WordFeatures, families: dict[str, int]) -> None:
        self.types: dict[str, int] = {EDGE: 0}
        self.ids = [np.array([self.types.setdefault(w, len(self.types)) for w in d.words], np.int64) for d in data]
        described = features.describe(list(self.types))
        self.identity_names, self.identity = _incidence([d[0] for d in described])
        self.spelling_names, self.spelling = _incidence([d[1] for d in described])
        offsets = np.cumsum([0, *families.values()])
        self.codes = int(offsets[-1])
        self.family_columns = [(d.families + offsets[:-1, None]).T.astype(np.int64) for d in data]
        self.cells = [self._cells(ids, d.slots) for ids, d in zip(self.ids, data, strict=True)]
        self._pairs([d[2] for d in described], data)

    def _cells(self, ids: NDArray[np.int64], slots: IntArray) -> NDArray[np.int64]:
        """(n, slots) the cell type * slots + slot that each token reads at each slot."""
        at = _read(ids, slots)
        return (at * len(SLOTS) + np.arange(len(SLOTS))[:, None]).T

    def _pairs(self, classes: Sequence[tuple[str, ...]], data: Sequence[Tagged]) -> None:
        """`pair_columns`: (n, kinds of pairs) columns by document; `pair_names`: (kind of pair, name) by column."""
        numbers: list[dict[str, int]] = [{} for _ in range(4)]
        coded = np.array([[numbers[k].setdefault(c[k], len(numbers[k])) for k in range(4)] for c in classes])
        self.pair_names: list[tuple[int, str]] = []
        columns = []
        for number, (_, kind, left, right) in enumerate(PAIRS):
            spelling = list(numbers[kind])
            before, after = (
                np.concatenate(
                    [_read(ids, d.slots[_SLOT_NAMES.index(s)]) for ids, d in zip(self.ids, data, strict=True)]
                )
                for s in (left, right)
            )
            keys, inverse = np.unique((coded[before, kind] << 32) + coded[after, kind], return_inverse=True)
            columns.append(len(self.pair_names) + inverse.ravel())
            self.pair_names += [
                (number, f"{spelling[key >> 32]}\t{spelling[key & 0xFFFFFFFF]}") for key in keys.tolist()
            ]
        ends = np.cumsum([len(ids) for ids in self.ids])[:-1]
        self.pair_columns = np.split(np.stack(columns, axis=1), ends)


def _read(ids: NDArray[np.int64], slots: IntArray) -> NDArray[np.int64]:
    """The words at some places, that of the edge (number 0) where a place lies before the text."""
    return np.append(ids, 0)[np.maximum(slots, -1)]


def _incidence(described: Sequence[Sequence[str]]) -> tuple[list[str], csr_matrix]:
    """The names of all features, and (types, features) which type has which."""
    names: dict[str, int] = {}
    columns = [names.setdefault(f, len(names)) for features in described for f in features]
    bounds = np.cumsum([0, *map(len, described)])
    ones = np.ones(len(columns), np.float32)
    return list(names), csr_matrix((ones, columns, bounds), shape=(len(described), len(names)))


def _one_hot(columns: NDArray[np.int64], width: int) -> csr_matrix:
    """(n, k) column numbers as an (n, width) matrix of ones."""
    n, k = columns.shape
    return csr_matrix((np.ones(n * k, np.float32), columns.ravel(), np.arange(0, n * k + 1, k)), shape=(n, width))


def _compact(
    columns: Sequence[NDArray[np.int64]], documents: NDArray[np.intp], numbering: Numbering
) -> tuple[NDArray[np.intp], csr_matrix]:
    """The columns that occur in some documents, and the one-hot matrix of their tokens over them alone."""
    used, places = numbering.compact(np.concatenate([columns[d] for d in documents]))
    return used, _one_hot(places, len(used))


def train(
    data: Sequence[Tagged],
    labels: Sequence[str],
    families: dict[str, int],
    features: WordFeatures,
    settings: CrfSettings | None = None,
) -> CrfWeights:
    """Train a CRF.

    Args:
        data: the documents.
        labels: all tags.
        families: the families of codes and the number of codes of each.
        features: the language's word features.
        settings: of the training.
    """
    chosen = settings or CrfSettings()
    trainer = _Trainer(data, labels, families, features, chosen)
    random = np.random.default_rng(chosen.seed)
    for epoch in range(chosen.epochs):
        order = random.permutation(len(data))
        for start in range(0, len(order), chosen.batch):
            trainer.step(order[start : start + chosen.batch], random)
        if epoch >= chosen.epochs // 2:
            trainer.keep()
    return trainer.weights()


class _Trainer:
    def __init__(
        self,
        data: Sequence[Tagged],
        labels: Sequence[str],
        families: dict[str, int],
        features: WordFeatures,
        settings: CrfSettings,
    ) -> None:
        self.data, self.labels, self.families, self.settings = data, tuple(labels), families, settings
        self.corpus = _Corpus(data, features, families)
        size = len(labels)
        self.identity = Table(len(self.corpus.identity_names), len(SLOTS) * size, settings)
        self.spelling = Table(len(self.corpus.spelling_names), len(_SPELLING) * size, settings)
        self.codes = Table(self.corpus.codes, size, settings)
        self.pairs = Table(len(self.corpus.pair_names), size, settings)
        self.transitions = Table(size, size, settings)
        self.tables = (self.identity, self.spelling, self.codes, self.pairs, self.transitions)
        self.cell_numbers = Numbering(len(self.corpus.types) * len(SLOTS))
        self.identity_numbers = Numbering(len(self.corpus.identity_names))
        self.spelling_numbers = Numbering(len(self.corpus.spelling_names))
        self.code_numbers = Numbering(self.corpus.codes)
        self.pair_numbers = Numbering(len(self.corpus.pair_names))
        self.steps = 0
        self.loss = 0.0

    def keep(self) -> None:
        """Count the weights as they are now towards their means."""
        for table in self.tables:
            table.keep()

    def step(self, documents: NDArray[np.intp], random: np.random.Generator) -> None:
        """One gradient step on some documents."""
        corpus, size = self.corpus, len(self.labels)
        self.steps += 1
        share = len(documents) / len(self.data)
        cells, cell_matrix = _compact(corpus.cells, documents, self.cell_numbers)
        types, type_of_cell = np.unique(cells // len(SLOTS), return_inverse=True)
        slot_of_cell = cells % len(SLOTS)
        identity, identity_rows = self._dropped(corpus.identity, self.identity_numbers, types, random)
        spelling, spelling_rows = self._dropped(corpus.spelling, self.spelling_numbers, types, random)
        words = (identity @ self.identity.weights[identity_rows]).reshape(len(types), len(SLOTS), size)
        spelt = (spelling @ self.spelling.weights[spelling_rows]).reshape(len(types), len(_SPELLING), size)
        words[:, _SPELLING] += spelt
        code_rows, code_matrix = _compact(corpus.family_columns, documents, self.code_numbers)
        pair_rows, pair_matrix = _compact(corpus.pair_columns, documents, self.pair_numbers)
        drop(cell_matrix, self.settings.dropped_places, random)
        drop(code_matrix, self.settings.dropped_codes, random)
        drop(pair_matrix, self.settings.dropped_pairs, random)
        scores = cell_matrix @ words[type_of_cell, slot_of_cell]
        scores += code_matrix @ self.codes.weights[code_rows]
        scores += pair_matrix @ self.pairs.weights[pair_rows]
        tags = np.concatenate([self.data[d].tags for d in documents])
        packing = Packing.of([length for d in documents for length in self.data[d].lengths])
        gradient, moves = self._gradient(scores, tags, packing)

        by_cell = cell_matrix.T @ gradient
        by_word = np.zeros_like(words)
        by_word[type_of_cell, slot_of_cell] = by_cell
        self.identity.update(identity_rows, identity.T @ by_word.reshape(len(types), -1), self.steps, share)
        by_spelling = np.ascontiguousarray(by_word[:, _SPELLING]).reshape(len(types), -1)
        self.spelling.update(spelling_rows, spelling.T @ by_spelling, self.steps, share)
        self.codes.update(code_rows, code_matrix.T @ gradient, self.steps, share)
        self.pairs.update(pair_rows, pair_matrix.T @ gradient, self.steps, share)
        self.transitions.update(np.arange(size), moves, self.steps, share)

    def _dropped(
        self, incidence: csr_matrix, numbering: Numbering, types: NDArray[np.intp], random: np.random.Generator
    ) -> tuple[csr_matrix, NDArray[np.intp]]:
        """The features of these types, some left out and the others raised to make up for it; over used ones alone."""
        part = incidence[types]
        used, columns = numbering.compact(part.indices)
        part = csr_matrix((part.data, columns, part.indptr), shape=(len(types), len(used)))
        drop(part, self.settings.dropped_features, random)
        return part, used

    def _gradient(self, scores: FloatArray, tags: NDArray[np.int32], packing: Packing) -> tuple[FloatArray, FloatArray]:
        """The gradient of the negative log likelihood: (n, L) of the emissions, (L, L) of the transitions."""
        order = packing.order
        transitions = self.transitions.weights
        packed, wanted = scores[order], tags[order]
        alpha, beta, emitted, log_sum = passes(packed, packing, transitions)
        expected = alpha * beta
        expected /= expected.sum(axis=1, keepdims=True)
        rows = np.arange(len(wanted))
        expected[rows, wanted] -= 1
        gradient = np.empty_like(scores)
        gradient[order] = expected
        after, before = packing.before()
        step = np.exp(transitions - transitions.max())
        left, right = alpha[before], (emitted * beta)[after]
        mass = ((left @ step) * right).sum(axis=1, keepdims=True)
        moves = step * (left.T @ (right / mass))
        np.subtract.at(moves, (wanted[before], wanted[after]), 1)
        right_path = packed[rows, wanted].sum(dtype=np.float64)
        right_path += transitions[wanted[before], wanted[after]].sum(dtype=np.float64)
        self.loss += log_sum - float(right_path)
        return gradient, moves

    def weights(self) -> CrfWeights:
        """The mean weights as plain arrays."""
        size, corpus = len(self.labels), self.corpus
        columns = (_SPELLING[:, None] * size + np.arange(size)).ravel()
        rows = dict(_sparse_rows(corpus.identity_names, self.identity.mean, np.arange(len(SLOTS) * size)))
        rows |= dict(_sparse_rows(corpus.spelling_names, self.spelling.mean, columns))
        codes = np.split(self.codes.mean, np.cumsum(list(self.families.values()))[:-1])
        pairs: tuple[dict[str, FloatArray], ...] = tuple({} for _ in PAIRS)
        for (kind, name), row in zip(corpus.pair_names, self.pairs.mean, strict=True):
            if row.any():
                pairs[kind][name] = row
        return CrfWeights.from_rows(
            self.labels, self.transitions.mean, rows, dict(zip(self.families, codes, strict=True)), pairs
        )


def _sparse_rows(
    names: Sequence[str], matrix: FloatArray, columns: NDArray[np.intp]
) -> list[tuple[str, tuple[NDArray[np.intp], FloatArray]]]:
    """(name, (columns, values)) of the rows that are not all 0."""
    return [
        (name, (columns[kept], row[kept]))
        for name, row in zip(names, matrix, strict=True)
        if len(kept := np.flatnonzero(row))
    ]
