"""Training the classifier of quoted stretches, on what a labeller that had not seen the text made of it.

Each stretch is learnt from twice: as it is, and without how probable the labeller held each kind of title to be, so
that on pages of a kind that it does not know it is believed less, and the words around a title count more.
"""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.extraction.edges import TITLE_LABELS
from pipeline.extraction.features import spelled
from pipeline.extraction.labeller import Labelling
from pipeline.extraction.quoted import AS_IT_IS, Surroundings, features, title_span
from pipeline.extraction.titles import ALTERNATIVES, alternatives_of
from pipeline.training.examples import Example
from pipeline.training.ranker import Choice, RankerSettings

SETTINGS = RankerSettings(l1=0.2)
#: What opens the features that say how probable the labeller held each kind of title to be.
_LOOKED = tuple(f"{label}{which}=" for label in TITLE_LABELS for which in ("", "max"))


def title_choices(example: Example, look: Labelling, language: str) -> Iterator[Choice]:
    """What a document and its draft teach of quoted stretches."""
    gold = {(first, last): label for first, last, label in example.spans if label in TITLE_LABELS}
    seen = Surroundings.of([example.document], [look], language)
    for quoted, told in zip(seen.stretches, spelled(*features(seen, language)), strict=True):
        whole = title_span(example.document, quoted, "")[:2]
        answer = gold.get(whole, AS_IT_IS)
        for found in (told, [feature for feature in told if not feature.startswith(_LOOKED)]):
            yield Choice(alternatives_of(found), [[ALTERNATIVES.index(answer)]])
