"""Training the edges of bare titles, on what a labeller that had not seen the text made of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pipeline.extraction.edges import TITLE_LABELS, View, alternatives, bare_titles, features, features_of_none
from pipeline.extraction.labeller import Labelling
from pipeline.extraction.quoted import draft_spans
from pipeline.extraction.spans import TokenSpan
from pipeline.training.examples import Example
from pipeline.training.ranker import Choice, RankerSettings

SETTINGS = RankerSettings(l1=0.2)


def edge_choices(example: Example, labelling: Labelling) -> Iterator[Choice]:
    """What a document and its draft teach of the edges of bare titles."""
    gold = {span for span in example.spans if span[2] in TITLE_LABELS}
    (spans,) = draft_spans([example.document], [labelling])
    found = bare_titles(example.document, spans)
    if not found:
        return
    view = View.of(example.document, labelling, spans)
    for span in found:
        choices = alternatives(view, span)
        right = [n for n, choice in enumerate(choices) if choice in gold]
        if not right and _touches(gold, span):
            continue  # its right edges are not among the alternatives, and it is a title all the same
        rows = [features(view, choice, span) for choice in choices]
        yield Choice([*rows, features_of_none(view, span)], [right[:1] or [len(choices)]])


def _touches(gold: Iterable[TokenSpan], span: TokenSpan) -> bool:
    """Whether a gold title of the same label lies over a span, or one of any label lies just there."""
    first, end, label = span
    return any(a < end and b > first and (of == label or (a, b) == (first, end)) for a, b, of in gold)
