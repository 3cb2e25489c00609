"""How the training divides its work: over processes and over folds."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from processes import runs

from pipeline.knowledge import lines, use_folders
from pipeline.training.crf import CrfSettings
from pipeline.training.evaluate import Folds, read_examples
from pipeline.training.labeller import Crew, fold_of, inside


@pytest.fixture
def own_words(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "own_words.txt").write_text("falconer\n", encoding="utf-8")
    use_folders((tmp_path,))
    yield "own_words"
    use_folders()


def test_processes_of_the_training_use_the_same_own_knowledge(own_words: str) -> None:
    with Crew(2) as crew:
        assert crew.each(lines, [("en", own_words)] * 2) == [("falconer",)] * 2


@given(st.integers(2, 60), st.integers(2, 6), st.integers(1, 5))
def test_no_fold_learns_from_its_own_documents_and_a_curve_takes_its_share(count: int, folds: int, every: int) -> None:
    for fold in range(folds):
        learnt = inside(count, folds, fold, every)
        assert all(fold_of(i, folds) != fold for i in learnt)
        assert set(learnt) <= set(inside(count, folds, fold))
        others = sum(fold_of(i, folds) != fold for i in range(count))
        assert abs(len(learnt) - others / every) < folds


def test_copies_borrow_no_words_of_texts_of_other_folds(tmp_path: Path) -> None:
    titles = ("Clay seals and copper coins", "Wells without water here", "Wax rolls of old songs", "Salt roads of yore")
    for n, title in enumerate(titles):
        text = f"<person>Ann Lee</person> read <report>{title}</report> in <place>Town{n}</place>."
        (tmp_path / f"{n}.xml").write_text(f'<doc id="{n}" lang="en" style="news">\n{text}\n</doc>', encoding="utf-8")
    folds = Folds.of(list(tmp_path.iterdir()), "en", 2, settings=CrfSettings(copies=9))
    for n, (document, *copies) in enumerate(read_examples(folds)):
        assert len(copies) == 9 and document.name == str(n)
        said = {word for copy in copies for span in copy.gold if span.label == "REPORT" for word in span.text.split()}
        own = {word for other in (n, (n + 2) % 4) for word in titles[other].split()}
        others = {word for other in ((n + 1) % 4, (n + 3) % 4) for word in titles[other].split()}
        assert said & own and not said & (others - own)


@pytest.mark.parametrize("jobs", [1, 2])
def test_shares_of_the_work_come_back_in_order(jobs: int) -> None:
    with Crew(jobs) as crew:
        assert crew.shares(_times, 5, 10) == [0, 10, 20, 30, 40]


@pytest.mark.skipif(sys.platform != "linux", reason="looks at processes as Linux tells of them")
def test_processes_of_the_training_end_when_it_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "training.py"
    script.write_text(
        "import os, time\n"
        "from pipeline.training.labeller import Crew\n"
        "def place(_):\n"
        "    return os.getpid()\n"
        "if __name__ == '__main__':\n"
        "    with Crew(2) as crew:\n"
        "        print(crew.each(place, [(0,)])[0], flush=True)\n"
        "        time.sleep(60)\n",
        encoding="utf-8",
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, env=environment) as training:
        assert training.stdout is not None
        worker = int(training.stdout.readline())
        assert runs(worker)
        training.kill()
        end = time.monotonic() + 20
        while runs(worker) and time.monotonic() < end:
            time.sleep(0.05)
    left = runs(worker)
    if left:
        os.kill(worker, signal.SIGKILL)
    assert not left, "it waits for work that never comes"


def _times(numbers: list[int], factor: int) -> list[int]:
    return [n * factor for n in numbers]
