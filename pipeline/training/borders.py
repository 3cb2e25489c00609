"""Training the borders of people, roles and institutions, on what labellers that had not seen the text made of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from pipeline.extraction.alternatives import alternatives
from pipeline.extraction.borders import SETTLED, doubtful, spelled_out
from pipeline.extraction.labeller import Labelling
from pipeline.extraction.quoted import draft_spans
from pipeline.extraction.spans import TokenSpan
from pipeline.extraction.views import View, placed
from pipeline.training.examples import Example
from pipeline.training.ranker import Choice, RankerSettings

SETTINGS = RankerSettings(l1=0.4, epochs=12)


def border_choices(example: Example, look: Labelling, language: str) -> Iterator[Choice]:
    """What a document teaches, and what a labeller that had not seen it made of it.

    The mentions of the first look are asked about beside those of the second: they hold more mistakes to learn from.
    """
    for spans in (look.spans, *draft_spans([example.document], [look])):
        yield from _choices(example, look, spans, language)


def _choices(example: Example, look: Labelling, spans: Sequence[TokenSpan], language: str) -> Iterator[Choice]:
    (found,) = doubtful([look], [spans])
    if not found:
        return
    gold = set(example.spans)
    view = View.of([example.document], [look], [spans], language)
    asked = placed([found], view.opens)
    choices = alternatives(view, asked)
    offered = choices.stretches.spans(int(view.opens[0]))
    told = spelled_out(view, asked, choices)
    at = 0
    for span, last in zip(found, np.flatnonzero(choices.none).tolist(), strict=True):
        right = [n for n, choice in enumerate(offered[at:last]) if choice in gold]
        # Else its right borders are not among the alternatives, and it is a mention all the same.
        if right or not any(a < span[1] and b > span[0] and of in SETTLED for a, b, of in gold):
            yield Choice(told[at : last + 1], [right[:1] or [last - at]])
        at = last + 1
