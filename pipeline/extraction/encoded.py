"""The labellers with an encoder: `accurate` has it read every document, `cascade` only what the CRFs are unsure of."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from pipeline.extraction.chain import FloatArray, Packing, best_path, marginals
from pipeline.extraction.labeller import Document, Labeller, Labelling, sequence_lengths, spans_of

#: The labellers by name.
FAST, ACCURATE, CASCADE = MODELS = ("fast", "accurate", "cascade")
_FORBIDDEN = -1e4
_LEAST = 1e-6


class Scorer(Protocol):
    """What reads stretches of a document and gives log-probabilities of tags (`encoder.Encoder`)."""

    def scores(self, document: Document, stretches: Sequence[tuple[int, int]]) -> list[FloatArray]:
        """(words, tags) for each stretch."""
        ...


@dataclass(frozen=True, slots=True)
class Mix:
    """How two labellers are brought together; all fitted on documents that neither had seen.

    crf: the weight of the CRF's log-probabilities beside the encoder's. transition: that of how often tags follow each
    other. unsure: `cascade` shows the encoder a paragraph when the first CRF's surest tag of one of its words is less
    probable than this.
    """

    crf: float
    transition: float
    unsure: float

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Mix:
        """Read what the training wrote."""
        return cls(**{name: float(told[name]) for name in cls.__slots__})


class EncodedLabeller:
    """The CRFs label everything; where the encoder has read, too, their scores are added and decoded together."""

    def __init__(
        self, fast: Labeller, encoder: Scorer, mix: Mix, transitions: FloatArray, everything: bool = True
    ) -> None:
        """`transitions`: (tags, tags) log-probabilities. `everything`: the encoder reads all, not what is unsure."""
        self.fast, self.encoder, self.mix, self.everything = fast, encoder, mix, everything
        self.tags = fast.tags
        self.transitions = chained(transitions * mix.transition, self.tags)

    def label(self, documents: Sequence[Document]) -> list[Labelling]:
        """Label a batch of documents."""
        pairs = zip(documents, self.fast.label(documents), strict=True)
        return [self._label(document, quick) for document, quick in pairs]

    def _label(self, document: Document, quick: Labelling) -> Labelling:
        stretches = paragraphs(document)
        if not self.everything:
            sure = quick.draft.max(axis=1, initial=0.0)
            stretches = [(a, b) for a, b in stretches if sure[a:b].min() < self.mix.unsure]
        if not stretches:
            return quick
        probabilities = quick.probabilities.copy()
        tags = np.zeros(len(document.words), np.int32)
        read = np.zeros(len(document.words), np.bool_)
        wholes = _joined(stretches)
        for (first, last), scores in zip(wholes, self.encoder.scores(document, wholes), strict=True):
            drafted = np.log(np.maximum(quick.draft[first:last], _LEAST))
            mixed = (scores + self.mix.crf * drafted).astype(np.float32)
            lengths = [b - a for a, b in stretches if first <= a < last]
            packing = Packing.of(lengths)
            probabilities[first:last] = marginals(mixed, packing, self.transitions)
            tags[first:last] = best_path(mixed, packing, self.transitions)
            read[first:last] = True
        spans = [span for span in quick.spans if not read[span[0]]]
        spans += [span for span in spans_of(tags, self.tags, [document])[0] if read[span[0]]]
        return replace(quick, spans=sorted(spans), probabilities=probabilities)


def chained(transitions: FloatArray, tags: Sequence[str]) -> FloatArray:
    """The scores of transitions, those to an inside of another label forbidden."""
    allowed = transitions.astype(np.float32).copy()
    for i, left in enumerate(tags):
        for j, right in enumerate(tags):
            if right.startswith("I-") and left[2:] != right[2:]:
                allowed[i, j] = _FORBIDDEN
    return allowed


def paragraphs(document: Document) -> list[tuple[int, int]]:
    """The sequences that are decoded each by itself, as (first, last) words."""
    ends = np.cumsum([0, *sequence_lengths(document.tokens)]).tolist()
    return list(itertools.pairwise(ends))


def _joined(stretches: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Stretches with those that follow each other made one, so that a window can hold several."""
    joined: list[tuple[int, int]] = []
    for first, last in stretches:
        if joined and joined[-1][1] == first:
            joined[-1] = (joined[-1][0], last)
        else:
            joined.append((first, last))
    return joined
