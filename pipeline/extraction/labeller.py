"""The labellers: tokens in, tag probabilities out. The one that ships is a CRF that looks twice.

Another labeller takes its place by offering the same two methods (`Labeller`).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from pipeline.extraction.chain import FloatArray, Packing
from pipeline.extraction.context import FAMILIES, Context, contexts_of
from pipeline.extraction.crf import Crf
from pipeline.extraction.lexicon import IntArray
from pipeline.extraction.second import SECOND_FAMILIES, second_families
from pipeline.extraction.spans import TokenSpan, balance, mentions_in
from pipeline.extraction.tokens import PARAGRAPH, Tokens
from pipeline.records import Text

T = TypeVar("T", bound=np.generic)
#: A paragraph is decoded as one sequence, up to this many tokens.
LONGEST_SEQUENCE = 400
#: The probabilities of spans of so many tokens are added for all spans at once.
_SHORT = 7


@dataclass(frozen=True, slots=True)
class Document:
    """A tokenized document with all that is looked at: made once, shared by labeller, titles and linker."""

    tokens: Tokens
    words: list[str]
    context: Context

    @classmethod
    def of(cls, tokens: Tokens) -> Document:
        """Work out words, furniture and context."""
        return cls.all_of([tokens])[0]

    @classmethod
    def all_of(cls, batch: Sequence[Tokens]) -> list[Document]:
        """The same for many documents at once, whose words are numbered in one lexicon."""
        words = [tokens.words() for tokens in batch]
        contexts = contexts_of(batch, words, [furniture_mask(tokens) for tokens in batch])
        return [cls(*parts) for parts in zip(batch, words, contexts, strict=True)]


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


def confidences(
    tables: Sequence[FloatArray], spans: Sequence[Sequence[TokenSpan]], tags: Sequence[str]
) -> list[list[float]]:
    """How probable the label of each span of some documents is: the geometric mean of two figures.

    One is over its tokens on average, the other at the weaker edge. `tables`: (tokens, tags) of each document.
    """
    counts = [len(each) for each in spans]
    if not sum(counts):
        return [[] for _ in counts]
    probabilities = np.concatenate(tables)
    sizes_of = np.array([len(table) for table in tables])
    closes = np.repeat(np.cumsum(sizes_of), counts)
    opens = closes - np.repeat(sizes_of, counts)
    begin = {tag[2:]: number for number, tag in enumerate(tags) if tag[0] == "B"}
    rows = np.array([(first, last, begin[label]) for each in spans for first, last, label in each])
    firsts, lasts, begins = rows[:, 0] + opens, rows[:, 1] + opens, rows[:, 2]
    insides, sizes, beyond = begins + 1, lasts - firsts, len(probabilities) - 1
    grid = firsts[:, None] + np.arange(_SHORT)
    inside, at = grid < lasts[:, None], np.minimum(grid, beyond)
    chains = probabilities[at, begins[:, None]] + probabilities[at, insides[:, None]]
    sums = np.where(inside, chains, np.float32(0)).sum(axis=1)
    for i in np.flatnonzero(sizes > _SHORT).tolist():
        long = probabilities[firsts[i] : lasts[i]]
        sums[i] = (long[:, begins[i]] + long[:, insides[i]]).sum()
    means = sums / sizes.astype(np.float32)
    edges = probabilities[firsts, begins].astype(np.float64)
    goes_on = np.where(lasts < closes, probabilities[np.minimum(lasts, beyond), insides], 0).astype(np.float64)
    edges = np.minimum(edges, 1.0 - goes_on)
    sure = iter(np.sqrt(np.maximum(means.astype(np.float64), 1e-6) * np.maximum(edges, 1e-6)).tolist())
    return [list(itertools.islice(sure, count)) for count in counts]


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
        """Label a batch of documents, whose words are numbered in one lexicon."""
        if not documents:
            return []
        lexicon = documents[0].tokens.lexicon
        packing = Packing.of([length for d in documents for length in sequence_lengths(d.tokens)])
        ids = np.concatenate([d.tokens.ids for d in documents])
        slots, families = joined(documents)
        crf = self.first
        scores = crf.emissions(lexicon, ids, slots, families)
        draft = probabilities = crf.marginals(scores, packing)
        if self.second is not None:
            crf = self.second
            more = second_families([d.tokens for d in documents], [d.context for d in documents], draft)
            scores = crf.emissions(lexicon, ids, slots, np.concatenate([families, more]))
            probabilities = crf.marginals(scores, packing)
        best = crf.decode(scores, packing)
        parts = (split(values, documents) for values in (probabilities, draft))
        return [
            Labelling(spans, part, early, self.tags)
            for spans, part, early in zip(spans_of(best, self.tags, documents), *parts, strict=True)
        ]


def spans_of(tags: IntArray, names: Sequence[str], documents: Sequence[Document]) -> list[list[TokenSpan]]:
    """The spans of the tags of documents, none of them over the end of a paragraph, their brackets whole."""
    opens = np.cumsum([0, *(len(document.words) for document in documents)])
    apart = np.concatenate([document.tokens.breaks == PARAGRAPH for document in documents])
    firsts, lasts, labels = mentions_in(tags, apart)
    bounds = np.searchsorted(firsts, opens).tolist()
    called = [names[2 * label + 1][2:] for label in labels]
    found = []
    for document, at, a, b in zip(documents, opens.tolist(), bounds, bounds[1:], strict=False):
        own = zip(firsts[a:b], lasts[a:b], called[a:b], strict=True)
        found.append(balance([(first - at, last - at, label) for first, last, label in own], document.words))
    return found


def joined(documents: Sequence[Document]) -> tuple[IntArray, IntArray]:
    """The slots and families of a batch as single arrays; slots point into the whole."""
    sizes = [len(d.tokens) for d in documents]
    slots = np.concatenate([d.context.slots for d in documents], axis=1)
    starts = np.repeat(np.cumsum([0, *sizes[:-1]], dtype=np.int32), sizes)
    families = np.concatenate([d.context.families for d in documents], axis=1)
    return np.where(slots >= 0, slots + starts, np.int32(-1)), families


def split(values: NDArray[T], documents: Sequence[Document]) -> list[NDArray[T]]:
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
    raw = raw_starts(tokens.text, tokens.starts)
    mask = np.zeros(len(tokens), np.bool_)
    for piece in tokens.text.furniture:
        mask |= (raw >= piece.start) & (raw < piece.end)
    return mask


def raw_starts(text: Text, clean: IntArray) -> NDArray[np.int64]:
    """Where in the raw text the characters at these places of the clean one begin (as `Text.raw_span` tells)."""
    of, aligned = _segments_of(text, clean)
    before = np.array([s.raw_start - s.clean_start if s.aligned else s.raw_start for s in text.segments], np.int64)
    return before[of] + np.where(aligned, clean, 0)


def raw_spans(text: Text, starts: IntArray, ends: IntArray) -> tuple[list[int], list[int]]:
    """Where in the raw text spans of the clean one, none of them empty, begin and end (as `Text.raw_span` tells)."""
    of, aligned = _segments_of(text, ends - 1)
    after = [s.raw_start - s.clean_start if s.aligned else s.raw_start + s.raw_length for s in text.segments]
    raw_ends = np.array(after, np.int64)[of] + np.where(aligned, ends, 0)
    return raw_starts(text, starts).tolist(), raw_ends.tolist()


def _segments_of(text: Text, clean: IntArray) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """The segments in which characters of the clean text lie, and whether each is aligned."""
    segments = text.segments
    of = np.searchsorted(np.array([s.clean_start for s in segments]), clean, side="right") - 1
    return of, np.array([s.aligned for s in segments])[of]


#: The families that the second CRF reads.
ALL_FAMILIES = {**FAMILIES, **SECOND_FAMILIES}
