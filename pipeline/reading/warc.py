"""The reader of web archives (WARC, packed or not): each response that holds a document, with its address and date."""

from __future__ import annotations

import gzip
import io
import re
import zlib
from collections.abc import Iterable, Iterator
from contextlib import redirect_stderr
from itertools import count, islice
from pathlib import Path
from typing import Any

from pipeline.reading.readers import Context, Item, Member, Skipped, UnreadableError, missing_modules, size_text

#: Media types that may hold a document. Anything else (scripts, styles, pictures) is counted and passed over.
_DOCUMENTS = re.compile(
    r"text/(?:html|plain|rtf)|application/(?:xhtml|pdf|msword|rtf|zip|vnd\.|octet-stream|x-tar)|message/"
)
_SUFFIXES = {"text/html": ".html", "application/xhtml+xml": ".xhtml", "text/plain": ".txt", "application/pdf": ".pdf"}
_CHARSET = re.compile(r"charset=[\"']?([\w.:-]+)", re.I)
#: What warcio says of a file that was packed as a whole.
_ONE_PACKING = "non-chunked gzip file"
_GZIP = b"\x1f\x8b"
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


class WebArchive:
    """WARC of any version, as crawlers write it, packed or not."""

    name = "web archive (WARC)"
    media_type = "application/warc"
    suffixes = frozenset({".warc"})

    def accepts(self, data: bytes, suffix: str) -> bool:
        """Whether it begins with a record."""
        return data.startswith(b"WARC/")

    def missing(self) -> str:
        """Needs warcio."""
        return missing_modules("web", "warcio")

    def read(self, data: bytes, context: Context) -> Iterable[Item]:
        """The responses in their order. Raises `UnreadableError`."""
        return self._responses(io.BytesIO(data), context, count(1))

    def streams(self, path: Path, head: bytes) -> bool:
        """Whether it is one, packed or not: such files have gigabytes, most of them pictures."""
        if not head.startswith(_GZIP):
            return head.startswith(b"WARC/")
        try:
            with gzip.open(path) as packed:
                return packed.read(5) == b"WARC/"
        except (OSError, EOFError, zlib.error):
            return False

    def stream(self, path: Path, context: Context) -> Iterable[Item]:
        """The responses in their order, no more than one of them in memory. Raises `UnreadableError`."""
        from warcio.exceptions import ArchiveLoadFailed

        numbers = count(1)
        try:
            with path.open("rb") as stream:
                yield from self._responses(stream, context, numbers, _ONE_PACKING)
        except ArchiveLoadFailed:
            # Packed as a whole and not record by record; what came before is passed over.
            given = next(numbers) - 1
            with gzip.open(path) as stream:
                yield from islice(self._responses(stream, context, count(1)), given, None)

    def _responses(
        self, stream: io.BufferedIOBase, context: Context, numbers: Iterator[int], passed: str = "\0"
    ) -> Iterator[Item]:
        """The responses. Raises `UnreadableError`, but for a failure whose message holds `passed`."""
        from warcio.archiveiterator import ArchiveIterator
        from warcio.exceptions import ArchiveLoadFailed

        number = 0
        try:
            records = iter(ArchiveIterator(stream))
            while True:
                with redirect_stderr(io.StringIO()):  # warcio prints what it finds odd
                    record = next(records, None)
                if record is None:
                    break
                if record.rec_type not in ("response", "resource", "conversion"):
                    continue
                number = next(numbers)
                yield _item(record, number, context)
        except (ArchiveLoadFailed, ValueError, OSError, EOFError, AttributeError, TypeError, KeyError,
                OverflowError, zlib.error) as error:  # fmt: skip
            if isinstance(error, ArchiveLoadFailed) and passed in str(error):
                raise
            why = " ".join(str(error).split())[:160]
            raise UnreadableError(
                f"the web archive is damaged after record {number} ({why}): what comes before was read; copy it again"
            ) from None


def _item(record: Any, number: int, context: Context) -> Item:
    status = record.http_headers.get_statuscode() if record.http_headers else "200"
    kind = (record.http_headers.get_header("Content-Type") if record.http_headers else None) or (
        record.rec_headers.get_header("Content-Type") or ""
    )
    media_type = kind.split(";")[0].strip().lower()
    if status != "200":
        return Skipped(f"answer {status}")
    if media_type and not _DOCUMENTS.match(media_type):
        return Skipped(media_type)
    address = record.rec_headers.get_header("WARC-Target-URI") or ""
    found = _DATE.match(record.rec_headers.get_header("WARC-Date") or "")
    charset = _CHARSET.search(kind)
    limit = context.options.max_bytes
    content = record.content_stream().read(limit + 1)
    problem = ""
    if len(content) > limit:
        content, problem = b"", f"this has more than {size_text(limit)}: raise the limit with --max-size"
    elif _cut_short(record):
        raise ValueError("the last record is not whole")
    context.spend(len(content))
    return Member(
        f"{number:06d}", content, _SUFFIXES.get(media_type, ""), date=found.group() if found else "",
        address=address.strip("<>"), encoding=charset[1] if charset else "", problem=problem,
    )  # fmt: skip


def _cut_short(record: Any) -> bool:
    """Whether the file ends before the record does, of which warcio says nothing."""
    while record.raw_stream.read(1 << 16):
        pass
    return getattr(record.raw_stream, "limit", 0) > 0


WEB_ARCHIVE = WebArchive()
