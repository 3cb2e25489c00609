"""The desk: what is doubtful and weighty comes first, every decision is kept, and the next run applies it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browsers import Watched, chromium

from pipeline.running import run
from pipeline.running.corrections import CORRECTIONS, CorrectionError, read_corrections

pytest.importorskip("starlette")
pytest.importorskip("uvicorn")

import desk_made
from desk_made import decided_on, undecided

from pipeline.normalisation.judgements import JudgementError, read_judgements
from pipeline.reporting.desk.decisions import Desk, DeskError
from pipeline.reporting.desk.rows import Rows, queue
from pipeline.reporting.desk.web import application
from pipeline.training.annotate import AnnotationError, annotate_corrected
from pipeline.training.corpus import read_file

TEXTS = {
    "a.txt": "The seminar was opened by the director of the National Library Omarova Aigul. "
    "<script>window.hit=1</script>",
    "b.txt": "Temirov Serik, head of the State Archive of Almaty, made the report “Old books \U0001f4da in the aul”.",
    "c.txt": "A. Omarova, director of the National Library, thanked all.",
}


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return decided_on(tmp_path_factory.mktemp("desk"), TEXTS).parent


@pytest.fixture
def out(ready: Path) -> Iterator[Path]:
    with undecided(ready / "out") as out:
        yield out


@pytest.fixture
def desk(out: Path) -> Iterator[Desk]:
    opened = Desk(out, "ann")
    yield opened
    opened.close()


def row(desk: Desk, kind: str = "affiliations", document: str = "b.txt") -> dict[str, Any]:
    """What waits of one kind in one document."""
    for number in range(len(desk.queue)):
        made = desk.item(number, exact=True)
        if made["kind"] == kind and made.get("document", document) == document:
            return made
    raise AssertionError(f"no {kind} in {document}")


def words(item: dict[str, Any], name: str) -> str:
    at = item["fields"][name]
    return item["text"][at[0] - item["start"] : at[1] - item["start"]] if at else ""


def test_queue_begins_with_what_is_least_sure_and_bears_on_most(out: Path) -> None:
    waits = queue(out)
    weights = [w.weight for w in waits]
    assert weights == sorted(weights, reverse=True)
    assert {w.kind for w in waits} >= {"affiliations", "reports"}


def test_rows_give_each_document_as_the_tables_have_it(out: Path) -> None:
    rows = Rows(out)
    for name in TEXTS:
        document = rows.document(name)
        assert document is not None
        for table in ("mentions", "affiliations", "reports", "events"):
            lines = (out / f"{table}.jsonl").read_text(encoding="utf-8").splitlines()
            assert document[table] == [r for r in map(json.loads, lines) if r["document_id"] == name]
    assert rows.document("nothing") is None
    rows.close()


def test_desk_accepted_row_does_not_come_again_and_is_sure_after_a_run(ready: Path, out: Path, desk: Desk) -> None:
    item = row(desk)
    desk.decide(item["number"], {"action": "right", "why": "it says\nso"})
    assert desk.item(item["number"]).get("number") != item["number"]
    (line,) = read_corrections(out / CORRECTIONS)
    assert (line.verdict, line.who, line.why, line.document) == ("right", "ann", "it says so", "b.txt")
    run(ready / "in", out, language="en")
    lines = map(json.loads, (out / "affiliations.jsonl").read_text(encoding="utf-8").splitlines())
    assert [a["confidence"] for a in lines if a["document_id"] == "b.txt"] == [1.0]


def test_desk_corrected_edges_and_offsets_count_code_points(ready: Path, out: Path, desk: Desk) -> None:
    item = row(desk, "reports")
    title = item["fields"]["title"]
    assert words(item, "title") == TEXTS["b.txt"][title[0] : title[1]]
    desk.decide(item["number"], {"action": "change", "fields": item["fields"] | {"title": [title[0], title[1] - 4]}})
    assert [c.verdict for c in read_corrections(out / CORRECTIONS)] == ["wrong", "wrong", "right"]
    run(ready / "in", out, language="en")
    lines = map(json.loads, (out / "reports.jsonl").read_text(encoding="utf-8").splitlines())
    assert [r["title"] for r in lines] == [TEXTS["b.txt"][title[0] : title[1] - 4].strip()]


def test_desk_two_people_keep_both_and_undo_takes_back_ones_own(out: Path, desk: Desk) -> None:
    other = Desk(out, "ben")
    item = row(desk)
    desk.decide(item["number"], {"action": "right"})
    other.decide(item["number"], {"action": "wrong"})
    seen = desk.item(item["number"], exact=True)["decided"]
    assert len(seen) == 2 and seen[0].startswith("right (ann") and seen[1].startswith("wrong (ben")
    assert other.undo().startswith("wrong")
    assert [d.split(" (")[0] for d in desk.item(item["number"], exact=True)["decided"]] == ["right"]
    assert other.undo() == ""
    desk.undo()
    assert desk.item(item["number"], exact=True)["decided"] == []
    assert len(read_corrections(out / CORRECTIONS)) == 4  # nothing was removed
    other.close()


def test_desk_counts_what_stands(desk: Desk) -> None:
    item = row(desk)
    desk.decide(item["number"], {"action": "right"})
    desk.judge("preferred", "omarova-aigul", "Aigul Omarova")
    assert desk.progress()["decided"] == 2
    desk.undo()
    desk.undo()
    assert desk.progress()["decided"] == 0


@pytest.mark.parametrize(("file", "error"), [("corrections.csv", CorrectionError), ("judgements.csv", JudgementError)])
def test_desk_does_not_open_on_decisions_that_cannot_be_read(out: Path, file: str, error: type[Exception]) -> None:
    (out / file).write_text("no,header\n", encoding="utf-8")
    with pytest.raises(error, match="Its first line must be"):
        Desk(out, "ann")


def test_desk_reads_the_document_of_many_mentions_once(out: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    document = desk.rows.document
    monkeypatch.setattr(desk.rows, "document", lambda name: read.append(name) or document(name))
    monkeypatch.setattr(desk.rows, "mentions", lambda _: iter(list(document("b.txt")["mentions"]) * 50))
    assert len(desk.entity("temirov-serik")["seen"]) > 100
    assert read == ["b.txt"]


def test_desk_merges_splits_and_undoes_in_the_judgements(out: Path, desk: Desk) -> None:
    found = desk.find("temirov")
    assert [f["name"] for f in found] == ["Serik Temirov"] or len(found) == 1
    people = [w for w in desk.queue if w.kind == "pair"]
    one, other = ("omarova-aigul", found[0]["id"]) if not people else (people[0].one, people[0].row)
    desk.judge("different", one, other)
    (line,) = read_judgements(out / "judgements.csv")
    assert (line.verdict, line.who) == ("different", "ann") and line.one_at.count(":") == 1
    assert "different" in desk.undo()
    assert [j.verdict for j in read_judgements(out / "judgements.csv")] == ["different", "undo"]


def test_desk_checked_documents_become_tagged_files_that_training_reads(out: Path, desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(AnnotationError, match="checked as a whole"):
        annotate_corrected(out, tmp_path / "tagged")
    item = row(desk)
    at = TEXTS["b.txt"].index("aul")
    desk.decide(item["number"], {"action": "name", "label": "PLACE", "at": [at, at + 3]})
    desk.decide(item["number"], {"action": "document"})
    (path,) = annotate_corrected(out, tmp_path / "tagged").files
    made = read_file(path)
    assert made.text == TEXTS["b.txt"]
    assert ("PLACE", "aul") in {(s.label, s.text) for s in made.spans}
    (role,) = [s for s in made.spans if s.label == "ROLE"]
    assert role.of and role.at
    with pytest.raises(FileExistsError):
        annotate_corrected(out, tmp_path / "tagged")


@pytest.mark.parametrize(
    "asked",
    [
        {"action": "change", "fields": {"person": [0, 10_000_000], "role": [0, 4]}},
        {"action": "change", "fields": {"person": [4, 4], "role": [0, 4]}},
        {"action": "change", "fields": {"person": "x", "role": [0, 4]}},
        {"action": "change", "fields": {}},
        {"action": "name", "label": "NOBODY", "at": [0, 4]},
        {"action": "name", "label": "ROLE"},
        {"action": "burn"},
        {},
    ],
)
def test_desk_refuses_what_says_nothing_and_writes_nothing(out: Path, desk: Desk, asked: dict[str, Any]) -> None:
    with pytest.raises(DeskError):
        desk.decide(row(desk)["number"], asked)
    assert not (out / CORRECTIONS).exists()


# Over the wire.


def client(desk: Desk) -> Any:
    testing = pytest.importorskip("starlette.testclient")
    return testing.TestClient(application(desk, "secret"), base_url="http://127.0.0.1:8000")


@pytest.mark.parametrize("name", [CORRECTIONS, "judgements.csv"])
def test_desk_does_not_open_on_a_decision_that_means_nothing(out: Path, name: str) -> None:
    (out / name).write_text("verdict,kind,sha256,one\nfoo,bar,x,y\n", encoding="utf-8")
    with pytest.raises((CorrectionError, JudgementError), match=f"{name}, line 2: .*'foo'"):
        Desk(out, "ann")


def test_web_without_the_token_nothing_is_told(desk: Desk) -> None:
    for path in ("/", "/item", "/assets/desk.js", "/?token=wrong"):
        assert client(desk).get(path).status_code == 403
    assert client(desk).get("/", headers={"host": "evil.test"}).status_code == 400
    opened = client(desk)
    page = opened.get("/?token=secret")
    assert page.status_code == 200 and "secret" not in str(page.url)
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert "httponly" in page.history[0].headers["set-cookie"].lower()
    assert "samesite=strict" in page.history[0].headers["set-cookie"].lower()


def test_web_other_pages_cannot_decide(out: Path, desk: Desk) -> None:
    opened = client(desk)
    opened.get("/?token=secret")
    sent = {"number": row(desk)["number"], "action": "right"}
    assert opened.post("/decide", json=sent).status_code == 403  # the cookie alone does not do
    own = {"x-rollcall-desk": "secret"}
    assert opened.post("/decide", json=sent, headers=own | {"origin": "http://evil.test"}).status_code == 403
    assert opened.get("/decide").status_code == 405
    assert not (out / CORRECTIONS).exists()
    assert opened.post("/decide", json=sent, headers=own | {"origin": "http://127.0.0.1:8000"}).status_code == 200
    assert (out / CORRECTIONS).exists()
    told = opened.post("/decide", json={"number": 10_000}, headers=own)
    assert told.status_code == 400 and "no such row" in told.json()["error"]


# In a browser.


@pytest.fixture
def served(desk: Desk) -> Iterator[str]:
    """The address of a desk that is served in a thread."""
    with desk_made.served(desk, "secret") as address:
        yield address


def test_browser_desk_round_trip_by_keyboard(out: Path, desk: Desk, served: str) -> None:
    from playwright.sync_api import expect

    with chromium() as browser:
        watched = Watched(browser, (served,))
        page = watched.page
        page.goto(f"{served}/?token=secret")
        expect(page.locator(".field").first).to_be_visible()
        number = row(desk)["number"]
        while desk.queue[number] != desk.queue[0]:
            number -= 1
        # To the role in b.txt, by skipping.
        for _ in range(len(desk.queue)):
            if "Temirov" in page.inner_text(".asked") and "Archive" in page.inner_text(".asked"):
                break
            page.keyboard.press("s")
            page.wait_for_timeout(150)
        assert page.locator(".raw .lit").count() >= 3
        # The institution loses its last word, and the change is saved.
        before = page.inner_text("[data-field=institution] b")
        page.keyboard.press("3")
        page.keyboard.press("Shift+ArrowLeft")
        expect(page.locator("[data-field=institution] b")).not_to_have_text(before)
        expect(page.locator(".raw .now")).to_have_count(1)  # one outline, whatever names it crosses
        page.keyboard.press("Alt+ArrowLeft")
        page.keyboard.press("Alt+ArrowLeft")
        expect(page.locator(".raw .now")).to_have_count(1)
        page.keyboard.press("Escape")
        page.keyboard.press("3")
        page.fill("#find", "archive of almaty")
        page.press("#find", "Enter")
        expect(page.locator("[data-field=institution] b")).to_have_text("Archive of Almaty")
        page.locator("[data-act=save]").click()
        expect(page.locator("#said")).to_have_text("Saved")
        last = read_corrections(out / CORRECTIONS)[-1]
        assert last.verdict == "right" and last.text.endswith("Archive of Almaty")
        page.keyboard.press("u")
        expect(page.locator("#said")).to_contain_text("Taken back")
        assert read_corrections(out / CORRECTIONS)[-1].verdict == "undo"
        page.keyboard.press("a")
        expect(page.locator("#said")).to_have_text("Saved")
        assert read_corrections(out / CORRECTIONS)[-1].verdict == "right"
        page.select_option("#interface", "ru")
        expect(page.locator("[data-act=accept], [data-act=from_start], [data-act=same]").first).to_be_visible()
        page.goto(f"{served}/#people")
        page.fill("#name", "Темиров")
        page.locator(".found button").first.click()
        expect(page.locator(".seen li").first).to_contain_text("Temirov")
        assert page.evaluate("window.hit") is None
        assert watched.told == []
