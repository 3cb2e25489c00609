"""Training the labeller: a first CRF, then a second one on what first ones that had not seen the text made of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.extraction.context import FAMILIES, IntArray
from pipeline.extraction.crf import Crf, CrfWeights
from pipeline.extraction.labeller import ALL_FAMILIES, CrfLabeller, sequence_lengths
from pipeline.extraction.second import second_families
from pipeline.extraction.spans import tag_names
from pipeline.extraction.words import WordFeatures, word_features
from pipeline.records import LABELS
from pipeline.training.crf import strings, train
from pipeline.training.examples import Example

TAGS = tag_names(LABELS)


@dataclass(frozen=True, slots=True)
class LabellerSettings:
    """Settings of the training, found by cross-validation on the English corpus.

    l1, l2, iterations: of each CRF. inner_folds: how many first CRFs label what they have not seen for the second;
    0 trains no second one.
    """

    l1: float = 0.02
    l2: float = 0.3
    iterations: int = 70
    inner_folds: int = 4


def train_labeller(
    data: Sequence[Example], language: str, settings: LabellerSettings | None = None
) -> tuple[CrfWeights, CrfWeights | None]:
    """Train the two CRFs of a language; the same data in the same order gives the same weights."""
    chosen = settings or LabellerSettings()
    features = word_features(language)
    first = _train(data, [e.document.context.families for e in data], FAMILIES, features, chosen)
    if not chosen.inner_folds:
        return first, None
    more: list[IntArray | None] = [None] * len(data)
    for fold in range(chosen.inner_folds):
        inside = [e for i, e in enumerate(data) if i % chosen.inner_folds != fold]
        outside = [i for i in range(len(data)) if i % chosen.inner_folds == fold]
        weights = _train(inside, [e.document.context.families for e in inside], FAMILIES, features, chosen)
        crf = Crf(weights, features)
        for i in outside:
            more[i] = _looked_at(crf, data[i])
    families = [
        np.concatenate([e.document.context.families, extra])
        for e, extra in zip(data, more, strict=True)
        if extra is not None
    ]
    return first, _train(data, families, ALL_FAMILIES, features, chosen)


def labeller_of(weights: tuple[CrfWeights, CrfWeights | None], language: str) -> CrfLabeller:
    """The labeller that uses these weights."""
    features = word_features(language)
    first, second = weights
    return CrfLabeller(Crf(first, features), Crf(second, features) if second is not None else None)


def _looked_at(crf: Crf, example: Example) -> IntArray:
    """The codes of the second look at a document, from a first CRF."""
    document = example.document
    ids = crf.word_ids(document.tokens.orths, document.words)
    scores = crf.emissions(ids, document.context.slots, document.context.families)
    probabilities = crf.marginals(scores, sequence_lengths(document.tokens))
    return second_families(document.tokens, ids, document.context, probabilities)


def _train(
    data: Sequence[Example],
    families: Sequence[IntArray],
    names: dict[str, int],
    features: WordFeatures,
    settings: LabellerSettings,
) -> CrfWeights:
    def sequences() -> Iterator[tuple[list[list[str]], list[str]]]:
        for example, codes in zip(data, families, strict=True):
            document = example.document
            rows = strings(features, document.words, document.context.slots, codes, names)
            at = 0
            for length in sequence_lengths(document.tokens):
                yield rows[at : at + length], example.tags[at : at + length]
                at += length

    return train(sequences(), TAGS, names, l1=settings.l1, l2=settings.l2, iterations=settings.iterations)
