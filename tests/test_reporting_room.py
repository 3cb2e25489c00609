"""The reading room: everything is there, nothing of a document can run, and it works in a browser."""

from __future__ import annotations

import hashlib
import html
import json
import os
import re
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as parsed
from reporting_made import HOSTILE, RAW, made

from pipeline.records import Furniture
from pipeline.reporting.facts import page_of
from pipeline.reporting.pages import ReportError
from pipeline.reporting.room import report
from pipeline.reporting.searching import script_of
from pipeline.reporting.sources import lines_of, stretches

pytest.importorskip("jinja2")
pytest.importorskip("vl_convert")


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = made(tmp_path_factory.mktemp("room"))
    report(folder)
    return folder


def pages(out: Path) -> list[Path]:
    return sorted((out / "report").rglob("*.html"))


def test_room_has_a_page_for_everything(out: Path) -> None:
    names = {p.relative_to(out / "report").as_posix() for p in pages(out)}
    assert {"index.html", "documents.html", "people.html", "institutions.html", "roles.html", "quality.html"} <= names
    assert page_of("r", "director") in names
    assert {page_of("p", "asanova-bahyt"), page_of("i", "=evil"), page_of("d", "a.txt"), page_of("d", "b.txt")} <= names


def test_room_every_link_leads_somewhere(out: Path) -> None:
    for page in pages(out):
        for href in parsed.fromstring(page.read_bytes()).xpath("//a/@href | //link/@href | //script/@src"):
            assert not re.match(r"https?:|//", href)
            path, _, anchor = href.partition("#")
            if href.startswith(("data:", "#find?")):
                continue
            target = page.parent / path if path else page
            assert target.exists(), f"{page.name}: {href}"
            if anchor and target.suffix == ".html":
                assert parsed.fromstring(target.read_bytes()).xpath(f"//*[@id='{anchor}']"), href


def test_room_nothing_of_a_document_is_markup(out: Path) -> None:
    for page in pages(out):
        tree = parsed.fromstring(page.read_bytes())
        assert not tree.xpath("//img | //svg[@onload] | //@onerror | //@onload | //script[not(@src)]"), page.name
    for script in (out / "report/search").iterdir():
        assert "<" not in script.read_text(encoding="utf-8"), script.name


def test_room_document_page_shows_the_raw_text(out: Path) -> None:
    tree = parsed.fromstring((out / "report" / page_of("d", "a.txt")).read_bytes())
    (raw,) = tree.xpath("//div[@class='raw']")
    assert raw.text_content() == RAW.replace("\r\n", "\n")  # as HTML reads a line end
    assert raw.xpath("./*/@id") == ["m00001", "m00002", "m00003", "m00004", "m00005"]


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
    before = {p: p.read_bytes() for p in (out / "report").rglob("*") if p.is_file()}
    report(out)
    assert {p: p.read_bytes() for p in (out / "report").rglob("*") if p.is_file()} == before
    shutil.rmtree(out / "report")
    (out / "report").mkdir()
    with pytest.raises(ReportError, match="Move it away"):
        report(out)
    assert not list(out.glob(".rollcall-work*"))


def ended(*_: object) -> None:
    os._exit(1)


