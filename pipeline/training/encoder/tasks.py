"""What `rollcall train --encoder` does: fine-tune, mix with the CRFs, measure on what was held out, write it all.

One fold of five is held out from everything: on it the mix of encoder and CRFs is chosen, the confidences are fitted
and the figures of the card are taken. The encoder that is written is the one that was measured.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from pipeline.extraction.assemble import extract_documents
from pipeline.extraction.chain import FloatArray
from pipeline.extraction.encoded import ACCURATE, CASCADE, FAST, EncodedLabeller, Mix
from pipeline.extraction.encoder import ENCODER_FILES, Encoder
from pipeline.extraction.labeller import Document, Labelling
from pipeline.extraction.models import CARD, ENCODED, Models
from pipeline.records import CORE_LABELS
from pipeline.training.calibrate import fit
from pipeline.training.corpus import digest, read_file
from pipeline.training.encoder.export import export
from pipeline.training.encoder.fit import EncoderSettings, fine_tune
from pipeline.training.encoder.pretrained import narrowed, pretrained
from pipeline.training.evaluate import Folds, HeldOut
from pipeline.training.examples import Example, examples
from pipeline.training.labeller import TAGS, fold_of
from pipeline.training.scores import Count, Scores
from pipeline.training.settings import FOLDS

#: What served each encoder best.
SETTINGS = {"minilm": EncoderSettings(), "e5": EncoderSettings(layers=6, epochs=6)}
#: Pieces of an alphabet alone that are kept of a vocabulary for a hundred languages, besides those of the texts.
_MOST_PIECES = 8_000
_LATIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_RUSSIAN = "абвгдеёжзийклмнопрстуфхцчшщъыьэюяАБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ"
ALPHABETS = {"en": _LATIN, "ru": _RUSSIAN, "kk": _RUSSIAN + "әғқңөұүһіӘҒҚҢӨҰҮҺІ"}
#: What is tried for the mix, by the F1 of the core on the fold that is held out.
_CRF_WEIGHTS, _TRANSITION_WEIGHTS = (0.0, 0.1, 0.2, 0.3, 0.5), (0.0, 0.25, 0.5, 1.0)
#: Thresholds tried for the cascade; the least is taken that keeps this share of the gain.
_UNSURE, _KEPT = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95), 0.85


@dataclass(frozen=True, slots=True)
class Curve:
    """What the cascade reaches at a threshold: the figures, and the share of the words that the encoder reads."""

    unsure: float
    read: float
    core: float


class _Told:
    """The scores of documents that were computed before, in the place of an encoder."""

    def __init__(self, scores: Mapping[int, FloatArray]) -> None:
        self._scores = scores
        self.read = 0

    def scores(self, document: Document, stretches: Sequence[tuple[int, int]]) -> list[FloatArray]:
        whole = self._scores[id(document)]
        self.read += sum(b - a for a, b in stretches)
        return [whole[a:b] for a, b in stretches]


class _Drafts:
    """The labellings of documents that were made before, in the place of the CRFs."""

    tags = TAGS

    def __init__(self, labellings: Mapping[int, Labelling]) -> None:
        self._labellings = labellings

    def label(self, documents: Sequence[Document]) -> list[Labelling]:
        return [self._labellings[id(document)] for document in documents]


def train_encoder(
    paths: Mapping[str, Sequence[Path]],
    source: str,
    out: Path,
    *,
    fold: int = 0,
    jobs: int = 1,
    settings: EncoderSettings | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> dict[str, dict[str, Scores]]:
    """Fine-tune an encoder for one language or several and write it.

    Args:
        paths: the tagged files by language. source: a name of `pretrained`.
        out: a folder of models, with a folder a language; the encoder gets a folder of its own there.
        fold: which one is held out. jobs: processes for the CRFs. settings: of the fine-tuning.
        tell: told what is done.

    Returns:
        the scores by language and model (`fast`, `accurate`, `cascade`), all on the fold that is held out.

    Raises:
        PretrainedError: when the package with the weights is not installed.
    """
    weights = pretrained(source)
    chosen = settings or SETTINGS[source]
    ordered = {language: sorted(files, key=lambda p: p.name) for language, files in paths.items()}
    data = {language: examples([read_file(p) for p in files], language) for language, files in ordered.items()}
    if source == "e5":
        words = {word for each in data.values() for e in each for word in e.document.words}
        weights = narrowed(weights, words, "".join(ALPHABETS[language] for language in data), _MOST_PIECES)
    learnt = {language: [e for i, e in enumerate(all_) if fold_of(i, FOLDS) != fold] for language, all_ in data.items()}
    tell(f"fine-tuning {source} on {sum(map(len, learnt.values()))} documents")
    tuned = fine_tune([e for each in learnt.values() for e in each], weights, chosen, tell)
    folder = out / f"encoder-{source}"
    export(tuned, folder)
    found = {}
    for language, everything in data.items():
        outside = [e for i, e in enumerate(everything) if fold_of(i, FOLDS) == fold]
        tell(f"{language}: the CRFs, the titles and the links without the fold")
        # The looks at each half are by CRFs trained on the other.
        inside = [path for i, path in enumerate(ordered[language]) if fold_of(i, FOLDS) != fold]
        models = Folds.of(inside, language, folds=2).models(jobs)
        found[language] = fit_language(models, learnt[language], outside, language, folder, out / language, tell)
    card = {
        "source": source,
        "settings": asdict(chosen),
        "languages": {
            language: {
                "digest": digest(ordered[language]),
                "documents": len(learnt[language]),
                "held_out": len(ordered[language]) - len(learnt[language]),
                "figures": {model: scores.figures() for model, scores in by_model.items()},
            }
            for language, by_model in found.items()
        },
        "bytes": sum((folder / name).stat().st_size for name in ENCODER_FILES),
    }
    (folder / CARD).write_text(json.dumps(card, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return found


def fit_language(
    models: Models,
    learnt: Sequence[Example],
    outside: Sequence[Example],
    language: str,
    folder: Path,
    out: Path,
    tell: Callable[[str], None],
) -> dict[str, Scores]:
    """Choose the mix and the threshold of a language on documents that are held out, and write its `accurate.json`.

    The encoder is read from `folder` as a run reads it, in 8 bits; it and `models` were trained on `learnt`, so that
    nothing has seen what is measured.
    """
    encoder = Encoder.load(folder, language)
    documents = [e.document for e in outside]
    told = {id(d): encoder.scores(d, [(0, len(d.words))])[0] for d in documents if d.words}
    drafted = _Drafts({id(d): x for d, x in zip(documents, models.labeller.label(documents), strict=True)})
    transitions = transitions_of(learnt)

    def labeller(mix: Mix, everything: bool = True) -> tuple[EncodedLabeller, _Told]:
        scorer = _Told(told)
        return EncodedLabeller(drafted, scorer, mix, transitions, everything), scorer

    def core(mix: Mix) -> float:
        return spans_f1(labeller(mix)[0].label(documents), outside)

    tell(f"{language}: the mix")
    tried = [Mix(crf, step, 0.0) for crf, step in itertools.product(_CRF_WEIGHTS, _TRANSITION_WEIGHTS)]
    best = max(tried, key=core)
    fast, accurate = spans_f1(drafted.label(documents), outside), core(best)
    curve = []
    for unsure in _UNSURE:
        some, scorer = labeller(replace(best, unsure=unsure), everything=False)
        f1 = spans_f1(some.label(documents), outside)
        curve.append(Curve(unsure, round(scorer.read / sum(len(d.words) for d in documents), 4), round(f1, 4)))
        tell(f"{language}: cascade at {unsure}: core {f1:.3f}, {curve[-1].read:.0%} of the words read")
    tell(f"{language}: core before titles: fast {fast:.3f}, accurate {accurate:.3f}")
    enough = fast + _KEPT * (accurate - fast)
    mix = replace(best, unsure=next((c.unsure for c in curve if c.core >= enough), _UNSURE[-1]))
    unbordered = replace(models, titles=models.titles.without_borders())
    by_model = {
        FAST: models,
        ACCURATE: replace(unbordered, labeller=labeller(mix)[0]),
        CASCADE: replace(unbordered, labeller=labeller(mix, everything=False)[0]),
    }
    scores = {name: measured(outside, chosen, language) for name, chosen in by_model.items()}
    written = {
        "encoder": f"../{folder.name}",
        "mix": asdict(mix),
        "transitions": np.round(transitions, 3).tolist(),
        "calibration": {name: fit(scores[name].outcomes).to_json() for name in (ACCURATE, CASCADE)},
        "cascade": [asdict(point) for point in curve],
    }
    out.mkdir(parents=True, exist_ok=True)
    text = json.dumps(written, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    (out / ENCODED).write_text(text + "\n", encoding="utf-8")
    return scores


def measured(outside: Sequence[Example], models: Models, language: str) -> Scores:
    """The scores of models over documents."""
    found = extract_documents([e.document for e in outside], models, language)
    return HeldOut(language, [e.source for e in outside], found).scores()


def transitions_of(data: Sequence[Example]) -> FloatArray:
    """(tags, tags) how often tags follow each other in gold documents, as log-probabilities."""
    number = {tag: i for i, tag in enumerate(TAGS)}
    counts = np.full((len(TAGS), len(TAGS)), 0.5)
    for example in data:
        for left, right in itertools.pairwise(example.tags):
            counts[number[left], number[right]] += 1
    result: FloatArray = np.log(counts / counts.sum(axis=1, keepdims=True)).astype(np.float32)
    return result


def spans_f1(labellings: Sequence[Labelling], data: Sequence[Example]) -> float:
    """Strict F1 of people, roles, institutions and reports over tokens."""
    count = Count()
    for labelling, example in zip(labellings, data, strict=True):
        gold: set[Hashable] = {s for s in example.spans if s[2] in CORE_LABELS}
        count.add(gold, {s for s in labelling.spans if s[2] in CORE_LABELS})
    return count.f1
