"""What tables tell of talks and posts, with mentions marked by hand: by their heads, and by what stands in a column."""

from __future__ import annotations

import pytest
from extraction_helpers import marked

from pipeline.extraction.candidates import Page
from pipeline.extraction.heads import heads_of, is_no_title
from pipeline.extraction.layout import layout_of
from pipeline.extraction.linker import Links
from pipeline.extraction.row_links import relink
from pipeline.extraction.tabular import complete


class Told:
    """What a text says whose mentions are marked as `[P:Anna Petrova]`; a linker gave each talk to the first person."""

    def __init__(self, text: str, language: str = "en") -> None:
        made, found = marked(text, language)
        starts, ends = made.tokens.starts.tolist(), made.tokens.ends.tolist()
        spans, self.sure = complete(made, found)
        self.page = Page.of(made.words, spans, layout_of(made.tokens, made.words, spans, language))
        self.texts = [made.tokens.text.clean[starts[first] : ends[last - 1]] for first, last, _ in spans]
        persons, titles, roles = (self.page.by_label.get(label, []) for label in ("PERSON", "REPORT", "ROLE"))
        given = {title: [(person, 0.5) for person in persons[:1]] for title in titles}
        empty: dict[int, list[tuple[int, float]]] = {role: [] for role in roles}
        self.links = relink(made, self.page, Links(dict(empty), dict(empty), given))

    def named(self, label: str) -> list[str]:
        return [self.texts[m] for m in self.page.by_label.get(label, [])]

    def reports(self) -> list[tuple[str, ...]]:
        """Each talk with its speakers."""
        return [(self.texts[t], *(self.texts[p] for p, _ in found)) for t, found in self.links.speakers.items()]

    def posts(self) -> list[tuple[str, ...]]:
        """Each role with who holds it, and where."""
        links = self.links
        return [
            (self.texts[role], *(self.texts[m] for m, _ in (*found, *links.institutions[role])))
            for role, found in links.persons.items()
        ]


@pytest.mark.parametrize(
    ("language", "table"),
    [
        (
            "en",
            "Time\tSpeaker\tAffiliation\tTopic\n10:00\t[P:A. Green]\t[I:Leeds Library]\tReading rooms without readers\n"
            "10:20\tCoffee break\n11:00\t[P:B. Black], [P:C. White]\t[I:York Archive]\tLedgers (online)\n"
            "12:00\t[P:D. Brown]\t[I:Hull Museum]\tto be confirmed\n",
        ),
        (
            "ru",
            "| № | ФИО | Организация | Тема доклада |\n|---|---|---|---|\n"
            "| 1 | [P:A. Green] | [I:РНБ] | Reading rooms without readers |\n| 2 | | | Перерыв |\n"
            "| 3 | [P:B. Black] и [P:C. White] | [I:ГАПО] | «Ledgers» |\n"
            "| 4 | [P:D. Brown] | [I:Музей] | тема уточняется |\n",
        ),
        (
            "kk",
            "Баяндамашының аты-жөні     Ұйымы         Тақырыбы\n\n"
            "[P:A. Green]                  [I:ҚазҰУ]        Reading rooms without readers\nТүскі үзіліс\n"
            "[P:B. Black], [P:C. White]    [I:ҰК]           Ledgers\n[P:D. Brown]                  —      Ашылу сөзі\n",
        ),
    ],
)
def test_what_stands_under_a_title_is_the_talk_of_those_in_its_row(language: str, table: str) -> None:
    found = Told(table, language)
    assert found.reports() == [("Reading rooms without readers", "A. Green"), ("Ledgers", "B. Black", "C. White")]
    assert all(sure < 1 for sure in found.sure.values())


@pytest.mark.parametrize(
    "table",
    [
        "Name\tPosition\tPhone\n[P:A. Green]\t[R:curator]\t123-45\n[P:B. Black]\t[R:archivist]\t123-46\n",
        "Title\tAuthor\tYear\tPrice\nSilent Steppe\t[P:A. Green]\t2006\t12.50\n[W:Apples]\t[P:B. Black]\t2008\t9.99\n",
        "Day\tOpening hours\tRoom\nMonday\t9:00-18:00\tReading room\nSunday\tclosed\t\nFriday\t9:00-12:00\tHall\n",
        "Дата\tМероприятие\tМесто\n3 мая\tВыставка рисунка\tГородской парк\n9 мая\tКонцерт\tПлощадь\n",
        "Выставка\tХудожник\tСроки\nКраски степи\t[P:A. Green]\tмай\nСиний горизонт\t[P:B. Black]\tиюнь\n",
        "Время\tФильм\tРежиссёр\n18:00\tИгла\t[P:A. Green]\n20:00\tКайрат\t[P:B. Black]\n22:00\tПлач\t[P:C. White]\n",
        "Мероприятие\tОтветственный\tСрок\nОбновить сайт\t[P:A. Green]\tмай\nКупить шкаф\t[P:B. Black]\tиюнь\n",
        "Дата\tСоискатель\tТема\n12 мая\t[P:A. Green]\tЛичные фонды\n13 мая\t[P:B. Black]\tАрхивное строительство\n",
        "Орын\tАты-жөні\tМектебі\tАталым\nI\t[P:A. Green]\t№ 4 мектеп\tҮздік оқырман\nII\t[P:B. Black]\t№ 9\tСуретші\n",
        "I\t[P:A. Green]\tSchool 4\tBest reader\nII\t[P:B. Black]\tSchool 9\tPoem\nIII\t[P:C. White]\tLyceum\tArt\n",
    ],
)
def test_tables_of_other_things_hold_no_talks(table: str) -> None:
    assert not Told(table).named("REPORT")


