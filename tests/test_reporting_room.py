"""The reading room: everything is there, nothing of a document can run, and it works in a browser."""

from __future__ import annotations

import html
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as parsed
from reporting_made import HOSTILE, RAW, made

from pipeline.normalisation.transliteration import key
from pipeline.reporting.room import ReportError, page_of, report
from pipeline.reporting.searching import script_of
from pipeline.reporting.sources import stretches

pytest.importorskip("jinja2")


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = made(tmp_path_factory.mktemp("room"))
    report(folder)
    return folder


def pages(out: Path) -> list[Path]:
    return sorted((out / "report").rglob("*.html"))


def test_room_has_a_page_for_everything(out: Path) -> None:
    names = {p.relative_to(out / "report").as_posix() for p in pages(out)}
    assert {"index.html", "documents.html", "people.html", "institutions.html", "quality.html"} <= names
    assert {page_of("p", "asanova-bahyt"), page_of("i", "=evil"), page_of("d", "a.txt"), page_of("d", "b.txt")} <= names


def test_room_every_link_leads_somewhere(out: Path) -> None:
    for page in pages(out):
        for href in parsed.fromstring(page.read_bytes()).xpath("//a/@href | //link/@href | //script/@src"):
            assert not re.match(r"https?:|//", href)
            path, _, anchor = href.partition("#")
            if href.startswith("data:"):
                continue
            target = page.parent / path if path else page
            assert target.exists(), f"{page.name}: {href}"
            if anchor and target.suffix == ".html":
                assert parsed.fromstring(target.read_bytes()).xpath(f"//*[@id='{anchor}']"), href


def test_room_nothing_of_a_document_is_markup(out: Path) -> None:
    for page in pages(out):
        tree = parsed.fromstring(page.read_bytes())
        assert not tree.xpath("//img | //svg[@onload] | //@onerror | //@onload | //script[not(@src)]"), page.name
    script = (out / "report/assets/search.js").read_text(encoding="utf-8")
    assert "<" not in script


def test_room_document_page_shows_the_raw_text(out: Path) -> None:
    tree = parsed.fromstring((out / "report" / page_of("d", "a.txt")).read_bytes())
    (raw,) = tree.xpath("//div[@class='raw']")
    assert raw.text_content() == RAW.replace("\r\n", "\n")  # as HTML reads a line end
    assert [m.get("id") for m in raw] == ["m00001", "m00002", "m00003", "m00004", "m00005"]


def test_room_says_why_a_text_is_missing(tmp_path: Path) -> None:
    out = made(tmp_path)
    (tmp_path / "in/a.txt").write_text("something else")
    report(out)
    text = (out / "report" / page_of("d", "a.txt")).read_text(encoding="utf-8")
    assert "has changed since the run" in text and 'class="raw"' not in text and "Асанова Бахыт" in text
    failed = (out / "report" / page_of("d", "b.txt")).read_text(encoding="utf-8")
    assert html.escape(f"broken {HOSTILE}", quote=False).split("'")[0] in failed


def test_room_is_made_anew_but_nothing_else_is_overwritten(tmp_path: Path) -> None:
    out = made(tmp_path)
    report(out)
    before = {p: p.read_bytes() for p in pages(out)}
    report(out)
    assert {p: p.read_bytes() for p in pages(out)} == before
    shutil.rmtree(out / "report")
    (out / "report").mkdir()
    with pytest.raises(ReportError, match="Move it away"):
        report(out)
    assert not list(out.glob(".rollcall-work*"))


def test_room_words_are_the_same_in_three_languages() -> None:
    words = json.loads(Path("pipeline/reporting/words.json").read_text(encoding="utf-8"))
    assert list(words) == ["en", "ru", "kk"]
    assert set(words["en"]) == set(words["ru"]) == set(words["kk"])
    used = "".join(p.read_text(encoding="utf-8") for p in Path("pipeline/reporting/templates").iterdir())
    assert set(re.findall(r"\bt\('(\w+)'\)", used)) <= set(words["en"])


@given(st.text(max_size=60), st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=8))
def test_stretches_joined_are_the_raw_text(raw: str, spans: list[tuple[int, int]]) -> None:
    mentions = [{"start": min(a, len(raw)), "end": min(b, len(raw))} for a, b in spans]
    assert "".join(s.text for s in stretches(raw, mentions)) == raw


@given(st.text(max_size=40))
def test_script_of_holds_any_text(text: str) -> None:
    script = script_of("X", text)
    assert not set("<>&\u2028\u2029") & set(script)
    assert json.loads(script[len("window.X=") : -2]) == text.encode("utf-8", "backslashreplace").decode("utf-8")


@pytest.fixture(scope="module")
def browser() -> Any:
    """Chromium of the system or of playwright."""
    playwright = pytest.importorskip("playwright.sync_api", reason="no playwright: pip install playwright")
    with playwright.sync_playwright() as started:
        path = shutil.which("chromium") or shutil.which("chromium-browser")
        try:
            opened = started.chromium.launch(executable_path=path, args=["--no-sandbox"])
        except playwright.Error:
            pytest.skip("no browser is installed: apt-get install chromium, or playwright install chromium")
        yield opened
        opened.close()


def test_browser_search_highlight_and_no_other_host(out: Path, browser: Any) -> None:
    from playwright.sync_api import expect

    page = browser.new_page()
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("request", lambda r: None if r.url.startswith(("file:", "data:")) else told.append(r.url))
    page.goto((out / "report/index.html").resolve().as_uri())
    hits = page.locator("#hits a")
    for typed in ("Assanova", "асанова", "ASANOVA bakhyt"):
        page.fill("#q", "nobody")
        expect(hits).to_have_count(0)
        page.fill("#q", typed)
        expect(hits).to_have_count(1)
    # The keys a page makes are those of the linking.
    for word in ("Жұмабекова", "Khodjaev", "Wassiljew", "Хожаев", "Yerlan", "Щербаков", "Ёлкина", "Müller"):
        assert page.evaluate(f"window.rollcallKey({json.dumps(word)})") == key(word), word
    page.select_option("#interface", "kk")
    assert page.inner_text("h1") == "Оқу залы"
    page.fill("#f-from", "2005")
    expect(hits).to_have_count(0)
    assert page.locator("svg .bar").count() > 0
    page.goto((out / "report" / page_of("d", "a.txt")).resolve().as_uri())
    page.focus("tr[data-lights]")
    expect(page.locator(".lit")).to_have_count(3)
    assert page.evaluate("window.hit") is None
    assert told == []
    page.close()
