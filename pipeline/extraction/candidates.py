"""Which mentions could belong together: a document as the linker sees it, and its candidate pairs.

What speaks for a pair is told in `pairs.py`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pipeline.extraction.layout import Layout
from pipeline.extraction.spans import TokenSpan

Kind = tuple[str, str, str, int, int]
#: Kinds of link: (name, label of the anchor, label of what it is linked to, candidates before, candidates after).
ROLE_PERSON = ("rp", "ROLE", "PERSON", 3, 3)
ROLE_INSTITUTION = ("ri", "ROLE", "INSTITUTION", 4, 2)
REPORT_PERSON = ("tp", "REPORT", "PERSON", 4, 3)
#: Whether two mentions share their sentence, line or paragraph, or none of them.
NEARNESS = "slpd"
#: The units of a layout that two mentions can share, as in `NEARNESS`; beyond them is no unit.
UNITS = ("sentence", "line", "paragraph")
#: Words are compared by so many first letters, which declined forms share (`library`, `libraries`; `музей`, `музея`).
STEM = 4
#: How far from a role the words are looked for that say whose role it is (`the director of the museum`).
REACH = 5
_SENTENCE_STOPS = frozenset(".;:")
#: No more institutions than this are candidates for a role.
MOST_CANDIDATES = 12
#: How well known a name is in its document: how often it stands there, whether it is the main one, whether the first.
KNOWN = tuple(f"{count}{main}{first}" for count in (1, 2, 3) for main in ("", "m") for first in ("", "f"))
#: What a role shares with an institution, for the words of the role, those after and those before it: the stems, and
#: how many institutions between share one as well (2 for more); at last whether only another institution shares one.
Shared = tuple[tuple[str, int], tuple[str, int], tuple[str, int], bool]


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
    _stems: dict[str, frozenset[str]] = field(default_factory=dict)
    _said: dict[int, tuple[frozenset[str], ...]] = field(default_factory=dict)
    _all_stems: list[frozenset[str]] = field(default_factory=list)

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

    def known(self) -> list[int]:
        """How well known each name is in the document, as a place in `KNOWN`."""
        counts = self.counts
        known = [4 * min(counts[text], 3) - 4 for text in self.texts]
        for label in ("PERSON", "INSTITUTION"):
            if (main := self.main(label)) is not None:
                known[main] += 2
                known[self.by_label[label][0]] += 1
        return known

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
    texts = page.texts
    names = {texts[other] for other in near}
    like = [other for other in others if texts[other] not in names and not said.isdisjoint(page.stems(other))]
    for other in sorted(like, key=lambda other: abs(other - role)):
        if len(near) + len(found) >= MOST_CANDIDATES:
            break
        if texts[other] not in names:
            names.add(texts[other])
            found.append(other)
    return found


def anchor_features(page: Page, anchor: int) -> list[str]:
    """What speaks of the anchor alone: its words and what stands beside it; the kind of link stands before them."""
    first, last, _ = page.spans[anchor]
    head, tail = page.words[first].lower(), page.words[last - 1].lower()
    symbols, at = page.layout.symbols, page.layout.at[anchor]
    before = symbols[max(0, at - 2) : at]
    after = symbols[at + 1 : at + 3]
    return [
        f":h={head}",
        f":t={tail}",
        f":len={min(last - first, 4)}{page.words[first][0].isupper()}",
        f":b={' '.join(before)}",
        f":a={' '.join(after)}",
        f":n={' '.join(before[-1:])}_{' '.join(after[:1])}",
        f":w={page.texts[anchor]}",
    ]


def shared_words(page: Page, role: int, institutions: Sequence[int]) -> list[Shared]:
    """What a role, with what stands beside it, shares with each of some institutions."""
    said = page.said(role)
    every, named = frozenset().union(*said), page.named()
    claimed = not said[0].isdisjoint(named) or not said[1].isdisjoint(named)
    nothing = *_NONE, claimed
    if every.isdisjoint(named):
        return [nothing] * len(institutions)
    return [
        nothing if every.isdisjoint(page.stems(other)) else _shared_with(page, role, other, claimed)
        for other in institutions
    ]


_NONE = ("", 0), ("", 0), ("", 0)


def _shared_with(page: Page, role: int, institution: int, claimed: bool) -> Shared:
    """The same for one institution; `claimed`: whether words of the role or after it stand in any."""
    said, stems = page.said(role), page.stems(institution)
    low, high = sorted((role, institution))
    others = page.by_label["INSTITUTION"]
    inside = others[bisect_right(others, low) : bisect_left(others, high)]

    def told(words: frozenset[str]) -> tuple[str, int]:
        if words.isdisjoint(stems):
            return "", 0
        between = min(sum(not words.isdisjoint(page.stems(other)) for other in inside), 2)
        return " ".join(sorted(words & stems)), between

    elsewhere = claimed and said[0].isdisjoint(stems) and said[1].isdisjoint(stems)
    return told(said[0]), told(said[1]), told(said[2]), elsewhere


#: Whether a person gave the report before and how near that one is, how many of the earlier ones, and on which side
#: of the report the person stands.
Turn = tuple[str, str, int, str]


class Turns:
    """Which persons of a document gave the reports so far, which are told in text order."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._last: int | None = None
        self._names: frozenset[str] = frozenset()
        self._used: Counter[str] = Counter()

    def add(self, report: int, persons: Iterable[int]) -> None:
        """That these persons gave the next report."""
        self._last = report
        self._names = frozenset(self._page.texts[person] for person in persons)
        self._used.update(self._names)

    def of(self, report: int, persons: Iterable[int]) -> list[Turn]:
        """Whether each of some persons has had a turn before a report."""
        sides = ((self._page.texts[person], "<" if person < report else ">") for person in persons)
        if self._last is None:
            return [("first", "", 0, side) for _, side in sides]
        near, rest = self._nearness(self._last, report), "other" if self._names else "none"
        return [("same" if name in self._names else rest, near, min(self._used[name], 2), side) for name, side in sides]

    def _nearness(self, one: int, other: int) -> str:
        layout = self._page.layout
        shared = (numbers[one] == numbers[other] for numbers in (getattr(layout, unit) for unit in UNITS))
        return next((letter for letter, same in zip(NEARNESS, shared, strict=False) if same), NEARNESS[-1])


def shared_features(
    side: str, inside: tuple[str, int], after: tuple[str, int], before: tuple[str, int], elsewhere: bool
) -> list[str]:
    """What the words tell that a role and an institution share (`Shared`)."""
    features = ["ri:sw=elsewhere"] if elsewhere else []
    for place, (shared, between) in (("r", inside), ("a", after), ("b", before)):
        key = f"sw{place}={bool(shared)}"
        features += [f"ri:{key}", f"ri{side}{key}"]
        if shared:
            features += [f"ri:sw{place}={stem}" for stem in shared.split()]
            features.append(f"ri{side}sw{place}between={between}")
    return features


def turn_features(told: str, near: str, used: int, side: str) -> list[str]:
    """What it tells whether a person has had a turn (`Turn`)."""
    features = [f"tp:pv={told}", f"tp:used={used}", f"tp:used={used}{side}"]
    return features if told == "first" else [*features, f"tp:pv={told}{near}", f"tp:pv={told}{near}{side}"]
