"""The linker: which person holds which role at which institution, and who gave which report.

Each role and each report chooses among the mentions near it by a log-linear model (`ranker.py`);
"none" is a choice too. The best is taken where its probability is high enough, further ones where theirs is as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.extraction.candidates import (
    REPORT_PERSON,
    ROLE_INSTITUTION,
    ROLE_PERSON,
    Page,
    anchor_features,
    candidates,
    pair_features,
)
from pipeline.extraction.layout import layout_of
from pipeline.extraction.ranker import Ranker
from pipeline.extraction.spans import TokenSpan
from pipeline.extraction.tokens import Tokens

Kind = tuple[str, str, str, int, int]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Probabilities from which a link is taken: the best of an anchor, and each further one."""

    best: float = 0.35
    further: float = 0.25


@dataclass(frozen=True, slots=True)
class Links:
    """Links by mention number with their probabilities: role → persons, role → institutions, report → persons."""

    persons: dict[int, list[tuple[int, float]]]
    institutions: dict[int, list[tuple[int, float]]]
    speakers: dict[int, list[tuple[int, float]]]


class Linker:
    """Links the mentions of a document."""

    def __init__(self, model: Ranker, language: str, thresholds: dict[str, Thresholds]) -> None:
        self.model = model
        self.language = language
        self.thresholds = thresholds

    def page(self, tokens: Tokens, words: Sequence[str], spans: Sequence[TokenSpan]) -> Page:
        """The document as the linker sees it."""
        return Page.of(words, spans, layout_of(tokens, words, spans, self.language))

    def link(self, page: Page) -> Links:
        """All links of a document."""
        persons = {role: self._linked(page, role, ROLE_PERSON, None) for role in page.by_label.get("ROLE", [])}
        institutions = {
            role: self._linked(page, role, ROLE_INSTITUTION, nearest(role, [p for p, _ in persons[role]]))
            for role in page.by_label.get("ROLE", [])
        }
        speakers = {title: self._linked(page, title, REPORT_PERSON, None) for title in page.by_label.get("REPORT", [])}
        return Links(persons, institutions, speakers)

    def _linked(self, page: Page, anchor: int, kind: Kind, chosen: int | None) -> list[tuple[int, float]]:
        """What one anchor is linked to, most probable first."""
        others, alternatives = alternatives_of(page, anchor, kind, chosen)
        if not others:
            return []
        bounds = self.thresholds.get(kind[0], Thresholds())
        probabilities = self.model.probabilities(alternatives)
        taken: list[tuple[int, float]] = []
        texts: set[str] = set()
        for probability, other in sorted(zip(probabilities, others, strict=False), key=lambda x: (-x[0], abs(x[1] - anchor))):
            if probability < (bounds.further if taken else bounds.best):
                break
            if page.texts[other] not in texts:  # the same name again says nothing new
                texts.add(page.texts[other])
                taken.append((other, probability))
        return taken


def alternatives_of(page: Page, anchor: int, kind: Kind, chosen: int | None) -> tuple[list[int], list[list[str]]]:
    """The mentions that an anchor may be linked to and the features of each; those of "none of them" come last."""
    beside = anchor_features(page, anchor, kind[0])
    others = candidates(page, anchor, kind)
    rows = [pair_features(page, anchor, other, kind[0], beside, chosen) for other in others]
    none = [f"0{name}" for name in beside] + [f"0{kind[0]}", f"0{kind[0]}{min(len(others), 3)}"]
    if chosen is None:
        none.append(f"0{kind[0]}alone")
    return others, [*rows, none]


def nearest(anchor: int, others: Sequence[int]) -> int | None:
    """The mention nearest to the anchor, or None."""
    return min(others, key=lambda other: abs(other - anchor), default=None)
