"""Training a language: tagged files in, a folder of models and a model card out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from pipeline.extraction.calibration import Calibration
from pipeline.extraction.labeller import CrfLabeller
from pipeline.extraction.models import (
    BORDERS,
    CARD,
    CHOICES,
    EDGES,
    FILES,
    FIRST,
    LINKS,
    PROGRAMME,
    SECOND,
    TITLES,
    Models,
)
from pipeline.training.calibrate import fit
from pipeline.training.corpus import digest
from pipeline.training.crf import CrfSettings
from pipeline.training.evaluate import Folds, HeldOut, Tell
from pipeline.training.settings import FOLDS_OF_TRAINING


def train_language(
    paths: Sequence[Path],
    language: str,
    out: Path,
    *,
    folds: int = FOLDS_OF_TRAINING,
    jobs: int = 1,
    settings: CrfSettings | None = None,
    tell: Tell | None = None,
) -> HeldOut:
    """Cross-validate, train on everything beside it, and write the models.

    The cross-validation is needed in any case: its drafts train the second look, its outcomes set the confidences,
    and its figures go into the model card.

    Args:
        paths: the tagged files.
        language: their language.
        out: the folder for its files (`pipeline.extraction.models.FILES`) and `card.json`; made when it is not there.
        folds, jobs, settings, tell: as in `cross_validate`.

    Returns:
        what the cross-validation extracted, with raw (not calibrated) confidences.
    """
    chosen = settings or CrfSettings()
    say = tell or (lambda _: None)
    divided = Folds.of(paths, language, folds, settings=chosen)
    held_out, (models,) = divided.run(jobs, tell, whole=True)
    ordered = divided.paths
    scores = held_out.scores()
    write_models(models, fit(scores.outcomes), out)
    card = {
        "language": language,
        "documents": len(ordered),
        "digest": digest(ordered),
        "folds": folds,
        "settings": asdict(chosen),
        "figures": scores.figures(),
        "bytes": sum((out / name).stat().st_size for name in FILES),
    }
    (out / CARD).write_text(json.dumps(card, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    say(f"written to {out}")
    return held_out


def write_models(models: Models, calibration: Calibration, out: Path) -> None:
    """Write the models of a language to a folder, the same bytes for the same models."""
    out.mkdir(parents=True, exist_ok=True)
    if not isinstance(models.labeller, CrfLabeller):
        raise TypeError("Only the CRFs are written here; an encoder is written by pipeline.training.encoder.")
    models.labeller.first.weights.save(out / FIRST)
    if models.labeller.second is not None:
        models.labeller.second.weights.save(out / SECOND)
    models.titles.borders.model.save(out / BORDERS)
    models.titles.model.save(out / TITLES)
    models.titles.edges.model.save(out / EDGES)
    models.titles.programme.model.save(out / PROGRAMME)
    models.linker.model.save(out / LINKS)
    choices = {
        "thresholds": {kind: asdict(bounds) for kind, bounds in sorted(models.linker.thresholds.items())},
        "calibration": calibration.to_json(),
    }
    text = json.dumps(choices, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    (out / CHOICES).write_text(text, encoding="utf-8")
