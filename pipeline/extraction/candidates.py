"""Which mentions could belong together, and what speaks for it: the linker's candidate pairs and their features."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, NamedTuple

from pipeline.extraction.layout import LETTERS, NEW_PARAGRAPH, WORDS, Layout
from pipeline.extraction.spans import TokenSpan

Kind = tuple[str, str, str, int, int]
Group = Callable[..., list[str]]
#: Kinds of link: (name, label of the anchor, label of what it is linked to, candidates before, candidates after).
ROLE_PERSON = ("rp", "ROLE", "PERSON", 3, 3)
ROLE_INSTITUTION = ("ri", "ROLE", "INSTITUTION", 4, 2)
REPORT_PERSON = ("tp", "REPORT", "PERSON", 4, 3)
#: Longer stretches between two mentions are not spelled out as a pattern.
LONGEST_PATTERN = 9
#: In longer ones than this it is not even told which words stand there.
LONGEST_LIST = 24
_LETTERS = frozenset((*LETTERS.values(), WORDS))
#: Words are compared by so many first letters, which declined forms share (`library`, `libraries`; `музей`, `музея`).
STEM = 4
#: How far from a role the words are looked for that say whose role it is (`the director of the museum`).
REACH = 5
_SENTENCE_STOPS = frozenset(".;:")
#: So many units before and after a person are looked at.
SEEN = 3
#: No more institutions than this are candidates for a role.
MOST_CANDIDATES = 12


@dataclass(frozen=True, slots=True)
class Page:
    """A document as the linker sees it: words, mentions as token spans, their layout and positions by label."""

    words: Sequence[str]
    spans: Sequence[TokenSpan]
    layout: Layout
    by_label: dict[str, list[int]]
    texts: list[str]
    counts: dict[str, int]
    _mains: dict[str, int | None] = field(default_factory=dict)
    _before: dict[str, list[int]] = field(default_factory=dict)
    _known: dict[int, str] = field(default_factory=dict)
    _stems: dict[str, frozenset[str]] = field(default_factory=dict)
    _said: dict[int, tuple[frozenset[str], ...]] = field(default_factory=dict)
    _all_stems: list[frozenset[str]] = field(default_factory=list)
    _around: dict[int, tuple[tuple[str, ...], tuple[str, ...]]] = field(default_factory=dict)

    @classmethod
    def of(cls, words: Sequence[str], spans: Sequence[TokenSpan], layout: Layout) -> Page:
        """Index the mentions by label."""
        by_label: dict[str, list[int]] = {}
        texts = []
        counts: dict[str, int] = {}
        for number, (first, last, label) in enumerate(spans):
            by_label.setdefault(label, []).append(number)
            text = " ".join(words[first:last]).lower()
            texts.append(text)
            counts[text] = counts.get(text, 0) + 1
        return cls(words, spans, layout, by_label, texts, counts)

    def main(self, label: str) -> int | None:
        """The mention that a bare `the director` most likely speaks of: the first of the most frequent name."""
        if label not in self._mains:
            others = self.by_label.get(label, [])
            self._mains[label] = max(others, key=lambda m: (self.counts[self.texts[m]], -m), default=None)
        return self._mains[label]

    def like(self, mention: int, low: int, high: int) -> int:
        """How many mentions of the same label stand between two mentions."""
        label = self.spans[mention][2]
        before = self._before.get(label)
        if before is None:
            before = self._before[label] = list(accumulate((s[2] == label for s in self.spans), initial=0))
        return before[high] - before[low + 1]

    def known(self, mention: int) -> str:
        """How well known a name is in the document: how often it stands there, whether it is the main or first one."""
        told = self._known.get(mention)
        if told is None:
            label = self.spans[mention][2]
            count = min(self.counts[self.texts[mention]], 3)
            main = "m" if mention == self.main(label) else ""
            told = self._known[mention] = f"{count}{main}{'f' if mention == self.by_label[label][0] else ''}"
        return told

    def stems(self, mention: int) -> frozenset[str]:
        """The stems of the longer words of a mention."""
        text = self.texts[mention]
        found = self._stems.get(text)
        if found is None:
            found = self._stems[text] = frozenset(word[:STEM] for word in text.split() if len(word) >= STEM)
        return found

    def said(self, role: int) -> tuple[frozenset[str], ...]:
        """The stems of the words of a role, and of those after and before it that belong to no mention."""
        found = self._said.get(role)
        if found is None:
            first, last, _ = self.spans[role]
            before = self.spans[role - 1][1] if role else 0
            after = self.spans[role + 1][0] if role + 1 < len(self.spans) else len(self.words)
            following = self.words[last : min(last + REACH, after)]
            stop = next((i for i, word in enumerate(following) if word in _SENTENCE_STOPS), len(following))
            sides = (following[:stop], self.words[max(first - REACH, before) : first])
            stems = (frozenset(word[:STEM].lower() for word in side if len(word) >= STEM) for side in sides)
            found = self._said[role] = (self.stems(role), *stems)
        return found

    def named(self) -> frozenset[str]:
        """The stems of all institutions."""
        if not self._all_stems:
            self._all_stems.append(frozenset().union(*map(self.stems, self.by_label.get("INSTITUTION", []))))
        return self._all_stems[0]

    def around(self, mention: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The units before and after a mention."""
        found = self._around.get(mention)
        if found is None:
            symbols, at = self.layout.symbols, self.layout.at[mention]
            found = tuple(symbols[max(0, at - SEEN) : at]), tuple(symbols[at + 1 : at + 1 + SEEN])
            self._around[mention] = found
        return found


