"""Hostile and broken files: the run ends, each has its row and reason, and the good files beside them are complete."""

from __future__ import annotations

import os
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from pipeline.reading import Document, Guard, ReadOptions, pdf, read
from pipeline.running import run
from tests import formats_made as made
from tests import running_fakes as fakes
from tests.hostile_made import ENTITY_REASON, FAILING, ODD
from tests.twelve import ENGLISH, make_engine

BOUNDS = {"max_bytes": 3_000_000, "max_extracted": 8_000_000, "max_members": 50, "max_pages": 20}


def test_hostile_there_are_enough() -> None:
    assert len(FAILING) >= 100 and len(FAILING) + len(ODD) >= 160


def test_hostile_files_beside_good_ones(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name, data in {**FAILING, **ODD}.items():
        (folder / name).write_bytes(data)
    os.truncate(folder / "sparse.txt", 100_000_000)
    for number, text in enumerate(ENGLISH):
        (folder / f"good{number}.txt").write_text(text, encoding="utf-8")
        (folder / f"good{number}.docx").write_bytes(made.docx(text))
    (folder / "circle").symlink_to(folder)
    (folder / "loop.txt").symlink_to(folder / "loop.txt")
    (folder / "nowhere.txt").symlink_to(folder / "nothing.txt")
    os.mkfifo(folder / "pipe.html")
    result = run(
        folder, tmp_path / "out", make_engine=make_engine, link=fakes.link, max_characters=200_000,
        reading=ReadOptions(**BOUNDS),  # type: ignore[arg-type]
    )  # fmt: skip
    documents = pd.read_csv(tmp_path / "out" / "documents.csv", keep_default_na=False)
    of_file = documents["document_id"].str.split("#").str[0]
    for name in [*FAILING, "circle", "loop.txt", "nowhere.txt", "pipe.html"]:
        mine = documents[of_file == name]
        failed = mine[mine["status"] == "failed"]
        assert len(failed), (name, mine.to_dict("records"))
        assert failed["reason"].str.len().min() > 20, name
        assert not failed["reason"].str.contains("bug to report").any(), failed["reason"].tolist()
    for name in ODD:
        mine = documents[of_file == name]
        assert len(mine) and not (mine["status"] == "failed").any(), mine[["document_id", "reason"]].to_dict("records")
    assert (documents[documents["status"] != "ok"]["reason"] != "").all()
    affiliations = pd.read_csv(tmp_path / "out" / "affiliations.csv")
    assert (affiliations["document_id"].str.startswith("good")).sum() == 2 * 7
    assert result.counts["failed"] == len(result.failures)
    assert not (tmp_path / "etc").exists() and not (tmp_path.parent / "etc").exists()
    kept = {p.resolve() for p in (tmp_path / "out").rglob("*.txt")}
    assert all(p.is_relative_to((tmp_path / "out" / "texts").resolve()) for p in kept)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("bomb.zip", "this has more than 3 MB when unpacked: it may be a bomb; "
                     "if not, unpack and split it, or raise the limit with --max-size"),
        ("bomb.gz", "more than 8 MB come out of this file: it may be a bomb; "
                    "if not, unpack it, or raise the limit with --max-extracted"),
        ("members.zip", "the file holds more than 50 documents: split it, or raise the limit with --max-members"),
        ("deep.zip", "archives are nested more than 4 deep: "
                     "unpack the outer ones, or raise the limit with --max-depth"),
        ("pages.pdf", "the document has 30 pages, more than the limit of 20: "
                      "split it, or raise the limit with --max-pages"),
        ("encrypted.zip", "this is encrypted: unlock it with its password and save it without one"),
        ("encrypted.pdf", "the PDF is encrypted: unlock it with its password and save it without one"),
        ("link.zip", "this is a link inside an archive, which is not followed: give the file it means"),
        ("encrypted.docx", "this is encrypted: unlock it with its password and save it without one"),
        ("circle.pdf", "the PDF is damaged or was cut short: open it in a PDF program and save it again"),
        ("no-pages.pdf", "the PDF is damaged or was cut short: open it in a PDF program and save it again"),
        ("deep.html", "the elements are nested too deeply for a real page: save what a browser shows as text"),
        ("program.exe", "a program cannot be read: take it away, it is no document"),
        ("table.xlsx", "a workbook (Excel) cannot be read: save the sheet with the texts as .csv"),
        ("style.css", "a style sheet cannot be read: take it away, it is no document"),
        ("utf16-cut.csv", "the file starts with the mark of UTF-16 but is not valid UTF-16 at byte 28: "
                          "it was probably cut or damaged; save it again from its source"),
        ("entities.docx", ENTITY_REASON),
        ("outside.docx", ENTITY_REASON),
    ],
)  # fmt: skip
def test_hostile_reasons(name: str, reason: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(FAILING[name])
    documents = list(read(path, name, ReadOptions(**BOUNDS)))  # type: ignore[arg-type]
    assert [d.source.reason for d in documents if d.source.status == "failed"] == [reason]


def test_hostile_a_line_of_100_mb(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "line.txt").write_bytes(b"word " * 20_000_000)
    (tmp_path / "in" / "good.txt").write_text(ENGLISH[0], encoding="utf-8")
    run(tmp_path / "in", tmp_path / "out", make_engine=make_engine, link=fakes.link,
        reading=ReadOptions(max_bytes=200_000_000))  # fmt: skip
    documents = pd.read_csv(tmp_path / "out" / "documents.csv", keep_default_na=False)
    assert documents["status"].tolist() == ["ok", "failed"]
    assert documents["reason"].iloc[1].endswith("raise the limit with --max-characters")


@pytest.mark.parametrize("name", [name for name in ODD if name.startswith("invalid-date")])
def test_hostile_a_date_that_does_not_exist_is_left_out(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(ODD[name])
    for document in read(tmp_path / name, name):
        assert document.source.source_date == ""
        assert document.source.status == "ok"


def test_hostile_a_damaged_page_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = pdf._page
    monkeypatch.setattr(pdf, "_page", lambda document, number: whole(document, number) if number else None)
    (tmp_path / "a.pdf").write_bytes(made.pdf("one\n\ntwo\n\nthree\n", lines_a_page=2))
    (document,) = read(tmp_path / "a.pdf", "a.pdf")
    assert document.raw.split() == ["two", "three"]
    assert document.source.note == "1 of 3 pages are damaged and give no text"


def test_hostile_members_before_a_bound_stand(tmp_path: Path) -> None:
    (tmp_path / "members.zip").write_bytes(FAILING["members.zip"])
    documents = list(read(tmp_path / "members.zip", "members.zip", ReadOptions(max_members=50)))
    assert sum(d.source.status == "ok" for d in documents) == 50
    assert documents[-1].source.document_id == "members.zip"


PLUGIN = """
import os, time
class Reader:
    name, media_type, suffixes = "trouble", "application/x-trouble", frozenset({".trouble"})
    def accepts(self, data, suffix): return suffix == ".trouble"
    def missing(self): return ""
    def read(self, data, context):
        from pipeline.reading import Part
        yield Part("before", name="1")
        if data == b"hang": time.sleep(60)
        if data == b"spin":
            while True: pass
        if data == b"die": os._exit(3)
        if data == b"crash": os.abort()
        if data == b"print": print("{}"); os.write(1, b"noise\\n")
        if data == b"memory": x = [bytearray(1 << 26) for _ in range(200)]
        if data == b"break": raise KeyError("what")
        yield Part("after", name="2")
"""


@pytest.fixture
def trouble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package beside Rollcall that offers a reader which does what its file says."""
    package = tmp_path / "package"
    (package / "trouble-1.0.dist-info").mkdir(parents=True)
    (package / "trouble_reader.py").write_text(PLUGIN)
    (package / "trouble-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: trouble\nVersion: 1.0\n")
    (package / "trouble-1.0.dist-info" / "entry_points.txt").write_text(
        "[rollcall.readers]\ntrouble = trouble_reader:Reader\n"
    )
    monkeypatch.syspath_prepend(str(package))
    from pipeline.reading.registry import plugins

    plugins.cache_clear()
    yield tmp_path
    plugins.cache_clear()
    sys.modules.pop("trouble_reader", None)


def guarded(guard: Guard, folder: Path, content: bytes) -> list[Document]:
    (folder / "a.trouble").write_bytes(content)
    return list(guard.read(folder / "a.trouble", "a.trouble"))


def test_guard_stops_what_hangs_dies_or_takes_all_memory(trouble: Path) -> None:
    stopped = "reading this took more than 0.7 seconds and was stopped: "
    with Guard(ReadOptions(max_seconds=0.7)) as guard:
        for content in (b"hang", b"spin"):
            before, failed = guarded(guard, trouble, content)
            assert (before.raw, before.source.document_id, before.source.status) == ("before", "a.trouble#1", "ok")
            assert (failed.source.document_id, failed.source.status) == ("a.trouble", "failed")
            assert failed.source.reason.startswith(stopped)
    reasons = {
        b"die": "the process that read this file was ended by it or by the system: ",
        b"crash": "the process that read this file was ended by it or by the system: ",
        b"memory": "reading this takes more than 150 MB of memory: ",
        b"break": "the reader of this format broke on the file (KeyError: 'what'): ",
    }
    with Guard(ReadOptions(max_memory=150_000_000)) as guard:
        for content, reason in reasons.items():
            before, failed = guarded(guard, trouble, content)
            assert (before.raw, before.source.document_id, before.source.status) == ("before", "a.trouble#1", "ok")
            assert (failed.source.document_id, failed.source.status) == ("a.trouble", "failed")
            assert failed.source.reason.startswith(reason)
        for content in (b"print", b"well"):  # and all is well again afterwards
            assert [d.raw for d in guarded(guard, trouble, content)] == ["before", "after"]


def test_guard_ends_its_process(trouble: Path) -> None:
    guard = Guard()
    guarded(guard, trouble, b"well")
    assert guard._helper is not None
    process = guard._helper._process
    guard.close()
    assert process.returncode is not None


def test_guard_plain_text_needs_no_process(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("text")
    with Guard() as guard:
        assert [d.raw for d in guard.read(tmp_path / "a.txt", "a.txt")] == ["text"]
        assert guard._helper is None


def test_registry_a_broken_plugin_is_told(trouble: Path) -> None:
    from pipeline.reading import plugins

    (trouble / "package" / "trouble_reader.py").write_text("raise RuntimeError('no')")
    plugins.cache_clear()
    sys.modules.pop("trouble_reader", None)
    assert plugins().readers == ()
    assert plugins().problems == ("the reader trouble (trouble_reader:Reader) cannot be loaded: no",)


def test_hostile_overlapping_members(tmp_path: Path) -> None:
    """A bomb whose members share their bytes: the directory claims many, the budget ends it."""
    one = made.zipped({"a.txt": bytes(2_000_000)})
    start = one.index(b"PK\x01\x02")
    end = one.index(b"PK\x05\x06")
    entry, count = one[start:end], 40
    tail = b"PK\x05\x06" + struct.pack("<4H2IH", 0, 0, count, count, len(entry) * count, start, 0)
    (tmp_path / "a.zip").write_bytes(one[:start] + entry * count + tail)
    documents = list(read(tmp_path / "a.zip", "a.zip", ReadOptions(max_extracted=5_000_000)))
    assert documents[-1].source.status == "failed"
    assert len(documents) < 10 or all(d.source.status == "failed" for d in documents)
