"""Workers that are copies of one process: which are, that they end with it, and that nothing of it stays."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import Any

import pytest
from processes import runs, state_of

from pipeline.running import nursery, run, workers
from pipeline.running.engine import EngineMaker, load_engine
from pipeline.running.pool import Watch, WatchedPool
from pipeline.running.work import Settings
from tests import running_fakes as fakes

pytestmark = pytest.mark.skipif(not nursery.usable(), reason="workers are spawned on this system")
TEXT = "On 3 May 2004 Dr. Mary Stone, head of the City Archive, read the report “Seals of the town”.\n"


@pytest.mark.parametrize(
    ("settings", "engine", "copied"),
    [
        (Settings(), load_engine, "auto"),
        (Settings(language="ru"), load_engine, "ru"),
        (Settings(model="accurate"), load_engine, None),  # its library has threads of its own
        (Settings(knowledge=(Path("own"),)), load_engine, None),  # the tables that were loaded are those that ship
        (Settings(), fakes.make_engine, None),
    ],
)
def test_workers_are_copies_where_what_they_share_is_what_ships(
    settings: Settings, engine: EngineMaker, copied: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    contexts: list[Any] = []
    monkeypatch.setattr(nursery, "context", lambda language: language)
    monkeypatch.setattr(WatchedPool, "__init__", lambda self, *given: contexts.append(given[-1]))
    workers.Pool(2, settings, engine)
    assert contexts == [copied]


def test_tables_are_those_of_one_process_and_nothing_of_the_workers_stays(tmp_path: Path) -> None:
    inputs = tmp_path / "in"
    inputs.mkdir()
    for number in range(4):
        (inputs / f"n{number}.txt").write_text(TEXT.replace("3 May", f"{number + 1} May"), encoding="utf-8")
    made = []
    for jobs in (1, 2):
        run(inputs, tmp_path / f"out{jobs}", jobs=jobs, language="en")
        told = json.loads((tmp_path / f"out{jobs}" / "rollcall.json").read_text(encoding="utf-8"))
        made.append(told["files"])
    assert made[0] == made[1]
    assert not list(_servers())


def test_a_worker_ends_with_the_process_of_which_it_is_a_copy() -> None:
    context: BaseContext = multiprocessing.get_context("forkserver")
    pool = WatchedPool(1, 1.0, _nothing, (), context)
    try:
        worker, server = (pool.executor.submit(asked).result() for asked in (os.getpid, os.getppid))
        assert server != os.getpid()
        os.kill(server, signal.SIGKILL)
        assert _until(lambda: not runs(worker))
    finally:
        pool.close(abandon=True)


def test_a_pool_is_broken_and_not_more_when_no_worker_can_be_started() -> None:
    pool = WatchedPool(2, 1.0, _nothing, (), multiprocessing.get_context("forkserver"))
    try:
        server = pool.executor.submit(os.getppid).result()
        os.kill(server, signal.SIGSTOP)  # it takes the next request and is gone before it answers
        threading.Timer(0.5, os.kill, (server, signal.SIGKILL)).start()
        with pytest.raises(BrokenProcessPool):
            for _ in range(3):
                pool.submit(time.sleep, 1.0)
    finally:
        pool.close(abandon=True)


def _nothing(watch: Watch) -> None:
    watch.beat()


def _until(is_so: Callable[[], bool], seconds: float = 20.0) -> bool:
    end = time.monotonic() + seconds
    while not (so := is_so()) and time.monotonic() < end:
        time.sleep(0.05)
    return so


def _servers() -> Iterator[int]:
    """The processes of which workers are copies that this process has."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and state_of(int(entry.name))[1] == os.getpid() and runs(int(entry.name)):
            with_it = (entry / "cmdline").read_bytes()
            if b"multiprocessing.forkserver" in with_it:
                yield int(entry.name)
