"""Pages that list several notices, in the markup of three decades, and pages that only look as if they did."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from pipeline.reading import Document, read
from pipeline.reading.days import day_of

TITLES = ("A room for old newspapers", "The archive of a botanist", "Seminar of young archivists")
DAYS = ("12 May 1998", "3 June 1998", "20 June 1998")
TEXTS = (
    "The library has opened a room for old newspapers. Ospanova B., director, said that it holds 1,200 bound volumes.",
    "On Tuesday the museum received the papers of the botanist Petrov. Karimova A., head, spoke of them at length.",
    "The seminar took place in the reading room. Ivanova M., head, gave the report “What a catalogue forgets”.",
)
ALL = tuple(zip(TITLES, DAYS, TEXTS, strict=True))
MENU = "<div class='topmenu'><a href='/'>Home</a> <a href='/n'>News</a> <a href='/m'>Map</a></div>"


def documents(folder: Path, body: str) -> list[Document]:
    path = folder / "a.html"
    path.write_text(f"<html><head><title>News</title></head><body>{MENU}{body}</body></html>", encoding="utf-8")
    return list(read(path, "a.html"))


@pytest.mark.parametrize(
    "item",
    [
        "<h3>{title}</h3><p><i>{day}</i></p><p>{text}</p><hr>",
        "<h2>{title}</h2><p>{day}. {text}</p>",
        "<div><h2>{title}</h2></div><div>{text}<br>{day}</div>",
        "<a name='x'></a><p><b>{day}. {title}</b></p><p>{text}</p>",
        "<p><b>{title}</b> ({day})</p>{text}<hr>",
        "<dl><dt>{day}</dt><dd><b>{title}</b><p>{text}</p></dd></dl>",
        "<table class='item'><tr><td class='contentheading'>{title}</td></tr></table>"
        "<table class='item'><tr><td class='createdate'>{day}</td></tr><tr><td>{text}</td></tr></table>",
        "<div class='post-{number} post hentry'><h2>{title}</h2><div class='entry-date'>{day}</div>{text}</div>",
        "<section><h3>{title}</h3><time datetime='1998-06-01'>{day}</time><p>{text}</p></section>",
        "<li><b>{day}</b> <b>{title}</b><br>{text}</li>",
    ],
)
def test_notices_by_the_markup_of_their_time(item: str, tmp_path: Path) -> None:
    items = "".join(item.format(number=n, title=t, day=d, text=x) for n, (t, d, x) in enumerate(ALL))
    found = documents(tmp_path, f"<h1>News of 1998</h1><div>{items}</div>")
    assert [d.source.document_id for d in found] == ["a.html#001", "a.html#002", "a.html#003"]
    for document, title, text in zip(found, TITLES, TEXTS, strict=True):
        assert title in document.source.source_title
        assert text in document.raw and sum(other in document.raw for other in TEXTS) == 1
    if "datetime" not in item:
        assert [d.source.source_date for d in found] == ["1998-05-12", "1998-06-03", "1998-06-20"]


def test_notices_in_the_rows_of_a_table(tmp_path: Path) -> None:
    spacer = "<tr><td colspan=2>&nbsp;</td></tr>"
    rows = "".join(f"<tr><td>{d}</td><td><b>{t}</b><br>{x}</td></tr>{spacer}" for t, d, x in ALL)
    found = documents(tmp_path, f"<table><tr><th>Day<th>News</tr>{rows}</table>")
    assert [d.source.source_title for d in found] == list(TITLES)


def test_notices_leave_nothing_out(tmp_path: Path) -> None:
    """A short notice is one too, and so is what stands around the notices, if it is more than menus."""
    short = "<div class='item'><h3>Closed</h3><i>1 July 1998</i><p>The library is closed.</p></div>"
    items = "".join(f"<div class='item'><h3>{t}</h3><i>{d}</i><p>{x}</p></div>" for t, d, x in ALL)
    around = "The press office of the library tells what was new in this half of the year. " * 3
    *found, rest = documents(tmp_path, f"<p>{around}</p><div>{items}{short}</div>")
    assert [d.source.source_title for d in found] == [*TITLES, "Closed"]
    assert rest.source.document_id == "a.html#around" and around.strip() in rest.raw and TEXTS[0] not in rest.raw
    assert "notice 1 of 4 on this page" in found[0].source.note
    assert rest.source.note == "what stands around the notices of this page"


def test_notices_are_no_sections_and_no_days_of_a_programme(tmp_path: Path) -> None:
    sections = "".join(f"<h2>{t}</h2><p>On {d} it was so. {x}</p>" for t, d, x in ALL)
    assert len(documents(tmp_path, f"<h1>The year</h1>{sections}")) == 1
    hours = "".join(f"<p>{h}.00 {x}</p>" for h, x in zip((10, 11, 12), TEXTS, strict=True))
    assert len(documents(tmp_path, "".join(f"<h3>{d}</h3>{hours}" for d in DAYS))) == 1
    people = "".join(f"<p><b>Ospanova B.</b>, director. {x}</p>" for x in TEXTS)
    assert len(documents(tmp_path, f"<h1>People</h1><p>12 May 1998</p>{people}<p>13 May 1998</p>")) == 1


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("12 May 1998", "1998-05-12"),
        ("Tuesday, May 12, 1998", "1998-05-12"),
        ("Posted: 12.05.1998 14:30", "1998-05-12"),
        ("12 мая 1998 г.", "1998-05-12"),
        ("12 мая 1998 года. Открыт зал", "1998-05-12"),
        ("1998 жылғы 12 мамырда", "1998-05-12"),
        ("A room for old newspapers (12 May 1998)", "1998-05-12"),
        ("1998-05-12", "1998-05-12"),
        ("05/13/1998", "1998-05-13"),
        ("05/12/1998", ""),
        ("31.02.1998", None),
        ("On 12 May 1998 the library opened a room", None),
        ("12 May 1998 was a day", None),
        ("May 1998", None),
        ("tel. 12-05-19", None),
    ],
)
def test_days_at_the_edge_of_a_line(line: str, day: str | None) -> None:
    assert day_of(line) == day


def test_notices_of_a_page_that_nests_deeply_take_linear_time(tmp_path: Path) -> None:
    def seconds(depth: int) -> float:
        item = "<h3>12 May 1998</h3><b>x</b>"
        begun = time.process_time()
        documents(tmp_path, f"<div>{item}<div>{item}" * depth + "</div></div>" * depth + f"<p>{TEXTS[0]}</p>" * 50)
        return time.process_time() - begun

    seconds(10)
    assert seconds(800) < 5
