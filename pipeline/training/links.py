"""Training the linker: the gold links of tagged documents as choices among the mentions nearby."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.extraction.candidates import REPORT_PERSON, ROLE_INSTITUTION, ROLE_PERSON, Kind, Page
from pipeline.extraction.chain import FloatArray
from pipeline.extraction.layout import layout_of
from pipeline.extraction.linker import alternatives_of, nearest
from pipeline.extraction.ranker import Ranker
from pipeline.extraction.spans import TokenSpan, mentions_in
from pipeline.records import LABELS
from pipeline.training.examples import Example
from pipeline.training.ranker import Choice, RankerSettings, train_ranker

#: The linker has more features than the titles, and most of them are about words: a higher L1 leaves it small.
SETTINGS = RankerSettings(l1=0.3)


@dataclass(frozen=True, slots=True)
class Links:
    """What the gold says of one mention: who it names (`ids`), and for a role or report whom it is linked to."""

    ids: frozenset[str] = frozenset()
    persons: frozenset[str] = frozenset()
    institutions: frozenset[str] = frozenset()


def page_of(example: Example, language: str, spans: Sequence[TokenSpan] | None = None) -> Page:
    """A document as the linker sees it, with its gold mentions or with those at `spans`."""
    document, found = example.document, example.spans if spans is None else spans
    return Page.of(document.words, found, layout_of(document.tokens, document.words, found, language))


def train_links(data: Iterable[Example], language: str, drafts: Sequence[FloatArray] | None = None) -> Ranker:
    """Train the linker's model.

    Args:
        data: tagged documents: their gold mentions are linked.
        language: their language.
        drafts: the tag probabilities of a labeller that had not seen them. Who gave a report is then learnt among the
            mentions that it found as well, some of which are wrong: whoever reads a run's mentions must know that.
    """
    examples = list(data)
    choices = [
        choice
        for example in examples
        for choice in _choices(page_of(example, language), _of_gold(example), ("ROLE", "REPORT"))
    ]
    for example, draft in zip(examples, drafts or [], strict=drafts is not None):
        spans = _drafted(draft)
        choices += _choices(page_of(example, language, spans), _of_found(example, spans), ("REPORT",))
    return train_ranker(choices, SETTINGS)


def _of_gold(example: Example) -> list[Links]:
    return [
        Links(frozenset(s.ids), frozenset(s.by if s.label == "REPORT" else s.of), frozenset(s.at)) for s in example.gold
    ]


def _drafted(draft: FloatArray) -> list[TokenSpan]:
    """The spans of the most probable tag of each token."""
    tags = draft.argmax(axis=1).astype(np.int32)
    found = mentions_in(tags, np.zeros(len(tags), np.bool_))
    return [(first, end, LABELS[label]) for first, end, label in zip(*found, strict=True)]


def _of_found(example: Example, spans: Sequence[TokenSpan]) -> list[Links | None]:
    """For each found span what is said of the gold mention of its label that it shares most tokens with, if any."""
    gold = list(zip(example.spans, _of_gold(example), strict=True))
    told: list[Links | None] = []
    for first, end, label in spans:
        shared = [(min(end, b) - max(first, a), links) for (a, b, other), links in gold if other == label]
        most, links = max(shared, key=lambda x: x[0], default=(0, None))
        told.append(links if most > 0 else None)
    return told


def _choices(page: Page, told: Sequence[Links | None], anchors: Sequence[str]) -> Iterator[Choice]:
    """The choices of the anchors of these labels; a mention that the gold does not know is no anchor."""
    names = [links.ids if links else frozenset() for links in told]
    earlier: dict[int, frozenset[str]] = {}
    for anchor, links in enumerate(told):
        label = page.spans[anchor][2]
        if links is None or label not in anchors:
            continue
        if label == "ROLE":
            persons = yield from _choice(page, names, anchor, ROLE_PERSON, links.persons)
            chosen = nearest(anchor, persons)
            yield from _choice(page, names, anchor, ROLE_INSTITUTION, links.institutions, chosen)
        elif label == "REPORT":
            persons = yield from _choice(page, names, anchor, REPORT_PERSON, links.persons, None, earlier)
            earlier[anchor] = frozenset(page.texts[person] for person in persons)


def _choice(
    page: Page,
    names: Sequence[frozenset[str]],
    anchor: int,
    kind: Kind,
    wanted: frozenset[str],
    chosen: int | None = None,
    earlier: Mapping[int, frozenset[str]] | None = None,
) -> Generator[Choice, None, list[int]]:
    """One anchor's choice, if it has any; returns the right mentions: of each wanted name the nearest one."""
    others, rows = alternatives_of(page, anchor, kind, chosen, earlier)
    if not others:
        return []
    right = {name: [n for n, other in enumerate(others) if name in names[other]] for name in sorted(wanted)}
    answers = [found for found in right.values() if found]
    yield Choice(rows, answers or [[len(others)]])
    return sorted({min((others[n] for n in found), key=lambda other: abs(other - anchor)) for found in answers})
