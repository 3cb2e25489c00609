"""Which mentions could belong together, and what speaks for it: the candidate pairs of the linker and their features."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.extraction.layout import NEW_LINE, NEW_PARAGRAPH, WORDS, Layout
from pipeline.extraction.spans import TokenSpan

#: Kinds of link: (name, label of the anchor, label of what it is linked to, candidates before, candidates after).
ROLE_PERSON = ("rp", "ROLE", "PERSON", 3, 3)
ROLE_INSTITUTION = ("ri", "ROLE", "INSTITUTION", 4, 2)
REPORT_PERSON = ("tp", "REPORT", "PERSON", 4, 3)
#: Longer stretches between two mentions are not spelled out as a pattern.
LONGEST_PATTERN = 9
_LETTERS = frozenset("PRITEWDL")


@dataclass(frozen=True, slots=True)
class Page:
    """A document as the linker sees it: words, mentions as token spans, their layout and positions by label."""

    words: Sequence[str]
    spans: Sequence[TokenSpan]
    layout: Layout
    by_label: dict[str, list[int]]
    texts: list[str]
    counts: dict[str, int]

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
        return max(self.by_label.get(label, []), key=lambda m: (self.counts[self.texts[m]], -m), default=None)


def candidates(page: Page, anchor: int, kind: tuple[str, str, str, int, int]) -> list[int]:
    """The mentions that an anchor could be linked to: the nearest so many before and after it, and the main one."""
    _, _, label, before, after = kind
    others = page.by_label.get(label, [])
    left = bisect_left(others, anchor)
    right = bisect_right(others, anchor)
    near = others[max(0, left - before) : left] + others[right : right + after]
    if kind is ROLE_INSTITUTION and others:
        near += [m for m in {others[0], page.main(label)} if m is not None and m not in near]
    return near


def _distance(length: int) -> str:
    """A coarse distance in units."""
    for bound in (1, 2, 3, 5, 8, 12, 20, 40):
        if length <= bound:
            return str(bound)
    return "far"


def anchor_features(page: Page, anchor: int, kind: str) -> list[str]:
    """What speaks of the anchor alone: its words and what stands beside it."""
    first, last, _ = page.spans[anchor]
    head, tail = page.words[first].lower(), page.words[last - 1].lower()
    symbols, at = page.layout.symbols, page.layout.at[anchor]
    before = symbols[at - 2 : at] if at >= 2 else symbols[:at]
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


def pair_features(page: Page, anchor: int, other: int, kind: str, beside: Sequence[str], chosen: int | None) -> list[str]:
    """What speaks for a link between an anchor and another mention.

    Args:
        page: the document.
        anchor, other: the two mentions.
        kind: the name of the kind of link; it opens every feature.
        beside: the anchor's own features, each also joined to the side on which the other mention stands.
        chosen: for a role's institution, the person that the role was linked to.
    """
    layout = page.layout
    side = "<" if other < anchor else ">"
    key = f"{kind}{side}"
    between = layout.between(anchor, other)
    letters = "".join(s for s in between if s in _LETTERS or s in (NEW_LINE, NEW_PARAGRAPH))
    own, theirs = page.spans[anchor][2], page.spans[other][2]
    low, high = min(anchor, other), max(anchor, other)
    labels = [page.spans[i][2] for i in range(low + 1, high)] if high - low < 40 else []
    rank = labels.count(theirs)
    rivals = labels.count(own)
    same = (
        "s" if layout.sentence[anchor] == layout.sentence[other]
        else "l" if layout.line[anchor] == layout.line[other]
        else "p" if layout.paragraph[anchor] == layout.paragraph[other]
        else "d"
    )  # fmt: skip
    at = layout.at[other]
    symbols = layout.symbols
    outer = symbols[at - 1] if at else NEW_PARAGRAPH
    beyond = symbols[at + 1] if at + 1 < len(symbols) else NEW_PARAGRAPH
    stops = sum(s in (".", ";", "!", "?") for s in between)
    features = [
        f"{key}",
        f"{key}dist={_distance(len(between))}",
        f"{key}same={same}",
        f"{key}same={same}{min(rank, 3)}",
        f"{key}rank={min(rank, 3)}",
        f"{key}rivals={min(rivals, 3)}",
        f"{key}rank={min(rank, 3)}rivals={min(rivals, 3)}{same}",
        f"{key}let={letters[:8]}",
        f"{key}stops={min(stops, 3)}",
        f"{key}out={outer}",
        f"{key}bey={beyond}",
        f"{key}out={outer}bey={beyond}",
        f"{key}breaks={min(letters.count(NEW_LINE), 2)}{min(letters.count(NEW_PARAGRAPH), 2)}",
    ]
    if between:
        features += [f"{key}first={between[0]}", f"{key}last={between[-1]}"]
    count = page.counts[page.texts[other]]
    first = page.by_label[theirs][0]
    known = f"{min(count, 3)}{'m' if other == page.main(theirs) else ''}{'f' if other == first else ''}"
    features += [f"{key}known={known}", f"{key}known={known}{same}", f"{key}known={known}{page.texts[anchor]}"]
    for symbol in set(between) - _LETTERS - {WORDS}:
        features.append(f"{key}has={symbol}")
    if len(between) <= LONGEST_PATTERN:
        pattern = " ".join(between)
        features += [f"{key}pat={pattern}", f"{key}pat={pattern}|{outer}|{beyond}"]
    place = f"{side}{same}{min(rank, 2)}"
    features += [f"{side}{name}" for name in beside]
    features += [f"{place}{name}" for name in beside]
    if chosen is not None:
        inside = min(anchor, chosen) < other < max(anchor, chosen)
        where = "in" if inside else "role" if (other < anchor) == (anchor < chosen) else "person"
        gap = _distance(len(layout.between(other, chosen)))
        features += [f"{key}person={where}", f"{key}person={where}{min(rank, 2)}", f"{key}gap={gap}{where}"]
        beyond_person = len(layout.between(chosen, other)) <= LONGEST_PATTERN
        if beyond_person:
            features.append(f"{key}pp={where}{' '.join(layout.between(chosen, other))}")
    elif kind == ROLE_INSTITUTION[0]:
        features.append(f"{key}person=none")
    return features
