"""Titles that only the layout of a programme tells: where they could stand, and how one is found."""

import math
import random

import numpy as np
import pytest
from extraction_helpers import document, marked
from hypothesis import given
from hypothesis import strategies as st

from pipeline.extraction.book import Book
from pipeline.extraction.borders import Borders
from pipeline.extraction.candidates import Page
from pipeline.extraction.edges import Edges
from pipeline.extraction.items import items_of, stretches_of
from pipeline.extraction.labeller import Document, Labelling
from pipeline.extraction.layout import layout_of
from pipeline.extraction.lists import FORMS, LEADS, Lists, lists_of
from pipeline.extraction.programme import Programme
from pipeline.extraction.programme_features import LOOKED, ProgrammeView, features
from pipeline.extraction.ranker import Ranker
from pipeline.extraction.spans import TokenSpan, labels_at, tag_names
from pipeline.extraction.sums import Names
from pipeline.extraction.times import ends_time, tells_time
from pipeline.extraction.titles import Titles
from pipeline.records import LABELS
from pipeline.training.corpus import GoldDocument
from pipeline.training.examples import Example
from pipeline.training.programme import programme_choices
from pipeline.training.titles import title_choices

TAGS = tag_names(LABELS)
TITLED = (
    "9.30 moving the stacks, [P:Ada Brook], Leeds\n10.00 paper and damp, [P:Tom Field]\n"
    "10.30 Coffee\n11.00 who reads?, [P:Uma Reed]"
)
#: A title stands between a time and a comma, and not before a question mark.
BETWEEN = {"k1=S|,": 8.0, "k1=S|?": -8.0}


def even(of: Document, spans: list[TokenSpan]) -> Labelling:
    table = np.full((len(of.words), len(TAGS)), 1 / len(TAGS), np.float32)
    return Labelling(spans, table, table, TAGS)


def offered(text: str) -> list[set[str]]:
    """The stretches that are offered for each item of a programme."""
    of, spans = marked(text)
    found = stretches_of(of, items_of(of), labels_at(spans, len(of.words)))
    return [{" ".join(of.words[a:b]) for a, b in stretches} for _, stretches in found]


@pytest.mark.parametrize("text", ["9.30", "10:00", "11:15am", "9am", "9 am", "12 p.m.", "24.00"])
def test_times_of_day_are_times(text: str) -> None:
    assert tells_time(document(f"{text} Coffee").words, 0)


@pytest.mark.parametrize("text", ["1999", "30", "3.5.2020", "am", "10:75", "39.50", "31.03", "9 May", "13 am"])
def test_other_numbers_are_none(text: str) -> None:
    assert not tells_time(document(f"{text} Coffee").words, 0)


@pytest.mark.parametrize("text", ["9.30 – 10.00", "9.30 to 10.00", "9 am - 10 am", "9.30 10.00"])
def test_a_span_of_time_has_one_beginning(text: str) -> None:
    words = document(f"{text} Coffee").words
    assert [ends_time(words, at) for at in range(len(words)) if tells_time(words, at)] == [False, True]


def test_lines_that_were_lost_are_found_by_their_times() -> None:
    of = document("09:00 – 09:30 Opening 09:30 to 10:00 Salt roads, Ada Brook 11 am Tea\n• Wells\nAm I late?\n(more")
    items = items_of(of)
    assert [" ".join(of.words[item.text : item.end]) for item in items] == [
        "Opening",
        "Salt roads , Ada Brook",
        "Tea",
        "Wells",
        "Am I late ?",
        "more",
    ]
    assert [item.led for item in items] == [True, True, True, True, False, False]


@pytest.mark.parametrize(
    "layout",
    [
        "9.30 {0}, {1}, Leeds\n10.00 {2}, {3}\n11.00 {4} ({5})",
        "9.30 {0}, {1}, Director, Library, Leeds, Yorkshire, England, Europe, World\n10.00 {2} by {3}\n11.00 {4} ({5})",
        "9.30 {1} (Leeds). {0}\n10.00 {3}: {2}\n11.00 {5} – {4}",
        "{0}\n{1}, Leeds\n{2}\n{3}\n{4}\n{5}\nTea and cakes",
        "• {0} / {1}\n• {2} by {3}\n• {4} — {5}",
        "9.30 {0} – {1} 10.00 – 10.30 {2} – {3} 11.00 {4} – {5}",
    ],
)
def test_titles_are_offered_wherever_the_layout_has_them(layout: str) -> None:
    titles = ("moving the stacks", "paper and damp", "who reads in the aul")
    people = ("[P:Ada Brook]", "[P:Tom Field]", "[P:Uma Reed]")
    found = offered(layout.format(*(part for pair in zip(titles, people, strict=True) for part in pair)))
    all_ = set().union(*found)
    assert set(titles) <= all_
    assert not all_ & {"Ada Brook", "Tom Field", "Uma Reed"}


