"""A path → its documents: each a `Source` and the raw text. Whatever goes wrong becomes a row, not an error."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.knowledge import COMMON, table
from pipeline.reading.keeping import text_file
from pipeline.reading.options import DEFAULTS, ReadOptions
from pipeline.reading.pictures import PICTURE
from pipeline.reading.plain import PLAIN_TEXT
from pipeline.reading.readers import (
    HEAD,
    Context,
    Item,
    Member,
    Part,
    Reader,
    Skipped,
    StreamReader,
    UnreadableError,
    real_date,
    signature_of,
    size_text,
    suffix_of,
)  # fmt: skip
from pipeline.reading.registry import reader_for, readers, stream_reader_for
from pipeline.records import Source

#: What Word and Excel call the stream of a document that they have locked.
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
#: How the folder is called in which a browser puts what a saved page needs, after the name of the page.
_BESIDE_A_PAGE = re.compile(r"(.+)(?:[._-]files|_файлы|_elemei)\Z", re.I)
_BLANK = "\0\ufeff \t\r\n\f\v\u00a0\u200b\u3000\u2028\u2029"


@dataclass(frozen=True, slots=True)
class Document:
    """Where a document comes from and its raw text, which is empty when it could not be read."""

    source: Source
    raw: str = ""


def read(path: Path, document_id: str, options: ReadOptions = DEFAULTS) -> Iterator[Document]:
    """Read a file: at least one document, whose status tells how it went. Raises nothing on a bad file.

    A reader that hangs or takes all memory is not stopped here but by `guard.Guard`, which does this in a process.
    """
    source = Source(document_id, printable(path))
    context = Context(options, suffix_of(path), path.name)
    try:
        streaming = _streaming(path)
        if streaming is not None:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        else:
            data = _bytes(path, options.max_bytes)
    except UnreadableError as error:
        yield Document(replace(source, status="failed", reason=str(error)))
        return
    except OSError as error:
        yield Document(replace(source, status="failed", reason=_reason(path, error)))
        return
    if streaming is not None:
        yield from _File(replace(source, sha256=digest), context).streamed(streaming, path)
        return
    yield from _File(replace(source, sha256=hashlib.sha256(data).hexdigest()), context).documents(data)


def _streaming(path: Path) -> StreamReader | None:
    """The reader that takes the file piece by piece, if one does. A pipe or a device is not opened."""
    if not stat.S_ISREG(path.stat().st_mode):
        return None
    with path.open("rb") as file:
        return stream_reader_for(path, file.read(HEAD))


def is_plain(path: Path) -> bool:
    """Whether the start of a file shows that it is plain text or cannot be opened: either is done with at once."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return True
        with path.open("rb") as file:
            head = file.read(HEAD)
    except OSError:
        return True
    return reader_for(head, suffix_of(path)) is PLAIN_TEXT


def printable(path: Path | str) -> str:
    r"""A path as text that can be written anywhere: bytes that are no UTF-8 become `\xff`, as Python writes them."""
    text = os.fspath(path)
    return text if text.isascii() else os.fsencode(text).decode("utf-8", "backslashreplace")


