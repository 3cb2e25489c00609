"""Corrections: what people say of a text holds against the models, survives moves, and can be taken back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from running_fakes import extraction, link, make_engine

from pipeline.reading import InputError
from pipeline.records import LABELS, Extraction, Report
from pipeline.running import run
from pipeline.running.correcting import corrected
from pipeline.running.corrections import (
    CORRECTIONS,
    HEADER,
    Correction,
    CorrectionError,
    Corrections,
    append_corrections,
    holding,
    part_of,
    read_corrections,
    words_at,
)

RAW = 'Omarova A. director National Library and Temirova B. head spoke on "Old books".'


def at(words: str, raw: str = RAW) -> str:
    start = raw.index(words)
    return f"{start}-{start + len(words)}"


def said(verdict: str, kind: str, when: str = "2026-01-01", who: str = "ann", **parts: str) -> Correction:
    """A correction of RAW; the parts are words of it."""
    label = parts.pop("label", "")
    c = Correction(verdict, kind, "f" * 64, label=label, who=who, when=when, **{k: at(v) for k, v in parts.items()})
    text = words_at(RAW, [stretch for _, stretch in c.stretches()])
    return Correction(**{name: getattr(c, name) for name in HEADER} | {"text": text})


def rows(made: Extraction) -> tuple[list[tuple[str, str]], list[tuple[str, ...]], list[tuple[str, str]]]:
    """Mentions, affiliations and reports as words."""

    def word(number: int | None) -> str:
        return "" if number is None else made.mentions[number].text

    return (
        [(m.label, m.text) for m in made.mentions],
        [(word(a.person), word(a.role), word(a.institution)) for a in made.affiliations],
        [(word(r.title), word(r.person)) for r in made.reports],
    )


def after(*corrections: Correction) -> Any:
    made, problems = corrected(extraction(RAW), holding(corrections).verdicts)
    assert problems == []
    assert all(made.raw[m.start : m.end] == m.text for m in made.mentions)
    return rows(made)


def test_corrected_without_corrections_is_what_it_was() -> None:
    assert corrected(extraction(RAW), []) == (extraction(RAW), [])


def test_corrected_edges_of_a_name_keep_its_relations() -> None:
    mentions, affiliations, _ = after(
        said("wrong", "mention", label="INSTITUTION", mention="National Library"),
        said("right", "mention", label="INSTITUTION", mention="National Library and Temirova B."),
    )
    assert ("INSTITUTION", "National Library and Temirova B.") in mentions
    assert ("PERSON", "Temirova B.") not in mentions  # what a person says goes before what overlaps it
    assert affiliations == [("Omarova A.", "director", "National Library and Temirova B.")]


def test_corrected_what_is_no_name_goes_with_its_relations() -> None:
    mentions, affiliations, _ = after(said("wrong", "mention", label="ROLE", mention="director"))
    assert ("ROLE", "director") not in mentions and affiliations == [("Temirova B.", "head", "")]
    _, affiliations, _ = after(said("wrong", "mention", label="INSTITUTION", mention="National Library"))
    assert affiliations[0] == ("Omarova A.", "director", "")


def test_corrected_relation_takes_another_person_or_institution() -> None:
    _, affiliations, reports = after(
        said("wrong", "affiliation", person="Temirova B.", role="head"),
        said("right", "affiliation", person="Temirova B.", role="head", institution="National Library"),
        said("right", "report", title="Old books", person="Temirova B."),
    )
    assert ("Temirova B.", "head", "National Library") in affiliations and len(affiliations) == 2
    assert reports == [("Old books", "Temirova B.")]
    made, _ = corrected(extraction(RAW), [said("right", "report", title="Old books", person="Temirova B.")])
    assert [r.confidence for r in made.reports] == [1.0]


def test_corrected_report_keeps_its_title_when_its_speaker_is_wrong() -> None:
    first = said("right", "report", title="Old books", person="Omarova A.")
    _, _, reports = after(first, said("wrong", "report", "2026-01-02", title="Old books", person="Omarova A."))
    assert reports == [("Old books", "")]
    mentions, _, reports = after(said("wrong", "mention", label="REPORT", mention="Old books"))
    assert reports == [] and ("REPORT", "Old books") not in mentions


def test_corrected_another_text_is_never_touched() -> None:
    other = RAW.replace("director", "Director!")
    wrong = said("wrong", "mention", label="INSTITUTION", mention="National Library")
    made, problems = corrected(extraction(other), [wrong])
    assert made == extraction(other) and "the text there is another now" in problems[0]


def test_holding_latest_wins_both_are_kept_and_undo_takes_back_ones_own() -> None:
    one = said("right", "mention", "2026-01-01", "ann", label="ROLE", mention="head")
    other = said("wrong", "mention", "2026-01-02", "ben", label="ROLE", mention="head")
    for order in ([one, other], [other, one]):
        held = holding(order)
        assert held.verdicts == (other,) and held.contradicted == ((other, one),)
    undone = holding([one, other, said("undo", "mention", "2026-01-03", "ben", label="ROLE", mention="head")])
    assert undone.verdicts == (one,) and undone.contradicted == ()
    assert "ben" in Corrections([one, other]).notes(["f" * 64])[0]


@given(st.data())
def test_corrected_any_corrections_give_a_sound_extraction_and_are_idempotent(data: st.DataObject) -> None:
    words = st.sampled_from(["Omarova A.", "Omarova", "director", "National Library", "Library and", "head", "books"])
    labels = st.sampled_from(LABELS)
    made: list[Correction] = []
    for n in range(data.draw(st.integers(0, 6))):
        verdict = data.draw(st.sampled_from(["right", "wrong", "undo"]))
        kind = data.draw(st.sampled_from(["mention", "affiliation", "report"]))
        parts: dict[str, str] = {}
        if kind == "mention":
            parts = {"label": data.draw(labels), "mention": data.draw(words)}
        elif kind == "affiliation":
            parts = {"person": data.draw(words), "role": data.draw(words)}
        else:
            parts = {"title": data.draw(words), "person": data.draw(words)}
        made.append(said(verdict, kind, f"2026-01-0{n + 1}", **parts))
    held = holding(made).verdicts
    got, _ = corrected(extraction(RAW), held)
    assert all(got.raw[m.start : m.end] == m.text for m in got.mentions)
    assert all(a.end <= b.start for a, b in zip(got.mentions, got.mentions[1:], strict=False))
    for a in got.affiliations:
        assert (got.mentions[a.person].label, got.mentions[a.role].label) == ("PERSON", "ROLE")
    for r in got.reports:
        assert got.mentions[r.title].label == "REPORT"
    assert len({(r.title, r.person) for r in got.reports}) == len(got.reports)
    assert rows(corrected(got, held)[0]) == rows(got)


# The file.


def test_corrections_file_is_appended_to_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / CORRECTIONS
    first = [said("wrong", "mention", label="ROLE", mention="head"), said("right", "report", title="Old books")]
    append_corrections(path, first)
    before = path.read_bytes()
    append_corrections(path, [said("undo", "mention", label="ROLE", mention="head")])
    assert path.read_bytes().startswith(before)
    assert read_corrections(path)[:2] == first and len(read_corrections(path)) == 3


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("maybe,mention,ab,,,ROLE,1-2", "'maybe' is none of right, wrong, undo"),
        ("right,thing,ab,,,ROLE,1-2", "'thing' is none of mention"),
        ("right,mention,ab,,,ROLE,2", "write START-END"),
        ("right,mention,ab,,,NOBODY,1-2", "'NOBODY' is none of PERSON"),
        ("right,report,ab", "`title` is missing"),
    ],
)
def test_corrections_file_errors_name_the_line(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / CORRECTIONS
    path.write_text(f"{','.join(HEADER)}\n{line}\n")
    with pytest.raises(CorrectionError, match="line 2") as error:
        read_corrections(path)
    assert message in str(error.value)
    with pytest.raises(CorrectionError):  # a damaged file is not made worse
        append_corrections(path, [said("right", "report", title="Old books")])


def test_part_of_tells_the_document_within_its_file() -> None:
    assert part_of("a/b.txt", "/in/a/b.txt") == ""
    assert part_of("a/b#1.txt", "/in/a/b#1.txt") == ""
    assert part_of("a/b#1.zip#x#y.txt", "/in/a/b#1.zip") == "x#y.txt"
    assert part_of("a/b.mbox#2", "C:\\in\\a\\b.mbox") == "2"


# In a run.


def ran(base: Path, **settings: Any) -> Any:
    return run(base / "in", base / "out", make_engine=make_engine, link=link, **settings)


def mentions(base: Path, document: str) -> Sequence[tuple[str, str]]:
    lines = (base / "out/mentions.jsonl").read_text(encoding="utf-8").splitlines()
    return [(m["label"], m["text"]) for m in map(json.loads, lines) if m["document_id"] == document]


@pytest.fixture
def base(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.txt").write_text(RAW)
    (tmp_path / "in/b.txt").write_text("Omarova A. left.")
    ran(tmp_path)
    digest = hashlib.sha256(RAW.encode()).hexdigest()
    wrong = said("wrong", "mention", label="ROLE", mention="director")
    line = Correction(**{n: getattr(wrong, n) for n in HEADER} | {"sha256": digest, "document": "a.txt"})
    append_corrections(tmp_path / "out" / CORRECTIONS, [line])
    return tmp_path


def test_run_applies_corrections_and_works_on_their_documents_alone(base: Path) -> None:
    result = ran(base)
    assert result.files["settings"] == 1 and result.files["kept"] == 1 and result.notes == ()
    assert ("ROLE", "director") not in mentions(base, "a.txt") and ("ROLE", "head") in mentions(base, "a.txt")
    assert ran(base).files["kept"] == 2


def test_run_corrections_follow_a_file_that_is_renamed(base: Path) -> None:
    (base / "in/a.txt").rename(base / "in/z.txt")
    ran(base)
    assert ("ROLE", "director") not in mentions(base, "z.txt")


def test_run_corrections_taken_back_leave_no_trace(base: Path) -> None:
    ran(base)
    path = base / "out" / CORRECTIONS
    (first,) = read_corrections(path)
    undo = {"verdict": "undo", "when": "2026-01-02"}
    append_corrections(path, [Correction(**{n: getattr(first, n) for n in HEADER} | undo)])
    assert ran(base).files["settings"] == 1
    assert ("ROLE", "director") in mentions(base, "a.txt")


def test_run_tells_of_corrections_that_find_no_file(base: Path) -> None:
    (base / "in/a.txt").write_text(RAW + " More.")
    result = ran(base)
    assert "a.txt" in result.notes[0] and "were not applied" in result.notes[0]
    (base / "out" / CORRECTIONS).write_text("verdict,kind\nright,mention\n")
    with pytest.raises(InputError, match="has no column sha256"):
        ran(base)


def test_run_tells_of_corrections_whose_text_is_another(base: Path) -> None:
    path = base / "out" / CORRECTIONS
    path.write_text(path.read_text().replace(at("director"), at("National")))
    for _ in range(2):  # also where the document is not done again
        assert ran(base).notes == (
            "a.txt: a correction of `director` could not be applied: the text there is another now.",
        )


def test_confirmed_report_keeps_the_institution_of_a_speaker_without_a_role() -> None:
    made = extraction(RAW)
    numbers = {m.text: n for n, m in enumerate(made.mentions)}
    title, person, library = (numbers[name] for name in ("Old books", "Temirova B.", "National Library"))
    start, end = made.mentions[person].start, made.mentions[title].end
    given = Report(title, person, library, None, "", None, start, end, 0.5)
    made = replace(made, affiliations=(), reports=(given,))
    got, _ = corrected(made, [said("right", "report", title="Old books", person="Temirova B.")])
    assert [(r.institution, r.confidence) for r in got.reports] == [(library, 1.0)]
