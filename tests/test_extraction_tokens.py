"""Tokens begin and end where mentions do, even in glued text, and their offsets lead back to the raw text."""

import pytest
from extraction_helpers import _blank, document, words
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.extraction.tokens import GAP, LINE, NO_BREAK, PARAGRAPH, tokens_of


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
        ("10.30Opening of the day", "Opening"),
        ("12.05.202010 ақпан", "10"),
    ],
)
def test_tokens_edges_of_names_are_token_edges(text: str, token: str) -> None:
    assert token in words(text)


@pytest.mark.parametrize("text", ["B.K.", "www.nlrk.kz", "Wexcombe-Price", "12.05.2020", "10.30"])
def test_tokens_that_stay_whole(text: str) -> None:
    assert words(text) == [text]


def test_tokens_breaks_tell_gaps_lines_and_paragraphs() -> None:
    found = document("Title\n\n10.30\tPopova\nsecond line").tokens
    assert found.breaks.tolist() == [PARAGRAPH, PARAGRAPH, GAP, LINE, NO_BREAK]


@given(st.text(max_size=120))
@settings(max_examples=200)
def test_tokens_any_text_is_tokenized_in_order_without_white_space(text: str) -> None:
    found = document(text).tokens
    last = 0
    for start, end in zip(found.starts.tolist(), found.ends.tolist(), strict=True):
        assert last <= start < end
        assert found.text.clean[start:end].strip()
        last = end


PIECES = st.lists(
    st.sampled_from([
        "Library", "don't", "cannot", "“Books", "wheels”", "Mr.", "etc.", "S.Toraigyrov", "10.30", "2016.", "5.",
        "(RSL)", "(see", ":)", "a.m.", "10am", "«Между", "строк»,", "канд. ист. наук", "и др.", "¹", "ҚР", "-",
        "www.nlrk.kz", "we'll",
        " ", "  ", "\n", "\n\n", "\t", "\u00a0", "\x1c", ",", ".", "\"", "'",
    ]) | st.text(max_size=4),
    max_size=14,
).map("".join)  # fmt: skip


@pytest.mark.parametrize("language", ["en", "ru", "kk"])
@given(texts=st.lists(PIECES, min_size=1, max_size=4))
@settings(max_examples=150)
def test_tokens_without_docs_are_those_of_the_docs(language: str, texts: list[str]) -> None:
    nlp = _blank(language)
    for text, quick in zip(texts, nlp.tokenizer.tokens(texts), strict=True):
        slow = tokens_of(nlp.make_doc(text))
        assert quick.words() == slow.words()
        for name in ("ids", "starts", "ends", "breaks", "glued"):
            assert getattr(quick, name).tolist() == getattr(slow, name).tolist()
