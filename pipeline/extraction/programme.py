"""Titles in programmes that stand without quotation marks, found by the layout of the page as well as by their words.

A title can be any words (`Moving to distributed environments`), so the labeller, which goes by words, misses many. But
in a programme the layout tells where titles stand: between a time and a speaker, on the line before or after one,
wherever the other items have theirs. So the stretches of an item that could be its title (`items.py`) are compared by
a log-linear choice (`ranker.py`), in which that none of them is one is an alternative like any other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from pipeline.extraction.edges import TITLE_LABELS, shape
from pipeline.extraction.items import Item, Stretch, items_of, listed
from pipeline.extraction.labeller import Document, Labelling
from pipeline.extraction.layout import LETTERS, NEW_LINE, NEW_PARAGRAPH, WORDS, bucket, is_time
from pipeline.extraction.ranker import Ranker
from pipeline.extraction.spans import TokenSpan
from pipeline.extraction.tokens import LINE, PARAGRAPH
from pipeline.extraction.words import fold, word_features
from pipeline.knowledge import lines

#: That a stretch is a title must be more probable than this; than the second where a title was found there before.
SURE, SURER = 0.45, 0.65
#: What opens the features that say what the labeller made of a stretch.
LOOKED = "?"
_NONE = "-"
#: How probable these are over a stretch is told.
_TOLD = ("REPORT", "EVENT", "WORK", "INSTITUTION", "ROLE", "PERSON")
#: How many words of a stretch are told, and how many of the items around are looked into.
_LISTED, _LOOKED_INTO = 14, 20
_BOUNDS = (1, 2, 3, 5, 8, 12, 20, 30)
_FEW, _SOME, _TIMES = (1, 2, 3, 5, 8), (3, 5, 9, 15), (0, 2, 5, 9)
#: The symbols of a time, and of a mention or run of words that a place lies within.
_STAMP, _CUT = "S", "~"


class Programme:
    """Finds the titles of the items of programmes."""

    def __init__(self, model: Ranker, language: str) -> None:
        self.model, self._language = model, language

    def titles(self, document: Document, look: Labelling, spans: Sequence[TokenSpan]) -> list[tuple[TokenSpan, float]]:
        """The titles that the items of a document have, and how sure each is.

        Args:
            document, look: a document and what the labeller made of it. spans: its mentions.
        """
        view = View.of(document, look, spans, self._language) if self.model.weights else None
        if view is None:
            return []
        found = []
        for asked in view.asked:
            probabilities = self.model.probabilities(features(view, asked))
            best = max(range(len(asked.stretches)), key=probabilities.__getitem__)
            first, end = asked.stretches[best]
            found_before = any(view.labels[at] in TITLE_LABELS for at in range(first, end))
            if probabilities[best] > (SURER if found_before else SURE):
                found.append(((first, end, "REPORT"), probabilities[best]))
        return found


@dataclass(frozen=True, slots=True)
class Asked:
    """An item, by its place, with the stretches that could be its title."""

    place: int
    item: Item
    stretches: list[Stretch]


@dataclass(frozen=True, slots=True)
class View:
    """A document that has a programme.

    labels: of each token, that of the mention in which it lies, or "". units: what stands one after the other
    (mentions but for titles, marks, times, words, breaks), each with its first token and its end; unit_of: that of each
    token. tables: (tokens + 1, told) sums of what both looks give the labels of `_TOLD`. keys: how many items have a
    stretch between the same units; taken: how many of these have a title of a label there. times: items with a time.
    """

    document: Document
    language: str
    spans: frozenset[TokenSpan]
    labels: list[str]
    units: list[tuple[str, int, int]]
    unit_of: list[int]
    tables: tuple[NDArray[np.float64], NDArray[np.float64]]
    items: list[Item]
    asked: list[Asked]
    keys: Counter[str]
    taken: Counter[tuple[str, str]]
    times: int

    @classmethod
    def of(cls, document: Document, look: Labelling, spans: Sequence[TokenSpan], language: str) -> View | None:
        """Look over a document; None where it has no programme."""
        labels = [""] * len(document.words)
        for first, end, label in spans:
            labels[first:end] = [label] * (end - first)
        items = items_of(document)
        asked = [Asked(place, items[place], stretches) for place, stretches in listed(document, items, labels)]
        if not asked:
            return None
        tables = (_sums(look.draft, look.tags), _sums(look.probabilities, look.tags))
        times = sum(is_time(document.words[item.first]) for item in items)
        units = _units(document, spans, language)
        view = cls(
            document, language, frozenset(spans), labels, *units, tables, items, asked, Counter(), Counter(), times
        )
        called = {(first, end): label for first, end, label in spans}
        for each in asked:
            keys = {stretch: view.key(*stretch) for stretch in each.stretches}
            view.keys.update(set(keys.values()))
            view.taken.update({(key, called[stretch]) for stretch, key in keys.items() if stretch in called})
        return view

    def before(self, at: int, count: int) -> str:
        """The units before a token."""
        unit = self.unit_of[at]
        cut = self.units[unit][1] < at
        told = [symbol for symbol, _, _ in self.units[max(0, unit + cut - count) : unit + cut]]
        return " ".join([*told, _CUT] if cut else told)

    def after(self, at: int, count: int) -> str:
        """The units from a token on."""
        if at >= len(self.unit_of):
            return NEW_PARAGRAPH
        unit = self.unit_of[at]
        cut = self.units[unit][1] < at
        if not cut and unit and self.units[unit - 1][0] in (NEW_LINE, NEW_PARAGRAPH):
            unit -= 1
        told = [symbol for symbol, _, _ in self.units[unit : unit + count]]
        return " ".join([_CUT, *told] if cut else told)

    def key(self, first: int, end: int) -> str:
        """What a stretch stands between."""
        return f"{self.before(first, 2)}|{self.after(end, 2)}"

    def means(self, first: int, end: int) -> list[list[int]]:
        """How probable the labels of `_TOLD` are over a stretch by the first and the second look, in tenths."""
        return [((table[end] - table[first]) / (end - first) * 9.99).astype(int).tolist() for table in self.tables]


def _units(
    document: Document, spans: Sequence[TokenSpan], language: str
) -> tuple[list[tuple[str, int, int]], list[int]]:
    joining = _joining(language)
    words, breaks = document.words, document.tokens.breaks.tolist()
    units: list[tuple[str, int, int]] = []
    unit_of: list[int] = []
    mentions = {first: (end, LETTERS[label]) for first, end, label in spans if label not in TITLE_LABELS}
    at = 0
    while at < len(words):
        if breaks[at] >= LINE:
            units.append((NEW_PARAGRAPH if breaks[at] == PARAGRAPH else NEW_LINE, at, at))
        word, end = words[at], at + 1
        if at in mentions:
            end, symbol = mentions[at]
        elif word[0].isdigit():
            symbol = _STAMP if is_time(word) else "0"
        elif not word[0].isalnum():
            symbol = word[0]
        else:
            while end < len(words) and words[end][0].isalpha() and breaks[end] < LINE and end not in mentions:
                end += 1
            alone = word.lower() if end == at + 1 else ""
            symbol = alone if alone in joining else WORDS
        unit_of += [len(units)] * (end - at)
        units.append((symbol, at, end))
        at = end
    return units, unit_of


@lru_cache(maxsize=8)
def _joining(language: str) -> frozenset[str]:
    """The words that tell something where they stand alone between mentions and marks."""
    return frozenset(lines(language, "link_words"))


def _sums(table: NDArray[np.float32], tags: Sequence[str]) -> NDArray[np.float64]:
    columns = np.array([tags.index(f"B-{label}") for label in _TOLD])
    chains = table[:, columns] + table[:, columns + 1]
    return np.concatenate([np.zeros((1, len(_TOLD))), np.cumsum(chains, axis=0, dtype=np.float64)])


def features(view: View, asked: Asked) -> list[list[str]]:
    """What speaks for each stretch of an item, and at last what speaks for none of them."""
    item = asked.item
    common = _common(view, asked)
    own = {label for first, end, label in view.spans if first >= item.first and end <= item.end}
    none = [
        _NONE,
        *(f"{_NONE}{feature}" for feature in common),
        *(f"{LOOKED}{_NONE}has={label}" for label in own),
        *(f"{_NONE}o={fold(word)}" for word in view.document.words[item.text : item.end] if word[0].isalpha()),
        f"{_NONE}L={view.before(item.text, 2)}|{view.after(item.text, 3)}",
        f"{_NONE}R={view.after(item.end, 3)}",
    ]
    return [*([*common, *_of_stretch(view, item, *stretch)] for stretch in asked.stretches), none]


def _common(view: View, asked: Asked) -> list[str]:
    """What is true of the item whatever its title: times, people, what the items around begin with."""
    item = asked.item
    labels = view.labels[item.first : item.end]
    around = []
    for step in (-2, -1, 1, 2):
        if 0 <= asked.place + step < len(view.items):
            other = view.items[asked.place + step]
            inside = view.labels[other.text : min(other.end, other.text + _LOOKED_INTO)]
            head = LETTERS.get(inside[0], WORDS) if inside else ""
            around.append(f"{step}{_STAMP * other.led}{head}{'p' * ('PERSON' in inside)}")
    persons = sum(a != "PERSON" and b == "PERSON" for a, b in zip(["", *labels], labels, strict=False))
    timed = item.led and view.document.words[item.first][0].isdigit()
    return [
        f"st={bucket(view.times, _TIMES)}{timed}",
        f"ps={min(persons, 3)}",
        f"it={bucket(len(view.asked), _SOME)}",
        *(f"ar{each}" for each in around),
        f"ar={' '.join(around[1:3])}p{min(persons, 2)}",
        f"n={bucket(item.end - item.text, _BOUNDS)}",
    ]


def _of_stretch(view: View, item: Item, first: int, end: int) -> list[str]:
    """What is told of a stretch: where it stands, what it looks like, what the labeller made of it, its words."""
    words, labels = view.document.words[first:end], view.labels[first:end]
    key = view.key(first, end)
    said = [word for word in words if word[0].isalpha()]
    lists = word_features(view.language).lists
    kinds = [lists.of(fold(word)) for word in said]
    whole = first <= item.text + 1 and end >= item.end - 1
    outside = "PERSON" in view.labels[item.text : first], "PERSON" in view.labels[end : item.end]
    covered = sum(bool(each) and each not in TITLE_LABELS for each in labels) * 4 // len(labels)
    befores = [view.before(first, count) for count in (1, 2, 3)]
    afters = [view.after(end, count) for count in (1, 2, 3)]
    found = [
        "t",
        *(f"l{before}" for before in befores),
        *(f"r{after}" for after in afters),
        f"k={key}",
        f"k1={befores[0]}|{afters[0]}",
        f"same={bucket(view.keys[key], _FEW)}",
        f"whole={whole}{outside}",
        f"lines={end > item.end}",
        f"size={bucket(end - first, _BOUNDS)}",
        f"capitals={sum(word[0].isupper() for word in said) * 4 // len(said)}",
        f"fs={shape(words[0])}",
        f"ls={shape(words[-1])}",
        f"fw={fold(words[0])}",
        f"lw={fold(words[-1])}",
        *(f"o={fold(word)}" for word in said[:_LISTED]),
        *(f"p={word}" for word in sorted({word for word in words if not word[0].isalnum()})),
        *(f"kind={kind}" for kind in sorted({kind for each in kinds for kind in each})),
        *(f"kind0={kind}" for kind in kinds[0]),
        f"{LOOKED}in={''.join(sorted({LETTERS[each] for each in labels if each}))}",
        f"{LOOKED}covered={covered}",
    ]
    for label in ("REPORT", "EVENT"):
        found.append(f"taken{label}={min(view.taken[key, label], 4)}/{bucket(view.keys[key], _FEW)}")
        if (first, end, label) in view.spans:
            found.append(f"{LOOKED}was={label}")
    for which, means in zip("12", view.means(first, end), strict=True):
        found += [f"{LOOKED}{which}{label}={value}" for label, value in zip(_TOLD, means, strict=True)]
    return found
