"""A user's own knowledge: laid over what ships, refused with the file and line when it is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline import knowledge
from pipeline.knowledge.own import OwnKnowledgeError, use_own


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "en").mkdir()
    yield tmp_path
    knowledge.use_folders()


def test_own_lines_are_appended_and_have_a_digest(folder: Path) -> None:
    (folder / "en" / "months.txt").write_text("# ours\nbrumaire\t2\n", encoding="utf-8")
    first = use_own([folder])
    assert knowledge.table("en", "months")[-1] == ("brumaire", "2")
    assert knowledge.folders() == (folder,)
    (folder / "en" / "months.txt").write_text("# ours\nbrumaire\t11\n", encoding="utf-8")
    assert len(first) == 64 and use_own([folder]) != first


def test_own_without_folders_has_no_digest() -> None:
    assert use_own([]) == ""


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("en/moons.txt", b"full\n", r"moons.txt: there is no knowledge of this name.*months"),
        ("xx/months.txt", b"a\t1\n", r"stand in a folder named en, ru, kk or common"),
        ("months.txt", b"a\t1\n", r"stand in a folder named en, ru, kk or common"),
        ("en/months.txt", b"a\t1\nb\n", r"months.txt, line 2: 1 fields .* has 2"),
        ("en/months.txt", b"a\t1\t2\n", r"line 1: 3 fields"),
        ("en/months.txt", b"\xff\n", r"not in UTF-8 \(byte 0\)"),
    ],
)
def test_own_what_is_wrong_is_told(folder: Path, name: str, content: bytes, message: str) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(content)
    with pytest.raises(OwnKnowledgeError, match=message):
        use_own([folder])


def test_own_an_empty_or_missing_folder(folder: Path) -> None:
    with pytest.raises(OwnKnowledgeError, match=r"holds no \.txt file"):
        use_own([folder])
    with pytest.raises(OwnKnowledgeError, match="There is no folder"):
        use_own([folder / "none"])
