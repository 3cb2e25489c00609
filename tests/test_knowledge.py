"""The files of what people know: comments, attributes, clear errors, the user's own folders."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline import knowledge


@pytest.fixture
def own_folder(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "own"
    (folder / "en").mkdir(parents=True)
    yield folder
    knowledge.use_folders()


def test_lines_are_entries_without_comments_and_attributes() -> None:
    months = knowledge.lines("en", "months")
    assert months[0] == "january"
    assert not any("#" in entry or "\t" in entry for entry in months)


def test_table_splits_entries_at_tabulators() -> None:
    assert ("january", "1") in knowledge.table("en", "months")


def test_unknown_file_names_those_there_are() -> None:
    with pytest.raises(knowledge.UnknownKnowledgeError, match=r"no knowledge file 'moons'.*months"):
        knowledge.lines("en", "moons")


@pytest.mark.parametrize("name", ["../en/months", "Months", ""])
def test_a_path_is_no_name(name: str) -> None:
    with pytest.raises(knowledge.UnknownKnowledgeError):
        knowledge.lines("en", name)


def test_language_without_files_has_no_names() -> None:
    assert knowledge.names("xx") == ()


def test_own_folder_adds_its_entries_after_ours(own_folder: Path) -> None:
    (own_folder / "en" / "months.txt").write_text("brumaire\t2  # French\n", encoding="utf-8")
    knowledge.use_folders((own_folder,))
    assert knowledge.table("en", "months")[-1] == ("brumaire", "2")
    assert knowledge.table("en", "months")[0] == ("january", "1")


def test_own_folder_may_bring_new_files_and_is_laid_aside_again(own_folder: Path) -> None:
    (own_folder / "en" / "moons.txt").write_text("new moon\n", encoding="utf-8-sig")
    knowledge.use_folders((own_folder,))
    assert knowledge.lines("en", "moons") == ("new moon",)
    knowledge.use_folders()
    with pytest.raises(knowledge.UnknownKnowledgeError):
        knowledge.lines("en", "moons")


def test_every_shipped_file_says_in_its_first_line_what_it_holds() -> None:
    for folder in Path(knowledge.__file__).parent.joinpath("data").iterdir():
        for file in (f for f in folder.glob("*.txt") if not f.name.startswith("features_")):
            first = file.read_text(encoding="utf-8").splitlines()[0]
            assert first.startswith("# ") and len(first) > 20, file
