"""Reading a file: what becomes of good and bad ones."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from pipeline.reading import READERS, ReadOptions, read
from pipeline.records import Source


def put(path: Path, data: bytes | str) -> Path:
    path.write_bytes(data.encode("utf-8") if isinstance(data, str) else data)
    return path


def reading(path: Path, **limits: int) -> tuple[Source, str]:
    (document,) = read(path, path.name, ReadOptions(**limits))
    return document.source, document.raw


@pytest.mark.parametrize(
    "name", ["a.txt", "A.TXT", "a.md", "a.text", "a", "notice.1998", "Vol. 3 no. 4", "a.1st", "A.ANS", "a.doc"]
)
def test_files_text_is_read_under_these_names(tmp_path: Path, name: str) -> None:
    source, raw = reading(put(tmp_path / name, "Notice\r\n«Ы»\n"))
    assert raw == "Notice\r\n«Ы»\n"
    assert (source.status, source.reason) == ("ok", "")
    assert (source.encoding, source.encoding_confidence, source.media_type) == ("utf-8", 1.0, "text/plain")
    assert source.sha256 == hashlib.sha256("Notice\r\n«Ы»\n".encode()).hexdigest()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the file is empty"),
        (b" \r\n\t\n", "there is nothing but white space in the file"),
        (b"\xef\xbb\xbf", "there is nothing but white space in the file"),
        (b"\xff\xfe", "there is nothing but white space in the file"),
        ("\u00a0\u200b\n".encode(), "there is nothing but white space in the file"),
    ],
)
def test_files_empty(tmp_path: Path, data: bytes, reason: str) -> None:
    source, _ = reading(put(tmp_path / "a.txt", data))
    assert (source.status, source.reason) == ("empty", reason)


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        (
            "a.docx",
            b"PK\x03\x04rest",
            "the archive is damaged or was cut short: copy or save it again from its source",
        ),
        (
            "a.css",
            b"p { color: red }",
            "a style sheet cannot be read: take it away, it is no document",
        ),
        (
            "a.txt",
            b"%PDF-1.4\n%\xe2\xe3",
            "the PDF is damaged or was cut short: open it in a PDF program and save it again",
        ),
        (
            "a.rar",
            b"Rar!\x1a\x07\x01\0rest",
            "a RAR archive cannot be read: unpack it, or pack it anew as .zip",
        ),
        (
            "a.docx",
            b"\0\1\2\3",
            "the content is no Word document (docx), although the name says .docx: the file is damaged, or "
            "save the document as plain text (UTF-8) and give that file",
        ),
        (
            "a.txt",
            bytes(range(256)) * 20,
            "the content is binary, not text: if it is a document, export it as plain text (UTF-8) and give that file",
        ),
        (
            "a.txt",
            b"\0" * 500,
            "the content is binary, not text: if it is a document, export it as plain text (UTF-8) and give that file",
        ),
        (
            "a.txt",
            "Дом культуры".encode() + b"\xff\xfe" + "и архив".encode(),
            "the text is UTF-8, but damaged at byte 23 (line 1): "
            "open it in an editor, mend that place and save it as UTF-8",
        ),
    ],
)
def test_files_failed(tmp_path: Path, name: str, data: bytes, reason: str) -> None:
    source, raw = reading(put(tmp_path / name, data))
    assert (source.status, source.reason, raw) == ("failed", reason, "")


def test_files_too_large(tmp_path: Path) -> None:
    source, _ = reading(put(tmp_path / "a.txt", b"x" * 2001), max_bytes=2000)
    assert source.reason == (
        "the file has 2,001 bytes, more than the limit of 2,000 bytes: split it, or raise the limit with --max-size"
    )
    assert reading(tmp_path / "a.txt", max_bytes=2001)[0].status == "ok"


def test_files_broken_link(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to("nowhere.txt")
    source, _ = reading(tmp_path / "a.txt")
    assert source.status == "failed"
    assert source.reason == "this is a link to nowhere.txt, which does not exist: mend or remove the link"


def test_files_link_to_itself(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to("a.txt")
    assert reading(tmp_path / "a.txt")[0].reason == "this is a link that leads back to itself: remove it"


def test_files_vanished(tmp_path: Path) -> None:
    assert reading(tmp_path / "a.txt")[0].reason == "the file vanished before it could be read: run again"


def test_files_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put(tmp_path / "a.txt", "text")
    path.chmod(0)
    if os.geteuid() == 0:  # nothing is forbidden to root, so the system's answer is played

        def refuse(self: Path) -> bytes:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "read_bytes", refuse)
    assert reading(path)[0].reason == (
        "there is no permission to read the file: change its rights (chmod +r) or run as its owner"
    )


def test_files_a_pipe_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.txt")
    assert reading(tmp_path / "a.txt")[0].reason == "this is a pipe, socket or device, not a file: take it away"


def test_files_only_quotation_marks_are_text(tmp_path: Path) -> None:
    source, raw = reading(put(tmp_path / "a.txt", "“”«»\"\"''„“" * 50))
    assert (source.status, len(raw)) == ("ok", 500)


def test_files_a_name_of_undecodable_bytes_is_shown_escaped(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt"))
    source, raw = reading(put(path, "text"))
    assert source.path.endswith("/caf\\xe9.txt")
    assert (source.status, raw) == ("ok", "text")


def test_files_every_suffix_has_one_reader() -> None:
    suffixes = [s for reader in READERS for s in reader.suffixes]
    assert len(suffixes) == len(set(suffixes))
