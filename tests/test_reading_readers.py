"""What each reader keeps of its format: the content among menus, titles and dates, attachments, rows, pages."""

from __future__ import annotations

import hashlib
import random
import struct
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.reading import Document, ReadOptions, pictures, read
from pipeline.reading.keeping import text_file
from tests import formats_made as made
from tests.twelve import ENGLISH, KAZAKH, RUSSIAN

Reading = Callable[..., list[Document]]

LINKS = "".join(f"<li><a href='/{i}'>Section number {i}</a></li>" for i in range(60))
MENU = f"<div class='menu'><ul>{LINKS}</ul></div>"
FOOT = "<footer>© National Library. <a href='/map'>Site map</a></footer>"
HEAD = (
    "<title>A seminar | National Library</title><meta property='article:published_time' content='1999-11-24T10:00:00Z'>"
)


@pytest.fixture
def reading(tmp_path: Path) -> Reading:
    def of(name: str, data: bytes, **options: object) -> list[Document]:
        (tmp_path / name).write_bytes(data)
        return list(read(tmp_path / name, name, ReadOptions(**options)))  # type: ignore[arg-type]

    return of


def test_html_the_content_among_menus(reading: Reading) -> None:
    page = made.html(ENGLISH[0], head=HEAD, around=(MENU + "<div id='content'><h1>A seminar</h1>", "</div>" + FOOT))
    (document,) = reading("a.html", page)
    assert "Section number" not in document.raw and "Site map" not in document.raw
    for line in ENGLISH[0].split("\n"):
        assert line in document.raw
    assert document.source.source_title.startswith("A seminar")
    assert document.source.source_date == "1999-11-24"
    assert "menus and the like around the main content were left out" in document.source.note


def test_html_a_bare_page_is_taken_whole(reading: Reading) -> None:
    page = b"<html><body><font size=2>Notice<p>First line<br>second line<p>End.<pre>a   b\n  c</pre></font></body>"
    assert reading("a.html", page)[0].raw == "Notice\n\nFirst line\nsecond line\n\nEnd.\n\na   b\n  c\n"


def test_html_tables_lists_and_entities(reading: Reading) -> None:
    page = (
        b"<html><body><table><tr><td>10.00</td><td>Ivanova M. &amp; &laquo;Ink&raquo;</td></tr><tr><td>11.00</td>"
        b"<td>Coffee</td></tr></table><ul><li>one <b>two</b></li><li>three</li></ul></body></html>"
    )
    assert reading("a.html", page)[0].raw == "10.00\tIvanova M. & «Ink»\n11.00\tCoffee\n\none two\nthree\n"


def test_html_a_page_of_several_notices_is_split(reading: Reading) -> None:
    articles = "".join(
        f"<article><h2>Notice {i}</h2><time datetime='1999-11-0{i}'>{i} November</time><p>{ENGLISH[i]}</p></article>"
        for i in (1, 2, 3)
    )
    page = f"<html><body>{MENU}<main>{articles}</main></body></html>".encode()
    documents = reading("a.html", page)
    assert [d.source.document_id for d in documents] == ["a.html#001", "a.html#002", "a.html#003"]
    assert [d.source.source_date for d in documents] == ["1999-11-01", "1999-11-02", "1999-11-03"]
    assert [d.source.source_title for d in documents] == ["Notice 1", "Notice 2", "Notice 3"]
    assert all(ENGLISH[i][:60].split("\n")[0] in d.raw for i, d in enumerate(documents, 1))


def test_html_items_of_an_older_page_are_split(reading: Reading) -> None:
    items = "".join(
        f"<div class='item'><h3><a href='/{i}'>Notice {i}</a></h3><span class='item-date'>0{i}.11.1999</span>"
        f"<p>{ENGLISH[i]}</p></div>"
        for i in (1, 2, 3)
    )
    documents = reading("a.html", f"<html><body>{MENU}<div id='news'>{items}</div></body></html>".encode())
    assert [d.source.source_title for d in documents] == ["Notice 1", "Notice 2", "Notice 3"]


