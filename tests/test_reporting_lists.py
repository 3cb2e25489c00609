"""Lists and the search in many files: nothing is lost between the pages, and what is typed is found."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from pipeline.reporting.facts import Facts, initial
from pipeline.reporting.lists import PAGE, list_pages, starts
from pipeline.reporting.searching import ROWS, SearchIndex


@given(st.lists(st.integers(1, 3 * PAGE // 2), min_size=1, max_size=5))
def test_list_pages_hold_every_row_once(sizes: list[int]) -> None:
    groups = [(chr(65 + n), size) for n, size in enumerate(sizes)]
    rows = [(f"{g}{n}.html", g, [n]) for g, size in groups for n in range(size)]
    made = list(list_pages("people", groups, rows))
    assert [row for page in made for row in page.rows] == rows
    assert made[0].address == "people.html" and len({page.address for page in made}) == len(made)
    begin = starts("people", groups)
    for page in made:
        assert len(page.rows) <= PAGE
        assert all(row[1] == page.group for row in page.rows) or not page.group
        assert {address for _, _, address in page.groups} <= {p.address for p in made}
    assert all(next(p for p in made if p.address == begin[g]).group in (g, "") for g, _ in groups)


def test_entities_are_listed_by_family_name_and_initial(tmp_path: Path) -> None:
    facts = Facts(tmp_path / "facts")
    facts.add_entities("p", [
        {"person_id": "z", "name": "Anna Zima", "family_name": "Zima", "given_name": "Anna", "mentions": 1},
        {"person_id": "b", "name": "B. de Boer", "family_name": "de Boer", "initials": "B.", "mentions": 1},
        {"person_id": "q", "name": "«7»", "family_name": "", "mentions": 1},
    ])  # fmt: skip
    facts.complete()
    assert facts.initials("p") == [("#", 1), ("D", 1), ("Z", 1)]
    assert [name for _, name, _ in facts.entities("p")] == ["«7»", "de Boer, B.", "Zima, Anna"]
    assert initial("ə") == "Ə" and initial("ß") == "S" and initial("") == "#"
    facts.close()


def test_search_index_is_in_small_files_whose_keys_lead_to_rows(tmp_path: Path) -> None:
    index = SearchIndex(tmp_path / "words", tmp_path)
    for n in range(ROWS + 1):
        index.add("p", f"p/{n}.html", f"Person {n}", [f"Жұмабекова {n}"], "1998", "", ["kk"])
    index.finish()

    def read(name: str) -> object:
        return json.loads((tmp_path / f"{name}.js").read_text(encoding="utf-8").partition("=")[2].rstrip(";\n"))

    first, second = read("rows-0"), read("rows-1")
    assert len(first) == ROWS and second == [["p", f"p/{ROWS}.html", f"Person {ROWS}", 1998, 1998]]  # type: ignore[arg-type]
    (shard,) = [s for s in read("search")["shards"] if s.isalpha()]  # type: ignore[index]
    ((_, steps),) = read(f"keys-{shard}").items()  # type: ignore[attr-defined]
    assert steps == [0] + [1] * ROWS
    assert read("meta")["spoken"] == [1] * (ROWS + 1)  # type: ignore[index]
