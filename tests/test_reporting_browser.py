"""The reading room in a real browser: open, search, filter, highlight, plots drawn; nothing runs, nobody is asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browsers import Watched
from reporting_made import made

from pipeline.normalisation.transliteration import key
from pipeline.reporting.facts import page_of
from pipeline.reporting.room import report
from pipeline.tables import BY_NAME, TableWriter

pytest.importorskip("jinja2")
pytest.importorskip("vl_convert")


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = made(tmp_path_factory.mktemp("room"))
    report(folder)
    return folder


@pytest.fixture
def room(out: Path, browser: Any) -> Iterator[Any]:
    watched = Watched(browser, ("file:",))
    watched.page.goto((out / "report/index.html").resolve().as_uri())
    yield watched.page
    assert watched.page.evaluate("window.hit") is None  # the hostile announcement did not run
    assert watched.told == []  # no errors, and no other host was asked
    watched.page.context.close()


def at(out: Path, page: str) -> str:
    return (out / "report" / page).resolve().as_uri()


def drawn(page: Any) -> None:
    """Wait until all plots are there."""
    from playwright.sync_api import expect

    expect(page.locator("figure:not([data-drawn])")).to_have_count(0)


def test_browser_search_meets_across_scripts(room: Any) -> None:
    from playwright.sync_api import expect

    hits = room.locator("#hits a")
    for typed in ("Assanova", "асанова", "ASANOVA bakhyt", "asan"):
        room.fill("#q", "nobody")
        expect(hits).to_have_count(0)
        room.fill("#q", typed)
        expect(hits).to_have_count(1)
    for word in ("Жұмабекова", "Khodjaev", "Wassiljew", "Хожаев", "Yerlan", "Щербаков", "Ёлкина", "Müller"):
        assert room.evaluate(f"window.rollcallKey({json.dumps(word)})") == key(word), word  # that of the linking
    assert float(room.get_attribute("#search", "data-ms")) < 100
    room.press("#q", "ArrowDown")
    room.keyboard.press("Enter")
    room.wait_for_url("**/p/asanova-bahyt.html")


def test_browser_filters_and_links_that_ask(out: Path, room: Any) -> None:
    from playwright.sync_api import expect

    hits = room.locator("#hits a")
    room.select_option("#f-kind", "d")
    expect(hits).to_have_count(2)
    room.fill("#f-from", "1999")
    expect(hits).to_have_count(0)
    room.fill("#f-from", "1998")
    room.select_option("#f-language", "en")
    expect(hits).to_have_count(1)
    room.fill("#f-from", "")
    room.select_option("#f-kind", "r")
    expect(hits).to_have_text(["director"])  # roles know the languages of their documents too
    room.goto(at(out, "index.html") + "#find?kind=t&from=1999&to=1999")
    expect(hits).to_have_count(1)
    expect(hits).to_have_attribute("href", page_of("d", "a.txt") + "#m00003")


def test_browser_documents_whose_language_is_unknown_are_a_link(out: Path, room: Any) -> None:
    from playwright.sync_api import expect

    room.click("main a[href$='language=-']")
    expect(room.locator("#hits a")).to_have_text(["b.txt"])
    expect(room.locator("#f-language")).to_have_value("-")


def test_browser_can_be_used_before_the_plots_are_there(out: Path, room: Any) -> None:
    """The large script of the plots is not among those that a page waits for."""
    assert "vega.js" not in (out / "report/index.html").read_text(encoding="utf-8")
    drawn(room)
    assert room.locator("script[src$='vega.js']").count() == 1


def test_browser_speaks_three_languages_and_keeps_the_colours(room: Any) -> None:
    from playwright.sync_api import expect

    room.select_option("#interface", "kk")
    expect(room.locator("h1")).to_have_text("Оқу залы")
    assert room.get_attribute("html", "lang") == "kk"
    before = room.evaluate("getComputedStyle(document.body).backgroundColor")
    room.click("#theme")
    assert room.evaluate("getComputedStyle(document.body).backgroundColor") != before
    room.reload()
    expect(room.locator("h1")).to_have_text("Оқу залы")
    assert room.evaluate("getComputedStyle(document.body).backgroundColor") != before


def test_browser_draws_plots_and_saves_them(out: Path, room: Any) -> None:
    drawn(room)
    assert room.locator("figure[data-plot=by_year] svg [aria-label='1998: 1']").count() == 1
    assert room.locator("figure[data-plot=network] svg .dots path").count() == 2
    legend = room.locator("figure[data-plot=network] .role-legend-label text")
    assert legend.all_text_contents() == ["Person", "Institution"]
    ticks = room.locator("figure[data-plot=by_year] .role-axis-label").all_text_contents()
    assert ticks and all(tick.isdigit() for tick in ticks), ticks  # nobody counts half a document
    for form, head in (("svg", b"<svg"), ("png", b"\x89PNG")):
        with room.expect_download() as download:
            room.click(f"figure[data-plot=network] [data-save={form}]")
        assert Path(download.value.path()).read_bytes().startswith(head)
    room.goto(at(out, page_of("p", "asanova-bahyt")))
    room.wait_for_selector("figure[data-plot=timeline][data-drawn] svg")


def test_browser_row_lights_its_spans(out: Path, room: Any) -> None:
    from playwright.sync_api import expect

    room.goto(at(out, page_of("d", "a.txt")))
    room.focus("tr[data-lights]")
    expect(room.locator(".raw .lit")).to_have_count(3)
    room.hover("tr[data-lights] >> nth=1")
    expect(room.locator(".raw #m00003")).to_have_class("REPORT lit")


def test_browser_keyboard_reaches_every_control(out: Path, room: Any) -> None:
    for page in ("index.html", page_of("d", "a.txt"), page_of("p", "asanova-bahyt")):
        room.goto(at(out, page))
        room.keyboard.press("Tab")
        assert room.evaluate("document.activeElement.textContent") == "Skip to the content"
        controls = room.locator("main :is(a[href], button, summary, input, select, [tabindex='0']):visible").count()
        room.keyboard.press("Enter")
        seen = set()
        for _ in range(4 * controls + 8):
            room.keyboard.press("Tab")
            number = room.evaluate(
                "[...document.querySelectorAll(\"main :is(a[href], button, summary, input, select, [tabindex='0'])\")]"
                ".filter((e) => e.checkVisibility()).indexOf(document.activeElement)"
            )
            if number < 0:
                break
            seen.add(number)
            assert room.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", page
        assert len(seen) == controls, page


def test_browser_table_beside_a_text_is_seen_whole(out: Path, room: Any) -> None:
    room.set_viewport_size({"width": 1280, "height": 900})
    room.goto(at(out, page_of("d", "a.txt")))
    words = ("Долгополова", "библиотековедения", "Азербайджанской", "", "0.85")
    for language in ("en", "ru", "kk"):
        room.select_option("#interface", language)
        fill = "(words) => document.querySelectorAll('.rows td').forEach((e, n) => (e.textContent = words[n % 5]))"
        room.evaluate(fill, words)
        wide = "(() => { const s = document.querySelector('.said'); return s.scrollWidth - s.clientWidth; })()"
        assert room.evaluate(wide) <= 0, language


def test_browser_prints_light_whatever_the_screen(out: Path, browser: Any) -> None:
    watched = Watched(browser, ("file:",), color_scheme="dark")
    page = watched.page
    page.goto(at(out, "index.html"))
    drawn(page)
    colours = "[getComputedStyle(document.body).color, getComputedStyle(document.querySelector('.cards b')).color]"
    assert page.evaluate(colours) == ["rgb(236, 232, 224)"] * 2
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate(colours) == ["rgb(0, 0, 0)", "rgb(28, 27, 25)"]
    assert "invert" in page.evaluate("getComputedStyle(document.querySelector('figure svg')).filter")
    page.emulate_media(media="screen", color_scheme="dark")
    with page.expect_download() as download:  # what goes into a paper is not dark either
        page.click("figure[data-plot=by_year] [data-save=svg]")
    assert "#fdfcf9" in Path(download.value.path()).read_text(encoding="utf-8")
    assert page.evaluate(colours) == ["rgb(236, 232, 224)"] * 2
    assert watched.told == []
    page.context.close()


def test_browser_phone_width_needs_no_sideways_scrolling(out: Path, browser: Any) -> None:
    watched = Watched(browser, ("file:",), viewport={"width": 390, "height": 844})
    for page in ("index.html", "people.html", page_of("d", "a.txt"), page_of("p", "asanova-bahyt"), "quality.html"):
        watched.page.goto(at(out, page))
        assert watched.page.evaluate("document.documentElement.scrollWidth") <= 390, page
    watched.page.goto(at(out, "people.html"))  # names are not broken to let long dates stand in one line
    watched.page.evaluate("document.querySelector('.list td:nth-child(2)').textContent = '1998-03-14/2012-09-05'")
    width = "document.querySelector('.list td').getBoundingClientRect().width"
    assert watched.page.evaluate(width) > 120 and watched.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert watched.told == []
    watched.page.context.close()


def test_browser_search_shows_all_hits_of_a_letter_and_of_a_word(tmp_path: Path, browser: Any) -> None:
    """The first hits are shown before the others are read, and what a letter finds is told without its keys."""
    from playwright.sync_api import expect

    out = made(tmp_path)
    with TableWriter(BY_NAME["people"], out) as writer:
        for number in range(70):
            row = {"person_id": f"omarova-{number:02}", "name": f"Омарова {number:02}", "variants": [], "mentions": 1}
            writer.write([row.get(name) for name in BY_NAME["people"].header])
    report(out)
    watched = Watched(browser, ("file:",))
    page = watched.page
    page.goto(at(out, "index.html"))
    for typed, found in (("o", "73"), ("ом", "70"), ("Omarova", "70")):  # others begin with an o too
        page.fill("#q", "nobody")
        expect(page.locator("#hits a")).to_have_count(0)
        page.fill("#q", typed)
        expect(page.locator("#told")).to_have_text(f"Found: {found} (shown 60)")
        expect(page.locator("#hits a")).to_have_count(60)
        assert len(set(page.locator("#hits a").all_inner_texts())) == 60
    page.fill("#q", "o")
    page.select_option("#f-kind", "p")  # a filter looks at more than the first hits
    expect(page.locator("#told")).to_have_text("Found: 70 (shown 60)")
    page.fill("#q", "o 07")
    page.select_option("#f-kind", "")
    expect(page.locator("#hits a")).to_have_text(["Омарова 07"])
    page.context.close()
    assert watched.told == []
