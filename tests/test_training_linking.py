"""The measure of the linking on gold mentions."""

from __future__ import annotations

from pathlib import Path

import pytest
from running_fakes import make_linking_engine

from pipeline.running import run
from pipeline.training.corpus import parse
from pipeline.training.linking import benchmark, equal_slugs, errors, gold_extraction, main, measure

ONE = (
    '<doc id="one" lang="en" style="x">\n<person id="omarova-a">Aigul Omarova</person>, <role of="omarova-a" at="mus">'
    'director</role> of the <inst id="mus">Abai Museum</inst>. <person id="omarova-a">Omarova</person> spoke.\n</doc>'
)
TWO = (
    '<doc id="two" lang="ru" style="x">\n<role of="omarova-a" at="mus">Директор</role> '
    '<inst id="mus">музея Абая</inst> <person id="omarova-a">Айгуль Омарова</person> и '
    '<person id="temirov-s">С. Темиров</person>.\n</doc>'
)


def test_gold_becomes_an_extraction_with_the_nearest_mentions_joined() -> None:
    made = gold_extraction(parse(ONE, "one"))
    assert [m.text for m in made.mentions] == ["Aigul Omarova", "director", "Abai Museum", "Omarova"]
    (affiliation,) = made.affiliations
    assert (affiliation.person, affiliation.role, affiliation.institution) == (0, 1, 2)
    assert made.raw[affiliation.start : affiliation.end] == "Aigul Omarova, director of the Abai Museum"


def test_languages_are_linked_and_scored_together() -> None:
    found, entities = measure([parse(ONE, "one"), parse(TWO, "two")])
    assert found.figures == {"PERSON": (1.0, 1.0, 1.0), "INSTITUTION": (1.0, 1.0, 1.0)}
    assert entities.entity_id("en/one", 0) == entities.entity_id("ru/two", 2)


def test_errors_name_merges_and_splits_with_their_texts() -> None:
    told = errors([("a", "x", "Ann", "1"), ("b", "x", "Bob", "1"), ("c", "y", "Cy", "1"), ("c", "z", "C.", "2")], 5)
    assert told[:3] == ["false merges", "x: a 1 | b 1", "    a: Ann [1]"]
    assert "c: y 1 | z 1" in told and "    z: C. [2]" in told


def test_slugs_of_one_body_are_read_as_one(tmp_path: Path) -> None:
    path = tmp_path / "equal.txt"
    path.write_text("# comment\nnas-rk nan-rk\n", encoding="utf-8")
    assert equal_slugs(path) == {"nas-rk": "nas-rk", "nan-rk": "nas-rk"}
    assert equal_slugs(tmp_path / "none") == {}


def test_the_command_prints_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "one.xml").write_text(ONE, encoding="utf-8")
    main([str(tmp_path), "--errors", "3"])
    told = capsys.readouterr().out
    assert "PERSON       P 1.0000  R 1.0000  F1 1.0000  (2 mentions)" in told
    assert "false merges\nsplits" in told


def test_the_benchmark_links_so_many_mentions() -> None:
    told = benchmark(500)
    mentions = int(told.split()[0])
    assert 450 <= mentions <= 550
    assert "50 documents" in told


def test_what_of_a_linking_can_be_done_elsewhere_is_measured_on_an_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in.txt").write_text("Aigul Omarova, director of the Abai Museum, and S. Temirov spoke.")
    run(tmp_path / "in.txt", tmp_path / "out", make_engine=make_linking_engine)
    main(["--output", str(tmp_path / "out")])
    assert "1 documents: " in (told := capsys.readouterr().out) and "ms a document can be done elsewhere" in told
