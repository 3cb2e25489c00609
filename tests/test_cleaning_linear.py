"""Documents of the same few characters over and over, as damage leaves them, take no longer than others."""

from __future__ import annotations

import time
import zipfile
from pathlib import Path

import pytest

from pipeline.cleaning import clean
from pipeline.cleaning.anatomy import anatomy
from pipeline.cleaning.marks import dateline, is_place_and_date, is_signed
from pipeline.reading import read
from tests import formats_made as made

#: Good code takes a hundredth of it on a slow machine, what is quadratic many times as much.
SECONDS = 3
CHARACTERS = 20_000
#: What patterns for names, places, hours, paths of pages and numbers begin with, alone and as pairs.
UNITS = (
    "A-", "Ab-", "WARC-TyC-", "A.", "A. ", "A.-", "Аб ", "a - ", "12 ", "12.", "(1", "- ", " -", ". ", "« ", "»", "|a",
    "• ", "_ ", "=", " ", "\t", ", ", "@a", "a.", "a@", "\u00ad", "é", "Tel. ", "May ", "12 May ", "\f", "a-\n",
)  # fmt: skip


@pytest.mark.parametrize("unit", UNITS, ids=repr)
@pytest.mark.parametrize("width", [CHARACTERS, 190, 75])
def test_repeated_characters_take_linear_time(unit: str, width: int) -> None:
    line = (unit * width)[:width]
    raw = "\n".join([line] * (CHARACTERS // width))
    begun = time.process_time()
    text = clean(raw)
    anatomy(raw, text.furniture)
    assert time.process_time() - begun < SECONDS


def test_patterns_of_places_and_names_read_as_before() -> None:
    assert dateline("ALMATY-- The library opened a room for old newspapers.") == len("ALMATY--")
    assert dateline("Ust-Kamenogorsk, May 12 -- The library opened a room.") == len("Ust-Kamenogorsk, May 12 --")
    assert dateline("St.-Petersburg, 12 May 1998. The library opened a room.") == len("St.-Petersburg, 12 May 1998.")
    assert dateline("NEW YORK, N.Y. -- The library opened a room.") == len("NEW YORK, N.Y. --")
    assert is_place_and_date("Ust-Kamenogorsk, 21 September 2015")
    assert is_place_and_date("Нур-Султан қ., 21 қыркүйек 2015 жыл")
    assert is_signed("Director — Anna Karimova-Petrova")
    assert is_signed("А. Б. Иванова-Петрова")


def test_reading_repeated_characters_takes_linear_time(tmp_path: Path) -> None:
    page = tmp_path / "a.html"
    page.write_bytes(b"<!-- a -->" * 380 + b"<p>Notice</p>")  # so many readings of comments as there are sums of 380
    letter = tmp_path / "a.docx"
    word = "xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'"
    spaces = f"<w:p><w:r><w:t xml:space='preserve'>a{' ' * 60_000}b</w:t></w:r></w:p>"
    cell = f"<w:tbl><w:tr><w:tc>{spaces}</w:tc></w:tr></w:tbl>"
    with zipfile.ZipFile(letter, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", f"<w:document {word}><w:body>{cell}</w:body></w:document>")
    begun = time.process_time()
    for path in (page, letter):
        assert all(document.source.status == "ok" for document in read(path, path.name))
    assert time.process_time() - begun < SECONDS + 4  # with the libraries


def test_reading_a_record_that_says_it_is_larger_than_numbers_go(tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    data = made.warc([("http://e.org", "text/html", made.html("text\n"))])
    path.write_bytes(data.replace(b"Content-Length: ", b"Content-Length: 99999999999999999999", 1))
    (document,) = read(path, path.name)
    assert document.source.status == "failed" and "the web archive is damaged" in document.source.reason