def test_html_sections_of_one_notice_stay_together(reading: Reading) -> None:
    sections = "".join(f"<div class='s'><h3>Part {i}</h3><p>{ENGLISH[i]}</p></div>" for i in (1, 2, 3))
    documents = reading("a.html", f"<html><body>{MENU}{sections}</body></html>".encode())
    assert len(documents) == 1


def test_html_teasers_of_notices_are_not_notices(reading: Reading) -> None:
    teasers = "".join(
        f"<article><a href='/{i}'><h2>Notice {i}</h2><p>{ENGLISH[i]}</p></a></article>" for i in (1, 2, 3)
    )
    assert len(reading("a.html", f"<html><body>{teasers}</body></html>".encode())) == 1


def test_html_menus_and_calendars_by_their_names(reading: Reading) -> None:
    """A page with few links is taken whole, but for what is called a menu and is nothing but links."""
    days = "".join(f"<td><a href='/{day}'>{day}</a></td>" for day in range(1, 8))
    people = "<ul class='menu'><li>Ospanova B., <a href='/o'>director</a></li><li>Ivanova M., head</li></ul>"
    around = (f"<div id='top-menu'>{LINKS[:400]}</ul></div><table class='calendar'><tr>{days}</tr></table>", people)
    (document,) = reading("a.html", made.html(ENGLISH[0] * 3, around=around))
    assert document.raw.startswith(ENGLISH[0].split("\n")[0])
    assert "Ospanova B., director\nIvanova M., head" in document.raw
    assert document.source.note.endswith("characters of menus and the like around the main content were left out")


def test_what_belongs_to_a_saved_page_is_no_failure(tmp_path: Path) -> None:
    folder = tmp_path / "Notice_files"
    folder.mkdir()
    (tmp_path / "Notice.html").write_bytes(made.html(ENGLISH[0]))
    for name, data in (("a.css", b"p {}"), ("a.gif", b"GIF89a"), ("a.png", b"\x89PNG\r\n\x1a\n")):
        (folder / name).write_bytes(data)
        (document,) = read(folder / name, name)
        assert document.source.status == "empty"
        assert document.source.reason == "this belongs to the saved page Notice.html and is no document"
    (folder / "frame.html").write_bytes(made.html(ENGLISH[1]))
    assert next(iter(read(folder / "frame.html", "frame.html"))).source.status == "ok"
    (tmp_path / "Notice.html").unlink()
    assert next(iter(read(folder / "a.css", "a.css"))).source.status == "failed"


def test_html_nothing_is_fetched_or_run(reading: Reading) -> None:
    page = b"<html><body><script>document.write('x')</script><object data='file:///etc/passwd'></object><p>text</p>"
    assert reading("a.html", page)[0].raw == "text\n"


def test_docx_tables_notes_and_deleted_text(reading: Reading) -> None:
    body = (
        "<w:p><w:r><w:t>A</w:t></w:r><w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:r><w:br/><w:t>B</w:t>"
        "<w:tab/><w:t>C</w:t></w:r></w:p><w:p/>"
        "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>10.00</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>Tea</w:t></w:r></w:p>"
        "<w:p><w:r><w:t>Hall</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
    )
    space = "xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'"
    data = made.zipped({
        "[Content_Types].xml": "<Types/>",
        "word/document.xml": f"<w:document {space}><w:body>{body}</w:body></w:document>",
        "word/header1.xml": f"<w:hdr {space}><w:p><w:r><w:t>Letterhead</w:t></w:r></w:p></w:hdr>",
        "word/footnotes.xml": f"<w:n {space}><w:footnote><w:p><w:r><w:t>A note</w:t></w:r></w:p></w:footnote></w:n>",
    })  # fmt: skip
    assert reading("a.docx", data)[0].raw == "Letterhead\n\nA\nB\tC\n\n10.00\tTea Hall\n\nA note\n"


