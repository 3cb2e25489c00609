"""Titles that stand without quotation marks, settled as a whole: from where to where, of what, or no title at all.

In programmes and tables nothing but the layout tells where a title ends (`10.30 N. Popova (RSL). Salt and Trade`), and
the labeller sees a few words at a time. So each title that it found is compared with those that begin or end at other
marks nearby, by a log-linear choice (`ranker.py`) that looks at both edges, what lies between, and where the other
titles of the document have their edges.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.extraction.chain import FloatArray
from pipeline.extraction.labeller import Document, Labelling
from pipeline.extraction.layout import BREAKS, LETTERS, bucket, odd_marks
from pipeline.extraction.ranker import Ranker, softmax
from pipeline.extraction.spans import TokenSpan, labels_at
from pipeline.extraction.tokens import GAP, LINE, PARAGRAPH
from pipeline.extraction.words import fold

TITLE_LABELS = ("REPORT", "EVENT", "WORK")
#: How many tokens an edge is moved at most, and how many places on each side are tried.
FARTHEST, PLACES = 25, 4
#: Longer stretches are no titles.
LONGEST = 45
#: A title of which, and of whose beginning, the labeller is so sure is left as it is: one in fifty would be better.
SURE = 0.8
#: That something is no title at all must be more probable than this.
NO_TITLE = 0.5
#: No title goes over a mention of these, or consists of them.
WALLS = frozenset(["PERSON", "ROLE", "DATE"])
_BEFORE_TITLES = frozenset(":—–-.,;/|)]•*·\"“”«»‘’'=")
_NEVER_LAST = frozenset(",;:.-–—/(|•*·")
_NEVER_FIRST = _NEVER_LAST | frozenset(")]")
_FULL_STOPS = frozenset(".?!…")
_INNER = frozenset(".?!:—–-")
_BOUNDS = (0, 1, 2, 3, 5, 8, 12, 20)

Stretch = tuple[int, int]


class Edges:
    """Settles the titles of a document that stand without quotation marks."""

    def __init__(self, model: Ranker) -> None:
        self.model = model
        self._own: dict[str, dict[str, float]] = {label: {} for label in TITLE_LABELS}
        general: dict[str, float] = {}
        for name, weight in model.weights.items():
            label, _, feature = name.partition(":")
            if label in self._own:
                self._own[label][feature] = weight
            else:
                general[name] = weight
        # The edges of a label are judged by general weights and its own, which are added once, here.
        self._both = {
            label: general | {name: weight + general.get(name, 0.0) for name, weight in own.items()}
            for label, own in self._own.items()
        }

    def settle(
        self, document: Document, labelling: Labelling, spans: Sequence[TokenSpan]
    ) -> Iterator[tuple[TokenSpan, TokenSpan | None, float]]:
        """For each doubtful bare title: its span, what it is to be (None: nothing), and how probable that is."""
        if not self.model.weights:
            return
        found = doubtful(labelling, bare_titles(document, spans))
        if not found:
            return
        view = View.of(document, labelling, spans)
        for span in found:
            choices, scores = self._scores(view, span)
            probabilities = softmax(scores)
            best = max(range(len(scores)), key=scores.__getitem__)
            if best == len(choices):
                best = 0 if probabilities[best] <= NO_TITLE else best
            yield span, choices[best] if best < len(choices) else None, probabilities[best]

    def _scores(self, view: View, span: TokenSpan) -> tuple[list[TokenSpan], list[float]]:
        """The alternatives and their scores, and at last that of "no title"; each edge is looked at once."""
        first, end, label = span
        kept: dict[tuple[str, int, str], float] = {}

        def weights_of(of: str) -> dict[str, float]:
            return self._both[of] if of == label else self._own[of]

        def edge(side: str, at: int, of: str) -> float:
            key = (side, at, of)
            if key not in kept:
                told = _start(view, at, first, of) if side == "<" else _end(view, at, end, of)
                weights = weights_of(of)
                kept[key] = sum(weights.get(feature, 0.0) for feature in told)
            return kept[key]

        choices = alternatives(view, span)
        scores = []
        for a, b, of in choices:
            weights = weights_of(of)
            told = _whole(view, (a, b), span, of)
            scores.append(edge("<", a, of) + edge(">", b, of) + sum(weights.get(feature, 0.0) for feature in told))
        none = self.model.weights
        told = [*_start(view, first, first, label), *_end(view, end, end, label), *_whole(view, span[:2], span, label)]
        scores.append(none.get("none", 0.0) + sum(none.get(f"0{label}:{feature}", 0.0) for feature in told))
        return choices, scores


def bare_titles(document: Document, spans: Sequence[TokenSpan]) -> list[TokenSpan]:
    """The titles among the spans that do not lie within a closed quotation."""
    quoted = [(q.first, q.last) for q in document.context.quotes if q.closed]
    return [
        span
        for span in spans
        if span[2] in TITLE_LABELS and not any(first <= span[0] and span[1] <= last for first, last in quoted)
    ]


def doubtful(labelling: Labelling, titles: Sequence[TokenSpan]) -> list[TokenSpan]:
    """The titles of which, or of whose beginning, the labeller's first look is not sure."""
    begins = dict(zip(TITLE_LABELS, labelling.columns[0], strict=True))
    sums: dict[str, NDArray[np.float64]] = {}
    found = []
    for first, end, label in titles:
        if float(labelling.draft[first, begins[label]]) >= SURE:
            if label not in sums:
                sums[label] = _sums(labelling, label)
            if float(sums[label][end] - sums[label][first]) / (end - first) >= SURE:
                continue
        found.append((first, end, label))
    return found


