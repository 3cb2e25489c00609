"""The reader protocol and the registry: which module reads a file, by its content and its suffix.

A reader for a new format is one module with one object of this protocol, added to `READERS`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

#: How many bytes a reader sees to decide whether a file is its own.
HEAD = 4096


class UnreadableError(Exception):
    """A file, or a part of it, cannot be read; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Part:
    """One document in a file. `name` tells the parts of a file apart and is empty where there is only one."""

    text: str
    encoding: str
    confidence: float = 1.0
    name: str = ""


class Reader(Protocol):
    """What a format module offers."""

    @property
    def media_type(self) -> str:
        """The media type of what it reads, such as `text/plain`."""

    @property
    def suffixes(self) -> frozenset[str]:
        """Lower-case suffixes with the dot; the empty one stands for names without a suffix."""

    def accepts(self, head: bytes, suffix: str) -> bool:
        """Whether it reads a file that begins with these bytes and ends in this suffix."""

    def read(self, data: bytes) -> Sequence[Part]:
        """The documents in a whole file. Raises `UnreadableError`."""


@dataclass(frozen=True, slots=True)
class Signature:
    """Bytes by which a format is known, and what a user calls it."""

    start: bytes
    name: str
    media_type: str


#: Formats that are told by their first bytes, whatever the file is called.
SIGNATURES = (
    Signature(b"%PDF-", "a PDF document", "application/pdf"),
    Signature(b"PK\x03\x04", "a ZIP archive or an Office document", "application/zip"),
    Signature(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document", "application/x-ole-storage"),
    Signature(b"{\\rtf", "an RTF document", "application/rtf"),
    Signature(b"\x1f\x8b", "a gzip archive", "application/gzip"),
    Signature(b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "application/x-7z-compressed"),
    Signature(b"Rar!\x1a\x07", "a RAR archive", "application/vnd.rar"),
    Signature(b"\x89PNG\r\n\x1a\n", "a PNG picture", "image/png"),
    Signature(b"\xff\xd8\xff", "a JPEG picture", "image/jpeg"),
    Signature(b"GIF8", "a GIF picture", "image/gif"),
    Signature(b"II*\x00", "a TIFF picture", "image/tiff"),
    Signature(b"MM\x00*", "a TIFF picture", "image/tiff"),
    Signature(b"SQLite format 3\x00", "an SQLite database", "application/vnd.sqlite3"),
    Signature(b"\x7fELF", "a program", "application/octet-stream"),
    Signature(b"MZ\x90", "a program", "application/octet-stream"),
)

# `Vol. 3 no. 4` and `notice.1998` end in no suffix that anyone meant.
_SUFFIX = re.compile(r"\.(?=[A-Za-z0-9]*[A-Za-z])[A-Za-z0-9]{1,8}\Z")


def suffix_of(path: Path) -> str:
    """The lower-case suffix of a name, with its dot, or nothing where it has none."""
    match = _SUFFIX.search(path.name[1:])
    return match.group().lower() if match else ""


def signature_of(head: bytes) -> Signature | None:
    """The format that these first bytes announce, if they do."""
    return next((s for s in SIGNATURES if head.startswith(s.start)), None)