def test_docx_paragraphs_without_empty_ones_between_are_set_apart(reading: Reading) -> None:
    long = "word " * 30
    data = made.docx(f"Heading\n{long.strip()}\n{long.strip()}\n10.00 Tea\n11.00 Ink\n")
    assert reading("a.docx", data)[0].raw.replace(long.strip(), "P") == "Heading\n\nP\n\nP\n\n10.00 Tea\n11.00 Ink\n"


@pytest.mark.parametrize("text", RUSSIAN)
def test_rtf_of_a_code_page(text: str, reading: Reading) -> None:
    assert reading("a.rtf", made.rtf_of_code_page(text))[0].raw == text


def test_pdf_pages_and_split_words(reading: Reading) -> None:
    (document,) = reading("a.pdf", made.pdf("one\n\ntwo\n\nthree\n", lines_a_page=2))
    assert document.raw == "one\n\ftwo\n\fthree\n"


def test_mail_headers_body_and_attachments(reading: Reading) -> None:
    inner = made.zipped({"note.txt": ENGLISH[1].encode(), "logo.png": b"\x89PNG\r\n\x1a\n"})
    data = made.eml(ENGLISH[0], attached={"Программа.docx": made.docx(RUSSIAN[1]), "more.zip": inner})
    letter, word, note, logo = reading("a.eml", data)
    assert (letter.raw, letter.source.source_title, letter.source.source_date) == (ENGLISH[0], "Анонс", "1998-05-12")
    assert letter.source.address == "Пресс-служба <press@example.org>"
    assert (word.source.document_id, word.raw) == ("a.eml#Программа.docx", RUSSIAN[1])
    assert (note.source.document_id, note.raw) == ("a.eml#more.zip#note.txt", ENGLISH[1])
    assert note.source.text_file == "texts/a.eml#more.zip#note.txt.txt"
    assert logo.source.status == "failed"


def test_mail_a_web_page_as_body(reading: Reading) -> None:
    (letter,) = reading("a.eml", made.eml(ENGLISH[1], as_html=True))
    assert letter.raw == ENGLISH[1]
    assert letter.source.media_type == "text/html"


def test_mail_a_press_release_with_headings_of_a_letter_is_text(reading: Reading) -> None:
    text = "TO: All editors\nFROM: Press office\nDATE: 12 May\nSUBJECT: A seminar\n\nA seminar takes place.\n"
    (document,) = reading("a.txt", text.encode())
    assert (document.raw, document.source.media_type) == (text, "text/plain")


def test_mbox_messages_and_quoted_lines(reading: Reading) -> None:
    data = made.mbox([made.eml("From time to time\nFrom here on.\n"), made.eml(ENGLISH[1])])
    first, second = reading("a.mbox", data)
    assert first.raw == "From time to time\nFrom here on.\n\n" or first.raw == "From time to time\nFrom here on.\n"
    assert (first.source.document_id, second.source.document_id) == ("a.mbox#000001", "a.mbox#000002")


def test_table_columns_by_name(reading: Reading) -> None:
    data = b"no;headline;blurb;full\n7;Title;short;the text\n8;Other;a much longer cell than the text;more\n"
    documents = reading("a.csv", data, text_column="full", id_column="no")
    assert [(d.source.document_id, d.raw, d.source.source_title) for d in documents] == [
        ("a.csv#7", "the text", "Title"), ("a.csv#8", "more", "Other"),
    ]  # fmt: skip
    (failed,) = reading("a.csv", data, text_column="body")
    assert failed.source.reason == (
        "there is no column 'body' (there are: no, headline, blurb, full): name another with --text-column"
    )


def test_table_without_a_column_of_texts_is_read_row_by_row(reading: Reading) -> None:
    rows = ["id name post institution", "7 Asanova_B. director National_Library_of_Maps", "8 Bekova_C.  Archive more"]
    data = "\n".join(rows).replace(" ", "\t").replace("_", " ")
    first, second = reading("staff.tsv", data.encode())
    assert (first.raw, first.source.note) == ("Asanova B., director, National Library of Maps", "")
    assert (first.source.document_id, bool(first.source.text_file)) == ("staff.tsv#7", True)
    assert second.raw == "Bekova C., Archive, more"


