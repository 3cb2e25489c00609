"""Pages of people and institutions: long ones go on in further pages, and nothing is lost or told twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lxml import html as parsed

from pipeline.reporting.entities import LINES, ROWS, entity_pages, timeline
from pipeline.reporting.facts import Facts, Said

HOSTILE = "<script>hit()</script>\"'&"


def told(facts: Facts, mentions: int, roles: int, reports: int) -> list[tuple[str, dict[str, Any]]]:
    """The pages of a person who is named so often, in a document in which a library is named once."""
    facts.add_entities("p", [{"person_id": "ann", "name": HOSTILE, "mentions": mentions}])
    facts.add_entities("i", [{"institution_id": "lib", "name": HOSTILE, "mentions": 1}])
    sentences = [("p", "ann", f"m{n:05}", HOSTILE, f"Ann {n}", "") for n in range(mentions)]
    place = ("i", "lib", "m99999", "", "Lib", "")
    said = [("p", "ann", what, "1998", f"{HOSTILE} {n}", "i", "lib", f"m{n:05}")
            for what, count in (("affiliations", roles), ("reports", reports)) for n in range(count)]  # fmt: skip
    facts.add_document(("d/a.html", HOSTILE, "1998", "1998", "en", 1, mentions + 1), [*sentences, place], said)
    facts.complete()
    return [page for entity in facts.told("p") for page in entity_pages(facts, "p", entity)]


def test_entity_pages_hold_every_row_once(tmp_path: Path) -> None:
    facts = Facts(tmp_path / "facts")
    pages = told(facts, 2 * ROWS + 1, ROWS + 2, 3)
    assert [address for address, _ in pages] == ["p/ann.html", "p/ann.2.html", "p/ann.3.html"]
    named = [e.text for _, values in pages for e in parsed.fromstring(f"<ol>{values['sentences']}</ol>").iter("mark")]
    assert named == [f"Ann {n}" for n in range(2 * ROWS + 1)]
    rows = [cell for _, values in pages for _, _, html in values["tables"] if html
            for cell in parsed.fromstring(f"<table>{html}</table>").xpath("//tr/td[2]//text()")]  # fmt: skip
    assert sorted(rows) == sorted([f"{HOSTILE} {n}" for n in (*range(ROWS + 2), *range(3))])
    assert [values["first"] for _, values in pages] == [1, ROWS + 1, 2 * ROWS + 1]
    assert all(values["pages"] == pages[0][1]["pages"] and len(values["pages"]) == 3 for _, values in pages)
    facts.close()


def test_entity_page_escapes_what_documents_say(tmp_path: Path) -> None:
    facts = Facts(tmp_path / "facts")
    ((_, values),) = told(facts, 1, 1, 1)
    (_, places) = values["met"][1]
    for html in (values["sentences"], places, *(rows for _, _, rows in values["tables"])):
        assert "<script" not in html and HOSTILE in parsed.fromstring(f"<div>{html}</div>").text_content()
    assert 'href="../i/lib.html"' in places and "<small>1</small>" in places
    facts.close()


def test_facts_give_each_entity_what_is_told_of_it_and_nothing_else(tmp_path: Path) -> None:
    facts = Facts(tmp_path / "facts")
    facts.add_entities("p", [{"person_id": i, "name": i, "mentions": n} for i, n in (("b", 3), ("ä", 1), ("a", 2))])
    for number, (language, ids) in enumerate((("en", ["a", "b", "gone"]), ("", ["b"]), ("ru", ["b", "a"]))):
        mentions = [("p", i, f"m{n}", "", f"{i}{number}", "") for n, i in enumerate(ids)]
        said = [("p", i, "reports", None, f"by {i}", None, None, "m0") for i in ids]
        facts.add_document((f"d/{number}.html", "", None, "", language, len(ids), len(ids)), mentions, said)
    facts.complete()
    told = list(facts.told("p"))
    assert [(e.id, [s.text for s in e.sentences], len(e.said)) for e in told] == [
        ("a", ["a0", "a2"], 2), ("b", ["b0", "b1", "b2"], 3), ("ä", [], 0)]  # fmt: skip
    cuts = facts.cuts("p", 2)
    assert cuts == [("a", "ä"), ("ä", None)]
    assert [e for cut in cuts for e in facts.told("p", *cut)] == told
    assert [(r[1], sorted(r[5]), r[6]) for r in facts.ranked()] == [
        ("b", ["b0", "b1", "b2"], ["en", "ru"]), ("a", ["a0", "a2"], ["en", "ru"]), ("ä", [], [])]  # fmt: skip
    (met,) = facts.met(told[0].number, 2, 200, 40)
    assert met.documents == 2 and ">b<" in met.link
    facts.close()


def test_timeline_draws_what_can_be_told_apart() -> None:
    said = [Said("affiliations", f"{1900 + n}-05", f"role {n}", None, None, "d", "t", "m") for n in range(LINES + 5)]
    said += [Said("affiliations", "1900", "role 0", None, None, "d", "t", "m")]
    dots, lines = timeline(said)
    assert lines == LINES + 5 and len(dots) == LINES
    assert dots[0] == [1900, "affiliations", "role 0", "t", "../d#m", 2]
    assert timeline(said[:1]) == ([], 0)
    reports = [Said("reports", "1998", f"talk {n}", None, None, "d", "t", None) for n in range(3)]
    assert timeline(reports) == ([[1998, "reports", "talk 0", "t", "../d", 3]], 1)
