"""The readers of archives: zip and tar with many members, gz, bz2 and xz with one. All in memory; nothing is unpacked.

Since no member is ever written under its own name, a name that climbs out of its folder can do no harm; it is only
tidied for the document_id.
"""

from __future__ import annotations

import bz2
import io
import lzma
import tarfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from pipeline.reading.packages import member, name_of, names, opened
from pipeline.reading.readers import Context, Item, Member, Skipped, UnreadableError, size_text, suffix_of

_CHUNK = 1 << 18
_DAMAGED = "the archive is damaged or was cut short: copy or save it again from its source"
#: What only packages of Office programs hold.
_PACKAGE = frozenset({"[Content_Types].xml", "META-INF/manifest.xml", "META-INF/container.xml", "mimetype"})
#: A member whose name is empty; without one it would be taken for the file itself.
_UNNAMED = "unnamed"
#: What file managers leave in archives.
_LITTER = frozenset({"__MACOSX", "Thumbs.db", "desktop.ini"})


class ZipArchive:
    """ZIP, as far as it is no Office document."""

    name = "ZIP archive"
    media_type = "application/zip"
    suffixes = frozenset({".zip"})

    def accepts(self, data: bytes, suffix: str) -> bool:
        """Whether it begins as ZIP does and is no package of an Office program (a table, slides, a book)."""
        return data.startswith((b"PK\x03\x04", b"PK\x05\x06")) and not _PACKAGE & names(data)

    def missing(self) -> str:
        """Nothing beyond the core is needed."""
        return ""

    def read(self, data: bytes, context: Context) -> Iterable[Item]:
        """Each file in it, in the order of the archive."""
        with opened(data) as archive:
            for info in archive.infolist():
                if info.filename.endswith("/"):
                    continue
                name = name_of(info) or _UNNAMED
                if _litter(name):
                    yield Skipped("hidden file")
                    continue
                try:
                    content = member(archive, info, context)
                except UnreadableError as error:
                    context.spend(0)  # a spent budget ends the archive and not only this member
                    yield Member(name, b"", suffix_of(name), problem=str(error))
                else:
                    yield Member(name, content, suffix_of(name))


class TarArchive:
    """Tar; packed ones come here when their packing is off."""

    name = "tar archive"
    media_type = "application/x-tar"
    suffixes = frozenset({".tar"})

    def accepts(self, data: bytes, suffix: str) -> bool:
        """Whether the mark of tar stands in its first header, or an old one has the suffix."""
        return data[257:262] == b"ustar" or (suffix in self.suffixes and len(data) >= 512)

    def missing(self) -> str:
        """Nothing beyond the core is needed."""
        return ""

    def read(self, data: bytes, context: Context) -> Iterable[Item]:
        """Each regular file in it. Raises `UnreadableError`."""
        try:
            with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
                for info in archive:
                    if info.isdir():
                        continue
                    yield _tar_member(archive, info, context)
        except (tarfile.TarError, EOFError, OSError, ValueError, OverflowError) as error:
            raise UnreadableError(_DAMAGED) from error


def _tar_member(archive: tarfile.TarFile, info: tarfile.TarInfo, context: Context) -> Item:
    name = info.name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace") or _UNNAMED
    if _litter(name):
        return Skipped("hidden file")
    if not info.isreg():
        what = "a link" if info.islnk() or info.issym() else "no regular file"
        return Member(name, b"", problem=f"this is {what} inside an archive, not followed: give the file itself")
    if info.size > context.options.max_bytes:
        return Member(name, b"", problem=too_large(context))
    context.spend(info.size)
    stream = archive.extractfile(info)
    content = stream.read() if stream else b""
    if len(content) < info.size:
        raise UnreadableError(_DAMAGED)
    return Member(name, content, suffix_of(name))


class _Decompressor(Protocol):
    eof: bool
    unused_data: bytes

    def decompress(self, data: bytes, max_length: int = ..., /) -> bytes: ...


class Packed:
    """One packed stream: what is in it takes the place of the file."""

    def __init__(
        self, name: str, media_type: str, suffixes: set[str], start: bytes, make: Callable[[], object]
    ) -> None:
        self.name, self.media_type, self.suffixes = name, media_type, frozenset(suffixes)
        self._start, self._make = start, make

    def accepts(self, data: bytes, suffix: str) -> bool:
        """Whether it begins as this packing does."""
        return data.startswith(self._start)

    def missing(self) -> str:
        """Nothing beyond the core is needed."""
        return ""

    def read(self, data: bytes, context: Context) -> Iterable[Item]:
        """What is packed, as the file itself. Raises `UnreadableError`."""
        try:
            content = b"".join(_unpacked(data, self._make, context))
        except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError) as error:
            raise UnreadableError(_DAMAGED) from error
        inner = context.name
        for suffix in sorted(self.suffixes, key=len, reverse=True):
            if inner.lower().endswith(suffix):
                inner = inner[: -len(suffix)] + (".tar" if suffix.startswith(".t") and suffix != ".tar" else "")
                break
        yield Member("", content, suffix_of(inner))


def _unpacked(data: bytes, make: Callable[[], object], context: Context) -> Iterator[bytes]:
    """The streams of a file one after the other, in pieces that are counted as they come."""
    size = 0
    # What is packed may be an archive of many documents, so only the budget of the file bounds it.
    limit = context.options.max_extracted
    while data:
        unpacker = make()
        pending = data
        while True:
            piece = _step(unpacker, pending)
            pending = getattr(unpacker, "unconsumed_tail", b"")
            if piece:
                size += len(piece)
                context.spend(len(piece))
                if size > limit:
                    raise UnreadableError(too_large(context))
                yield piece
            if unpacker.eof:  # type: ignore[attr-defined]
                break
            if not piece and not pending and getattr(unpacker, "needs_input", True):
                raise UnreadableError(_DAMAGED)
        data = unpacker.unused_data.lstrip(b"\0")  # type: ignore[attr-defined]


def _step(unpacker: object, pending: bytes) -> bytes:
    result: bytes = unpacker.decompress(pending, _CHUNK)  # type: ignore[attr-defined]
    return result


def too_large(context: Context) -> str:
    """The reason for a member that is larger than a file may be."""
    return (
        f"this has more than {size_text(context.options.max_bytes)} when unpacked: it may be a bomb; "
        "if not, unpack and split it, or raise the limit with --max-size"
    )


def _litter(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return any(p in _LITTER or (p.startswith(".") and p not in (".", "..")) or p.startswith("~$") for p in parts)


ZIP_ARCHIVE, TAR_ARCHIVE = ZipArchive(), TarArchive()
GZIP = Packed("gzip", "application/gzip", {".gz", ".tgz"}, b"\x1f\x8b", lambda: zlib.decompressobj(wbits=31))
BZIP2 = Packed("bzip2", "application/x-bzip2", {".bz2", ".tbz2"}, b"BZh", bz2.BZ2Decompressor)
XZ = Packed("xz", "application/x-xz", {".xz", ".txz"}, b"\xfd7zXZ\x00",
            lambda: lzma.LZMADecompressor(memlimit=512_000_000))  # fmt: skip
