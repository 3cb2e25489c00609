"""Trials of scale: folders of any size, runs timed by size and number of workers."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.running.benchmark import BenchmarkError
from pipeline.running.manifest import peak_memory

#: How many files lie in one folder of a made input.
_IN_A_FOLDER = 1_000
_NAME = re.compile(r"\b[A-Z][a-z]{3,}\b")
_RUN = """
import sys
from pipeline.running import run
run([sys.argv[1]], sys.argv[2], jobs=int(sys.argv[3]), language=sys.argv[4])
"""


@dataclass(frozen=True, slots=True)
class Scaled:
    """A run over so many documents: seconds of the whole run, of its stages, and peak memory in MB."""

    documents: int
    jobs: int
    seconds: float
    stages: dict[str, float]
    peak_mb: dict[str, float]


def make_folder(texts: Sequence[str], folder: Path, documents: int, seed: int = 0) -> None:
    """Write so many text files, made of these texts; the same for the same seed.

    A third of the capitalised words of each text is replaced by those of other texts, so that the vocabulary and the
    names grow with the number of documents as they would in an archive, and no two documents are alike.
    """
    chance = random.Random(seed)
    names = sorted({name for text in texts for name in _NAME.findall(text)})
    for number in range(documents):
        below = folder / f"{number // _IN_A_FOLDER:04}"
        below.mkdir(parents=True, exist_ok=True)
        text = texts[number % len(texts)]
        varied = _NAME.sub(lambda m: _other(chance, names) if chance.random() < 1 / 3 else m[0], text)
        (below / f"{number:07}.txt").write_text(f"{varied}\n", encoding="utf-8", newline="")


def _other(chance: random.Random, names: Sequence[str]) -> str:
    """A name, every tenth time one that is made of two and was never seen."""
    one = chance.choice(names)
    return one[:4] + chance.choice(names)[-4:].lower() if chance.random() < 0.1 else one


def scaled(texts: Sequence[str], sizes: Sequence[int], jobs: Sequence[int], language: str) -> Iterator[Scaled]:
    """Time runs over made folders of these sizes with these numbers of workers, each in a process of its own."""
    with tempfile.TemporaryDirectory() as base:
        for size in sizes:
            source = Path(base) / f"in{size}"
            make_folder(texts, source, size)
            for number in jobs:
                out = Path(base) / "out"
                begun = time.monotonic()
                _finish(source, out, number, language)
                seconds = time.monotonic() - begun
                told = json.loads((out / "run.json").read_text(encoding="utf-8"))
                yield Scaled(size, number, seconds, told["seconds"], told["peak_memory_mb"] or peak_memory())
                shutil.rmtree(out)


def _start(source: Path, out: Path, jobs: int, language: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    return subprocess.Popen([sys.executable, "-c", _RUN, str(source), str(out), str(jobs), language], env=environment)


def _finish(source: Path, out: Path, jobs: int, language: str) -> None:
    if code := _start(source, out, jobs, language).wait():
        raise BenchmarkError(f"A run of the trial ended with the code {code}; what it said stands above.")

