"""The process that reads for `guard.Guard`: questions come in and documents go out as lines of JSON."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import IO

from pipeline.reading.files import read
from pipeline.reading.guard import OUT_OF_MEMORY
from pipeline.reading.options import ReadOptions


def main() -> None:
    """Serve until the questions end."""
    # Whatever a library prints must not get among the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    questions = sys.stdin.buffer
    options = ReadOptions(**json.loads(questions.readline()))
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    _bound_memory(options.max_memory)
    try:
        serve(questions, answers, options)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)


def serve(questions: Iterable[bytes], answers: IO[bytes], options: ReadOptions) -> None:
    """Answer each question with its documents and a line that says it was the last."""
    for line in questions:
        question = json.loads(line)
        path = Path(os.fsdecode(bytes.fromhex(question["path"])))
        for document in read(path, question["document_id"], options):
            _tell(answers, {"source": asdict(document.source), "raw": document.raw})
        _tell(answers, {"end": True})


def _tell(answers: IO[bytes], message: object) -> None:
    answers.write(json.dumps(message).encode("ascii") + b"\n")
    answers.flush()


def _end_with(parent: int) -> None:
    """End when the process that asks is gone, even in the middle of a file that never ends."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def _bound_memory(size: int) -> None:
    """Let this process have so much more memory than it has now, where the system can enforce that."""
    try:
        import resource
    except ImportError:  # Windows has no such bound
        return
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            now = int(file.read().split()[0]) * resource.getpagesize()
    except OSError:
        now = 1 << 30  # what libraries map before anything is read
    try:
        resource.setrlimit(resource.RLIMIT_AS, (now + size, resource.getrlimit(resource.RLIMIT_AS)[1]))
    except (ValueError, OSError):
        return  # the system does not allow it


if __name__ == "__main__":
    main()
