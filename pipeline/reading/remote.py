"""Inputs on other machines: addresses such as `s3://bucket/folder`, listed and fetched with fsspec where installed."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

#: A scheme of at least two letters: `C:\` is none. A Path has made one slash of two.
_ADDRESS = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]+(?:::[a-z0-9+.-]+)*):/+(?P<rest>[^/].*)", re.DOTALL)


class RemoteError(Exception):
    """An address cannot be used; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Remote:
    """A file at an address: its parts below what was named, its size, and what tells its versions apart."""

    address: str
    parts: tuple[str, ...]
    size: int
    version: str


def address_of(given: Path | str) -> str:
    """The address that an input names; empty for a path on this machine."""
    found = _ADDRESS.fullmatch(str(given))
    if not found or found["scheme"] in ("file", "local") or Path(given).exists():
        return ""
    return f"{found['scheme']}://{found['rest']}"


def local(given: Path | str) -> Path:
    """A path on this machine; `file://` before it goes."""
    found = _ADDRESS.fullmatch(str(given))
    if found and found["scheme"] in ("file", "local") and not Path(given).exists():
        return Path(f"/{found['rest']}")
    return Path(given)


def below(address: str) -> Iterator[Remote]:
    """Every file at an address or below it, hidden ones passed over, sorted.

    Raises:
        RemoteError: when fsspec or the file system is not installed, there is nothing, or it cannot be listed.
    """
    try:
        import fsspec
    except ModuleNotFoundError as error:
        raise RemoteError(f'{address} is read with fsspec: pip install "rollcall[dask]".') from error
    try:
        system, path = fsspec.core.url_to_fs(address)
        entries = system.find(path, detail=True)
    except ImportError as error:
        raise RemoteError(f"{address} cannot be read: {error}") from error
    except Exception as error:  # each file system has errors of its own
        raise RemoteError(f"{address} cannot be listed ({error}). Check the address and the rights.") from error
    if not entries:
        raise RemoteError(f"There is no file or folder {address}. Check the address.")
    for name, details in sorted(entries.items()):
        parts = PurePosixPath(name[len(path) :]).parts if name != path else (PurePosixPath(name).name,)
        parts = tuple(part for part in parts if part != "/")
        if not parts or any(part.startswith((".", "~$")) for part in parts):
            continue
        version = next((str(details[k]) for k in ("ETag", "etag", "md5Hash", "sha1", "mtime") if details.get(k)), "")
        version = version or str(details.get("LastModified") or details.get("created") or "")
        size = int(details.get("size") or 0)
        yield Remote(system.unstrip_protocol(name), parts, size, f"{size}:{version}")


@contextmanager
def fetched(address: str) -> Iterator[Path]:
    """A copy of a file on this machine, for as long as it is needed. Raises OSError when it cannot be fetched."""
    import fsspec

    system, path = fsspec.core.url_to_fs(address)
    with tempfile.TemporaryDirectory(prefix="rollcall-") as folder:
        copy = Path(folder) / (PurePosixPath(path).name or "file")
        try:
            system.get_file(path, str(copy))
        except OSError:
            raise
        except Exception as error:  # each file system has errors of its own
            raise OSError(5, f"{type(error).__name__}: {error}") from error
        yield copy
