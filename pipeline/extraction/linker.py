"""The linker: which person holds which role at which institution, and who gave which report.

Each role and each report chooses among the mentions near it by a log-linear model (`ranker.py`);
"none" is a choice too. The best is taken where its probability is high enough, further ones where theirs is as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.extraction.candidates import (
    PLACES,
    REPORT_PERSON,
    ROLE_INSTITUTION,
    ROLE_PERSON,
    Group,
    Kind,
    Page,
    anchor_features,
    candidates,
    pair_of,
)
from pipeline.extraction.layout import layout_of
from pipeline.extraction.ranker import Ranker, softmax
from pipeline.extraction.spans import TokenSpan
from pipeline.extraction.tokens import Tokens

#: Sums of weights of groups of features that are kept.
SUMS_KEPT = 24_000


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Probabilities from which a link is taken: the best of an anchor, and each further one.

    Without `best` it is taken when it is more likely than "none of them".
    """

    best: float | None = 0.35
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
        self._sums: dict[tuple[Group, tuple[Any, ...]], float] = {}
        self._anchors = _by_place(model.weights)

    def page(self, tokens: Tokens, words: Sequence[str], spans: Sequence[TokenSpan]) -> Page:
        """The document as the linker sees it."""
        return Page.of(words, spans, layout_of(tokens, words, spans, self.language))

    def link(self, page: Page) -> Links:
        """All links of a document."""
        roles, titles = page.by_label.get("ROLE", []), page.by_label.get("REPORT", [])
        persons = {role: self._linked(page, role, ROLE_PERSON) for role in roles}
        institutions = {
            role: self._linked(page, role, ROLE_INSTITUTION, nearest(role, [p for p, _ in persons[role]]))
            for role in roles
        }
        speakers: dict[int, list[tuple[int, float]]] = {}
        earlier: dict[int, frozenset[str]] = {}
        for title in titles:
            speakers[title] = self._linked(page, title, REPORT_PERSON, None, earlier)
            earlier[title] = frozenset(page.texts[person] for person, _ in speakers[title])
        return Links(persons, institutions, speakers)

    def _linked(
        self,
        page: Page,
        anchor: int,
        kind: Kind,
        chosen: int | None = None,
        earlier: Mapping[int, frozenset[str]] | None = None,
    ) -> list[tuple[int, float]]:
        """What one anchor is linked to, most probable first; `chosen` and `earlier` as in `pair_of`."""
        others = candidates(page, anchor, kind)
        if not others:
            return []
        beside = [self._anchors[n] for n in anchor_features(page, anchor, kind[0]) if n in self._anchors]
        scores = []
        weight, kept = self.model.weights.get, self._sums.get
        for other in others:
            place, groups, singular = pair_of(page, anchor, other, kind[0], chosen, earlier)
            column = _PLACE_OF[place]
            score = 0.0
            for row in beside:
                score += row[column]
            for grouped in groups:
                value = kept(grouped)
                score += self._sum(grouped) if value is None else value
            for feature in singular:
                score += weight(feature, 0.0)
            scores.append(score)
        none = sum(row[-1] for row in beside) + self.model.score(_none(kind[0], len(others), chosen))
        *probabilities, none = softmax([*scores, none])
        # The mentions of a name stand for the same, so what speaks for each speaks for all.
        of_name: dict[str, list[tuple[float, int]]] = {}
        for probability, other in zip(probabilities, others, strict=True):
            of_name.setdefault(page.texts[other], []).append((probability, other))
        whole = [(sum(p for p, _ in found), max(found)[1]) for found in of_name.values()]
        bounds = self.thresholds.get(kind[0], Thresholds())
        taken: list[tuple[int, float]] = []
        for probability, other in sorted(whole, key=lambda x: (-x[0], abs(x[1] - anchor))):
            best = none if bounds.best is None else bounds.best
            if probability < (bounds.further if taken else best):
                break
            taken.append((other, min(probability, 1.0)))
        return taken

    def _sum(self, grouped: tuple[Group, tuple[Any, ...]]) -> float:
        """The summed weights of a group's features, kept by the group and its arguments."""
        if len(self._sums) >= SUMS_KEPT:
            self._sums.clear()
        group, arguments = grouped
        value = self._sums[grouped] = self.model.score(group(*arguments))
        return value


_PLACE_OF = {place: i for i, place in enumerate(PLACES)}


def _by_place(weights: Mapping[str, float]) -> dict[str, list[float]]:
    """The weights of the anchors' own features: name → one for each of `PLACES`, and one for "none of them"."""
    table: dict[str, list[float]] = {}
    for feature, weight in weights.items():
        if feature[0] not in "<>0":
            continue
        place = feature[:3] if feature[:3] in _PLACE_OF else feature[0]
        row = table.setdefault(feature[len(place) :], [0.0] * (len(PLACES) + 1))
        for i, name in enumerate((*PLACES, "0")):
            if name.startswith(place):
                row[i] += weight
    return table


def alternatives_of(
    page: Page,
    anchor: int,
    kind: Kind,
    chosen: int | None = None,
    earlier: Mapping[int, frozenset[str]] | None = None,
) -> tuple[list[int], list[list[str]]]:
    """The mentions that an anchor may be linked to and the features of each; those of "none of them" come last."""
    beside = anchor_features(page, anchor, kind[0])
    others = candidates(page, anchor, kind)
    rows = [pair_of(page, anchor, other, kind[0], chosen, earlier).features(beside) for other in others]
    return others, [*rows, [f"0{name}" for name in beside] + _none(kind[0], len(others), chosen)]


def _none(kind: str, others: int, chosen: int | None) -> list[str]:
    """The features of "none of them" that are not the anchor's own."""
    features = [f"none:{kind}", f"none:{kind}{min(others, 3)}"]
    return features if chosen is not None else [*features, f"none:{kind}alone"]


def nearest(anchor: int, others: Sequence[int]) -> int | None:
    """The mention nearest to the anchor, or None."""
    return min(others, key=lambda other: abs(other - anchor), default=None)
