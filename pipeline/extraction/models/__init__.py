"""The trained models that ship, a folder a language: plain arrays and JSON, read once and shared."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np

from pipeline.extraction.borders import Borders
from pipeline.extraction.calibration import Calibration
from pipeline.extraction.crf import Crf, CrfWeights
from pipeline.extraction.edges import Edges
from pipeline.extraction.encoded import CASCADE, FAST, MODELS, EncodedLabeller, Mix
from pipeline.extraction.encoder import Encoder, EncoderError
from pipeline.extraction.labeller import CrfLabeller, Labeller
from pipeline.extraction.linker import Linker, Thresholds
from pipeline.extraction.programme import Programme
from pipeline.extraction.ranker import Ranker
from pipeline.extraction.titles import Titles
from pipeline.extraction.words import word_features

FIRST, SECOND, LINKS = "first.npz", "second.npz", "links.npz"
BORDERS, TITLES, EDGES, PROGRAMME = "borders.npz", "titles.npz", "edges.npz", "programme.npz"
CHOICES, CARD = "choices.json", "card.json"
#: What a language's accurate model is made of.
ENCODED = "accurate.json"
#: All files of a model, beside its card.
FILES = (FIRST, SECOND, BORDERS, TITLES, EDGES, PROGRAMME, LINKS, CHOICES)


@dataclass(frozen=True, slots=True)
class Models:
    """All that was trained for one language."""

    labeller: Labeller
    titles: Titles
    linker: Linker
    calibration: Calibration


def available() -> tuple[str, ...]:
    """The languages that have a model, sorted."""
    folder = files(__name__)
    return tuple(sorted(f.name for f in folder.iterdir() if f.is_dir() and (f / CHOICES).is_file()))


@cache
def encoded() -> tuple[str, ...]:
    """The languages that have an encoder, sorted."""
    folder = files(__name__)
    return tuple(language for language in available() if (folder / language / ENCODED).is_file())


@lru_cache(maxsize=8)
def load_models(language: str, folder: Path | None = None, model: str = FAST) -> Models:
    """The models of a language.

    Args:
        language: its code.
        folder: where `rollcall train --out` wrote other models; None for those that ship.
        model: `fast`, or with the encoder, `accurate` or `cascade`.

    Raises:
        ValueError: when there are none, or they are of another version.
        EncoderError: when an encoder is wanted and cannot be used.
    """
    if model not in MODELS:
        raise ValueError(f"There is no model {model!r}. There are {', '.join(MODELS)}.")
    if folder is None:
        resource = files(__name__) / language
        if not (resource / CHOICES).is_file():
            raise ValueError(
                f"There is no model for the language {language!r}. There are models for {', '.join(available())}."
            )
        with as_file(resource) as path:
            return _with_labeller(path, language, model)
    if not (folder / CHOICES).is_file():
        raise ValueError(f"{folder} holds no model; `rollcall train --out {folder}` makes one.")
    return _with_labeller(folder, language, model)


@lru_cache(maxsize=8)
def _read(folder: Path, language: str) -> Models:
    missing = [name for name in FILES if name != SECOND and not (folder / name).is_file()]
    if missing:
        raise ValueError(
            f"{folder} holds a model that this version cannot read, since it has no {', '.join(missing)}; "
            "train it again with `rollcall train`"
        )
    features = word_features(language)
    first = Crf(CrfWeights.load(folder / FIRST), features, lean=True)
    second = Crf(CrfWeights.load(folder / SECOND), features, lean=True) if (folder / SECOND).is_file() else None
    with (folder / CHOICES).open(encoding="utf-8") as file:
        choices = json.load(file)
    thresholds = {kind: Thresholds(**bounds) for kind, bounds in choices["thresholds"].items()}
    titles, edges, borders, programme = (Ranker.load(folder / name) for name in (TITLES, EDGES, BORDERS, PROGRAMME))
    return Models(
        CrfLabeller(first, second),
        Titles(titles, language, Edges(edges), Borders(borders, language), Programme(programme, language)),
        Linker(Ranker.load(folder / LINKS), language, thresholds),
        Calibration.from_json(choices["calibration"]),
    )


def _with_labeller(folder: Path, language: str, model: str) -> Models:
    """The models of `fast`, or these with the encoder that the language's `accurate.json` names (some share one)."""
    fast = _read(folder, language)
    if model == FAST:
        return fast
    if not (folder / ENCODED).is_file():
        raise EncoderError(f"There is no encoder for the language {language!r}: work with --model {FAST}.")
    with (folder / ENCODED).open(encoding="utf-8") as file:
        told = json.load(file)
    labeller = EncodedLabeller(
        fast.labeller,
        Encoder.load((folder / told["encoder"]).resolve(), language, _threads),
        Mix.from_json(told["mix"]),
        np.array(told["transitions"], np.float32),
        everything=model != CASCADE,
    )
    calibration = Calibration.from_json(told["calibration"][model])
    return replace(fast, labeller=labeller, titles=fast.titles.without_borders(), calibration=calibration)


def use_threads(count: int) -> None:
    """How many threads an encoder works with that is loaded from now on; 0 for as many as there are cores."""
    global _threads
    _threads = count


_threads = 0
