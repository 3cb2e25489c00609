"""Batches → outcomes, in this process or in several; the outcomes and their order do not depend on how many."""

from __future__ import annotations

import multiprocessing
import signal
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager

from pipeline.reading import Found
from pipeline.running.engine import EngineMaker
from pipeline.running.work import Outcome, Settings, Worker, batches, failed_source
from pipeline.tables.rows import draft_without_text

#: How many batches wait for each worker; more would only hold rows in memory.
_AHEAD = 2

_worker: Worker | Exception | None = None


def outcomes(files: Sequence[Found], settings: Settings, jobs: int, make_engine: EngineMaker) -> Iterator[Outcome]:
    """The outcome of every document, in the order of the files."""
    if jobs <= 1 or len(files) <= 1:
        worker = Worker(settings, make_engine)
        for batch in batches(files):
            yield from worker.process(batch)
        return
    yield from _in_processes(files, settings, jobs, make_engine)


def _in_processes(files: Sequence[Found], settings: Settings, jobs: int, make: EngineMaker) -> Iterator[Outcome]:
    todo = deque(batches(files))
    while todo:
        pool = _pool(jobs, settings, make)
        running: deque[tuple[list[Found], Future[list[Outcome]]]] = deque()
        try:
            while todo or running:
                while todo and len(running) < jobs * _AHEAD:
                    # Taken off the list only once it is handed over: a broken pool refuses it.
                    running.append((todo[0], _submit(pool, todo[0])))
                    todo.popleft()
                result = running[0][1].result()
                running.popleft()
                yield from result
        except BrokenProcessPool:
            # A worker died (killed for want of memory, say). Nobody knows which file it was: the oldest batch is
            # done file by file, the others start anew.
            pool.shutdown(wait=False, cancel_futures=True)
            oldest, *others = [b for b, _ in running] or [[]]
            todo.extendleft(reversed(others))
            yield from _one_by_one(oldest, settings, make)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _one_by_one(batch: Sequence[Found], settings: Settings, make: EngineMaker) -> Iterator[Outcome]:
    """The outcomes of a batch that holds a file which ends its worker: that file alone fails."""
    pool = _pool(1, settings, make)
    try:
        for found in batch:
            try:
                yield from _submit(pool, [found]).result()
            except BrokenProcessPool:
                pool = _pool(1, settings, make)
                reason = (
                    "the process that read this file was ended from outside, perhaps for want of memory: "
                    "split the file, or run with fewer --jobs"
                )
                source = failed_source(found, reason)
                yield Outcome(source, draft_without_text(source, settings.language))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _pool(jobs: int, settings: Settings, make: EngineMaker) -> ProcessPoolExecutor:
    # Spawned, not forked: the same on every system, and no lock of a library is copied in a locked state.
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(jobs, mp_context=context, initializer=_start, initargs=(settings, make))


def _submit(pool: ProcessPoolExecutor, batch: list[Found]) -> Future[list[Outcome]]:
    with _ignoring_interrupts():  # handing over work may start a worker
        return pool.submit(_process, batch)


@contextmanager
def _ignoring_interrupts() -> Iterator[None]:
    """Ctrl-C is for the main process, which ends the workers; they inherit that they do not heed it."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may set this; the workers will do so themselves
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _start(settings: Settings, make_engine: EngineMaker) -> None:
    global _worker
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        _worker = Worker(settings, make_engine)
    except Exception as error:
        # Kept for the first batch to raise: an error in here would look like a worker that died.
        _worker = error


def _process(batch: list[Found]) -> list[Outcome]:
    assert _worker is not None
    if isinstance(_worker, Exception):
        raise _worker
    return list(_worker.process(batch))
