"""Training the linker: the gold links of tagged documents as choices among the mentions nearby."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pipeline.extraction.candidates import REPORT_PERSON, ROLE_INSTITUTION, ROLE_PERSON, Kind, Page
from pipeline.extraction.layout import layout_of
from pipeline.extraction.linker import alternatives_of, nearest
from pipeline.extraction.ranker import Ranker
from pipeline.training.corpus import GoldSpan
from pipeline.training.examples import Example
from pipeline.training.ranker import Choice, train_ranker


def page_of(example: Example, language: str) -> Page:
    """A tagged document with its gold mentions, as the linker sees it."""
    document = example.document
    return Page.of(
        document.words, example.spans, layout_of(document.tokens, document.words, example.spans, language)
    )


def train_links(data: Iterable[Example], language: str) -> Ranker:
    """Train the linker's model on gold mentions."""
    return train_ranker([choice for e in data for choice in _choices(page_of(e, language), e.gold)])


def _choices(page: Page, gold: Sequence[GoldSpan]) -> Iterator[Choice]:
    for anchor, span in enumerate(gold):
        if span.label == "ROLE":
            choice, persons = _choice(page, gold, anchor, ROLE_PERSON, span.of, None)
            if choice:
                yield choice
            choice, _ = _choice(page, gold, anchor, ROLE_INSTITUTION, span.at, nearest(anchor, persons))
            if choice:
                yield choice
        elif span.label == "REPORT":
            choice, _ = _choice(page, gold, anchor, REPORT_PERSON, span.by, None)
            if choice:
                yield choice


def _choice(
    page: Page, gold: Sequence[GoldSpan], anchor: int, kind: Kind, wanted: Sequence[str], chosen: int | None
) -> tuple[Choice | None, list[int]]:
    """One anchor's choice and the mentions that are right: the nearest one of each id that the gold links to.

    Farther mentions of a right id are neither right nor wrong and are left out.
    """
    others, rows = alternatives_of(page, anchor, kind, chosen)
    nearest_of: dict[str, int] = {}
    for other in others:
        for identifier in set(gold[other].ids) & set(wanted):
            if identifier not in nearest_of or abs(other - anchor) < abs(nearest_of[identifier] - anchor):
                nearest_of[identifier] = other
    right = set(nearest_of.values())
    if not others:
        return None, []
    kept = [i for i, o in enumerate(others) if o in right or not set(gold[o].ids) & set(wanted)]
    answer = [n for n, i in enumerate(kept) if others[i] in right] or [len(kept)]
    return Choice([rows[i] for i in kept] + [rows[-1]], answer), sorted(right)
