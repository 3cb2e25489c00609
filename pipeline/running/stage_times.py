"""Where the time of a run goes: each stage of the work on a set of texts, timed on its own in this process.

Seconds are of the processor, so that other work on the machine counts little. The stages follow one another as in a
run with one worker, from the raw text to the resolved document; linking over all documents comes last.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from pipeline.cleaning import clean
from pipeline.extraction.assemble import link_documents
from pipeline.extraction.labeller import Document, Labelling
from pipeline.extraction.languages import blank
from pipeline.extraction.models import load_models
from pipeline.extraction.tokens import create_tokenizer
from pipeline.normalisation import link, resolve_document
from pipeline.running.memory import rare_collections

T = TypeVar("T")
#: So many documents are worked on together, as in a run.
_TOGETHER = 64
#: Our tokenizer by itself, without cleaning: the pace that labelling is measured against.
TOKENIZER = "blank tokenizer"


@dataclass(frozen=True, slots=True)
class StageTime:
    """A stage and its processor seconds."""

    name: str
    seconds: float


@rare_collections()
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
    tokenizer = create_tokenizer()(blank(language))
    timed(TOKENIZER, lambda: [tokenizer.rules(text) for text in cleaned])
    models = timed("load the models", lambda: load_models(language))
    batches = [texts[i : i + _TOGETHER] for i in range(0, len(texts), _TOGETHER)]
    tokens = timed("clean and tokenize", lambda: list(map(create_tokenizer()(blank(language)).tokens, batches)))

    def labelled() -> list[tuple[list[Document], list[Labelling]]]:
        return [(batch, models.labeller.label(batch)) for batch in map(Document.all_of, tokens)]

    looks = timed("label", labelled)
    settled = timed("titles", lambda: [models.titles.apply_all(*batch) for batch in looks])
    parts = [(list(zip(*batch, strict=True)), titles) for batch, titles in zip(looks, settled, strict=True)]
    linked = timed("link mentions", lambda: [link_documents(*part, models, language) for part in parts])
    found = [extraction for part in linked for extraction in part]
    resolved = timed("resolve documents", lambda: [resolve_document(each, f"{n:06}") for n, each in enumerate(found)])
    timed("link documents", lambda: link(resolved))
    return times


def report(times: Sequence[StageTime]) -> str:
    """The seconds of each stage, one a line, and the pace of labelling as a share of the tokenizer's."""
    seconds = {each.name: each.seconds for each in times}
    lines = [f"{name:20}{value:8.2f} s" for name, value in seconds.items()]
    labelling = seconds["clean and tokenize"] + seconds["label"]
    share = seconds[TOKENIZER] / labelling if labelling else 0.0
    return "\n".join([*lines, "", f"Tokenizing and labelling go at {share:.2f} of the pace of the tokenizer alone."])
