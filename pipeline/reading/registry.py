"""All readers there are: those of packages installed beside Rollcall first, then ours, plain text last."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pipeline.reading.archives import BZIP2, GZIP, TAR_ARCHIVE, XZ, ZIP_ARCHIVE
from pipeline.reading.html import WEB_PAGE
from pipeline.reading.mail import LETTER, MAILBOX
from pipeline.reading.office import OPEN_DOCUMENT, WORD_DOCUMENT
from pipeline.reading.pdf import PDF_DOCUMENT
from pipeline.reading.pictures import PICTURE
from pipeline.reading.plain import PLAIN_TEXT
from pipeline.reading.readers import Reader, StreamReader
from pipeline.reading.rich import OLD_WORD, RICH_TEXT
from pipeline.reading.rows import CSV_TABLE, JSON_LINES, PARQUET_TABLE
from pipeline.reading.warc import WEB_ARCHIVE

#: The entry point group in which a package offers its readers.
GROUP = "rollcall.readers"

#: Our readers, asked in this order. Those that know their format by its bytes come before those that go by suffix.
READERS: tuple[Reader, ...] = (
    WORD_DOCUMENT, OPEN_DOCUMENT, ZIP_ARCHIVE, PDF_DOCUMENT, RICH_TEXT, OLD_WORD, GZIP, BZIP2, XZ, TAR_ARCHIVE,
    WEB_ARCHIVE, PARQUET_TABLE, PICTURE, CSV_TABLE, JSON_LINES, MAILBOX, LETTER, WEB_PAGE, PLAIN_TEXT,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Plugins:
    """The readers of other packages, and what was wrong with those that could not be loaded.

    `streaming` are those that read piece by piece.
    """

    readers: tuple[Reader, ...] = ()
    problems: tuple[str, ...] = ()
    streaming: tuple[StreamReader, ...] = ()


@cache
def plugins() -> Plugins:
    """What other packages offer. A package that breaks costs itself, not the run."""
    from importlib.metadata import entry_points

    found: list[Reader] = []
    problems: list[str] = []
    for point in sorted(entry_points(group=GROUP), key=lambda p: p.name):
        try:
            reader = point.load()
            reader = reader() if isinstance(reader, type) else reader
        except Exception as error:  # whatever a foreign module does when it is loaded
            problems.append(f"the reader {point.name} ({point.value}) cannot be loaded: {error}")
            continue
        if isinstance(reader, Reader):
            found.append(reader)
        else:
            problems.append(f"the reader {point.name} ({point.value}) lacks something of the protocol of readers")
    return Plugins(tuple(found), tuple(problems), _streaming(found))


def _streaming(among: Iterable[Reader]) -> tuple[StreamReader, ...]:
    """The readers that read piece by piece. To ask this of a protocol takes long, so it is not asked for every file."""
    return tuple(r for r in among if isinstance(r, StreamReader))


_STREAMING = _streaming(READERS)


def readers() -> tuple[Reader, ...]:
    """Every reader, in the order in which they are asked."""
    return (*plugins().readers, *READERS)


def stream_reader_for(path: Path, head: bytes) -> StreamReader | None:
    """The reader that reads a file piece by piece, if one does."""
    return next((r for r in (*plugins().streaming, *_STREAMING) if r.streams(path, head)), None)


def reader_for(data: bytes, suffix: str) -> Reader | None:
    """The reader that accepts a file, if one does."""
    return next((r for r in readers() if r.accepts(data, suffix)), None)
