"""The anatomy of releases: every part under its name, in whatever order the parts come, in three languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.cleaning import mark, marks
from pipeline.cleaning.anatomy import anatomy
from pipeline.knowledge import table
from pipeline.records import SECTIONS

PROSE = (
    "The library opened a room for old newspapers yesterday, and more than two hundred readers came to see it on the "
    "first day. The room holds bound volumes of thirty titles."
)
ENGLISH = {
    "letterhead": "NORTHERN COUNTY LIBRARY\nOffice of Public Information",
    "release_date": "FOR IMMEDIATE RELEASE\nMay 21, 1968",
    "headline": "A ROOM FOR OLD NEWSPAPERS",
    "dateline": "ALMATY, May 21 --",
    "body": PROSE,
    "programme": "Programme of the day:\n10.00 Opening\n10.30 Ivanova M.: “Ink and iron”\n12.00 Coffee",
    "signature": "Press service of the library",
    "about": "About the Northern County Library:\nFounded in 1931, it serves forty villages.",
    "contact": "Media contact: Ruth Marchbanks\n000-47-71, press@example.org",
}
RUSSIAN = {
    "letterhead": "Пресс-релиз",
    "embargo": "Эмбарго до 10.00 21 мая 1998 года",
    "headline": "Открыт зал старых газет",
    "dateline": "АЛМАТЫ, 21 мая 1998 года –",
    "body": "В библиотеке открыли вчера зал старых газет, и в первый же день его посетили более двухсот читателей. "
    "Зал работает ежедневно с утра до вечера.",
    "programme": "Порядок дня\n1. «Газеты степи»\n2. «О чём молчит каталог»",
    "signature": "С уважением,\nдиректор Б. К. Оспанова",
    "about": "О библиотеке: основана в 1931 году, обслуживает сорок сёл.",
    "contact": "Контактное лицо: А. Каримова\nтел. 00-47-71",
}
KAZAKH = {
    "letterhead": "БАСПАСӨЗ РЕЛИЗІ",
    "release_date": "Жарияланған күні: 1998 жылғы 21 мамыр",
    "headline": "Ескі газеттер залы ашылды",
    "dateline": "Алматы, 1998 жылғы 21 мамыр.",
    "body": "Кітапханада кеше ескі газеттер залы ашылды, алғашқы күні-ақ оны екі жүзден астам оқырман көріп шықты. "
    "Зал күн сайын таңертеңнен кешке дейін жұмыс істейді.",
    "programme": "Іс-шара бағдарламасы:\n10.00 – ашылуы\n10.30 – «Дала газеттері» баяндамасы",
    "signature": "Кітапхананың баспасөз қызметі",
    "about": "Анықтама: кітапхана 1931 жылы құрылған, қырық ауылға қызмет етеді.",
    "contact": "Байланыс телефоны: 00-47-71",
}
ORDERS = (
    None,
    ("contact", "release_date", "embargo", "letterhead", "headline", "body", "programme", "about", "signature"),
    ("headline", "body", "about", "contact", "programme", "signature", "release_date", "embargo"),
)


def found(raw: str) -> list[tuple[str, str]]:
    return [(s.kind, raw[s.start : s.end]) for s in anatomy(raw, mark(raw))]


@pytest.mark.parametrize("order", ORDERS, ids=("usual", "contact first", "contact in the middle"))
@pytest.mark.parametrize("parts", [ENGLISH, RUSSIAN, KAZAKH], ids=("en", "ru", "kk"))
def test_anatomy_finds_the_parts_in_any_order(parts: dict[str, str], order: tuple[str, ...] | None) -> None:
    kinds = [k for k in order or parts if k in parts and k != "dateline"]
    wanted = {k: parts[k] for k in kinds} | {"dateline": parts["dateline"]}
    raw = "\n\n".join(f"{parts['dateline']} {parts[k]}" if k == "body" else parts[k] for k in kinds) + "\n"
    assert dict(found(raw)) == wanted
    assert len(found(raw)) == len(wanted)


def test_anatomy_columns_side_by_side() -> None:
    raw = (
        "From: L. R. Quimby                  FOR RELEASE: A.M.'s of Monday,\n"
        "Phone 7-0000, Ext. 214                           Oct. 17, 1955\n\nA ROOM OPENS\n\n" + PROSE
    )
    assert found(raw) == [
        ("contact", "From: L. R. Quimby"),
        ("release_date", "FOR RELEASE: A.M.'s of Monday,"),
        ("contact", "Phone 7-0000, Ext. 214"),
        ("release_date", "Oct. 17, 1955"),
        ("headline", "A ROOM OPENS"),
        ("body", PROSE),
    ]


@pytest.mark.parametrize(
    ("paragraph", "dateline"),
    [
        ("URBANA, Ill., Oct. 16--Appointment of a bibliographer", "URBANA, Ill., Oct. 16--"),
        ("WASHINGTON, D.C. -- Two hundred objects", "WASHINGTON, D.C. --"),
        ("London, 2 October.  The Director of the School", "London, 2 October."),
        ("LONDON, 12 September – A Tatar primer", "LONDON, 12 September –"),
        ("АСТАНА. 19 марта 2015. В академии прошла лекция", "АСТАНА. 19 марта 2015."),
        ("АКТОБЕ. КАЗИНФОРМ – Жительница аула передала", "АКТОБЕ. КАЗИНФОРМ –"),
        ("Тараз қаласы, 2023 жылғы 3 мамыр. Кітапханада", "Тараз қаласы, 2023 жылғы 3 мамыр."),
        ("On October 9-10, 2018 in the library a seminar was held", ""),
        ("2020 жылдың 10 тамызы – ұлы ақын туған күн", ""),
        ("Monday – closed, Tuesday – open to all", ""),
        ("In the library the Director spoke – and was heard", ""),
    ],
)
def test_marks_datelines(paragraph: str, dateline: str) -> None:
    assert paragraph[: marks.dateline(paragraph)] == dateline


@pytest.mark.parametrize("line", ["About three hundred came.", "Contact with readers was lost", "Справка выдана"])
def test_anatomy_prose_that_begins_like_a_part_is_body(line: str) -> None:
    raw = f"A room opens\n\n{PROSE}\n\n{line}\n\n{PROSE}\n"
    assert [kind for kind, _ in found(raw)] == ["headline", "body"]


def test_anatomy_a_line_in_the_middle_of_a_sentence_opens_nothing() -> None:
    raw = f"A room opens\n\n{PROSE}\nShe said that the readers of the district should know that\ncontact: was lost.\n"
    assert [kind for kind, _ in found(raw)] == ["headline", "body"]


def test_anatomy_the_day_above_a_programme_is_no_release_date() -> None:
    raw = "Seminar on parchment\n\nTuesday, 8 April 1986\n\n10.00 Opening\n10.30 Ivanova M.: “Ink”\n11.00 Coffee\n"
    assert [kind for kind, _ in found(raw)] == ["headline", "programme"]


def test_anatomy_a_list_of_questions_is_no_programme() -> None:
    raw = f"A room opens\n\n{PROSE}\n\n- Is it worth charging?\n- Who helps the readers?\n- What is kept?\n"
    assert [kind for kind, _ in found(raw)] == ["headline", "body"]


def test_anatomy_a_heading_with_a_quotation_is_no_menu() -> None:
    raw = "«МАХАМБЕТ ӘЛЕМІ» АПТАЛЫҒЫ АЯҚТАЛДЫ\n\n" + KAZAKH["body"]
    assert found(raw)[0] == ("headline", "«МАХАМБЕТ ӘЛЕМІ» АПТАЛЫҒЫ АЯҚТАЛДЫ")


@pytest.mark.parametrize(
    "line",
    ["Время   Тема   Докладчик", "Time, Topic, Speaker", "Председатель: Асанова Бота", "Section chair: Ruth Marchbanks",
     "Held on 9 June 1992", "г. Алматы, 12 февраля 2020 года", "Алматы қ., 2020 жылғы 12 ақпан",
     "FOR lMMEDIATE RELEASE", "F0R IMMEDlATE RELEASE"],
)  # fmt: skip
def test_anatomy_what_often_stands_above_a_headline_is_none(line: str) -> None:
    assert ("headline", "A room opens") in found(f"{line}\n\nA room opens\n\n{PROSE}\n")
    assert "headline" not in dict(found(f"{line}\n\n{PROSE}\n"))


@pytest.mark.parametrize("line", ["Library: a room opens", "Speaker of the house opens a room", "Held in trust"])
def test_anatomy_headlines_that_begin_like_a_role_or_a_date(line: str) -> None:
    assert ("headline", line) in found(f"{line}\n\n{PROSE}\n")


def test_anatomy_tells_what_a_part_was_known_by() -> None:
    raw = f"Home | News | Library\n\nA room opens\n\n{PROSE}\n\n{ENGLISH['contact']}\n"
    reasons = {s.kind: s.reason for s in anatomy(raw, mark(raw))}
    assert reasons == {"furniture": "menu", "headline": "stands alone at the head", "body": "",
                       "contact": "Media contact"}  # fmt: skip


@pytest.mark.parametrize(
    ("line", "reason"),
    [("Contact Ruth at ruth@example.org", "Contact Ruth at"), ("Phone 000-47-71", "Phone"),
     ("О библиотеке: тел. 00-47-71", "О библиотеке"), ("Contact Ruth, tel. 00-00", "Contact Ruth, tel")],
)  # fmt: skip
def test_marks_tell_no_number_or_address(line: str, reason: str) -> None:
    assert marks.mark(line)[1] == reason


def test_knowledge_of_parts_names_kinds_that_there_are() -> None:
    for language in marks.LANGUAGES:
        rows = table(language, "release_parts")
        assert {row[1] for row in rows} <= set(SECTIONS) - {"furniture", "headline", "dateline", "body"}
        assert all(len(row) == 2 for row in rows)


LINES = st.lists(
    st.sampled_from(
        [*ENGLISH.values(), *RUSSIAN.values(), *KAZAKH.values(), "", "10.00 Tea", "12 May 1998", "- “One”", "-more-",
         "a   b\tTel. 00-00-00", "\f", "\u2028x", "Name N. N."]
    )
    | st.text(max_size=30),
    max_size=14,
)  # fmt: skip


@given(LINES, st.sampled_from(["\n", "\n\n", "\r\n", "\r"]))
def test_anatomy_covers_all_but_white_space_once(lines: list[str], joint: str) -> None:
    raw = joint.join(lines)
    sections = anatomy(raw, mark(raw))
    covered = [False] * len(raw)
    at = 0
    for section in sections:
        assert section.kind in SECTIONS
        assert at <= section.start < section.end <= len(raw)
        assert raw[section.start : section.end].strip() == raw[section.start : section.end]
        covered[section.start : section.end] = [True] * (section.end - section.start)
        at = section.end
    assert all(c or raw[i].isspace() for i, c in enumerate(covered))


@pytest.mark.parametrize(
    "part",
    [
        *("10.00 Tea\n", "Contact:\n", "a   b   c\n\n", "12 May 1998\n", "А. Б. В" * 20 + "\n"),
        *("x", "x.", "1 ", "(12", "A. ", "Tel", "Ab, ", "«a", "+"),
    ],
)
def test_anatomy_of_a_long_text_ends(part: str) -> None:
    # Where a pattern goes back over what it has read, one of these takes minutes.
    raw = part * (100_000 // len(part))
    at = 0
    for section in anatomy(raw, mark(raw)):
        assert at <= section.start < section.end <= len(raw)
        at = section.end
