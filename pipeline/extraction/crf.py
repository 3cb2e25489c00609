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
from pipeline.extraction.chain import FloatArray, Packing, best_path, marginals
from pipeline.extraction.context import SLOTS
from pipeline.extraction.lexicon import WORDS_KEPT, IntArray, Lexicon
from pipeline.extraction.rows import WordRows
from pipeline.extraction.words import Parts, WordFeatures

#: Raised whenever a stored model could no longer be read by this code.
PROTOCOL = 2
#: Words for whose rows there is room at first; the system gives memory to those that are written.
_ROOM = WORDS_KEPT * 5 // 4
#: Classes of words that are fewer than this are paired in a square table; more of them are searched for.
_SQUARE = 1024
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
#: So many slots, the first ones, read the spelling of their words.
_SPELLED = sum(SLOTS.values())


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


class _PairTable:
    """The rows of one kind of pair, found by the codes of the two classes; code 0 is a class that is in no pair."""

    def __init__(self, pairs: IntArray, rows: FloatArray, codes: int) -> None:
        """`pairs`: (n, 2) the codes of left and right, of which there are so many. `rows`: (n, L)."""
        left, right = pairs.T.astype(np.int64)
        self.keys = (left << 32) + right
        order = np.argsort(self.keys)
        self.keys, self.rows = self.keys[order], rows[order]
        self.square: IntArray | None = None
        if codes < _SQUARE:
            # The last row is for pairs that are not known.
            self.rows = np.concatenate([self.rows, np.zeros((1, rows.shape[1]), np.float32)])
            self.square = np.full((codes + 1, codes + 1), len(pairs), np.int32)
            self.square[left[order], right[order]] = np.arange(len(pairs))

    def add_to(self, scores: FloatArray, left: IntArray, right: IntArray) -> None:
        """Add the rows of the pairs at each token to its scores."""
        if not len(self.keys):
            return
        if self.square is not None:
            scores += self.rows.take(self.square[left, right], axis=0)
            return
        there = np.flatnonzero((left > 0) & (right > 0))
        wanted = (left[there].astype(np.int64) << 32) + right[there]
        found = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
        known = self.keys[found] == wanted
        scores[there[known]] += self.rows.take(found[known], axis=0)


class Crf:
    """A CRF ready to label: weights, the word table and the pair tables."""

    def __init__(self, weights: CrfWeights, features: WordFeatures, lean: bool = False) -> None:
        """`lean`: the pairs of the weights are let go, which only saving needs; the pair tables hold what is read."""
        self.weights = replace(weights, pairs=()) if lean else weights
        self.features = features
        self.labels = weights.labels
        self._class_codes: tuple[dict[str, int], ...] = ({}, {}, {}, {})
        numbered = [self._numbered(kind, weights.pairs[i][0]) for i, (_, kind, _, _) in enumerate(PAIRS)]
        self._pairs = [
            _PairTable(pairs, rows, len(self._class_codes[kind]))
            for pairs, (_, kind, _, _), (_, rows) in zip(numbered, PAIRS, weights.pairs, strict=True)
        ]
        width, spelled = len(_SLOT_NAMES) * len(self.labels), _SPELLED * len(self.labels)
        self._word_rows = WordRows(weights.names, weights.bounds, weights.columns, weights.values, width, spelled)
        self._parts: Parts | None = None
        self._lexicon: Lexicon | None = None
        self._rows, self._classes = self._room()

    def _room(self) -> tuple[FloatArray, IntArray]:
        """(slots, words, L) the rows and (kinds, words) the classes of words, unused."""
        slots, size = len(_SLOT_NAMES), len(self.labels)
        return np.zeros((slots, _ROOM, size), np.float32), np.zeros((4, _ROOM), np.int32)

    def _numbered(self, kind: int, names: Sequence[str]) -> IntArray:
        """(n, 2) the codes of the two classes of each pair; a class gets the next code when it is first met."""
        codes = self._class_codes[kind]
        sides = [side for name in names for side in name.split("\t")]
        return np.array([codes.setdefault(side, len(codes) + 1) for side in sides], np.int32).reshape(-1, 2)

    def _know(self, lexicon: Lexicon) -> None:
        """Make the rows of all words of a lexicon that have none yet."""
        slots, size = len(_SLOT_NAMES), len(self.labels)
        if lexicon is not self._lexicon:
            self._lexicon, self._count = lexicon, 0
            if self._rows.shape[1] > _ROOM:
                self._rows, self._classes = self._room()
        words = lexicon.words[self._count :]
        if not words:
            return
        start, end = self._count, len(lexicon)
        if end > self._rows.shape[1]:
            more = max(start, end - self._rows.shape[1])
            self._rows = np.concatenate([self._rows, np.zeros((slots, more, size), np.float32)], axis=1)
            self._classes = np.concatenate([self._classes, np.zeros((4, more), np.int32)], axis=1)
        composed, parts = self.features.composed(words), self.features.parts
        at = start
        for rows in self._word_rows.of(composed, parts):
            self._rows[:, at : at + len(rows)] = rows.reshape(-1, slots, size).transpose(1, 0, 2)
            at += len(rows)
        get = self._class_codes[0].get
        self._classes[0, start:end] = [get(word, 0) for word in composed.folded]
        self._classes[1:, start:end] = self._look_codes(parts)[:, composed.looks]
        self._count = end

    def _look_codes(self, parts: Parts) -> IntArray:
        """(3, looks) the codes of the classes that go with each look."""
        if parts is not self._parts:
            self._parts, self._codes = parts, np.zeros((3, 0), np.int32)
        more = parts.classes[self._codes.shape[1] :]
        new = [[codes.get(look[i], 0) for look in more] for i, codes in enumerate(self._class_codes[1:])]
        self._codes = np.concatenate([self._codes, np.array(new, np.int32)], axis=1)
        return self._codes

    def emissions(self, lexicon: Lexicon, ids: IntArray, slots: IntArray, families: IntArray) -> FloatArray:
        """(n, L) the score of each label at each token, from its word numbers, slots and codes (`Context`)."""
        self._know(lexicon)
        scores = np.zeros((len(ids), len(self.labels)), np.float32)
        padded = np.append(ids, np.int32(0)).astype(np.intp)  # position -1 reads the edge word
        at = padded[slots]
        for rows, words in zip(self._rows, at, strict=True):
            scores += rows.take(words, axis=0)
        for table, codes in zip(self.weights.families.values(), families, strict=True):
            scores += table.take(codes, axis=0)
        for pairs, (_, kind, left, right) in zip(self._pairs, PAIRS, strict=True):
            classes = self._classes[kind]
            pairs.add_to(scores, classes[at[_SLOT_NAMES.index(left)]], classes[at[_SLOT_NAMES.index(right)]])
        return scores

    def marginals(self, scores: FloatArray, packing: Packing) -> FloatArray:
        """(n, L) the probability of each label at each token of packed sequences."""
        return marginals(scores, packing, self.weights.transitions)

    def decode(self, scores: FloatArray, packing: Packing) -> IntArray:
        """(n,) the best label sequence (Viterbi)."""
        return best_path(scores, packing, self.weights.transitions)
