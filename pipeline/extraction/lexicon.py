"""Words numbered, so that what can be told of a word by itself is worked out once and then looked up by its number."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int32]

#: The word that stands beyond the edges of a document; its number is 0.
EDGE = "\ue000"
#: Words that are kept; when there are more, a lexicon is begun anew (about 2 kB a word in the tables of both CRFs).
WORDS_KEPT = 24_000


class Lexicon:
    """Words and their numbers. Words are added and never taken away; a full lexicon is put aside as a whole.

    words: all words in the order of their numbers. numbers: the number of each.
    """

    def __init__(self) -> None:
        self.words: list[str] = []
        self.numbers: dict[str, int] = {}
        self._told: dict[Callable[[str], int], Column] = {}
        self._lowered: dict[str, int] = {}
        self.add([EDGE])

    def __getstate__(self) -> list[str]:
        return self.words  # all else is worked out again where it is needed

    def __setstate__(self, words: list[str]) -> None:
        self.__init__()  # type: ignore[misc]
        self.add(words)

    def __len__(self) -> int:
        return len(self.words)

    @property
    def full(self) -> bool:
        """Whether it has grown beyond its bound."""
        return len(self.words) > WORDS_KEPT

    def add(self, words: Iterable[str]) -> list[int]:
        """The numbers of words, new ones added."""
        numbers, known = self.numbers, self.words
        found = []
        for word in words:
            number = numbers.get(word)
            if number is None:
                number = numbers[word] = len(known)
                known.append(word)
            found.append(number)
        return found

    def told(self, tell: Callable[[str], int]) -> IntArray:
        """What a function tells of each word, by the word's number; it is asked once a word."""
        column = self._told.get(tell)
        if column is None:
            column = self._told[tell] = Column()
        if column.length < len(self.words):
            column.extend([tell(word) for word in self.words[column.length :]])
        return column.values

    def lowered(self) -> IntArray:
        """A number for the lower-case form of each word: the same for words that differ in case alone."""
        return self.told(self._lower)

    def _lower(self, word: str) -> int:
        return self._lowered.setdefault(word.lower(), len(self._lowered))


class Column:
    """An array that grows; `values` has room for more than the `length` that are known."""

    def __init__(self) -> None:
        self.values: IntArray = np.zeros(1024, np.int32)
        self.length = 0

    def extend(self, more: list[int]) -> None:
        """Add values behind those that are there."""
        end = self.length + len(more)
        if end > len(self.values):
            self.values = np.concatenate([self.values, np.zeros(max(end, len(self.values)), np.int32)])
        self.values[self.length : end] = more
        self.length = end
