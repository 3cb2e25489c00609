"""Reads files in a process of its own, which is stopped when it takes too long, too much memory, or dies.

Plain text is read where it is: nothing in it can hang. Every other format goes through a library that may, so it is
read by `python -m pipeline.reading.helper`, which is started once and tells its documents one by one as lines of JSON.
The clock starts anew with each document; what was read before a stop stands.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from pipeline.reading.discovery import Found
from pipeline.reading.files import Document, is_plain, out_of_memory, printable, read
from pipeline.reading.keeping import text_file
from pipeline.reading.options import DEFAULTS, ReadOptions
from pipeline.reading.remote import fetched
from pipeline.records import Source

#: Seconds that a process may take to start, libraries and all, before its first answer.
_STARTING = 60.0
#: Exit code of the helper when memory ran out.
OUT_OF_MEMORY = 77


class Guard:
    """Reads files under bounds. A context manager; a process is started only when a file needs one."""

    def __init__(self, options: ReadOptions = DEFAULTS) -> None:
        self._options = options
        self._helper: _Helper | None = None

    def __enter__(self) -> Guard:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process, if one runs."""
        if self._helper is not None:
            self._helper.end()
            self._helper = None

    def read_found(self, found: Found) -> Iterator[Document]:
        """The documents of a file that was found, also of one on another machine.

        The raw text of such a file is always kept, since it cannot be looked up where it was.
        """
        if not found.address:
            yield from self.read(found.path, found.document_id)
            return
        try:
            with fetched(found.address) as path:
                for document in self.read(path, found.document_id):
                    source = replace(document.source, path=found.address)
                    if source.status == "ok" and not source.text_file:
                        source = replace(source, text_file=text_file(source.document_id))
                    yield replace(document, source=source)
        except OSError as error:
            reason = f"the file could not be fetched ({error.strerror or error}): check the connection and run again"
            yield Document(Source(found.document_id, found.address, status="failed", reason=reason))

    def read(self, path: Path, document_id: str) -> Iterator[Document]:
        """As `files.read`, but nothing that the file does to its reader reaches the caller."""
        if is_plain(path):
            yield from read(path, document_id, self._options)
            return
        if self._helper is None or not self._helper.alive():
            self._helper = _Helper(self._options)
        helper = self._helper
        finished = False
        try:
            helper.ask(path, document_id)
            while True:
                try:
                    message = helper.answer(self._options.max_seconds)
                except _StoppedError as stopped:
                    yield Document(Source(document_id, printable(path), status="failed", reason=stopped.reason))
                    return
                if message is None:
                    finished = True
                    return
                yield Document(Source(**message["source"]), message["raw"])
        finally:
            if not finished:  # stopped, or the caller has lost interest: the rest must not answer the next question
                self.close()


class _StoppedError(Exception):
    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _Helper:
    """The process that reads."""

    def __init__(self, options: ReadOptions) -> None:
        self._options = options
        # Started from a command line and not by multiprocessing, so that it never runs the caller's own script again.
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "pipeline.reading.helper"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment,
            start_new_session=True,  # Ctrl-C is for the caller; and what the helper starts ends with it
        )  # fmt: skip
        assert self._process.stdin and self._process.stdout
        self._in: IO[bytes] = self._process.stdin
        self._answers: queue.Queue[bytes | None] = queue.Queue(maxsize=16)
        self._closed = threading.Event()
        threading.Thread(target=self._listen, args=(self._process.stdout,), daemon=True).start()
        self._allowance = _STARTING
        self._send(asdict(options))

    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, path: Path, document_id: str) -> None:
        self._send({"path": os.fsencode(path).hex(), "document_id": document_id})

    def answer(self, seconds: float) -> dict[str, Any] | None:
        """The next document, or None after the last. Raises `_StoppedError`."""
        try:
            line = self._answers.get(timeout=seconds + self._allowance)
        except queue.Empty:
            raise _StoppedError(
                f"reading this took more than {seconds:g} seconds and was stopped: "
                "take the file out, or raise the limit with --max-seconds"
            ) from None
        if line is None:
            code = self._process.wait()
            if code == OUT_OF_MEMORY:
                raise _StoppedError(out_of_memory(self._options))
            raise _StoppedError(
                "the process that read this file was ended by it or by the system: "
                "the file is damaged, or wants more memory than there is; take it out"
            )
        message: dict[str, Any] = json.loads(line)
        self._allowance = 0.0
        return None if "end" in message else message

    def end(self) -> None:
        self._closed.set()
        if os.name == "posix" and self.alive():
            import signal

            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)  # with the converters it has started
        self._process.kill()
        self._process.wait()
        with suppress(OSError):
            self._in.close()

    def _send(self, message: dict[str, Any]) -> None:
        with suppress(OSError):  # when it has died, `answer` will say so
            self._in.write(json.dumps(message).encode("ascii") + b"\n")
            self._in.flush()

    def _listen(self, stream: IO[bytes]) -> None:
        with stream:
            for line in stream:
                if not self._put(line):
                    return
        self._put(None)

    def _put(self, line: bytes | None) -> bool:
        """Hand an answer over; False when nobody will take it any more."""
        while not self._closed.is_set():
            try:
                self._answers.put(line, timeout=0.2)
            except queue.Full:
                continue
            return True
        return False
