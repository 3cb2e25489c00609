"""Quotation marks are paired whatever the hand that set them."""

import pytest
from extraction_helpers import document, quoted
from hypothesis import given, settings
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("text", "stretches"),
    [
        ('the report "Reader and library" was', ["Reader and library"]),
        ("the report “Reader and library” was", ["Reader and library"]),
        ("the report „Reader and library“ was", ["Reader and library"]),
        ("доклад «Читатель и библиотека» был", ["Читатель и библиотека"]),
        ("called ‘Milk and Empire’ last year", ["Milk and Empire"]),
        ('read "One", then "Two" and "Three".', ["One", "Two", "Three"]),
        ("the book «About “Abai”» was", ["About “ Abai ”", "Abai"]),
        ("the museum's director and the readers' hall", []),
        ("“The widow's suitcase” was heard", ["The widow 's suitcase"]),
        ('"Is a messenger a document?\nThe next line', ["Is a messenger a document ? …"]),
        ("5 o’clock and ’tis", []),
        ("read the paper _Salt and Trade_ in the hall", ["Salt and Trade"]),
        ("V. Kim: *Who reads in the aul?* (15 minutes)", ["Who reads in the aul ?"]),
        ("* tea\n* a walk\n*** the end ***", []),
        ("name ________ post ________ signed", []),
    ],
)
def test_quotes_pairs(text: str, stretches: list[str]) -> None:
    assert quoted(text) == stretches


def test_quotes_unclosed_one_does_not_swallow_the_next_paragraph() -> None:
    assert quoted('the talk "Letters from the front\n\nThe hall was "full".') == ["Letters from the front …", "full"]


@given(st.text(alphabet=" ab\"“”«»„‘’'\n.,_*", max_size=80))
@settings(max_examples=300)
def test_quotes_stretches_lie_inside_the_document_and_nest(text: str) -> None:
    found = document(text)
    closed = [q for q in found.context.quotes if q.closed]
    for q in found.context.quotes:
        assert 0 <= q.opening < q.first <= q.last <= len(found.words)
    for a in closed:
        for b in closed:
            crosses = a.opening < b.opening < a.last < b.last
            single = found.words[a.opening] in "‘'_*" or found.words[b.opening] in "‘'_*"
            assert single or not crosses
