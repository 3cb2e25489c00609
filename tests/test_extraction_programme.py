"""Titles that only the layout of a programme tells: where they could stand, and how one is found."""

import numpy as np
import pytest
from extraction_helpers import document, marked
from hypothesis import given
from hypothesis import strategies as st

from pipeline.extraction.borders import Borders
from pipeline.extraction.edges import Edges
from pipeline.extraction.items import items_of, listed
from pipeline.extraction.labeller import Document, Labelling
from pipeline.extraction.layout import is_time, layout_of
from pipeline.extraction.listed import LOOKED, View, features
from pipeline.extraction.lists import FORMS, LEADS, Lists, lists_of
from pipeline.extraction.programme import Programme
from pipeline.extraction.ranker import Ranker
from pipeline.extraction.spans import TokenSpan, tag_names
from pipeline.extraction.titles import Titles
from pipeline.records import LABELS
from pipeline.training.corpus import GoldDocument
from pipeline.training.examples import Example
from pipeline.training.programme import programme_choices

TAGS = tag_names(LABELS)
TITLED = (
    "9.30 moving the stacks, [P:Ada Brook], Leeds\n10.00 paper and damp, [P:Tom Field]\n"
    "10.30 Coffee\n11.00 who reads?, [P:Uma Reed]"
)


def even(of: Document, spans: list[TokenSpan]) -> Labelling:
    table = np.full((len(of.words), len(TAGS)), 1 / len(TAGS), np.float32)
    return Labelling(spans, table, table, TAGS)


def offered(text: str) -> list[set[str]]:
    """The stretches that are offered for each item of a programme."""
    of, spans = marked(text)
    labels = [""] * len(of.words)
    for first, end, label in spans:
        labels[first:end] = [label] * (end - first)
    return [{" ".join(of.words[a:b]) for a, b in found} for _, found in listed(of, items_of(of), labels)]


@pytest.mark.parametrize("word", ["9.30", "10:00", "11:15am", "9am"])
def test_times_of_day_are_times(word: str) -> None:
    assert is_time(word)


@pytest.mark.parametrize("word", ["1999", "30", "3.5.2020", "am", "10:5"])
def test_other_numbers_are_none(word: str) -> None:
    assert not is_time(word)


def test_lines_that_were_lost_are_found_by_their_times() -> None:
    of = document("09:00 – 09:30 Opening 09:30 – 10:00 Salt roads, Ada Brook\n• Wells")
    assert [" ".join(of.words[item.text : item.end]) for item in items_of(of)] == [
        "Opening",
        "Salt roads , Ada Brook",
        "Wells",
    ]
    assert [item.led for item in items_of(of)] == [True, True, True]


@pytest.mark.parametrize(
    "layout",
    [
        "9.30 {0}, {1}, Leeds\n10.00 {2}, {3}\n11.00 {4} ({5})",
        "9.30 {1} (Leeds). {0}\n10.00 {3}: {2}\n11.00 {5} – {4}",
        "{0}\n{1}, Leeds\n{2}\n{3}\n{4}\n{5}\nTea and cakes",
        "• {0} / {1}\n• {2} by {3}\n• {4} — {5}",
        "9.30 {0} – {1} 10.00 – 10.30 {2} – {3} 11.00 {4} – {5}",
    ],
)
def test_titles_are_offered_wherever_the_layout_has_them(layout: str) -> None:
    titles = ("moving the stacks", "paper and damp", "who reads in the aul")
    people = ("[P:Ada Brook]", "[P:Tom Field]", "[P:Uma Reed]")
    all_ = set().union(*offered(layout.format(*(part for pair in zip(titles, people, strict=True) for part in pair))))
    assert set(titles) <= all_
    assert not all_ & {"Ada Brook", "Tom Field", "Uma Reed"}


def test_a_title_that_goes_on_in_the_next_line_is_offered_whole() -> None:
    assert any("salt roads : a history" in found for found in offered(f"salt roads:\na history\n{TITLED}"))


def test_prose_is_no_programme() -> None:
    text = "[P:Ada Brook] spoke of damp.\n\n[P:Tom Field] thanked her.\n\n[P:Uma Reed] closed the meeting at noon."
    assert not offered(text)


