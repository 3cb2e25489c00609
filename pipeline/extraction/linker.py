"""The linker: which person holds which role at which institution, and who gave which report.

Each role and each report chooses among the mentions near it by a log-linear model (`ranker.py`);
"none" is a choice too. The best is taken where its probability is high enough, further ones where theirs is as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from pipeline.extraction.book import Book
from pipeline.extraction.candidates import (
    REPORT_PERSON,
    ROLE_INSTITUTION,
    ROLE_PERSON,
    Page,
    Turn,
    Turns,
    turn_features,
)
from pipeline.extraction.layout import layout_of
from pipeline.extraction.pairs import PLACES, Pairs
from pipeline.extraction.ranker import Ranker, softmax
from pipeline.extraction.spans import TokenSpan
from pipeline.extraction.sums import Sums
from pipeline.extraction.tokens import Tokens


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Probabilities from which a link is taken: the best of an anchor, and each further one.

    Without `best` it is taken when it is more likely than "none of them". `fellow`: for a further person who is named
    together with the best; without it as any other.
    """

    best: float | None = 0.35
    further: float = 0.25
    fellow: float | None = None


_BOUNDS = Thresholds()


@dataclass(frozen=True, slots=True)
class Links:
    """The links of a document by mention number, with their probabilities.

    persons, institutions: those of each role. speakers: the persons who gave each report.
    """

    persons: dict[int, list[tuple[int, float]]]
    institutions: dict[int, list[tuple[int, float]]]
    speakers: dict[int, list[tuple[int, float]]]


class Linker:
    """Links the mentions of documents."""

    def __init__(self, model: Ranker, language: str, thresholds: dict[str, Thresholds]) -> None:
        self.model = model
        self.language = language
        self.thresholds = thresholds
        self._sums = Sums(model)
        self._turns: dict[Turn, float] = {}
        self._rows, self._anchors = _by_place(model.weights)

    def page(self, tokens: Tokens, words: Sequence[str], spans: Sequence[TokenSpan]) -> Page:
        """The document as the linker sees it."""
        return Page.of(words, spans, layout_of(tokens, words, spans, self.language))

    def link(self, page: Page) -> Links:
        """All links of a document."""
        return self.link_all([page])[0]

    def link_all(self, pages: Sequence[Page]) -> list[Links]:
        """All links of each document of a batch."""
        self._sums.trim()
        book = Book.of(pages, self._sums.names)
        found = [Links({}, {}, {}) for _ in pages]
        for number, page in enumerate(pages):
            for role in page.by_label.get("ROLE", ()):
                found[number].persons[role] = found[number].institutions[role] = []
            for title in page.by_label.get("REPORT", ()):
                found[number].speakers[title] = []
        for number, role, others, scores in self._scored(Pairs.of(book, ROLE_PERSON)):
            found[number].persons[role] = self._taken(book, number, role, ROLE_PERSON[0], others, scores)
        chosen = [
            {role: nearest(role, [person for person, _ in persons]) for role, persons in links.persons.items()}
            for links in found
        ]
        for number, role, others, scores in self._scored(Pairs.of(book, ROLE_INSTITUTION, chosen)):
            found[number].institutions[role] = self._taken(book, number, role, ROLE_INSTITUTION[0], others, scores)
        earlier = list(map(Turns, pages))
        for number, title, others, scores in self._scored(Pairs.of(book, REPORT_PERSON)):
            turns = earlier[number].of(title, others)
            scores[:-1] = [score + self._turn(turn) for score, turn in zip(scores, turns, strict=False)]
            taken = self._taken(book, number, title, REPORT_PERSON[0], others, scores)
            found[number].speakers[title] = taken
            earlier[number].add(title, [person for person, _ in taken])
        return found

    def _scored(self, pairs: Pairs) -> Iterator[tuple[int, int, list[int], list[float]]]:
        """For each anchor its document, itself, its candidates and their scores; at last the score of "none"."""
        count = len(pairs.others)
        if not count:
            return
        kind = pairs.kind[0]
        scores = np.zeros(count)
        for group in pairs.groups():
            scores += np.bincount(group.rows, self._sums.of(kind, group), count)
        get = self._rows[kind].get
        beside = [[get(name, 0) for name in pairs.book.beside(*anchor)] for anchor in pairs.anchors]
        own = self._anchors[np.array(beside)].sum(axis=1)
        sizes = np.array(pairs.sizes)
        scores += own[np.repeat(np.arange(len(sizes)), sizes), pairs.places]
        ends = np.cumsum(sizes)
        alone = pairs.chosen[ends - 1] < 0 if pairs.chosen is not None else np.ones(len(sizes), np.bool_)
        weight = {each: self.model.score(none_features(kind, *each)) for each in product(range(4), (False, True))}
        nones = [
            none + weight[min(size, 3), lone]
            for none, size, lone in zip(own[:, -1].tolist(), pairs.sizes, alone.tolist(), strict=True)
        ]
        all_scores = scores.tolist()
        for (number, anchor), none, size, end in zip(pairs.anchors, nones, pairs.sizes, ends.tolist(), strict=True):
            yield number, anchor, pairs.others[end - size : end], [*all_scores[end - size : end], none]

    def _turn(self, turn: Turn) -> float:
        value = self._turns.get(turn)
        if value is None:
            value = self._turns[turn] = self.model.score(turn_features(*turn))
        return value

    def _taken(
        self, book: Book, number: int, anchor: int, kind: str, others: Sequence[int], scores: Sequence[float]
    ) -> list[tuple[int, float]]:
        """What an anchor of a document, told by its number, is linked to, most probable first."""
        *probabilities, none = softmax(scores)
        whole = list(zip(probabilities, others, strict=True))
        texts = book.pages[number].texts
        names = [texts[other] for other in others]
        if len(set(names)) < len(names):
            # The mentions of a name stand for the same, so what speaks for each speaks for all.
            of_name: dict[str, list[tuple[float, int]]] = {}
            for name, each in zip(names, whole, strict=True):
                of_name.setdefault(name, []).append(each)
            whole = [(sum(p for p, _ in found), max(found)[1]) for found in of_name.values()]
        bounds = self.thresholds.get(kind, _BOUNDS)
        best = none if bounds.best is None else bounds.best
        fellow = bounds.further if bounds.fellow is None else bounds.fellow
        least = min(best, bounds.further, fellow)
        likely = sorted((each for each in whole if each[0] >= least), key=lambda x: (-x[0], abs(x[1] - anchor)))
        if not likely or likely[0][0] < best:
            return []
        (_, first), *more = likely
        together = _together(book, number, others, first) if more and fellow != bounds.further else frozenset()
        more = [each for each in more if each[0] >= (fellow if texts[each[1]] in together else bounds.further)]
        return [(other, min(probability, 1.0)) for probability, other in (likely[0], *more)]


