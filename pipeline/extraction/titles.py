"""Quoted stretches classified as a whole: the title of a report, an event or a work, or none of them.

People, roles and institutions are settled before them (`borders.py`), titles without quotation marks after them
(`edges.py`).

The labeller decides token by token; a title is one thing from its opening to its closing mark. A log-linear choice
(`ranker.py`) looks at what the labeller thinks of the stretch, the words around it and its own form.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from pipeline.extraction.borders import Borders
from pipeline.extraction.chain import FloatArray
from pipeline.extraction.edges import TITLE_LABELS, Edges
from pipeline.extraction.labeller import Document, Labelling, spans_of
from pipeline.extraction.quotes import Quoted
from pipeline.extraction.ranker import Ranker, softmax
from pipeline.extraction.spans import TokenSpan
from pipeline.extraction.tokens import LINE
from pipeline.extraction.words import fold, word_features

#: The alternative that leaves the stretch as the labeller has it.
AS_IT_IS = "-"
ALTERNATIVES = (*TITLE_LABELS, AS_IT_IS)
#: Longer stretches are statements, not titles.
LONGEST_TITLE = 45
#: Kinds of words (knowledge lists) that announce a title, and how many tokens back they are looked for.
ANNOUNCING = ("report", "event", "work", "speech_verb")
FARTHEST = 80
#: How many words before a stretch are told with their place, and without it; how many after it; how many of its own.
NEAR, FAR, BEYOND, LISTED = 4, 8, 5, 12
#: Marks within a stretch that tell a title from a statement.
_TELLING = frozenset(":?!.—–")
_EDGES = frozenset("\"“”„‟«»‹›‘’`´″《》',;:.")


class Titles:
    """Settles what is looked at as a whole: names, quoted stretches, titles without quotation marks."""

    def __init__(self, model: Ranker, language: str, edges: Edges, borders: Borders) -> None:
        self.model = model
        self.borders = borders
        self.edges = edges
        self.language = language
        # feature → its weight for each alternative
        self._rows: dict[str, list[float]] = {}
        for name, weight in model.weights.items():
            alternative, _, feature = name.partition(":")
            row = self._rows.setdefault(feature, [0.0] * len(ALTERNATIVES))
            row[ALTERNATIVES.index(alternative)] = weight

    def without_borders(self) -> Titles:
        """The same for a labeller with an encoder, which sees names as wholes: borders were learnt from the CRFs."""
        return Titles(self.model, self.language, self.edges, Borders(Ranker({}), self.language))

    def apply_all(
        self, documents: Sequence[Document], looks: Sequence[Labelling]
    ) -> list[tuple[list[TokenSpan], dict[TokenSpan, float]]]:
        """The spans of each document after its mentions have been settled, and how sure the titles are."""
        settled = self.borders.settle(documents, looks)
        return [
            self._titles(document, replace(look, spans=spans))
            for document, look, spans in zip(documents, looks, settled, strict=True)
        ]

    def apply(self, document: Document, labelling: Labelling) -> tuple[list[TokenSpan], dict[TokenSpan, float]]:
        """The same for one document."""
        return self.apply_all([document], [labelling])[0]

    def _titles(self, document: Document, labelling: Labelling) -> tuple[list[TokenSpan], dict[TokenSpan, float]]:
        spans, sure = self._quoted(document, labelling)
        for span, title, probability in list(self.edges.settle(document, labelling, spans)):
            if span not in spans:
                continue  # another title has been laid over it
            if title is None:
                spans = [each for each in spans if each != span]
                continue
            sure[title] = probability
            if title != span:
                spans = put([each for each in spans if each != span], title)
        return spans, sure

    def _quoted(self, document: Document, labelling: Labelling) -> tuple[list[TokenSpan], dict[TokenSpan, float]]:
        spans = labelling.spans
        sure: dict[TokenSpan, float] = {}
        if not self.model.weights:
            return spans, sure
        surroundings = Surroundings.of(document, labelling, self.language)
        for number, quoted in enumerate(surroundings.stretches):
            known = [self._rows[f] for f in features(document, number, surroundings) if f in self._rows]
            totals = [sum(column) for column in zip(*known, strict=True)]
            probabilities = softmax(totals)
            best = max(range(len(totals)), key=totals.__getitem__)
            if ALTERNATIVES[best] != AS_IT_IS:
                title = title_span(document, quoted, ALTERNATIVES[best])
                spans = put(spans, title)
                sure[title] = probabilities[best]
        return spans, sure


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the features of all stretches of a document rest on.

    spans: the labeller's first look. announcing: places of words that announce titles (report, seminar, book, spoke),
    with their kind. stretches: those that could be titles, in order; for each of them in `chains` the (tokens, 3)
    probabilities of `TITLE_LABELS`, and in `labels` the one that leads.
    """

    spans: list[TokenSpan]
    announcing: list[tuple[int, str]]
    stretches: list[Quoted]
    chains: list[FloatArray]
    labels: list[str]

    @classmethod
    def of(cls, document: Document, labelling: Labelling, language: str) -> Surroundings:
        """Look over a document."""
        found = stretches(document)
        if not found:
            return cls([], [], [], [], [])
        begin, further = labelling.columns
        drafts = [labelling.draft[quoted.first : quoted.last] for quoted in found]
        chains = [draft[:, begin] + draft[:, further] for draft in drafts]
        means = [chain.mean(axis=0) for chain in chains]
        labels = [TITLE_LABELS[int(mean.argmax())] if mean.max() > 0.4 else AS_IT_IS for mean in means]
        return cls(draft_spans(document, labelling), _announcing(document, language), found, chains, labels)


