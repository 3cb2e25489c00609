"""ZIP packages read safely: members by name, never more bytes than allowed, links and odd names told apart."""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from lzma import LZMAError

from pipeline.reading.encodings import UndecodableError, decode
from pipeline.reading.readers import Context, UnreadableError, size_text

_CHUNK = 1 << 20
_DAMAGED = "the archive is damaged or was cut short: copy or save it again from its source"


def opened(data: bytes) -> zipfile.ZipFile:
    """The archive. Raises `UnreadableError` when it is damaged."""
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError, RuntimeError) as error:
        raise UnreadableError(_DAMAGED) from error


def names(data: bytes) -> frozenset[str]:
    """The names in an archive; none where it cannot be opened."""
    try:
        return frozenset(opened(data).namelist())
    except UnreadableError:
        return frozenset()


def member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, context: Context) -> bytes:
    """The bytes of a member, counted against the budget while they come. Raises `UnreadableError`."""
    if info.flag_bits & 0x1:
        raise UnreadableError("this is encrypted: unlock it with its password and save it without one")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise UnreadableError("this is a link inside an archive, which is not followed: give the file it means")
    limit = context.options.max_bytes
    pieces: list[bytes] = []
    size = 0
    try:
        with archive.open(info) as stream:
            while piece := stream.read(_CHUNK):
                size += len(piece)
                context.spend(len(piece))
                if size > limit:
                    raise UnreadableError(
                        f"this has more than {size_text(limit)} when unpacked: it may be a bomb; "
                        "if not, unpack and split it, or raise the limit with --max-size"
                    )
                pieces.append(piece)
    except (
        zipfile.BadZipFile,
        zlib.error,
        LZMAError,
        EOFError,
        OSError,
        NotImplementedError,
        ValueError,
        RuntimeError,
    ) as error:
        raise UnreadableError(_DAMAGED) from error
    return b"".join(pieces)


def name_of(info: zipfile.ZipInfo) -> str:
    """The name of a member; old programs wrote it in the code page of their country."""
    if info.flag_bits & 0x800 or info.filename.isascii():
        return info.filename
    try:
        return decode(info.filename.encode("cp437")).text
    except (UndecodableError, UnicodeEncodeError):
        return info.filename
