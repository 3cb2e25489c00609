"""Quoted stretches classified as a whole: the title of a report, an event or a work, or none of them.

The labeller decides token by token; a title is one thing from its opening to its closing mark. A log-linear choice
(`ranker.py`) looks at what the labeller thinks of the stretch, the words around it and its own form.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.extraction.labeller import Document, Labelling
from pipeline.extraction.quotes import Quoted
from pipeline.extraction.ranker import Ranker
from pipeline.extraction.spans import TokenSpan
from pipeline.extraction.tokens import LINE
from pipeline.extraction.words import fold

TITLE_LABELS = ("REPORT", "EVENT", "WORK")
#: The alternative that leaves the stretch as the labeller has it.
AS_IT_IS = "-"
ALTERNATIVES = (*TITLE_LABELS, AS_IT_IS)
#: Longer stretches are statements, not titles.
LONGEST_TITLE = 45
_EDGES = frozenset("\"“”„‟«»‹›‘’`´″《》',;:.")


class Titles:
    """Decides what each quoted stretch of a document is."""

    def __init__(self, model: Ranker, language: str) -> None:
        self.model = model
        self.language = language

    def apply(self, document: Document, labelling: Labelling) -> list[TokenSpan]:
        """The spans of a document after its quoted stretches have been decided."""
        spans = labelling.spans
        if not self.model.weights:
            return spans
        for quoted in stretches(document):
            rows = features(document, labelling, quoted, spans)
            probabilities = self.model.probabilities(rows)
            best = max(range(len(rows)), key=probabilities.__getitem__)
            if ALTERNATIVES[best] != AS_IT_IS:
                spans = put(spans, title_span(document, quoted, ALTERNATIVES[best]))
        return spans


def stretches(document: Document) -> list[Quoted]:
    """The stretches that could be titles: outermost, closed, not too long, holding a word."""
    return [
        q
        for q in document.context.quotes
        if q.closed
        and q.depth == 0
        and q.last - q.first <= LONGEST_TITLE
        and any(word[0].isalnum() for word in document.words[q.first : q.last])
    ]


def title_span(document: Document, quoted: Quoted, label: str) -> TokenSpan:
    """The whole stretch as a span, without punctuation at its edges."""
    first, last = quoted.first, quoted.last
    while last - 1 > first and document.words[last - 1] in _EDGES:
        last -= 1
    while first < last - 1 and document.words[first] in _EDGES:
        first += 1
    return first, last, label


def put(spans: Sequence[TokenSpan], new: TokenSpan) -> list[TokenSpan]:
    """The spans with a new one in the place of all that it touches."""
    kept = [s for s in spans if s[1] <= new[0] or s[0] >= new[1]]
    return sorted([*kept, new])


def features(
    document: Document, labelling: Labelling, quoted: Quoted, spans: Sequence[TokenSpan]
) -> list[list[str]]:
    """The features of each of `ALTERNATIVES` for a stretch."""
    words = document.words
    first, last = quoted.first, quoted.last
    before = [fold(w) for w in words[max(0, quoted.opening - 4) : quoted.opening]]
    after = [fold(w) for w in words[last + 1 : last + 3]]
    length = min((last - first) // 2, 8)
    line_start = document.tokens.breaks[quoted.opening] >= LINE
    line_end = last + 1 >= len(words) or document.tokens.breaks[last + 1] >= LINE
    whole = [s for s in spans if s[0] < last and s[1] > first]
    exact = len(whole) == 1 and whole[0][:2] == title_span(document, quoted, "")[:2]
    over = [s[2] for s in whole if s[0] < first or s[1] > last]
    nearby = [s[2] for s in spans if s[1] <= quoted.opening][-2:]
    beyond = [s[2] for s in spans if s[0] > last][:1]
    common = [
        f"len={length}",
        f"lines={line_start}{line_end}",
        f"over={'+'.join(over)}",
        f"inside={'+'.join(sorted({s[2] for s in whole}))}{len(whole) > 1}",
        f"exact={whole[0][2] if exact else '-'}",
        f"near={'+'.join(nearby)}",
        f"beyond={'+'.join(beyond)}",
        f"before={' '.join(before[-2:])}",
        f"after={' '.join(after[:1])}",
        f"upper={words[first][0].isupper()}",
        f"ends={words[last - 1] if not words[last - 1][0].isalnum() else ''}",
    ]
    common += [f"b{distance}={word}" for distance, word in enumerate(reversed(before))]
    common += [f"b={word}" for word in before]
    rows = []
    for alternative in ALTERNATIVES:
        row = [f"{alternative}:{feature}" for feature in common]
        row.append(f"{alternative}:")
        for label in TITLE_LABELS:
            begin, inside = labelling.tags.index(f"B-{label}"), labelling.tags.index(f"I-{label}")
            chain = labelling.probabilities[first:last, [begin, inside]].sum(axis=1)
            row.append(f"{alternative}:{label}={int(chain.mean() * 9.99)}")
            row.append(f"{alternative}:{label}max={int(chain.max() * 4.99)}")
        rows.append(row)
    return rows