def _announcing(document: Document, language: str) -> list[tuple[int, str]]:
    """The places of words that announce titles, outside of quotations, with their kind."""
    kinds = document.tokens.lexicon.told(_announces(language))[document.tokens.ids]
    for quoted in document.context.quotes:
        kinds[quoted.opening : quoted.last] = 0
    places = np.flatnonzero(kinds)
    return [(i, ANNOUNCING[kind - 1]) for i, kind in zip(places.tolist(), kinds[places].tolist(), strict=True)]


@lru_cache(maxsize=8)
def _announces(language: str) -> Callable[[str], int]:
    """What tells the number of the first of the announcing kinds that a word has, from 1; 0 where it has none."""
    lists = word_features(language).lists

    def tell(word: str) -> int:
        kinds = lists.of(fold(word)) if word[0].isalpha() else ()
        return next((number for number, kind in enumerate(ANNOUNCING, 1) if kind in kinds), 0) if kinds else 0

    return tell


def draft_spans(document: Document, labelling: Labelling) -> list[TokenSpan]:
    """The spans of the labeller's first look: the most probable tag of each token."""
    return spans_of(labelling.draft.argmax(axis=1), labelling.tags, document)


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


def features(document: Document, number: int, surroundings: Surroundings) -> list[str]:
    """What speaks of a stretch: the words around it, its form, and what the labeller's first look made of it."""
    quoted = surroundings.stretches[number]
    words, spans = document.words, surroundings.spans
    first, last = quoted.first, quoted.last
    farther = [fold(w) for w in words[max(0, quoted.opening - FAR) : quoted.opening]]
    before = farther[-NEAR:]
    after = [fold(w) for w in words[last + 1 : last + 1 + BEYOND]]
    own = [fold(w) for w in words[first : min(last, first + LISTED)] if w[0].isalpha()]
    line_start = document.tokens.breaks[quoted.opening] >= LINE
    line_end = last + 1 >= len(words) or document.tokens.breaks[last + 1] >= LINE
    left = bisect_left(spans, first, key=lambda s: s[1] - 1)
    right = bisect_left(spans, last, key=lambda s: s[0])
    whole = spans[left:right]
    exact = len(whole) == 1 and whole[0][:2] == title_span(document, quoted, "")[:2]
    found = [
        "",
        f"len={min((last - first) // 2, 8)}",
        f"lines={line_start}{line_end}",
        f"over={'+'.join(s[2] for s in whole if s[0] < first or s[1] > last)}",
        f"inside={'+'.join(sorted({s[2] for s in whole}))}{len(whole) > 1}",
        f"exact={whole[0][2] if exact else '-'}",
        f"near={'+'.join(s[2] for s in spans[max(0, left - 2) : left])}",
        f"beyond={'+'.join(s[2] for s in spans[right : right + 1])}",
        f"before={' '.join(before[-2:])}",
        f"three={' '.join(before[-3:])}",
        f"after={' '.join(after[:1])}",
        f"after={' '.join(after[:2])}",
        f"opens={fold(words[first])}",
        f"opens={' '.join(fold(w) for w in words[first : min(first + 2, last)])}",
        f"marks={''.join(sorted({w for w in words[first:last] if w in _TELLING}))}",
        f"upper={words[first][0].isupper()}",
        f"ends={words[last - 1] if not words[last - 1][0].isalnum() else ''}",
    ]
    found += _announced(words, number, surroundings)
    found += [f"b{distance}={word}" for distance, word in enumerate(reversed(before))]
    found += [f"b={word}" for word in before]
    found += [f"far={word}" for word in farther]
    for distance, word in enumerate(after):
        found += [f"a{distance}={word}", f"a={word}"]
    found += [f"own={word}" for word in own]
    chains = surroundings.chains[number]
    means, highest = chains.mean(axis=0).tolist(), chains.max(axis=0).tolist()
    for label, mean, high in zip(TITLE_LABELS, means, highest, strict=True):
        found += [f"{label}={int(mean * 9.99)}", f"{label}max={int(high * 4.99)}"]
    return found


def _announced(words: Sequence[str], number: int, surroundings: Surroundings) -> list[str]:
    """What announced titles lately, and what the stretches before and after are."""
    stretches, labels = surroundings.stretches, surroundings.labels
    quoted = stretches[number]
    at = bisect_left(surroundings.announcing, (quoted.opening, ""))
    near = [x for x in surroundings.announcing[max(0, at - 3) : at] if quoted.opening - x[0] <= FARTHEST]
    left = number > 0 and quoted.opening - stretches[number - 1].opening <= FARTHEST
    right = number + 1 < len(stretches) and stretches[number + 1].opening - quoted.last <= FARTHEST
    beside = f"{labels[number - 1] if left else ''}/{labels[number + 1] if right else ''}"
    found = [f"kinds={'+'.join(kind for _, kind in near)}", f"beside={beside}"]
    for rank, (place, kind) in enumerate(reversed(near)):
        found += [f"said{rank}={kind}", f"said={fold(words[place])}"]
    return found


def alternatives_of(found: Sequence[str]) -> list[list[str]]:
    """The features of each of `ALTERNATIVES`, from those of the stretch."""
    return [[f"{alternative}:{feature}" for feature in found] for alternative in ALTERNATIVES]
