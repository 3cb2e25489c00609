"""What is told of talks and events from what stands beside them, with mentions marked by hand."""

from __future__ import annotations

import pytest
from extraction_helpers import marked

from pipeline.extraction.assemble import assemble
from pipeline.extraction.calibration import Calibration
from pipeline.extraction.candidates import Page
from pipeline.extraction.layout import layout_of
from pipeline.extraction.linker import Links
from pipeline.records import Extraction


def told(text: str, language: str = "en") -> Extraction:
    """What a text says whose mentions are marked as `[P:Anna Petrova]`; the nearest person of its line gave a talk."""
    made, spans = marked(text, language)
    page = Page.of(made.words, spans, layout_of(made.tokens, made.words, spans, language))
    line, persons = page.layout.line, page.by_label.get("PERSON", [])
    speakers = {
        title: [(min(persons, key=lambda p: (line[p] != line[title], abs(p - title))), 1.0)]
        for title in page.by_label.get("REPORT", [])
    }
    links = Links({}, {}, speakers)
    return assemble(made, spans, {}, [1.0] * len(spans), page, links, Calibration({}), language)


def named(found: Extraction, *numbers: int | None) -> list[str]:
    return ["" if n is None else found.mentions[n].text for n in numbers]


def dates(found: Extraction) -> list[str]:
    return named(found, *(r.date for r in found.reports))


@pytest.mark.parametrize(
    "marked",
    [
        '[D:14 March]. [P:V. Holodov], "[T:Mammoths]"\n[D:21 March]. [P:Z. Ibraimova], "[T:Coins]"\n[D:28 March]. X',
        # Long lines, which cleaning joins.
        'IN MARCH\n\n[D:14 March]. [P:Viktor Holodov], "[T:Mammoths of the Tobol]"\n[D:21 March]. '
        '[P:Zhanna Ibraimova], "[T:Coins from Alekseevka]"\n[D:28 March]. Ken Oyama, "The Saddle"',
        'IN MARCH\n\n[D:14 March] - [P:Viktor Holodov], "[T:Mammoths of the Tobol]"\n[D:21 March] - '
        '[P:Zhanna Ibraimova], "[T:Coins from Alekseevka]"\n[D:28 March] - Ken Oyama, "The Saddle"',
        '[D:14 March] - [P:V. Holodov], "[T:Mammoths]"\n[D:21 March] - [P:Z. Ibraimova], "[T:Coins]"\n[D:28 March] - X',
        '[P:V. Holodov], "[T:Mammoths]", [D:14 March]\n[P:Z. Ibraimova], "[T:Coins]", [D:21 March]',
        '[P:V. Holodov]. "[T:Mammoths]"\n[D:14 March]\n\n[P:Z. Ibraimova]. "[T:Coins]"\n[D:21 March]',
        '[P:V. Holodov] read "[T:Mammoths]" on [D:14 March], and [P:Z. Ibraimova] "[T:Coins]" on [D:21 March].',
        'On [D:14 March] [P:V. Holodov] read\n"[T:Mammoths]". On [D:21 March] [P:Z. Ibraimova] read "[T:Coins]".',
    ],
)
def test_talk_has_the_date_of_its_own_entry(marked: str) -> None:
    assert dates(told(marked)) == ["14 March", "21 March"]


def test_talks_of_a_programme_have_their_day() -> None:
    head = "Conference “[E:Word and Book]”\n[D:5-6 October 2017], [L:Almaty]\n\n"
    days = "Thursday, [D:5 October]\n10.00 [P:A. Petrova]. “[T:Maps]”\n11.00 [P:M. Orlov]. “[T:Coins]”\n"
    more = "[D:6 October]\n10.00 [P:K. Oyama]. “[T:The Saddle]”"
    assert dates(told(head + days + more)) == ["5 October", "5 October", "6 October"]
    assert dates(told(head + days)) == ["5 October"] * 2
    below = "\n\nThe conference “[E:Word and Book]” was held again in [D:May 2018]."
    assert dates(told("“[E:Word and Book]”\n\n" + days + more + below)) == ["5 October", "5 October", "6 October"]