class _File:
    """One file while it is read, down to the members of its members."""

    def __init__(self, source: Source, context: Context) -> None:
        self._source = source
        self._context = context
        self._seen: Counter[str] = Counter()

    def documents(self, data: bytes) -> Iterator[Document]:
        """All documents; when reading stops in the middle, what came before stands and a last row says why."""
        yield from self._read(self._source, data, self._context)

    def streamed(self, reader: StreamReader, path: Path) -> Iterator[Document]:
        """As `documents`, of a file that its reader takes piece by piece."""
        yield from self._told(self._source, reader.media_type, lambda: reader.stream(path, self._context), reader)

    def _read(
        self, source: Source, data: bytes, context: Context, inherited: Member | None = None
    ) -> Iterator[Document]:
        if not data:
            empty = next((r for r in readers() if context.suffix in r.suffixes), None)
            media_type = empty.media_type if empty else ""
            yield self._named(replace(source, media_type=media_type, status="empty", reason="the file is empty"))
            return
        reader = reader_for(data, context.suffix)
        if not context.depth and (reader is None or reader is PICTURE) and (page := _page_beside(Path(source.path))):
            reason = f"this belongs to the saved page {page} and is no document"
            yield self._named(replace(source, status="empty", reason=reason))
            return
        if reader is None:
            signature = signature_of(data[:HEAD])
            reason = _not_readable(data, context.suffix)
            yield self._failed(source, signature.media_type if signature else "", reason)
            return
        found = reader
        yield from self._told(
            source, _media_type(reader, data), lambda: found.read(data, context), reader, context, inherited
        )

    def _told(
        self, source: Source, media_type: str, items: Callable[[], Iterable[Item]], reader: Reader,
        context: Context | None = None, inherited: Member | None = None,
    ) -> Iterator[Document]:  # fmt: skip
        """The documents of a file's items, whatever goes wrong among them."""
        context = context or self._context
        given = 0
        skipped: Counter[str] = Counter()
        try:
            if missing := reader.missing():
                raise UnreadableError(missing)
            for item in items():
                if isinstance(item, Skipped):
                    skipped[item.what] += 1
                    continue
                given += 1
                if item.name:
                    context.count()
                mine = replace(source, document_id=source.document_id + (f"#{_tidy(item.name)}" if item.name else ""))
                if isinstance(item, Member):
                    yield from self._member(mine, item, context, inherited)
                else:
                    yield self._part(replace(mine, media_type=media_type), item, inherited)
        except UnreadableError as error:
            yield self._failed(source, media_type, str(error))
        except MemoryError:
            yield self._failed(source, media_type, out_of_memory(context.options))
        except RecursionError:
            yield self._failed(source, media_type, "the content is nested too deeply to be real: it is not read")
        except Exception as error:  # a reader has met what nobody thought of
            what = " ".join(f"{type(error).__name__}: {error}".split())[:300]
            reason = f"the reader of this format broke on the file ({what}): it is damaged, or this is a bug to report"
            yield self._failed(source, media_type, reason)
        else:
            if skipped or not given:
                yield self._named(replace(source, media_type=media_type, status="empty", reason=_without(skipped)))

    def _member(self, source: Source, member: Member, context: Context, inherited: Member | None) -> Iterator[Document]:
        if member.problem:
            yield self._failed(source, "", member.problem)
            return
        said = _merged(member, inherited)
        try:
            inner = context.inside(replace(member, suffix=member.suffix or suffix_of(_tidy(member.name))))
        except UnreadableError as error:
            yield self._failed(source, "", str(error))
            return
        yield from self._read(source, member.data, inner, said)

    def _part(self, source: Source, part: Part, inherited: Member | None) -> Document:
        said = _merged(Member("", b"", "", part.title, part.date, part.address, part.note), inherited)
        # Lone surrogates cannot be written; no text has them but by damage.
        text = part.text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
        source = replace(
            source, encoding=part.encoding, encoding_confidence=part.confidence if part.encoding else 0.0,
            source_title=_clean(said.title), source_date=real_date(said.date),
            address=_clean(said.address), note=said.note,
        )  # fmt: skip
        if not text.strip(_BLANK):
            source = replace(source, status="empty", reason="there is nothing but white space in the file")
        source = self._named(source).source
        # The raw text of a plain file is the file itself; any other is kept, so that offsets can be looked up.
        plain = source.media_type == "text/plain" and not said.note and inherited is None
        if source.status == "ok" and not plain:
            source = replace(source, text_file=text_file(source.document_id))
        return Document(source, text)

    def _failed(self, source: Source, media_type: str, reason: str) -> Document:
        return self._named(replace(source, media_type=media_type, status="failed", reason=reason))

    def _named(self, source: Source) -> Document:
        """A document under an id of its own: two members of an archive may have the same name."""
        self._seen[source.document_id] += 1
        times = self._seen[source.document_id]
        return Document(source if times == 1 else replace(source, document_id=f"{source.document_id}~{times}"))


def out_of_memory(options: ReadOptions) -> str:
    """The reason for a document that wanted more memory than it may have."""
    return (
        f"reading this takes more than {size_text(options.max_memory)} of memory: "
        "split the file, or raise the limit with --max-memory"
    )


def _merged(inner: Member, outer: Member | None) -> Member:
    """What a document says of itself, and where it says nothing what the letter or web archive around it says."""
    if outer is None:
        return inner
    note = "; ".join(n for n in (outer.note, inner.note) if n)
    # The address and date of the capture are surer than what a page claims.
    return replace(
        inner, title=inner.title or outer.title, date=outer.date or inner.date, address=outer.address or inner.address,
        note=note,
    )  # fmt: skip


def _tidy(name: str) -> str:
    """The name of a member as the end of a document_id: no way out of its folder, nothing that cannot be shown."""
    parts = [p for p in re.split(r"[/\\]+", name) if p not in ("", ".", "..")]
    tidy = re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+", "_", "/".join(parts)).strip()
    return tidy[:300] or "unnamed"


def _clean(text: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+", " ", text).strip()[:1000]


def _without(skipped: Counter[str]) -> str:
    if not skipped:
        return "there is no document in the file"
    kinds = ", ".join(f"{n:,} {what}" for what, n in sorted(skipped.items(), key=lambda s: (-s[1], s[0]))[:8])
    return f"passed over as no documents: {kinds}"


def _media_type(reader: Reader, data: bytes) -> str:
    if reader.media_type.endswith("/*"):
        signature = signature_of(data[:HEAD])
        return signature.media_type if signature else ""
    return reader.media_type


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


def _not_readable(data: bytes, suffix: str) -> str:
    signature = signature_of(data[:HEAD])
    advice = "save the document as plain text (UTF-8) and give that file"
    reader = next((r for r in readers() if suffix in r.suffixes), None)
    if signature and signature.media_type == "application/x-ole-storage" and _ENCRYPTED in data:
        return "this is encrypted: unlock it with its password and save it without one"
    for known, what, to_do in table(COMMON, "unread_suffixes"):
        if suffix == known:
            return f"{what} cannot be read: {to_do}"
    if signature:
        return f"{signature.name} cannot be read: {signature.advice}"
    if reader is not None:
        return f"the content is no {reader.name}, although the name says {suffix}: the file is damaged, or {advice}"
    return f"{suffix} files are not read (`rollcall formats` lists those that are): {advice}"


def _page_beside(path: Path) -> str:
    """The name of the saved page to which a picture, style or script belongs, if there is one beside its folder."""
    found = _BESIDE_A_PAGE.match(path.parent.name)
    if not found:
        return ""
    pages = (found[1] + suffix for suffix in (".html", ".htm", ".xhtml"))
    return next((page for page in pages if (path.parent.parent / page).is_file()), "")


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
