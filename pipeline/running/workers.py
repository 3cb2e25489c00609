"""Batches → outcomes, in this process or in several; the outcomes and their order do not depend on how many."""

from __future__ import annotations

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager

from pipeline.reading import Found
from pipeline.running import nursery
from pipeline.running.engine import EngineMaker, load_engine
from pipeline.running.packing import Packed, packed
from pipeline.running.pool import Watch, WatchedPool, WorkersError
from pipeline.running.work import Outcome, Settings, Worker, batches, failed_source
from pipeline.tables.rows import draft_without_text

#: How many batches wait for each worker; more would only hold rows in memory.
_AHEAD = 2
#: A worker takes seconds to start, which so many files must be worth.
FILES_A_WORKER = 500
#: The labeller that is made of nothing but arrays.
_FAST = "fast"
#: So often in a row workers may end before they are ready; once may be chance.
STARTS = 3
#: Why a worker went that was not ended here.
_ENDED = (
    "the process that read this file was ended from outside, perhaps for want of memory: "
    "split the file, or run with fewer --jobs"
)

_worker: Worker | Exception | None = None
_watch: Watch | None = None


def workers_for(files: Sequence[Found], jobs: int | None) -> int:
    """How many processes to work with: as many as were asked for, else as many as there are cores and work for."""
    if jobs is not None:
        return jobs
    return max(1, min(cores(), len(files) // FILES_A_WORKER))


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def outcomes(
    files: Sequence[Found], settings: Settings, jobs: int, make_engine: EngineMaker,
    replaced: Callable[[str], None] = lambda why: None,
) -> Generator[Packed, None, None]:  # fmt: skip
    """The outcome of every document, in the order of the files. `replaced` is told why a worker had to be replaced.

    Closing it ends the workers at once, whatever they do.
    """
    if not files:
        return
    if jobs <= 1 or len(files) <= 1:
        worker = Worker(settings, make_engine)
        try:
            for batch in batches(files):
                yield from map(packed, worker.process(batch))
        finally:
            worker.close()
        return
    try:
        yield from _in_processes(files, settings, jobs, make_engine, replaced)
    finally:
        nursery.let_go()


class Pool(WatchedPool):
    """Worker processes with an engine each."""

    def __init__(self, jobs: int, settings: Settings, make_engine: EngineMaker) -> None:
        # What a user laid over the knowledge that ships, and libraries with threads of their own, are each worker's.
        copied = make_engine is load_engine and settings.model == _FAST and not settings.knowledge and nursery.usable()
        context = nursery.context(settings.language) if copied else None
        super().__init__(jobs, settings.reading.max_seconds, _start, (settings, make_engine), context)


def _in_processes(
    files: Sequence[Found], settings: Settings, jobs: int, make: EngineMaker, replaced: Callable[[str], None]
) -> Iterator[Packed]:
    todo = deque(batches(files))
    starts = 0
    while todo:
        pool = Pool(jobs, settings, make)
        running: deque[tuple[list[Found], Future[list[Packed]]]] = deque()
        try:
            while todo or running:
                while todo and len(running) < jobs * _AHEAD:
                    # Taken off the list only once it is handed over: a broken pool refuses it.
                    running.append((todo[0], _submit(pool, todo[0])))
                    todo.popleft()
                result = pool.wait(running[0][1])
                running.popleft()
                yield from result
        except BrokenProcessPool:
            replaced(pool.reason or _ENDED)
            pool.close(abandon=True)
            starts = 0 if pool.started else starts + 1
            if starts == STARTS:
                raise WorkersError from None
            # A worker died or was ended. Nobody knows which file it was: the oldest batch is done file by file, the
            # others start anew.
            oldest, *others = [b for b, _ in running] or [[]]
            running.clear()
            todo.extendleft(reversed(others))
            if pool.started:
                yield from _one_by_one(oldest, settings, make, replaced)
            elif oldest:
                todo.appendleft(oldest)
        finally:
            pool.close(abandon=bool(running))


def _one_by_one(
    batch: Sequence[Found], settings: Settings, make: EngineMaker, replaced: Callable[[str], None]
) -> Iterator[Packed]:
    """The outcomes of a batch that holds a file which ends its worker: that file alone fails."""
    pool = Pool(1, settings, make)
    done = False
    starts = 0
    todo = deque(batch)
    try:
        while todo:
            try:
                yield from pool.wait(_submit(pool, [todo[0]]))
            except BrokenProcessPool:
                reason, started = pool.reason or _ENDED, pool.started
                replaced(reason)
                pool.close(abandon=True)
                starts = 0 if started else starts + 1
                if starts == STARTS:
                    raise WorkersError from None
                pool = Pool(1, settings, make)
                if not started:
                    continue
                yield given_up(todo[0], reason, settings)
            todo.popleft()
        done = True
    finally:
        pool.close(abandon=not done)


def given_up(found: Found, reason: str, settings: Settings) -> Packed:
    """The outcome of a file that ends whoever works on it."""
    source = failed_source(found, reason)
    return packed(Outcome(source, draft_without_text(source, settings.known_language), file=found.document_id))


def _submit(pool: Pool, batch: list[Found]) -> Future[list[Packed]]:
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


def _start(settings: Settings, make_engine: EngineMaker, watch: Watch) -> None:
    global _worker, _watch
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _watch = watch
    try:
        _worker = Worker(settings, make_engine, watch.beat)
    except Exception as error:
        # Kept for the first batch to raise: an error in here would look like a worker that died.
        _worker = error
    watch.beat()


def _process(batch: list[Found]) -> list[Packed]:
    assert _worker is not None and _watch is not None
    if isinstance(_worker, Exception):
        raise _worker
    _watch.beat()
    made = []
    for outcome in _worker.process(batch):
        _watch.beat()
        made.append(packed(outcome))
    return made