def test_release_date_is_no_day_of_a_programme() -> None:
    text = (
        "[D:12 May 2014]\n\nThe conference “[E:Word]” was held in [D:April 2014]. [P:A. Petrova] read “[T:Maps]”.\n\n"
    )
    assert dates(told(text + "[P:K. Oyama] read “[T:Coins]”.")) == ["April 2014"] * 2
    assert dates(told("[D:12 May 2014]\n\n[P:K. Oyama] read “[T:Coins]”.")) == [""]


def test_the_one_date_above_a_timetable_is_the_day_of_its_talks() -> None:
    talks = "10.15 [T:Maps]\n[P:A. Petrova]\n11.00 [T:Coins]\n[P:M. Orlov]"
    for head in (
        "[D:12 May 2017]\n\n",
        "Programme\nFriday, [D:12 May 2017], Room 4\n\n",
        "Programme\n[D:12 May 2017]\n",
    ):
        assert dates(told(head + talks)) == ["12 May 2017"] * 2
    assert dates(told("[D:12 May 2017]\n\n" + talks.replace("10.15 ", "").replace("11.00 ", ""))) == ["", ""]


@pytest.mark.parametrize(
    ("marked", "language"),
    [
        ("The conference “[E:Word]” was dated for [E:World Book Day]. [P:M. Orlov] read “[T:Rare Books]”.", "en"),
        ("Конференция «[E:Word]» приурочена ко [E:Всемирному дню книги]. [P:М. Орлов]: «[T:Фонды]».", "ru"),
        ("«[E:Word]» конференциясы [E:Кітап күніне] арналған. [P:М. Орлов]: «[T:Қор]».", "kk"),
    ],
)
def test_talk_is_given_at_the_conference_and_not_at_the_day_it_is_held_for(marked: str, language: str) -> None:
    found = told(marked, language)
    assert named(found, *(r.event for r in found.reports)) == ["Word"]
    assert [e.kind for e in found.events] == ["conference", "named day"]


def test_talk_on_a_named_day_alone_is_given_there() -> None:
    found = told("On [E:World Book Day] [P:M. Orlov] read “[T:Rare Books]”.")
    assert named(found, *(r.event for r in found.reports)) == ["World Book Day"]


def test_event_of_the_headline_has_the_date_and_place_that_are_told_below() -> None:
    found = told(
        "Conference “[E:Word]”\n\nOn [D:23 April 2015] the conference “[E:Word]” took place in [L:Almaty].\n\n"
        "[P:M. Orlov] read “[T:Rare Books]”."
    )
    (event,) = found.events
    assert named(found, event.title, event.date, event.place) == ["Word", "23 April 2015", "Almaty"]
    assert event.title == 0
    assert dates(found) == ["23 April 2015"]


@pytest.mark.parametrize(
    ("marked", "institution"),
    [
        ("[P:I. Solberg] ([I:University of Bergen]). [T:Whalers]", "University of Bergen"),
        ("[P:P. Novak], [I:Charles University], [L:Prague]: “[T:Maps]”", "Charles University"),
        ("[P:P. Novak] ([L:Prague], [I:Charles University]). “[T:Maps]”", "Charles University"),
        ("10.00 [I:National Library], [P:A. Petrova]. “[T:Maps]”", "National Library"),
        ("10.00\t[P:A. Petrova]\t[T:Maps]\t[I:National Library]\n", "National Library"),
        ("10.00 | [P:A. Petrova] | [T:Maps of the] [I:Museum] | [I:National Library]", "National Library"),
        ("[P:A. Petrova] read “[T:Maps]” in the [I:National Library]", ""),
        ("[P:A. Petrova], [I:National Library] staff said, read “[T:Maps]”", ""),
        ("“[T:Maps]” was read by [P:A. Petrova]\n[I:National Library], Almaty", ""),
        ("“[T:Coins]” was read in the hall of the\n[I:National Library], [P:A. Petrova] said", ""),
    ],
)
def test_speaker_without_a_role_comes_from_the_institution_beside_the_name(marked: str, institution: str) -> None:
    found = told(marked)
    assert named(found, *(r.institution for r in found.reports)) == [institution]
