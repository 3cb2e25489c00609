"""PDF: the order in which a page is read, split words, running heads and page numbers."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.cleaning import clean, mark
from pipeline.reading import read
from pipeline.reading.columns import Run, in_order, split
from tests import formats_made as made

LEFT = (
    "The director of the National Library, Ospanova B., opened a room for old newspapers yesterday. It is open to all "
    "from nine to six, and admission is free. The room holds bound volumes, and a list of them can be had at the desk."
)
RIGHT = (
    "The head of the archive, Ivanova M., has taken up her post. She follows Petrova L., who retires after thirty-one "
    "years in which the collection grew from two rooms to a wing of its own. Her first lecture will be given in June."
)
HEADLINE = "A ROOM FOR OLD NEWSPAPERS, AND A NEW HEAD OF THE ARCHIVE OF THE REGION, IN ONE NOTICE"


def raw_of(folder: Path, data: bytes) -> str:
    (folder / "a.pdf").write_bytes(data)
    (document,) = read(folder / "a.pdf", "a.pdf")
    assert document.source.status == "ok"
    return document.raw


def set_in(width: int, x: float, y: float, text: str) -> list[tuple[float, float, str]]:
    return [(x, y - 14 * i, line) for i, line in enumerate(textwrap.wrap(text, width, break_on_hyphens=False))]


def by_rows(*columns: list[tuple[float, float, str]]) -> list[tuple[float, float, str]]:
    return sorted((line for column in columns for line in column), key=lambda line: (-line[1], line[0]))


def prose(raw: str) -> str:
    return " ".join(raw.split())


@pytest.mark.parametrize("drawn", ["by rows", "by columns"])
def test_pdf_two_columns_are_read_one_after_the_other(drawn: str, tmp_path: Path) -> None:
    left, right = set_in(40, 50, 700, LEFT), set_in(40, 310, 700, RIGHT)
    page = by_rows(left, right) if drawn == "by rows" else left + right
    assert prose(raw_of(tmp_path, made.pdf_placed([page]))) == f"{LEFT} {RIGHT}"


def test_pdf_what_crosses_the_columns_parts_them(tmp_path: Path) -> None:
    head, foot = [(50, 740, HEADLINE)], [(50, 420, HEADLINE.title())]
    above = by_rows(set_in(40, 50, 700, LEFT), set_in(40, 310, 700, RIGHT))
    below = by_rows(set_in(40, 50, 380, RIGHT), set_in(40, 310, 380, LEFT))
    raw = raw_of(tmp_path, made.pdf_placed([head + above + foot + below]))
    assert prose(raw) == f"{HEADLINE} {LEFT} {RIGHT} {HEADLINE.title()} {RIGHT} {LEFT}"
    assert raw.startswith(HEADLINE + "\n\n")


def test_pdf_three_columns(tmp_path: Path) -> None:
    page = by_rows(*(set_in(28, x, 700, text) for x, text in ((40, LEFT), (220, RIGHT), (400, LEFT))))
    assert prose(raw_of(tmp_path, made.pdf_placed([page]))) == f"{LEFT} {RIGHT} {LEFT}"


def test_pdf_the_rows_of_a_programme_stay_rows(tmp_path: Path) -> None:
    rows = [("10.00", "Registration in the foyer"), ("10.30", "Ivanova M., Parchment and its enemies"),
            ("11.00", "Coffee for all who have come"), ("11.30", "Petrova L., Ink, gall and iron"),
            ("12.00", "Tour of the reading room"), ("13.00", "The end")]  # fmt: skip
    page = [(x, 700 - 14 * i, cell) for i, row in enumerate(rows) for x, cell in zip((50, 200), row, strict=True)]
    assert raw_of(tmp_path, made.pdf_placed([page])).split("\n")[:-1] == [" ".join(row) for row in rows]


def test_pdf_a_table_of_long_cells_stays_in_rows(tmp_path: Path) -> None:
    rows = [(f"Ivanova Maria Petrovna number {i}", f"Head of the Department of Books {i}") for i in range(8)]
    page = [(x, 700 - 14 * i, cell) for i, row in enumerate(rows) for x, cell in zip((50, 310), row, strict=True)]
    assert raw_of(tmp_path, made.pdf_placed([page])).split("\n")[:-1] == [" ".join(row) for row in rows]


def test_pdf_a_word_split_between_columns_and_lines_is_joined_by_the_cleaning(tmp_path: Path) -> None:
    left = set_in(40, 50, 700, LEFT)
    left = [*left[:-1], (50, left[-1][1], "and a list of them can be had at the li-")]
    right = [(310, 700, "brary desk."), *set_in(40, 310, 686, RIGHT)]
    raw = raw_of(tmp_path, made.pdf_placed([by_rows(left, right)]))
    assert "li-\nbrary desk." in raw
    assert "at the library desk." in clean(raw).clean


def test_pdf_running_heads_and_page_numbers_are_furniture(tmp_path: Path) -> None:
    text = "\n\n".join(f"Of {chr(97 + i % 26) * 3} and {chr(97 + i // 26) * 4} the news." for i in range(90))
    raw = raw_of(tmp_path, made.pdf(text, head="Bulletin of the Library"))
    marked = [(raw[f.start : f.end], f.reason) for f in mark(raw)]
    pages = raw.count("\f") + 1
    assert pages > 2
    assert marked.count(("Bulletin of the Library", "running head")) == pages
    assert sum(reason == "page number" for _, reason in marked) == pages
    assert len(marked) == 2 * pages


def test_split_parts_words_at_wide_gaps() -> None:
    words = [Run(0, 20, 0, 10, "one"), Run(25, 40, 0, 10, "two"), Run(90, 110, 0, 10, "three")]
    assert [r.text for r in split(words)] == ["one two", "three"]


RUNS = st.lists(
    st.builds(
        lambda x, w, y, t: Run(x, x + w, y, y + 10, t),
        st.floats(0, 500), st.floats(0, 300), st.sampled_from([700 - 14 * i for i in range(12)]),
        st.sampled_from(["a line that goes on and on", "Another line of words", "short", "and so on and on it goes"]),
    ), max_size=40,
)  # fmt: skip


@given(RUNS)
def test_columns_lose_nothing(runs: list[Run]) -> None:
    columns = in_order(runs)
    if columns is not None:
        assert sorted((r for column in columns for r in column), key=repr) == sorted(runs, key=repr)