def test_cells_of_posts_and_places_of_work_belong_to_the_person_of_their_row() -> None:
    table = "Full name | Job title | Employer\n[P:A. Green] | records manager | Kent Council, London\n"
    found = Told(table + "[P:B. Black] | Lead, trainer | —\nCarl White | [R:clerk] | [I:Boots]\n")
    assert found.named("PERSON") == ["A. Green", "B. Black", "Carl White"]
    assert found.posts() == [
        ("records manager", "A. Green", "Kent Council"), ("Lead", "B. Black"), ("trainer", "B. Black"),
        ("clerk", "Carl White", "Boots"),
    ]  # fmt: skip


def test_post_and_place_of_work_of_one_column_are_told_apart() -> None:
    found = Told("Name\tPlace of work, position\tTheme\n[P:A. Green]\tSemey archive, [R:director]\tWells\n")
    assert found.named("INSTITUTION") == ["Semey archive"]
    assert found.reports() == [("Wells", "A. Green")]


def test_who_chairs_reads_or_translates_is_no_speaker() -> None:
    head = "Speaker | Paper | Chair\n"
    assert Told(head + "[P:A. Green] (read by [P:B. Black]) | Wells | [P:C. White]\n").reports() == [
        ("Wells", "A. Green")
    ]
    assert Told(head + "[P:A. Green], transl. [P:B. Black] | Wells | [P:C. White]\n").reports() == [
        ("Wells", "A. Green")
    ]


def test_talk_without_a_speaker_gets_none_from_another_row() -> None:
    found = Told("Докладчик | Тема\n[P:A. Green] | [T:Wells]\nвакансия | [T:Ledgers]\n", "ru")
    assert found.reports() == [("Wells", "A. Green"), ("Ledgers",)]


def test_titles_that_were_found_stay_as_they_are() -> None:
    table = "Speaker | Title\n[P:A. Green] | [T:Wells], second part\n[P:B. Black] | [E:Round table on wells]\n"
    found = Told(table + "[P:C. White] | Wells of [L:Aktau]\n")
    assert found.named("REPORT") == ["Wells", "Wells of Aktau"]
    assert found.named("EVENT") == ["Round table on wells"]


def test_mention_that_goes_over_cells_gives_way_to_the_cells() -> None:
    found = Told("Докладчик\tОрганизация\tТема\n[P:A. Green]\t[T:Ягеллонская библиотека\tКарты степи]\n", "ru")
    assert found.reports() == [("Карты степи", "A. Green")]
    assert found.named("INSTITUTION") == ["Ягеллонская библиотека"]


def test_rows_may_go_on_in_the_next_line() -> None:
    broken = (
        "Speaker | Post | Topic\n[P:A. Green] | [R:curator], the\nBritish Museum | Wells\n[P:B. Black] | | Ledgers\n"
    )
    assert Told(broken).reports() == [("Wells", "A. Green"), ("Ledgers", "B. Black")]
    wrapped = "Date      Speaker           Topic\n3 May     [P:A. Green]          Wells and what they\n"
    below = "                            Tell of us\n9 May     [P:B. Black]          Ledgers\n"
    titles = [" ".join(title.split()) for title, _ in Told(wrapped + below).reports()]
    assert titles == ["Wells and what they Tell of us", "Ledgers"]


def test_column_of_titles_is_known_by_those_that_were_found() -> None:
    rows = "10:00\t[P:A. Green]\t[T:Wells of the steppe]\n10:20\t[P:B. Black]\tLedgers and lives\n"
    more = "10:40\tTea\n11:00\t[P:C. White]\t[T:Maps]\n11:20\t[P:D. Brown]\t[L:Aktau]\n"
    assert Told(rows + more).reports() == [
        ("Wells of the steppe", "A. Green"), ("Ledgers and lives", "B. Black"), ("Maps", "C. White"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "row",
    ["Ines Duarte|PhD student|University of Porto|Catalogues", "2|The price of bread|Lidia Pak|lecturer", "Name|Anna",
     "Smirnov Oleg|Semey city archive, director|Personal funds of historians"],
)  # fmt: skip
def test_rows_of_people_are_no_heads(row: str) -> None:
    assert heads_of(row.split("|")) is None


@pytest.mark.parametrize("cell", ["—", "Opening", "Кофе-брейк", "тема будет объявлена позже", "тақырыбы нақтылануда"])
def test_breaks_and_unknown_titles_are_no_titles(cell: str) -> None:
    assert is_no_title(cell.split())


@pytest.mark.parametrize("cell", ["Opening the archives after 1991", "Регистрация рождений в Сибири", "Wells"])
def test_titles_that_begin_as_breaks_do_are_titles(cell: str) -> None:
    assert not is_no_title(cell.split())