def test_quoted_titles_are_left_to_those_who_look_at_quotations() -> None:
    text = '12.00 "a quoted title of some length", [P:Jon Hill]\n' + TITLED
    assert not any("quoted" in found for each in offered(text) for found in each)


def found_in(text: str, **weights: float) -> list[str]:
    of, spans = marked(text)
    settled = Titles(Ranker({}), "en", Edges(Ranker({})), Borders(Ranker({}), "en"), Programme(Ranker(weights), "en"))
    after, sure = settled.apply(of, even(of, spans))
    assert set(spans) <= set(after)
    assert all(0 <= probability <= 1 for probability in sure.values())
    return [" ".join(of.words[a:b]) for a, b, label in after if label == "REPORT"]


def test_a_stretch_between_a_time_and_a_speaker_becomes_a_title() -> None:
    titles = found_in(TITLED, **{"k1=S|,": 8.0, "k1=S|?": -8.0})
    assert titles[:2] == ["moving the stacks", "paper and damp"]
    assert "Coffee" not in titles


def test_nothing_is_found_without_weights_or_where_none_is_likelier() -> None:
    assert not found_in(TITLED)
    assert not found_in(TITLED, **{"-": 9.0})


def test_the_labeller_is_forgotten_in_every_second_lesson() -> None:
    of, spans = marked(TITLED.replace("paper and damp", "[T:paper and damp]"))
    people = [span for span in spans if span[2] == "PERSON"]
    source = GoldDocument("page", "en", "programme", "", ())
    choices = list(programme_choices(Example("page", source, of, spans, [], []), even(of, people), "en"))
    whole, blind = choices[::2], choices[1::2]
    assert len(whole) == len(blind) >= 3
    assert any(feature.startswith(LOOKED) for row in whole[0].alternatives for feature in row)
    assert not any(feature.startswith(LOOKED) for choice in blind for row in choice.alternatives for feature in row)
    view = View.of(of, even(of, people), people, "en")
    assert view
    asked = next(each for each in view.asked if "paper" in of.words[each.item.first : each.item.end])
    answers = whole[view.asked.index(asked)].right[0]
    assert [" ".join(of.words[slice(*asked.stretches[n])]) for n in answers] == ["paper and damp"]


@given(st.text(alphabet='Aab .,:–-\n·1239("“”)', max_size=120), st.lists(st.integers(0, 40), max_size=8))
def test_any_page_has_features_for_all_that_is_offered(text: str, places: list[int]) -> None:
    of = document(text)
    firsts = sorted({place for place in places if place < len(of.words)})
    spans = [(first, first + 1, "PERSON") for first in firsts]
    view = View.of(of, even(of, spans), spans, "en")
    for asked in view.asked if view else ():
        rows = features(view, asked) if view else []
        assert len(rows) == len(asked.stretches) + 1
        assert all(0 <= a < b <= len(of.words) for a, b in asked.stretches)


def lists(text: str) -> Lists:
    of, spans = marked(text)
    return lists_of([label for _, _, label in spans], layout_of(of.tokens, of.words, spans, "en"))


def test_what_a_list_begins_and_ends_with_tells_its_order() -> None:
    first = lists("[P:Ada Brook]\n[T:salt]\n[P:Tom Field]\n[T:wells]\nCoffee\n[P:Uma Reed]\n[T:maps]")
    assert LEADS[first.lead] == "P"
    assert [FORMS[form] for form in first.form] == ["PTa2"] * 4 + ["PTa1"] * 2
    last = lists("[T:salt]\n[P:Ada Brook]\n[T:wells]\n[P:Tom Field]")
    assert LEADS[last.lead] == "T"
    assert last.run == [0, 1, 2, 3]


def test_people_named_together_are_one_turn_and_times_end_lists() -> None:
    found = lists("9.30 [P:Ada Brook], [P:Tom Field]\n[T:salt]\n10.00 [P:Uma Reed]\n[T:maps]")
    assert found.number == [0, 0, 0, 1, 1]
    assert found.run == [0, 0, 1, 0, 1]


def test_a_page_without_mentions_has_no_lists() -> None:
    found = lists("Nothing here")
    assert found.number == []
    assert LEADS[found.lead] == "="