def _sums(labelling: Labelling, label: str) -> NDArray[np.float64]:
    """(n + 1,) the sums of a title label's probability in the labeller's first look, up to each token."""
    begin, inside = (columns[TITLE_LABELS.index(label)] for columns in labelling.columns)
    chain: FloatArray = labelling.draft[:, begin] + labelling.draft[:, inside]
    return np.append(0.0, np.cumsum(chain, dtype=np.float64))


@dataclass(frozen=True, slots=True)
class View:
    """A document with its mentions as the edges see it.

    labels: of each token, the label of the mention in which it lies, or "". sums: of each title label the (n + 1,) sums
    of its probability up to each token; begins: (n,) that one begins. left, right: how often titles of a label have
    what before and after them.
    """

    words: list[str]
    breaks: list[int]
    labels: list[str]
    sums: Mapping[str, list[float]]
    begins: Mapping[str, list[float]]
    left: Counter[tuple[str, str]]
    right: Counter[tuple[str, str]]

    @classmethod
    def of(cls, document: Document, labelling: Labelling, spans: Sequence[TokenSpan]) -> View:
        """Look over a document; the probabilities are those of the labeller's first look."""
        labels = labels_at(spans, len(document.words))
        sums = {label: _sums(labelling, label).tolist() for label in TITLE_LABELS}
        columns = zip(TITLE_LABELS, labelling.columns[0], strict=True)
        begins = {label: labelling.draft[:, begin].tolist() for label, begin in columns}
        view = cls(document.words, document.tokens.breaks.tolist(), labels, sums, begins, Counter(), Counter())
        for first, end, label in spans:
            if label in TITLE_LABELS:
                view.left[label, view.before(first)] += 1
                view.right[label, view.after(end)] += 1
        return view

    def mean(self, label: str, first: int, end: int) -> float:
        """How probable a label is on average over some tokens."""
        sums = self.sums[label]
        return (sums[end] - sums[first]) / (end - first)

    def before(self, at: int) -> str:
        """What stands before a place: a mention, a mark, a number, a word; and the break between."""
        if at == 0:
            return "¶"
        word = self.words[at - 1]
        kind = word if not word[0].isalnum() else "0" if word[0].isdigit() else "w"
        return (self._mention(at - 1) or kind) + BREAKS.get(self.breaks[at], "")

    def after(self, at: int) -> str:
        """What stands after a place, as `before`."""
        if at >= len(self.words):
            return "¶"
        word = self.words[at]
        kind = word if not word[0].isalnum() else shape(word)
        return BREAKS.get(self.breaks[at], "") + (self._mention(at) or kind)

    def _mention(self, at: int) -> str:
        """The letter of the mention in which a token lies; none for a title, whose edges are in question."""
        label = self.labels[at]
        return LETTERS[label] if label and label not in TITLE_LABELS else ""


