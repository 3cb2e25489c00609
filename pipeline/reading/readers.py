"""The one protocol of all readers, what they give, and the signatures by which formats are told apart."""

from __future__ import annotations

import datetime
import importlib.util
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from pipeline.reading.options import DEFAULTS, ReadOptions

#: How many bytes at the start of a file tell its format, as far as plain text is concerned.
HEAD = 4096


class UnreadableError(Exception):
    """A file, or a part of it, cannot be read; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Part:
    """One document in a file. `name` tells the parts of a file apart and is empty where there is only one.

    `title`, `date` (EDTF) and `address` are what the format itself says of the document, outside its text; `note`
    records what the reader had to do that a user should know.
    """

    text: str
    encoding: str = ""
    confidence: float = 1.0
    name: str = ""
    title: str = ""
    date: str = ""
    address: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """A file in a file, to be read by whatever reader its content asks for. `problem` says why it cannot be.

    An empty `name` means that the member is the file itself in other clothes (what a .gz holds, the body of a letter).
    """

    name: str
    data: bytes
    suffix: str = ""
    title: str = ""
    date: str = ""
    address: str = ""
    note: str = ""
    encoding: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something in a file that is no document (a picture of a web page, say); it is counted and told."""

    what: str


Item = Part | Member | Skipped


class Context:
    """What a reader may know of the file it reads, and the budget that all readers of one file share."""

    def __init__(self, options: ReadOptions = DEFAULTS, suffix: str = "", name: str = "", encoding: str = "") -> None:
        self.options = options
        self.suffix = suffix
        self.name = name
        #: The encoding that the format around a member declares; `options.encoding` goes before it.
        self.encoding = encoding
        self.depth = 0
        self._spent = [0, 0]  # bytes, members

    def inside(self, member: Member) -> Context:
        """The context of a member, with the same budget.

        Raises `UnreadableError` when the members are nested too deeply.
        """
        inner = Context(self.options, member.suffix, member.name or self.name, member.encoding)
        inner.depth, inner._spent = self.depth + 1, self._spent
        if inner.depth > self.options.max_depth:
            raise UnreadableError(
                f"archives are nested more than {self.options.max_depth} deep: "
                "unpack the outer ones, or raise the limit with --max-depth"
            )
        return inner

    def spend(self, size: int) -> None:
        """Count bytes that came out of the file. Raises `UnreadableError` when they are too many."""
        self._spent[0] += size
        if self._spent[0] > self.options.max_extracted:
            raise UnreadableError(
                f"more than {size_text(self.options.max_extracted)} come out of this file: it may be a bomb; "
                "if not, unpack it, or raise the limit with --max-extracted"
            )

    def count(self) -> None:
        """Count a member. Raises `UnreadableError` when there are too many."""
        self._spent[1] += 1
        if self._spent[1] > self.options.max_members:
            raise UnreadableError(
                f"the file holds more than {self.options.max_members:,} documents: "
                "split it, or raise the limit with --max-members"
            )


@runtime_checkable
class Reader(Protocol):
    """What a format module offers. A package of yours adds one by an entry point of the group `rollcall.readers`."""

    @property
    def name(self) -> str:
        """What a user calls the format, such as `PDF`."""

    @property
    def media_type(self) -> str:
        """The media type of what it reads, such as `text/plain`."""

    @property
    def suffixes(self) -> frozenset[str]:
        """Lower-case suffixes with the dot; the empty one stands for names without a suffix."""

    def accepts(self, data: bytes, suffix: str) -> bool:
        """Whether it reads a file with these bytes and this suffix. The bytes count for more than the suffix."""

    def missing(self) -> str:
        """What has to be installed before it can read, as a sentence with the command; empty where all is there."""

    def read(self, data: bytes, context: Context) -> Iterable[Item]:
        """The documents in a whole file. Raises `UnreadableError`."""


@runtime_checkable
class StreamReader(Reader, Protocol):
    """A reader that need not hold a whole file: it is given the path where it says that it reads such a file."""

    def streams(self, path: Path, head: bytes) -> bool:
        """Whether it reads this file, whose first bytes are given, piece by piece."""

    def stream(self, path: Path, context: Context) -> Iterable[Item]:
        """The documents in the file, as they come. Raises `UnreadableError`."""