def test_table_names_the_columns_that_are_not_read(reading: Reading) -> None:
    notice = "The director spoke of maps at the library."
    with_sentences, named = f"post,notice\nhead,{notice}\n,{notice}\n", "title,post,text\nMaps,head,Maps came\n"
    assert [(d.raw, d.source.note) for d in reading("a.csv", with_sentences.encode())] == [
        (notice, "columns not read: post"), (notice, ""),
    ]  # fmt: skip
    assert [d.source.note for d in reading("a.csv", named.encode())] == ["columns not read: post"]


@pytest.mark.parametrize(
    ("written", "date"), [("1998-05", "1998-05"), ("12.05.1998", "1998-05-12"), ("3.5.1998", "1998-05-03"),
                          ("12/05/1998", ""), ("31.02.1998", ""), ("1998-13-01", "")],
)  # fmt: skip
def test_table_dates(written: str, date: str, reading: Reading) -> None:
    assert reading("a.csv", f"date,text\n{written},one\n".encode())[0].source.source_date == date


def test_table_rows_with_the_same_id(reading: Reading) -> None:
    documents = reading("a.csv", b"id,text\n1,one\n1,two\n,three\n")
    assert [d.source.document_id for d in documents] == ["a.csv#1", "a.csv#1~2", "a.csv#000003"]


def test_jsonl_a_bad_line_costs_itself(reading: Reading) -> None:
    one, two, bad = reading("a.jsonl", b'{"text": "one"}\n\n{"text": \n{"text": "two"}\n')
    assert (one.raw, two.raw, bad.source.document_id) == ("one", "two", "a.jsonl#line-3")


def test_warc_address_date_and_what_is_passed_over(reading: Reading) -> None:
    data = made.warc([
        ("http://e.org/a", "text/html; charset=koi8-r", made.html(RUSSIAN[1].replace("—", "-"), "koi8-r")),
        ("http://e.org/logo.png", "image/png", b"\x89PNG"),
        ("http://e.org/b.pdf", "application/pdf", made.pdf(ENGLISH[0])),
    ])  # fmt: skip
    page, pdf, rest = reading("a.warc", data)
    assert (page.source.address, page.source.source_date) == ("http://e.org/a", "1998-05-12")
    assert "Ivanova" not in page.raw and "Иванова М., заведующая" in page.raw
    assert (pdf.source.address, pdf.source.document_id) == ("http://e.org/b.pdf", "a.warc#000003")
    assert (rest.source.status, rest.source.reason) == ("empty", "passed over as no documents: 1 image/png")


@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz", "a.txt"])
def test_warc_is_read_record_by_record(name: str, tmp_path: Path) -> None:
    """A web archive may be larger than a file may be and than memory: only what is read of it counts."""
    picture = random.Random(1).randbytes(2_000_000)
    pages = [("http://e.org/a", "text/html", made.html(ENGLISH[0])),
             *((f"http://e.org/{i}.png", "image/png", picture) for i in range(4)),
             ("http://e.org/b", "text/html", made.html(ENGLISH[1]))]  # fmt: skip
    (tmp_path / name).write_bytes(made.warc(pages, packed=name.endswith(".gz")))
    tracemalloc.start()
    options = ReadOptions(max_bytes=1_000_000, max_extracted=2_000_000)
    documents = list(read(tmp_path / name, name, options))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [d.source.status for d in documents] == ["ok", "ok", "empty"]
    assert documents[0].source.sha256 == hashlib.sha256((tmp_path / name).read_bytes()).hexdigest()
    assert peak < 5_000_000


