"""Hostile and broken files: the run ends, each has its row and reason, and the good files beside them are complete."""

from __future__ import annotations

import io
import os
import struct
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from pipeline.reading import Document, Guard, ReadOptions, read
from pipeline.running import run
from tests import formats_made as made
from tests import running_fakes as fakes
from tests.twelve import ENGLISH, RUSSIAN, make_engine

TEXT = ENGLISH[0]
BOUNDS = {"max_bytes": 3_000_000, "max_extracted": 8_000_000, "max_members": 50, "max_pages": 20}


def cut(data: bytes, share: float = 0.6) -> bytes:
    return data[: int(len(data) * share)]


def encrypted_zip() -> bytes:
    data = bytearray(made.zipped({"a.txt": "text"}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    return bytes(data)


def zip_with_link() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        info = zipfile.ZipInfo("link.txt")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
    return out.getvalue()


def nested_zip(depth: int) -> bytes:
    data = made.zipped({"a.txt": TEXT})
    for _ in range(depth):
        data = made.zipped({"inner.zip": data})
    return data


def docx_with(xml: str) -> bytes:
    return made.zipped({"word/document.xml": xml})


def encrypted_pdf() -> bytes:
    data = made.pdf(TEXT)
    lock = b"/Encrypt << /Filter /Standard /V 1 /R 2 /O <" + b"41" * 32 + b"> /U <" + b"42" * 32 + b"> /P -4 >> "
    return data.replace(b"/Root 1 0 R", lock + b"/ID [<00><00>] /Root 1 0 R")


def pdf_without_text() -> bytes:
    return made.pdf("\n")


LAUGHS = "".join(f"<!ENTITY l{i} '{f'&l{i - 1};' * 10}'>" for i in range(1, 9))
ENTITIES = f"<?xml version='1.0'?><!DOCTYPE d [<!ENTITY l0 'ha'>{LAUGHS}]><d>&l8;</d>"
OUTSIDE = "<?xml version='1.0'?><!DOCTYPE d [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><d>&x;</d>"
DEEP = "<a>" * 50_000 + "</a>" * 50_000

ENTITY_REASON = "the document declares entities or a type of its own, which may be an attack: it is not read"

#: name → content; every one of them must fail, with a reason.
FAILING: dict[str, bytes] = {
    "binary.txt": bytes(range(256)) * 40,
    "zeros.txt": bytes(5000),
    "large.txt": b"x" * 3_000_001,
    "long-line.txt": b"word " * 700_000,
    "damaged-utf8.txt": RUSSIAN[0].encode()[:301] + b"\xff\xfe" + RUSSIAN[0].encode()[301:],
    "cut-utf16.txt": b"\xff\xfe" + TEXT.encode("utf-16-le")[:-1],
    "program.exe": b"MZ\x90\0" + bytes(500),
    "elf": b"\x7fELF" + bytes(500),
    "style.css": b"p { color: red }",
    "archive.rar": b"Rar!\x1a\x07\x01\0" + bytes(100),
    "archive.7z": b"7z\xbc\xaf\x27\x1c" + bytes(100),
    "data.sqlite": b"SQLite format 3\0" + bytes(100),
    "picture.png": b"\x89PNG\r\n\x1a\n" + bytes(100),
    "photo.jpg": b"\xff\xd8\xff\xe0" + bytes(100),
    "scan.tif": b"II*\0" + bytes(100),
    "moving.gif": b"GIF89a" + bytes(100),
    "cut.zip": cut(made.zipped({f"{i}.txt": TEXT for i in range(9)})),
    "head-only.zip": b"PK\x03\x04",
    "encrypted.zip": encrypted_zip(),
    "link.zip": zip_with_link(),
    "bomb.zip": made.zipped({"zeros.txt": bytes(3_500_000)}),
    "many-bombs.zip": made.zipped({f"{i}.bin": bytes(2_900_000) for i in range(4)}),
    "members.zip": made.zipped({f"{i:03}.txt": "text" for i in range(60)}),
    "deep.zip": nested_zip(8),
    "wrong-crc.zip": made.zipped({"a.txt": TEXT}).replace(b"\x00\x00\x00\x00", b"\x01\x00\x00\x00", 1)[:-30],
    "zip-of-rar.zip": made.zipped({"a.rar": b"Rar!\x1a\x07\x01\0"}),
    "bomb.gz": made.bomb(9 << 20),
    "twice.gz": made.PACKINGS[".gz"](made.bomb(9 << 20)),
    "cut.gz": cut(made.PACKINGS[".gz"](TEXT.encode())),
    "not.gz": b"\x1f\x8b" + b"nonsense",
    "cut.bz2": cut(made.PACKINGS[".bz2"](TEXT.encode())),
    "not.bz2": b"BZh9nonsense",
    "cut.xz": cut(made.PACKINGS[".xz"](TEXT.encode())),
    "link.tar": made.tar({}, {"link.txt": "/etc/passwd"}),
    "cut.tar": made.tar({"a.txt": TEXT.encode() * 5})[:1500],
    "huge-member.tar": made.tar({"a.txt": b"x" * 3_000_001}),
    "not.tar": b"x" * 600,
    "cut.docx": cut(made.docx(TEXT)),
    "entities.docx": docx_with(ENTITIES),
    "outside.docx": docx_with(OUTSIDE),
    "deep.docx": docx_with(DEEP),
    "no-xml.docx": docx_with("no markup"),
    "empty-xml.docx": docx_with(""),
    "cut-xml.docx": docx_with("<w:document xmlns:w='x'><w:body><w:p>"),
    "bomb.docx": docx_with("<a>" + "x" * 3_100_000 + "</a>"),
    "binary.docx": b"\0\1\2\3" * 50,
    "entities.odt": made.zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": ENTITIES}),
    "no-content.odt": made.zipped({"mimetype": "application/vnd.oasis.opendocument.text"}),
    "encrypted.odt": made.zipped({"content.xml": b"\1\2", "META-INF/manifest.xml": "<m:encryption-data/>"}),
    "table.xlsx": made.zipped({"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<workbook/>"}),
    "cut.pdf": cut(made.pdf(TEXT), 0.2),
    "cut-end.pdf": cut(made.pdf(TEXT), 0.97),
    "head-only.pdf": b"%PDF-1.7\n",
    "encrypted.pdf": encrypted_pdf(),
    "scan.pdf": pdf_without_text(),
    "pages.pdf": made.pdf("line\n\n" * 30, lines_a_page=2),
    "old.doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000),
    "bad.jsonl": b'{"text": "one"}\nnot json\n',
    "deep.jsonl": b"[" * 100_000,
    "list.jsonl": b"[1, 2]\n",
    "cut.parquet": b"PAR1" + bytes(40),
    "cut.warc": b"WARC/1.0\r\nWARC-Type: response\r\nContent-Le",
    "not.warc": b"WARC/9.9 nothing\r\n",
    "binary.html": b"<html>" + bytes(range(256)) * 40,
    "binary.csv": b"text\n" + bytes(range(20)) * 400,
    "damaged-utf16.html": b"\xff\xfe" + "<html><p>text".encode("utf-16-le") + b"\0",
}  # fmt: skip

#: Odd, but there is something to read, or nothing at all: none of them fails.
ODD: dict[str, bytes] = {
    "empty.txt": b"",
    "empty.docx": b"",
    "blank.txt": b" \n\t\n",
    "bom.txt": b"\xef\xbb\xbf",
    "empty.zip": made.zipped({}),
    "folders.zip": made.zipped({"folder/": ""}),
    "climbing.zip": made.zipped({"../../etc/passwd.txt": TEXT, "/root/a.txt": TEXT, "C:\\b.txt": TEXT}),
    "same-names.zip": made.zipped({"a.txt": TEXT}) and made.zipped({"a.txt": TEXT, "A.txt": TEXT, "a.txt ": TEXT}),
    "empty.html": b"<html></html>",
    "open.html": b"<html><p>An announcement <b><i><table><tr><td>that never ends",
    "deep.html": b"<html>" + b"<div>" * 5000 + b"text",
    "script.html": b"<html><body><script>while(1){}</script><p>text</p></body></html>",
    "outside.html": b"<html><body><iframe src='file:///etc/passwd'></iframe><img src='http://e.org/x.png'><p>text</p>",
    "text.doc": TEXT.encode(),
    "page.doc": made.html(TEXT),
    "word.txt": made.docx(TEXT),
    "rtf.doc": made.rtf(TEXT),
    "letter.txt": made.eml(TEXT),
    "cut.html": cut(made.html(TEXT)),
    "cut.eml": cut(made.eml(TEXT)),
    "cut.rtf": cut(made.rtf(TEXT)),
    "bad-date.eml": made.eml(TEXT).replace(b"Tue, 12 May 1998 10:00:00 +0600", b"Thu, 99 Foo 99999 77:77:77"),
    "bad-charset.eml": made.eml(TEXT).replace(b'charset="utf-8"', b'charset="klingon"'),
    "bad-boundary.eml": b"MIME-Version: 1.0\nSubject: x\nContent-Type: multipart/mixed; boundary=q\n\n--p\n\ntext",
    "charset.html": made.html(TEXT).replace(b"utf-8", b"no-such-encoding"),
    "header-only.csv": b"id,text\n",
    "one-null.txt": TEXT.encode() + b"\0",
    "quote.csv": b'id,text\n1,"never closed\n',
    "null.rtf": made.rtf(TEXT) + bytes(100),
    "deep.rtf": b"{\\rtf1 " + b"{" * 20_000 + b"text" + b"}" * 20_000 + b"}",
}  # fmt: skip


def test_hostile_there_are_enough() -> None:
    assert len(FAILING) + len(ODD) >= 60


def test_hostile_files_beside_good_ones(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name, data in {**FAILING, **ODD}.items():
        (folder / name).write_bytes(data)
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
        ("entities.docx", ENTITY_REASON),
        ("outside.docx", ENTITY_REASON),
    ],
)  # fmt: skip
def test_hostile_reasons(name: str, reason: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(FAILING[name])
    documents = list(read(path, name, ReadOptions(**BOUNDS)))  # type: ignore[arg-type]
    assert [d.source.reason for d in documents if d.source.status == "failed"] == [reason]


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