def candidates(page: Page, anchor: int, kind: Kind) -> list[int]:
    """The mentions that an anchor could be linked to: the nearest so many before and after it.

    For a role also the first and the main institution, and farther ones that share a word with it (`of the museum`).
    """
    _, _, label, before, after = kind
    others = page.by_label.get(label, [])
    left = bisect_left(others, anchor)
    right = bisect_right(others, anchor)
    near = others[max(0, left - before) : left] + others[right : right + after]
    if kind is ROLE_INSTITUTION and others:
        near += [m for m in (others[0], page.main(label)) if m is not None and m not in near]
        near += _of_same_words(page, anchor, others, near)
    return near


def _of_same_words(page: Page, role: int, others: Sequence[int], near: Sequence[int]) -> list[int]:
    """The institutions of other names that share a word with a role or with what stands beside it, nearest first."""
    said = frozenset().union(*page.said(role))
    found: list[int] = []
    if said.isdisjoint(page.named()):
        return found
    names = {page.texts[other] for other in near}
    for other in sorted(others, key=lambda other: abs(other - role)):
        if len(near) + len(found) >= MOST_CANDIDATES:
            break
        if page.texts[other] not in names and page.stems(other) & said:
            names.add(page.texts[other])
            found.append(other)
    return found


def anchor_features(page: Page, anchor: int, kind: str) -> list[str]:
    """What speaks of the anchor alone: its words and what stands beside it."""
    first, last, _ = page.spans[anchor]
    head, tail = page.words[first].lower(), page.words[last - 1].lower()
    symbols, at = page.layout.symbols, page.layout.at[anchor]
    before = symbols[max(0, at - 2) : at]
    after = symbols[at + 1 : at + 3]
    return [
        f"{kind}:h={head}",
        f"{kind}:t={tail}",
        f"{kind}:len={min(last - first, 4)}{page.words[first][0].isupper()}",
        f"{kind}:b={' '.join(before)}",
        f"{kind}:a={' '.join(after)}",
        f"{kind}:n={' '.join(before[-1:])}_{' '.join(after[:1])}",
        f"{kind}:w={page.texts[anchor]}",
    ]


#: Where another mention can lie as seen from an anchor: side, sentence/line/paragraph/elsewhere, how many of its like
#: between.
PLACES = tuple(f"{side}{same}{rank}" for side in "<>" for same in "slpd" for rank in range(3))


class Pair(NamedTuple):
    """What speaks for a link between an anchor and another mention.

    place: one of `PLACES`, to which each of the anchor's own features is joined. groups: (function, arguments) pairs;
    a function turns its arguments into feature strings, so the sum of their weights can be kept by the arguments.
    singular: features that seldom come back, so that a sum of them is not worth keeping.
    """

    place: str
    groups: list[tuple[Group, tuple[Any, ...]]]
    singular: list[str]

    def features(self, beside: Iterable[str]) -> list[str]:
        """All feature strings, given the anchor's own."""
        found = [feature for group, arguments in self.groups for feature in group(*arguments)]
        found += self.singular
        for name in beside:
            found += [f"{self.place[0]}{name}", f"{self.place}{name}"]
        return found