def test_a_title_that_goes_on_in_the_next_line_is_offered_whole() -> None:
    assert any("salt roads : a history" in found for found in offered(f"salt roads:\na history\n{TITLED}"))


def test_prose_is_no_programme() -> None:
    said = [
        "[P:Ada Brook] spoke of damp",
        "[P:Tom Field] thanked her",
        "[P:Uma Reed] left at noon",
        "Then tea was served",
    ]
    assert not offered(".\n\n".join(said) + ".")
    assert offered("\n\n".join(said))


def test_quoted_titles_are_left_to_those_who_look_at_quotations() -> None:
    found = offered('12.00 "a quoted title of some length", [P:Jon Hill]\n' + TITLED)
    assert found
    assert not any("quoted" in text for each in found for text in each)


def found_in(text: str, weights: dict[str, float]) -> tuple[list[str], list[TokenSpan], Document]:
    """The titles that are found with these weights, and all spans."""
    of, spans = marked(text)
    programme = Programme(Ranker(weights), "en")
    after, sure = Titles(Ranker({}), "en", Edges(Ranker({})), Borders(Ranker({}), "en"), programme).apply(
        of, even(of, spans)
    )
    assert set(sure) <= set(after)
    return [" ".join(of.words[a:b]) for a, b, label in after if label == "REPORT"], after, of


def test_a_stretch_between_a_time_and_a_speaker_becomes_a_title() -> None:
    titles, after, of = found_in(TITLED, BETWEEN)
    assert titles[:2] == ["moving the stacks", "paper and damp"]
    assert "Coffee" not in titles
    people = [" ".join(of.words[a:b]) for a, b, label in after if label == "PERSON"]
    assert people == ["Ada Brook", "Tom Field", "Uma Reed"]


def test_nothing_is_found_without_weights_or_where_none_is_likelier() -> None:
    assert not found_in(TITLED, {})[0]
    assert not found_in(TITLED, {**BETWEEN, "-": 9.0})[0]


def test_a_title_that_was_found_before_is_overruled_only_by_one_that_is_surer() -> None:
    page = TITLED.replace("paper and damp", "paper and [T:damp]")
    of, spans = marked(page)
    view = ProgrammeView.of(of, even(of, spans), spans, "en")
    assert view
    others = next(len(each.stretches) for each in view.asked if of.words[each.item.text] == "paper")
    for probability, found in ((0.55, ["damp"]), (0.75, ["paper and damp"])):
        weights = {"k1=S|,": math.log(probability / (1 - probability) * others)}
        assert [title for title in found_in(page, weights)[0] if "damp" in title] == found


def test_of_two_titles_that_touch_the_likelier_is_taken_and_no_mention_is_lost_for_the_other() -> None:
    page = f"9.00 opening words, [P:Bo Li]\nsalt roads:\na history\n[P:Jo Ray]\n{TITLED}"
    for weights in ({"lines=True": 9.0}, {"lines=True": 3.0, "size=2": 4.0}, {"lines=False": 3.0}):
        titles, after, of = found_in(page, {"t": 3.0, **weights})
        assert titles
        names = {" ".join(of.words[a:b]) for a, b, label in after if label == "PERSON"}
        lost = {"Bo Li", "Jo Ray", "Ada Brook", "Tom Field", "Uma Reed"} - names
        assert all(any(name in title for title in titles) for name in lost)


def test_the_labeller_is_forgotten_in_every_second_lesson() -> None:
    of, spans = marked(TITLED.replace("paper and damp", "[T:paper and damp]"))
    people = [span for span in spans if span[2] == "PERSON"]
    example = Example("page", GoldDocument("page", "en", "programme", "", ()), of, spans, [], [])
    choices = list(programme_choices(example, even(of, people), "en"))
    whole, blind = choices[::2], choices[1::2]
    assert len(whole) == len(blind) >= 3
    assert any(feature.startswith(LOOKED) for row in whole[0].alternatives for feature in row)
    assert not any(feature.startswith(LOOKED) for choice in blind for row in choice.alternatives for feature in row)
    view = ProgrammeView.of(of, even(of, people), people, "en")
    assert view
    asked = next(each for each in view.asked if "paper" in of.words[each.item.first : each.item.end])
    answers = whole[view.asked.index(asked)].right[0]
    assert [" ".join(of.words[slice(*asked.stretches[n])]) for n in answers] == ["paper and damp"]


