"""What a token's surroundings say: words at places of interest (slots) and small numbers about the layout (families).

Both are arrays of integers over the tokens, computed with NumPy. A slot gives for every token the position of some
other token whose word matters to it (its neighbours, the words before an opening quotation mark, the first word of
its line); a family gives a small code (how far inside a quotation, where in its line).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.extraction.quotes import Quoted, pair_quotes
from pipeline.extraction.tokens import GAP, LINE, PARAGRAPH, Tokens

IntArray = NDArray[np.int32]

#: Slots by name, with the kinds of word features that are read there: identity only, or spelling too.
SLOTS: dict[str, bool] = {
    "0": True,
    "-1": True,
    "+1": True,
    "-2": False,
    "+2": False,
    "-3": False,
    "+3": False,
    "q-1": False,  # the words before the quotation mark that opened around the token, and after the closing one
    "q-2": False,
    "q-3": False,
    "q+1": False,
    "b-1": False,  # the word before the bracket around the token
    "l0": False,  # the first word of the line
    "p0": False,  # the last word of the line above
}
#: Families by name, with the number of codes of each.
FAMILIES: dict[str, int] = {
    "quote": 32,
    "bracket": 8,
    "line": 16,
    "linelength": 8,
    "paragraph": 8,
    "break": 16,
    "lineshape": 20,
    "again": 8,
    "sentence": 4,
}
_BUCKETS = np.array([1, 2, 3, 5, 8, 13, 21])


@dataclass(frozen=True, slots=True)
class Context:
    """slots: (slots, n) positions of tokens, -1 for none. families: (families, n) codes. quotes: quoted stretches."""

    slots: IntArray
    families: IntArray
    quotes: list[Quoted]


def context_of(tokens: Tokens, words: list[str], marked: NDArray[np.bool_] | None = None) -> Context:
    """The context of every token of a document.

    Args:
        tokens, words: the document.
        marked: (n,) whether the token lies in furniture.
    """
    n = len(tokens)
    quotes = pair_quotes(tokens, words)
    slots = np.full((len(SLOTS), n), -1, np.int32)
    families = np.zeros((len(FAMILIES), n), np.int32)
    if n == 0:
        return Context(slots, families, quotes)
    slot = dict(zip(SLOTS, slots, strict=True))
    family = dict(zip(FAMILIES, families, strict=True))
    here = np.arange(n, dtype=np.int32)
    for offset in (-3, -2, -1, 0, 1, 2, 3):
        at = here + offset
        slot[f"{offset:+d}" if offset else "0"][:] = np.where((at >= 0) & (at < n), at, -1)
    _quotes(quotes, slot, family["quote"])
    _brackets(words, slot["b-1"], family["bracket"])
    _lines(tokens, words, slot, family, marked)
    _repeats(words, family["again"])
    return Context(slots, families, quotes)


def _bucket(length: int) -> int:
    """Lengths 1, 2, 3–4, 5–7, 8–12, 13–20, more as 1 to 7."""
    return int(np.searchsorted(_BUCKETS, length, side="right"))


def _quotes(quotes: list[Quoted], slot: dict[str, IntArray], family: IntArray) -> None:
    """Which stretch a token lies in (the inner one wins), its length, and the words around its marks."""
    for quoted in quotes:
        inside = slice(quoted.first, quoted.last)
        length = min(_bucket(quoted.last - quoted.first), 6)
        family[inside] = 8 + length
        family[quoted.first] = 16 + length
        family[quoted.last - 1] = 24 + length if quoted.closed else 1
        for distance in (1, 2, 3):
            slot[f"q-{distance}"][inside] = quoted.opening - distance
        slot["q+1"][inside] = quoted.last + 1 if quoted.closed and quoted.last + 1 < slot["0"].size else -1


def _brackets(words: list[str], before: IntArray, family: IntArray) -> None:
    """Whether a token stands in brackets, and the word before them."""
    opened = -1
    for i in [i for i, word in enumerate(words) if word in "()[]"]:
        if words[i] in "([":
            opened = i
        elif 0 <= opened < i - 1 <= opened + 40:
            before[opened + 1 : i] = opened - 1
            family[opened + 1 : i] = 2 + min(i - opened - 1, 5)
            opened = -1


def _lines(
    tokens: Tokens,
    words: list[str],
    slot: dict[str, IntArray],
    family: dict[str, IntArray],
    marked: NDArray[np.bool_] | None,
) -> None:
    """Lines, paragraphs and sentences: where a token stands in them and what they look like."""
    n = len(tokens)
    breaks = tokens.breaks
    line_starts = np.flatnonzero(breaks >= LINE)
    line_of = np.cumsum(breaks >= LINE) - 1
    line_ends = np.append(line_starts[1:], n)
    lengths = line_ends - line_starts
    slot["l0"][:] = line_starts[line_of]
    slot["p0"][:] = line_starts[line_of] - 1
    position = np.arange(n) - line_starts[line_of]
    left = line_ends[line_of] - 1 - np.arange(n)
    family["line"][:] = 1 + np.minimum(position, 3) * 3 + np.minimum(left, 2)
    family["linelength"][:] = np.searchsorted(_BUCKETS, lengths, side="right")[line_of]
    paragraph = np.cumsum(breaks == PARAGRAPH)
    family["paragraph"][:] = np.where(paragraph == paragraph[-1], 7, np.minimum(paragraph, 5))
    following = np.append(breaks[1:], PARAGRAPH)
    family["break"][:] = breaks + 4 * np.minimum(following, 3)
    shapes = [_line_shape(words, int(a), int(b)) for a, b in zip(line_starts, line_ends, strict=True)]
    family["lineshape"][:] = np.array(shapes, np.int32)[line_of]
    if marked is not None:
        family["lineshape"][marked] = 19
    stops = np.array([word in ".!?" for word in words])
    begins = np.append(True, stops[:-1]) | (breaks >= LINE)
    family["sentence"][:] = begins + 2 * (breaks == GAP)


def _line_shape(words: list[str], start: int, end: int) -> int:
    """A code for the look of a line: capitals, title case, a time or bullet at its start, a full stop at its end."""
    line = words[start:end]
    letters = [word for word in line if word[0].isalpha()]
    if letters and sum(word.isupper() for word in letters) >= 0.8 * len(letters) and len("".join(letters)) > 4:
        look = 1
    elif letters and sum(word[0].isupper() for word in letters) >= 0.7 * len(letters):
        look = 2
    else:
        look = 3
    opening = 1 if line[0][0].isdigit() else 2 if not line[0][0].isalnum() else 0
    sentence = line[-1] in ".!?"
    # Three looks times three openings times whether it ends as a sentence does: 18 codes, the first 1.
    return look + 3 * opening + (9 if sentence else 0)


def _repeats(words: list[str], family: IntArray) -> None:
    """Whether a capitalised word stands elsewhere in the document in small letters, and how often it comes back."""
    counts: dict[str, int] = {}
    for word in words:
        counts[word] = counts.get(word, 0) + 1
    codes: dict[str, int] = {}
    for word, count in counts.items():
        if word[0].isupper():
            codes[word] = 1 + min(count, 3) + (3 if word.lower() in counts and len(word) > 1 else 0)
    family[:] = [codes.get(word, 0) for word in words]
