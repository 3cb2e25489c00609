"""A document as a short line of units: mentions, marks, joining words, breaks; what the linker looks at.

`Director of National library of the RK , chairperson of the … Ospanova B.K. made the report …` becomes
`R of I , R of the I P made the report`. Runs of words that say nothing about links are one unit, `w`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from pipeline.extraction.spans import TokenSpan
from pipeline.extraction.tokens import LINE, PARAGRAPH, Tokens
from pipeline.knowledge import lines

#: The letter of each label in a pattern.
LETTERS = {
    "PERSON": "P",
    "ROLE": "R",
    "INSTITUTION": "I",
    "REPORT": "T",
    "EVENT": "E",
    "WORK": "W",
    "DATE": "D",
    "PLACE": "L",
}
NEW_LINE, NEW_PARAGRAPH, WORDS = "/", "¶", "w"


@lru_cache(maxsize=8)
def _joining(language: str) -> frozenset[str]:
    """The words that keep their form in a pattern."""
    return frozenset(lines(language, "link_words"))


@dataclass(frozen=True, slots=True)
class Layout:
    """symbols: one a unit. at: the unit of each mention. sentence, line, paragraph: the number of each by mention."""

    symbols: list[str]
    at: list[int]
    sentence: list[int]
    line: list[int]
    paragraph: list[int]

    def between(self, left: int, right: int) -> list[str]:
        """The symbols between two mentions, in text order."""
        a, b = sorted((self.at[left], self.at[right]))
        return self.symbols[a + 1 : b]


def layout_of(tokens: Tokens, words: Sequence[str], spans: Sequence[TokenSpan], language: str) -> Layout:
    """The layout of a document with these mentions (sorted, not overlapping)."""
    joining = _joining(language)
    symbols: list[str] = []
    at: list[int] = []
    sentences: list[int] = []
    lines_: list[int] = []
    paragraphs: list[int] = []
    sentence = line = paragraph = 0
    breaks = tokens.breaks.tolist()
    i, n, following = 0, len(words), 0
    while i < n:
        if breaks[i] >= LINE:
            whole = breaks[i] == PARAGRAPH
            symbols.append(NEW_PARAGRAPH if whole else NEW_LINE)
            sentence += whole
            line += 1
            paragraph += whole
        if following < len(spans) and spans[following][0] == i:
            first, last, label = spans[following]
            at.append(len(symbols))
            sentences.append(sentence)
            lines_.append(line)
            paragraphs.append(paragraph)
            symbols.append(LETTERS[label])
            following += 1
            i = last
            continue
        word = words[i]
        if not word[0].isalnum():
            symbols.append(word)
            sentence += word in (".", "!", "?")
        else:
            folded = word.lower()
            if folded in joining:
                symbols.append(folded)
            elif not symbols or symbols[-1] != WORDS:
                symbols.append(WORDS)
        i += 1
    return Layout(symbols, at, sentences, lines_, paragraphs)
