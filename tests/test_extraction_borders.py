"""People, roles and institutions settled as wholes: what they could be, and how a choice changes the mentions."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from extraction_helpers import document
from hypothesis import given
from hypothesis import strategies as st

from pipeline.extraction.alternatives import alternatives
from pipeline.extraction.borders import SETTLED, Borders, doubtful, laid_over, spelled_out
from pipeline.extraction.labeller import Document, Labelling
from pipeline.extraction.ranker import Ranker
from pipeline.extraction.spans import TokenSpan, tag_names
from pipeline.extraction.views import View, placed
from pipeline.records import LABELS

TAGS = tag_names(LABELS)
TEXT = "head of the State Archive of Omsk region Irina Weber"
# Tokens:  0   1   2    3      4     5   6     7     8      9


def labelling(of: Document, spans: list[TokenSpan], sure: float = 0.5, also: TokenSpan | None = None) -> Labelling:
    """A look that is so sure of each span, thinks `also` possible, and every other tag of a token hardly."""
    rows = np.full((len(of.words), len(TAGS)), (1 - sure) / (len(TAGS) - 1), np.float32)
    for (first, end, label), probability in [*([(also, 0.3)] if also else []), *((span, sure) for span in spans)]:
        rows[first, TAGS.index(f"B-{label}")] = probability
        rows[first + 1 : end, TAGS.index(f"I-{label}")] = probability
    return Labelling(spans, rows, rows, TAGS)


def settled(
    weights: dict[str, float], spans: list[TokenSpan], sure: float = 0.5, also: TokenSpan | None = None
) -> list[TokenSpan]:
    page = document(TEXT)
    return Borders(Ranker(weights), "en").settle([page], [labelling(page, spans, sure, also)])[0]


def test_the_best_borders_take_the_place_of_those_that_were_found() -> None:
    cut = [(3, 5, "INSTITUTION"), (8, 10, "PERSON")]
    whole = (3, 8, "INSTITUTION")
    assert settled({"INSTITUTION:Wregion": 9.0}, cut, also=whole) == [whole, (8, 10, "PERSON")]


def test_what_a_mention_takes_from_its_neighbour_the_neighbour_loses() -> None:
    glued = [(0, 1, "ROLE"), (3, 9, "INSTITUTION"), (9, 10, "PERSON")]
    name = (8, 10, "PERSON")
    assert settled({"PERSON:wirina": 9.0}, glued, also=name) == [(0, 1, "ROLE"), (3, 8, "INSTITUTION"), name]


def test_a_mention_can_turn_out_to_be_of_another_kind_or_none() -> None:
    spans = [(6, 7, "PERSON")]
    assert settled({"PLACE:wasPERSON": 9.0}, spans) == [(6, 7, "PLACE")]
    assert settled({"0PERSON": 9.0}, spans) == []
    assert settled({"0PERSON": 1.0, "PERSON:as": 0.9, "PERSON:mv": 0.9}, spans) == spans  # none is hardly the likeliest


def test_what_the_first_look_is_sure_of_and_titles_are_left_alone() -> None:
    page = document(TEXT)
    spans = [(3, 5, "INSTITUTION"), (8, 10, "EVENT")]
    assert settled({"0INSTITUTION": 9.0}, spans, sure=0.999) == spans
    assert doubtful([labelling(page, spans)], [spans]) == [spans[:1]]
    later = replace(labelling(page, spans), probabilities=labelling(page, spans, 0.999).draft)
    assert doubtful([later], [spans]) == [spans[:1]]


def test_without_weights_nothing_changes() -> None:
    spans = [(3, 5, "INSTITUTION")]
    assert settled({}, spans) == spans


@pytest.mark.parametrize(
    ("new", "left"),
    [
        ((2, 4, "ROLE"), {(0, 2, "PERSON"), (2, 4, "ROLE"), (4, 6, "PLACE")}),
        ((0, 6, "ROLE"), {(0, 6, "ROLE")}),
        ((6, 7, "ROLE"), {(0, 3, "PERSON"), (3, 6, "PLACE"), (6, 7, "ROLE")}),
    ],
)
def test_spans_never_overlap_after_one_was_laid_over_them(new: TokenSpan, left: set[TokenSpan]) -> None:
    assert laid_over({(0, 3, "PERSON"), (3, 6, "PLACE")}, new) == left


PIECES = ["Irina", "Weber", "head", "of", "the", "Archive", ",", "(", ")", "\n", "\n\n", "\t", "“", "”", "Omsk", "1990"]


@given(st.lists(st.sampled_from(PIECES), min_size=2, max_size=40), st.data())
def test_alternatives_lie_in_one_paragraph_and_any_choice_leaves_spans_apart(
    words: list[str], data: st.DataObject
) -> None:
    page = document(" ".join(words))
    n = len(page.words)
    if not n:
        return
    first = data.draw(st.integers(0, n - 1))
    inner = next((j for j in range(first + 1, n) if page.tokens.breaks[j] == 3), n)
    found = (first, data.draw(st.integers(first + 1, inner)), data.draw(st.sampled_from(SETTLED)))
    rows = np.random.default_rng(data.draw(st.integers(0, 99))).dirichlet(np.ones(len(TAGS)), n).astype(np.float32)
    others = [(a, b, "PERSON") for a, b in [(0, first), (found[1], n)] if a < b]
    look = Labelling(sorted([*others, found]), rows, rows, TAGS)
    view = View.of([page], [look], [look.spans], "en")
    asked = placed([[found]], view.opens)
    choices = alternatives(view, asked)
    *offered, last = choices.stretches.spans(int(view.opens[0]))
    assert offered[0] == last == found
    assert choices.none.tolist() == [False] * len(offered) + [True]
    assert len(set(offered)) == len(offered)
    for a, b, _ in offered:
        assert 0 <= a < b <= n
        assert all(page.tokens.breaks[j] != 3 for j in range(a + 1, b))
    weights = {name: (len(name) * 7 % 11 - 5) / 4 for row in spelled_out(view, asked, choices) for name in row}
    borders = Borders(Ranker(weights), "en")
    scores = borders.scores(view, asked, choices)
    assert np.allclose(scores, [sum(map(weights.get, row)) for row in spelled_out(view, asked, choices)])
    after = borders.settle([page], [look])[0]
    assert all(left[1] <= right[0] for left, right in itertools.pairwise(after))
    # What stands in the batch beside a document makes no difference to it.
    other = document("Omsk 1990")
    assert borders.settle([other, page, page], [labelling(other, []), look, look]) == [[], after, after]
