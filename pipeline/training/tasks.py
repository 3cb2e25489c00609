"""What the commands `train` and `evaluate` do: the corpus folder, the figures, the gate, all in one call each."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.extraction.models import CARD, CHOICES
from pipeline.knowledge.own import use_own
from pipeline.training.calibrate import fit
from pipeline.training.corpus import CorpusError, digest
from pipeline.training.crf import CrfSettings
from pipeline.training.evaluate import cross_validate
from pipeline.training.gate import Gate, GateError, read_gate, set_floors
from pipeline.training.scores import Scores
from pipeline.training.settings import FOLDS
from pipeline.training.train import train_language

#: The figures that a gate pins.
PINNED = ("core", "person", "affiliations", "reports", "linking_person_precision", "linking_institution_precision")


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The figures of a cross-validation and what the gate says of them (no failures where no gate was asked)."""

    scores: Scores
    failures: list[str]
    gate: Gate | None


def tagged_files(data: Path, language: str, more: Sequence[Path] = ()) -> list[Path]:
    """The tagged files of a language: `data/<language>/*.xml`, and those below further files or folders.

    Raises CorpusError when there are none.
    """
    found = sorted((data / language).glob("*.xml"))
    for place in more:
        found += sorted(place.rglob("*.xml")) if place.is_dir() else [place]
    if not found:
        raise CorpusError(f"There are no tagged .xml files in {data / language}. Name the corpus with --data.")
    names = [path.name for path in found]
    if twice := {name for name in names if names.count(name) > 1}:
        raise CorpusError(f"Two tagged files are named {', '.join(sorted(twice)[:3])}; rename one of each.")
    return sorted(found, key=lambda path: path.name)


def evaluate(
    data: Path,
    language: str,
    *,
    folds: int | None = None,
    jobs: int = 1,
    every: int = 1,
    match: str = "*",
    gate: Path | None = None,
    pin: bool = False,
    allow_lower: bool = False,
    tell: Callable[[str], None] | None = None,
) -> Evaluation:
    """Cross-validate a language and, where a gate file is given, check the floors or pin them.

    Args:
        data: the corpus, a folder a language.
        language: which one.
        folds: as in `cross_validate`; without it, those of the gate's floors that are checked, else five.
        jobs, every, tell: as in `cross_validate`.
        match: only documents whose name matches are scored.
        gate: the gate file; pin: set its floors instead of checking them; allow_lower: even where they fall.

    Raises:
        CorpusError: when there are no tagged files or one is broken.
        GateError: when the gate has no floors, they were measured in other folds, or `pin` would lower one.
    """
    paths = tagged_files(data, language)
    floors = read_gate(gate, language) if gate and not pin else None
    if floors is not None and folds not in (None, floors.folds):
        raise GateError(f"The floors of {language!r} were measured in {floors.folds} folds: leave --folds out.")
    folds = folds or (floors.folds if floors else FOLDS)
    held_out = cross_validate(paths, language, folds=folds, jobs=jobs, every=every, tell=tell)
    scores = held_out.scores(match)
    # Confidences are calibrated on the other half of the documents, so that the reliability table is honest.
    scores.outcomes = cross_calibrated(scores.outcomes)
    corpus, figures = digest(paths), scores.figures()
    if floors is not None:
        return Evaluation(scores, floors.failures(corpus, figures), floors)
    if gate is not None:
        return Evaluation(scores, [], set_floors(gate, language, corpus, figures, PINNED, folds, allow_lower))
    return Evaluation(scores, [], None)


def cross_calibrated(outcomes: Sequence[tuple[str, float, bool]]) -> list[tuple[str, float, bool]]:
    """Outcomes with each half calibrated on the other (rows of both lie among all documents)."""
    halves = [outcomes[0::2], outcomes[1::2]]
    result: list[tuple[str, float, bool]] = []
    for half, other in (halves, halves[::-1]):
        calibration = fit(other)
        result += [(kind, calibration(kind, score), right) for kind, score, right in half]
    return result


def train(
    data: Path,
    language: str,
    out: Path,
    *,
    more: Sequence[Path] = (),
    jobs: int = 1,
    force: bool = False,
    knowledge: Sequence[Path] = (),
    settings: CrfSettings | None = None,
    tell: Callable[[str], None] | None = None,
) -> Scores:
    """Train a language and write its models; the figures are those of the cross-validation.

    Folders of own `knowledge` are laid over the files that ship, and their digest goes into the model card.

    Raises:
        CorpusError: when there are no tagged files or one is broken.
        OwnKnowledgeError: when a folder of own knowledge cannot be used.
        FileExistsError: when `out` holds a model and `force` is False.
    """
    if (out / CHOICES).exists() and not force:
        raise FileExistsError(f"{out} already holds a model. Name another folder, or overwrite it with --force.")
    paths = tagged_files(data, language, more)
    own = use_own(knowledge)
    scores = train_language(paths, language, out, jobs=jobs, settings=settings, tell=tell).scores()
    if own:
        card = json.loads((out / CARD).read_text(encoding="utf-8"))
        text = json.dumps(card | {"knowledge": own}, indent=1, sort_keys=True)
        (out / CARD).write_text(text + "\n", encoding="utf-8")
    return scores
