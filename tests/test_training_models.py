"""Training on a handful of texts: the road from tagged files to a model folder that can be loaded and used."""

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.extraction.assemble import extract_documents
from pipeline.extraction.models import CARD, CHOICES, PROGRAMME, load_models
from pipeline.training.corpus import read_file
from pipeline.training.crf import CrfSettings
from pipeline.training.examples import examples
from pipeline.training.ranker import Choice, Choices, train_ranker
from pipeline.training.tasks import train

CORPUS = Path(__file__).parents[1] / "data" / "training"
SETTINGS = CrfSettings(epochs=4)


@pytest.fixture(scope="module")
def small_corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    (folder / "en").mkdir()
    for path in sorted((CORPUS / "en").glob("nlrk-a-*.xml"))[:10]:
        (folder / "en" / path.name).write_bytes(path.read_bytes())
    return folder


@pytest.fixture(scope="module")
def trained(small_corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("model")
    train(small_corpus, "en", out, settings=SETTINGS)
    return out


def test_train_twice_gives_the_same_bytes(small_corpus: Path, trained: Path, tmp_path: Path) -> None:
    train(small_corpus, "en", tmp_path, settings=SETTINGS)
    for path in sorted(trained.iterdir()):
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name


def test_train_existing_model_is_not_overwritten_unless_forced(small_corpus: Path, trained: Path) -> None:
    with pytest.raises(FileExistsError, match="overwrite it with --force"):
        train(small_corpus, "en", trained)


def test_trained_model_loads_and_extracts(small_corpus: Path, trained: Path) -> None:
    models = load_models("en", trained)
    data = examples([read_file(path) for path in sorted((small_corpus / "en").glob("*.xml"))[:2]], "en")
    found = extract_documents([e.document for e in data], models, "en")
    assert all(extraction.mentions for extraction in found)


def test_card_tells_what_the_model_was_trained_on(trained: Path) -> None:
    card = json.loads((trained / CARD).read_text())
    assert card["documents"] == 10
    assert len(card["digest"]) == 64
    assert 0 <= card["figures"]["core"] <= 1
    assert not (trained / CHOICES).read_text().startswith("\x80")


def test_load_models_of_an_earlier_version_says_what_they_lack(trained: Path, tmp_path: Path) -> None:
    for path in trained.iterdir():
        if path.name != PROGRAMME:
            shutil.copy(path, tmp_path)
    with pytest.raises(ValueError, match=r"no programme\.npz; train it again"):
        load_models("en", tmp_path)


def test_load_models_from_an_empty_folder_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="`rollcall train --out"):
        load_models("en", tmp_path)


def test_every_tagged_file_can_be_read_and_laid_over_tokens() -> None:
    lost = total = 0
    for language in ("en", "ru", "kk"):
        for example in examples([read_file(p) for p in sorted((CORPUS / language).glob("*.xml"))[::8]], language):
            total += len(example.source.spans)
            lost += len(example.source.spans) - len(example.spans)
    assert total > 1000
    assert lost / total < 0.005


_CHOICES = st.lists(
    st.lists(st.lists(st.sampled_from("abcd"), max_size=3), min_size=2, max_size=3).map(
        lambda alternatives: Choice(alternatives, [[0], [1]] if len(alternatives) > 2 else [[0, 1]])
    ),
    min_size=1,
    max_size=3,
)


def test_train_ranker_learns_the_feature_that_decides() -> None:
    choices = [Choice([["near", "x"], ["far", "y"], ["none"]], [[0]])] * 300
    choices += [Choice([["far", "x"], ["none"]], [[1]])] * 300
    ranker = train_ranker(Choices.of([choices]))
    near, far, none = ranker.probabilities([["near", "x"], ["far", "y"], ["none"]])
    assert near > 0.8
    assert none > far


def test_train_ranker_asks_no_particular_alternative_of_an_answer_for_its_share() -> None:
    either = [Choice([["good"], ["odd"], ["none"]], [[0, 1]])] * 200
    weights = train_ranker(Choices.of([[*either, *[Choice([["odd"], ["none"]], [[1]])] * 200]])).weights
    assert weights.get("good", 0.0) > 1.0 > weights.get("odd", 0.0)
    both = train_ranker(Choices.of([[Choice([["one"], ["other"], ["none"]], [[0], [1]])] * 300]))
    one, other, none = both.probabilities([["one"], ["other"], ["none"]])
    assert abs(one - other) < 0.01
    assert none < 0.1


@given(st.lists(_CHOICES, min_size=1, max_size=6), st.data())
def test_what_some_documents_teach_is_what_they_teach_alone(documents: list[list[Choice]], data: st.DataObject) -> None:
    some = data.draw(st.lists(st.sampled_from(range(len(documents))), min_size=1, unique=True))
    alone = Choices.of([documents[n] for n in some])
    assert train_ranker(Choices.of(documents).of_documents(some)) == train_ranker(alone)
