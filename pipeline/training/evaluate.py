"""Cross-validation by file: every document is extracted by models that never saw it, then all are scored together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import TypeVar

from pipeline.extraction.assemble import extract_documents
from pipeline.extraction.chain import FloatArray
from pipeline.extraction.crf import CrfWeights
from pipeline.extraction.labeller import Labelling
from pipeline.extraction.models import Models
from pipeline.knowledge import folders
from pipeline.normalisation import link, resolve_document
from pipeline.records import Extraction
from pipeline.training.corpus import GoldDocument, digest, read_file
from pipeline.training.crf import CrfSettings
from pipeline.training.examples import Example, examples
from pipeline.training.labeller import (
    Crew,
    fold_of,
    held_out_drafts,
    held_out_looks,
    inside,
    outside_of,
)
from pipeline.training.lessons import Lessons, Rankers
from pipeline.training.making import Maker
from pipeline.training.scores import Scores, score
from pipeline.training.settings import FOLDS

Tell = Callable[[str], None]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class HeldOut:
    """The gold documents and what models that had not seen them extracted, in order of name."""

    language: str
    gold: list[GoldDocument]
    extractions: list[Extraction]

    def scores(self, match: str = "*") -> Scores:
        """The figures over the documents whose names match; entities are linked over these documents."""
        pairs = [(g, e) for g, e in zip(self.gold, self.extractions, strict=True) if fnmatch(g.name, match)]
        entities = link(resolve_document(e, g.name) for g, e in pairs)
        return score(pairs, entities.entity_id)


def cross_validate(
    paths: Sequence[Path],
    language: str,
    *,
    folds: int = FOLDS,
    jobs: int = 1,
    every: int = 1,
    settings: CrfSettings | None = None,
    tell: Tell | None = None,
) -> HeldOut:
    """Cross-validate over tagged files.

    For each fold a first CRF is trained on the others and drafts the fold; then a second CRF is trained on the others
    (whose drafts are held out too) and looks at the fold; then titles, borders and links are trained on the others
    (whose looks are held out too), and with those two CRFs extract the fold.

    Args:
        paths: the tagged files; their order by name decides the folds.
        language: their language.
        folds: how many parts; jobs: how many processes; settings: of the labeller.
        every: the models learn from every so manieth document only, while all are extracted: a learning curve.
        tell: is told in a sentence what is done.

    Raises:
        ValueError: when there are fewer files than folds.
    """
    return Folds.of(paths, language, folds, every, settings).run(jobs, tell)[0]


@dataclass(frozen=True, slots=True)
class Folds:
    """The folds of a corpus, which are trained and looked at in three steps; arguments as in `cross_validate`."""

    paths: Sequence[Path]
    language: str
    folds: int
    every: int
    settings: CrfSettings

    @classmethod
    def of(
        cls,
        paths: Sequence[Path],
        language: str,
        folds: int = FOLDS,
        every: int = 1,
        settings: CrfSettings | None = None,
    ) -> Folds:
        """Files in order of their names. Raises ValueError when there are fewer than folds."""
        if not 2 <= folds * every <= len(paths) or folds < 2:
            of = f", every {every}th of which is learnt from" if every > 1 else ""
            raise ValueError(f"{len(paths)} tagged files cannot be divided into {folds} folds{of}")
        return cls(sorted(paths, key=lambda p: p.name), language, folds, every, settings or CrfSettings())

    def run(self, jobs: int, tell: Tell | None = None, *, whole: bool = False) -> tuple[HeldOut, list[Models]]:
        """What is held out as models that never saw it extract it; with `whole`, also models trained on everything.

        The models on everything are trained beside the folds, as if they were one fold more, of no documents.
        """
        count = self.folds + whole
        say = tell or (lambda _: None)
        with Crew(jobs) as crew:
            looks, crfs = self._looks(crew, count, say)
            say("titles, borders, links")
            extracted = crew.shares(_extractions, count, self, looks, crfs)
        gold = [read_file(path) for path in self.paths]
        held_out = HeldOut(self.language, gold, self._interleaved([part for part, _ in extracted]))
        models = [extracted[n][1].models(self.language, *crfs[n]) for n in range(self.folds, count)]
        return held_out, models

    def models(self, jobs: int) -> Models:
        """Models trained on everything, for which nothing is held out but the looks that they learn from."""
        with Crew(jobs) as crew:
            looks, crfs = self._looks(crew, self.folds + 1, lambda _: None)
        ((_, rankers),) = _extractions([self.folds], self, looks, crfs)
        return rankers.models(self.language, *crfs[self.folds])

    def _looks(self, crew: Crew, count: int, say: Tell) -> tuple[list[Labelling], list[tuple[CrfWeights, CrfWeights]]]:
        """What labellers that had not seen them make of the documents, and the two CRFs of each of `count` folds."""
        say(f"{len(self.paths)} documents, {self.folds} folds: first look")
        drafted = crew.shares(_drafts, count, self)
        drafts = self._interleaved([part for part, _ in drafted])
        say("second look")
        firsts = [weights for _, weights in drafted]
        looked = crew.shares(_looks, count, self, drafts, firsts)
        crfs = [(first, second) for first, (_, second) in zip(firsts, looked, strict=True)]
        return self._interleaved([part for part, _ in looked]), crfs

    def inside(self, fold: int) -> list[int]:
        """The places of the documents that a fold's models learn from."""
        return inside(len(self.paths), self.folds, fold, self.every)

    def _interleaved(self, parts: Sequence[Sequence[T]]) -> list[T]:
        """The items of all folds in the order of the documents."""
        iterators = [iter(part) for part in parts[: self.folds]]
        return [next(iterators[fold_of(i, self.folds)]) for i in range(len(self.paths))]


