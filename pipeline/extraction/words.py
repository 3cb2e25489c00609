"""What can be said of a word by itself: its form, its cluster, what the knowledge files know of it.

All features of the labeller are functions of single words and of small numbers, so that a word's scores can be
summed once and looked up for ever after (`crf.py`).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import as_file, files

import numpy as np
from numpy.typing import NDArray

from pipeline.extraction.lexicon import EDGE, Lexicon
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
#: (features of identity and class, features of spelling, the four classes that word pairs are made of).
Described = tuple[list[str], list[str], tuple[str, str, str, str]]


class WordFeatures:
    """The features of single words for one language, and the lexicon in which they are numbered."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.lists = WordLists(language)
        self.clusters = Clusters.load(language)
        self.lexicon = Lexicon()
        self._lately: tuple[Sequence[str], list[Described]] = ((), [])

    def trim(self) -> None:
        """Begin a new lexicon if the one in use is full; call between batches only."""
        if self.lexicon.full:
            self.lexicon = Lexicon()

    def describe(self, words: Sequence[str]) -> list[Described]:
        """All that is said of each word by itself.

        The classes are the word itself, its coarse cluster, its short shape and its knowledge kinds.
        """
        if self._lately[0] == words:  # both CRFs ask for the same words one after the other
            return self._lately[1]
        folded = [fold(word) for word in words]
        clusters = self.clusters.of(folded) if self.clusters else [None] * len(words)
        described = list(map(self._describe, words, folded, clusters))
        if len(words) <= _REMEMBERED:
            self._lately = words, described
        return described

    def _describe(self, word: str, folded: str, cluster: tuple[int, int] | None) -> Described:
        kinds = sorted(self.lists.of(folded))
        whole = shape(word)
        brief = _drawn_together(whole)
        classes = (folded, str(cluster[0]) if cluster else "-", brief[:5], "+".join(kinds) or "-")
        if word == EDGE:
            return ["edge"], [], classes
        identity = [f"w={folded}", f"s={brief}"]
        identity += [f"k={kind}" for kind in kinds]
        if cluster:
            identity += [f"c={cluster[0]}", f"d={cluster[1]}"]
        else:
            identity.append("c=-")
        upper = word[0].isupper()
        spelling = [f"S={whole}"]
        for length in range(1, min(5, len(folded)) + 1):
            spelling.append(f"<{folded[:length]}")
            spelling.append(f">{folded[-length:]}")
        spelling.append(f">{folded[-3:]}{upper}")
        if upper and not word.isupper():
            identity.append("title")
        elif len(word) > 1 and word.isupper():
            identity.append("upper")
        return identity, spelling, classes


@lru_cache(maxsize=8)
def word_features(language: str) -> WordFeatures:
    """The word features of a language, read once."""
    return WordFeatures(language)