def test_warc_packed_as_a_whole(tmp_path: Path) -> None:
    pages = [(f"http://e.org/{i}", "text/html", made.html(text)) for i, text in enumerate(ENGLISH)]
    (tmp_path / "a.warc.gz").write_bytes(made.PACKINGS[".gz"](made.warc(pages)))
    documents = list(read(tmp_path / "a.warc.gz", "a.warc.gz"))
    assert [d.source.document_id for d in documents] == [f"a.warc.gz#{i:06}" for i in range(1, 5)]
    assert [d.source.address for d in documents] == [address for address, _, _ in pages]


def test_warc_cut_short_in_its_packing(tmp_path: Path) -> None:
    pages = [(f"http://e.org/{i}", "text/html", made.html(text)) for i, text in enumerate(ENGLISH)]
    (tmp_path / "a.warc.gz").write_bytes(made.warc(pages, packed=True)[:-200])
    *before, last = read(tmp_path / "a.warc.gz", "a.warc.gz")
    assert [d.source.document_id for d in before] == ["a.warc.gz#000001", "a.warc.gz#000002", "a.warc.gz#000003"]
    assert (last.source.document_id, last.source.status) == ("a.warc.gz", "failed")
    assert last.source.reason.startswith("the web archive is damaged after record ")


def test_zip_names_of_old_programs(reading: Reading) -> None:
    data = made.zipped({"xxxxxxxxxxxx.txt": ENGLISH[1].encode()})
    data = data.replace(b"xxxxxxxxxxxx", "Приглашение1".encode("cp866"))
    assert reading("a.zip", data)[0].source.document_id == "a.zip#Приглашение1.txt"


def test_archives_a_member_without_a_name(reading: Reading) -> None:
    data = made.zipped({"x": ENGLISH[1].encode()})
    data = data.replace(b"x", b"", 1)
    for mark, at in ((b"PK\x03\x04", 26), (b"PK\x01\x02", 28)):
        place = data.index(mark) + at
        data = data[:place] + b"\0\0" + data[place + 2 :]
    end = data.rindex(b"x", 0, data.index(b"PK\x05\x06"))
    data = data[:end] + data[end + 1 :]
    size = data.index(b"PK\x05\x06") + 12
    length, start = struct.unpack("<II", data[size : size + 8])
    data = data[:size] + struct.pack("<II", length - 1, start - 1) + data[size + 8 :]
    (document,) = reading("a.zip", data)
    assert (document.source.document_id, document.raw) == ("a.zip#unnamed", ENGLISH[1])


def test_order_of_an_encoding(reading: Reading) -> None:
    data = "Жиын".encode("kz1048")
    assert reading("a.txt", data, encoding="kz1048")[0].raw == "Жиын"
    (failed,) = reading("a.txt", b"a\xff", encoding="utf-8")
    assert failed.source.reason == (
        "the text is not valid utf-8 at byte 1: name another with --encoding, or leave it out"
    )


