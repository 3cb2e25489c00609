"""What the cleaning steps change, and what they must leave alone."""

import time

import pytest

from pipeline.cleaning import clean, mark


def cleaned(raw: str, *steps: str) -> str:
    return clean(raw, steps or None, furniture=False).clean


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("National\u00a0Library", "National Library"),
        ("zero\u200bwidth \ufeffmark", "zerowidth mark"),
        ("soft\u00adhyphen", "softhyphen"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("qualifi-\ncation of librarians", "qualification of librarians"),
        ("библио-\n   течное дело", "библиотечное дело"),
        ("was opened.The rector", "was opened. The rector"),
        ("in 2010.Then", "in 2010. Then"),
        ("“Traces”.Then", "“Traces”. Then"),
    ],
)
def test_clean_mends(raw: str, expected: str) -> None:
    assert cleaned(raw) == expected


@pytest.mark.parametrize(
    "raw",
    [
        "Ust-\nKamenogorsk",  # a compound name keeps its hyphen
        "S.Toraigyrov",
        "Ospanova B.K.",
        "www.nlrk.kz/Page.aspx",
        "3.5 million",
        "Speakers:\nA. Petrov\nB. Ivanov",
        "10.30 Opening\n11.00 N. Popova. The first catalogue",
    ],
)
def test_clean_leaves_alone(raw: str) -> None:
    assert cleaned(raw) == raw


WRAPPED = """\
The Library has appointed Dr. Mary E. Whitaker as Head of the Division
of Special Collections. She will take up her duties on the first day
of September, the Librarian announced.

PROGRAMME
10.00  Opening
10.30  Dr. Whitaker
"""


def test_hard_wraps_join_a_paragraph_and_keep_a_programme() -> None:
    text = cleaned(WRAPPED, "hard-wraps")
    assert "Head of the Division of Special Collections. She will take up her duties on the first day of" in text
    assert "PROGRAMME\n10.00  Opening\n10.30  Dr. Whitaker\n" in text


TABLE = """\
Time | Speaker | Topic of the talk
10.00 | A. Petrov, city archive | The first hundred maps of the town
10.30 | B. Ivanov, city museum | The last hundred maps of the town
11.00 | C. Sidorov, city library | What the readers of the town
asked for in winter
"""


def test_hard_wraps_keep_the_rows_of_a_table_and_join_a_cell() -> None:
    assert cleaned(TABLE, "hard-wraps") == TABLE.replace("town\nasked", "town asked")


def test_hard_wraps_name_broken_over_two_lines_is_one_span_of_the_raw_text() -> None:
    raw = WRAPPED.replace("\n", "\r\n")
    text = clean(raw)
    start = text.clean.index("Head of the Division of Special Collections")
    a, b = text.raw_span(start, start + len("Head of the Division of Special Collections"))
    assert raw[a:b] == "Head of the Division\r\nof Special Collections"


def test_switched_off_step_changes_nothing() -> None:
    assert cleaned("was opened.The rector", "zero-width") == "was opened.The rector"


def test_changes_are_recorded_with_the_step_and_the_raw_place() -> None:
    text = clean("He left.She\u00a0stayed.")
    steps = {(c.step, c.start, c.end, c.before, c.after) for c in text.changes}
    assert ("odd-spaces", 11, 12, "\u00a0", " ") in steps
    assert ("missing-space", 8, 8, "", " ") in steps


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("TELEPHONE FOR INFORMATION: +7 (727) 267-28-83", "phone line"),
        ("-more-", "more follows"),
        ("- more -", "more follows"),
        ("###", "end mark"),
        ("# # #", "end mark"),
        ("Main page » News » Events       Views: 412", "path of pages"),
        ("About the archive | Guide | State services | Contacts", "menu"),
        ("Views: 412", "counter"),
        ("Page 2 of 3", "page number"),
        ("info@nlrk.kz", "mail line"),
        ("http://www.nlrk.kz/page.php?lang=3", "address of a page"),
    ],
)
def test_furniture_is_marked_and_not_cut(line: str, reason: str) -> None:
    raw = f"News\n\n{line}\n\nThe director Ospanova B.K. opened the meeting."
    text = clean(raw)
    assert [(raw[f.start : f.end], f.reason) for f in text.furniture] == [(line, reason)]
    assert line in text.clean


@pytest.mark.parametrize(
    "line",
    [
        "The director Ospanova B.K. opened the meeting.",
        "Kim V.N., head of the sector of rare books",
        "10.30 N. Popova (RSL). The first catalogue",
        "November 24, 2012",
        "Search for lost manuscripts goes on in Samarkand, says A. Karimov, director of the museum.",
    ],
)
def test_furniture_leaves_what_was_announced(line: str) -> None:
    assert clean(line).furniture == ()


@pytest.mark.parametrize(
    "piece", ["x> ", "> ", "Ðr> ", "a » ", "| ", "a| ", "• ", "a·", "1 ", "1-", "+7 ", "(1) ", "tel ", "тел. 1 ",
              "views 1 ", "- ", "www.", "a@", "©", "share ", "back/", "= ", "page 1", "\t", "a ", "."],
)  # fmt: skip
@pytest.mark.parametrize("end", ["", ".", "x", "!", "1"])
def test_furniture_of_a_hostile_line_is_found_in_time(piece: str, end: str) -> None:
    line = (piece * 200)[:199].rstrip() + end
    begun = time.process_time()
    mark(line)
    assert time.process_time() - begun < 0.5


def test_furniture_a_path_of_many_pages() -> None:
    line = "Home > " * 20 + "News"
    assert [f.reason for f in mark(line)] == ["path of pages"]
