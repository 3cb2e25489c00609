"""Discovery: which files are read, in which order, under which ids."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from pipeline.reading import MARKER, InputError, discover


def tree(base: Path, *names: str) -> Path:
    for name in names:
        path = base / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return base


def ids(*inputs: Path, skip: tuple[Path, ...] = ()) -> list[str]:
    return [f.document_id for f in discover(inputs, skip)]


def test_discovery_is_recursive_and_sorted(tmp_path: Path) -> None:
    tree(tmp_path, "b.txt", "a/z.txt", "a/b/c.txt", "a.txt", "Б/имя с пробелом.txt")
    assert ids(tmp_path) == ["a.txt", "a/b/c.txt", "a/z.txt", "b.txt", "Б/имя с пробелом.txt"]


def test_discovery_passes_over_hidden_files_and_litter(tmp_path: Path) -> None:
    tree(tmp_path, ".hidden.txt", ".git/x.txt", "Thumbs.db", "~$a.docx", "__MACOSX/a.txt", "a.txt")
    assert ids(tmp_path) == ["a.txt"]


def test_discovery_a_hidden_file_that_is_named_is_read(tmp_path: Path) -> None:
    tree(tmp_path, ".notice.txt")
    assert ids(tmp_path / ".notice.txt") == [".notice.txt"]


def test_discovery_passes_over_output(tmp_path: Path) -> None:
    tree(tmp_path, "a.txt", f"old/{MARKER}", "old/people.csv", "out/b.txt")
    assert ids(tmp_path, skip=(tmp_path / "out",)) == ["a.txt"]


def test_discovery_takes_a_file_once(tmp_path: Path) -> None:
    tree(tmp_path, "in/a.txt", "in/sub/b.txt")
    (tmp_path / "in/0-link.txt").symlink_to(tmp_path / "in/a.txt")
    assert ids(tmp_path / "in", tmp_path / "in/a.txt", tmp_path / "in/sub", tmp_path / "in") == ["a.txt", "sub/b.txt"]


def test_discovery_a_link_to_a_file_outside_keeps_its_name(tmp_path: Path) -> None:
    tree(tmp_path, "elsewhere/real.txt", "in/a.txt")
    (tmp_path / "in/linked.txt").symlink_to(tmp_path / "elsewhere/real.txt")
    assert ids(tmp_path / "in") == ["a.txt", "linked.txt"]


def test_discovery_broken_links_are_found(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to("nowhere")
    (tmp_path / "b.txt").symlink_to("nowhere")
    assert ids(tmp_path) == ["a.txt", "b.txt"]


def test_discovery_a_circle_of_folders_ends_and_is_told(tmp_path: Path) -> None:
    tree(tmp_path, "in/a/b.txt")
    (tmp_path / "in/a/up").symlink_to(tmp_path / "in")
    found = discover([tmp_path / "in"])
    assert [(f.document_id, f.problem) for f in found] == [
        ("a/b.txt", ""),
        ("a/up", "this link leads back to a folder above it: remove it"),
    ]


def test_discovery_a_link_to_another_folder_is_followed(tmp_path: Path) -> None:
    tree(tmp_path, "in/a.txt", "shelf/b.txt")
    (tmp_path / "in/more").symlink_to(tmp_path / "shelf")
    assert ids(tmp_path / "in") == ["a.txt", "more/b.txt"]


def test_discovery_a_folder_that_cannot_be_opened_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree(tmp_path, "a.txt", "shut/b.txt")
    scandir = os.scandir

    def refuse(path: Path) -> object:
        if os.fspath(path).endswith("shut"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    problems = {f.document_id: f.problem for f in discover([tmp_path])}
    assert problems == {"a.txt": "", "shut": "the folder cannot be opened (Permission denied): change its rights"}


def test_discovery_equal_ids_get_the_name_of_the_folder(tmp_path: Path) -> None:
    tree(tmp_path, "north/a.txt", "north/only.txt", "south/a.txt")
    assert ids(tmp_path / "north", tmp_path / "south") == ["north/a.txt", "only.txt", "south/a.txt"]


def test_discovery_equal_ids_below_folders_of_equal_names(tmp_path: Path) -> None:
    tree(tmp_path, "1998/news/a.txt", "1999/news/a.txt", "1999/news/b.txt")
    expected = ["1998/news/a.txt", "1999/news/a.txt", "b.txt"]
    assert ids(tmp_path / "1998/news", tmp_path / "1999/news") == expected
    assert ids(tmp_path / "1999/news", tmp_path / "1998/news") == expected


def test_discovery_a_new_name_does_not_meet_an_old_one(tmp_path: Path) -> None:
    tree(tmp_path, "x/a.txt", "y/a.txt", "z/x/a.txt")
    found = ids(tmp_path / "x", tmp_path / "y", tmp_path / "z")
    assert len(set(found)) == 3


def test_discovery_undecodable_names_survive(tmp_path: Path) -> None:
    path = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt")
    Path(path).write_text("x")
    (found,) = discover([tmp_path])
    assert found.document_id == "caf\\xe9.txt"
    assert found.path.read_text() == "x"


def test_discovery_names_that_look_alike_when_written_stay_apart(tmp_path: Path) -> None:
    tree(tmp_path, "caf\\xe9.txt")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt")).write_text("x")
    assert len(set(ids(tmp_path))) == 2


def test_discovery_an_input_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        discover([tmp_path / "none"])
    assert str(error.value) == (
        f"There is no file or folder {tmp_path}/none. Check the name, or run from another folder."
    )


def test_discovery_does_not_depend_on_the_order_of_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree(tmp_path, *(f"{a}/{b}.txt" for a in "abc" for b in "xyz"))
    expected = ids(tmp_path)
    scandir = os.scandir

    class Shuffled:
        def __init__(self, path: Path) -> None:
            self.entries = list(scandir(path))
            random.Random(3).shuffle(self.entries)

        def __enter__(self) -> list[os.DirEntry[str]]:
            return self.entries

        def __exit__(self, *_: object) -> None:
            pass

    monkeypatch.setattr(os, "scandir", Shuffled)
    assert ids(tmp_path) == expected


def test_discovery_a_name_like_that_of_a_member_takes_another(tmp_path: Path) -> None:
    for name in ("a.zip", "a.zip#b.txt", "c#d.txt"):
        (tmp_path / name).write_bytes(b"x")
    assert [f.document_id for f in discover([tmp_path])] == ["a.zip", "a.zip#b.txt~file", "c#d.txt"]
