"""The trained models that ship, a folder a language: plain arrays and JSON, read once and shared."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import as_file, files
from pathlib import Path

from pipeline.extraction.calibration import Calibration
from pipeline.extraction.crf import Crf, CrfWeights
from pipeline.extraction.labeller import CrfLabeller
from pipeline.extraction.linker import Linker, Thresholds
from pipeline.extraction.ranker import Ranker
from pipeline.extraction.titles import Titles
from pipeline.extraction.words import word_features

FIRST, SECOND, TITLES, LINKS = "first.npz", "second.npz", "titles.npz", "links.npz"
CHOICES, CARD = "choices.json", "card.json"
#: All files of a model, beside its card.
FILES = (FIRST, SECOND, TITLES, LINKS, CHOICES)


@dataclass(frozen=True, slots=True)
class Models:
    """All that was trained for one language."""

    labeller: CrfLabeller
    titles: Titles
    linker: Linker
    calibration: Calibration


def available() -> tuple[str, ...]:
    """The languages that have a model, sorted."""
    folder = files(__name__)
    return tuple(sorted(f.name for f in folder.iterdir() if f.is_dir() and (f / CHOICES).is_file()))


@lru_cache(maxsize=8)
def load_models(language: str, folder: Path | None = None) -> Models:
    """The models of a language.

    Args:
        language: its code.
        folder: where `rollcall train --out` wrote other models; None for those that ship.

    Raises:
        ValueError: when there are none, or they are of another version.
    """
    if folder is None:
        resource = files(__name__) / language
        if not (resource / CHOICES).is_file():
            raise ValueError(
                f"There is no model for the language {language!r}. There are models for {', '.join(available())}."
            )
        with as_file(resource) as path:
            return _read(path, language)
    if not (folder / CHOICES).is_file():
        raise ValueError(f"{folder} holds no model; `rollcall train --out {folder}` makes one.")
    return _read(folder, language)


def _read(folder: Path, language: str) -> Models:
    features = word_features(language)
    first = Crf(CrfWeights.load(folder / FIRST), features)
    second = Crf(CrfWeights.load(folder / SECOND), features) if (folder / SECOND).is_file() else None
    with (folder / CHOICES).open(encoding="utf-8") as file:
        choices = json.load(file)
    thresholds = {kind: Thresholds(**bounds) for kind, bounds in choices["thresholds"].items()}
    return Models(
        CrfLabeller(first, second),
        Titles(Ranker.load(folder / TITLES), language),
        Linker(Ranker.load(folder / LINKS), language, thresholds),
        Calibration.from_json(choices["calibration"]),
    )
