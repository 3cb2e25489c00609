"""Training the borders of people, roles and institutions, on what labellers that had not seen the text made of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.extraction.borders import SETTLED, Teller, View, all_features, alternatives, doubtful
from pipeline.extraction.labeller import Labelling
from pipeline.extraction.spans import TokenSpan
from pipeline.extraction.titles import draft_spans
from pipeline.training.examples import Example
from pipeline.training.ranker import Choice, RankerSettings

SETTINGS = RankerSettings(l1=0.4, epochs=12)


def border_choices(example: Example, look: Labelling, tell: Teller) -> Iterator[Choice]:
    """What a document teaches, and what a labeller that had not seen it made of it.

    The mentions of the first look are asked about beside those of the second: they hold more mistakes to learn from.
    """
    for spans in (look.spans, draft_spans(example.document, look)):
        yield from _choices(example, look, spans, View.of(example.document, look, spans, tell))


def _choices(example: Example, look: Labelling, spans: Sequence[TokenSpan], view: View) -> Iterator[Choice]:
    gold = set(example.spans)
    for span in doubtful(look, spans):
        choices = alternatives(view, span)
        right = [n for n, choice in enumerate(choices) if choice in gold]
        if not right and any(a < span[1] and b > span[0] and of in SETTLED for a, b, of in gold):
            continue  # its right borders are not among the alternatives, and it is a mention all the same
        yield Choice(list(all_features(view, choices, span)), [right[:1] or [len(choices)]])
