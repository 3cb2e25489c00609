"""Training what finds the titles of programmes, on what a labeller that had not seen the text made of it."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.extraction.labeller import Labelling
from pipeline.extraction.programme_features import LISTED, LOOKED, ProgrammeView, features
from pipeline.training.examples import Example
from pipeline.training.ranker import Choice, RankerSettings

SETTINGS = RankerSettings(l1=0.4)


def programme_choices(example: Example, look: Labelling, language: str) -> Iterator[Choice]:
    """What the items of a document teach, each twice: as it is, and without what the labeller made of it.

    Else the labeller would be believed in all it says, and pages of a kind that it does not know are where this is
    needed: there it is sure of nothing but words, and wrong. The mentions are those of its second look; a run has them
    after they were settled.
    """
    view = ProgrammeView.of(example.document, look, look.spans, language)
    if view is None:
        return
    gold = {span for span in example.spans if span[2] in LISTED}
    for asked in view.asked:
        right = [n for n, stretch in enumerate(asked.stretches) if (*stretch, "REPORT") in gold]
        item = asked.item
        there = {span for span in gold if span[0] < item.end and span[1] > item.text}
        if not right and any(span[0] >= item.text and view.spans.get(span[:2]) != span[2] for span in there):
            continue  # its title is not among the stretches, and one begins there all the same
        told = features(view, asked)
        answers = [right or [len(asked.stretches)]]
        yield Choice(told, answers)
        yield Choice([[feature for feature in row if not feature.startswith(LOOKED)] for row in told], answers)
