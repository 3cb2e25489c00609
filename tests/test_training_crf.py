"""The trainer of the CRF: it learns what the words tell, its gradient is right, its bytes are the same each time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.extraction.chain import Packing
from pipeline.extraction.context import FAMILIES
from pipeline.extraction.crf import Crf
from pipeline.extraction.labeller import sequence_lengths
from pipeline.extraction.words import WordFeatures
from pipeline.training.adagrad import Numbering, Table
from pipeline.training.crf import CrfSettings, Tagged, train

LABELS = ("O", "B-PERSON", "I-PERSON")
SETTINGS = CrfSettings(epochs=30, dropped_features=0.2, dropped_pairs=0, dropped_codes=0, dropped_places=0)
TEXTS = {
    "Asan Bekov spoke first .": [1, 2, 0, 0, 0],
    "The library thanked Dina Omarova .": [0, 0, 0, 1, 2, 0],
    "First spoke Asan Omarov .": [0, 0, 1, 2, 0],
    "Readers came to the library .": [0] * 6,
}


def tagged(text: str, tags: list[int]) -> tuple[Tagged, object]:
    from extraction_helpers import document

    found = document(text)
    lengths = sequence_lengths(found.tokens)
    codes = found.context.families
    return Tagged(found.words, found.context.slots, codes, np.array(tags, np.int32), lengths), found


def decode(crf: Crf, found) -> list[int]:
    scores = crf.emissions(found.tokens.lexicon, found.tokens.ids, found.context.slots, found.context.families)
    return crf.decode(scores, Packing.of(sequence_lengths(found.tokens))).tolist()


def test_train_learns_names_and_carries_them_to_a_new_sentence() -> None:
    features = WordFeatures("en")
    data = [tagged(text, tags)[0] for text, tags in TEXTS.items()]
    crf = Crf(train(data * 4, LABELS, FAMILIES, features, SETTINGS), features)
    for text, tags in TEXTS.items():
        assert decode(crf, tagged(text, tags)[1]) == tags
    assert decode(crf, tagged("The library thanked Asan Bekov .", [0] * 6)[1]) == [0, 0, 0, 1, 2, 0]


def test_train_twice_gives_the_same_weights() -> None:
    features = WordFeatures("en")
    data = [tagged(text, tags)[0] for text, tags in TEXTS.items()]
    once, twice = (train(data, LABELS, FAMILIES, features, SETTINGS) for _ in range(2))
    assert once.names == twice.names
    assert np.array_equal(once.values, twice.values)
    assert np.array_equal(once.transitions, twice.transitions)


def test_weights_score_as_the_trainer_does() -> None:
    """What is stored scores a text as the trainer itself would: every slot, code and pair lands where it is read."""
    from pipeline.training import crf as trainer_module

    features = WordFeatures("en")
    pairs = [tagged(text, tags) for text, tags in TEXTS.items()]
    settings = CrfSettings(epochs=2, dropped_features=0, dropped_pairs=0, dropped_codes=0, dropped_places=0, smallest=0)
    trainer = trainer_module._Trainer([p for p, _ in pairs], LABELS, FAMILIES, features, settings)
    random = np.random.default_rng(0)
    for _ in range(3):
        trainer.step(np.arange(len(pairs)), random)
    trainer.keep()
    seen: list[np.ndarray] = []
    original = trainer._gradient
    trainer._gradient = lambda scores, tags, packing: (seen.append(scores.copy()), original(scores, tags, packing))[1]
    trainer.step(np.arange(len(pairs)), random)
    crf = Crf(trainer.weights(), features)
    scores = [crf.emissions(f.tokens.lexicon, f.tokens.ids, f.context.slots, f.context.families) for _, f in pairs]
    np.testing.assert_allclose(np.concatenate(scores), seen[0], atol=1e-4)


def test_gradient_is_that_of_the_loss() -> None:
    from pipeline.training import crf as trainer_module

    data, _ = tagged("Asan Bekov spoke first .", [1, 2, 0, 0, 0])
    trainer = trainer_module._Trainer([data], LABELS, FAMILIES, WordFeatures("en"), SETTINGS)
    trainer.transitions.weights[:] = np.random.default_rng(1).normal(size=(3, 3))
    scores = np.random.default_rng(2).normal(size=(5, 3)).astype(np.float32)
    packing = Packing.of([5])

    def loss(scores: np.ndarray) -> float:
        trainer.loss = 0.0
        trainer._gradient(scores, data.tags, packing)
        return trainer.loss

    gradient, moves = trainer._gradient(scores, data.tags, packing)
    for place in [(0, 0), (2, 1), (4, 2)]:
        change = np.zeros_like(scores)
        change[place] = 0.05
        assert (loss(scores + change) - loss(scores - change)) / 0.1 == pytest.approx(gradient[place], abs=5e-3)
    for place in [(0, 0), (1, 2), (2, 0)]:
        trainer.transitions.weights[place] += 0.05
        above = loss(scores)
        trainer.transitions.weights[place] -= 0.1
        assert (above - loss(scores)) / 0.1 == pytest.approx(moves[place], abs=5e-3)
        trainer.transitions.weights[place] += 0.05


def test_table_penalty_of_a_row_that_waited_is_made_up_for() -> None:
    settings = CrfSettings(l1=0.0, l2=1.0, rate=0.1, start=1e6, smallest=0)
    table = Table(2, 1, settings)
    table.weights[:] = 1000.0
    nothing = np.zeros((1, 1), np.float32)
    for step in range(1, 11):
        table.update(np.array([0]), nothing, step, 0.1)
    table.update(np.array([1]), nothing, 10, 0.1)
    assert table.weights[1, 0] < 1000.0
    assert table.weights[1, 0] == pytest.approx(table.weights[0, 0], rel=1e-3)


@given(st.lists(st.lists(st.integers(0, 19), max_size=30), min_size=1, max_size=4))
def test_columns_are_numbered_as_by_sorting_whatever_was_numbered_before(arrays: list[list[int]]) -> None:
    numbering = Numbering(20)
    for values in arrays:
        columns = np.array(values, np.int64)
        used, places = numbering.compact(columns)
        assert used.tolist() == sorted(set(values))
        assert used[places].tolist() == values


def test_an_update_of_many_rows_is_that_of_each_row_alone() -> None:
    random = np.random.default_rng(3)
    rows, columns = 3000, 17  # more than a block holds
    many, single = Table(rows, columns, CrfSettings()), Table(rows, columns, CrfSettings())
    for step in range(1, 4):
        taken = np.sort(random.choice(rows, rows * 4 // 5, replace=False))
        gradient = random.normal(size=(len(taken), columns)).astype(np.float32)
        many.update(taken, gradient, step, 0.1)
        for place, row in enumerate(taken):
            single.update(np.array([row]), gradient[place : place + 1], step, 0.1)
    assert np.array_equal(many.weights, single.weights)
    assert (many.weights == 0).any() and (many.weights != 0).any()