@pytest.mark.parametrize(
    ("text", "real", "taken"),
    [
        *((RUSSIAN[0], "utf-8", t) for t in ("cp1252", "cp1251", "latin-1", "koi8-r", "cp866", "mac-roman")),
        *((RUSSIAN[0], "cp1251", t) for t in ("cp1252", "latin-1", "koi8-r", "cp866", "mac-roman")),
        (RUSSIAN[0].replace("«", '"').replace("»", '"'), "koi8-r", "cp1251"),
        (RUSSIAN[0].replace("«", '"').replace("»", '"'), "cp866", "cp1251"),
        (RUSSIAN[0].replace("«", '"').replace("»", '"'), "koi8-r", "latin-1"),
        *((KAZAKH[0], "utf-8", t) for t in ("cp1252", "cp1251", "latin-1")),
        (KAZAKH[0], "kz1048", "cp1252"),
        *((text, "kz1048", "cp1251") for text in KAZAKH),
        ("Қазақстан халқы\n", "kz1048", "cp1251"),
        ("В Алматы открыта выставка «Ұлттық мұра».\nЕё посетила Гүлнара Қожахметова.\n", "kz1048", "cp1251"),
        (f"{RUSSIAN[1]}СОГЛАСОВАНО С АРХИВОМ\nнаук:\n", "cp1251", "koi8-r"),
        (RUSSIAN[1].replace("«", '"').replace("»", '"').replace("—", "-") + "О ПРОВЕДЕНИИ\n", "koi8-r", "cp1251"),
        (RUSSIAN[0] * 9, "utf-8", "koi8-r"),
        (ENGLISH[3].replace("<", "“one”"), "mac-roman", "cp1252"),
        (ENGLISH[3].replace("<", "“one”"), "cp1252", "mac-roman"),
        *((ENGLISH[0].replace("old", "“old” — l’été"), "utf-8", t) for t in ("cp1252", "cp1251", "latin-1")),
    ],
)  # fmt: skip
def test_mending_text_that_was_decoded_twice(text: str, real: str, taken: str, reading: Reading) -> None:
    import ftfy.bad_codecs

    ftfy.bad_codecs.ok()
    sloppy = {"cp1252": "sloppy-windows-1252", "cp1251": "sloppy-windows-1251"}.get(taken, taken)
    (document,) = reading("a.txt", text.encode(real).decode(sloppy).encode("utf-8"))
    assert document.raw == text
    assert document.source.note.startswith("mended: ")
    assert document.source.text_file == "texts/a.txt.txt"


def test_mending_needs_nothing_that_was_done_before(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(KAZAKH[0].encode("kz1048").decode("cp1251"), encoding="utf-8")
    program = "import sys; from pathlib import Path; from pipeline.reading import read; p = Path(sys.argv[1])\n"
    program += "sys.stdout.buffer.write(next(iter(read(p, p.name))).raw.encode())"
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path / "a.txt")], capture_output=True, check=True)
    assert done.stdout.decode() == KAZAKH[0]


ACCENTS = (
    "Њивата и ќерката, ѕвезда — македонски збор", "Òran Ghàidhlig, Ìosa; il est à Òran", "Çağrı, şöyle",
    "Größe, naïveté, ÀÉÎÕÜ — “quotes” ‘kept’",
    "Буквы «ќ» и «ѕ» в старых газетах", "Мы разобрали слово с ѕ и ы.", "«Ќ» — заглавная буква, её вырезали в Вене",
    "Профессор Ѓорѓи Ќосев выступил с докладом «Язык македонской прозы».", "Экспонаты: ќилим, ѕвоно, ќуп, ѕид, ыр",
    "Слово «ќызыл» записано буквой ќ, и так во всех выпусках этой газеты за 1998 год.",
    "Бібліятэка адкрыла выставу; дырэктар Воўк сказаў, што слоўнік даўно ёсць, і гэта праўда.",
    "Її ґанок, Євгенія Їжакевич, під’їзд", "Дїти чітали книжкы: тїло, лїто, Ґазды мали пїсню",
    "знаејќи, читајќи, ноќ и среќа; ѕвезди — Љубљана, Ћирилица",
)  # fmt: skip


@pytest.mark.parametrize("text", [*ENGLISH, *RUSSIAN, *KAZAKH, *ACCENTS])
def test_mending_leaves_good_text_alone(text: str, reading: Reading) -> None:
    (document,) = reading("a.txt", text.encode())
    assert (document.raw, document.source.note, document.source.text_file) == (text, "", "")


@pytest.mark.parametrize(
    ("document_id", "path"),
    [
        ("a.html", "texts/a.html.txt"),
        ("a.zip#b/c.doc", "texts/a.zip#b/c.doc.txt"),
        ("a.txt/b.html", "texts/a.txt~/b.html.txt"),
        ("../a", "texts/%2E%2E/a.txt"),
        ("a:b?.html", "texts/a%3Ab%3F.html.txt"),
    ],
)
def test_keeping_names(document_id: str, path: str) -> None:
    assert text_file(document_id) == path


