"""A document as a short line of units: mentions, marks, joining words, breaks; what the linker looks at.

`Director of National library of the RK , chairperson of the … Ospanova B.K. made the report …` becomes
`R of I , R of the I P made the report`. Runs of words that say nothing about links are one unit, `w`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from pipeline.extraction.spans import TokenSpan
from pipeline.extraction.times import tells_time
from pipeline.extraction.tokens import GAP, LINE, PARAGRAPH, Tokens
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
#: The sign of each break in a feature.
BREAKS = {GAP: "~", LINE: "/", PARAGRAPH: "¶"}
NEW_LINE, NEW_PARAGRAPH, WORDS = "/", "¶", "w"
_SENTENCE_ENDS = frozenset(".!?")
_STOPS = frozenset(".!?;")


def odd_marks(words: Sequence[str], pairs: Sequence[str]) -> list[str]:
    """The brackets and quotation marks (`pairs`, and the straight one) that some words open or close by halves."""
    odd = [(pair[0], words.count(pair[0]) - words.count(pair[1])) for pair in pairs]
    return [f"{opening}{count}" for opening, count in odd if count] + ['"'] * (words.count('"') % 2)


def bucket(length: int, bounds: Sequence[int]) -> int:
    """A coarse length: how many of the bounds, which rise, it goes beyond."""
    return next((i for i, bound in enumerate(bounds) if length <= bound), len(bounds))


@lru_cache(maxsize=8)
def joining(language: str) -> frozenset[str]:
    """The words that keep their form in a pattern."""
    return frozenset(lines(language, "link_words"))


@dataclass(frozen=True, slots=True)
class Layout:
    """symbols: one a unit. at: the unit of each mention. sentence, line, paragraph: the number of each by mention.

    marks: the symbols that are mentions or breaks, in one string; mark_at: the place of each mention in it.
    stops: how many full stops, semicolons and the like stand before each mention; times: how many times of day.
    """

    symbols: list[str]
    at: list[int]
    sentence: list[int]
    line: list[int]
    paragraph: list[int]
    marks: str
    mark_at: list[int]
    stops: list[int]
    times: list[int]


def layout_of(tokens: Tokens, words: Sequence[str], spans: Sequence[TokenSpan], language: str) -> Layout:
    """The layout of a document with these mentions (sorted, not overlapping)."""
    own = joining(language)
    symbols: list[str] = []
    at: list[int] = []
    sentences: list[int] = []
    lines_: list[int] = []
    paragraphs: list[int] = []
    marks: list[str] = []
    mark_at: list[int] = []
    stops: list[int] = []
    times: list[int] = []
    sentence = line = paragraph = stop = time = 0
    breaks = tokens.breaks.tolist()
    i, n, following = 0, len(words), 0
    while i < n:
        if breaks[i] >= LINE:
            whole = breaks[i] == PARAGRAPH
            symbols.append(NEW_PARAGRAPH if whole else NEW_LINE)
            marks.append(symbols[-1])
            sentence += whole
            line += 1
            paragraph += whole
        if following < len(spans) and spans[following][0] == i:
            _first, last, label = spans[following]
            at.append(len(symbols))
            sentences.append(sentence)
            lines_.append(line)
            paragraphs.append(paragraph)
            mark_at.append(len(marks))
            stops.append(stop)
            times.append(time)
            symbols.append(LETTERS[label])
            marks.append(symbols[-1])
            following += 1
            i = last
            continue
        word = words[i]
        if not word[0].isalnum():
            symbols.append(word)
            sentence += word in _SENTENCE_ENDS
            stop += word in _STOPS
        else:
            time += tells_time(words, i)
            folded = word.lower()
            if folded in own:
                symbols.append(folded)
            elif not symbols or symbols[-1] != WORDS:
                symbols.append(WORDS)
        i += 1
    return Layout(symbols, at, sentences, lines_, paragraphs, "".join(marks), mark_at, stops, times)