def alternatives(view: View, span: TokenSpan) -> list[TokenSpan]:
    """What a title could be: itself, one with another edge, the whole of some lines, and a title of another kind."""
    first, end, label = span
    low, high = first, end
    while low > max(0, first - FARTHEST) and view.breaks[low] != PARAGRAPH and view.labels[low - 1] not in WALLS:
        low -= 1
    most = min(len(view.words), end + FARTHEST)
    while high < most and view.breaks[high] != PARAGRAPH and view.labels[high] not in WALLS:
        high += 1
    starts = [i for i in range(first - 1, low - 1, -1) if i == low or _may_begin(view, i)][:PLACES]
    starts = [i for i in starts if view.words[i] not in _NEVER_FIRST]
    starts += [i for i in range(first + 1, min(end, first + FARTHEST)) if _may_begin(view, i)][:PLACES]
    ends = [j for j in range(end - 1, max(first, end - FARTHEST), -1) if _may_end(view, j)][:PLACES]
    farther = [j for j in range(end + 1, high + 1) if j == high or _may_end(view, j)][:PLACES]
    ends += [j for j in farther if view.words[j - 1] not in _NEVER_LAST]
    found: list[TokenSpan] = [span]
    found += [(first, j, label) for j in ends]
    for i in starts:
        both = [j for j in ends if view.breaks[i] >= LINE and (j == len(view.words) or view.breaks[j] >= LINE)]
        found += [(i, j, label) for j in (end, *both) if j > i]
    return [
        *(each for each in found if each == span or each[1] - each[0] <= LONGEST),
        *((first, end, other) for other in TITLE_LABELS if other != label),
    ]


def _may_begin(view: View, at: int) -> bool:
    """Whether a title could begin at a token: after a break, a mark or a mention."""
    if view.words[at] in _NEVER_FIRST:
        return False
    left = bool(view.labels[at - 1]) and not view.labels[at]
    return view.breaks[at] >= GAP or view.words[at - 1] in _BEFORE_TITLES or left


def _may_end(view: View, at: int) -> bool:
    """Whether a title could end before a token: at a break, a mark, a mention."""
    if view.words[at - 1] in _NEVER_LAST:
        return False
    if at == len(view.words) or view.breaks[at] >= GAP or not view.words[at][0].isalnum():
        return True
    return view.labels[at] != view.labels[at - 1] or view.words[at - 1] in _FULL_STOPS


def features(view: View, choice: TokenSpan, span: TokenSpan) -> list[str]:
    """All that speaks for an alternative: for its label, and where that is the found one, in general as well."""
    first, end, label = choice
    told = [
        *_start(view, first, span[0], label),
        *_end(view, end, span[1], label),
        *_whole(view, (first, end), span, label),
    ]
    own = [f"{label}:{feature}" for feature in told]
    return [*told, *own] if label == span[2] else own


def features_of_none(view: View, span: TokenSpan) -> list[str]:
    """What speaks for a found title being none."""
    first, end, label = span
    told = [
        *_start(view, first, first, label),
        *_end(view, end, end, label),
        *_whole(view, (first, end), span, label),
    ]
    return ["none", *(f"0{label}:{feature}" for feature in told)]


