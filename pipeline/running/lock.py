"""One run at a time on an output folder: a lock that the system lets go of when its process ends, in whatever way."""

from __future__ import annotations

import os
import sys
from pathlib import Path

#: The file in the output folder; it holds the number of the process.
LOCK = ".rollcall-lock"


class LockedError(Exception):
    """Another run works on the folder; `pid` is its process, empty where it could not be told."""

    def __init__(self, pid: str) -> None:
        super().__init__(pid)
        self.pid = pid


class Lock:
    """A lock on a folder, taken when made.

    A file that a killed process left is no lock: what counts is the system's own lock on it.
    """

    def __init__(self, folder: Path) -> None:
        """Take the lock. Raises LockedError when another process has it."""
        self._path = folder / LOCK
        while True:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
            if not _take(self._file):
                pid = os.pread(self._file, 20, 0).decode("ascii", "replace").strip() if os.name == "posix" else ""
                os.close(self._file)
                raise LockedError(pid)
            try:
                # The other may have removed the file between our opening and locking it: then it is no one's lock.
                if os.path.samestat(os.fstat(self._file), os.stat(self._path)):
                    break
            except FileNotFoundError:
                pass
            os.close(self._file)
        os.ftruncate(self._file, 0)
        os.write(self._file, f"{os.getpid()}\n".encode())

    def release(self) -> None:
        """Let go and remove the file."""
        if os.name == "posix":  # removed while still locked, so that nobody locks a file that then vanishes
            self._path.unlink(missing_ok=True)
            os.close(self._file)
        else:
            os.close(self._file)
            self._path.unlink(missing_ok=True)


def running(folder: Path) -> str:
    """The number of the process that works on a folder, empty where none does."""
    if not (folder / LOCK).exists():
        return ""
    try:
        Lock(folder).release()
    except LockedError as error:
        return error.pid or "unknown"
    except OSError:
        pass
    return ""


def _take(file: int) -> bool:
    if sys.platform == "win32":
        import msvcrt

        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
