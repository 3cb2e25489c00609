"""Furniture that recurs: in the files of a folder, on the pages of a document."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.cleaning import mark, recurring
from pipeline.cleaning.recurring import Learner
from pipeline.reading import ReadOptions, discover
from pipeline.running.learning import learn_furniture
from tests import formats_made as made

BODIES = [
    f"{what} of the year brought together readers, writers and librarians from {count} towns of the region to talk.\n"
    for what, count in (("The congress", 3), ("A meeting", 7), ("One festival", 5), ("The assembly", 2), ("A fair", 9))
]


def notice(number: int) -> str:
    ends = f"Contact us: room 12\nVisitors so far: {number}33\n"
    return f"Press office of the Library\n\nNotice {number}\n\n{BODIES[number]}\n{ends}"


@pytest.fixture(autouse=True)
def nothing_learnt() -> Iterator[None]:
    yield
    recurring.use()


def marked(raw: str) -> dict[str, str]:
    return {raw[f.start : f.end]: f.reason for f in mark(raw)}


def test_recurring_lines_are_learnt_and_marked(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"{number}.txt").write_text(notice(number))
    recurring.use(learn_furniture(discover([tmp_path]), ReadOptions()))
    found = marked(notice(2))
    for line in ("Press office of the Library", "Contact us: room 12", "Visitors so far: 233"):
        assert found[line] == "recurs in the folder"
    assert not any(BODIES[2].startswith(line) for line in found)


def test_recurring_documents_of_one_mailbox(tmp_path: Path) -> None:
    (tmp_path / "a.mbox").write_bytes(made.mbox([made.eml(notice(n)) for n in range(5)]))
    assert "contact us: room 0" in learn_furniture(discover([tmp_path]), ReadOptions())


def test_recurring_reprints_prove_nothing() -> None:
    learner = Learner()
    for _ in range(10):
        learner.add("", notice(1))
    assert learner.learnt() == frozenset()


def test_recurring_few_files_prove_nothing() -> None:
    learner = Learner()
    for number in range(3):
        learner.add("", notice(number))
    assert learner.learnt() == frozenset()


def test_recurring_senders_are_kept_apart() -> None:
    learner = Learner()
    for number in range(5):
        learner.add(f"folder{number}", notice(number))
    assert learner.learnt() == frozenset()


def test_recurring_nothing_is_marked_without_learning() -> None:
    assert "Contact us: room 12" not in marked(notice(1))


def test_running_heads_of_pages() -> None:
    pages = [f"Bulletin of the Library\n{body}{number}\n" for number, body in enumerate(BODIES, 1)]
    found = marked("\f".join(pages))
    assert found["Bulletin of the Library"] == "running head"
    assert found["3"] == "page number"
    assert len(found) == 6


def test_running_heads_need_three_pages() -> None:
    assert "Bulletin" not in marked("Bulletin\none\fBulletin\ntwo\n")
