"""The scores of words: what their features weigh, in whatever way it is summed."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.extraction.context import SLOTS
from pipeline.extraction.rows import WordRows
from pipeline.extraction.words import WordFeatures

WIDTH, SPELLED = 60, 36
FEATURES = WordFeatures("en")
VOCABULARY = ["Library", "library", "LIBRARY", "archives", "Ann", "An", "a", "1998", "«", "Orlova", "Orlov", "\ue000"]


def _rows(spelled: int) -> tuple[WordRows, dict[str, np.ndarray]]:
    """Rows over made weights of two thirds of all features, and these weights."""
    random = np.random.default_rng(4)
    weights: dict[str, np.ndarray] = {}
    for identity, spelling, _ in FEATURES.describe(VOCABULARY):
        for name in (*identity, *spelling):
            if name not in weights and random.random() < 0.7:
                width = WIDTH if name in identity else spelled
                row = np.zeros(WIDTH)
                columns = random.choice(width, random.choice([0, 3, width]), replace=False)
                row[columns] = random.normal(size=len(columns)).astype(np.float32)
                weights[name] = row
    columns = [np.flatnonzero(row) for row in weights.values()]
    values = np.concatenate([row[c] for row, c in zip(weights.values(), columns, strict=True)]).astype(np.float32)
    bounds = np.cumsum([0, *map(len, columns)])
    names = {name: number for number, name in enumerate(weights)}
    return WordRows(names, bounds, np.concatenate(columns).astype(np.uint16), values, WIDTH, spelled), weights


ROWS, WEIGHTS = _rows(SPELLED)


@given(st.lists(st.sampled_from(VOCABULARY), max_size=300))
def test_rows_are_the_sums_of_what_all_features_of_a_word_weigh(words: list[str]) -> None:
    expected = np.zeros((len(words), WIDTH))
    for row, (identity, spelling, _) in zip(expected, FEATURES.describe(words), strict=True):
        for name in (*identity, *spelling):
            row += WEIGHTS.get(name, 0.0)
    found = list(ROWS.of(FEATURES.composed(words), FEATURES.parts))
    assert all(block.dtype == np.float64 for block in found)
    np.testing.assert_allclose(np.concatenate([np.zeros((0, WIDTH)), *found]), expected, atol=1e-12)


def test_rows_stay_the_same_when_parts_are_numbered_anew() -> None:
    before = np.concatenate(list(ROWS.of(FEATURES.composed(VOCABULARY), FEATURES.parts)))
    another = WordFeatures("en")
    another.composed(["Zebra", *VOCABULARY[::-1]])
    after = np.concatenate(list(ROWS.of(another.composed(VOCABULARY), another.parts)))
    np.testing.assert_array_equal(before, after)


def test_slots_that_read_spelling_come_first() -> None:
    assert list(SLOTS.values()) == sorted(SLOTS.values(), reverse=True)
