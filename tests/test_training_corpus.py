"""The reader of tagged files, and the figures, by hand-made cases."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.records import Affiliation, Extraction, Mention, Report
from pipeline.training.calibrate import fit, reliability
from pipeline.training.corpus import CorpusError, digest, parse, read_folder
from pipeline.training.gate import GateError, read_gate, set_floors
from pipeline.training.report import counts_by_cause, grouped_errors, table
from pipeline.training.scores import b_cubed, fold_text, matched, score
from pipeline.training.tasks import cross_calibrated, evaluate, tagged_files

TAGGED = """\
<doc id="a-01" lang="en" style="notice">
<role of="kim-v" at="nl">Director</role> of the <inst id="nl">National Library</inst> <person id="kim-v">Kim V.</person>
read “<report by="kim-v">Books on wheels</report>”.
</doc>
"""
GOLD = parse(TAGGED, "a-01")


def mention(label: str, text: str, confidence: float = 0.9) -> Mention:
    start = GOLD.text.index(text)
    return Mention(label, start, start + len(text), text, confidence)


def extraction(*mentions: Mention, **rows) -> Extraction:
    return Extraction(GOLD.text, "en", tuple(mentions), **rows)


PERFECT = extraction(
    mention("ROLE", "Director"),
    mention("INSTITUTION", "National Library"),
    mention("PERSON", "Kim V."),
    mention("REPORT", "Books on wheels"),
    affiliations=(Affiliation(2, 0, 1, 0, 40, 0.8),),
    reports=(Report(3, 2, None, None, "report", None, 0, 60, 0.7),),
)


def test_parse_offsets_are_those_of_the_text_without_tags() -> None:
    assert "<" not in GOLD.text
    assert [GOLD.text[s.start : s.end] for s in GOLD.spans] == [
        "Director",
        "National Library",
        "Kim V.",
        "Books on wheels",
    ]
    assert GOLD.spans[0].of == ("kim-v",)
    assert GOLD.spans[0].at == ("nl",)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("<person id='x'>no doc", "no <doc"),
        ('<doc id="a">\n<person id="k">A <role>B</role></person>\n</doc>', "<role> inside <person> at character 2"),
        ('<doc id="a">\nA</person>\n</doc>', "</person> closes nothing at character 1"),
        ('<doc id="a">\n<person id="k">A\n</doc>', "<person> is never closed"),
    ],
)
def test_parse_broken_tags_are_named_with_their_place(body: str, message: str) -> None:
    with pytest.raises(CorpusError, match=message):
        parse(body, "file")


def test_read_folder_without_tagged_files_says_so(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="holds no tagged"):
        read_folder(tmp_path)


def test_tagged_files_same_name_twice_is_refused(tmp_path: Path) -> None:
    for folder in ("corpus/en", "mine"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "a-01.xml").write_text(TAGGED)
    with pytest.raises(CorpusError, match=r"Two tagged files are named a-01\.xml"):
        tagged_files(tmp_path / "corpus", "en", [tmp_path / "mine"])


def test_digest_changes_with_a_character_and_not_with_the_order(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text("A")
    (tmp_path / "b.xml").write_text("B")
    paths = [tmp_path / "a.xml", tmp_path / "b.xml"]
    before = digest(paths)
    assert digest(paths[::-1]) == before
    (tmp_path / "b.xml").write_text("b")
    assert digest(paths) != before


def test_score_perfect_extraction_scores_one_everywhere() -> None:
    figures = score([(GOLD, PERFECT)], lambda name, number: f"{name}{number}").figures()
    for name in ("core", "all", "overlap_core", "affiliations", "reports", "linking_person", "linking_institution"):
        assert figures[name] == 1.0


def test_score_wrong_edge_is_an_overlap_and_breaks_the_strict_figure() -> None:
    short = extraction(mention("INSTITUTION", "National"))
    scores = score([(GOLD, short)])
    assert scores.strict["INSTITUTION"].f1 == 0
    assert scores.overlap["INSTITUTION"].f1 == 1
    assert counts_by_cause(scores.errors)["INSTITUTION edge"] == 1


def test_score_affiliation_without_its_institution_is_wrong() -> None:
    rows = (Affiliation(1, 0, None, 0, 40),)
    scores = score([(GOLD, extraction(mention("ROLE", "Director"), mention("PERSON", "Kim V."), affiliations=rows))])
    assert (scores.affiliations.right, scores.affiliations.predicted, scores.affiliations.gold) == (0, 1, 1)


def test_report_text_names_causes_and_examples() -> None:
    scores = score([(GOLD, extraction(mention("PERSON", "National Library")))])
    text = grouped_errors(scores.errors, 1)
    assert "INSTITUTION taken for PERSON" in text
    assert "National Library  →  National Library" in text
    assert "core" in table(scores)


@pytest.mark.parametrize(
    ("gold", "predicted", "count"),
    [
        ([(0, 5)], [(4, 9)], 1),
        ([(0, 5)], [(5, 9)], 0),
        ([(0, 9)], [(0, 3), (4, 6)], 1),
        ([(0, 3), (2, 6)], [(2, 4)], 1),
    ],
)
def test_matched_is_one_to_one(gold, predicted, count: int) -> None:
    assert matched(gold, predicted) == count


def test_b_cubed_one_cluster_for_two_people_costs_precision_only() -> None:
    precision, recall, f1 = b_cubed([("a", "x"), ("a", "x"), ("b", "x"), ("b", "x")])
    assert (precision, recall) == (0.5, 1.0)
    assert f1 == pytest.approx(2 / 3)


def test_fold_text_ignores_case_space_and_punctuation() -> None:
    assert fold_text("The  Reader –\nand Library!") == fold_text("the reader and library")


@given(st.lists(st.tuples(st.just("PERSON"), st.floats(0, 1), st.booleans()), min_size=1, max_size=300))
def test_fit_curves_are_monotone_and_within_zero_and_one(outcomes) -> None:
    curve = fit(outcomes).curves["PERSON"]
    assert list(curve.scores) == sorted(curve.scores)
    assert list(curve.rates) == sorted(curve.rates)
    assert all(0 < curve(s) < 1 for s in (0.0, 0.3, 1.0))


def test_fit_overconfident_scores_come_down_to_their_rate() -> None:
    outcomes = [("PERSON", 0.95, i % 4 < 2) for i in range(400)]
    assert fit(outcomes)("PERSON", 0.95) == pytest.approx(0.5, abs=0.01)
    assert reliability(cross_calibrated(outcomes), ["PERSON"]) == [(0.5, 0.6, 400, 0.5)]


def test_gate_floor_below_the_figure_is_pinned_and_a_fall_is_refused(tmp_path: Path) -> None:
    gate = tmp_path / "gate.json"
    set_floors(gate, "en", "abc", {"core": 0.85}, ["core"], 2)
    assert read_gate(gate, "en").failures("abc", {"core": 0.85}) == []
    assert "core is 0.8300, below its floor" in read_gate(gate, "en").failures("abc", {"core": 0.83})[0]
    assert "not those that the floors were measured on" in read_gate(gate, "en").failures("xyz", {"core": 0.85})[0]
    with pytest.raises(GateError, match="say so with --allow-lower"):
        set_floors(gate, "en", "abc", {"core": 0.80}, ["core"], 2)
    assert set_floors(gate, "en", "abc", {"core": 0.80}, ["core"], 2, allow_lower=True).floors["core"] < 0.80


def test_gate_checks_figures_of_the_folds_that_its_floors_were_measured_in(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "one.xml").write_text("<doc id='one' lang='en'>Text</doc>", encoding="utf-8")
    set_floors(tmp_path / "gate.json", "en", "abc", {"core": 0.85}, ["core"], 2)
    with pytest.raises(GateError, match="measured in 2 folds: leave --folds out"):
        evaluate(tmp_path, "en", folds=5, gate=tmp_path / "gate.json")


def test_gate_without_floors_for_a_language_says_how_to_set_them(tmp_path: Path) -> None:
    with pytest.raises(GateError, match="pin them with --set-floors"):
        read_gate(tmp_path / "gate.json", "kk")
