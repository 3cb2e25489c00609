"""A linear-chain CRF whose scores are look-ups: inference only, in NumPy (training is in `pipeline/training`).

The score of a label at a token is a sum over slots of a word's row (made once a word, then cached), over families of
a code's row, and over pairs of neighbouring word classes of the pair's row. Decoding runs over many sequences at once.
Method: Lafferty, McCallum and Pereira 2001; the marginals by forward-backward with scaling (Rabiner 1989).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.extraction.arrays import save_arrays
from pipeline.extraction.chain import FloatArray, best_path, marginals
from pipeline.extraction.context import SLOTS
from pipeline.extraction.words import EDGE, WordFeatures

#: Raised whenever a stored model could no longer be read by this code.
PROTOCOL = 2
#: Words whose rows are kept; when there are more, the table is begun anew (about 1 kB a word).
WORDS_KEPT = 16_000
#: Rows that are set aside for them and for the words of a batch; the system gives memory to those that are written.
_ROOM = 24_000
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


@dataclass(frozen=True, slots=True)
class CrfWeights:
    """The weights of a trained CRF as plain arrays.

    labels: L label names. transitions: (L, L) from, to. names: number of each word feature; feature i has the weights
    `values[bounds[i]:bounds[i + 1]]` at `columns[…]`, where a column is `slot * L + label`.
    families: name → (codes, L). pairs: for each of `PAIRS` the sorted names `left\\tright` and their
    (names, L) weights.
    """

    labels: tuple[str, ...]
    transitions: FloatArray
    names: dict[str, int]
    bounds: NDArray[np.int64]
    columns: NDArray[np.uint16]
    values: FloatArray
    families: dict[str, FloatArray]
    pairs: tuple[tuple[list[str], FloatArray], ...]

    @classmethod
    def from_rows(
        cls,
        labels: Sequence[str],
        transitions: FloatArray,
        words: Mapping[str, tuple[NDArray[Any], FloatArray]],
        families: Mapping[str, FloatArray],
        pairs: Sequence[Mapping[str, FloatArray]],
    ) -> CrfWeights:
        """Weights from (columns, values) by word feature and, for each kind of pair, (L,) weights by its name."""
        names = {name: i for i, name in enumerate(sorted(words))}
        rows = [words[name] for name in names]
        bounds = np.cumsum([0, *(len(columns) for columns, _ in rows)], dtype=np.int64)
        columns = np.concatenate([c for c, _ in rows]) if rows else np.zeros(0)
        values = np.concatenate([v for _, v in rows]) if rows else np.zeros(0)
        return cls(
            tuple(labels),
            transitions,
            names,
            bounds,
            columns.astype(np.uint16),
            values.astype(np.float32),
            dict(families),
            tuple(
                (sorted(table), np.array([table[name] for name in sorted(table)], np.float32).reshape(-1, len(labels)))
                for table in pairs
            ),
        )

    def of(self, name: str) -> tuple[NDArray[np.uint16], FloatArray] | None:
        """(columns, weights) of a word feature, or None where it has none."""
        number = self.names.get(name)
        if number is None:
            return None
        start, end = self.bounds[number], self.bounds[number + 1]
        return self.columns[start:end], self.values[start:end]

    def rows(self, features: Sequence[Sequence[str]]) -> FloatArray:
        """(words, slots * L) the summed weights of each word, from the features of each."""
        width = len(_SLOT_NAMES) * len(self.labels)
        names = self.names
        numbers = [[names[f] for f in word if f in names] for word in features]
        flat = np.array([n for word in numbers for n in word], np.int64)
        sizes = self.bounds[flat + 1] - self.bounds[flat]
        cells = np.arange(sizes.sum()) + np.repeat(self.bounds[flat] - np.cumsum(sizes) + sizes, sizes)
        owner = np.repeat(np.arange(len(features)), [len(word) for word in numbers])
        at = np.repeat(owner * width, sizes) + self.columns[cells]
        whole = np.bincount(at, weights=self.values[cells], minlength=len(features) * width)
        return whole.reshape(len(features), width).astype(np.float32)

    def save(self, path: Path) -> None:
        """Write the weights as one `.npz` of plain arrays and a JSON header in it.

        The weights of words are rounded to 255 steps, all others to half precision; accuracy does not suffer.
        """
        pair_names = [name for names, _ in self.pairs for name in names]
        step = max(float(np.abs(self.values).max(initial=0.0)), 1e-6) / 127
        header = {
            "protocol": PROTOCOL,
            "step": step,
            "labels": self.labels,
            "slots": _SLOT_NAMES,
            "families": {name: len(table) for name, table in self.families.items()},
            "pairs": [list(p) for p in PAIRS],
            "pair_counts": [len(names) for names, _ in self.pairs],
        }
        save_arrays(
            path,
            header=_bytes(json.dumps(header, ensure_ascii=False)),
            transitions=self.transitions.astype(np.float32),
            names=_bytes("\n".join(self.names)),
            counts=np.diff(self.bounds).astype(np.uint16),
            columns=self.columns,
            values=np.rint(self.values / step).astype(np.int8),
            families=np.concatenate(list(self.families.values())).astype(np.float16),
            pair_names=_bytes("\n".join(pair_names)),
            pair_rows=np.concatenate([rows for _, rows in self.pairs]).astype(np.float16),
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
                pairs.append((pair_names[at : at + count], rows[at : at + count]))
                at += count
            ends = np.cumsum(list(header["families"].values()))[:-1]
            families = dict(zip(header["families"], np.split(stored["families"].astype(np.float32), ends), strict=True))
            return cls(
                tuple(header["labels"]),
                stored["transitions"],
                {name: i for i, name in enumerate(names)},
                bounds,
                stored["columns"],
                stored["values"].astype(np.float32) * np.float32(header["step"]),
                families,
                tuple(pairs),
            )


def _bytes(text: str) -> NDArray[np.uint8]:
    """A text as an array of its UTF-8 bytes, which needs no pickle."""
    return np.frombuffer(text.encode("utf-8"), np.uint8)


class Crf:
    """A CRF ready to label: weights, the word table and the pair tables."""

    def __init__(self, weights: CrfWeights, features: WordFeatures) -> None:
        self.weights = replace(weights, pairs=())  # the pair tables hold them, without their names
        self.features = features
        self.labels = weights.labels
        self._class_codes: tuple[dict[str, int], ...] = ({}, {}, {}, {})
        self._pair_tables = [self._pair_table(i, *pairs) for i, pairs in enumerate(weights.pairs)]
        self._rows, self._classes = self._room()
        self._forget()

    def _pair_table(
        self, number: int, names: Sequence[str], rows: FloatArray
    ) -> tuple[NDArray[np.int64], FloatArray]:
        """(sorted keys, rows) of one kind of pair; a key is the left class's code times 2^32 plus the right one's."""
        codes = self._class_codes[PAIRS[number][1]]
        keys = np.zeros(len(names), np.int64)
        for i, name in enumerate(names):
            left, _, right = name.partition("\t")
            keys[i] = (codes.setdefault(left, len(codes) + 1) << 32) + codes.setdefault(right, len(codes) + 1)
        order = np.argsort(keys)
        # The last row is for pairs that are not known.
        return keys[order], np.concatenate([rows[order], np.zeros((1, len(self.labels)), np.float32)])

    def _room(self) -> tuple[FloatArray, NDArray[np.int64]]:
        """The rows and the classes of the word table, unused."""
        return np.zeros((_ROOM, len(_SLOT_NAMES) * len(self.labels)), np.float32), np.zeros((_ROOM, 4), np.int64)

    def _forget(self) -> None:
        """Begin the word table anew, with the edge word in row 0."""
        if len(self._rows) > _ROOM:
            self._rows, self._classes = self._room()
        self._ids: dict[int, int] = {}
        self._count = 0
        self._add([EDGE])

    def _add(self, words: Sequence[str]) -> None:
        """Make the rows of new words, which get the next numbers."""
        end = self._count + len(words)
        if end > len(self._rows):
            more = max(len(self._rows), end - len(self._rows))
            self._rows = np.concatenate([self._rows, np.zeros((more, self._rows.shape[1]), np.float32)])
            self._classes = np.concatenate([self._classes, np.zeros((more, 4), np.int64)])
        described = [self.features.described(word) for word in words]
        # A slot that reads no spelling has no weights for spelling features, so all can be added alike.
        self._rows[self._count : end] = self.weights.rows([identity + spelling for identity, spelling, _ in described])
        codes = self._class_codes
        self._classes[self._count : end] = [
            [codes[position].get(name, 0) for position, name in enumerate(classes)] for _, _, classes in described
        ]
        self._count = end

    def word_ids(self, orths: NDArray[np.uint64], words: Sequence[str]) -> NDArray[np.int32]:
        """The row numbers of a document's words, new words added."""
        known = self._ids
        new: list[str] = []
        for orth, word in zip(orths.tolist(), words, strict=True):
            if orth not in known:
                known[orth] = self._count + len(new)
                new.append(word)
        if new:
            self._add(new)
        return np.array([known[orth] for orth in orths.tolist()], np.int32)

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
        return marginals(scores, lengths, self.weights.transitions)

    def decode(self, scores: FloatArray, lengths: Sequence[int]) -> NDArray[np.int32]:
        """(n,) the best label sequence (Viterbi)."""
        return best_path(scores, lengths, self.weights.transitions)