def test_room_is_the_same_whoever_writes_its_pages(out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Several processes write what one writes, and one that is ended is told of."""
    monkeypatch.setattr("pipeline.reporting.pages.FEW", 0)
    other = tmp_path / "out"
    shutil.copytree(out, other)
    report(other, jobs=2)
    assert [p.relative_to(other) for p in pages(other)] == [p.relative_to(out) for p in pages(out)]
    for page in pages(out):
        if page.parent.name in ("p", "i", "r"):
            assert (other / page.relative_to(out)).read_bytes() == page.read_bytes()
    monkeypatch.setattr("pipeline.reporting.pages._write", ended)
    with pytest.raises(ReportError, match="was ended"):
        report(other, jobs=2)
    assert (other / "report/index.html").is_file()  # the one before is still there


def test_room_words_are_the_same_in_three_languages() -> None:
    words = json.loads(Path("pipeline/reporting/words.json").read_text(encoding="utf-8"))
    assert list(words) == ["en", "ru", "kk"]
    assert set(words["en"]) == set(words["ru"]) == set(words["kk"])
    used = "".join(p.read_text(encoding="utf-8") for p in Path("pipeline/reporting/templates").iterdir())
    scripts = "".join(p.read_text(encoding="utf-8") for p in Path("pipeline/reporting/assets").glob("*.js"))
    asked = re.findall(r"\bt\.(\w+)|words\['(\w+)'\]|data-label=\"(\w+)\"", used)
    asked += re.findall(r'\bword\("(\w+)"()()\)', scripts)
    assert {word for found in asked for word in found if word} <= set(words["en"])
    for language, said in words.items():
        for word, text in said.items():
            assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", words["en"][word])), (language, word)


SPANS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=8)


@given(st.text(max_size=60), SPANS, SPANS)
def test_stretches_joined_are_the_raw_text(raw: str, spans: list[tuple[int, int]], dim: list[tuple[int, int]]) -> None:
    mentions = [{"start": min(a, len(raw)), "end": min(b, len(raw))} for a, b in spans]
    furniture = [Furniture(min(a, len(raw)), min(b, len(raw)), "menu") for a, b in dim]
    assert "".join(s.text for s in stretches(raw, mentions, furniture)) == raw


def test_stretches_tell_furniture_from_mentions() -> None:
    cut = list(stretches("Menu Ann\nAnn spoke.", [{"start": 5, "end": 8}], [Furniture(0, 8, "menu")]))
    assert [(s.text, bool(s.mention), s.furniture) for s in cut] == [
        ("Menu ", False, "menu"), ("Ann", True, ""), ("\nAnn spoke.", False, ""),
    ]  # fmt: skip


@given(st.text(max_size=40))
def test_script_of_holds_any_text(text: str) -> None:
    script = script_of("X", text)
    assert not set("<>&\u2028\u2029") & set(script)
    assert json.loads(script[len("window.X=") : -2]) == text.encode("utf-8", "backslashreplace").decode("utf-8")


def test_room_furniture_is_dimmed_and_entities_lead_to_every_sentence(tmp_path: Path) -> None:
    out = made(tmp_path)
    (tmp_path / "in/a.txt").write_bytes((raw := f"{RAW}\r\nPage 2 of 3").encode())
    rows = [json.loads(line) for line in (out / "documents.jsonl").read_text(encoding="utf-8").splitlines()]
    rows[0]["sha256"] = hashlib.sha256(raw.encode()).hexdigest()
    (out / "documents.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    report(out)
    page = parsed.fromstring((out / "report" / page_of("d", "a.txt")).read_bytes())
    assert [e.text_content() for e in page.xpath("//span[@class='dim' and @title]")][-1:] == ["Page 2 of 3"]
    person = parsed.fromstring((out / "report" / page_of("p", "asanova-bahyt")).read_bytes())
    sentences = person.xpath("//ol[@class='sources']/li")
    assert [s.xpath("./mark/text()") for s in sentences] == [["Асанова Бахыт"], ["Asanova B."]]
    assert [s.xpath("./a/@href") for s in sentences] == [[f"../{page_of('d', 'a.txt')}#m0000{n}"] for n in (2, 4)]


def test_room_counts_what_the_cards_say(out: Path) -> None:
    start = parsed.fromstring((out / "report/index.html").read_bytes())
    cards = {c.xpath("./span/@data-t")[0]: c.xpath("./b")[0].text for c in start.xpath("//ul[@class='cards']//a")}
    assert cards["roles"] == "1" and cards["affiliations_count"] == "1" and cards["reports"] == "1"
    assert cards["failed_files"] == "1" and cards["people"] == "1" and cards["low"] == "0"


def test_room_counts_doubtful_roles_and_reports(tmp_path: Path) -> None:
    out = made(tmp_path)
    for table in ("affiliations", "reports"):
        path = out / f"{table}.jsonl"
        path.write_text(re.sub(r'"confidence": ?0\.50*', '"confidence": 0.25', path.read_text(encoding="utf-8")),
                        encoding="utf-8")  # fmt: skip
    report(out)
    start = parsed.fromstring((out / "report/index.html").read_bytes())
    assert start.xpath("//ul[@class='cards']//a[@href='quality.html#unsure']/b/text()") == ["2"]
    quality = parsed.fromstring((out / "report/quality.html").read_bytes())
    assert len(quality.xpath("//h2[@id='unsure']/following-sibling::ul[1]/li[a]")) == 2


@given(st.text(st.sampled_from("ab \r\n\t\u2028"), max_size=30))
def test_lines_of_joined_are_the_text(text: str) -> None:
    cut = lines_of(text)
    assert "".join(words + gap for words, gap in cut) == text
    assert all("\n" not in words and "\r" not in words for words, _ in cut)
