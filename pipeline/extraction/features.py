"""Features of many rows at once: spelled out where a model is trained, as numbers where what they weigh is looked up.

A feature is a text made of parts, most of which differ from row to row (`-w`, the word before, the break between). To
spell out all of them would take most of the time of a decision. So a text also has a number from which that of a longer
one follows (the rolling hash of Karp and Rabin 1987, modulo 2 ** 64): the number of two texts one after the other is
that of the first times `_BASE ** length of the second` plus that of the second. However a feature is cut into parts,
its number is that of its text. A feature that has no weight gets one by mistake once in some 10 ** 14 look-ups.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
Places = NDArray[np.int64]
_BASE = np.uint64(0xD1B54A32D192ED05)


def hashed(texts: Sequence[str]) -> tuple[Hashes, Hashes]:
    """(n,) the number of each text, and what that of a text before it is multiplied by."""
    sizes = np.fromiter(map(len, texts), np.int64, len(texts))
    powers = np.cumprod(np.append(np.uint64(1), np.full(sizes.max(initial=0), _BASE)), dtype=np.uint64)
    codes = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    ends = np.cumsum(sizes)
    codes *= powers[np.repeat(ends, sizes) - 1 - np.arange(len(codes))]
    sums = np.append(np.uint64(0), np.cumsum(codes, dtype=np.uint64))
    return sums[ends] - sums[ends - sizes], powers[sizes]


class Alphabet:
    """Texts that parts of features consist of, in the order in which they were first met."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self.texts: list[str] = []
        self._places: dict[str, int] = {}
        self._hashes = self._powers = np.zeros(0, np.uint64)
        for text in texts:
            self.place(text)

    def place(self, text: str) -> int:
        """The place of a text, which is added where it is new."""
        place = self._places.get(text)
        if place is None:
            place = self._places[text] = len(self.texts)
            self.texts.append(text)
        return place

    def hashes(self) -> tuple[Hashes, Hashes]:
        """The numbers of the texts, as `hashed`."""
        known = len(self._hashes)
        if known < len(self.texts):
            hashes, powers = hashed(self.texts[known:])
            self._hashes = np.concatenate([self._hashes, hashes])
            self._powers = np.concatenate([self._powers, powers])
        return self._hashes, self._powers


class Column:
    """A part of a feature: one text of an alphabet in each row."""

    def __init__(self, alphabet: Alphabet, at: Places) -> None:
        self.alphabet, self.at = alphabet, at
        hashes, powers = alphabet.hashes()
        self._hashes, self._powers = hashes[at], powers[at]

    def __getitem__(self, rows: NDArray[np.integer]) -> Column:
        return Column(self.alphabet, self.at[rows])

    def after(self, before: Hashes) -> Hashes:
        """The numbers of the texts that stand before this part with it behind them."""
        return before * self._powers + self._hashes

    def spelled(self) -> list[str]:
        """The text of each row."""
        texts = self.alphabet.texts
        return [texts[place] for place in self.at.tolist()]


class Joined:
    """A part of a feature: the first so many of some columns, in each row a number of its own, with a mark between."""

    def __init__(self, mark: str, columns: Sequence[Column], counts: Places) -> None:
        self.mark, self.columns, self.counts = mark, columns, counts

    def after(self, before: Hashes) -> Hashes:
        """As `Column.after`."""
        found = before
        for number, column in enumerate(self.columns):
            more = column.after(following(self.mark, found) if number else found)
            found = np.where(number < self.counts, more, found)
        return found

    def spelled(self) -> list[str]:
        """As `Column.spelled`."""
        rows = zip(*(column.spelled() for column in self.columns), strict=True)
        return [self.mark.join(row[:count]) for row, count in zip(rows, self.counts.tolist(), strict=True)]


Part = str | Column | Joined


@dataclass(frozen=True, slots=True)
class Feature:
    """A feature of some rows, its parts for these alone; of all rows where `rows` is None. A row may come twice."""

    parts: tuple[Part, ...]
    rows: Places | None = None


def told(*parts: Part, rows: Places | None = None) -> Feature:
    """A feature of these parts."""
    return Feature(parts, rows)


@lru_cache(maxsize=1024)
def _constant(text: str) -> tuple[np.uint64, np.uint64]:
    hashes, powers = hashed([text])
    return hashes[0], powers[0]


def following(text: str, before: Hashes) -> Hashes:
    """The numbers of texts with another behind them."""
    number, power = _constant(text)
    return before * power + number


class Index:
    """The places of some texts, found by their numbers."""

    def __init__(self, texts: Sequence[str]) -> None:
        hashes, _ = hashed(texts)
        self._order = np.argsort(hashes)
        # Nothing is searched for beyond the highest number.
        self._hashes = np.append(hashes[self._order], np.uint64(2**64 - 1))
        self._order = np.append(self._order, -1)

    def find(self, hashes: Hashes) -> Places:
        """The places of the texts with these numbers, -1 where there is none."""
        at = np.searchsorted(self._hashes, hashes)
        at[self._hashes[at] != hashes] = -1
        found: Places = self._order[at]
        return found


class Weights:
    """The weights of features, found by their numbers."""

    def __init__(self, weights: Mapping[str, float] | Mapping[str, Sequence[float]]) -> None:
        """One weight a feature, or one for each of several answers."""
        self._index = Index(list(weights))
        values = np.array(list(weights.values()), np.float64)
        # The last row is for features that have no weight.
        self._values = np.concatenate([values, np.zeros((1, *values.shape[1:]))])

    def of(self, hashes: Hashes) -> NDArray[np.float64]:
        """(n, …) the weights of features with these numbers, 0 where they have none."""
        return self._values[self._index.find(hashes)]

    def sums(self, opening: Column, features: Iterable[Feature]) -> NDArray[np.float64]:
        """(n, …) what all features of each row weigh together, each with the opening of its row before it."""
        start = opening.after(np.zeros(len(opening.at), np.uint64))
        total = np.zeros((len(start), *self._values.shape[1:]))
        for feature in features:
            rows = feature.rows
            hashes = start if rows is None else start[rows]
            for part in feature.parts:
                hashes = following(part, hashes) if isinstance(part, str) else part.after(hashes)
            if rows is None:
                total += self.of(hashes)
            else:
                np.add.at(total, rows, self.of(hashes))
        return total


def spelled(opening: Column, features: Iterable[Feature]) -> list[list[str]]:
    """The same features spelled out, row by row."""
    openings = opening.spelled()
    found: list[list[str]] = [[] for _ in openings]
    for feature in features:
        rows = range(len(openings)) if feature.rows is None else feature.rows.tolist()
        parts = [[part] * len(rows) if isinstance(part, str) else part.spelled() for part in feature.parts]
        for row, *texts in zip(rows, *parts, strict=True):
            found[row].append(openings[row] + "".join(texts))
    return found