def _together(book: Book, number: int, others: Sequence[int], person: int) -> frozenset[str]:
    """The names that stand somewhere among the others in one company with the name of a person."""
    texts, first = book.pages[number].texts, book.opens[number]
    named = [(texts[other], int(book.company[first + other])) for other in others]
    own = {company for name, company in named if name == texts[person]}
    return frozenset(name for name, company in named if company in own)


def _by_place(weights: Mapping[str, float]) -> tuple[dict[str, dict[str, int]], NDArray[np.float64]]:
    """The weights of the anchors' own features: kind → name → row; (rows, places + 1) one a place, one for "none".

    Row 0 is for features that have no weight.
    """
    rows: dict[str, dict[str, int]] = {kind[0]: {} for kind in (ROLE_PERSON, ROLE_INSTITUTION, REPORT_PERSON)}
    cells: list[tuple[int, str, float]] = []
    for feature, weight in weights.items():
        if feature[0] in "<>0":
            place = feature[:3] if feature[:3] in PLACES else feature[0]
            kind, name = feature[len(place) :][:2], feature[len(place) + 2 :]
            cells.append((rows[kind].setdefault(name, len(cells) + 1), place, weight))
    table = np.zeros((len(cells) + 1, len(PLACES) + 1))
    names = (*PLACES, "0")
    columns = {place: [i for i, name in enumerate(names) if name.startswith(place)] for place in ("<", ">", *names)}
    for row, place, weight in cells:
        table[row, columns[place]] += weight
    return rows, table


def alternatives_of(
    pairs: Pairs, turns: Sequence[Turn] | None = None
) -> Iterator[tuple[int, list[int], list[list[str]]]]:
    """For each anchor of a document: itself, the mentions that it may be linked to, the features of each alternative.

    Those of "none of them" come last. `turns`: for a report's persons, whether they have had a turn.
    """
    kind = pairs.kind[0]
    rows: list[list[str]] = [[] for _ in pairs.others]
    for group in pairs.groups(turns):
        for i, row in enumerate(group.rows.tolist()):
            rows[row] += group.features(i)
    places, at = pairs.places.tolist(), 0
    for (number, anchor), size in zip(pairs.anchors, pairs.sizes, strict=True):
        beside = [kind + name for name in pairs.book.beside(number, anchor)]
        for i in range(at, at + size):
            place = PLACES[places[i]]
            for name in beside:
                rows[i] += [f"{place[0]}{name}", f"{place}{name}"]
        alone = pairs.chosen is None or bool(pairs.chosen[at] < 0)
        none = [f"0{name}" for name in beside] + none_features(kind, size, alone)
        yield anchor, pairs.others[at : at + size], [*rows[at : at + size], none]
        at += size


def none_features(kind: str, others: int, alone: bool) -> list[str]:
    """The features of "none of them" that are not the anchor's own; `alone`: where no person has been chosen."""
    features = [f"none:{kind}", f"none:{kind}{min(others, 3)}"]
    return [*features, f"none:{kind}alone"] if alone else features


def nearest(anchor: int, others: Sequence[int]) -> int | None:
    """The mention nearest to the anchor, or None."""
    return min(others, key=lambda other: abs(other - anchor), default=None)
