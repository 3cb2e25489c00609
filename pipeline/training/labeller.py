"""Training the labeller: a first CRF, then a second one on what first ones that had not seen the text made of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import TypeVar

import numpy as np

from pipeline.extraction.context import FAMILIES, IntArray
from pipeline.extraction.crf import Crf, CrfWeights, FloatArray
from pipeline.extraction.labeller import ALL_FAMILIES, CrfLabeller, sequence_lengths
from pipeline.extraction.second import second_families
from pipeline.extraction.spans import tag_names
from pipeline.extraction.words import word_features
from pipeline.records import LABELS
from pipeline.training.crf import strings, train
from pipeline.training.examples import Example

TAGS = tag_names(LABELS)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class LabellerSettings:
    """Settings of the training, found by cross-validation on the English corpus: those of each CRF."""

    l1: float = 0.02
    l2: float = 0.3
    iterations: int = 70
    seen: int = 1


def fold_of(position: int, folds: int) -> int:
    """The fold of a document by its place in a list sorted by name, so that every batch of texts is spread over all."""
    return position % folds


def in_processes(work: Callable[..., T], tasks: Sequence[tuple[object, ...]], jobs: int) -> list[T]:
    """The results of independent pieces of work in their order, by so many processes."""
    if jobs <= 1 or len(tasks) < 2:
        return [work(*task) for task in tasks]
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        return list(pool.map(work, *zip(*tasks, strict=True)))


def train_first(data: Sequence[Example], language: str, settings: LabellerSettings) -> CrfWeights:
    """Train a first CRF."""
    return _train(data, [e.document.context.families for e in data], FAMILIES, language, settings)


def train_second(
    data: Sequence[Example], drafts: Sequence[FloatArray], language: str, settings: LabellerSettings
) -> CrfWeights:
    """Train a second CRF on the drafts (tag probabilities) of first ones that had not seen the documents."""
    families = [
        np.concatenate([e.document.context.families, _second_look(e, draft)])
        for e, draft in zip(data, drafts, strict=True)
    ]
    return _train(data, families, ALL_FAMILIES, language, settings)


def draft_of(weights: CrfWeights, data: Sequence[Example], language: str) -> list[FloatArray]:
    """What a first CRF makes of documents: (n, tags) probabilities of each."""
    labeller = CrfLabeller(Crf(weights, word_features(language)), None)
    return [labelling.draft for labelling in labeller.label([e.document for e in data])]


def held_out_drafts(
    data: Sequence[Example], language: str, settings: LabellerSettings, fold: int, folds: int
) -> list[FloatArray]:
    """The drafts of one fold's documents, by a first CRF trained on all others."""
    inside = [e for i, e in enumerate(data) if fold_of(i, folds) != fold]
    outside = [e for i, e in enumerate(data) if fold_of(i, folds) == fold]
    return draft_of(train_first(inside, language, settings), outside, language)


def _second_look(example: Example, draft: FloatArray) -> IntArray:
    """The codes of the second look at a document."""
    document = example.document
    numbers: dict[str, int] = {}
    ids = np.array([numbers.setdefault(word, len(numbers)) for word in document.words], np.int32)
    return second_families(document.tokens, ids, document.context, draft)


def _train(
    data: Sequence[Example],
    families: Sequence[IntArray],
    names: dict[str, int],
    language: str,
    settings: LabellerSettings,
) -> CrfWeights:
    features = word_features(language)

    def sequences() -> Iterator[tuple[list[list[str]], list[str]]]:
        for example, codes in zip(data, families, strict=True):
            document = example.document
            rows = strings(features, document.words, document.context.slots, codes, names)
            at = 0
            for length in sequence_lengths(document.tokens):
                yield rows[at : at + length], example.tags[at : at + length]
                at += length

    return train(
        sequences(),
        TAGS,
        names,
        l1=settings.l1,
        l2=settings.l2,
        iterations=settings.iterations,
        seen=settings.seen,
    )
