"""What a run keeps of its reading: the raw texts, the pages of mentions, the families of reprints."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from pipeline.reading import ReadOptions
from pipeline.running import OutputError, RunResult, run
from tests import formats_made as made
from tests import running_fakes as fakes
from tests.twelve import ENGLISH, make_engine


def do(inputs: Path, out: Path, **settings: object) -> RunResult:
    return run(inputs, out, make_engine=make_engine, link=fakes.link, **settings)  # type: ignore[arg-type]


def table(out: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(out / f"{name}.csv", keep_default_na=False)


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.html").write_bytes(made.html(ENGLISH[0]))
    (folder / "b.txt").write_text(ENGLISH[1], encoding="utf-8")
    (folder / "c.zip").write_bytes(made.zipped({"d/e.docx": made.docx(ENGLISH[2]), "reprint.txt": ENGLISH[1]}))
    return folder


@pytest.mark.parametrize("jobs", [1, 2])
def test_texts_are_kept_and_offsets_hold(inputs: Path, tmp_path: Path, jobs: int) -> None:
    out = tmp_path / "out"
    do(inputs, out, jobs=jobs)
    kept = sorted(p.relative_to(out).as_posix() for p in (out / "texts").rglob("*.txt"))
    assert kept == ["texts/a.html.txt", "texts/c.zip#d/e.docx.txt", "texts/c.zip#reprint.txt.txt"]
    documents = table(out, "documents").set_index("document_id")
    assert documents.loc["b.txt", "text_file"] == ""
    for row in table(out, "mentions").itertuples():
        file = documents.loc[row.document_id, "text_file"]
        raw = (out / file if file else inputs / row.document_id).read_bytes().decode("utf-8")
        assert raw[row.start : row.end] == row.text


def test_texts_of_an_earlier_run_go(inputs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    do(inputs, out)
    (inputs / "a.html").unlink()
    (inputs / "c.zip").unlink()
    do(inputs, out)
    assert not (out / "texts").exists()


def test_texts_of_someone_else_are_not_touched(inputs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    do(inputs, out)
    (out / "texts" / "mine.txt").write_text("mine")
    with pytest.raises(OutputError, match="texts holds something that Rollcall did not write"):
        do(inputs, out)
    assert (out / "texts" / "mine.txt").read_text() == "mine"


def test_reprints_share_a_family(inputs: Path, tmp_path: Path) -> None:
    do(inputs, tmp_path / "out")
    found = table(tmp_path / "out", "documents").set_index("document_id")["family_id"].to_dict()
    assert found == {
        "a.html": "a.html", "b.txt": "b.txt", "c.zip#d/e.docx": "c.zip#d/e.docx", "c.zip#reprint.txt": "b.txt",
    }  # fmt: skip


def test_mentions_know_their_page(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    text = "\n\n".join(f"Karimova A., head, number {n}." for n in range(1, 5))
    (tmp_path / "in" / "a.pdf").write_bytes(made.pdf(text, lines_a_page=4))
    (tmp_path / "in" / "b.txt").write_text(text)
    do(tmp_path / "in", tmp_path / "out")
    mentions = table(tmp_path / "out", "mentions")
    pages = mentions[mentions["label"] == "PERSON"].groupby("document_id")["page"].apply(list).to_dict()
    assert [int(p) for p in pages["a.pdf"]] == [1, 1, 2, 2]
    assert set(pages["b.txt"]) == {""}


def test_a_text_that_is_too_long_is_not_kept(inputs: Path, tmp_path: Path) -> None:
    do(inputs, tmp_path / "out", max_characters=10)
    assert not (tmp_path / "out" / "texts").exists()
    assert set(table(tmp_path / "out", "documents")["text_file"]) == {""}


def test_bounds_are_in_the_manifest(inputs: Path, tmp_path: Path) -> None:
    import json

    do(inputs, tmp_path / "out", reading=ReadOptions(max_pages=7))
    assert json.loads((tmp_path / "out" / "rollcall.json").read_text())["settings"]["max_pages"] == 7
