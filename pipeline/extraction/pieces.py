"""Words cut into the pieces that an encoder knows, and documents cut into the windows that it reads at once."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pipeline.extraction.tokens import LINE

if TYPE_CHECKING:
    from tokenizers import Tokenizer

#: A window holds at most so many pieces, this many of them on each side for the sake of the context alone.
WINDOW, MARGIN = 256, 32
#: A longer word (an address, a line of dashes) is read by its first and last pieces.
_LONGEST_WORD = 12
#: A window ends at the end of a line, where there is one in its last part.
_LAST_PART = 0.5


class Pieces:
    """The pieces of single words, remembered for the words of late."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        """The pieces that stand around every window are those of BERT or, where there are none, of RoBERTa."""
        self.tokenizer = tokenizer
        bert = tokenizer.token_to_id("[CLS]") is not None
        self._opening, self._closing = map(self._number, ("[CLS]", "[SEP]") if bert else ("<s>", "</s>"))
        self.of = lru_cache(maxsize=50_000)(self._of)

    @classmethod
    def load(cls, path: Path) -> Pieces:
        """Read a tokenizer in the JSON form of the library `tokenizers`.

        Raises:
            ModuleNotFoundError: where that is not installed.
        """
        from tokenizers import Tokenizer

        return cls(Tokenizer.from_file(str(path)))

    def laid_out(self, words: Sequence[tuple[int, ...]]) -> tuple[list[int], NDArray[np.int64], NDArray[np.int64]]:
        """The pieces of a window with those around it, and the places of each word's first and last piece."""
        sizes = np.array([len(pieces) for pieces in words])
        lasts = np.cumsum(sizes)
        return [self._opening, *itertools.chain.from_iterable(words), self._closing], lasts - sizes + 1, lasts

    def _number(self, piece: str) -> int:
        number: int | None = self.tokenizer.token_to_id(piece)
        if number is None:
            raise ValueError(f"the tokenizer of the encoder has no piece {piece}")
        return number

    def _of(self, word: str) -> tuple[int, ...]:
        ids = self.tokenizer.encode(unicodedata.normalize("NFKC", word), add_special_tokens=False).ids
        if len(ids) > _LONGEST_WORD:
            ids = ids[: _LONGEST_WORD // 2] + ids[-_LONGEST_WORD // 2 :]
        return tuple(ids) or (self._closing,)  # nothing is left of a word of invisible characters


@dataclass(frozen=True, slots=True)
class Window:
    """Words `first` to `last` are read, words `start` to `end` of them are what it is read for."""

    first: int
    last: int
    start: int
    end: int


def windows(
    sizes: Sequence[int], breaks: NDArray[np.integer], stretch: tuple[int, int], limit: int = WINDOW
) -> list[Window]:
    """Cut a stretch of a document into windows; what they are read for covers it without gap or overlap.

    Args:
        sizes: how many pieces each word of the document has.
        breaks: what stands before each word, as in `Tokens`.
        stretch: the first word and the one after the last; the context around it may be read, too.
        limit: the most pieces of a window.
    """
    before = np.concatenate([[0], np.cumsum(sizes)])
    begin, close = stretch
    found: list[Window] = []
    while begin < close:
        first = _reach(before, begin, -MARGIN)
        room = limit - MARGIN - int(before[begin] - before[first])
        # The rest is taken whole if it fits; else as much as leaves room for context behind it.
        end = close
        if before[close] - before[begin] > room:
            end = max(begin + 1, int(np.searchsorted(before, before[begin] + room, side="right")) - 1)
            latest = begin + int((end - begin) * _LAST_PART)
            lines = np.flatnonzero(breaks[latest + 1 : end + 1] >= LINE)
            if len(lines):
                end = latest + 1 + int(lines[-1])
        found.append(Window(first, _reach(before, end, MARGIN), begin, end))
        begin = end
    return found


def _reach(before: NDArray[np.int64], word: int, pieces: int) -> int:
    """The furthest word that so many pieces reach from the edge before a word, backward where they are negative."""
    if pieces < 0:
        return int(np.searchsorted(before, before[word] + pieces, side="left"))
    return int(np.searchsorted(before, before[word] + pieces, side="right")) - 1
