"""The labellers with an encoder: what is read, what is left to the CRFs, and how the two are brought together."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
import pytest

from pipeline.extraction import extract, load
from pipeline.extraction.chain import FloatArray
from pipeline.extraction.encoded import FAST, MODELS, EncodedLabeller, Mix, chained, paragraphs
from pipeline.extraction.encoder import Encoder, EncoderError
from pipeline.extraction.labeller import Document, Labelling
from pipeline.extraction.models import load_models
from pipeline.extraction.spans import tag_names
from pipeline.records import LABELS
from tests.extraction_helpers import document

TAGS = tag_names(LABELS)
TEXT = "Anna Weber spoke.\n\nThe hall was full.\n\nPeter Klein agreed."
LEVEL = np.zeros((len(TAGS), len(TAGS)), np.float32)


def scored(words: Sequence[str], tags: dict[str, str], sure: float) -> FloatArray:
    """Log-probabilities in which each word has its tag with this probability, or `O`."""
    rows = np.full((len(words), len(TAGS)), (1 - sure) / (len(TAGS) - 1), np.float32)
    for row, word in zip(rows, words, strict=True):
        row[TAGS.index(tags.get(word, "O"))] = sure
    return np.log(rows)


class Quick:
    """Finds Anna Weber and is unsure of the last paragraph."""

    tags = TAGS

    def label(self, documents: Sequence[Document]) -> list[Labelling]:
        found = []
        for one in documents:
            sure = np.exp(scored(one.words, {"Anna": "B-PERSON", "Weber": "I-PERSON"}, 0.99))
            start = one.words.index("Peter")
            sure[start:] = np.exp(scored(one.words[start:], {}, 0.4))
            found.append(Labelling([(0, 2, "PERSON")], sure, sure, TAGS))
        return found


class Reader:
    """An encoder that finds Peter Klein, and takes Anna Weber for a place; it remembers what it was shown."""

    def __init__(self) -> None:
        self.shown: list[str] = []

    def scores(self, document: Document, stretches: Sequence[tuple[int, int]]) -> list[FloatArray]:
        self.shown += [" ".join(document.words[a:b]) for a, b in stretches]
        tags = {"Peter": "B-PERSON", "Klein": "I-PERSON", "Anna": "B-PLACE", "Weber": "I-PLACE"}
        return [scored(document.words[a:b], tags, 0.9) for a, b in stretches]


def test_cascade_reads_only_what_is_unsure_and_leaves_the_rest_as_it_was() -> None:
    reader = Reader()
    labeller = EncodedLabeller(Quick(), reader, Mix(0.1, 1.0, unsure=0.8), LEVEL, everything=False)
    one = document(TEXT)
    (found,) = labeller.label([one])
    assert reader.shown == ["Peter Klein agreed ."]
    assert [(" ".join(one.words[a:b]), label) for a, b, label in found.spans] == [
        ("Anna Weber", "PERSON"), ("Peter Klein", "PERSON"),
    ]  # fmt: skip
    (quick,) = Quick().label([one])
    untouched = paragraphs(one)[1][1]
    assert (found.probabilities[:untouched] == quick.probabilities[:untouched]).all()


def test_accurate_reads_everything_and_weighs_both() -> None:
    one = document(TEXT)
    for crf, label in ((0.0, "PLACE"), (2.0, "PERSON")):
        reader = Reader()
        (found,) = EncodedLabeller(Quick(), reader, Mix(crf, 1.0, 0.8), LEVEL).label([one])
        assert reader.shown == [" ".join(one.words)]
        assert found.spans[0] == (0, 2, label)
        assert np.allclose(found.probabilities.sum(axis=1), 1, atol=1e-3)


def test_no_name_goes_on_with_the_inside_of_another() -> None:
    allowed = chained(LEVEL, TAGS)
    inside = TAGS.index("I-PLACE")
    fine = {TAGS[i] for i in range(len(TAGS)) if allowed[i, inside] == 0}
    assert fine == {"B-PLACE", "I-PLACE"}


@pytest.mark.parametrize("model", MODELS)
def test_a_document_is_labelled_alike_alone_and_beside_others(model: str) -> None:
    if model != FAST:
        pytest.importorskip("onnxruntime")
    labeller = load_models("en", model=model).labeller
    texts = [TEXT, "Director A. Stone opened the Museum of Kent with the report “On stones”.", "", "x " * 700]
    documents = [document(text) for text in texts]
    together = labeller.label(documents)
    for one, labelling in zip(documents, together, strict=True):
        (alone,) = labeller.label([one])
        assert alone.spans == labelling.spans
        assert np.array_equal(alone.probabilities, labelling.probabilities)


def test_a_stretch_is_read_with_its_surroundings() -> None:
    pytest.importorskip("onnxruntime")
    encoder = load_models("en", model="accurate").labeller.encoder  # type: ignore[attr-defined]
    assert isinstance(encoder, Encoder)
    one = document("The director of the library, Anna Weber, spoke. She thanked the guests.")
    (whole,), (part,) = (encoder.scores(one, [s]) for s in ((0, len(one.words)), (6, 8)))
    assert np.array_equal(whole[6:8], part)


def test_what_is_missing_is_told_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.extraction import encoder

    encoder._read.cache_clear()
    load_models.cache_clear()
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(EncoderError, match=r'pip install "rollcall\[encoder\]"'):
        load("en", "accurate")
    load("en")  # the CRFs need nothing of it


def test_a_model_that_does_not_exist_is_named_with_those_that_do() -> None:
    with pytest.raises(ValueError, match=r"no model 'best'\. There are fast, accurate, cascade"):
        load("en", "best")


def test_a_language_without_an_encoder_is_refused_when_it_is_named_and_done_by_fast_when_it_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("onnxruntime")
    with as_file(files("pipeline.extraction.models") / "ru") as shipped:
        shutil.copytree(shipped, tmp_path / "ru", ignore=shutil.ignore_patterns("accurate.json"))
    with pytest.raises(EncoderError, match=r"There is no encoder .* --model fast"):
        load_models("ru", tmp_path / "ru", "accurate")
    monkeypatch.setattr("pipeline.extraction.encoded", lambda: ("en",))
    text = "Директор библиотеки И. В. Петрова открыла выставку и рассказала о новых книгах для детей."
    assert extract(text, model="accurate") == extract(text)


@pytest.mark.parametrize("language", ["ru", "kk"])
def test_the_encoder_that_languages_share_reads_them(language: str) -> None:
    pytest.importorskip("onnxruntime")
    assert isinstance(load_models(language, model="accurate").labeller, EncodedLabeller)
    text = {"ru": "Выступила директор Анна Вебер.", "kk": "Директор Анна Вебер сөз сөйледі."}[language]
    found = extract(text, language=language, model="accurate")
    assert found.language == language
    assert any(m.label == "PERSON" for m in found.mentions)
