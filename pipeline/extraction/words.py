"""What can be said of a word by itself: its form, its cluster, what the knowledge files know of it.

All features of the labeller are functions of single words and of small numbers, so that a word's scores can be
summed once and looked up for ever after (`crf.py`).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import as_file, files
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from pipeline.extraction.features import Hashes, following, hashed
from pipeline.extraction.lexicon import EDGE, IntArray, Lexicon
from pipeline.knowledge import lines, names

_DIGITS = re.compile(r"\d")
_RUNS = re.compile(r"(.)\1+")
#: Knowledge files with this prefix are lists of words for the labeller; an entry that ends in `*` is a stem.
FEATURE_PREFIX = "features_"


class _Shapes(dict[int, str]):
    """What stands for a character in a shape, by its code point; worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        drawn = character
        if character.isdigit():
            drawn = "0"
        elif character.isalpha():
            cyrillic = "\u0400" <= character <= "\u052f"
            drawn = ("К" if cyrillic else "X") if character.isupper() else ("к" if cyrillic else "x")
        self[code] = drawn
        return drawn


_SHAPES = _Shapes()


def shape(word: str) -> str:
    """The word's shape: X, x for Latin letters, К, к for Cyrillic ones, 0 for digits, all else as it stands."""
    return word[:12].translate(_SHAPES)


def short_shape(word: str) -> str:
    """The shape with runs of one kind drawn together: `Xx`, `X.X.`, `0.0`."""
    return _drawn_together(shape(word))


@lru_cache(maxsize=4096)
def _drawn_together(whole: str) -> str:
    return _RUNS.sub(r"\1", whole)


def fold(word: str) -> str:
    """Lower case, digits as 0: the form in which words are compared."""
    lower = word.lower()
    return lower if lower.isalpha() else _DIGITS.sub("0", lower)


class WordLists:
    """The knowledge lists of a language: which lists hold a word, or a stem that it begins with."""

    def __init__(self, language: str) -> None:
        self.exact: dict[str, list[str]] = {}
        self.stems: dict[str, list[str]] = {}
        for name in names(language):
            if name.startswith(FEATURE_PREFIX):
                kind = name.removeprefix(FEATURE_PREFIX)
                for entry in lines(language, name):
                    target, key = (self.stems, entry[:-1]) if entry.endswith("*") else (self.exact, entry)
                    target.setdefault(key.lower(), []).append(kind)
        self.longest = max(map(len, self.stems), default=0)
        self._openings = {stem[:2] for stem in self.stems}

    def of(self, word: str) -> set[str]:
        """The kinds of a folded word."""
        kinds = set(self.exact.get(word, ()))
        if word[:2] not in self._openings:
            return kinds
        for end in range(2, min(len(word), self.longest) + 1):
            if (stem := word[:end]) in self.stems:
                kinds.update(self.stems[stem])
        return kinds


class Clusters:
    """Word clusters by a 32-bit checksum of the word (a stranger is taken for a known word once in 12,000)."""

    def __init__(self, keys: NDArray[np.uint32], coarse: NDArray[np.uint8], fine: NDArray[np.uint16]) -> None:
        self.keys, self.coarse, self.fine = keys, coarse, fine

    @classmethod
    def load(cls, language: str) -> Clusters | None:
        """The clusters that ship for this language, or None."""
        resource = files("pipeline.extraction") / "models" / language / "clusters.npz"
        if not resource.is_file():
            return None
        with as_file(resource) as path, np.load(path, allow_pickle=False) as stored:
            return cls(stored["keys"], stored["coarse"], stored["fine"])

    def of(self, words: Sequence[str]) -> list[tuple[int, int] | None]:
        """(cluster of 64, cluster of 512) of each lower-case word, or None where it is not known."""
        wanted = np.array([zlib.crc32(word.encode("utf-8", "replace")) for word in words], np.uint32)
        at = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
        known = (self.keys[at] == wanted).tolist()
        found = zip(known, self.coarse[at].tolist(), self.fine[at].tolist(), strict=True)
        return [(coarse, fine) if there else None for there, coarse, fine in found]


#: What is said of the words of a batch is remembered, up to so many.
_REMEMBERED = 8_192
#: Parts of words that are kept (about 4 kB a look and 1 kB a spelling in the tables of both CRFs).
_LOOKS_KEPT, _SPELLINGS_KEPT = 6_000, 16_000
#: Beginnings and endings of so many letters come back in many words; longer ones, up to `_LONGEST`, are told too.
_SHARED, _LONGEST = 3, 5
#: (features of identity and class, features of spelling, the four classes that word pairs are made of).
Described = tuple[list[str], list[str], tuple[str, str, str, str]]


class Parts:
    """Groups of features that many words share, numbered, so that what a group weighs is summed once for all of them.

    looks: the features of what a word looks like and belongs to (short shape, knowledge kinds, clusters, case), and in
    `classes` the coarse cluster, short shape and kinds that word pairs are made of. spellings: the features of shapes,
    of beginnings and of endings; number 0 has none.
    """

    def __init__(self) -> None:
        self.looks: list[list[str]] = []
        self.classes: list[tuple[str, str, str]] = []
        self.spellings: list[list[str]] = [[]]
        self._looks: dict[tuple[object, ...], int] = {}
        self._spellings: dict[str, int] = {}

    def look(self, brief: str, kinds: Sequence[str], cluster: tuple[int, int] | None, case: str) -> int:
        """The number of the look of words with this short shape, these kinds, clusters and case (`title`, `upper`)."""
        key = (brief, cluster, case, *kinds)
        number = self._looks.get(key)
        if number is None:
            number = self._looks[key] = len(self.looks)
            known = [f"c={cluster[0]}", f"d={cluster[1]}"] if cluster else ["c=-"]
            features = [f"s={brief}", *(f"k={kind}" for kind in kinds), *known, *filter(None, [case])]
            self.looks.append(["edge"] if brief == EDGE else features)
            self.classes.append((str(cluster[0]) if cluster else "-", brief[:5], "+".join(kinds) or "-"))
        return number

    def spelling(self, last: str, others: Callable[[], Iterable[str]] = tuple) -> int:
        """The number of the group of some features, which the last of them tells from all others."""
        number = self._spellings.get(last)
        if number is None:
            number = self._spellings[last] = len(self.spellings)
            self.spellings.append([*others(), last])
        return number


