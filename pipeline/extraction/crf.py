"""A linear-chain CRF whose scores are look-ups: inference only, in NumPy (training is in `pipeline/training`).

The score of a label at a token is a sum over slots of a word's row (made once a word, then cached), over families of
a code's row, and over pairs of neighbouring word classes of the pair's row. Decoding runs over many sequences at once.
Method: Lafferty, McCallum and Pereira 2001; the marginals by forward-backward with scaling (Rabiner 1989).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.extraction.context import SLOTS
from pipeline.extraction.words import EDGE, WordFeatures, fold

FloatArray = NDArray[np.float32]
#: Raised whenever a stored model could no longer be read by this code.
PROTOCOL = 1
#: Words whose rows are kept; when there are more, the table is begun anew (about 1 kB a word).
WORDS_KEPT = 40_000
#: Pairs of neighbours: name, which class of the word (0 the word itself, 1 cluster, 2 shape, 3 kinds), the two slots.
PAIRS: tuple[tuple[str, int, str, str], ...] = (
    ("w<", 0, "-1", "0"),
    ("w>", 0, "0", "+1"),
    ("c<", 1, "-1", "0"),
    ("c>", 1, "0", "+1"),
    ("c^", 1, "-1", "+1"),
    ("s<", 2, "-1", "0"),
    ("s>", 2, "0", "+1"),
    ("k<", 3, "-1", "0"),
    ("k>", 3, "0", "+1"),
)
_SLOT_NAMES = tuple(SLOTS)


def pair_classes(features: WordFeatures, word: str) -> tuple[str, str, str, str]:
    """The four classes of a word that pairs are made of."""
    return (fold(word), *features.classes(word))


def word_keys(features: WordFeatures, word: str, spelling: bool) -> list[str]:
    """The features of a word that a slot reads."""
    identity, form = features.of(word)
    return identity + form if spelling else identity


@dataclass(frozen=True, slots=True)
class CrfWeights:
    """The weights of a trained CRF as plain arrays.

    labels: L label names. transitions: (L, L) from, to. names: number of each word feature; feature i has the weights
    `values[bounds[i]:bounds[i + 1]]` at `columns[…]`, where a column is `slot * L + label`.
    families: name → (codes, L). pairs: for each of `PAIRS` a dictionary of `left\\tright` → (L,).
    """

    labels: tuple[str, ...]
    transitions: FloatArray
    names: dict[str, int]
    bounds: NDArray[np.int64]
    columns: NDArray[np.uint16]
    values: FloatArray
    families: dict[str, FloatArray]
    pairs: tuple[dict[str, FloatArray], ...]

    @classmethod
    def from_features(
        cls,
        labels: Sequence[str],
        state: dict[tuple[str, str], float],
        transitions: dict[tuple[str, str], float],
        families: dict[str, int],
    ) -> CrfWeights:
        """Sort the weights of a trainer, keyed by (feature string, label), into arrays.

        Feature strings are those that `pipeline.training.crf.strings` writes: `slot|feature`, `family#code`,
        `pair:left\\tright`.
        """
        index = {label: i for i, label in enumerate(labels)}
        size = len(labels)
        words: dict[str, list[tuple[int, float]]] = {}
        tables = {name: np.zeros((codes, size), np.float32) for name, codes in families.items()}
        pairs: tuple[dict[str, FloatArray], ...] = tuple({} for _ in PAIRS)
        slot_of = {name: i for i, name in enumerate(_SLOT_NAMES)}
        pair_of = {pair[0]: i for i, pair in enumerate(PAIRS)}
        for (feature, label), weight in state.items():
            y = index[label]
            head, kind, tail = _split(feature)
            if kind == "|":
                words.setdefault(tail, []).append((slot_of[head] * size + y, weight))
            elif kind == "#":
                tables[head][int(tail), y] = weight
            else:
                pairs[pair_of[head]].setdefault(tail, np.zeros(size, np.float32))[y] = weight
        matrix = np.zeros((size, size), np.float32)
        for (left, right), weight in transitions.items():
            matrix[index[left], index[right]] = weight
        names = {name: i for i, name in enumerate(sorted(words))}
        cells = [sorted(words[name]) for name in names]
        bounds = np.cumsum([0, *map(len, cells)], dtype=np.int64)
        columns = np.array([c for part in cells for c, _ in part], np.uint16)
        values = np.array([w for part in cells for _, w in part], np.float32)
        return cls(tuple(labels), matrix, names, bounds, columns, values, tables, pairs)

    def of(self, name: str) -> tuple[NDArray[np.uint16], FloatArray] | None:
        """(columns, weights) of a word feature, or None where it has none."""
        number = self.names.get(name)
        if number is None:
            return None
        start, end = self.bounds[number], self.bounds[number + 1]
        return self.columns[start:end], self.values[start:end]

    def save(self, path: Path, extra: dict[str, Any] | None = None) -> None:
        """Write the weights as one `.npz` of plain arrays (half precision) and a JSON header in it."""
        pair_names = [key for table in self.pairs for key in sorted(table)]
        pair_rows = [table[key] for table in self.pairs for key in sorted(table)]
        header = {
            "protocol": PROTOCOL,
            "labels": self.labels,
            "slots": _SLOT_NAMES,
            "families": {name: len(table) for name, table in self.families.items()},
            "pairs": [list(p) for p in PAIRS],
            "pair_counts": [len(table) for table in self.pairs],
            **(extra or {}),
        }
        np.savez_compressed(
            path,
            header=_bytes(json.dumps(header, ensure_ascii=False)),
            transitions=self.transitions.astype(np.float32),
            names=_bytes("\n".join(self.names)),
            counts=np.diff(self.bounds).astype(np.uint16),
            columns=self.columns,
            values=self.values.astype(np.float16),
            families=np.concatenate(list(self.families.values())).astype(np.float16),
            pair_names=_bytes("\n".join(pair_names)),
            pair_rows=np.array(pair_rows, np.float16).reshape(-1, len(self.labels)),
        )

    @classmethod
    def load(cls, path: Path) -> CrfWeights:
        """Read what `save` wrote. Raises ValueError for a model of another protocol or another set of features."""
        with np.load(path, allow_pickle=False) as stored:
            header = json.loads(stored["header"].tobytes())
            if header["protocol"] != PROTOCOL or tuple(header["slots"]) != _SLOT_NAMES:
                raise ValueError(
                    f"{path} holds a model that this version cannot read; train it again with `rollcall train`"
                )
            names = stored["names"].tobytes().decode("utf-8").split("\n")
            bounds = np.concatenate([[0], np.cumsum(stored["counts"], dtype=np.int64)])
            pair_names = stored["pair_names"].tobytes().decode("utf-8").split("\n")
            rows = stored["pair_rows"].astype(np.float32)
            pairs, at = [], 0
            for count in header["pair_counts"]:
                pairs.append(dict(zip(pair_names[at : at + count], rows[at : at + count], strict=True)))
                at += count
            ends = np.cumsum(list(header["families"].values()))[:-1]
            families = dict(zip(header["families"], np.split(stored["families"].astype(np.float32), ends), strict=True))
            return cls(
                tuple(header["labels"]),
                stored["transitions"],
                {name: i for i, name in enumerate(names)},
                bounds,
                stored["columns"],
                stored["values"].astype(np.float32),
                families,
                tuple(pairs),
            )


def _bytes(text: str) -> NDArray[np.uint8]:
    """A text as an array of its UTF-8 bytes, which needs no pickle."""
    return np.frombuffer(text.encode("utf-8"), np.uint8)


def _split(feature: str) -> tuple[str, str, str]:
    """A feature string as (slot, family or pair, separator, rest)."""
    for i, character in enumerate(feature):
        if character in "|#:":
            return feature[:i], character, feature[i + 1 :]
    raise ValueError(f"not a feature of this labeller: {feature!r}")


class Crf:
    """A CRF ready to label: weights, the word table and the pair tables."""

    def __init__(self, weights: CrfWeights, features: WordFeatures) -> None:
        self.weights = weights
        self.features = features
        self.labels = weights.labels
        self._class_codes: tuple[dict[str, int], ...] = ({}, {}, {}, {})
        self._pair_tables = [self._pair_table(i) for i in range(len(PAIRS))]
        self._forget()

    def _pair_table(self, number: int) -> tuple[NDArray[np.int64], FloatArray]:
        """(sorted keys, rows) of one kind of pair; a key is the left class's code times 2^32 plus the right one's."""
        codes = self._class_codes[PAIRS[number][1]]
        keys, rows = [], []
        for name, row in self.weights.pairs[number].items():
            left, right = name.split("\t")
            keys.append((codes.setdefault(left, len(codes) + 1) << 32) + codes.setdefault(right, len(codes) + 1))
            rows.append(row)
        order = np.argsort(np.array(keys, np.int64)) if keys else np.zeros(0, np.intp)
        table = np.zeros((len(keys) + 1, len(self.labels)), np.float32)  # the last row is for pairs not known
        if keys:
            table[:-1] = np.array(rows, np.float32)[order]
        return np.array(keys, np.int64)[order], table

    def _forget(self) -> None:
        """Begin the word table anew, with the edge word in row 0."""
        self._ids: dict[int, int] = {}
        columns = len(_SLOT_NAMES) * len(self.labels)
        self._rows = np.zeros((1024, columns), np.float32)
        self._classes = np.zeros((1024, 4), np.int64)
        self._count = 0
        self._add(EDGE)

    def _add(self, word: str) -> int:
        """Make the row of a new word and return its number."""
        if self._count == len(self._rows):
            self._rows = np.concatenate([self._rows, np.zeros_like(self._rows)])
            self._classes = np.concatenate([self._classes, np.zeros_like(self._classes)])
        row = self._rows[self._count]
        identity, spelling = self.features.of(word)
        # A slot that reads no spelling has no weights for spelling features, so all can be added alike.
        for name in identity + spelling:
            cells = self.weights.of(name)
            if cells is not None:
                row[cells[0]] += cells[1]
        for position, name in enumerate(pair_classes(self.features, word)):
            self._classes[self._count, position] = self._class_codes[position].get(name, 0)
        self._count += 1
        return self._count - 1

    def word_ids(self, orths: NDArray[np.uint64], words: Sequence[str]) -> NDArray[np.int32]:
        """The row numbers of a document's words, new words added."""
        ids = [self._ids.get(orth, -1) for orth in orths.tolist()]
        for i, identifier in enumerate(ids):
            if identifier < 0:
                orth = int(orths[i])
                known = self._ids.get(orth)
                if known is None:
                    known = self._ids[orth] = self._add(words[i])
                ids[i] = known
        return np.array(ids, np.int32)

    def trim(self) -> None:
        """Forget the word table if it has grown beyond its bound; call between batches only."""
        if self._count > WORDS_KEPT:
            self._forget()

    def emissions(self, ids: NDArray[np.int32], slots: NDArray[np.int32], families: NDArray[np.int32]) -> FloatArray:
        """(n, L) the score of each label at each token, from its word numbers, slots and codes (`Context`)."""
        n, size = len(ids), len(self.labels)
        scores = np.zeros((n, size), np.float32)
        padded = np.append(ids, np.int32(0))  # position -1 reads the edge word
        at = padded[slots]
        for number in range(len(_SLOT_NAMES)):
            scores += self._rows[at[number], number * size : (number + 1) * size]
        for table, codes in zip(self.weights.families.values(), families, strict=True):
            scores += table[codes]
        classes = self._classes[at[:7]]
        for number, (_, kind, left, right) in enumerate(PAIRS):
            keys, table = self._pair_tables[number]
            if not len(keys):
                continue
            wanted = (classes[_SLOT_NAMES.index(left), :, kind] << 32) + classes[_SLOT_NAMES.index(right), :, kind]
            found = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
            scores += table[np.where(keys[found] == wanted, found, len(keys))]
        return scores

    def marginals(self, scores: FloatArray, lengths: Sequence[int]) -> FloatArray:
        """(n, L) the probability of each label at each token, sequences of these lengths standing one after another."""
        return _forward_backward(scores, lengths, self.weights.transitions)

    def decode(self, scores: FloatArray, lengths: Sequence[int]) -> NDArray[np.int32]:
        """(n,) the best label sequence (Viterbi)."""
        return _viterbi(scores, lengths, self.weights.transitions)


