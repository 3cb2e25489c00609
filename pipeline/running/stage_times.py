"""Where the time of a run goes: each stage of the work on a set of texts, timed on its own in this process.

Seconds are of the processor, so that other work on the machine counts little. The stages follow one another as in a
run with one worker, from the raw text to the resolved document; linking over all documents comes last.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from spacy.tokens import Doc

from pipeline.cleaning import clean
from pipeline.extraction import load
from pipeline.extraction.languages import blank
from pipeline.extraction.tokens import create_tokenizer
from pipeline.normalisation import link, resolve_document
from pipeline.records import Extraction

T = TypeVar("T")
#: What the components of the pipeline do, by their names.
_DOES = {"rollcall_mentions": "label", "rollcall_titles": "quoted titles", "rollcall_links": "link mentions"}
#: Our tokenizer by itself, without cleaning: the pace that labelling is measured against.
TOKENIZER = "blank tokenizer"


@dataclass(frozen=True, slots=True)
class StageTime:
    """A stage and its processor seconds."""

    name: str
    seconds: float


def stage_times(texts: Sequence[str], language: str = "en") -> list[StageTime]:
    """Time the stages over texts that are seen for the first time.

    `label` goes from the tokens to the spans. The blank tokenizer is a new one over the same texts, for comparison; it
    is not part of the work.
    """
    times: list[StageTime] = []

    def timed(name: str, work: Callable[[], T]) -> T:
        begun = time.process_time()
        made = work()
        times.append(StageTime(name, time.process_time() - begun))
        return made

    cleaned = timed("clean", lambda: [clean(text).clean for text in texts])
    tokenizer = create_tokenizer()(blank(language)).rules
    timed(TOKENIZER, lambda: [tokenizer(text) for text in cleaned])
    nlp = timed("load the models", lambda: load(language))
    docs = timed("clean and tokenize", lambda: [nlp.make_doc(text) for text in texts])
    for name, component in nlp.pipeline:
        timed(_DOES[name], partial(_through, component, docs))
    found: list[Extraction] = [doc._.rollcall for doc in docs]
    resolved = timed("resolve documents", lambda: [resolve_document(each, f"{n:06}") for n, each in enumerate(found)])
    timed("link documents", lambda: link(resolved))
    return times


def _through(component: Callable[[Doc], Doc], docs: Iterable[Doc]) -> None:
    """Put the Docs through a component, in batches where it has a way for that."""
    pipe = getattr(component, "pipe", None)
    for _ in pipe(docs) if pipe else map(component, docs):
        pass


def report(times: Sequence[StageTime]) -> str:
    """The seconds of each stage, one a line, and the pace of labelling as a share of the tokenizer's."""
    seconds = {each.name: each.seconds for each in times}
    lines = [f"{name:20}{value:8.2f} s" for name, value in seconds.items()]
    labelling = seconds["clean and tokenize"] + seconds["label"]
    share = seconds[TOKENIZER] / labelling if labelling else 0.0
    return "\n".join([*lines, "", f"Tokenizing and labelling go at {share:.2f} of the pace of the tokenizer alone."])
