"""Files at addresses: told from paths, listed in order, fetched for as long as they are read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest
import running_fakes as fakes

from pipeline.reading import Found, Guard, InputError, discover
from pipeline.reading.remote import address_of, local
from pipeline.running import run


@pytest.fixture
def memory() -> Iterator[str]:
    """A folder of a file system that is on no disk."""
    system = fsspec.filesystem("memory")
    system.pipe("/archive/a/one.txt", b"Asanova B. came.")
    system.pipe("/archive/two.txt", b"Bekova C., director.")
    system.pipe("/archive/.hidden/x.txt", b"no")
    yield "memory://archive"
    system.rm("/archive", recursive=True)


def test_addresses_are_told_from_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert address_of("s3://bucket/a b/c.txt") == "s3://bucket/a b/c.txt"
    assert address_of(Path("s3://bucket/c.txt")) == "s3://bucket/c.txt"
    assert not any(map(address_of, ["a/b.txt", "/a/b", "C:/a", "a:b", f"file://{tmp_path}"]))
    assert local(f"file://{tmp_path}/x") == tmp_path / "x"
    assert local("a/b") == Path("a/b")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s3:").mkdir()
    (tmp_path / "s3:" / "real").touch()
    assert address_of("s3:/real") == "" and local("s3:/real") == Path("s3:/real")


def test_files_at_an_address_are_found_and_hidden_ones_passed_over(memory: str) -> None:
    found = discover([memory])
    assert [(f.document_id, f.address, f.size) for f in found] == [
        ("a/one.txt", "memory:///archive/a/one.txt", 16),
        ("two.txt", "memory:///archive/two.txt", 20),
    ]
    assert discover([f"{memory}/two.txt"])[0].document_id == "two.txt"
    with pytest.raises(InputError, match="There is no file or folder memory://nowhere"):
        discover(["memory://nowhere"])
    with pytest.raises(InputError, match="Protocol not known"):
        discover(["nosuch://bucket/x"])


def test_a_fetched_text_is_kept_and_one_that_is_gone_fails(memory: str) -> None:
    with Guard() as guard:
        (document,) = guard.read_found(discover([memory])[0])
        assert document.raw == "Asanova B. came."
        assert document.source.path == "memory:///archive/a/one.txt"
        assert document.source.text_file == "texts/a/one.txt.txt"
        (gone,) = guard.read_found(Found(Path("x"), "x.txt", address="memory://archive/x.txt"))
        assert gone.source.status == "failed" and "could not be fetched" in gone.source.reason


def test_a_run_over_an_address_takes_what_changed(memory: str, tmp_path: Path) -> None:
    def go() -> dict[str, int]:
        done = run([memory], tmp_path / "out", jobs=1, make_engine=fakes.make_engine, link=fakes.link)
        return {kind: n for kind, n in done.files.items() if n}

    assert go() == {"new": 2}
    assert go() == {"kept": 2}
    assert (tmp_path / "out" / "texts" / "two.txt.txt").read_text() == "Bekova C., director."
    fsspec.filesystem("memory").pipe("/archive/two.txt", b"Bekova C., the director.")
    assert go() == {"kept": 1, "changed": 1}
