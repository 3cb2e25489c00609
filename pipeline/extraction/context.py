"""What a token's surroundings say: words at places of interest (slots) and small numbers about the layout (families).

Both are arrays of integers over the tokens, computed with NumPy for many documents at once. A slot gives for every
token the position of some other token whose word matters to it (its neighbours, the words before an opening quotation
mark, the first word of its line); a family gives a small code (how far inside a quotation, where in its line).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.extraction.lexicon import IntArray
from pipeline.extraction.quotes import Quoted, pair_quotes
from pipeline.extraction.tokens import GAP, LINE, PARAGRAPH, Tokens, words_apart

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
_SLOT_NUMBERS = {name: number for number, name in enumerate(SLOTS)}
_FAMILY_NUMBERS = {name: number for number, name in enumerate(FAMILIES)}
_BUCKETS = np.array([1, 2, 3, 5, 8, 13, 21])


@dataclass(frozen=True, slots=True)
class Context:
    """slots: (slots, n) positions of tokens, -1 for none. families: (families, n) codes. quotes: quoted stretches."""

    slots: IntArray
    families: IntArray
    quotes: list[Quoted]

    def slot(self, name: str) -> IntArray:
        """The positions that one of `SLOTS` gives."""
        row: IntArray = self.slots[_SLOT_NUMBERS[name]]
        return row

    def family(self, name: str) -> IntArray:
        """The codes of one of `FAMILIES`."""
        row: IntArray = self.families[_FAMILY_NUMBERS[name]]
        return row


#: What is told of the form of a word, one bit each: what it begins with, capitals alone, a sentence's end, a bracket.
_ALPHA, _CAPITAL, _DIGIT, _ALNUM, _UPPER, _STOP, _BRACKET = (1 << bit for bit in range(7))


def _form(word: str) -> int:
    first = word[0]
    return (
        first.isalpha() * _ALPHA
        + first.isupper() * _CAPITAL
        + first.isdigit() * _DIGIT
        + first.isalnum() * _ALNUM
        + word.isupper() * _UPPER
        + (word in ".!?") * _STOP
        + (word in "()[]") * _BRACKET
    )


def contexts_of(
    documents: Sequence[Tokens], words: Sequence[list[str]], marked: Sequence[NDArray[np.bool_] | None]
) -> list[Context]:
    """The context of every token of documents whose words are numbered in one lexicon.

    Args:
        documents, words: the documents.
        marked: (n,) whether a token lies in furniture, None for a document without any.
    """
    sizes = np.array([len(d) for d in documents], np.int64)
    bounds = np.concatenate([[0], np.cumsum(sizes)])
    n = int(bounds[-1])
    slots = np.full((len(SLOTS), n), -1, np.int32)
    families = np.zeros((len(FAMILIES), n), np.int32)
    slot = dict(zip(SLOTS, slots, strict=True))
    family = dict(zip(FAMILIES, families, strict=True))
    form = np.zeros(n, np.int32)
    if n:
        lexicon = documents[0].lexicon
        ids = np.concatenate([d.ids for d in documents])
        breaks = np.concatenate([d.breaks for d in documents])
        here = np.concatenate([np.arange(size, dtype=np.int32) for size in sizes])
        size_of = np.repeat(sizes, sizes)
        for offset in (-3, -2, -1, 0, 1, 2, 3):
            at = here + offset
            slot[f"{offset:+d}" if offset else "0"][:] = np.where((at >= 0) & (at < size_of), at, -1)
        form = lexicon.told(_form)[ids]
        _lines(breaks, form, lexicon.told(len)[ids], here, slot, family)
        _sentences(breaks, form, family["sentence"])
        _repeats(documents, family["again"])
    found = []
    for number, (tokens, its, furniture) in enumerate(zip(documents, words, marked, strict=True)):
        inside = slice(bounds[number], bounds[number + 1])
        context = Context(slots[:, inside], families[:, inside], pair_quotes(tokens, its))
        _quotes(context)
        _brackets(its, np.flatnonzero(form[inside] & _BRACKET).tolist(), context)
        if furniture is not None:
            context.family("lineshape")[furniture] = 19
        found.append(context)
    return found


def _bucket(length: int) -> int:
    """Lengths 1, 2, 3–4, 5–7, 8–12, 13–20, more as 1 to 7."""
    return int(np.searchsorted(_BUCKETS, length, side="right"))


def _quotes(context: Context) -> None:
    """Which stretch a token lies in (the inner one wins), its length, and the words around its marks."""
    family, n = context.family("quote"), context.slots.shape[1]
    for quoted in context.quotes:
        inside = slice(quoted.first, quoted.last)
        length = min(_bucket(quoted.last - quoted.first), 6)
        family[inside] = 8 + length
        family[quoted.first] = 16 + length
        family[quoted.last - 1] = 24 + length if quoted.closed else 1
        for distance in (1, 2, 3):
            context.slot(f"q-{distance}")[inside] = quoted.opening - distance
        context.slot("q+1")[inside] = quoted.last + 1 if quoted.closed and quoted.last + 1 < n else -1


def _brackets(words: list[str], brackets: Sequence[int], context: Context) -> None:
    """Whether a token stands in brackets, and the word before them."""
    before, family = context.slot("b-1"), context.family("bracket")
    opened = -1
    for i in brackets:
        if words[i] in "([":
            opened = i
        elif 0 <= opened < i - 1 <= opened + 40:
            before[opened + 1 : i] = opened - 1
            family[opened + 1 : i] = 2 + min(i - opened - 1, 5)
            opened = -1


def _lines(
    breaks: NDArray[np.uint8],
    form: IntArray,
    lengths: IntArray,
    here: IntArray,
    slot: dict[str, IntArray],
    family: dict[str, IntArray],
) -> None:
    """Lines and paragraphs: where a token stands in them and what they look like.

    A document begins with a paragraph, so no line and no paragraph goes from one document into the next.
    """
    n = len(breaks)
    line_starts = np.flatnonzero(breaks >= LINE)
    line_ends = np.append(line_starts[1:], n)
    sizes = line_ends - line_starts
    first = np.repeat(here[line_starts], sizes)
    slot["l0"][:] = first
    slot["p0"][:] = first - 1
    position = here - first
    left = np.repeat(sizes, sizes) - 1 - position
    family["line"][:] = 1 + np.minimum(position, 3) * 3 + np.minimum(left, 2)
    family["linelength"][:] = np.repeat(np.searchsorted(_BUCKETS, sizes, side="right"), sizes)
    opens = breaks == PARAGRAPH
    document_starts = np.flatnonzero(here == 0)
    document_sizes = np.diff(np.append(document_starts, n))
    paragraph = np.cumsum(opens)
    of_document = paragraph - np.repeat(paragraph[document_starts], document_sizes) + 1
    last = np.repeat(of_document[document_starts + document_sizes - 1], document_sizes)
    family["paragraph"][:] = np.where(of_document == last, 7, np.minimum(of_document, 5))
    following = np.append(breaks[1:], PARAGRAPH)
    family["break"][:] = breaks + 4 * np.minimum(following, 3)
    family["lineshape"][:] = np.repeat(_line_shapes(form, lengths, line_starts, line_ends), sizes)


def _line_shapes(form: IntArray, lengths: IntArray, starts: NDArray[np.intp], ends: NDArray[np.intp]) -> NDArray[Any]:
    """A code for the look of each line: capitals, title case, a time or bullet at its start, a full stop at its end."""
    alpha = (form & _ALPHA) > 0

    def among_letters(counted: NDArray[Any]) -> NDArray[Any]:
        return np.add.reduceat(np.where(alpha, counted, 0), starts)

    letters = np.add.reduceat(alpha.astype(np.intp), starts)
    upper = among_letters((form & _UPPER) > 0) >= 0.8 * letters
    title = among_letters((form & _CAPITAL) > 0) >= 0.7 * letters
    loud = (letters > 0) & upper & (among_letters(lengths) > 4)
    look = np.where(loud, 1, np.where((letters > 0) & title, 2, 3))
    opens = form[starts]
    opening = np.where(opens & _DIGIT, 1, np.where(opens & _ALNUM, 0, 2))
    sentence = (form[ends - 1] & _STOP) > 0
    # Three looks times three openings times whether it ends as a sentence does: 18 codes, the first 1.
    shapes: NDArray[Any] = look + 3 * opening + 9 * sentence
    return shapes


def _sentences(breaks: NDArray[np.uint8], form: IntArray, family: IntArray) -> None:
    """Whether a token begins a sentence, and whether it stands behind a gap."""
    stops = (form & _STOP) > 0
    begins = np.append(True, stops[:-1]) | (breaks >= LINE)
    family[:] = begins + 2 * (breaks == GAP)


def _repeats(documents: Sequence[Tokens], family: IntArray) -> None:
    """Whether a capitalised word stands elsewhere in the document in small letters, and how often it comes back."""
    lexicon = documents[0].lexicon
    keys, inverse, counts = np.unique(words_apart(documents), return_inverse=True, return_counts=True)
    document, word = np.divmod(keys, len(lexicon))
    capital = (lexicon.told(_form)[word] & _CAPITAL) > 0
    lowered = lexicon.lowered()[word] + document * len(lexicon)
    small = np.isin(lowered, lowered[lexicon.told(_is_small)[word] > 0]) & (lexicon.told(len)[word] > 1)
    family[:] = np.where(capital, 1 + np.minimum(counts, 3) + 3 * small, 0)[inverse]


def _is_small(word: str) -> int:
    return word == word.lower()
