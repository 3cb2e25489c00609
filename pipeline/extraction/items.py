"""The items of a programme, and the stretches of each that could be the title of a talk.

An item is a line, or what stands between two times of a paragraph in which lines were lost. A title stands in it
between edges, marks and mentions: after `10.30`, after a speaker and a colon, before a dash and a speaker, before a
bracket.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, pairwise

import numpy as np

from pipeline.extraction.edges import LONGEST, WALLS, Stretch
from pipeline.extraction.labeller import Document
from pipeline.extraction.times import ends_time, is_half, tells_time
from pipeline.extraction.tokens import GAP, LINE
from pipeline.knowledge import COMMON, lines

#: Fewer items that could have a title are no programme; one more is needed where few begin with a time or bullet.
LEAST = 3
#: A longer item is a paragraph of prose; an item without a time must be short.
LONGEST_ITEM, SHORT = 70, 30
#: An item speaks of talks where one of so many on either side names a person.
_REACH = 2
#: How many beginnings are tried, how many ends (the first and the last of them), and how many in the next line.
_BEGINNINGS, _FIRST_ENDS, _LAST_ENDS, _FURTHER = 7, 4, 4, 3
#: An item with a quotation of more tokens than this is left to those who look at quotations (`titles.py`).
_QUOTED = 3
_BULLETS = frozenset("-–—•*·►▪◦‣")
_LEADS = _BULLETS | frozenset(".:;,)(>|=~")
_OPENING = frozenset("\"“„«‘'`")
_SEPARATING = frozenset(":,.–—-/|);(")
_DIVIDING = frozenset(",–—-;")
_CLOSING, _ENDING, _NUMBERED = frozenset("):"), frozenset("([/|:"), frozenset(".)")
_TRAILING = frozenset(",;:.-–—/|(•*·\"“”„«»‘’'`")


@dataclass(frozen=True, slots=True)
class Item:
    """Tokens from `first` to `end`; `text`: the first after times, numbers and bullets; `led`: it has one of these."""

    first: int
    text: int
    end: int
    led: bool


def items_of(document: Document) -> list[Item]:
    """The lines of a document, cut before the times that stand in them."""
    words, tokens = document.words, document.tokens
    numbers = np.flatnonzero(tokens.lexicon.told(_is_number)[tokens.ids]).tolist()
    times = (at for at in numbers if tells_time(words, at) and not ends_time(words, at))
    cuts = {0, *np.flatnonzero(tokens.breaks >= LINE).tolist(), *times}
    bounds = [*sorted(cuts), len(words)] if words else []
    return [_item(words, first, end) for first, end in pairwise(bounds)]


def _is_number(word: str) -> int:
    return word[0].isdigit()


def _item(words: Sequence[str], first: int, end: int) -> Item:
    at, led = first, False
    while at < end:
        word = words[at]
        numbered = word.isdigit() and len(word) < 3 and at + 1 < end and words[at + 1] in _NUMBERED
        telling = numbered or word in _BULLETS or tells_time(words, at)
        within = at > first and (is_half(word) or (at + 1 < end and _is_time_to(words, at + 1)))
        if not (telling or within or word in _LEADS):
            break
        led = led or telling
        at += 1
    return Item(first, at, end, led)


def _is_time_to(words: Sequence[str], at: int) -> bool:
    """Whether the end of a span of time stands at a token."""
    return tells_time(words, at) and ends_time(words, at)


def stretches_of(document: Document, items: Sequence[Item], labels: Sequence[str]) -> list[tuple[int, list[Stretch]]]:
    """The items that could have a title, by their place, with the stretches that could be it.

    Args:
        document, items: the document and `items_of` it. labels: of each token, that of its mention, or "".

    Returns:
        nothing where there is no programme: too few items, or people in fewer than two.
    """
    named = [item.end - item.first <= LONGEST_ITEM and "PERSON" in labels[item.first : item.end] for item in items]
    if sum(named) < 2:
        return []
    quoted = [0] * (len(labels) + 1)
    for q in document.context.quotes:
        if q.closed and q.last - q.first > _QUOTED:
            quoted[q.opening] += 1
            quoted[q.last] -= 1
    open_before = [0, *accumulate(accumulate(quoted))]
    found, led = [], 0
    for place, item in enumerate(items):
        if (
            _is_short(document, item, labels)
            and any(named[max(0, place - _REACH) : place + _REACH + 1])
            and open_before[item.first] == open_before[item.end]
        ):
            stretches = _stretches(document, items, place, labels)
            if stretches:
                found.append((place, stretches))
                led += item.led
    return found if len(found) >= LEAST + (led < LEAST) else []


def _is_short(document: Document, item: Item, labels: Sequence[str]) -> bool:
    """Whether an item is no prose: it begins with a time, or it is short and ends like no sentence."""
    size = item.end - item.text
    if not 0 < size <= LONGEST_ITEM:
        return False
    last = item.end - 1
    return item.led or (size <= SHORT and (document.words[last] != "." or labels[last - 1] == "PERSON"))


def _stretches(document: Document, items: Sequence[Item], place: int, labels: Sequence[str]) -> list[Stretch]:
    """What an item has between a place where a title could begin and one where it could end, there or a line on."""
    words, breaks, item = document.words, document.tokens.breaks, items[place]

    def begins(at: int) -> bool:
        if at == item.text:
            return True
        if labels[at] and labels[at] == labels[at - 1]:
            return False
        back = at - 1
        while back > item.first and back > at - 4 and words[back] in _SEPARATING:
            back -= 1
        behind = labels[back] in WALLS if back == at - 1 else bool(labels[back]) or words[back + 1] in _CLOSING
        return behind or bool(breaks[at] >= GAP)

    def ends(at: int) -> bool:
        if labels[at] and labels[at] == labels[at - 1]:
            return False
        if breaks[at] >= GAP or words[at] in _ENDING:
            return True
        if at + 1 < len(words) and words[at] in _DIVIDING and words[at + 1][0].isupper():
            return True
        on = at
        while on < at + 3 and on < len(words) - 1 and (words[on] in _SEPARATING or words[on].lower() in _by()):
            on += 1
        return labels[on] in WALLS

    starts = _places(item.text, item.end, begins, lambda at: _inner(words, at, item.end))[:_BEGINNINGS]
    last = _places(item.text + 1, item.end, ends, lambda at: _trimmed(words, item.text, at), item.end)
    found = [(a, b) for a in starts for b in dict.fromkeys([*last[:_FIRST_ENDS], *last[-_LAST_ENDS:]])]
    following = items[place + 1] if place + 1 < len(items) else None
    if following and breaks[following.first] == LINE and not following.led and following.end - item.end <= SHORT:
        further = _places(item.end + 1, following.end, ends, lambda at: _trimmed(words, item.end, at), following.end)
        found += [(a, b) for a in starts[:2] for b in further[:_FURTHER]]
    return [(a, b) for a, b in dict.fromkeys(found) if a < b <= a + LONGEST and _could_be(words, labels, a, b)]


@cache
def _by() -> frozenset[str]:
    return frozenset(lines(COMMON, "author_words"))


def _places(
    first: int, end: int, fits: Callable[[int], bool], moved: Callable[[int], int], more: int | None = None
) -> list[int]:
    """The places from `first` to before `end` that fit, and another, each moved over marks; every one once."""
    found = [at for at in range(first, end) if fits(at)]
    return list(dict.fromkeys(map(moved, found if more is None else [*found, more])))


def _inner(words: Sequence[str], at: int, end: int) -> int:
    """The first token from a place on that a title could begin with."""
    while at < end - 1 and (words[at] in _OPENING or words[at] in _LEADS):
        at += 1
    return at


def _trimmed(words: Sequence[str], first: int, at: int) -> int:
    """The end of a title that ends before a place, without the marks there."""
    while at > first + 1 and words[at - 1] in _TRAILING:
        at -= 1
    return at


def _could_be(words: Sequence[str], labels: Sequence[str], first: int, end: int) -> bool:
    """Whether a stretch has two words, one that is of no person, role or date, and cuts none of these in two."""
    said = [at for at in range(first, end) if words[at][0].isalpha()]
    if len(said) < 2 or all(labels[at] in WALLS for at in said):
        return False
    cut = first > 0 and labels[first] in WALLS and labels[first - 1] == labels[first]
    return not cut and not (end < len(words) and labels[end] in WALLS and labels[end] == labels[end - 1])
