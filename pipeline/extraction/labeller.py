"""The labellers: tokens in, tag probabilities out. The one that ships is a CRF that looks twice.

Another labeller takes its place by offering the same two methods (`Labeller`).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pipeline.extraction.chain import FloatArray
from pipeline.extraction.context import FAMILIES, Context, IntArray, context_of
from pipeline.extraction.crf import Crf
from pipeline.extraction.second import SECOND_FAMILIES, second_families
from pipeline.extraction.spans import TokenSpan, balance, tags_to_spans
from pipeline.extraction.tokens import PARAGRAPH, Tokens

#: A paragraph is decoded as one sequence, up to this many tokens.
LONGEST_SEQUENCE = 400


@dataclass(frozen=True, slots=True)
class Document:
    """A tokenized document with all that is looked at: made once, shared by labeller, titles and linker."""

    tokens: Tokens
    words: list[str]
    context: Context

    @classmethod
    def of(cls, tokens: Tokens) -> Document:
        """Work out words, furniture and context."""
        words = tokens.words()
        return cls(tokens, words, context_of(tokens, words, furniture_mask(tokens)))


@dataclass(frozen=True, slots=True)
class Labelling:
    """spans: the mentions over tokens. probabilities: (n, tags) of `tags`, for confidences.

    draft: the probabilities of the first look, which the classifier of quoted titles was trained on.
    """

    spans: list[TokenSpan]
    probabilities: FloatArray
    draft: FloatArray
    tags: tuple[str, ...]

    @property
    def columns(self) -> tuple[list[int], list[int]]:
        """The columns of the tags that begin and go on with the title of a report, an event, a work."""
        titles = ("REPORT", "EVENT", "WORK")
        begin, inside = ([self.tags.index(f"{prefix}-{label}") for label in titles] for prefix in "BI")
        return begin, inside

    def confidence(self, span: TokenSpan) -> float:
        """How probable the label is over the span's tokens on average and at its weaker edge: their geometric mean."""
        first, last, label = span
        begin, inside = self.tags.index(f"B-{label}"), self.tags.index(f"I-{label}")
        chain = self.probabilities[first:last, begin] + self.probabilities[first:last, inside]
        edges = float(self.probabilities[first, begin])
        if last < len(self.probabilities):
            edges = min(edges, 1.0 - float(self.probabilities[last, inside]))
        return float(np.sqrt(max(float(chain.mean()), 1e-6) * max(edges, 1e-6)))


class Labeller(Protocol):
    """What labels the tokens of documents."""

    tags: tuple[str, ...]

    def label(self, documents: Sequence[Document]) -> list[Labelling]:
        """Label a batch of documents; each result depends on its own document only."""
        ...


class CrfLabeller:
    """Two CRFs: the second sees what the first found in the whole document."""

    def __init__(self, first: Crf, second: Crf | None) -> None:
        self.first, self.second = first, second
        self.tags = first.labels

    def label(self, documents: Sequence[Document]) -> list[Labelling]:
        """Label a batch of documents."""
        documents_words = [(d.tokens.orths, d.words) for d in documents]
        lengths = [length for d in documents for length in sequence_lengths(d.tokens)]
        ids = [self.first.word_ids(orths, words) for orths, words in documents_words]
        slots, families, flat = joined(documents, ids)
        scores = self.first.emissions(flat, slots, families)
        crf = self.first
        draft = probabilities = self.first.marginals(scores, lengths)
        if self.second is not None:
            more = np.concatenate(
                [
                    second_families(d.tokens, i, d.context, p)
                    for d, i, p in zip(documents, ids, split(draft, documents), strict=True)
                ],
                axis=1,
            )
            crf = self.second
            flat = np.concatenate([crf.word_ids(orths, words) for orths, words in documents_words])
            scores = crf.emissions(flat, slots, np.concatenate([families, more]))
            probabilities = crf.marginals(scores, lengths)
        best = crf.decode(scores, lengths)
        self.first.trim()
        if self.second is not None:
            self.second.trim()
        result = []
        at = 0
        parts = zip(documents, split(probabilities, documents), split(draft, documents), strict=True)
        for document, part, early in parts:
            names = [self.tags[i] for i in best[at : at + len(part)].tolist()]
            at += len(part)
            result.append(Labelling(spans_of(names, document), part, early, self.tags))
        return result


def spans_of(tags: Sequence[str], document: Document) -> list[TokenSpan]:
    """The spans of the tags, none of them over the end of a paragraph, their brackets whole."""
    breaks = document.tokens.breaks
    spans: list[TokenSpan] = []
    for first, last, label in tags_to_spans(tags):
        for i in range(first + 1, last):
            if breaks[i] == PARAGRAPH:
                spans.append((first, i, label))
                first = i
        spans.append((first, last, label))
    return balance(spans, document.words)


def joined(documents: Sequence[Document], ids: Sequence[IntArray]) -> tuple[IntArray, IntArray, IntArray]:
    """The slots, families and word numbers of a batch as single arrays; slots point into the whole."""
    starts = np.cumsum([0, *(len(d.tokens) for d in documents)])
    slots = [
        np.where(d.context.slots >= 0, d.context.slots + start, -1)
        for d, start in zip(documents, starts.tolist(), strict=False)
    ]
    families = [d.context.families for d in documents]
    flat = np.concatenate(ids) if ids else np.zeros(0, np.int32)
    return np.concatenate(slots, axis=1), np.concatenate(families, axis=1), flat


def split(values: FloatArray, documents: Sequence[Document]) -> list[FloatArray]:
    """The rows of a batch by document."""
    ends = np.cumsum([len(d.tokens) for d in documents])[:-1]
    return np.split(values, ends)


def sequence_lengths(tokens: Tokens) -> list[int]:
    """The lengths of the sequences that are decoded each by itself: paragraphs, cut where they are very long."""
    if not len(tokens):
        return []
    bounds = [*np.flatnonzero(tokens.breaks == PARAGRAPH).tolist(), len(tokens)]
    lengths: list[int] = []
    for start, end in itertools.pairwise(bounds):
        while end - start > LONGEST_SEQUENCE:
            lengths.append(LONGEST_SEQUENCE)
            start += LONGEST_SEQUENCE
        lengths.append(end - start)
    return lengths


def furniture_mask(tokens: Tokens) -> NDArray[np.bool_] | None:
    """(n,) whether a token lies in furniture, or None where the document has none."""
    if not tokens.text.furniture:
        return None
    raw = np.array([tokens.text.raw_span(a, a + 1)[0] for a in tokens.starts.tolist()], np.int64)
    mask = np.zeros(len(tokens), np.bool_)
    for piece in tokens.text.furniture:
        mask |= (raw >= piece.start) & (raw < piece.end)
    return mask


#: The families that the second CRF reads.
ALL_FAMILIES = {**FAMILIES, **SECOND_FAMILIES}
