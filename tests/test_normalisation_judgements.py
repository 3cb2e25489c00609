"""Judgements: the file, and what they do to clusters."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.normalisation import Given, link, resolve_document
from pipeline.normalisation.judgements import Judgement, JudgementError, append_judgement, read_judgements
from pipeline.normalisation.rulings import Ruled, rule
from pipeline.records import Extraction, Mention

#: Three clusters of the evidence: ids, units, and a mention of each unit.
GROUPS = [[0, 1, 2], [3], [4, 5]]
IDS = {"ann": 0, "bob": 3, "cy": 4}
PLACES = {f"{unit}.txt:0": unit for unit in range(6)}


def ruled(*judgements: Judgement) -> Ruled:
    # Units are the more alike the nearer their numbers are.
    return rule(GROUPS, IDS, PLACES, judgements, lambda a, b: -abs(a - b))


def said(verdict: str, one: str, other: str = "", when: str = "2026-01-01") -> Judgement:
    return Judgement(verdict, one, other, when=when)


def sets(found: Ruled) -> set[frozenset[int]]:
    return {frozenset(g) for g in found.groups}


def test_without_judgements_the_evidence_stands() -> None:
    assert sets(ruled()) == {frozenset(g) for g in GROUPS}


def test_same_joins_and_a_later_line_undoes_it() -> None:
    same = said("same", "ann", "bob")
    assert frozenset({0, 1, 2, 3}) in sets(ruled(same))
    for later in ("undo", "different"):
        assert sets(ruled(same, said(later, "bob", "ann", "2026-01-02"))) == {frozenset(g) for g in GROUPS}


def test_an_earlier_undo_does_not_undo_what_came_after() -> None:
    lines = said("undo", "ann", "bob", "2026-01-01"), said("same", "ann", "bob", "2026-01-02")
    assert frozenset({0, 1, 2, 3}) in sets(ruled(*lines))


def test_different_divides_a_cluster_and_the_others_go_where_they_are_more_alike() -> None:
    found = ruled(said("different", "0.txt:0", "2.txt:0"))
    assert sets(found) == {frozenset({0, 1}), frozenset({2}), frozenset({3}), frozenset({4, 5})}


def test_places_decide_where_an_id_has_gone() -> None:
    found = ruled(Judgement("same", "gone", "also-gone", "3.txt:0", "4.txt:0"))
    assert frozenset({3, 4, 5}) in sets(found)
    assert not ruled(said("same", "gone", "bob")).understood


def test_a_contradiction_is_reported_with_its_chain_and_the_newest_link_is_put_aside() -> None:
    found = ruled(
        said("same", "ann", "bob", "2026-01-01"),
        said("same", "bob", "cy", "2026-01-03"),
        said("different", "ann", "cy", "2026-01-02"),
    )
    assert sets(found) == {frozenset({0, 1, 2, 3}), frozenset({4, 5})}
    (problem,) = found.problems
    assert "ann different cy" in problem and "ann same bob" in problem and "bob same cy" in problem
    assert "Put aside: bob same cy" in problem


def test_preferred_names_and_what_is_no_entity_go_with_the_cluster() -> None:
    found = ruled(said("preferred", "cy", "Cyril"), said("not-an-entity", "bob"), said("same", "ann", "cy"))
    assert found.preferred == dict.fromkeys((0, 1, 2, 4, 5), "Cyril")
    assert found.dropped == {3}
    assert not ruled(said("not-an-entity", "bob"), said("undo", "bob", when="2026-01-02")).dropped


lines = st.lists(
    st.builds(
        Judgement,
        st.sampled_from(["same", "different", "undo"]),
        st.sampled_from([*IDS, *PLACES]),
        st.sampled_from([*IDS, *PLACES]),
        when=st.sampled_from(["2026-01-01", "2026-01-02", "2026-01-03"]),
    ),
    max_size=8,
)


@settings(max_examples=60)
@given(lines, st.randoms(use_true_random=False))
def test_order_and_repetition_of_lines_do_not_matter(judgements: list[Judgement], random: object) -> None:
    once = ruled(*judgements)
    mixed = [*judgements, *judgements]
    random.shuffle(mixed)  # type: ignore[attr-defined]
    again = ruled(*mixed)
    assert (sets(once), once.problems) == (sets(again), again.problems)
    assert sorted(unit for g in once.groups for unit in g) == list(range(6))


def test_a_line_that_is_appended_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "judgements.csv"
    first = Judgement("same", "a", "b", "x.txt:1", "y, z.txt:2", "Me", "2026-01-01T00:00:00Z", 'both "are" one')
    second = Judgement("preferred", "a", "Ann\u0435")
    append_judgement(path, first)
    before = path.read_bytes()
    append_judgement(path, second)
    assert read_judgements(path) == [first, second]
    assert path.read_bytes().startswith(before)


def test_a_comment_that_is_indented_is_no_header_to_add_to(tmp_path: Path) -> None:
    path = tmp_path / "j.csv"
    path.write_text("  # ours\nverdict,one,other\nsame,a,b\n", encoding="utf-8")
    append_judgement(path, Judgement("undo", "a", "b"))
    assert [j.verdict for j in read_judgements(path)] == ["same", "undo"]


def test_a_file_from_a_spreadsheet_is_read_and_added_to(tmp_path: Path) -> None:
    path = tmp_path / "j.csv"
    path.write_bytes("\ufeffwho;verdict;one;other;one_at;other_at;when;why\r\nme;same;a;b;;;;\r\n;;;;;;;\r\n".encode())
    append_judgement(path, Judgement("undo", "a", "b"))
    assert [(j.verdict, j.one, j.other) for j in read_judgements(path)] == [("same", "a", "b"), ("undo", "a", "b")]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("one,other\na,b\n", "no column verdict"),
        ("verdict,one,other\nalike,a,b\n", "line 2: the verdict 'alike'"),
        ("verdict,one,other\nsame,a,\n", "`other`, the second entity is missing"),
    ],
)
def test_a_damaged_file_says_where_and_what_to_do(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "j.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(JudgementError, match=told):
        append_judgement(path, Judgement("same", "a", "b"))
    assert path.read_text(encoding="utf-8") == text


@settings(max_examples=20)
@given(st.permutations(range(4)), st.permutations(range(3)))
def test_judged_entities_do_not_depend_on_the_order_of_documents_or_lines(files: list[int], lines: list[int]) -> None:
    texts = ["Aigul Omarova", "A. Omarova", "Serik Temirov", "Serik Akhmetov"]
    documents = [
        resolve_document(Extraction(text, "en", (Mention("PERSON", 0, len(text), text),)), f"{n}.txt")
        for n, text in enumerate(texts)
    ]
    judged = [
        said("same", "temirov-serik", "akhmetov-serik"),
        said("different", "0.txt:0", "1.txt:0"),
        said("preferred", "akhmetov-serik", "S. Akhmetov"),
    ]
    found = link([documents[n] for n in files], Given([judged[n] for n in lines]))
    ids = [found.entity_id(f"{n}.txt", 0) for n in range(4)]
    assert ids[2] == ids[3] and len(set(ids)) == 3
    assert "S. Akhmetov" in {person.name for person in found.people}
    again = link(documents, Given(judged))
    assert (found.people, ids) == (again.people, [again.entity_id(f"{n}.txt", 0) for n in range(4)])
