"""The work on a Dask cluster: parts of the files go to its workers, which write what they made as Parquet.

The scheduler gives a part whose worker was lost to another. A part that ends its workers again and again is done file
by file, and the file that does it again fails with the reason, as it would on one machine. Parts of the linking go to
the workers and come back as messages; one that ends its workers again and again is done by the process that sent it.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pipeline.knowledge.own import OwnKnowledgeError, use_own
from pipeline.reading import Found, InputError
from pipeline.running import parts
from pipeline.running.engine import EngineMaker
from pipeline.running.increments import code_key
from pipeline.running.packing import Packed, packed
from pipeline.running.pool import PATIENCE, WorkersError
from pipeline.running.store import Stamp
from pipeline.running.work import Settings, Worker
from pipeline.running.workers import given_up

if TYPE_CHECKING:
    from distributed import Client, Future

T = TypeVar("T")
#: The name that starts a cluster on this machine.
LOCAL = "local"
#: How many parts wait for each thread of the cluster.
_AHEAD = 3
#: How long to wait for a first worker, or for another after the last was lost, in seconds; how often to look.
_STARTING, _EVERY = 60, 5

#: Why a file failed that ended every worker to which it was given.
_ENDED = (
    "the workers that read this file were ended by it or by the system, perhaps for want of memory: "
    "split the file, or give workers more memory"
)

#: The checksum of the user's own knowledge with which this process works. Tables that were made of it are kept, so a
#: process that worked with one cannot work with another.
_own: str | None = None
_held: tuple[Settings, EngineMaker, Worker] | None = None
_one_at_a_time = threading.Lock()


@contextmanager
def connected(address: str, jobs: int | None) -> Iterator[Client]:
    """A client of the scheduler at an address, or of a cluster that is started here and ended afterwards.

    Args:
        address: that of a scheduler (`tcp://host:8786`), or `local`.
        jobs: how many workers a local cluster has; as many as there are cores without it.

    Raises:
        WorkersError: when Dask is not installed, the scheduler does not answer, or it has no workers.
    """
    try:
        import dask.config
        from distributed import Client, LocalCluster
    except ModuleNotFoundError as error:
        raise WorkersError(f'{error.name} is not installed: pip install "rollcall[dask]".') from error
    if address == LOCAL:
        with (
            # Where the machine has much to do, a worker that takes the place of a lost one starts slowly.
            dask.config.set({"distributed.deploy.lost-worker-timeout": "300s"}),
            LocalCluster(
                n_workers=jobs or os.cpu_count() or 1,
                threads_per_worker=1,
                processes=True,
                host="127.0.0.1",
                dashboard_address="127.0.0.1:0",
            ) as cluster,
            Client(cluster) as client,
        ):
            yield client
        return
    try:
        client = Client(address, timeout=_STARTING)
    except (OSError, ValueError) as error:
        raise WorkersError(
            f"The scheduler at {address} does not answer ({error}). Check the address, or start one with "
            "`dask scheduler` and workers with `dask worker ADDRESS --nthreads 1`."
        ) from error
    with client:
        yield client


class Cluster:
    """Workers of a Dask cluster, checked to be able to do the work, and the place where they write."""

    def __init__(
        self, client: Client, place: str, settings: Settings, own: str,
        replaced: Callable[[str], None] = lambda why: None,
    ) -> None:  # fmt: skip
        """Take a client.

        Args:
            client: of the cluster. place: an address that workers and this process see.
            settings: those of the documents. own: the checksum of the user's own knowledge among them.
            replaced: is told of losses.

        Raises:
            WorkersError: when there are no workers, or one has another Rollcall, or other knowledge, than this process.
        """
        self._client, self._own = client, own
        # Workers may have been started in another folder.
        self._place = place.rstrip("/") if "://" in place else os.path.abspath(place)
        self._settings = replace(settings, knowledge=tuple(Path.absolute(folder) for folder in settings.knowledge))
        self._replaced = replaced
        try:
            client.wait_for_workers(1, timeout=_STARTING)
        except TimeoutError as error:
            address = client.scheduler_info()["address"]
            raise WorkersError(
                f"The scheduler at {address} has no workers. Start some with "
                f"`dask worker {address} --nthreads 1` where Rollcall is installed."
            ) from error
        self._agree()

    def _agree(self) -> None:
        """Raises WorkersError unless every worker has the Rollcall of this process, and its knowledge."""
        try:
            theirs = self._client.run(ready, self._settings.knowledge)
        except OwnKnowledgeError as error:
            raise WorkersError(f"A worker of the cluster cannot use --knowledge. {error}") from error
        except Exception as error:
            raise WorkersError(
                f"A worker of the cluster cannot use Rollcall ({error}). Install the same version on every worker."
            ) from error
        others = sorted(worker for worker, (code, _) in theirs.items() if code != code_key())
        if others:
            raise WorkersError(
                f"The worker {others[0]} has another version of Rollcall than this process, so the tables would "
                "depend on where a document is done. Install the same version on every worker."
            )
        others = sorted(worker for worker, (_, own) in theirs.items() if own != self._own)
        if others:
            raise WorkersError(
                f"The worker {others[0]} sees other --knowledge than this process, or has worked with other knowledge "
                "before. Name folders that all workers see, and start the workers anew."
            )

    def outcomes(
        self,
        files: Sequence[Found],
        stamps: Mapping[str, Stamp],
        keys: tuple[str, str],
        make_engine: EngineMaker,
    ) -> Generator[Packed, None, None]:
        """The outcome of every document, in the order of the files.

        Parts that an earlier run left at the place are not done again.

        Raises:
            InputError: when workers do not see the files, or write where this process does not see it.
        """
        if not files:
            return
        self._see(files)
        waiting, ahead = deque(parts.cut(files, stamps)), self._ahead()
        running: deque[tuple[list[Found], str, Future[int] | None]] = deque()
        while waiting or running:
            while waiting and len(running) < ahead:
                some = waiting.popleft()
                running.append((some, *self._handed(some, stamps, keys, make_engine)))
            some, address, future = running.popleft()
            if future is None or self._result(future) is not None:
                yield from self._read(address)
                continue
            if len(some) == 1:
                # What waits for a worker that ends is blamed with what ended it, so a suspect is tried once more alone.
                self._wait([other for _, _, other in running if other is not None])
                address, future = self._handed(some, stamps, keys, make_engine)
                if future is None or self._result(future) is not None:
                    yield from self._read(address)
                else:
                    yield given_up(some[0], _ENDED, self._settings)
                continue
            self._replaced("a part of the files ended its worker again and again: it is done file by file")
            for found in reversed(some):
                running.appendleft(([found], *self._handed([found], stamps, keys, make_engine)))

    def map(self, make: Callable[[bytes], bytes], some: Iterable[bytes]) -> Iterator[bytes]:
        """What a function of a module makes of parts of a linking, in their order (`normalisation.apart.Elsewhere`)."""
        running: deque[tuple[bytes, Future[bytes]]] = deque()
        ahead = self._ahead()
        for part in some:
            task = (make, part, self._settings.knowledge)
            running.append((part, self._client.submit(linked, *task, pure=False, retries=0)))
            if len(running) >= ahead:
                yield self._made(make, *running.popleft())
        while running:
            yield self._made(make, *running.popleft())

    def _made(self, make: Callable[[bytes], bytes], part: bytes, future: Future[bytes]) -> bytes:
        made = self._result(future)
        if made is None:
            self._replaced("a part of the linking ended its worker again and again: it is done here")
            return make(part)
        return made

    def _ahead(self) -> int:
        """How many parts are handed out at a time."""
        threads: int = sum(self._client.nthreads().values())
        return max(1, threads) * _AHEAD

    def _see(self, files: Sequence[Found]) -> None:
        """Raises InputError unless every worker sees the first file that this process sees."""
        first = next((f.path.absolute() for f in files if f.path.exists()), None)
        if first is None:
            return
        blind = sorted(worker for worker, sees in self._client.run(os.path.exists, first).items() if not sees)
        if blind:
            raise InputError(
                f"The worker {blind[0]} does not see {first}. With --cluster the input must lie on a path that all "
                "workers share."
            )

    def _handed(
        self,
        some: list[Found],
        stamps: Mapping[str, Stamp],
        keys: tuple[str, str],
        make_engine: EngineMaker,
    ) -> tuple[str, Future[int] | None]:
        """Where a part will lie, and the task that makes it; None where it lies there already."""
        address = f"{self._place}/{parts.name(some, stamps, keys)}"
        if parts.exists(address):
            return address, None
        task = (some, os.getcwd(), self._settings, make_engine, address)
        return address, self._client.submit(work, *task, pure=False, retries=0)

    def _result(self, future: Future[T]) -> T | None:
        """What a task gives, which is waited for. None when it ended its workers; what it raised is raised."""
        from distributed import KilledWorker

        try:
            self._wait([future])
            made: T = future.result()
            return made
        except KilledWorker:
            return None
        finally:
            future.release()

    def _wait(self, futures: Sequence[Future[Any]]) -> None:
        """Wait until none of these tasks is at work or waiting for a worker, however it ended.

        Raises:
            WorkersError: when the cluster has no workers any more, or is gone.
        """
        from distributed import wait
        from distributed.comm.core import CommClosedError

        seen = time.monotonic()
        with suppress(CancelledError, CommClosedError):  # when the scheduler is gone
            while time.monotonic() - seen < _STARTING:
                try:
                    wait(futures, timeout=_EVERY)
                    return
                except TimeoutError:
                    if self._client.nthreads():
                        seen = time.monotonic()
        raise WorkersError(
            "The cluster has no workers any more, or its scheduler is gone. What was done is kept: start it anew, and "
            "run again."
        )

    def _read(self, address: str) -> Iterator[Packed]:
        try:
            yield from parts.read(address)
        except FileNotFoundError as error:
            raise InputError(
                f"The workers wrote {address}, and this process does not see it. Name a place that all share with "
                "--parts: a path on a shared disk, or an address such as s3://bucket/folder."
            ) from error


def ready(knowledge: tuple[Path, ...]) -> tuple[str, str]:
    """What this process works with: a digest of its code and models, and the checksum of the user's own knowledge."""
    global _own
    if _own is None:
        _own = use_own(knowledge)
    return code_key(), _own


