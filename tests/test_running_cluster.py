"""A run on a Dask cluster gives the tables of a plain run, whatever becomes of its workers."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import running_fakes as fakes
from running_made import tables

pytest.importorskip("distributed")

import dask
from distributed import Client, LocalCluster

from pipeline.reading import InputError, discover
from pipeline.records import Source
from pipeline.running import RunResult, WorkersError, parts, run
from pipeline.running import cluster as work
from pipeline.running.output import PARTS
from pipeline.running.packing import Packed
from pipeline.running.store import Stamp
from pipeline.running.work import Settings

GOOD = 'Asanova B., director, National Library. Bekova C.: "Maps" 2012-09-05.'


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """A scheduler with two workers, as an existing cluster would be."""
    with (
        dask.config.set(
            {"distributed.scheduler.allowed-failures": 1, "distributed.deploy.lost-worker-timeout": "300s"}
        ),
        LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0") as cluster,
        Client(cluster),
    ):
        yield str(cluster.scheduler_address)


def go(inputs: Path, out: Path, **settings: Any) -> RunResult:
    return run(inputs, out, make_engine=fakes.make_engine, link=fakes.link, **settings)


@pytest.fixture
def inputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(parts, "FILES", 4)
    (tmp_path / "in").mkdir()
    for i in range(18):
        (tmp_path / "in" / f"n{i:02}.txt").write_text(f"{GOOD} {i}")
    (tmp_path / "in" / "letter.eml").write_text("From: a@b.kz\nSubject: x\n\nDosova E. came.\n")
    return tmp_path / "in"


def test_a_cluster_gives_the_tables_of_a_plain_run(scheduler: str, inputs: Path, tmp_path: Path) -> None:
    (inputs / "broken.txt").write_text("%BREAK%")
    plain, found = go(inputs, tmp_path / "plain"), go(inputs, tmp_path / "out", cluster=scheduler)
    assert tables(tmp_path / "out") == tables(tmp_path / "plain")
    assert found.counts == plain.counts and found.failures == plain.failures and found.failures
    assert not (tmp_path / "out" / PARTS).exists()
    kept = [p.relative_to(tmp_path / "out") for p in sorted((tmp_path / "out" / "texts").rglob("*.txt"))]
    assert [str(k) for k in kept] == ["texts/letter.eml.txt"]


def test_a_worker_that_dies_midway_is_survived(scheduler: str, inputs: Path, tmp_path: Path) -> None:
    (inputs / "n05.txt").write_text(f"{GOOD} %ONCE {tmp_path / 'died'}%")
    go(inputs, tmp_path / "out", cluster=scheduler)
    assert (tmp_path / "died").exists()
    go(inputs, tmp_path / "plain")
    assert tables(tmp_path / "out") == tables(tmp_path / "plain")


def test_a_file_that_ends_every_worker_fails_alone(scheduler: str, inputs: Path, tmp_path: Path) -> None:
    (inputs / "n05.txt").write_text("%DIE%")
    result = go(inputs, tmp_path / "out", cluster=scheduler)
    assert [f.document_id for f in result.failures] == ["n05.txt"]
    assert "ended by it or by the system" in result.failures[0].reason
    assert result.counts["ok"] == 18


def test_what_workers_link_is_what_one_process_links(scheduler: str, inputs: Path, tmp_path: Path) -> None:
    def own(out: str, **settings: Any) -> None:
        run(inputs, tmp_path / out, make_engine=fakes.make_linking_engine, **settings)

    own("plain")
    own("out", cluster=scheduler)
    assert tables(tmp_path / "out") == tables(tmp_path / "plain")
    judged = "verdict,one,other,one_at,other_at,who,when,why\nsame,n00.txt:0,n01.txt:53,,,a,2026-01-01,\n"
    (tmp_path / "out" / "judgements.csv").write_text(judged)
    (tmp_path / "plain" / "judgements.csv").write_text(judged)
    own("plain")
    own("out", cluster=scheduler)  # nothing is to be read, but all to be linked
    assert tables(tmp_path / "out") == tables(tmp_path / "plain")


def test_a_part_of_the_linking_that_ends_its_workers_is_done_here(scheduler: str) -> None:
    lost: list[str] = []
    with Client(scheduler) as client:
        workers = work.Cluster(client, "nowhere", Settings("en"), "", lost.append)
        some = [b"a", f"%DIE{os.getpid()}".encode(), *(b"b%d" % n for n in range(20))]
        assert list(workers.map(fakes.upper, some)) == [part.upper() for part in some]
    assert "it is done here" in lost[0]


def test_a_cluster_that_lost_all_its_workers_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "_STARTING", 0.5)
    monkeypatch.setattr(work, "_EVERY", 0.1)
    with (
        LocalCluster(n_workers=1, processes=False, dashboard_address="127.0.0.1:0") as cluster,
        Client(cluster) as client,
    ):
        workers = work.Cluster(client, "nowhere", Settings("en"), "")
        cluster.scale(0)
        while client.nthreads():
            time.sleep(0.05)
        with pytest.raises(WorkersError, match="no workers any more"):
            list(workers.map(fakes.upper, [b"a"]))


def test_workers_that_work_with_other_knowledge_are_not_used(scheduler: str) -> None:
    with Client(scheduler) as client, pytest.raises(WorkersError, match="sees other --knowledge"):
        work.Cluster(client, "nowhere", Settings("en"), "other")


def test_parts_lie_where_they_are_wished_and_are_not_made_twice(scheduler: str, inputs: Path, tmp_path: Path) -> None:
    place = f"file://{tmp_path / 'parts'}"
    go(inputs, tmp_path / "out", cluster=scheduler, parts=place)
    made = {p: p.stat().st_mtime_ns for p in (tmp_path / "parts").iterdir()}
    assert len(made) == 5 and all(p.suffix == ".parquet" for p in made)
    (inputs / "n00.txt").write_text("Fesova G. came.")  # one part is another now
    go(inputs, tmp_path / "again", cluster=scheduler, parts=place)
    now = {p: p.stat().st_mtime_ns for p in (tmp_path / "parts").iterdir()}
    assert len(now) == 6 and made.items() <= now.items()
    go(inputs, tmp_path / "plain")
    assert tables(tmp_path / "again") == tables(tmp_path / "plain")


def test_a_second_run_on_a_cluster_does_what_is_new(scheduler: str, inputs: Path, tmp_path: Path) -> None:
    go(inputs, tmp_path / "out")
    (inputs / "new.txt").write_text("Fesova G. came.")
    assert go(inputs, tmp_path / "out", cluster=scheduler).files["new"] == 1
    go(inputs, tmp_path / "anew")
    assert tables(tmp_path / "out") == tables(tmp_path / "anew")


def test_what_cannot_work_is_told_before_it_is_begun(
    scheduler: str, inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "code_key", lambda: str(os.getpid()))
    with pytest.raises(WorkersError, match="another version of Rollcall"):
        go(inputs, tmp_path / "out", cluster=scheduler)
    monkeypatch.undo()
    monkeypatch.setattr(work, "_STARTING", 0.2)
    with pytest.raises(WorkersError, match="does not answer"):
        go(inputs, tmp_path / "out", cluster="tcp://127.0.0.1:9")


def test_a_cluster_is_started_here_on_wish(inputs: Path, tmp_path: Path) -> None:
    go(inputs, tmp_path / "out", cluster="local", jobs=2)
    go(inputs, tmp_path / "plain")
    assert tables(tmp_path / "out") == tables(tmp_path / "plain")


def test_a_place_that_is_not_shared_is_told(inputs: Path, tmp_path: Path) -> None:
    class Elsewhere(work.Cluster):
        def __init__(self) -> None:
            pass

    with pytest.raises(InputError, match="Name a place that all share with"):
        list(Elsewhere()._read(str(tmp_path / "missing.parquet")))


def test_parts_are_whole_or_not_there(tmp_path: Path) -> None:
    def broken() -> Iterator[Packed]:
        yield fakes_packed()
        raise RuntimeError("lost")

    address = str(tmp_path / "parts" / "part.parquet")
    with pytest.raises(RuntimeError):
        parts.write(broken(), address)
    assert not list((tmp_path / "parts").iterdir()) and not parts.exists(address)
    assert parts.write([fakes_packed()], address) == 1
    assert list(parts.read(address)) == [fakes_packed()]


def fakes_packed() -> Packed:
    source = Source("a/ж.txt", "in/a/ж.txt", status="failed", reason="why")
    return Packed(source, '{"x": 1}', None, b"z", b"", "a/ж.txt")


def test_names_of_parts_tell_what_they_were_made_of(inputs: Path) -> None:
    files = discover([inputs])
    stamps = {f.document_id: Stamp(size=10, sha256="a") for f in files}
    name = parts.name(files, stamps, ("settings", "code"))
    assert name == parts.name(files, stamps, ("settings", "code"))
    changed = {**stamps, files[3].document_id: Stamp(size=10, sha256="b")}
    others = {
        parts.name(files, changed, ("settings", "code")),
        parts.name(files, stamps, ("settings", "another")),
        parts.name(files[1:], stamps, ("settings", "code")),
    }
    assert len(others | {name}) == 4
    assert [len(some) for some in parts.cut(files, stamps)] == [4, 4, 4, 4, 3]