def pair_of(
    page: Page,
    anchor: int,
    other: int,
    kind: str,
    chosen: int | None,
    earlier: Mapping[int, frozenset[str]] | None = None,
) -> Pair:
    """Compare an anchor and another mention.

    Args:
        page: the document.
        anchor, other: the two mentions.
        kind: the name of the kind of link; it opens every feature.
        chosen: for a role's institution, the person that the role was linked to.
        earlier: for a report's person, the names that each report before it was linked to, in text order.
    """
    layout = page.layout
    side = "<" if other < anchor else ">"
    key = f"{kind}{side}"
    low, high = (other, anchor) if other < anchor else (anchor, other)
    same = _nearness(layout, anchor, other)
    rank, rivals = page.like(other, low, high), page.like(anchor, low, high)
    mark = layout.mark_at[low] + 1
    marks = layout.marks[mark : min(mark + 8, layout.mark_at[high])]
    stops = min(layout.stops[high] - layout.stops[low], 3)
    paragraphs = layout.paragraph[high] - layout.paragraph[low]
    lines = layout.line[high] - layout.line[low] - paragraphs
    start, end = layout.at[low] + 1, layout.at[high]
    at = layout.at[other]
    symbols = layout.symbols
    outer = symbols[at - 1] if at else NEW_PARAGRAPH
    beyond = symbols[at + 1] if at + 1 < len(symbols) else NEW_PARAGRAPH
    known = page.known(other)
    groups: list[tuple[Group, tuple[Any, ...]]] = [
        (_distances, (key, _distance(end - start), same, min(rank, 3), min(rivals, 3))),
        (_known, (key, known, same, stops, min(lines, 2), min(paragraphs, 2))),
        (_edges, (key, outer, beyond)),
    ]
    singular = [f"{key}let={marks}", f"{key}known={known}{page.texts[anchor]}"]
    if end - start <= LONGEST_LIST:
        singular += _between(key, symbols[start:end], outer, beyond)
    elif end > start:
        singular += _ends(key, symbols[start], symbols[end - 1])
    if chosen is not None:
        inside = min(anchor, chosen) < other < max(anchor, chosen)
        where = "in" if inside else "role" if (other < anchor) == (anchor < chosen) else "person"
        a, b = sorted((layout.at[chosen], at))
        path = " ".join(symbols[a + 1 : b]) if b - a - 1 <= LONGEST_PATTERN else None
        groups.append((_person, (key, where, min(rank, 2), _distance(b - a - 1), path)))
    elif kind == ROLE_INSTITUTION[0]:
        groups.append((_no_person, (key,)))
    if kind == ROLE_INSTITUTION[0]:
        groups.append((_fitting, (*_head_and_tail(page.texts[anchor]), page.texts[other])))
        groups.append((_shared, (side, *_shared_words(page, anchor, other))))
    else:
        groups.append((_beside, (key, *page.around(other))))
    if earlier is not None:
        groups.append((_turn, _turn_of(page, anchor, other, earlier)))
    return Pair(f"{side}{same}{min(rank, 2)}", groups, singular)


_BOUNDS = (1, 2, 3, 5, 8, 12, 20, 40)


def _distance(length: int) -> str:
    """A coarse distance in units."""
    at = bisect_left(_BOUNDS, length)
    return str(_BOUNDS[at]) if at < len(_BOUNDS) else "far"


def _distances(key: str, distance: str, same: str, rank: int, rivals: int) -> list[str]:
    return [
        key,
        f"{key}dist={distance}",
        f"{key}same={same}",
        f"{key}same={same}{rank}",
        f"{key}rank={rank}",
        f"{key}rivals={rivals}",
        f"{key}rank={rank}rivals={rivals}{same}",
    ]


def _edges(key: str, outer: str, beyond: str) -> list[str]:
    return [f"{key}out={outer}", f"{key}bey={beyond}", f"{key}out={outer}bey={beyond}"]


def _known(key: str, known: str, same: str, stops: int, lines: int, paragraphs: int) -> list[str]:
    told = f"{key}known={known}"
    return [told, f"{told}{same}", f"{key}stops={stops}", f"{key}breaks={lines}{paragraphs}"]


