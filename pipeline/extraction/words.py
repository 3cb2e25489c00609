"""What can be said of a word by itself: its form, its cluster, what the knowledge files know of it.

All features of the labeller are functions of single words and of small numbers, so that a word's scores can be
summed once and looked up for ever after (`crf.py`).
"""

from __future__ import annotations

import re
import zlib
from functools import lru_cache
from importlib.resources import as_file, files

import numpy as np
from numpy.typing import NDArray

from pipeline.knowledge import lines, names

#: The word that stands beyond the edges of a document.
EDGE = "\ue000"
_DIGITS = re.compile(r"\d")
_RUNS = re.compile(r"(.)\1+")
#: Knowledge files with this prefix are lists of words for the labeller; an entry that ends in `*` is a stem.
FEATURE_PREFIX = "features_"


def shape(word: str) -> str:
    """The word's shape: X, x for Latin letters, К, к for Cyrillic ones, 0 for digits, all else as it stands."""
    letters = []
    for character in word[:12]:
        if character.isdigit():
            letters.append("0")
        elif character.isalpha():
            cyrillic = "\u0400" <= character <= "\u052f"
            letters.append(("К" if cyrillic else "X") if character.isupper() else ("к" if cyrillic else "x"))
        else:
            letters.append(character)
    return "".join(letters)


def short_shape(word: str) -> str:
    """The shape with runs of one kind drawn together: `Xx`, `X.X.`, `0.0`."""
    return _RUNS.sub(r"\1", shape(word))


def fold(word: str) -> str:
    """Lower case, digits as 0: the form in which words are compared."""
    return _DIGITS.sub("0", word.lower())


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

    def of(self, word: str) -> set[str]:
        """The kinds of a folded word."""
        kinds = set(self.exact.get(word, ()))
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

    def of(self, word: str) -> tuple[int, int] | None:
        """(cluster of 64, cluster of 512) of a lower-case word, or None where the word is not known."""
        key = zlib.crc32(word.encode("utf-8", "replace"))
        at = int(np.searchsorted(self.keys, np.uint32(key)))
        if at < len(self.keys) and int(self.keys[at]) == key:
            return int(self.coarse[at]), int(self.fine[at])
        return None


#: (features of identity and class, features of spelling, the four classes that word pairs are made of).
Described = tuple[list[str], list[str], tuple[str, str, str, str]]


class WordFeatures:
    """The features of single words for one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.lists = WordLists(language)
        self.clusters = Clusters.load(language)
        #: `describe`, remembered for the words of a batch, which are asked for twice (by both CRFs).
        self.described = lru_cache(maxsize=1024)(self.describe)

    def describe(self, word: str) -> Described:
        """All that is said of a word by itself.

        The classes are the word itself, its coarse cluster, its short shape and its knowledge kinds.
        """
        folded = fold(word)
        cluster = self.clusters.of(folded) if self.clusters else None
        kinds = sorted(self.lists.of(folded))
        brief = short_shape(word)
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
        spelling = [f"S={shape(word)}"]
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
