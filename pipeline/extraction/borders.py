"""People, roles and institutions settled as wholes: from where to where, of what kind, or no mention at all.

The labeller decides token by token, with a few words in view; a name is one thing from its first to its last word. So
each mention of which the first look was not sure is compared with those that begin or end where else that look thinks
it possible, by a log-linear choice (`ranker.py`) over both borders as both looks see them, what lies between, and what
the document calls by the same words elsewhere.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pipeline.extraction.chain import FloatArray
from pipeline.extraction.labeller import Document, Labelling
from pipeline.extraction.layout import BREAKS, LETTERS, bucket, odd_marks
from pipeline.extraction.ranker import Ranker, softmax
from pipeline.extraction.spans import TokenSpan
from pipeline.extraction.tokens import GAP, LINE, PARAGRAPH
from pipeline.extraction.words import fold, short_shape, word_features
from pipeline.records import LABELS

SETTLED = ("PERSON", "ROLE", "INSTITUTION")
#: A mention of which the first look is so sure is left as it is.
SURE = 0.98
#: How many tokens a border is moved at most, how many places are tried on each side, and how probable they must be.
FARTHEST, PLACES, POSSIBLE = 12, 4, 0.01
#: How many pairs of borders are compared, the most probable ones.
PAIRS = 6
#: What a mention could be called instead must be so probable over its words.
OTHERWISE = 0.03
#: That something is no mention at all must be more probable than this.
NO_MENTION = 0.5
_NEVER_FIRST = frozenset(",;:.)]}/|")
_NEVER_LAST = frozenset(",;:([{/|")
_BOUNDS = (1, 2, 3, 4, 6, 9, 14)
_LEAST = 1e-4

#: What a word is compared by: itself in small letters, its short shape, its kinds in the knowledge lists.
Told = tuple[str, str, str]
_NOTHING: Told = ("", "", "")
_UNKNOWN: Counter[str] = Counter()


class Borders:
    """Settles the people, roles and institutions of a document."""

    def __init__(self, model: Ranker, language: str) -> None:
        self.model = model
        self._tell = Teller(language)
        # What speaks for a mention of each label, and (`0` before it) for one that was taken for it being none.
        self._weights: dict[str, dict[str, float]] = {kind: {} for label in LABELS for kind in (label, f"0{label}")}
        for name, weight in model.weights.items():
            kind, _, feature = name.partition(":")
            self._weights[kind][feature] = weight

    def settle(self, document: Document, labelling: Labelling, spans: Sequence[TokenSpan]) -> list[TokenSpan]:
        """The spans with each doubtful mention as it most probably is."""
        found = doubtful(labelling, spans) if self.model.weights else []
        if not found:
            return list(spans)
        view = View.of(document, labelling, spans, self._tell)
        settled = set(spans)
        for span in found:
            if span not in settled:
                continue  # another mention has been laid over it
            choices = alternatives(view, span)
            scores = self._scores(view, choices, span)
            best = max(range(len(scores)), key=scores.__getitem__)
            if best == len(choices) and softmax(scores)[best] <= NO_MENTION:
                best = max(range(len(choices)), key=scores.__getitem__)
            if best == 0:
                continue
            settled.discard(span)
            if best < len(choices):
                settled = laid_over(settled, choices[best])
        return sorted(settled)

    def _scores(self, view: View, choices: Sequence[TokenSpan], span: TokenSpan) -> list[float]:
        """The summed weights of `all_features`; each border is looked at once."""
        starts: dict[tuple[int, str], float] = {}
        ends: dict[tuple[int, str], float] = {}
        none = self._weights[f"0{span[2]}"]
        scores, nothing = [], none.get("", 0.0)
        for choice in choices:
            first, end, label = choice
            weights = self._weights[label]
            whole = _whole(view, first, end, label, span)
            told = [whole]
            if (first, label) not in starts:
                told.append(_start(view, first, span[0], label))
                starts[first, label] = sum([weights.get(feature, 0.0) for feature in told[-1]])
            if (end, label) not in ends:
                told.append(_end(view, end, span[1], label))
                ends[end, label] = sum([weights.get(feature, 0.0) for feature in told[-1]])
            score = sum([weights.get(feature, 0.0) for feature in whole])
            scores.append(score + starts[first, label] + ends[end, label])
            if choice == span:  # it comes first, so that its borders were looked at just now
                nothing += sum([none.get(feature, 0.0) for part in told for feature in part])
        return [*scores, nothing]


def laid_over(spans: set[TokenSpan], new: TokenSpan) -> set[TokenSpan]:
    """The spans with a new one, and what others share with it taken from them; none is left within it."""
    first, end, _ = new
    kept = {new}
    for a, b, label in spans:
        if b <= first or a >= end:
            kept.add((a, b, label))
        elif a < first:
            kept.add((a, first, label))
        elif b > end:
            kept.add((end, b, label))
    return kept


def doubtful(labelling: Labelling, spans: Sequence[TokenSpan]) -> list[TokenSpan]:
    """The people, roles and institutions of which the first look is not sure."""
    asked = [span for span in spans if span[2] in SETTLED]
    sure = replace(labelling, probabilities=labelling.draft).confidences(asked)
    return [span for span, each in zip(asked, sure, strict=True) if each < SURE]


class Teller(dict[str, Told]):
    """What a word is compared by, worked out when it is first asked for."""

    def __init__(self, language: str) -> None:
        self._lists = word_features(language).lists

    def __missing__(self, word: str) -> Told:
        if len(self) > _REMEMBERED:
            self.clear()
        folded = fold(word)
        told = self[word] = (folded, short_shape(word)[:5], "+".join(sorted(self._lists.of(folded))))
        return told


#: Words of which a teller remembers what it tells.
_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class Chances:
    """How probable a label is at each token and at the end, as coarse log-odds (`odds`).

    begins, within, over: that a mention begins there, goes on there, either. later: the same by the second look.
    sums: what the first look gives the label up to each token.
    """

    begins: list[int]
    within: list[int]
    over: list[int]
    later: tuple[list[int], list[int], list[int]]
    sums: list[float]

    def mean(self, first: int, end: int) -> float:
        """How probable the label is on average over some tokens."""
        return (self.sums[end] - self.sums[first]) / (end - first)


class View:
    """A document as its borders are seen.

    told: of each token what it is compared by. labels: of each token the label of the mention in which it lies. named:
    by their words, how often the document has mentions of each label.
    """

    def __init__(
        self, told: list[Told], document: Document, labelling: Labelling, spans: Sequence[TokenSpan]
    ) -> None:
        self.told = told
        self.breaks: list[int] = document.tokens.breaks.tolist()
        self.glued: list[bool] = document.tokens.glued.tolist()
        self.quoted: list[int] = (document.context.family("quote") // 8).tolist()
        self.labels: list[str | None] = [None] * len(told)
        self.named: dict[str, Counter[str]] = {}
        for first, end, label in spans:
            self.labels[first:end] = [label] * (end - first)
            self.named.setdefault(self.words(first, end), Counter())[label] += 1
        self.draft, self._later = _padded(labelling.draft), _padded(labelling.probabilities)
        self._chances: dict[str, Chances] = {}

    @classmethod
    def of(cls, document: Document, labelling: Labelling, spans: Sequence[TokenSpan], tell: Teller) -> View:
        """Look over a document."""
        return cls([tell[word] for word in document.words], document, labelling, spans)

    def words(self, first: int, end: int) -> str:
        """The words of a stretch as they are compared."""
        return " ".join(word for word, _, _ in self.told[first:end])

    def chances(self, label: str) -> Chances:
        """How probable a label is; made when it is first asked for."""
        if label not in self._chances:
            begin = 1 + 2 * LABELS.index(label)
            columns = [_all_odds(table[:, begin], table[:, begin + 1]) for table in (self.draft, self._later)]
            over = self.draft[:-1, begin] + self.draft[:-1, begin + 1]
            sums = np.append(0.0, np.cumsum(over, dtype=np.float64)).tolist()
            self._chances[label] = Chances(*columns[0], columns[1], sums)
        return self._chances[label]

    def beside(self, at: int) -> Told:
        """What a place is compared by that may lie beyond the edges."""
        return self.told[at] if 0 <= at < len(self.told) else _NOTHING

    def letter(self, at: int) -> str:
        """The letter of the mention in which a place lies."""
        label = self.labels[at] if 0 <= at < len(self.labels) else None
        return LETTERS[label] if label else ""

    def gap(self, at: int) -> str:
        """What stands before a place: a break, nothing (`+`), or a space."""
        if at >= len(self.breaks):
            return "¶"
        return BREAKS.get(self.breaks[at]) or ("+" if self.glued[at] else "")


def _padded(probabilities: FloatArray) -> FloatArray:
    """With a row for the end, where nothing goes on."""
    padded: FloatArray = np.concatenate([probabilities, np.zeros((1, probabilities.shape[1]), np.float32)])
    return padded


def alternatives(view: View, span: TokenSpan) -> list[TokenSpan]:
    """What a mention could be: itself, one with other borders, one of another kind."""
    first, end, label = span
    begin = 1 + 2 * LABELS.index(label)
    low, high = max(0, first - FARTHEST), min(len(view.labels), end + FARTHEST)
    low = max((i for i in range(low + 1, first + 1) if view.breaks[i] == PARAGRAPH), default=low)
    high = next((j for j in range(end, high) if view.breaks[j] == PARAGRAPH), high)
    begins, within = view.draft[low : high + 1, begin], view.draft[low : high + 1, begin + 1]
    starts = _likeliest(begins[: end - low], low, first)
    starts = [(i, p) for i, p in starts if i == first or view.told[i][0] not in _NEVER_FIRST]
    ending = (begins + within)[first - low : -1] * (1 - within[first - low + 1 :])
    ends = _likeliest(ending, first + 1, end)
    ends = [(j, p) for j, p in ends if j == end or view.told[j - 1][0] not in _NEVER_LAST]
    pairs = [(-p * q, i, j) for i, p in starts for j, q in ends if i < j and (i, j) != (first, end)]
    found = [span, *((i, j, label) for _, i, j in sorted(pairs)[:PAIRS])]
    means = view.draft[first:end].mean(axis=0)
    for other, mean in zip(LABELS, (means[1::2] + means[2::2]).tolist(), strict=True):
        if other != label and mean >= OTHERWISE:
            found.append((first, end, other))
    return found


def _likeliest(probabilities: NDArray[np.float32], offset: int, found: int) -> list[tuple[int, float]]:
    """The most probable places with their probabilities, and the one that was found."""
    order = np.argsort(-probabilities, kind="stable")[: PLACES + 1].tolist()
    places = [offset + i for i in order if offset + i != found and probabilities[i] >= POSSIBLE]
    return [(i, float(probabilities[i - offset])) for i in [found, *places[:PLACES]]]


def all_features(view: View, choices: Sequence[TokenSpan], span: TokenSpan) -> Iterator[list[str]]:
    """What speaks for each alternative, and at last for there being no mention."""
    starts: dict[tuple[int, str], list[str]] = {}
    ends: dict[tuple[int, str], list[str]] = {}
    for first, end, label in choices:
        if (first, label) not in starts:
            starts[first, label] = [f"{label}:{told}" for told in _start(view, first, span[0], label)]
        if (end, label) not in ends:
            ends[end, label] = [f"{label}:{told}" for told in _end(view, end, span[1], label)]
        whole = (f"{label}:{told}" for told in _whole(view, first, end, label, span))
        yield [*starts[first, label], *ends[end, label], *whole]
    first, end, label = span
    told = [*_start(view, first, first, label), *_end(view, end, end, label), *_whole(view, first, end, label, span)]
    yield [f"0{label}", *(f"0{label}:{feature}" for feature in told)]


def _start(view: View, at: int, was: int, label: str) -> list[str]:
    word, form, kinds = view.told[at]
    before, form_before, kinds_before = view.beside(at - 1)
    gap, chances = view.gap(at), view.chances(label)
    begins, within, _ = chances.later
    found = [
        f"w{word}",
        f"s{form}",
        f"k{kinds}",
        f"b{gap}",
        f"-w{before}{gap}",
        f"-s{form_before}{gap}s{form}",
        f"-k{kinds_before}",
        f"-k{kinds_before}k{kinds}",
        f"-w{before}w{word}",
        f"-l{view.letter(at - 1)}{gap}",
        f"--w{view.beside(at - 2)[0]} {before}",
        f"q{view.quoted[at]}",
        f"p{chances.begins[at]}",
        f"i{chances.within[at]}",
        f"p2{begins[at]}",
        f"i2{within[at]}",
        f"p3{chances.begins[at]}/{begins[at]}",
    ]
    return [*found, *_moved(view, "<", at, was, chances)]


def _end(view: View, at: int, was: int, label: str) -> list[str]:
    word, form, kinds = view.told[at - 1]
    after, form_after, kinds_after = view.beside(at)
    gap, chances = view.gap(at), view.chances(label)
    _, within, over = chances.later
    found = [
        f"W{word}",
        f"S{form}",
        f"K{kinds}",
        f"B{gap}",
        f"+w{gap}{after}",
        f"+s{form}{gap}{form_after}",
        f"+k{kinds_after}",
        f"+k{kinds}k{kinds_after}",
        f"+w{word}w{after}",
        f"+l{gap}{view.letter(at)}",
        f"++w{after} {view.beside(at + 1)[0]}",
        f"Q{view.quoted[at - 1]}",
        f"P{chances.over[at - 1]}",
        f"I{chances.within[at]}",
        f"P2{over[at - 1]}",
        f"I2{within[at]}",
        f"I3{chances.within[at]}/{within[at]}",
    ]
    return [*found, *_moved(view, ">", at, was, chances)]


def _moved(view: View, side: str, at: int, was: int, chances: Chances) -> list[str]:
    """What a border was moved over: how far, in which direction, what it looks like, which mentions."""
    if at == was:
        return []
    low, high = min(at, was), max(at, was)
    side += "-" if at < was else "+"
    over = {LETTERS[each] for each in view.labels[low:high] if each}
    return [
        side,
        f"{side}n{bucket(high - low, _BOUNDS)}",
        f"{side}s{' '.join(form for _, form, _ in view.told[low : min(high, low + 4)])}",
        f"{side}w{view.words(low, min(high, low + 2))}",
        f"{side}k{'|'.join(kinds for _, _, kinds in view.told[low : min(high, low + 3)])}",
        f"{side}p{odds(chances.mean(low, high))}",
        f"{side}o{''.join(sorted(over))}",
    ]


def _whole(view: View, first: int, end: int, label: str, was: TokenSpan) -> list[str]:
    """What speaks of an alternative as a whole."""
    told = view.told[first:end]
    mean = odds(view.chances(label).mean(first, end))
    named, itself = view.words(first, end), (first, end, label) == was
    known = view.named.get(named, _UNKNOWN)
    same = known[label] - itself
    others = "".join(sorted(LETTERS[other] for other in known if other != label))
    inner = view.breaks[first + 1 : end]
    found = [
        "as" if itself else "mv",
        f"n{bucket(end - first, _BOUNDS)}",
        f"m{mean}",
        f"same{min(same, 3)}",
        f"else{others}",
        f"f{' '.join(form for _, form, _ in told[:5])}{end - first > 5}",
        f"h{told[0][2]}|{told[-1][2]}",
        f"lr{view.letter(first - 1)}|{view.letter(end)}",
        f"around{view.beside(first - 1)[0]}|{view.beside(end)[0]}",
        f"lines{min(sum(each >= LINE for each in inner), 2)}",
        f"gaps{min(inner.count(GAP), 2)}",
    ]
    if label != was[2]:
        found += [f"was{was[2]}", f"was{was[2]}m{mean}"]
    found += [f"has{kinds}" for kinds in sorted({kinds for _, _, kinds in told if kinds})]
    if marks := [word for word, _, _ in told if not word[0].isalnum()]:
        found += [f"odd{mark}" for mark in odd_marks(marks, ("()", "“”", "«»", "„“"))]
    return found


def odds(probability: float) -> int:
    """A probability as a coarse number: its log-odds times 0.8, from -6 to 6."""
    p = min(max(probability, _LEAST), 1 - _LEAST)
    return max(-6, min(6, round(math.log(p / (1 - p)) * 0.8)))


def _all_odds(begins: FloatArray, within: FloatArray) -> tuple[list[int], list[int], list[int]]:
    """The same for many tokens at once: that a mention begins, that it goes on, and either."""
    p = np.array([begins, within, begins + within], np.float64)
    np.clip(p, _LEAST, 1 - _LEAST, out=p)
    one, two, three = np.clip(np.rint(np.log(p / (1 - p)) * 0.8), -6, 6).astype(np.int64).tolist()
    return one, two, three
