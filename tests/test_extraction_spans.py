"""Spans and tags are each other's inverse."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.extraction.spans import TokenSpan, balance, mentions_in, spans_to_tags, tag_names
from pipeline.records import LABELS

TAGS = tag_names(LABELS)


def tags_to_spans(tags: list[str], apart: list[int] = ()) -> list[TokenSpan]:
    numbers = np.array([TAGS.index(tag) for tag in tags], np.int32)
    breaks = np.isin(np.arange(len(tags)), list(apart))
    return [(first, last, LABELS[label]) for first, last, label in zip(*mentions_in(numbers, breaks), strict=True)]


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


@given(st.lists(st.sampled_from(TAGS), max_size=30))
def test_tags_to_spans_any_tags_give_spans_that_do_not_overlap(tags: list[str]) -> None:
    found = tags_to_spans(tags)
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(found))
    assert sum(last - first for first, last, _ in found) == sum(tag != "O" for tag in tags)


def test_mentions_in_do_not_go_on_over_a_break() -> None:
    tags = ["B-ROLE", "I-ROLE", "I-ROLE", "O"]
    assert tags_to_spans(tags, apart=[2]) == [(0, 2, "ROLE"), (2, 3, "ROLE")]


def test_spans_to_tags_overlap_is_refused() -> None:
    with pytest.raises(ValueError, match="overlaps"):
        spans_to_tags([(0, 2, "PERSON"), (1, 3, "ROLE")], 4)


@pytest.mark.parametrize(
    ("text", "span", "expected"),
    [
        ("Officer ( Manuscripts ) of", (0, 3), (0, 4)),
        ("Kim ( RSL ) read", (2, 4), (2, 3)),
        ("Library ( RSL ) read", (0, 4), (0, 4)),
        (") read", (0, 1), (0, 1)),
    ],
)
def test_balance_takes_in_a_closing_bracket_or_leaves_a_lone_one(text, span, expected) -> None:
    assert balance([(*span, "ROLE")], text.split()) == [(*expected, "ROLE")]


@given(spans(), st.data())
def test_balance_never_makes_spans_overlap_or_empty(case, data) -> None:
    found, length = case
    words = data.draw(st.lists(st.sampled_from(["(", ")", "word"]), min_size=length, max_size=length))
    whole = balance(found, words)
    assert len(whole) == len(found)
    for (_, last, _), (first, end, _) in itertools.pairwise([(0, 0, ""), *whole]):
        assert last <= first < end <= length
