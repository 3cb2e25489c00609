"""Training the linker: the gold links of tagged documents as choices among the mentions nearby."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.extraction.book import Book
from pipeline.extraction.candidates import REPORT_PERSON, ROLE_INSTITUTION, ROLE_PERSON, Kind, Page, Turn, Turns
from pipeline.extraction.chain import FloatArray
from pipeline.extraction.layout import layout_of
from pipeline.extraction.linker import alternatives_of, nearest
from pipeline.extraction.pairs import Pairs
from pipeline.extraction.spans import TokenSpan, mentions_in
from pipeline.extraction.sums import Names
from pipeline.records import LABELS
from pipeline.training.examples import Example
from pipeline.training.ranker import Choice, RankerSettings

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


def link_choices(example: Example, language: str) -> Iterator[Choice]:
    """What a document teaches of links among its gold mentions."""
    return _choices(page_of(example, language), _of_gold(example), ("ROLE", "REPORT"))


def drafted_choices(example: Example, draft: FloatArray, language: str) -> Iterator[Choice]:
    """What a document teaches of who gave a report, among the mentions that a labeller found that had not seen it.

    Some of these are wrong, and whoever reads a run's mentions must know that.
    """
    spans = _drafted(draft)
    return _choices(page_of(example, language, spans), _of_found(example, spans), ("REPORT",))


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
    asked = {
        kind[0]: _of_kind(page, told, kind) if kind[1] in anchors else _Asked({}, {})
        for kind in (ROLE_PERSON, REPORT_PERSON)
    }
    chosen = {role: nearest(role, persons) for role, persons in asked[ROLE_PERSON[0]].right.items()}
    asked[ROLE_INSTITUTION[0]] = _of_kind(page, told, ROLE_INSTITUTION, chosen) if "ROLE" in anchors else _Asked({}, {})
    for anchor in range(len(told)):
        for kind in (ROLE_PERSON, ROLE_INSTITUTION, REPORT_PERSON):
            if (choice := asked[kind[0]].choices.get(anchor)) is not None:
                yield choice


@dataclass(frozen=True, slots=True)
class _Asked:
    """The choices of a kind by anchor, and the right mentions: of each wanted name the nearest one."""

    choices: dict[int, Choice]
    right: dict[int, list[int]]


def _of_kind(
    page: Page, told: Sequence[Links | None], kind: Kind, chosen: Mapping[int, int | None] | None = None
) -> _Asked:
    """What is asked of the anchors of one kind; `chosen`: the person of each role."""
    asked = _Asked({}, {})
    pairs = Pairs.of(Book.of([page], Names()), kind, None if chosen is None else [chosen])
    names = [links.ids if links else frozenset() for links in told]
    answers: dict[int, list[list[int]]] = {}
    for anchor, others in pairs.alternatives():
        if (links := told[anchor]) is None:
            continue
        wanted = links.institutions if kind is ROLE_INSTITUTION else links.persons
        right = ([n for n, other in enumerate(others) if name in names[other]] for name in sorted(wanted))
        answers[anchor] = [found for found in right if found]
        near = {min((others[n] for n in found), key=lambda other: abs(other - anchor)) for found in answers[anchor]}
        asked.right[anchor] = sorted(near)
    turns = _turns(page, pairs, told, asked.right) if kind is REPORT_PERSON else None
    for anchor, others, rows in alternatives_of(pairs, turns):
        if anchor in answers:
            asked.choices[anchor] = Choice(rows, answers[anchor] or [[len(others)]])
    return asked


def _turns(page: Page, pairs: Pairs, told: Sequence[Links | None], right: Mapping[int, Sequence[int]]) -> list[Turn]:
    """For each pair of a report and a person, whether that person has had a turn."""
    turns: list[Turn] = []
    earlier = Turns(page)
    for anchor, others in pairs.alternatives():
        turns += earlier.of(anchor, others)
        if told[anchor] is not None:
            earlier.add(anchor, right[anchor])
    return turns
