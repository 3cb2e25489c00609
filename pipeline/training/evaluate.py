"""Cross-validation by file: every document is extracted by models that never saw it, then all are scored together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import TypeVar

from pipeline.extraction.assemble import extract_documents
from pipeline.extraction.borders import Borders
from pipeline.extraction.calibration import Calibration
from pipeline.extraction.chain import FloatArray
from pipeline.extraction.crf import Crf, CrfWeights
from pipeline.extraction.edges import Edges
from pipeline.extraction.labeller import CrfLabeller, Labelling
from pipeline.extraction.linker import Linker
from pipeline.extraction.models import Models
from pipeline.extraction.titles import Titles
from pipeline.extraction.words import word_features
from pipeline.normalisation import link, resolve_document
from pipeline.records import Extraction
from pipeline.training.borders import train_borders
from pipeline.training.corpus import GoldDocument, read_file
from pipeline.training.crf import CrfSettings
from pipeline.training.edges import train_edges
from pipeline.training.examples import Example, examples
from pipeline.training.labeller import (
    fold_of,
    held_out_drafts,
    held_out_looks,
    in_processes,
    inside,
    train_first,
    train_second,
)
from pipeline.training.links import train_links
from pipeline.training.scores import Scores, score
from pipeline.training.settings import THRESHOLDS
from pipeline.training.titles import train_titles

Tell = Callable[[str], None]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class HeldOut:
    """The gold documents and what models that had not seen them extracted, in order of name.

    looks: what the labellers that had not seen them made of them.
    """

    language: str
    gold: list[GoldDocument]
    extractions: list[Extraction]
    looks: list[Labelling]

    def scores(self, match: str = "*") -> Scores:
        """The figures over the documents whose names match; entities are linked over these documents."""
        pairs = [(g, e) for g, e in zip(self.gold, self.extractions, strict=True) if fnmatch(g.name, match)]
        entities = link(resolve_document(e, g.name) for g, e in pairs)
        return score(pairs, entities.entity_id)


def cross_validate(
    paths: Sequence[Path],
    language: str,
    *,
    folds: int = 5,
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
    ordered = sorted(paths, key=lambda p: p.name)
    if not 2 <= folds * every <= len(ordered) or folds < 2:
        of = f", every {every}th of which is learnt from" if every > 1 else ""
        raise ValueError(f"{len(ordered)} tagged files cannot be divided into {folds} folds{of}")
    chosen = settings or CrfSettings()
    say = tell or (lambda _: None)
    say(f"{len(ordered)} documents, {folds} folds: first look")
    rest = (folds, every)
    drafted = in_processes(_draft_fold, [(ordered, language, chosen, fold, *rest) for fold in range(folds)], jobs)
    drafts = interleaved([part for part, _ in drafted], len(ordered))
    say("second look")
    given = [(ordered, language, chosen, drafts, drafted[fold][1], fold, *rest) for fold in range(folds)]
    looked = in_processes(_look_fold, given, jobs)
    looks = interleaved([part for part, _ in looked], len(ordered))
    say("titles, borders, links")
    shown = [(ordered, language, looks, drafted[fold][1], looked[fold][1], fold, *rest) for fold in range(folds)]
    extracted = in_processes(_extract_fold, shown, jobs)
    gold = [read_file(path) for path in ordered]
    return HeldOut(language, gold, interleaved(extracted, len(ordered)), looks)


def interleaved(parts: Sequence[Sequence[T]], count: int) -> list[T]:
    """The items of all folds in the order of the documents."""
    iterators = [iter(part) for part in parts]
    return [next(iterators[fold_of(i, len(parts))]) for i in range(count)]


def _read(paths: Sequence[Path], language: str) -> list[Example]:
    return examples([read_file(path) for path in paths], language)


def _draft_fold(
    paths: Sequence[Path], language: str, settings: CrfSettings, fold: int, folds: int, every: int
) -> tuple[list[FloatArray], CrfWeights]:
    return held_out_drafts(_read(paths, language), language, settings, fold, folds, every)


def _look_fold(
    paths: Sequence[Path],
    language: str,
    settings: CrfSettings,
    drafts: Sequence[FloatArray],
    first: CrfWeights,
    fold: int,
    folds: int,
    every: int,
) -> tuple[list[Labelling], CrfWeights]:
    return held_out_looks(_read(paths, language), language, settings, drafts, first, fold, folds, every)


def _extract_fold(
    paths: Sequence[Path],
    language: str,
    looks: Sequence[Labelling],
    first: CrfWeights,
    second: CrfWeights,
    fold: int,
    folds: int,
    every: int,
) -> list[Extraction]:
    data = _read(paths, language)
    learnt = inside(len(data), folds, fold, every)
    outside = [e for i, e in enumerate(data) if fold_of(i, folds) == fold]
    models = train_choices([data[i] for i in learnt], [looks[i] for i in learnt], language, first, second)
    return extract_documents([e.document for e in outside], models, language)


def _train_look(
    data: Sequence[Example], language: str, settings: CrfSettings, drafts: Sequence[FloatArray] | None
) -> CrfWeights:
    """The second CRF where there are drafts, else the first: neither needs the other."""
    if drafts is None:
        return train_first(data, language, settings)
    return train_second(data, drafts, language, settings)


def train_models(
    data: Sequence[Example], looks: Sequence[Labelling], language: str, settings: CrfSettings, jobs: int = 1
) -> Models:
    """Train all models of a language on documents and what labellers that had not seen them made of them."""
    looks_at: list[tuple[object, ...]] = [
        (data, language, settings, [look.draft for look in looks]),
        (data, language, settings, None),
    ]
    second, first = in_processes(_train_look, looks_at, jobs)
    return train_choices(data, looks, language, first, second)


def train_choices(
    data: Sequence[Example], looks: Sequence[Labelling], language: str, first: CrfWeights, second: CrfWeights
) -> Models:
    """Train all that comes after the labeller, and put the models of a language together."""
    features = word_features(language)
    pairs = list(zip(data, looks, strict=True))
    borders = Borders(train_borders(pairs, language), language)
    titles = Titles(train_titles(pairs, language), language, Edges(train_edges(pairs)), borders)
    linker = Linker(train_links(data, language, [look.draft for look in looks]), language, THRESHOLDS)
    return Models(CrfLabeller(Crf(first, features), Crf(second, features)), titles, linker, Calibration())