def _batches(lengths: Sequence[int]) -> list[tuple[NDArray[np.intp], int]]:
    """Group sequences by length, so that little is padded: (numbers of sequences, longest length) per group."""
    sizes = np.asarray(lengths)
    order = np.argsort(sizes, kind="stable")
    groups: list[tuple[NDArray[np.intp], int]] = []
    start = 0
    for i in range(1, len(order) + 1):
        # A group ends where the next sequence is half as long again as its first and the group is worth a pass.
        if i == len(order) or (sizes[order[i]] > 1.3 * sizes[order[start]] + 4 and i - start >= 8):
            groups.append((order[start:i], int(sizes[order[i - 1]])))
            start = i
    return groups


def _gather(
    lengths: Sequence[int], group: NDArray[np.intp], longest: int
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """(longest, sequences) positions into the flat arrays and which of them are real."""
    sizes = np.asarray(lengths)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    steps = np.arange(longest)[:, None]
    real = steps < sizes[group][None, :]
    return np.where(real, starts[group][None, :] + steps, 0), real


def _forward_backward(scores: FloatArray, lengths: Sequence[int], transitions: FloatArray) -> FloatArray:
    """Marginals of all sequences; see `Crf.marginals`."""
    result = np.zeros_like(scores)
    weights = np.exp(scores - scores.max(axis=1, keepdims=True)) if len(scores) else scores
    step = np.exp(transitions - transitions.max())
    for group, longest in _batches(lengths):
        if longest == 0:
            continue
        at, real = _gather(lengths, group, longest)
        emitted = weights[at]
        emitted[~real] = 1.0
        alpha = np.empty_like(emitted)
        alpha[0] = emitted[0]
        alpha[0] /= alpha[0].sum(axis=1, keepdims=True)
        for t in range(1, longest):
            moved = (alpha[t - 1] @ step) * emitted[t]
            alpha[t] = moved / moved.sum(axis=1, keepdims=True)
        beta = np.ones_like(emitted[0])
        backward = step.T.copy()
        for t in range(longest - 1, -1, -1):
            both = alpha[t] * beta
            alpha[t] = both / both.sum(axis=1, keepdims=True)
            moved = (beta * emitted[t]) @ backward
            # Behind a sequence's end stand padded steps that must not count.
            beta = np.where(real[t][:, None], moved / moved.sum(axis=1, keepdims=True), 1.0).astype(np.float32)
        result[at[real]] = alpha[real]
    return result


def _viterbi(scores: FloatArray, lengths: Sequence[int], transitions: FloatArray) -> NDArray[np.int32]:
    """Best paths of all sequences; see `Crf.decode`."""
    result = np.zeros(len(scores), np.int32)
    for group, longest in _batches(lengths):
        if longest == 0:
            continue
        at, real = _gather(lengths, group, longest)
        emitted = scores[at]
        best = emitted[0]
        pointers = np.zeros(emitted.shape, np.int8)
        keep = np.arange(emitted.shape[2], dtype=np.int8)
        for t in range(1, longest):
            moves = best[:, :, None] + transitions[None]
            pointer = moves.argmax(axis=1)
            moved = np.take_along_axis(moves, pointer[:, None, :], axis=1)[:, 0] + emitted[t]
            inside = real[t][:, None]
            best = np.where(inside, moved, best)
            pointers[t] = np.where(inside, pointer, keep)
        label = best.argmax(axis=1)
        path = np.zeros(at.shape, np.int32)
        for t in range(longest - 1, -1, -1):
            path[t] = label
            label = np.take_along_axis(pointers[t], label[:, None].astype(np.intp), axis=1)[:, 0]
        result[at[real]] = path[real]
    return result
