"""Tagged files written from extractions: what is written reads back as the same text and spans."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
import running_fakes as fakes
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

import cli
from pipeline.records import LABELS, Affiliation, Extraction, Mention, Report
from pipeline.running import engine
from pipeline.training.annotate import AnnotationError, tagged
from pipeline.training.corpus import parse, read_file


@st.composite
def extractions(draw: st.DrawFn) -> Extraction:
    pieces = st.text(alphabet=st.sampled_from('ab Яқ"<>/=\n\r\t&”'), max_size=40)
    raw = draw(pieces)
    cuts = sorted(draw(st.sets(st.integers(0, len(raw)), max_size=8)))
    spans = list(pairwise(cuts))[:: draw(st.sampled_from([1, 2]))]
    mentions = tuple(Mention(draw(st.sampled_from(LABELS)), a, b, raw[a:b]) for a, b in spans)
    return Extraction(raw, "en", mentions)


@given(extractions())
def test_annotate_round_trip(made: Extraction) -> None:
    back = parse(tagged(made, "x", ["e"] * len(made.mentions)), "x")
    assert back.text == made.raw
    assert [(s.label, s.start, s.end, s.text) for s in back.spans] == [
        (m.label, m.start, m.end, m.text) for m in made.mentions
    ]


def test_annotate_relations_and_ids() -> None:
    raw = "Asanova B., director, National Library: Maps"
    names = [("PERSON", "Asanova B."), ("ROLE", "director"), ("INSTITUTION", "National Library"), ("REPORT", "Maps")]
    mentions = tuple(Mention(label, raw.index(t), raw.index(t) + len(t), t) for label, t in names)
    made = Extraction(
        raw, "en", mentions, (Affiliation(0, 1, 2, 0, 38),), (Report(3, 0, None, None, "report", None, 0, 44),)
    )
    person, role, body, report = parse(tagged(made, "x", ["p 1", "r", "i1", ""]), "x").spans
    assert (person.ids, role.of, role.at, role.ids) == (("p-1",), ("p-1",), ("i1",), ())
    assert (body.ids, report.by) == (("i1",), ("p-1",))


@pytest.mark.parametrize("raw", ["see <person> here", "a </role> b", "half \ud800"])
def test_annotate_refuses_what_the_format_cannot_hold(raw: str) -> None:
    with pytest.raises(AnnotationError, match="cannot be written as a tagged file"):
        tagged(Extraction(raw, "en"), "x")


def test_annotate_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "load_engine", fakes.make_engine)
    monkeypatch.setattr(engine, "link_documents", fakes.link)
    raw = 'Asanova B., director, National Library.\r\nBekova C.: "Maps".\n'
    (tmp_path / "a.txt").write_bytes(raw.encode())
    call = ["annotate", str(tmp_path / "a.txt"), "--out", str(tmp_path / "out")]
    assert CliRunner().invoke(cli.app, call).exit_code == 0
    target = tmp_path / "out" / "a.txt.xml"
    assert read_file(target).text == raw
    assert [s.label for s in read_file(target).spans] == ["PERSON", "ROLE", "INSTITUTION", "PERSON", "REPORT"]
    target.write_text("corrected")
    again = CliRunner().invoke(cli.app, call)
    assert again.exit_code == 2 and "--force" in again.stderr
    assert target.read_text() == "corrected"
    assert CliRunner().invoke(cli.app, [*call, "--force"]).exit_code == 0
    assert target.read_text() != "corrected"


def test_annotate_writes_the_documents_of_a_file_beside_those_that_cannot_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "load_engine", fakes.make_engine)
    monkeypatch.setattr(engine, "link_documents", fakes.link)
    (tmp_path / "e.csv").write_text('text\nAsanova B. came\n""\nBekova C. <person> came\nDosova E. came\n')
    done = CliRunner().invoke(cli.app, ["annotate", str(tmp_path / "e.csv"), "--out", str(tmp_path / "out")])
    assert done.exit_code == 1
    assert [Path(line).name for line in done.stdout.splitlines()] == ["e.csv-000001.xml", "e.csv-000004.xml"]
    empty, unfit = done.stderr.splitlines()
    assert "e.csv#000002: empty" in empty and "e.csv-000003 cannot be written as a tagged file" in unfit
    assert read_file(tmp_path / "out" / "e.csv-000004.xml").text == "Dosova E. came"


@pytest.mark.parametrize("force", [[], ["--force"]])
def test_annotate_keeps_documents_apart_whose_names_would_be_one(
    force: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "load_engine", fakes.make_engine)
    monkeypatch.setattr(engine, "link_documents", fakes.link)
    texts = {"a/no te.txt": "Asanova B. came", "b/no-te.txt": "Bekova C. came", "c/NO-TE.txt": "Dosova E. came"}
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text, encoding="utf-8")
    files = [str(tmp_path / name) for name in texts]
    done = CliRunner().invoke(cli.app, ["annotate", *files, "--out", str(tmp_path / "out"), *force])
    assert done.exit_code == 0
    assert {read_file(Path(line)).text for line in done.stdout.splitlines()} == set(texts.values())
