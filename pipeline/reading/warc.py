"""The reader of web archives (WARC, packed or not): each response that holds a document, with its address and date."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from contextlib import redirect_stderr
from typing import Any

from pipeline.reading.readers import Context, Item, Member, Skipped, UnreadableError, missing_modules, size_text

#: Media types that may hold a document. Anything else (scripts, styles, pictures) is counted and passed over.
_DOCUMENTS = re.compile(
    r"text/(?:html|plain|rtf)|application/(?:xhtml|pdf|msword|rtf|zip|vnd\.|octet-stream|x-tar)|message/"
)
_SUFFIXES = {"text/html": ".html", "application/xhtml+xml": ".xhtml", "text/plain": ".txt", "application/pdf": ".pdf"}
_CHARSET = re.compile(r"charset=[\"']?([\w.:-]+)", re.I)
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


class WebArchive:
    """WARC of any version, as crawlers write it; packed ones come here when their packing is off."""

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
        from warcio.archiveiterator import ArchiveIterator
        from warcio.exceptions import ArchiveLoadFailed

        number = 0
        try:
            records = iter(ArchiveIterator(io.BytesIO(data)))
            while True:
                with redirect_stderr(io.StringIO()):  # warcio prints what it finds odd
                    record = next(records, None)
                if record is None:
                    break
                if record.rec_type not in ("response", "resource", "conversion"):
                    continue
                number += 1
                yield _item(record, number, context)
        except (ArchiveLoadFailed, ValueError, OSError, EOFError, AttributeError, TypeError, KeyError) as error:
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
    context.spend(len(content))
    return Member(
        f"{number:06d}", content, _SUFFIXES.get(media_type, ""), date=found.group() if found else "",
        address=address.strip("<>"), encoding=charset[1] if charset else "", problem=problem,
    )  # fmt: skip


WEB_ARCHIVE = WebArchive()
