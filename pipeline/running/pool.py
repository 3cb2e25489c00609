"""Worker processes under watch: one that hangs, or grows beyond its bound, is ended, which breaks its pool."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ProcessPoolExecutor, TimeoutError
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import connection
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, TypeVar, cast

#: How long the workers may go without finishing a document, in seconds, beyond the time that its reader may take.
PATIENCE = 300.0
#: How long they may take until the first is ready, in seconds.
_STARTING = 300.0
#: The most memory that one worker may hold, in MB; looked after where the system tells it (Linux).
MOST_MEMORY = 4_000
#: Seconds between two looks at the workers.
_EVERY = 0.5

A = TypeVar("A")
T = TypeVar("T")


class WorkersError(Exception):
    """Workers cannot be started, or a cluster cannot be used; the message says what to do."""

    def __init__(self, message: str = "") -> None:
        super().__init__(
            message
            or "The worker processes end before they are ready. A script that calls run must do so below "
            "`if __name__ == '__main__':`, since workers import the script; else there may be too little memory. "
            "With one worker (jobs=1, --jobs 1) none is started."
        )


class Watch:
    """What workers share with the process that watches them: when the last document was finished."""

    def __init__(self) -> None:
        self._last = multiprocessing.get_context("spawn").Value("d", 0.0)

    def beat(self) -> None:
        """A worker is ready, begins a batch, or read or finished a document."""
        self._last.value = time.time()

    @property
    def last(self) -> float:
        """When that was, in seconds since 1970; 0 when no worker was ready yet."""
        return float(self._last.value)


class _Watched:
    """A context whose processes are remembered as they are made, so that they can be looked after."""

    def __init__(self, context: BaseContext) -> None:
        self.workers: list[BaseProcess] = []
        self._context = context

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)

    def Process(self, *args: Any, **settings: Any) -> BaseProcess:  # noqa: N802
        """Make a worker, as a pool asks for it."""
        worker: BaseProcess = self._context.Process(*args, **settings)  # type: ignore[attr-defined]
        self.workers.append(worker)
        return worker


class WatchedPool:
    """A pool of workers. `reason` says, in a sentence, why one was ended, where it was ended here."""

    def __init__(
        self, jobs: int, max_seconds: float, start: Callable[..., None], arguments: tuple[Any, ...],
        context: BaseContext | None = None,
    ) -> None:  # fmt: skip
        """Make a pool of so many workers.

        Args:
            jobs: how many. max_seconds: how long a document may take to be read.
            start: called in each worker before any work, with the arguments and the watch.
            context: makes the workers. Without it they are spawned, which is the same on every system.
        """
        self.watch = Watch()
        self.reason = ""
        self._patience = PATIENCE + max_seconds
        self._context = _Watched(context or multiprocessing.get_context("spawn"))
        self.executor = ProcessPoolExecutor(
            jobs,
            mp_context=cast(BaseContext, self._context),
            initializer=ends_with_maker,
            initargs=(start, *arguments, self.watch),
        )

    def submit(self, work: Callable[[A], T], given: A) -> Future[T]:
        """Hand over work, for which a worker may be started.

        Raises:
            BrokenProcessPool: when a worker died or was ended, or cannot be started.
        """
        try:
            return self.executor.submit(work, given)
        except (EOFError, ConnectionError) as error:  # the process of which workers are copies is gone
            raise BrokenProcessPool(str(error)) from error

    def wait(self, future: Future[T]) -> T:
        """The result of a future. Raises BrokenProcessPool when a worker died or was ended."""
        begun = time.time()
        while True:
            try:
                return future.result(timeout=_EVERY)
            except TimeoutError:
                if future.done():
                    return future.result()
            self._look(begun)

    def _look(self, begun: float) -> None:
        workers = self._context.workers
        large = [worker for worker in workers if worker.pid and memory(worker.pid) > MOST_MEMORY]
        if large:
            self.reason = (
                f"the process that worked on this file grew beyond {MOST_MEMORY:,} MB and was ended: split the file"
            )
            _end(large)
        elif time.time() - max(self.watch.last, begun) > (self._patience if self.started else _STARTING):
            self.reason = (
                f"the process that worked on this file did not finish within {self._patience:,.0f} seconds and was "
                "ended: split the file, and please report it as a bug, with the file"
            )
            _end(workers)

    @property
    def started(self) -> bool:
        """Whether any worker ever was ready. If none was, no document is to blame that they ended."""
        return bool(self.watch.last)

    def close(self, abandon: bool = False) -> None:
        """Let the workers go; with `abandon` at once, in the middle of what they do."""
        if abandon:
            _end(self._context.workers)
        self.executor.shutdown(wait=True, cancel_futures=True)


def _end(workers: Iterable[BaseProcess]) -> None:
    for worker in workers:
        if worker.pid is not None:  # started
            with contextlib.suppress(ValueError, OSError):  # gone
                worker.kill()


def ends_with_maker(start: Callable[..., None], *arguments: Any) -> None:
    """Begin a worker, whose initializer this is: it ends when the main process is gone, or that of which it is a copy.

    Else it would wait for work for ever, since it holds an end of the pipe by which work comes. In the latter case the
    main process takes it for ended, and would not end it any more.
    """
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel, os.getppid()), daemon=True).start()
    start(*arguments)


def _end_with(main: int, maker: int) -> None:
    while not connection.wait([main], timeout=1.0) and os.getppid() == maker:
        pass
    os._exit(1)


def memory(pid: int) -> float:
    """The memory that a process holds, in MB; 0 where it cannot be told."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
