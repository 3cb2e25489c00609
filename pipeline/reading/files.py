"""A path → its documents: each a `Source` and the raw text. Whatever goes wrong becomes a row, not an error."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.reading.plain import PLAIN_TEXT
from pipeline.reading.readers import HEAD, Reader, UnreadableError, signature_of, suffix_of
from pipeline.records import Source

#: Every reader there is, asked in this order.
READERS: tuple[Reader, ...] = (PLAIN_TEXT,)

#: The largest file that is read unless the user sets another limit, in bytes.
MAX_BYTES = 50_000_000


@dataclass(frozen=True, slots=True)
class Document:
    """Where a document comes from and its raw text, which is empty when it could not be read."""

    source: Source
    raw: str = ""


def read(path: Path, document_id: str, max_bytes: int = MAX_BYTES) -> list[Document]:
    """Read a file: at least one document, whose status tells how it went. Raises nothing on a bad file."""
    source = Source(document_id, printable(path))
    try:
        data = _bytes(path, max_bytes)
    except UnreadableError as error:
        return [Document(replace(source, status="failed", reason=str(error)))]
    except OSError as error:
        return [Document(replace(source, status="failed", reason=_reason(path, error)))]
    source = replace(source, sha256=hashlib.sha256(data).hexdigest())
    try:
        return _documents(path, source, data)
    except UnreadableError as error:
        signature = signature_of(data[:HEAD])
        media_type = signature.media_type if signature else ""
        return [Document(replace(source, media_type=media_type, status="failed", reason=str(error)))]


def printable(path: Path | str) -> str:
    r"""A path as text that can be written anywhere: bytes that are no UTF-8 become `\xff`, as Python writes them."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def size_text(size: int) -> str:
    """A number of bytes as people write it: `512 bytes`, `20.5 MB`."""
    return f"{size / 1_000_000:,.1f} MB".replace(".0 MB", " MB") if size >= 100_000 else f"{size:,} bytes"


def _documents(path: Path, source: Source, data: bytes) -> list[Document]:
    suffix = suffix_of(path)
    reader = next((r for r in READERS if r.accepts(data[:HEAD], suffix)), None)
    if reader is None:
        raise UnreadableError(_not_readable(data[:HEAD], suffix))
    if not data:
        return [Document(replace(source, media_type=reader.media_type, status="empty", reason="the file is empty"))]
    documents = []
    for part in reader.read(data):
        mine = replace(
            source,
            document_id=source.document_id + (f"#{part.name}" if part.name else ""),
            media_type=reader.media_type,
            encoding=part.encoding,
            encoding_confidence=part.confidence,
        )
        if not part.text.strip("\0\ufeff \t\r\n\f\v\u00a0\u200b\u3000\u2028\u2029"):
            mine = replace(mine, status="empty", reason="there is nothing but white space in the file")
        documents.append(Document(mine, part.text))
    return documents


def _bytes(path: Path, max_bytes: int) -> bytes:
    """The content of a regular file. A pipe or a device is not opened: it could block for ever."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        what = "a folder" if stat.S_ISDIR(status.st_mode) else "a pipe, socket or device"
        raise UnreadableError(f"this is {what}, not a file: take it away")
    if status.st_size > max_bytes:
        raise UnreadableError(
            f"the file has {size_text(status.st_size)}, more than the limit of {size_text(max_bytes)}: "
            "split it, or raise the limit with --max-size"
        )
    return path.read_bytes()


def _not_readable(head: bytes, suffix: str) -> str:
    signature = signature_of(head)
    known = sorted({s for r in READERS for s in r.suffixes if s})
    if signature and any(suffix in r.suffixes for r in READERS):
        name = f"a {suffix} file" if suffix else "text"
        return (
            f"the content is {signature.name}, although the name says {name}: "
            "save the document as plain text (UTF-8) and give that file"
        )
    return (
        f"{suffix} files cannot be read yet (those that can: {', '.join(known)}): "
        "save the document as plain text (UTF-8) and give that file"
    )


def _reason(path: Path, error: OSError) -> str:
    """Why the system did not let us read a file, in a sentence that says what to do."""
    if path.is_symlink() and error.errno in (errno.ENOENT, errno.ENOTDIR):
        target = printable(os.readlink(path))
        return f"this is a link to {target}, which does not exist: mend or remove the link"
    if error.errno == errno.ELOOP:
        return "this is a link that leads back to itself: remove it"
    if error.errno in (errno.EACCES, errno.EPERM):
        return "there is no permission to read the file: change its rights (chmod +r) or run as its owner"
    if error.errno == errno.ENOENT:
        return "the file vanished before it could be read: run again"
    if error.errno == errno.EISDIR:
        return "this is a folder, not a file: take it away"
    return f"the file could not be read ({error.strerror or error}): check the disk and run again"
