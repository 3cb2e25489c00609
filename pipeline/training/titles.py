"""Training the classifier of quoted stretches, on what a labeller that had not seen the text made of it."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.extraction.edges import TITLE_LABELS
from pipeline.extraction.labeller import Labelling
from pipeline.extraction.titles import (
    ALTERNATIVES,
    AS_IT_IS,
    Surroundings,
    alternatives_of,
    features,
    title_span,
)
from pipeline.training.examples import Example
from pipeline.training.ranker import Choice, RankerSettings

SETTINGS = RankerSettings(l1=0.2)


def title_choices(example: Example, labelling: Labelling, language: str) -> Iterator[Choice]:
    """What a document and its draft teach of quoted stretches."""
    gold = {(first, last): label for first, last, label in example.spans if label in TITLE_LABELS}
    surroundings = Surroundings.of(example.document, labelling, language)
    for number, quoted in enumerate(surroundings.stretches):
        whole = title_span(example.document, quoted, "")[:2]
        answer = gold.get(whole, AS_IT_IS)
        rows = alternatives_of(features(example.document, number, surroundings))
        yield Choice(rows, [[ALTERNATIVES.index(answer)]])
