"""The output folder: refused where it is not ours, marked as ours, and replaced as a whole at the end."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from pipeline.reading import MARKER, TEXTS, printable
from pipeline.running.lock import LOCK, Lock, LockedError
from pipeline.running.log import ENDINGS
from pipeline.running.store import DAMAGED, STORE, masked_by
from pipeline.running.texts import count, put_in_place
from pipeline.tables import TABLES, VERSION

#: How the files of tables end.
_ENDINGS = (".csv", ".jsonl", ".json", ".parquet", ".sqlite", ".xlsx")
#: What may lie in a new output folder.
_TOLERATED = frozenset({".gitkeep", ".gitignore", ".DS_Store", "judgements.csv", "corrections.csv", "report", "export"})
_WORK = ".rollcall-work-"
#: Where the workers of a cluster leave what they made, until it is in the store.
PARTS = ".rollcall-parts"
#: What tells of the latest run as it went: when, how long, how much.
RUN = "run.json"
_FILES = frozenset(f"{t.name}.{suffix}" for t in TABLES for suffix in ("csv", "jsonl"))
_BESIDE = frozenset({RUN, PARTS, DAMAGED, STORE, f"{STORE}-wal", f"{STORE}-shm", f"{STORE}-journal"})


class OutputError(Exception):
    """The output folder cannot be used; the message says why and what to do."""


class Output:
    """An output folder in use; a context manager. `work` is a folder inside for what is not finished."""

    def __init__(self, out: Path | str) -> None:
        self.path = Path(out)
        self.work = Path()
        self._old: dict[str, Any] = {}
        self._lock: Lock | None = None

    def __enter__(self) -> Output:
        self._old = check(self.path)
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._lock = Lock(self.path)
            for left in self.path.glob(f"{_WORK}*"):
                shutil.rmtree(left, ignore_errors=True)
            self.work = Path(tempfile.mkdtemp(prefix=_WORK, dir=self.path))
            if not self._old:
                self._mark({"complete": False})
        except LockedError as error:
            process = f" (process {error.pid})" if error.pid else ""
            raise OutputError(
                f"Another run is writing to {printable(self.path)}{process}. Wait until it is done, or end it first; "
                "this run would then go on from what it finished."
            ) from error
        except OSError as error:
            self._release()
            raise _unwritable(self.path, error) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self.work, ignore_errors=True)
        self._release()

    @property
    def parts(self) -> Path:
        """Where the workers of a cluster may leave what they made."""
        return self.path.absolute() / PARTS

    @property
    def tables(self) -> Mapping[str, str]:
        """The digests of the files that an earlier run brought to its end and that nobody changed."""
        files: dict[str, str] = self._old.get("files", {}) if self._old.get("complete") else {}
        return files

    def without_parts(self) -> None:
        """Take that away."""
        shutil.rmtree(self.parts, ignore_errors=True)

    def _release(self) -> None:
        if self._lock:
            self._lock.release()
            self._lock = None

    def commit(self, manifest: Mapping[str, Any], digests: Mapping[str, str]) -> None:
        """Put the finished files of `work` in place and write the manifest.

        While the files change place, the manifest says that the run is not complete.
        """
        with self.writing():
            self._mark({"complete": False, "files": dict(digests)})
            for name in sorted(digests):
                os.replace(self.work / name, self.path / name)
            put_in_place(self.work, self.path)
            for name in set(self._old.get("files", {})) - set(digests):
                if Path(name).name == name and name.endswith(_ENDINGS):
                    (self.path / name).unlink(missing_ok=True)
            kept = count(self.path)
            self._mark({"complete": True, **manifest, "texts": kept, "files": dict(sorted(digests.items()))})

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Turns an error of the disk, a full one say, into an `OutputError`."""
        try:
            yield
        except OSError as error:
            raise _unwritable(self.path, error) from error

    def _mark(self, content: Mapping[str, Any]) -> None:
        text = json.dumps({"program": "rollcall", "tables": VERSION, **content}, ensure_ascii=False, indent=1) + "\n"
        temporary = self.work / MARKER
        temporary.write_bytes(text.encode("utf-8", "backslashreplace"))
        os.replace(temporary, self.path / MARKER)


