"""The scores of words: what their features weigh, in whatever way it is summed."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.extraction.rows import WordRows

WIDTH = 60
NAMES = {"none": 0, "few": 1, "many": 2, "most": 3}
COUNTS = [0, 3, 40, 60]
RANDOM = np.random.default_rng(4)
COLUMNS = [np.sort(RANDOM.choice(WIDTH, count, replace=False)) for count in COUNTS]
VALUES = [RANDOM.normal(size=count).astype(np.float32) for count in COUNTS]
ROWS = WordRows(
    NAMES, np.cumsum([0, *COUNTS]), np.concatenate(COLUMNS).astype(np.uint16), np.concatenate(VALUES), WIDTH
)


@given(st.lists(st.lists(st.sampled_from([*NAMES, "unknown"]), unique=True), max_size=300))
def test_rows_are_the_sums_of_what_the_features_weigh(words: list[list[str]]) -> None:
    expected = np.zeros((len(words), WIDTH))
    for row, features in zip(expected, words, strict=True):
        for number in (NAMES[f] for f in features if f in NAMES):
            row[COLUMNS[number]] += VALUES[number]
    found = list(ROWS.of(words))
    assert all(block.dtype == np.float64 for block in found)
    np.testing.assert_allclose(np.concatenate([np.zeros((0, WIDTH)), *found]), expected, atol=1e-12)