def _between(key: str, symbols: list[str], outer: str, beyond: str) -> list[str]:
    features = [f"{key}has={symbol}" for symbol in sorted(set(symbols) - _LETTERS)]
    if symbols:
        features += _ends(key, symbols[0], symbols[-1])
    if len(symbols) <= LONGEST_PATTERN:
        pattern = f"{key}pat={' '.join(symbols)}"
        features += [pattern, f"{pattern}|{outer}|{beyond}"]
    return features


def _ends(key: str, first: str, last: str) -> list[str]:
    return [f"{key}first={first}", f"{key}last={last}"]


def _person(key: str, where: str, rank: int, gap: str, path: str | None) -> list[str]:
    features = [f"{key}person={where}", f"{key}person={where}{rank}", f"{key}gap={gap}{where}"]
    if path is not None:
        features.append(f"{key}pp={where}{path}")
    return features


def _no_person(key: str) -> list[str]:
    return [f"{key}person=none"]


def _beside(key: str, before: tuple[str, ...], after: tuple[str, ...]) -> list[str]:
    return [f"{key}pre={' '.join(before)}", f"{key}post={' '.join(after)}"]


def _head_and_tail(text: str) -> tuple[str, str]:
    """The stems of the first and last word of a text."""
    words = text.split()
    return words[0][:STEM], words[-1][:STEM]


def _fitting(head: str, tail: str, institution: str) -> list[str]:
    """Which words of institutions go with which roles: a rector with a university, a minister with a ministry."""
    names = institution.split()
    stems = sorted({word[:STEM] for word in names if len(word) >= STEM})
    pairs = [f"ri{place}={stem}" for stem in stems for place in (f"h={head}i", f"t={tail}i")]
    return [*pairs, f"ri:hl={head}{names[-1][:STEM]}"]


def _shared_words(page: Page, role: int, institution: int) -> tuple[Any, ...]:
    """For the words of a role, those after it and before it: which the institution shares, and how many between do too.

    At last whether another institution shares one where this does not.
    """
    stems = page.stems(institution)
    low, high = sorted((role, institution))
    told: list[tuple[str, int]] = []
    for said in page.said(role):
        shared = said & stems
        between = 0
        if shared:
            others = page.by_label["INSTITUTION"]
            inside = others[bisect_right(others, low) : bisect_left(others, high)]
            between = min(sum(not said.isdisjoint(page.stems(other)) for other in inside), 2)
        told.append((" ".join(sorted(shared)), between))
    claimed = page.said(role)[0] | page.said(role)[1]
    elsewhere = claimed.isdisjoint(stems) and not claimed.isdisjoint(page.named())
    return (*told, elsewhere)


def _shared(
    side: str, inside: tuple[str, int], after: tuple[str, int], before: tuple[str, int], elsewhere: bool
) -> list[str]:
    features = ["ri:sw=elsewhere"] if elsewhere else []
    for place, (shared, between) in (("r", inside), ("a", after), ("b", before)):
        key = f"sw{place}={bool(shared)}"
        features += [f"ri:{key}", f"ri{side}{key}"]
        if shared:
            features += [f"ri:sw{place}={stem}" for stem in shared.split()]
            features.append(f"ri{side}sw{place}between={between}")
    return features


def _turn_of(page: Page, report: int, person: int, earlier: Mapping[int, frozenset[str]]) -> tuple[Any, ...]:
    """Whether a person has had a turn: gave the report before (which stands how near), or how many of the earlier."""
    name = page.texts[person]
    used = min(sum(name in names for names in earlier.values()), 2)
    last = max(earlier, default=None)
    if last is None:
        return "first", "", used, "<" if person < report else ">"
    told_of = earlier[last]
    told = "same" if name in told_of else "other" if told_of else "none"
    return told, _nearness(page.layout, last, report), used, "<" if person < report else ">"


def _turn(told: str, near: str, used: int, side: str) -> list[str]:
    features = [f"tp:pv={told}", f"tp:used={used}", f"tp:used={used}{side}"]
    return features if told == "first" else [*features, f"tp:pv={told}{near}", f"tp:pv={told}{near}{side}"]


def _nearness(layout: Layout, one: int, other: int) -> str:
    """Whether two mentions share their sentence, line or paragraph, or none of them (`d`)."""
    for letter, numbers in (("s", layout.sentence), ("l", layout.line), ("p", layout.paragraph)):
        if numbers[one] == numbers[other]:
            return letter
    return "d"