@dataclass(frozen=True, slots=True)
class Composed:
    """Words as the numbers of their parts and the features that they share with few others.

    folded: the words as they are compared. looks: (n,) the look of each. spellings: (n, 3) its shape, beginning and
    ending. own: (n, …) the numbers of its further features (`features.hashed`), 0 for those that it lacks.
    """

    folded: list[str]
    looks: IntArray
    spellings: IntArray
    own: Hashes


class WordFeatures:
    """The features of single words for one language, and the lexicon in which they are numbered."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.lists = WordLists(language)
        self.clusters = Clusters.load(language)
        self.lexicon = Lexicon()
        self.parts = Parts()
        self._lately: tuple[Sequence[str], Composed | None] = ((), None)

    def trim(self) -> None:
        """Begin a new lexicon if the one in use is full; call between batches only.

        Most of the next words have parts that are known, so these are kept until they are too many.
        """
        if self.lexicon.full:
            self.lexicon = Lexicon()
            if len(self.parts.looks) > _LOOKS_KEPT or len(self.parts.spellings) > _SPELLINGS_KEPT:
                self.parts = Parts()
            self._lately = (), None

    def composed(self, words: Sequence[str]) -> Composed:
        """All that is said of each word by itself, in `parts` as far as many words share it."""
        if self._lately[1] and self._lately[0] == words:  # both CRFs ask for the same words one after the other
            return self._lately[1]
        folded = [fold(word) for word in words]
        clusters = self.clusters.of(folded) if self.clusters else [None] * len(words)
        composed = [self._compose(*word) for word in zip(words, folded, clusters, strict=True)]
        numbers = np.array(composed, np.int32).reshape(-1, 4)
        made = Composed(folded, numbers[:, 0], numbers[:, 1:], _own_hashes(folded))
        if len(words) <= _REMEMBERED:
            self._lately = words, made
        return made

    def _compose(self, word: str, folded: str, cluster: tuple[int, int] | None) -> tuple[int, int, int, int]:
        """The numbers of a word's look, shape, beginning and ending."""
        parts = self.parts
        whole = shape(word)
        upper, loud = word[0].isupper(), word.isupper()
        case = "title" if upper and not loud else "upper" if loud and len(word) > 1 else ""
        look = parts.look(_drawn_together(whole), sorted(self.lists.of(folded)), cluster, case)
        if word == EDGE:
            return look, 0, 0, 0
        beginning, ending = folded[:_SHARED], folded[-_SHARED:]
        return (
            look,
            parts.spelling(f"S={whole}"),
            parts.spelling(f"<{beginning}", lambda: [f"<{beginning[:n]}" for n in range(1, len(beginning))]),
            parts.spelling(f">{ending}{upper}", lambda: [f">{ending[-n:]}" for n in range(1, len(ending) + 1)]),
        )

    def describe(self, words: Sequence[str]) -> list[Described]:
        """All that is said of each word by itself, as names.

        The classes are the word itself, its coarse cluster, its short shape and its knowledge kinds.
        """
        composed, parts = self.composed(words), self.parts
        found: list[Described] = []
        rows = zip(composed.folded, composed.looks.tolist(), composed.spellings.tolist(), strict=True)
        for folded, look, (drawn, beginning, ending) in rows:
            own = _own(folded)
            begins, ends = parts.spellings[beginning], parts.spellings[ending]
            spelling = [*parts.spellings[drawn], *chain.from_iterable(zip(begins, ends, strict=False))]
            found.append(
                ([*own[:1], *parts.looks[look]], [*spelling, *own[1:], *ends[-1:]], (folded, *parts.classes[look]))
            )
        return found


def _own(folded: str) -> list[str]:
    """The features that a word shares with few others: itself, longer beginnings and endings."""
    if folded == EDGE:
        return []
    own = [f"w={folded}"]
    for length in range(_SHARED + 1, min(_LONGEST, len(folded)) + 1):
        own += (f"<{folded[:length]}", f">{folded[-length:]}")
    return own


def _own_hashes(folded: Sequence[str]) -> Hashes:
    """(n, …) the numbers of the same features; 0 for those that a word lacks."""
    sizes = np.array([0 if word == EDGE else len(word) for word in folded])
    columns = [_opened("w=", folded, sizes > 0)]
    for length in range(_SHARED + 1, _LONGEST + 1):
        there = sizes >= length
        columns.append(_opened("<", [word[:length] for word in folded], there))
        columns.append(_opened(">", [word[-length:] for word in folded], there))
    return np.stack(columns, axis=1)


def _opened(opening: str, texts: Sequence[str], there: NDArray[np.bool_]) -> Hashes:
    """The numbers of texts with an opening before them, 0 where they are not there."""
    hashes, powers = hashed(texts)
    start = following(opening, np.zeros(1, np.uint64))
    return np.where(there, start * powers + hashes, np.uint64(0))


@lru_cache(maxsize=8)
def word_features(language: str) -> WordFeatures:
    """The word features of a language, read once."""
    return WordFeatures(language)
