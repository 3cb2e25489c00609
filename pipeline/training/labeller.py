"""Training the labeller: a first CRF, then a second one on what first ones that had not seen the text made of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from typing import TypeVar

import numpy as np

from pipeline.extraction.chain import FloatArray
from pipeline.extraction.context import FAMILIES
from pipeline.extraction.crf import Crf, CrfWeights
from pipeline.extraction.labeller import ALL_FAMILIES, CrfLabeller, Labelling, sequence_lengths
from pipeline.extraction.lexicon import IntArray
from pipeline.extraction.second import second_families
from pipeline.extraction.spans import tag_names
from pipeline.extraction.words import word_features
from pipeline.knowledge import folders, use_folders
from pipeline.records import LABELS
from pipeline.running.pool import ends_with_maker
from pipeline.training.crf import CrfSettings, Tagged, train
from pipeline.training.examples import Example

TAGS = tag_names(LABELS)
T = TypeVar("T")
#: A document and, behind it, its copies with other names, from which a first CRF learns, too.
Group = Sequence[Example]


def fold_of(position: int, folds: int) -> int:
    """The fold of a document by its place in a list sorted by name, so that every batch of texts is spread over all."""
    return position % folds


def inside(count: int, folds: int, fold: int, every: int = 1) -> list[int]:
    """The places of the documents that a fold's models learn from: those of the other folds, or every so manieth.

    The fold after the last is empty: its models learn from all.
    """
    return [i for i in range(count) if fold_of(i, folds) != fold and (i // folds) % every == 0]


def outside_of(count: int, folds: int, fold: int) -> list[int]:
    """The places of the documents of a fold."""
    return [i for i in range(count) if fold_of(i, folds) == fold]


class Crew:
    """Processes for independent pieces of work, the same ones for all steps. Of one, this process does everything."""

    def __init__(self, jobs: int) -> None:
        """Take the number of processes."""
        self.jobs = max(jobs, 1)
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Crew:
        if self.jobs > 1:
            # A new process knows nothing of the folders of own knowledge that this one uses.
            own = (use_folders, folders())
            context = get_context("spawn")
            self._pool = ProcessPoolExecutor(self.jobs, context, initializer=ends_with_maker, initargs=own)
        return self

    def __exit__(self, *raised: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def each(self, work: Callable[..., T], tasks: Sequence[tuple[object, ...]]) -> list[T]:
        """The results of pieces of work in their order."""
        if self._pool is None:
            return [work(*task) for task in tasks]
        return list(self._pool.map(work, *zip(*tasks, strict=True)))

    def shares(self, work: Callable[..., list[T]], count: int, *given: object) -> list[T]:
        """The results for the numbers below `count`; every process is given its share of them at once."""
        parts = [list(range(count))[n :: self.jobs] for n in range(min(self.jobs, count))]
        results = [iter(part) for part in self.each(work, [(part, *given) for part in parts])]
        return [next(results[n % len(parts)]) for n in range(count)]


def train_first(data: Sequence[Example], language: str, settings: CrfSettings) -> CrfWeights:
    """Train a first CRF."""
    return _train(data, [e.document.context.families for e in data], FAMILIES, language, settings)


def train_second(
    data: Sequence[Example], drafts: Sequence[FloatArray], language: str, settings: CrfSettings
) -> CrfWeights:
    """Train a second CRF on the drafts (tag probabilities) of first ones that had not seen the documents.

    It learns slower: what the drafts tell it carries it most of the way. Copies of the documents taught it nothing.
    """
    families = [
        np.concatenate(
            [
                e.document.context.families,
                second_families([e.document.tokens], [e.document.context], draft),
            ]
        )
        for e, draft in zip(data, drafts, strict=True)
    ]
    return _train(data, families, ALL_FAMILIES, language, replace(settings, rate=settings.second_rate))


def draft_of(weights: CrfWeights, data: Sequence[Example], language: str) -> list[FloatArray]:
    """What a first CRF makes of documents: (n, tags) probabilities of each."""
    labeller = CrfLabeller(Crf(weights, word_features(language)), None)
    return [labelling.draft for labelling in labeller.label([e.document for e in data])]


def held_out_drafts(
    data: Sequence[Group], language: str, settings: CrfSettings, fold: int, folds: int, every: int = 1
) -> tuple[list[FloatArray], CrfWeights]:
    """The drafts of one fold's documents by a first CRF trained on (every so manieth of) all others, and that CRF."""
    outside = [data[i][0] for i in outside_of(len(data), folds, fold)]
    learnt = [example for i in inside(len(data), folds, fold, every) for example in data[i]]
    weights = train_first(learnt, language, settings)
    return draft_of(weights, outside, language), weights


def held_out_looks(
    data: Sequence[Group],
    language: str,
    settings: CrfSettings,
    drafts: Sequence[FloatArray],
    first: CrfWeights,
    fold: int,
    folds: int,
    every: int = 1,
) -> tuple[list[Labelling], CrfWeights]:
    """What one fold's documents look like to labellers that never saw them, and the second CRF.

    Args:
        data, language, settings, fold, folds, every: as in `held_out_drafts`.
        drafts: of all documents, each by a first CRF that had not seen it; the second CRF is trained on the others'.
        first: the first CRF of this fold.
    """
    learnt = inside(len(data), folds, fold, every)
    weights = train_second([data[i][0] for i in learnt], [drafts[i] for i in learnt], language, settings)
    features = word_features(language)
    outside = [data[i][0].document for i in outside_of(len(data), folds, fold)]
    return CrfLabeller(Crf(first, features), Crf(weights, features)).label(outside), weights


def _train(
    data: Sequence[Example],
    families: Sequence[IntArray],
    names: dict[str, int],
    language: str,
    settings: CrfSettings,
) -> CrfWeights:
    number = {tag: i for i, tag in enumerate(TAGS)}
    tagged = [
        Tagged(
            example.document.words,
            example.document.context.slots,
            codes,
            np.array([number[tag] for tag in example.tags], np.int32),
            sequence_lengths(example.document.tokens),
        )
        for example, codes in zip(data, families, strict=True)
        if example.tags
    ]
    return train(tagged, TAGS, names, word_features(language), settings)
