"""Titles without quotation marks: what they could be instead, and how a choice changes the mentions."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.extraction.borders import Borders
from pipeline.extraction.edges import TITLE_LABELS, Edges, View, alternatives, features, features_of_none
from pipeline.extraction.labeller import Document, Labelling
from pipeline.extraction.languages import blank
from pipeline.extraction.programme import Programme
from pipeline.extraction.ranker import Ranker
from pipeline.extraction.spans import TokenSpan, tag_names
from pipeline.extraction.titles import Titles
from pipeline.extraction.tokens import tokens_of
from pipeline.records import LABELS

TAGS = tag_names(LABELS)
PROGRAMME = "10.30 A. Bekov (RSL). Salt and Trade\n11.00 N. Orlova. Roads, Wells"


def document(text: str) -> Document:
    return Document.all_of([tokens_of(blank("en").make_doc(text))])[0]


def labelling(of: Document, spans: list[TokenSpan]) -> Labelling:
    even = np.full((len(of.words), len(TAGS)), 1 / len(TAGS), np.float32)
    return Labelling(spans, even, even, TAGS)


def span(of: Document, text: str, label: str) -> TokenSpan:
    """The span of the first place where the words of a text stand."""
    (wanted,) = [document(text).words]
    n = len(wanted)
    first = next(i for i in range(len(of.words)) if of.words[i : i + n] == wanted)
    return first, first + n, label


def texts(of: Document, spans: list[TokenSpan]) -> list[str]:
    return [" ".join(of.words[first:end]) for first, end, _ in spans]


def titles(**weights: float) -> Titles:
    """Titles with weights of the edges alone; `__` stands for `:`."""
    return Titles(Ranker({}), "en", Edges(Ranker(weights)), Borders(Ranker({}), "en"), Programme(Ranker({}), "en"))


def test_a_title_that_was_cut_is_offered_whole_and_stops_at_people_and_lines() -> None:
    page = document(PROGRAMME)
    found = span(page, "Trade", "REPORT")
    spans = [span(page, "A. Bekov", "PERSON"), found, span(page, "N. Orlova", "PERSON")]
    offered = texts(page, alternatives(View.of(page, labelling(page, spans), spans), found))
    assert offered[0] == "Trade"
    assert "Salt and Trade" in offered
    assert not any("Bekov" in text or "11.00 N" in text for text in offered)


def test_the_best_alternative_takes_the_place_of_the_found_title() -> None:
    page = document(PROGRAMME)
    spans = [span(page, "A. Bekov", "PERSON"), span(page, "Trade", "REPORT")]
    settled, sure = titles(**{"l=.": 9.0, "mv": 1.0}).apply(page, labelling(page, spans))
    assert texts(page, settled) == ["A. Bekov", "Salt and Trade"]
    assert sure[settled[1]] > 0.9


def test_what_is_no_title_is_left_out_only_where_that_is_more_probable_than_not() -> None:
    page = document(PROGRAMME)
    spans = [span(page, "Roads, Wells", "REPORT")]
    assert titles(none=9.0).apply(page, labelling(page, spans))[0] == []
    hardly = titles(**{"none": 2.0, "REPORT:as": 1.9, "REPORT:mv": 1.0})
    assert hardly.apply(page, labelling(page, spans))[0] == spans


def test_a_title_can_turn_out_to_be_of_another_kind() -> None:
    page = document(PROGRAMME)
    spans = [span(page, "Roads, Wells", "REPORT")]
    settled, _ = titles(**{"WORK:was=REPORT": 9.0}).apply(page, labelling(page, spans))
    assert settled == [(*spans[0][:2], "WORK")]


def test_quoted_titles_and_other_mentions_are_left_alone() -> None:
    page = document('A. Bekov spoke on "Salt and Trade" in Omsk.')
    spans = [span(page, "A. Bekov", "PERSON"), span(page, "Salt and Trade", "REPORT")]
    assert titles(none=9.0).apply(page, labelling(page, spans)) == (spans, {})


PIECES = ["Salt", "and", ".", ",", ":", "—", "(", ")", "10", "Trade", "\n", "\n\n", "\t", "&", "Bekov"]


@given(st.lists(st.sampled_from(PIECES), min_size=2), st.data())
def test_alternatives_lie_in_the_text_hold_the_found_one_and_are_scored_as_their_features_say(
    words: list[str], data: st.DataObject
) -> None:
    page = document(" ".join(words))
    n = len(page.words)
    if not n:
        return
    first = data.draw(st.integers(0, n - 1))
    found = (first, data.draw(st.integers(first + 1, n)), data.draw(st.sampled_from(TITLE_LABELS)))
    view = View.of(page, labelling(page, [found]), [found])
    offered = alternatives(view, found)
    assert offered[0] == found
    assert len(set(offered)) == len(offered)
    assert all(0 <= a < b <= n for a, b, _ in offered)
    told = [features(view, each, found) for each in offered] + [features_of_none(view, found)]
    weights = {name: (len(name) * 7 % 11 - 5) / 4 for row in told for name in row}
    (settled,) = Edges(Ranker(weights)).settle(page, labelling(page, [found]), [found])
    totals = [sum(weights[name] for name in row) for row in told]
    powers = np.exp(np.array(totals) - max(totals))
    best = max(range(len(totals)), key=totals.__getitem__)
    if best < len(offered):
        assert np.isclose(settled[2], powers[best] / powers.sum())
