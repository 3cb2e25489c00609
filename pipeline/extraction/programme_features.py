"""What speaks for a stretch of a programme's item being the title of a talk (`programme.py`).

The features come in parts that stretches share: those of their first token, of their end, of each word, of the item.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pipeline.extraction.edges import TITLE_LABELS, Stretch, shape
from pipeline.extraction.items import Item, items_of, stretches_of
from pipeline.extraction.labeller import Document, Labelling
from pipeline.extraction.layout import LETTERS, NEW_LINE, NEW_PARAGRAPH, WORDS, bucket, joining
from pipeline.extraction.spans import TokenSpan, labels_at
from pipeline.extraction.times import tells_time
from pipeline.extraction.tokens import LINE, PARAGRAPH
from pipeline.extraction.words import fold, word_features

#: What opens the features that say what the labeller made of a stretch.
LOOKED = "?"
#: How probable these are over a stretch is told.
LOOKED_FOR = ("REPORT", "EVENT", "WORK", "INSTITUTION", "ROLE", "PERSON")
#: Titles that items of programmes have.
LISTED = ("REPORT", "EVENT")
_NONE = "-"
_NO_NAMES = frozenset(["", *TITLE_LABELS])
#: How many words of the items around are looked at.
_LOOKED_INTO = 20
#: So many units before and after a stretch are told.
_SEEN = 3
_BOUNDS = (1, 2, 3, 5, 8, 12, 20, 30)
_FEW, _SOME, _TIMES = (1, 2, 3, 5, 8), (3, 5, 9, 15), (0, 2, 5, 9)
#: The symbols of a time, and of a mention or run of words that a place lies within.
_STAMP, _CUT = "S", "~"
#: That of a slash, since a new line is `/`.
_SLASH = "//"


@dataclass(frozen=True, slots=True)
class Asked:
    """An item, by its place, with the stretches that could be its title."""

    place: int
    item: Item
    stretches: list[Stretch]


@dataclass(frozen=True, slots=True)
class ProgrammeView:
    """A document that has a programme.

    spans: the mentions with their labels; starts: in order. labels: of each token, that of its mention, or "". units:
    what stands one after the other (mentions but for titles, marks, times, words, and breaks, which have no tokens),
    each with its first token and its end, the end of the document last; unit_of: that of each token and of the end.
    sums: (tokens + 1, both looks) of what they give the labels of `LOOKED_FOR` before each token. keys: how many items
    have a stretch between the same units; taken: how many of these have a title of a label there. times: items that
    begin with a time.
    """

    document: Document
    language: str
    spans: dict[Stretch, str]
    starts: list[Stretch]
    labels: list[str]
    units: list[tuple[str, int, int]]
    unit_of: list[int]
    sums: NDArray[np.float64]
    items: list[Item]
    asked: list[Asked]
    keys: Counter[str]
    taken: Counter[tuple[str, str]]
    times: int
    _before: dict[int, tuple[str, ...]] = field(default_factory=dict)
    _after: dict[int, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, document: Document, look: Labelling, spans: Sequence[TokenSpan], language: str) -> ProgrammeView | None:
        """Look over a document; None where it has no programme."""
        labels = labels_at(spans, len(document.words))
        items = items_of(document)
        asked = [Asked(place, items[place], found) for place, found in stretches_of(document, items, labels)]
        if not asked:
            return None
        called = {(first, end): label for first, end, label in spans}
        times = sum(tells_time(document.words, item.first) for item in items)
        units = _units(document, spans, language)
        view = cls(
            document, language, called, sorted(called), labels, *units, _sums(look), items, asked, Counter(), Counter(),
            times,
        )  # fmt: skip
        for each in asked:
            keys = {stretch: view.key(*stretch) for stretch in each.stretches}
            view.keys.update(set(keys.values()))
            view.taken.update({(key, called[stretch]) for stretch, key in keys.items() if stretch in called})
        return view

    def before(self, at: int) -> tuple[str, ...]:
        """The unit before a token, the two and the three before it."""
        found = self._before.get(at)
        if found is None:
            unit = self.unit_of[at]
            cut = self.units[unit][1] < at
            told = [symbol for symbol, _, _ in self.units[max(0, unit + cut - _SEEN) : unit + cut]]
            tail = [_CUT] if cut else []
            found = self._before[at] = tuple(" ".join([*told[-count:], *tail]) for count in range(1, _SEEN + 1))
        return found

    def after(self, at: int) -> tuple[str, ...]:
        """The unit after a stretch that ends before a token, the two and the three after it."""
        found = self._after.get(at)
        if found is None:
            unit = self.unit_of[at]
            cut = self.units[unit][1] < at
            if not cut and unit and self.units[unit - 1][1:] == (at, at):
                unit -= 1  # the break between
            told = [symbol for symbol, _, _ in self.units[unit : unit + _SEEN]]
            head = [_CUT] if cut else []
            found = self._after[at] = tuple(" ".join([*head, *told[:count]]) for count in range(1, _SEEN + 1))
        return found

    def labels_in(self, item: Item) -> list[str]:
        """The labels of the mentions that lie within an item, each once, sorted."""
        at = bisect_left(self.starts, (item.first, 0))
        found = set()
        while at < len(self.starts) and self.starts[at][0] < item.end:
            if self.starts[at][1] <= item.end:
                found.add(self.spans[self.starts[at]])
            at += 1
        return sorted(found)

    def key(self, first: int, end: int) -> str:
        """What a stretch stands between."""
        return f"{self.before(first)[1]}|{self.after(end)[1]}"

    def means(self, stretches: Sequence[Stretch]) -> list[list[int]]:
        """How probable `LOOKED_FOR` are over some stretches, in tenths: by the first look, then by the second."""
        firsts, ends = np.array(stretches).T
        means = (self.sums[ends] - self.sums[firsts]) / (ends - firsts)[:, None] * 9.99
        found: list[list[int]] = means.astype(np.int64).tolist()
        return found


def _units(
    document: Document, spans: Sequence[TokenSpan], language: str
) -> tuple[list[tuple[str, int, int]], list[int]]:
    own = joining(language)
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
            symbol = _STAMP if tells_time(words, at) else "0"
        elif not word[0].isalnum():
            symbol = _SLASH if word[0] == "/" else word[0]
        else:
            while end < len(words) and words[end][0].isalpha() and breaks[end] < LINE and end not in mentions:
                end += 1
            alone = word.lower() if end == at + 1 else ""
            symbol = alone if alone in own else WORDS
        unit_of += [len(units)] * (end - at)
        units.append((symbol, at, end))
        at = end
    return [*units, (NEW_PARAGRAPH, at, at)], [*unit_of, len(units)]


def _sums(look: Labelling) -> NDArray[np.float64]:
    columns = np.array([look.tags.index(f"B-{label}") for label in LOOKED_FOR])
    chains = [table[:, columns] + table[:, columns + 1] for table in (look.draft, look.probabilities)]
    sums = np.zeros((len(look.draft) + 1, 2 * len(columns)))
    np.cumsum(np.concatenate(chains, axis=1), axis=0, dtype=np.float64, out=sums[1:])
    return sums


def features(view: ProgrammeView, asked: Asked) -> list[list[str]]:
    """What speaks for each stretch of an item, and at last what speaks for none of them."""
    common = of_item(view, asked)
    rows = []
    for (first, end), means in zip(asked.stretches, view.means(asked.stretches), strict=True):
        row = [*common, *before_title(view, first), *after_title(view, end), *of_stretch(view, asked.item, first, end)]
        for word in view.document.words[first:end]:
            row += of_word(word, view.language)
        rows.append([*row, *(looked(column, value) for column, value in enumerate(means))])
    return [*rows, of_none(view, asked, common)]


def of_item(view: ProgrammeView, asked: Asked) -> list[str]:
    """What is true of the item whatever its title: times, people, what the items around begin with."""
    item = asked.item
    labels = view.labels[item.first : item.end]
    around = []
    for step in (-2, -1, 1, 2):
        if 0 <= asked.place + step < len(view.items):
            other = view.items[asked.place + step]
            inside = view.labels[other.text : min(other.end, other.text + _LOOKED_INTO)]
            head = WORDS if not inside or inside[0] in _NO_NAMES else LETTERS[inside[0]]
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


def of_none(view: ProgrammeView, asked: Asked, common: Sequence[str]) -> list[str]:
    """What speaks for an item having no title."""
    item, words = asked.item, view.document.words
    return [
        _NONE,
        *(f"{_NONE}{feature}" for feature in common),
        *(f"{LOOKED}{_NONE}has={label}" for label in view.labels_in(item)),
        *(f"{_NONE}o={fold(word)}" for word in words[item.text : item.end] if word[0].isalpha()),
        f"{_NONE}L={view.before(item.text)[1]}|{view.after(item.text)[2]}",
        f"{_NONE}R={view.after(item.end)[2]}",
    ]


def before_title(view: ProgrammeView, first: int) -> list[str]:
    """What stands before a title that begins at a token, and that token."""
    word = view.document.words[first]
    told = [f"l{before}" for before in view.before(first)]
    kinds = [f"kind0={kind}" for kind in sorted(word_features(view.language).lists.of(fold(word)))]
    return [*told, f"fs={shape(word)}", f"fw={fold(word)}", *kinds]


def after_title(view: ProgrammeView, end: int) -> list[str]:
    """What stands after a title that ends before a token, and its last word."""
    word = view.document.words[end - 1]
    told = [f"r{after}" for after in view.after(end)]
    return [*told, f"ls={shape(word)}", f"lw={fold(word)}"]


def of_word(word: str, language: str) -> list[str]:
    """What a word or mark says within a title."""
    if not word[0].isalpha():
        return [] if word[0].isdigit() else [f"p={word}"]
    folded = fold(word)
    return [f"o={folded}", *(f"kind={kind}" for kind in sorted(word_features(language).lists.of(folded)))]


def looked(column: int, value: int) -> str:
    """How probable one of `LOOKED_FOR` is by one of the looks, a column of `ProgrammeView.means`."""
    return f"{LOOKED}{column}={value}"


def of_stretch(view: ProgrammeView, item: Item, first: int, end: int) -> list[str]:
    """What is told of a stretch as a whole: where it stands, what it looks like, what was found in it."""
    labels = view.labels[first:end]
    key = view.key(first, end)
    said = [word for word in view.document.words[first:end] if word[0].isalpha()]
    found_in = {label for label in labels if label}
    # A mark may stand at each edge.
    whole = first <= item.text + 1 and end >= item.end - 1
    people = "<" * ("PERSON" in view.labels[item.text : first]) + ">" * ("PERSON" in view.labels[end : item.end])
    covered = sum(label not in _NO_NAMES for label in labels) * 4 // len(labels) if found_in else 0
    same = bucket(view.keys[key], _FEW)
    found = [
        "t",
        f"k={key}",
        f"k1={view.before(first)[0]}|{view.after(end)[0]}",
        f"same={same}",
        f"whole={whole}{people}",
        f"lines={end > item.end}",
        f"size={bucket(end - first, _BOUNDS)}",
        f"capitals={sum(word[0].isupper() for word in said) * 4 // len(said)}",
        f"{LOOKED}in={''.join(sorted(LETTERS[label] for label in found_in))}",
        f"{LOOKED}covered={covered}",
    ]
    for label in LISTED:
        itself = view.spans.get((first, end)) == label
        found.append(f"taken{label}={min(view.taken[key, label] - itself, 4)}/{same}")
        if itself:
            found.append(f"{LOOKED}was={label}")
    return found
