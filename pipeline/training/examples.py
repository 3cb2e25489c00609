"""Tagged announcements made ready for training: tokenized as in a run, with gold tags and relations over tokens."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.extraction.labeller import Document
from pipeline.extraction.languages import blank
from pipeline.extraction.spans import TokenSpan, spans_to_tags
from pipeline.extraction.tokens import tokens_of
from pipeline.training.corpus import GoldDocument, GoldSpan


@dataclass(frozen=True, slots=True)
class Example:
    """A document with its gold spans over tokens (`spans[i]` is where `gold[i]` stands) and BIO tags."""

    name: str
    source: GoldDocument
    document: Document
    spans: list[TokenSpan]
    gold: list[GoldSpan]
    tags: list[str]


def examples(documents: Iterable[GoldDocument], language: str) -> list[Example]:
    """Tokenize the documents of one language as a run would, and lay the gold over the tokens."""
    nlp = blank(language)
    found = list(documents)
    tokens = [tokens_of(nlp.make_doc(document.text)) for document in found]
    return [_example(*pair) for pair in zip(found, Document.all_of(tokens), strict=True)]


def _example(source: GoldDocument, document: Document) -> Example:
    tokens = document.tokens
    raw = [tokens.text.raw_span(a, b) for a, b in zip(tokens.starts.tolist(), tokens.ends.tolist(), strict=True)]
    spans: list[TokenSpan] = []
    gold: list[GoldSpan] = []
    for span in sorted(source.spans, key=lambda s: s.start):
        found = over_tokens(raw, span.start, span.end)
        if found and (not spans or found[0] >= spans[-1][1]):
            spans.append((*found, span.label))
            gold.append(span)
    return Example(source.name, source, document, spans, gold, spans_to_tags(spans, len(document.words)))


def over_tokens(raw: Sequence[tuple[int, int]], start: int, end: int) -> tuple[int, int] | None:
    """The tokens that a raw stretch mostly covers (a gold edge can cut a token in glued text), or None."""
    starts = np.array([a for a, _ in raw])
    ends = np.array([b for _, b in raw])
    inside = np.flatnonzero((np.minimum(ends, end) - np.maximum(starts, start)) * 2 > (ends - starts))
    return (int(inside[0]), int(inside[-1]) + 1) if len(inside) else None