def read_examples(folds: Folds) -> list[list[Example]]:
    """The documents of folds, as they are now, each with its copies behind it."""
    made_of = digest(folds.paths), folders()
    return _groups(tuple(folds.paths), folds.language, folds.folds, folds.settings.copies, *made_of)


@lru_cache(maxsize=1)
def _groups(paths: tuple[Path, ...], language: str, folds: int, copies: int, *made_of: object) -> list[list[Example]]:
    """The documents with their copies; a process keeps those that it read last, as it needs them at every step.

    A copy takes its names from documents of its own fold, so that no fold learns those of the one that it looks at.
    """
    documents = [read_file(path) for path in paths]
    groups = [[document] for document in documents]
    for fold in range(folds if copies else 0):
        places = outside_of(len(documents), folds, fold)
        maker = Maker([(language, documents[i]) for i in places])
        for n, i in enumerate(places):
            groups[i] += [maker.copy(n, number) for number in range(1, copies + 1)]
    made = iter(examples([document for group in groups for document in group], language))
    return [list(islice(made, len(group))) for group in groups]


def _drafts(numbers: Sequence[int], folds: Folds) -> list[tuple[list[FloatArray], CrfWeights]]:
    data = read_examples(folds)
    return [held_out_drafts(data, folds.language, folds.settings, fold, folds.folds, folds.every) for fold in numbers]


def _looks(
    numbers: Sequence[int], folds: Folds, drafts: Sequence[FloatArray], firsts: Sequence[CrfWeights]
) -> list[tuple[list[Labelling], CrfWeights]]:
    data = read_examples(folds)
    rest = (folds.folds, folds.every)
    return [held_out_looks(data, folds.language, folds.settings, drafts, firsts[fold], fold, *rest) for fold in numbers]


def _extractions(
    numbers: Sequence[int],
    folds: Folds,
    looks: Sequence[Labelling],
    crfs: Sequence[tuple[CrfWeights, CrfWeights]],
) -> list[tuple[list[Extraction], Rankers]]:
    """What each fold's models, the choices trained on what the others teach, make of it."""
    data = [document for document, *_ in read_examples(folds)]
    lessons = Lessons.of(data, looks, folds.language)
    found = []
    for fold in numbers:
        rankers = lessons.train(folds.inside(fold))
        outside = [data[i].document for i in outside_of(len(data), folds.folds, fold)]
        models = rankers.models(folds.language, *crfs[fold])
        found.append((extract_documents(outside, models, folds.language), rankers))
    return found