def check(out: Path) -> dict[str, Any]:
    """The manifest of an earlier run in this folder, empty where there is none. Nothing is written.

    Raises:
        OutputError: when the folder holds what Rollcall did not write, or is none.
    """
    name = printable(out)
    try:
        if not os.path.lexists(out):
            return {}
        if not out.is_dir():
            raise OutputError(f"{name} is a file, not a folder. Name another output folder with --out.")
        present = sorted(p.name for p in out.iterdir())
        old = read_marker(out) if MARKER in present else {}
    except OSError as error:
        raise _unwritable(out, error) from error
    ours = ({MARKER, TEXTS} | _FILES | _BESIDE | set(old.get("files", {}))) if old else set()
    ours |= _TOLERATED | {LOCK}
    foreign = [n for n in present if n not in ours and not n.startswith(_WORK) and not n.endswith(ENDINGS)]
    if foreign:
        more = f" and {len(foreign) - 3} more" if len(foreign) > 3 else ""
        raise OutputError(
            f"{name} holds something that Rollcall did not write: {', '.join(map(printable, foreign[:3]))}{more}. "
            "Name another output folder with --out, or move that away."
        )
    files = old.get("files", {}) if old.get("complete") else {}
    same = untouched(out)
    changed = [n for n, digest in sorted(files.items()) if n not in same and _differs(out / n, digest)]
    if old.get("complete") and count(out) > old.get("texts", 0):
        raise OutputError(
            f"{name}/{TEXTS} holds something that Rollcall did not write. Name another output folder with --out, "
            "or move that away."
        )
    if changed:
        raise OutputError(
            f"{name}/{changed[0]} was changed after Rollcall wrote it. Name another output folder with --out, "
            "or move that file away."
        )
    return old


def masked_so(out: Path, mask: str) -> bool:
    """Whether the tables in this folder, if there are any, are masked as a `mask_key` says."""
    manifest = read_marker(out) if (out / MARKER).is_file() else {}
    return not manifest.get("files") or manifest.get("settings", {}).get("mask_rules", "") == mask


def check_masked(out: Path, mask: str, keep_missing: bool) -> None:
    """Look whether a run that masks would leave something in the folder that was not masked so.

    Args:
        out: the output folder. mask: a `mask_key`. keep_missing: whether rows of files that are gone are to stay.

    Raises:
        OutputError: when it would.
    """
    name = printable(out)
    if not ((out / MARKER).is_file() and masked_so(out, mask)):  # without tables nobody can tell what they were made of
        for made, command in (("report", "rollcall report"), ("export", "rollcall export")):
            if (out / made).exists():
                raise OutputError(
                    f"{name}/{made} was not made of tables in which contacts are masked as this run masks them. "
                    f"Delete it (`{command}` makes it anew from the masked tables), or name another output folder "
                    "with --out."
                )
    if keep_missing and (out / STORE).is_file() and masked_by(out / STORE) != mask:
        raise OutputError(
            f"What {name} holds of files that are gone was not masked as this run masks. "
            "Leave --keep-missing off, or name another output folder with --out."
        )


def stamps(out: Path, names: Iterable[str]) -> dict[str, list[int]]:
    """The size and times of files in an output folder, by which `untouched` knows them again."""
    found = {}
    for name in names:
        status = os.stat(out / name)
        found[name] = [status.st_size, status.st_mtime_ns, status.st_ctime_ns]
    return found


def untouched(out: Path) -> frozenset[str]:
    """The files that are, by their size and times, as the latest run left them: they need not be read to be trusted."""
    try:
        told = json.loads((out / RUN).read_text(encoding="utf-8"))["stamps"]
        return frozenset(name for name, stamp in told.items() if stamps(out, [name])[name] == stamp)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return frozenset()


def read_marker(out: Path) -> dict[str, Any]:
    """The manifest of the run that wrote a folder. Raises `OutputError` when it is none of ours or damaged."""
    try:
        content = json.loads((out / MARKER).read_text(encoding="utf-8"))
    except ValueError:
        content = None
    if not isinstance(content, dict) or content.get("program") != "rollcall":
        raise OutputError(
            f"{printable(out)}/{MARKER} was not written by Rollcall or is damaged. "
            "Name another output folder with --out, or move that file away."
        )
    return content


def _differs(path: Path, digest: object) -> bool:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() != digest
    except FileNotFoundError:
        return False


def _unwritable(out: Path, error: OSError) -> OutputError:
    why = error.strerror or str(error)
    what = "Name another with --out."
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        what = "Make room on that disk; the same command then goes on from there."
    return OutputError(f"The output folder {printable(out)} cannot be written ({why}). {what}")
