"""Tokens begin and end where mentions do, even in glued text, and their offsets lead back to the raw text."""

import pytest
from extraction_helpers import document, words
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.extraction.tokens import GAP, LINE, NO_BREAK, PARAGRAPH


@pytest.mark.parametrize(
    ("text", "token"),
    [
        ("library after S.Toraigyrov and", "Toraigyrov"),
        ("UNIVERSITY OF NAMIBIA(UNAM)", "UNAM"),
        ("[Kairatova G].", "]"),
        ("“The River,”by Park", "by"),
        ("report «Между строк»,а затем", "а"),
        ("Gayle;Shanique;Jamaica", "Shanique"),
        ("In the archive of KarU.", "KarU"),
        ("-Hamid Nazarov", "Hamid"),
        ("Elbląg.", "Elbląg"),
        ("the Library's director", "Library"),
        ("ҚР ҰК-нің директоры", "ҰК"),
        ("not Carl O'Sullivan, though", "O'Sullivan"),
        ("the talk 'Poverty'.", "Poverty"),
        ("by Carmel FENECH¹ and", "FENECH"),
        ("friends of the V&A.", "A"),
        ("1.Жахин М.", "Жахин"),
    ],
)
def test_tokens_edges_of_names_are_token_edges(text: str, token: str) -> None:
    assert token in words(text)


@pytest.mark.parametrize("text", ["B.K.", "www.nlrk.kz", "Wexcombe-Price"])
def test_tokens_that_stay_whole(text: str) -> None:
    assert words(text) == [text]


def test_tokens_breaks_tell_gaps_lines_and_paragraphs() -> None:
    found = document("Title\n\n10.30\tPopova\nsecond line").tokens
    assert found.breaks.tolist() == [PARAGRAPH, PARAGRAPH, GAP, LINE, NO_BREAK]


@given(st.text(max_size=120))
@settings(max_examples=200, deadline=None)
def test_tokens_any_text_is_tokenized_in_order_without_white_space(text: str) -> None:
    found = document(text).tokens
    last = 0
    for start, end in zip(found.starts.tolist(), found.ends.tolist(), strict=True):
        assert last <= start < end
        assert found.text.clean[start:end].strip()
        last = end
