"""Spans and tags are each other's inverse."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.extraction.spans import spans_to_tags, tag_names, tags_to_spans
from pipeline.records import LABELS


@st.composite
def spans(draw):
    length = draw(st.integers(0, 30))
    found, at = [], 0
    while at < length:
        first = draw(st.integers(at, length))
        last = draw(st.integers(first, length))
        if last > first:
            found.append((first, last, draw(st.sampled_from(LABELS))))
        at = last + 1
    return found, length


@given(spans())
def test_spans_to_tags_and_back(case) -> None:
    found, length = case
    assert tags_to_spans(spans_to_tags(found, length)) == found


@given(st.lists(st.sampled_from(tag_names(LABELS)), max_size=30))
def test_tags_to_spans_any_tags_give_spans_that_do_not_overlap(tags: list[str]) -> None:
    found = tags_to_spans(tags)
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(found))
    assert sum(last - first for first, last, _ in found) == sum(tag != "O" for tag in tags)


def test_spans_to_tags_overlap_is_refused() -> None:
    with pytest.raises(ValueError, match="overlaps"):
        spans_to_tags([(0, 2, "PERSON"), (1, 3, "ROLE")], 4)