def missing_modules(extra: str, *modules: str) -> str:
    """The sentence for `Reader.missing` where Python packages are wanted."""
    wanted = [m for m in modules if importlib.util.find_spec(m) is None]
    return f'{" and ".join(wanted)} is not installed: pip install "rollcall[{extra}]"' if wanted else ""


def real_date(date: str) -> str:
    """A date (`1998`, `1998-05`, `1998-05-12`) as it is, or nothing where its month or day does not exist."""
    try:
        datetime.date.fromisoformat(date + "-01-01"[len(date) - 4 :] if len(date) < 10 else date)
    except ValueError:
        return ""
    return date


def size_text(size: int) -> str:
    """A number of bytes as people write it: `512 bytes`, `20.5 MB`."""
    return f"{size / 1_000_000:,.1f} MB".replace(".0 MB", " MB") if size >= 100_000 else f"{size:,} bytes"


@dataclass(frozen=True, slots=True)
class Signature:
    """Bytes by which a format is known, and what a user calls it."""

    start: bytes
    name: str
    media_type: str
    advice: str = "save the document as plain text (UTF-8) and give that file"


_UNPACK = "unpack it, or pack it anew as .zip"
_PICTURE = "save it as PNG"
_NO_DOCUMENT = "take it away, it is no document"
#: Formats that are told by their first bytes, whatever the file is called.
SIGNATURES = (
    Signature(b"%PDF-", "a PDF document", "application/pdf"),
    Signature(b"PK\x03\x04", "a ZIP archive or an Office document", "application/zip"),
    Signature(b"PK\x05\x06", "an empty ZIP archive", "application/zip"),
    Signature(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document", "application/x-ole-storage"),
    Signature(b"{\\rtf", "an RTF document", "application/rtf"),
    Signature(b"\x1f\x8b", "a gzip archive", "application/gzip"),
    Signature(b"BZh", "a bzip2 archive", "application/x-bzip2"),
    Signature(b"\xfd7zXZ\x00", "an xz archive", "application/x-xz"),
    Signature(b"PAR1", "a Parquet table", "application/vnd.apache.parquet"),
    Signature(b"WARC/", "a web archive", "application/warc"),
    Signature(b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "application/x-7z-compressed", _UNPACK),
    Signature(b"Rar!\x1a\x07", "a RAR archive", "application/vnd.rar", _UNPACK),
    Signature(b"\x89PNG\r\n\x1a\n", "a PNG picture", "image/png"),
    Signature(b"\xff\xd8\xff", "a JPEG picture", "image/jpeg"),
    Signature(b"GIF8", "a GIF picture", "image/gif", _PICTURE),
    Signature(b"II*\x00", "a TIFF picture", "image/tiff"),
    Signature(b"MM\x00*", "a TIFF picture", "image/tiff"),
    Signature(
        b"SQLite format 3\x00",
        "an SQLite database",
        "application/vnd.sqlite3",
        "export the table with the texts as .csv",
    ),
    Signature(b"\x7fELF", "a program", "application/octet-stream", _NO_DOCUMENT),
    Signature(b"MZ\x90", "a program", "application/octet-stream", _NO_DOCUMENT),
)

# `Vol. 3 no. 4` and `notice.1998` end in no suffix that anyone meant.
_SUFFIX = re.compile(r"\.(?=[A-Za-z0-9]*[A-Za-z])[A-Za-z0-9]{1,8}\Z")


def suffix_of(path: Path | str) -> str:
    """The lower-case suffix of a name, with its dot, or nothing where it has none."""
    name = path.name if isinstance(path, Path) else path.rsplit("/", 1)[-1]
    match = _SUFFIX.search(name[1:])
    return match.group().lower() if match else ""


def signature_of(head: bytes) -> Signature | None:
    """The format that these first bytes announce, if they do."""
    return next((s for s in SIGNATURES if head.startswith(s.start)), None)
