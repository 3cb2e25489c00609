"""Cleaning keeps every character accounted for: each clean span leads back to the raw text, whatever the steps."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.cleaning import STEP_NAMES, Edit, apply, clean
from pipeline.records import Text

# Characters that the steps care about, so that hypothesis meets them often.
ODD = st.text(
    alphabet=st.one_of(
        st.sampled_from(list('abcXYZ.-– \n\r\t,;:“”"«»0123456789|')),
        st.sampled_from(["\u00a0", "\u00ad", "\u200b", "\ufeff", "\u2028", "\x00", "\x0c", "\x85", "é", "қ", "Ж", "𝔘"]),
        st.characters(),
    ),
    max_size=200,
)
STEPS = st.sets(st.sampled_from(STEP_NAMES))


def assert_partition(text: Text) -> None:
    """The segments cover every clean and every raw character once, in order."""
    at_clean = at_raw = 0
    for segment in text.segments:
        assert segment.clean_start == at_clean
        assert segment.raw_start == at_raw
        at_clean += segment.clean_length
        at_raw += segment.raw_length
        if segment.aligned:
            assert segment.clean_length == segment.raw_length
    assert at_clean == len(text.clean)
    assert at_raw == len(text.raw)


@given(ODD, STEPS)
@settings(max_examples=400)
def test_clean_any_steps_partition_both_texts(raw: str, steps: set[str]) -> None:
    text = clean(raw, steps)
    assert text.raw == raw
    assert_partition(text)


@given(ODD, STEPS, st.data())
@settings(max_examples=300)
def test_clean_every_span_maps_into_the_raw_text_in_order(raw: str, steps: set[str], data: st.DataObject) -> None:
    text = clean(raw, steps)
    start = data.draw(st.integers(0, len(text.clean)))
    end = data.draw(st.integers(start, len(text.clean)))
    raw_start, raw_end = text.raw_span(start, end)
    assert 0 <= raw_start <= raw_end <= len(raw)
    if end < len(text.clean):
        assert text.raw_span(end, len(text.clean))[0] >= raw_end or raw_start == raw_end


@given(ODD, STEPS)
@settings(max_examples=200)
def test_clean_changes_and_furniture_quote_the_raw_text(raw: str, steps: set[str]) -> None:
    text = clean(raw, steps)
    for change in text.changes:
        assert raw[change.start : change.end] == change.before
    for furniture in text.furniture:
        assert raw[furniture.start : furniture.end].strip() == raw[furniture.start : furniture.end]


@given(st.text(alphabet="ab .", max_size=60))
def test_clean_plain_words_stay_as_they_are(raw: str) -> None:
    assert clean(raw).clean == raw


def test_clean_unknown_step_is_named_with_those_that_exist() -> None:
    with pytest.raises(ValueError, match="no cleaning step named spelling; there are line-ends"):
        clean("text", ["spelling"])


def test_apply_overlapping_edits_are_refused() -> None:
    with pytest.raises(ValueError, match="overlaps"):
        apply(Text.of("abcdef"), "test", [Edit(0, 3, "x"), Edit(2, 4, "y")])


def test_raw_span_outside_the_text_is_refused() -> None:
    with pytest.raises(ValueError, match="no span 2:9"):
        Text.of("abc").raw_span(2, 9)
