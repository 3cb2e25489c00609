"""Windows over the pieces of words: nothing is left out, nothing read twice, nothing too long."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.extraction.pieces import MARGIN, Window, windows
from pipeline.extraction.tokens import LINE, NO_BREAK

_SIZES = st.lists(st.integers(1, 12), min_size=1, max_size=400)


@given(_SIZES, st.data())
def test_windows_cover_a_stretch_once_and_stay_within_their_bound(sizes: list[int], data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(sizes) - 1))
    last = data.draw(st.integers(first + 1, len(sizes)))
    breaks = np.array(data.draw(st.lists(st.sampled_from([NO_BREAK, LINE]), min_size=len(sizes), max_size=len(sizes))))
    limit = data.draw(st.integers(2 * MARGIN + 12, 256))

    found = windows(sizes, breaks, (first, last), limit)

    assert [w.start for w in found] == [first, *(w.end for w in found[:-1])] and found[-1].end == last
    for window in found:
        assert 0 <= window.first <= window.start < window.end <= window.last <= len(sizes)
        assert sum(sizes[window.first : window.last]) <= limit


@given(_SIZES)
def test_a_document_that_fits_is_read_whole(sizes: list[int]) -> None:
    found = windows(sizes, np.zeros(len(sizes), np.uint8), (0, len(sizes)), sum(sizes) + MARGIN)
    assert found == [Window(0, len(sizes), 0, len(sizes))]


def test_a_window_ends_with_a_line_where_it_can() -> None:
    sizes = [1] * 500
    breaks = np.zeros(500, np.uint8)
    breaks[[150, 190, 380]] = LINE
    cuts = [w.end for w in windows(sizes, breaks, (0, 500))]
    assert 190 in cuts and all(b - a <= 256 for a, b in itertools.pairwise(cuts))