def _start(view: View, at: int, was: int, label: str) -> list[str]:
    words = view.words
    before, head = view.before(at), shape(words[at])
    others = view.left[label, before] - (before == view.before(was))
    found = [
        f"l={before}",
        f"dl={min(others, 3)}",
        f"fs={head}",
        f"fs={head}l={before}",
        f"fw={fold(words[at])}",
        f"bp={int(view.begins[label][at] * 4.99)}",
    ]
    if at > 0:
        found += [f"bw={fold(words[at - 1])}", f"pp={int(view.mean(label, at - 1, at) * 4.99)}"]
    found += _moved(view, "s", at, was, label)
    if at < was:
        last = words[was - 1]
        found.append(f"s<o={'w' if last[0].isalnum() else last}{view.breaks[was]}")
    return found


def _end(view: View, at: int, was: int, label: str) -> list[str]:
    words = view.words
    after, tail = view.after(at), shape(words[at - 1])
    others = view.right[label, after] - (after == view.after(was))
    found = [
        f"r={after}",
        f"dr={min(others, 3)}",
        f"ls={tail}",
        f"ls={tail}r={after}",
        f"lw={fold(words[at - 1])}",
        f"lw={fold(words[at - 1])}r={after}",
        f"lp={int(view.mean(label, at - 1, at) * 4.99)}",
    ]
    if at < len(words):
        found += [f"aw={fold(words[at])}", f"np={int(view.mean(label, at, at + 1) * 4.99)}"]
    if at != was:
        next_ = words[min(at, was)]
        found.append(f"e{_side(at, was)}o={'w' if next_[0].isalnum() else next_}{view.breaks[min(at, was)]}")
    return [*found, *_moved(view, "e", at, was, label)]


def _side(at: int, was: int) -> str:
    return "<" if at < was else ">"


def _moved(view: View, edge: str, at: int, was: int, label: str) -> list[str]:
    """What an edge was moved over: how far, what it looks like, how probable the label is there, which mentions."""
    if at == was:
        return []
    side, low, high = edge + _side(at, was), min(at, was), max(at, was)
    over = {LETTERS[each] for each in view.labels[low:high] if each}
    return [
        f"{side}n={bucket(high - low, _BOUNDS)}",
        f"{side}w={' '.join(shape(word) for word in view.words[low : min(high, low + 4)])}",
        f"{side}p={int(view.mean(label, low, high) * 4.99)}",
        f"{side}c={''.join(sorted(over))}",
    ]


def _whole(view: View, stretch: Stretch, was: TokenSpan, label: str) -> list[str]:
    """What speaks of an alternative as a whole."""
    first, end = stretch
    words, breaks = view.words[first:end], view.breaks
    mean = int(view.mean(label, first, end) * 9.99)
    lines = sum(each >= LINE for each in breaks[first + 1 : end])
    gaps = sum(each == GAP for each in breaks[first + 1 : end])
    found = [
        "as" if stretch == was[:2] else "mv",
        f"lr={view.before(first)}|{view.after(end)}",
        f"m={mean}",
        f"n={bucket(end - first, _BOUNDS)}",
        f"lines={min(lines, 3)}",
        f"gaps={min(gaps, 2)}",
    ]
    if label != was[2]:
        found += [f"was={was[2]}", f"was={was[2]}m={mean}"]
    found += [f"in={LETTERS[each]}" for each in sorted({e for e in view.labels[first:end] if e and e != was[2]})]
    found += [f"has={word}" for word in sorted({w for w in words[1:-1] if not w[0].isalnum()})]
    found += [f"odd={mark}" for mark in odd_marks(words, ("()", "[]", "“”", "«»", "„“"))]
    for at in range(first + 1, end):
        left, right = view.words[at - 1], view.words[at]
        if breaks[at] >= LINE:
            found += [f"br={shape(left)}{shape(right)}", f"br={shape(right)}"]
        elif left in _INNER:
            found.append(f"pn={left}{shape(right)}")
    return found


def shape(word: str) -> str:
    """What a word looks like: `0` a number, `AA` capitals, `A` capitalised, `a` small, a mark as it is."""
    if word[0].isdigit():
        return "0"
    if not word[0].isalpha():
        return word[:2]
    if len(word) > 1 and word.isupper():
        return "AA"
    return "A" if word[0].isupper() else "a"
