"""Quotation marks paired, whatever hand set them: straight, curly, German, guillemets, single, unclosed, nested.

Typed pages mark titles with `_` or `*` before and after, as quotation marks do; these are paired too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.extraction.tokens import CLOSING, EITHER, LINE, OPENING, PARAGRAPH, Tokens

#: A stretch that its author forgot to close ends with its line, and is never longer than this many tokens.
LONGEST_UNCLOSED = 40
#: Single quotation marks are also apostrophes, so they must close within this many tokens.
LONGEST_SINGLE = 40
_SINGLE_OPENING, _SINGLE_CLOSING = "‘'`_*", "’'´_*"
_SINGLE_PARTNER = {"‘": "’", "'": "'", "`": "'´`", "_": "_", "*": "*"}
#: These are also bullets and rules, where one follows the other.
_TYPED = "_*"
_MARKS = frozenset(OPENING + CLOSING + EITHER + _SINGLE_OPENING + _SINGLE_CLOSING) | {"''", "``"}


@dataclass(frozen=True, slots=True)
class Quoted:
    """A quoted stretch: tokens [first, last) without the marks; `opening` is the token of the opening mark.

    `closed` is False where the closing mark is missing, `depth` is 0 for a stretch that lies in no other.
    """

    opening: int
    first: int
    last: int
    closed: bool
    depth: int


def pair_quotes(tokens: Tokens, words: list[str]) -> list[Quoted]:
    """The quoted stretches of a document in order of their opening marks, outer ones before those inside them."""
    found: list[Quoted] = []
    open_marks: list[int] = []
    marks = np.flatnonzero(tokens.lexicon.told(_is_mark)[tokens.ids]).tolist()
    if not marks:
        return found
    paragraph_ends = np.flatnonzero(tokens.breaks == PARAGRAPH)[1:].tolist()  # but for the first token's
    next_break = 0
    for i in marks:
        while next_break < len(paragraph_ends) and paragraph_ends[next_break] <= i:
            found += _unclosed(tokens, words, open_marks, paragraph_ends[next_break])
            open_marks = []
            next_break += 1
        word = words[i]
        if word in _SINGLE_OPENING or word in _SINGLE_CLOSING:
            end = _single(tokens, words, i)
            if end is not None:
                found.append(Quoted(i, i + 1, end, True, len(open_marks)))
            continue
        opens = _opens(tokens, words, i, open_marks)
        if opens:
            open_marks.append(i)
        elif open_marks:
            start = open_marks.pop()
            if i > start + 1:
                found.append(Quoted(start, start + 1, i, True, len(open_marks)))
    end = paragraph_ends[next_break] if next_break < len(paragraph_ends) else len(words)
    found += _unclosed(tokens, words, open_marks, end)
    return sorted(found, key=lambda q: (q.opening, -q.last))


def _is_mark(word: str) -> int:
    return word in _MARKS


def _opens(tokens: Tokens, words: list[str], i: int, open_marks: list[int]) -> bool:
    """Whether the mark at token i opens a stretch, by its form, its spaces and what is open."""
    word = words[i]
    stuck_to_next = i + 1 < len(words) and bool(tokens.glued[i + 1])
    stuck_to_last = bool(tokens.glued[i]) and words[i - 1] not in "([-–—/" + OPENING
    if word in OPENING:
        # `„…“` closes with the mark that opens elsewhere.
        return not (open_marks and words[open_marks[-1]] == "„" and word == "“" and not stuck_to_next)
    if word in CLOSING:
        return not open_marks and stuck_to_next and not stuck_to_last
    if word == "``":
        return True
    if stuck_to_next != stuck_to_last:
        return stuck_to_next
    return not open_marks


def _single(tokens: Tokens, words: list[str], i: int) -> int | None:
    """The token that closes the single quotation mark at token i, or None where it is an apostrophe."""
    word = words[i]
    partners = _SINGLE_PARTNER.get(word)
    stuck_to_last = bool(tokens.glued[i]) and words[i - 1] not in "([-–—/" + OPENING
    if partners is None or stuck_to_last or i + 1 >= len(words) or not tokens.glued[i + 1]:
        return None
    if word in _TYPED and words[i + 1] == word:
        return None
    for j in range(i + 2, min(len(words), i + LONGEST_SINGLE)):
        if tokens.breaks[j] == PARAGRAPH:
            return None
        follows_word = j + 1 < len(words) and bool(tokens.glued[j + 1]) and words[j + 1][0].isalnum()
        if words[j] in partners and tokens.glued[j] and not follows_word:
            return j
    return None


def _unclosed(tokens: Tokens, words: list[str], open_marks: list[int], end: int) -> list[Quoted]:
    """Stretches for the marks that were still open at token `end`: up to the line's end, bounded."""
    found = []
    for depth, start in enumerate(open_marks):
        last = min(end, start + 1 + LONGEST_UNCLOSED)
        for j in range(start + 2, last):
            if tokens.breaks[j] >= LINE or (words[j] in ";" and not tokens.breaks[j]):
                last = j
                break
        if last > start + 1:
            found.append(Quoted(start, start + 1, last, False, depth))
    return found