def test_the_second_line_of_a_title_teaches_that_no_title_begins_there() -> None:
    of, spans = marked(f"[T:salt roads:\na history]\n{TITLED}")
    people = [span for span in spans if span[2] == "PERSON"]
    example = Example("page", GoldDocument("page", "en", "programme", "", ()), of, spans, [], [])
    view = ProgrammeView.of(of, even(of, people), people, "en")
    assert view
    second = next(n for n, each in enumerate(view.asked) if of.words[each.item.text] == "a")
    choice = list(programme_choices(example, even(of, people), "en"))[2 * second]
    assert choice.right == [[len(choice.alternatives) - 1]]


def test_quoted_titles_are_learnt_from_with_and_without_the_probabilities() -> None:
    of, _ = marked("She read “Salt and trade on the road”.")
    example = Example("page", GoldDocument("page", "en", "notice", "", ()), of, [], [], [])
    whole, blind = title_choices(example, even(of, []), "en")
    assert any("REPORT:REPORT=" in feature for row in whole.alternatives for feature in row)
    assert not any("REPORT:REPORT" in feature for row in blind.alternatives for feature in row)


_WORDS = st.sampled_from(["salt", "Trade", "of", "10.30", "–", ",", ":", "(", ")", "1999", "Am", "“", "”", "/"])
_LINES = st.lists(
    st.tuples(st.sampled_from(["9.30 ", "• ", "", "9 am "]), st.lists(_WORDS, max_size=6), st.booleans()),
    min_size=4, max_size=9,
)  # fmt: skip


@given(_LINES, st.integers(0, 9))
def test_a_run_adds_what_a_training_spells_out(lines: list[tuple[str, list[str], bool]], seed: int) -> None:
    rows = [f"{lead}{' '.join(words)}{' [P:Ada Brook]' * named}" for lead, words, named in lines]
    of, spans = marked("\n".join(["9.00 salt roads, [P:Tom Field]", "10.00 [P:Uma Reed]: trade winds", *rows]))
    view = ProgrammeView.of(of, even(of, spans), spans, "en")
    for asked in view.asked if view else ():
        assert view
        spelled = features(view, asked)
        chance = random.Random(seed)
        ranker = Ranker({feature: chance.uniform(-1, 1) for row in spelled for feature in row})
        assert len(spelled) == len(asked.stretches) + 1
        assert all(0 <= a < b <= len(of.words) for a, b in asked.stretches)
        expected = [ranker.score(row) for row in spelled]
        assert Programme(ranker, "en")._scores(view, asked) == pytest.approx(expected)


def lists(text: str) -> Lists:
    of, spans = marked(text)
    return lists_of([label for _, _, label in spans], layout_of(of.tokens, of.words, spans, "en"))


PEOPLE_FIRST = "[P:Ada Brook]\n[T:salt]\n[P:Tom Field]\n[T:wells]\nCoffee\n[P:Uma Reed]\n[T:maps]"


def test_what_a_list_begins_and_ends_with_tells_its_order() -> None:
    first = lists(PEOPLE_FIRST)
    assert LEADS[first.lead] == "P"
    assert [FORMS[form] for form in first.form] == ["PTa2"] * 4 + ["PTa1"] * 2
    last = lists("[T:salt]\n[P:Ada Brook]\n[T:wells]\n[P:Tom Field]")
    assert LEADS[last.lead] == "T"
    assert last.run == [0, 1, 2, 3]


def test_people_named_together_are_one_turn_and_times_end_lists() -> None:
    found = lists("9.30 [P:Ada Brook], [P:Tom Field]\n[T:salt]\n10 am [P:Uma Reed]\n[T:maps]")
    assert found.number == [0, 0, 0, 1, 1]
    assert found.run == [0, 0, 1, 0, 1]


def test_the_lists_of_two_pages_are_not_one() -> None:
    pages = []
    for text in ("[P:Ada Brook]\n[T:salt]", "[T:maps]\n[P:Uma Reed]"):
        of, spans = marked(text)
        pages.append(Page.of(of.words, spans, layout_of(of.tokens, of.words, spans, "en")))
    number, _, _, lead = Book.of(pages, Names()).lists
    assert number.tolist() == [0, 0, 1, 1]
    assert [LEADS[each] for each in lead.tolist()] == ["P", "P", "T", "T"]


def test_a_page_without_mentions_has_no_lists() -> None:
    found = lists("Nothing here")
    assert found.number == []
    assert LEADS[found.lead] == "="
