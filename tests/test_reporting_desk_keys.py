"""The desk as an archivist uses it: any keyboard layout, phone width, two desks at once, people merged by keyboard."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from browsers import Watched

from pipeline.running.corrections import CORRECTIONS, read_corrections

pytest.importorskip("starlette")
pytest.importorskip("uvicorn")

import desk_made
from desk_made import decided_on, undecided

from pipeline.normalisation.judgements import read_judgements
from pipeline.reporting.desk.decisions import Desk
from pipeline.reporting.desk.web import serve

LONG = "\n\n".join(["The reading room is open on all days but Monday."] * 40)
TEXTS = {
    "a.txt": "The seminar was opened by the director of the National Library Omarova Aigul.",
    "b.txt": f"{LONG}\n\nTemirov Serik, head of the State Archive of Almaty, made the report “Old books in the aul”.",
    "c.txt": "Zhanna Akhmetova, director of the State Archive of Almaty, and Temirova Aizhan, archivist, thanked all.",
}


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return decided_on(tmp_path_factory.mktemp("keys"), TEXTS)


@pytest.fixture
def out(ready: Path) -> Iterator[Path]:
    with undecided(ready) as out:
        yield out


@contextmanager
def served(out: Path, who: str) -> Iterator[str]:
    """The address, token and all, of a desk that somebody has open."""
    desk = Desk(out, who)
    with desk_made.served(desk, f"of-{who}") as address:
        yield f"{address}/?token=of-{who}"
    desk.close()


@pytest.fixture
def watched(out: Path, browser: Any) -> Iterator[Watched]:
    with served(out, "ann") as address:
        seen = Watched(browser, ("http://127.0.0.1:",))
        seen.page.goto(address)
        seen.page.wait_for_selector("[data-act=accept]")
        yield seen
        seen.page.context.close()
        assert seen.told == []


def write(page: Any, letter: str, code: str) -> None:
    """A key of another layout than that of the machine."""
    page.evaluate(
        "([key, code]) => document.dispatchEvent(new KeyboardEvent('keydown', {key, code, bubbles: true}))",
        [letter, code],
    )


def texts(page: Any) -> list[str]:
    """What the fields of the row say."""
    found: list[str] = page.locator(".field b").all_inner_texts()
    return found


def test_keys_of_russian_and_kazakh_layouts_do_what_is_printed_on_them(out: Path, watched: Watched) -> None:
    from playwright.sync_api import expect

    page = watched.page
    write(page, "ә", "Digit2")  # where Kazakh writes letters in the row of digits
    expect(page.locator(".field[aria-pressed=true]")).to_have_count(1)
    page.keyboard.press("Escape")
    write(page, "ф", "KeyA")
    expect(page.locator("#said")).to_have_text("Saved")
    assert [c.verdict for c in read_corrections(out / CORRECTIONS)] == ["right"]
    write(page, "г", "KeyU")
    expect(page.locator("#said")).to_contain_text("Taken back")
    assert [c.verdict for c in read_corrections(out / CORRECTIONS)] == ["right", "undo"]


def test_change_that_is_not_saved_is_not_lost_by_another_key(out: Path, watched: Watched) -> None:
    from playwright.sync_api import expect

    page = watched.page
    page.fill("#why", "it says so")
    page.press("#why", "Enter")  # leaves the field, decides nothing
    page.keyboard.press("1")
    page.keyboard.press("Shift+ArrowLeft")
    changed = texts(page)
    for other in "axsbunrw":
        page.keyboard.press(other)
        expect(page.locator("#trouble")).to_contain_text("not saved yet")
        assert texts(page) == changed
    assert not (out / CORRECTIONS).exists()
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_have_text("Saved")
    assert {c.why for c in read_corrections(out / CORRECTIONS)} == {"it says so"}
    page.keyboard.press("n")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#trouble")).to_contain_text("“Role” is missing")


def test_undo_shows_the_row_that_it_took_back_and_a_reload_stays(out: Path, watched: Watched) -> None:
    from playwright.sync_api import expect

    page = watched.page
    seen = [texts(page)]
    for pressed in "ass":
        page.keyboard.press(pressed)
        page.wait_for_function(
            "was => String([...document.querySelectorAll('.field b')].map(b => b.innerText)) !== was",
            arg=",".join(seen[-1]),
        )
        seen.append(texts(page))
    page.reload()
    expect(page.locator(".field b").first).to_be_visible()
    assert texts(page) == seen[-1]  # the place is kept
    page.keyboard.press("a")
    expect(page.locator("#said")).to_have_text("Saved")
    page.keyboard.press("b")
    page.keyboard.press("s")
    page.keyboard.press("u")
    expect(page.locator("#said")).to_contain_text("Taken back")
    assert texts(page) == seen[-1]  # what was taken back, wherever one has gone since


def test_question_names_and_buttons_are_seen_at_once_at_phone_width(out: Path, browser: Any) -> None:
    from playwright.sync_api import expect

    with served(out, "ann") as address:
        page = Watched(browser, ("http://127.0.0.1:",), viewport={"width": 360, "height": 740}).page
        page.goto(address)
        for language in ("en", "ru", "kk"):
            page.select_option("#interface", language)
            for seen in ("[data-act=accept]", "[data-act=reject]", ".asked h2", ".raw .lit >> nth=0"):
                expect(page.locator(seen)).to_be_in_viewport()
            assert page.evaluate("document.documentElement.scrollWidth") <= 360
        page.context.close()


def test_language_of_the_desk_changes_what_is_said_of_progress(watched: Watched) -> None:
    from playwright.sync_api import expect

    page = watched.page
    page.keyboard.press("a")
    expect(page.locator("#said")).to_have_text("Saved")
    page.select_option("#interface", "ru")
    expect(page.locator("#said")).to_have_text("")
    expect(page.locator("#progress")).not_to_contain_text("decided")
    expect(page.locator("#progress")).to_contain_text("1")


def test_people_are_merged_and_split_by_keyboard_alone(out: Path, watched: Watched) -> None:
    from playwright.sync_api import expect

    page = watched.page
    page.keyboard.press("p")
    expect(page.locator("#name")).to_be_focused()
    for name in ("Omarova", "Akhmetova"):
        page.keyboard.type(name)
        expect(page.locator(".found button")).to_have_text([re.compile(name)])  # not what the first letters found
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.locator(".two h2")).to_be_focused()
        expect(page.locator(".two h2")).to_contain_text(name)
        page.keyboard.press("/")
        expect(page.locator("#name")).to_be_focused()
    page.locator(".two h2").focus()
    page.keyboard.press("Tab")
    expect(page.locator("[data-act=merge]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text("Saved")
    (line,) = read_judgements(out / "judgements.csv")
    assert (line.verdict, {line.one, line.other}) == ("same", {"akhmetova-zhanna", "omarova-aigul"})
    page.keyboard.press("u")
    expect(page.locator("#said")).to_contain_text("Taken back")
    assert [j.verdict for j in read_judgements(out / "judgements.csv")] == ["same", "undo"]
    page.fill("#name", "Archive of Almaty")
    expect(page.locator(".found button").first).to_contain_text("Archive of Almaty")
    page.locator(".found button").first.click()
    expect(page.locator(".seen mark.INSTITUTION").first).to_be_visible()
    expect(page.locator(".two h2")).to_contain_text("Archive of Almaty")
    boxes = page.locator(".seen input")
    assert boxes.count() >= 2
    boxes.first.focus()
    page.keyboard.press("Space")
    page.locator("[data-act=split]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text("different")
    last = read_judgements(out / "judgements.csv")[-1]
    assert last.verdict == "different" and last.one_at.split(":")[0] != last.other_at.split(":")[0]
    page.keyboard.press("p")
    expect(page.locator("[data-act=accept], [data-act=same]").first).to_be_visible()


def test_answer_that_comes_late_leaves_the_keyboard_on_the_name_it_was_on(watched: Watched) -> None:
    from playwright.sync_api import expect

    page, late = watched.page, []
    page.keyboard.press("p")
    expect(page.locator("#name")).to_be_focused()
    page.keyboard.type("Temirov")
    found = page.locator(".found button")
    expect(found).to_have_count(2)
    page.route(re.compile("find.name=Temirova$"), lambda route: late.append(route))
    page.keyboard.type("a")
    while not late:
        page.wait_for_timeout(10)
    page.get_by_role("button", name="Aizhan").focus()
    late[0].continue_()
    expect(found).to_have_count(1)
    expect(found).to_be_focused()


def test_two_desks_in_one_browser_both_decide_and_both_stand(out: Path, browser: Any) -> None:
    from playwright.sync_api import expect

    with served(out, "ann") as one, served(out, "ben") as other:
        context = browser.new_context()
        pages = [context.new_page(), context.new_page()]
        for page, address in zip(pages, (one, other), strict=True):
            page.goto(address)
            expect(page.locator("[data-act=accept]")).to_be_visible()
        for page, press in zip(pages, "ax", strict=True):
            page.keyboard.press(press)
            expect(page.locator("#said")).to_have_text("Saved")
        context.close()
    said = read_corrections(out / CORRECTIONS)
    assert [(c.who, c.verdict) for c in said] == [("ann", "right"), ("ben", "wrong")]
    assert said[0].statement == said[1].statement and all(c.when for c in said)


def test_review_is_closed_with_ctrl_c_and_says_so(out: Path) -> None:
    command = [sys.executable, str(Path(__file__).parents[1] / "cli.py"), "review", str(out), "--no-browser"]
    opened = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert opened.stdout is not None
    address = opened.stdout.readline().split()[-1]
    port = int(address.split(":")[2].split("/")[0])
    taken = subprocess.run([*command, "--port", str(port)], capture_output=True, text=True, timeout=60)
    assert taken.returncode == 2 and f"on port {port}" in taken.stderr and "--port" in taken.stderr
    opened.send_signal(signal.SIGINT)
    told, _ = opened.communicate(timeout=60)
    assert opened.returncode == 0 and "The desk is closed." in told, told


def test_serve_takes_a_browser_that_comes_at_once(out: Path) -> None:
    class EnoughError(Exception):
        pass

    def come(address: str) -> None:
        port = int(re.findall(r":(\d+)/", address)[0])
        socket.create_connection(("127.0.0.1", port), timeout=5).close()  # refused before the door listened
        raise EnoughError

    with pytest.raises(EnoughError):
        serve(Desk(out, "ann"), 0, "en", come)


def test_evidence_of_a_pair_is_told_in_each_language() -> None:
    words = json.loads(Path("pipeline/reporting/words.json").read_text(encoding="utf-8"))
    source = Path("pipeline/normalisation/comparison.py").read_text(encoding="utf-8")
    told = set(re.findall(r', "([a-z]+ [a-z ]+)"', source))
    assert len(told) > 10 and told <= set(words["en"])
    assert not [t for t in told for language in ("ru", "kk") if words[language][t] == t]
