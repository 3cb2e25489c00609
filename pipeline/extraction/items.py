"""The items of a programme, and the stretches of each that could be the title of a talk.

An item is a line, or what stands between two times of a paragraph in which lines were lost. A title stands in it
between edges, marks and mentions: after `10.30`, after a speaker and a colon, before a dash and a speaker, before a
bracket.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from pipeline.extraction.labeller import Document
from pipeline.extraction.layout import is_time
from pipeline.extraction.tokens import GAP, LINE

#: Fewer items that could have a title are no programme; one more is needed where few begin with a time or bullet.
LEAST = 3
#: A longer item is a paragraph of prose, a longer stretch no title; an item without a time must be short.
LONGEST_ITEM, LONGEST, SHORT = 70, 45, 30
#: An item speaks of talks where one of so many on either side names a person.
_REACH = 2
#: How many places are tried for each edge, and for the end of a title that goes on in the next line.
_PLACES, _FURTHER = 7, 3
#: A quoted stretch of more words than this is looked at by itself (`titles.py`).
_QUOTED = 3
_HALVES = frozenset(["am", "pm", "a.m", "p.m", "a.m.", "p.m."])
_DASHES = frozenset("-–—")
_LEADS = frozenset("-–—•*·|.:;,)(>►▪◦‣=~")
_OPENING = frozenset("\"“„«‘'`")
_SEPARATING = frozenset(":,.–—-/|);(")
_DIVIDING = frozenset(",–—-;")
_TRAILING = frozenset(",;:.-–—/|(•*·\"“”„«»‘’'`")
#: What a title is not made of alone.
WALLS = frozenset(["PERSON", "ROLE", "DATE"])

Stretch = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Item:
    """Tokens from `first` to `end`; `text` is the first after times, numbers and bullets."""

    first: int
    text: int
    end: int

    @property
    def led(self) -> bool:
        """Whether it begins with a time, a number or a bullet."""
        return self.text > self.first


def items_of(document: Document) -> list[Item]:
    """The lines of a document, cut before the times that stand in them."""
    words, tokens = document.words, document.tokens
    times = np.flatnonzero(tokens.lexicon.told(is_time)[tokens.ids]).tolist()
    cuts = {0, *np.flatnonzero(tokens.breaks >= LINE).tolist(), *(at for at in times if at and not _goes_on(words, at))}
    bounds = [*sorted(cuts), len(words)] if words else []
    return [Item(a, _text(words, a, b), b) for a, b in pairwise(bounds)]


def _goes_on(words: Sequence[str], at: int) -> bool:
    """Whether the time at a token is the end of a span of time."""
    before = words[at - 1]
    if before in _DASHES and at > 1:
        before = words[at - 2]
    return is_time(before) or before.lower() in _HALVES


def _text(words: Sequence[str], first: int, end: int) -> int:
    at = first
    while at < end:
        word = words[at]
        numbered = word.isdigit() and len(word) < 3 and at + 1 < end and words[at + 1] in ".)"
        if not (numbered or word in _LEADS or is_time(word) or word.lower() in _HALVES):
            break
        at += 1
    return at


def listed(document: Document, items: Sequence[Item], labels: Sequence[str]) -> list[tuple[int, list[Stretch]]]:
    """The items that could have a title, by their place, with the stretches that could be it.

    Args:
        document, items: the document and `items_of` it. labels: of each token, that of its mention, or "".

    Returns:
        nothing where there is no programme: too few items, or people in fewer than two.
    """
    named = [item.end - item.first <= LONGEST_ITEM and "PERSON" in labels[item.first : item.end] for item in items]
    if sum(named) < 2:
        return []
    asked = [
        place
        for place, item in enumerate(items)
        if _is_short(document, item, labels) and any(named[max(0, place - _REACH) : place + _REACH + 1])
    ]
    quoted = [(q.opening, q.last) for q in document.context.quotes if q.closed and q.last - q.first > _QUOTED]
    found = []
    for place in asked:
        item = items[place]
        if not any(first < item.end and last > item.first for first, last in quoted):
            stretches = _stretches(document, items, place, labels)
            if stretches:
                found.append((place, stretches))
    led = sum(items[place].led for place, _ in found)
    return found if len(found) >= LEAST + (led < LEAST) else []


def _is_short(document: Document, item: Item, labels: Sequence[str]) -> bool:
    """Whether an item is no prose: it begins with a time, or it is short and ends like no sentence."""
    size = item.end - item.text
    if not 0 < size <= LONGEST_ITEM:
        return False
    last = item.end - 1
    return item.led or (size <= SHORT and (document.words[last] != "." or labels[last - 1] == "PERSON"))


def _stretches(document: Document, items: Sequence[Item], place: int, labels: Sequence[str]) -> list[Stretch]:
    words, breaks, item = document.words, document.tokens.breaks, items[place]

    def begins(at: int) -> bool:
        if labels[at] and labels[at] == labels[at - 1]:
            return False
        back = at - 1
        while back > at - 4 and back > 0 and words[back] in _SEPARATING:
            back -= 1
        behind = labels[back] in WALLS if back == at - 1 else bool(labels[back]) or words[back + 1] in "):"
        return behind or bool(breaks[at] >= GAP)

    def ends(at: int) -> bool:
        if labels[at] and labels[at] == labels[at - 1]:
            return False
        if breaks[at] >= GAP or words[at] in "([/|":
            return True
        if at + 1 < len(words) and words[at] in _DIVIDING and words[at + 1][0].isupper():
            return True
        on = at
        while on < at + 3 and on < len(words) - 1 and (words[on] in _SEPARATING or words[on].lower() == "by"):
            on += 1
        return labels[on] in WALLS

    starts = _places(item.text, item.end, begins, [item.text])
    starts = list(dict.fromkeys(_inner(words, at, item.end) for at in starts))[:_PLACES]
    last = _places(item.text + 1, item.end, ends, [item.end])
    last = list(dict.fromkeys(_trimmed(words, item.text, at) for at in last))[-_PLACES:]
    found = [(a, b) for a in starts for b in last]
    following = items[place + 1] if place + 1 < len(items) else None
    if following and breaks[following.first] == LINE and not following.led and following.end - item.end <= SHORT:
        further = _places(item.end + 1, following.end, ends, [following.end])
        further = list(dict.fromkeys(_trimmed(words, item.end, at) for at in further))[:_FURTHER]
        found += [(a, b) for a in starts[:2] for b in further]
    return [(a, b) for a, b in dict.fromkeys(found) if a < b <= a + LONGEST and _could_be(words, labels, a, b)]


def _places(first: int, end: int, fits: Callable[[int], bool], more: Sequence[int]) -> list[int]:
    """The places from `first` to before `end` that fit, and others."""
    return sorted({*more, *(at for at in range(first, end) if fits(at))})


def _inner(words: Sequence[str], at: int, end: int) -> int:
    while at < end - 1 and (words[at] in _OPENING or words[at] in _LEADS):
        at += 1
    return at


def _trimmed(words: Sequence[str], first: int, at: int) -> int:
    while at > first + 1 and words[at - 1] in _TRAILING:
        at -= 1
    return at


def _could_be(words: Sequence[str], labels: Sequence[str], first: int, end: int) -> bool:
    """Whether a stretch has two words, and one that is of no person, role or date."""
    said = [at for at in range(first, end) if words[at][0].isalpha()]
    return len(said) > 1 and any(labels[at] not in WALLS for at in said)