def test_keeping_long_names_are_short() -> None:
    assert len(text_file("x" * 5000)) < 100
    assert text_file("x" * 5000) != text_file("x" * 5001)


def test_mht_a_saved_page_without_its_trimmings(reading: Reading) -> None:
    parts = {
        "text/html": "<html><body><p>Notice</p></body></html>", "image/png": "x", "text/css": "p { }",
        "application/javascript": "f()",
    }  # fmt: skip
    body = "".join(f"--B\r\nContent-Type: {kind}\r\n\r\n{content}\r\n" for kind, content in parts.items())
    frame = "--B\r\nContent-Type: text/html\r\n\r\n<p>advertisement</p>\r\n"
    data = (
        "From: <Saved by a browser>\r\nSnapshot-Content-Location: http://e.org/n\r\nSubject: The notice\r\n"
        f"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=B\r\n\r\n{body}{frame}--B--\r\n"
    )
    (page,) = reading("a.mht", data.encode())
    assert (page.raw, page.source.address, page.source.source_title) == ("Notice\n", "http://e.org/n", "The notice")
    assert page.source.note == "pictures, styles and frames passed over: 4"


def program(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "bin"
    folder.mkdir()
    pictures._known.cache_clear()
    monkeypatch.setenv("PATH", str(folder))
    return folder


OLD_WORD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


def test_old_word_without_a_converter(programs: Path, reading: Reading) -> None:
    assert reading("a.doc", OLD_WORD)[0].source.reason == (
        "no converter for old Word files is installed: apt install antiword (or catdoc, or LibreOffice), "
        "or save the document as .docx"
    )


def test_old_word_by_a_converter(programs: Path, reading: Reading) -> None:
    program(programs, "antiword", "echo 'An old notice'")
    (document,) = reading("a.doc", OLD_WORD)
    assert (document.raw, document.source.note) == ("An old notice\n", "converted by antiword")


def test_old_word_when_the_converter_fails_or_hangs(programs: Path, reading: Reading) -> None:
    program(programs, "antiword", "echo 'no Word file' >&2; exit 1")
    assert reading("a.doc", OLD_WORD)[0].source.reason == (
        "antiword cannot read it (no Word file): save the document as .docx"
    )
    program(programs, "antiword", "exec /bin/sleep 5")
    (document,) = reading("a.doc", OLD_WORD, max_seconds=0.2)
    assert document.source.reason.startswith("antiword took more than 0.2 seconds")


@pytest.mark.parametrize(("name", "data"), [("a.png", b"\x89PNG\r\n\x1a\n"), ("a.pdf", made.pdf("\n"))])
def test_scans_are_recognised_where_asked(name: str, data: bytes, programs: Path, reading: Reading) -> None:
    (failed,) = reading(name, data)
    assert "apt install tesseract-ocr" in failed.source.reason and "--ocr" in failed.source.reason
    program(programs, "tesseract", '/bin/cat >/dev/null; echo "seen: $4"')
    (failed,) = reading(name, data)
    assert failed.source.reason.endswith("no text: run with --ocr")
    (document,) = reading(name, data, ocr=True, ocr_languages="rus")
    assert (document.raw.strip(), document.source.note) == ("seen: rus", "recognised by tesseract (rus)")
    program(programs, "tesseract", "echo 'no such language' >&2; exit 1")
    assert "no such language" in reading(name, data, ocr=True)[0].source.reason


def test_scanned_pages_among_others_are_recognised_or_told(programs: Path, reading: Reading) -> None:
    text = f"BT /F1 10 Tf 50 800 Td <{'Notice'.encode('utf-16-be').hex()}> Tj ET"
    scan = "q 100 0 0 100 0 0 cm BI /W 1 /H 1 /CS /G /BPC 8 ID x EI Q"
    data = made.pdf_of([text, scan, ""])
    (document,) = reading("a.pdf", data)
    assert document.source.note.startswith("1 of 3 pages are pictures and no text: tesseract is not installed")
    (document,) = reading("a.pdf", data, ocr=True)
    assert document.raw.split("\f") == ["Notice\n", "", ""] and "tesseract is not installed" in document.source.note
    program(programs, "tesseract", "/bin/cat >/dev/null; echo seen")
    (document,) = reading("a.pdf", data)
    assert document.source.note == "1 of 3 pages are pictures and no text: run with --ocr"
    (document,) = reading("a.pdf", data, ocr=True, ocr_languages="eng")
    assert document.raw.split("\f") == ["Notice\n", "seen\n", ""]
    assert document.source.note == "1 of 3 pages are pictures, recognised by tesseract (eng)"


@pytest.mark.parametrize(
    ("text", "languages"), [(ENGLISH[0], "eng"), (RUSSIAN[0], "rus"), (KAZAKH[0], "rus+kaz")], ids=("en", "ru", "kk")
)
@pytest.mark.parametrize("name", ["a.png", "a.pdf"])
def test_scans_are_recognised_in_their_own_languages(
    name: str, text: str, languages: str, programs: Path, reading: Reading
) -> None:
    (programs / "text").write_text(text, encoding="utf-8")
    listed = "List of available languages (4):\neng\nkaz\nosd\nrus\n"
    program(
        programs, "tesseract",
        f"if [ $1 = --list-langs ]; then echo '{listed}'; exit; fi\n"
        f"/bin/cat > /dev/null; echo $4; /bin/cat {programs}/text",
    )  # fmt: skip
    data = b"\x89PNG\r\n\x1a\n" if name == "a.png" else made.pdf_of(["", ""])
    (document,) = reading(name, data, ocr=True)
    assert document.raw.split("\f") == [f"{languages}\n{text}"] * (1 if name == "a.png" else 2)
    assert document.source.note == f"recognised by tesseract ({languages})"


@pytest.mark.parametrize(
    ("name", "data", "module", "extra"),
    [
        ("a.html", made.html("text\n"), "trafilatura", "html"),
        ("a.pdf", made.pdf("text\n"), "pypdfium2", "pdf"),
        ("a.rtf", made.rtf("text\n"), "striprtf", "office"),
        ("a.warc", made.warc([]) + b"WARC/1.0\r\n", "warcio", "web"),
        ("a.parquet", b"PAR1", "pyarrow", "tables"),
    ],
)
def test_a_missing_extra_gives_its_command(
    name: str, data: bytes, module: str, extra: str, reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    import importlib.util

    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda n, *a: None if n == module else find(n, *a))
    (document,) = reading(name, data)
    assert document.source.reason == f'{module} is not installed: pip install "rollcall[{extra}]"'


@given(st.text())
def test_keeping_never_leaves_its_folder(document_id: str) -> None:
    path = PurePosixPath(text_file(document_id))
    assert path.parts[0] == "texts" and len(path.parts) >= 2
    assert not {"..", "."} & set(str(path).split("/"))
    assert all(len(part.encode()) <= 255 for part in path.parts)
    assert "\0" not in str(path)
    str(path).encode("utf-8")


def test_formats_lists_what_is_read_and_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib.util
    import json

    from typer.testing import CliRunner

    import cli

    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda n, *a: None if n == "pypdfium2" else find(n, *a))
    shown = CliRunner().invoke(cli.app, ["formats"]).stdout.splitlines()
    (pdf,) = [line for line in shown if line.startswith("PDF ")]
    assert " ".join(pdf.split()) == 'PDF .pdf no: pypdfium2 is not installed: pip install "rollcall[pdf]"'
    (text,) = [line for line in shown if line.startswith("plain text")]
    assert " ".join(text.split()) == "plain text .md .text .txt yes"
    rows = json.loads(CliRunner().invoke(cli.app, ["formats", "--json"]).stdout)
    assert {"format", "suffixes", "media_type", "missing"} == set(rows[0])
    assert len(rows) == len(shown)