def linked(make: Callable[[bytes], bytes], part: bytes, knowledge: tuple[Path, ...]) -> bytes:
    """The task of a worker: what a function makes of a part of a linking."""
    with _one_at_a_time:
        ready(knowledge)
        return make(part)


def work(files: list[Found], base: str, settings: Settings, make_engine: EngineMaker, address: str) -> int:
    """The task of a worker: make a part and write it; gives the number of its documents."""
    with _one_at_a_time:  # libraries of readers and models know of one thread
        if not all(f.address or f.path.is_absolute() for f in files):
            os.chdir(base)  # paths in the rows stay as they were given
        ready(settings.knowledge)
        worker = _worker(settings, make_engine)
        watch = _Watch(PATIENCE + settings.reading.max_seconds)
        try:
            return parts.write(watch.beating(map(packed, worker.process(files))), address)
        finally:
            watch.end()


def _worker(settings: Settings, make_engine: EngineMaker) -> Worker:
    """The worker of this process; another where the settings are others."""
    global _held
    if _held is None or _held[:2] != (settings, make_engine):
        if _held is not None:
            _held[2].close()
        _held = (settings, make_engine, Worker(settings, make_engine))
    return _held[2]


class _Watch:
    """Ends the process when no document is finished for too long, so that the scheduler learns of it."""

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._last = time.monotonic()
        self._over = threading.Event()
        threading.Thread(target=self._look, daemon=True).start()

    def beating(self, outcomes: Iterable[Packed]) -> Iterator[Packed]:
        """The outcomes, each of which shows that the work goes on."""
        for outcome in outcomes:
            self._last = time.monotonic()
            yield outcome

    def end(self) -> None:
        """Stop watching."""
        self._over.set()

    def _look(self) -> None:
        while not self._over.wait(1.0):
            if time.monotonic() - self._last > self._patience:
                os._exit(1)
