"""The twelve announcements in every format and encoding give the same tables as in plain UTF-8."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipeline.reading import ReadOptions, read
from pipeline.running import run
from tests import formats_made as made
from tests import running_fakes as fakes
from tests.twelve import ENGLISH, KAZAKH, RUSSIAN, TWELVE, make_engine

Make = Callable[[str], bytes]

ONE_EACH: dict[str, Make] = {
    ".html": made.html,
    ".docx": made.docx,
    ".odt": made.odt,
    ".rtf": made.rtf,
    ".pdf": made.pdf,
    ".eml": made.eml,
    ".txt.gz": lambda text: made.PACKINGS[".gz"](text.encode()),
    ".txt.bz2": lambda text: made.PACKINGS[".bz2"](text.encode()),
    ".txt.xz": lambda text: made.PACKINGS[".xz"](text.encode()),
}
MANY: dict[str, Callable[[list[str]], bytes]] = {
    "all.mbox": lambda texts: made.mbox([made.eml(t) for t in texts]),
    "all.zip": lambda texts: made.zipped({f"n{i:02}.txt": t.encode() for i, t in enumerate(texts)}),
    "all.tar": lambda texts: made.tar({f"n{i:02}.docx": made.docx(t) for i, t in enumerate(texts)}),
    "all.csv": made.table,
    "all.tsv": lambda texts: made.table(texts, "\t"),
    "all.jsonl": made.jsonl,
    "all.parquet": made.parquet,
    "all.warc": lambda texts: made.warc(
        [(f"http://e.org/{i}", "text/html", made.html(t)) for i, t in enumerate(texts)]
    ),
    "all.warc.gz": lambda texts: made.warc(
        [(f"http://e.org/{i}", "text/html; charset=utf-8", made.html(t)) for i, t in enumerate(texts)], packed=True
    ),
}


def rows(folder: Path, out: Path, **settings: Any) -> dict[str, list[tuple[str, ...]]]:
    """What the tables say, without ids and places: document by document in their order."""
    result = run(folder, out, make_engine=make_engine, link=fakes.link, **settings)
    assert not result.failures
    found = {}
    for name, columns in (("affiliations", ["person", "role", "institution"]), ("reports", ["title", "person"])):
        frame = pd.read_csv(out / f"{name}.csv", keep_default_na=False)
        found[name] = [tuple(" ".join(cell.split()) for cell in row) for row in frame[columns].itertuples(index=False)]
    return found


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[str, ...]]]:
    folder = tmp_path_factory.mktemp("plain")
    for number, text in enumerate(TWELVE):
        (folder / f"n{number:02}.txt").write_text(text, encoding="utf-8", newline="")
    found = rows(folder, tmp_path_factory.mktemp("out") / "o")
    assert (len(found["affiliations"]), len(found["reports"])) == (23, 20)
    return found


def same_as_plain(folder: Path, plain: dict[str, list[tuple[str, ...]]]) -> None:
    out = folder.parent / "out"
    assert rows(folder, out) == plain
    documents = pd.read_csv(out / "documents.csv", keep_default_na=False)
    mentions = pd.read_csv(out / "mentions.csv", keep_default_na=False)
    texts = dict(zip(documents["document_id"], documents["text_file"], strict=True))
    assert all(texts.values()) and len(texts) == 12
    for row in mentions.itertuples():
        raw = (out / texts[row.document_id]).read_bytes().decode("utf-8")
        assert raw[row.start : row.end] == row.text


@pytest.mark.parametrize("suffix", ONE_EACH)
def test_formats_one_file_each(suffix: str, tmp_path: Path, plain: dict[str, list[tuple[str, ...]]]) -> None:
    (tmp_path / "in").mkdir()
    for number, text in enumerate(TWELVE):
        (tmp_path / "in" / f"n{number:02}{suffix}").write_bytes(ONE_EACH[suffix](text))
    same_as_plain(tmp_path / "in", plain)


@pytest.mark.parametrize("name", MANY)
def test_formats_many_in_one_file(name: str, tmp_path: Path, plain: dict[str, list[tuple[str, ...]]]) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / name).write_bytes(MANY[name](list(TWELVE)))
    same_as_plain(tmp_path / "in", plain)


def raw_text(path: Path, data: bytes, **options: Any) -> str:
    path.write_bytes(data)
    documents = list(read(path, path.name, ReadOptions(**options)))
    assert [d.source.reason for d in documents] == [""]
    return documents[0].raw


CYRILLIC = ["cp1251", "koi8-r", "cp866", "iso8859-5", "mac-cyrillic", "utf-16-le", "utf-16-be"]


@pytest.mark.parametrize("encoding", CYRILLIC)
@pytest.mark.parametrize("text", RUSSIAN)
def test_formats_russian_encodings(encoding: str, text: str, tmp_path: Path) -> None:
    text = text.replace("—", "-") if encoding in ("cp866", "koi8-r", "iso8859-5") else text
    text = text.replace("«", '"').replace("»", '"') if encoding in ("cp866", "koi8-r", "iso8859-5") else text
    assert raw_text(tmp_path / "a.txt", text.encode(encoding)) == text
    assert raw_text(tmp_path / "a.txt", text.encode(encoding), encoding=encoding) == text


@pytest.mark.parametrize("encoding", ["kz1048", "utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
@pytest.mark.parametrize("text", KAZAKH)
def test_formats_kazakh_encodings(encoding: str, text: str, tmp_path: Path) -> None:
    assert raw_text(tmp_path / "a.txt", text.encode(encoding)) == text


@pytest.mark.parametrize("encoding", ["cp1252", "mac-roman", "utf-16"])
@pytest.mark.parametrize("text", ENGLISH)
def test_formats_english_encodings(encoding: str, text: str, tmp_path: Path) -> None:
    assert raw_text(tmp_path / "a.txt", text.encode(encoding)) == text


@pytest.mark.parametrize("charset", ["windows-1251", "koi8-r", "utf-8", "utf-16"])
def test_formats_web_pages_in_old_encodings(charset: str, tmp_path: Path) -> None:
    found = raw_text(tmp_path / "a.html", made.html(RUSSIAN[1], charset))
    assert found == raw_text(tmp_path / "b.html", made.html(RUSSIAN[1]))
    assert "«Пергамент и его враги»" in found


@pytest.mark.parametrize("charset", ["cp1251", "koi8-r", "utf-8"])
def test_formats_letters_in_old_encodings(charset: str, tmp_path: Path) -> None:
    text = RUSSIAN[0].replace("«", '"').replace("»", '"')
    assert raw_text(tmp_path / "a.eml", made.eml(text, charset)) == text
