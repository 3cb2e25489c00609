"""People, roles and institutions settled as wholes: from where to where, of what kind, or no mention at all.

The labeller decides token by token, with a few words in view; a name is one thing from its first to its last word. So
each mention of which the first look was not sure is compared with those that begin or end where else that look thinks
it possible (`alternatives.py`), by a log-linear choice (`ranker.py`) over both borders as both looks see them, what
lies between, and what the document calls by the same words elsewhere. All mentions of a batch of documents are compared
at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.extraction.alternatives import Choices, alternatives
from pipeline.extraction.chain import FloatArray
from pipeline.extraction.features import Alphabet, Column, Feature, Joined, Places, Weights, spelled, told
from pipeline.extraction.labeller import Document, Labelling, confidences
from pipeline.extraction.ranker import Ranker, softmax
from pipeline.extraction.spans import TokenSpan
from pipeline.extraction.views import (
    COUNTED_GAPS,
    COUNTED_LINES,
    COUNTED_MARKS,
    LABELLED,
    Stretches,
    View,
    inside,
    letters,
    number,
    placed,
)
from pipeline.records import LABELS

SETTLED = ("PERSON", "ROLE", "INSTITUTION")
#: A mention of which the first look is so sure is left as it is.
SURE = 0.98
#: That something is no mention at all must be more probable than this.
NO_MENTION = 0.5
_BOUNDS = np.array([1, 2, 3, 4, 6, 9, 14])
_LEAST = 1e-4
#: What opens a feature: the label that it speaks for, and (`0` before it) that what was taken for it is none.
_KINDS = Alphabet([*LABELS, *(f"0{label}" for label in LABELS)])
_ITSELF = Alphabet([":mv", ":as"])
_TRUTH = Alphabet(["False", "True"])
_LABELS = Alphabet(LABELS)
#: Brackets and quotation marks of which as many should close as open.
_PAIRED = (("(", ")"), ("“", "”"), ("«", "»"), ("„", "“"))


class Borders:
    """Settles the people, roles and institutions of documents."""

    def __init__(self, model: Ranker, language: str) -> None:
        self.model = model
        self._language = language
        self._weights = Weights(model.weights)

    def settle(self, documents: Sequence[Document], looks: Sequence[Labelling]) -> list[list[TokenSpan]]:
        """The spans of each document, with doubtful mentions as they should be; words are numbered in one lexicon."""
        every = [look.spans for look in looks]
        found = doubtful(looks, every) if self.model.weights else []
        if not any(found):
            return every
        view = View.of(documents, looks, every, self._language)
        asked = placed(found, view.opens)
        choices = alternatives(view, asked)
        best = _best(choices, self.scores(view, asked, choices))
        settled, at = [], 0
        for look, spans, opens in zip(looks, found, view.opens.tolist(), strict=True):
            rows = best[at : at + len(spans)]
            decided = zip(spans, choices.stretches[rows].spans(opens), choices.none[rows].tolist(), strict=True)
            settled.append(_put(look.spans, decided))
            at += len(spans)
        return settled

    def scores(self, view: View, found: Stretches, choices: Choices) -> NDArray[np.float64]:
        """(n,) what speaks for each alternative of some mentions."""
        scores = np.zeros(len(choices.of))
        for part in features(view, found, choices):
            scores += self._weights.sums(part.opening, part.features)[part.of]
        return scores


def _best(choices: Choices, scores: NDArray[np.float64]) -> NDArray[np.intp]:
    """The row of what each mention most probably is."""
    totals = scores.tolist()
    found, at = [], 0
    for last in np.flatnonzero(choices.none).tolist():
        own = totals[at : last + 1]
        best = max(range(len(own)), key=own.__getitem__)
        if at + best == last and softmax(own)[best] <= NO_MENTION:
            best = max(range(len(own) - 1), key=own.__getitem__)
        found.append(at + best)
        at = last + 1
    return np.array(found, np.intp)


def _put(spans: Sequence[TokenSpan], decided: Iterable[tuple[TokenSpan, TokenSpan, bool]]) -> list[TokenSpan]:
    """The spans of a document after it was decided of some of them what they are instead, and whether nothing."""
    settled = set(spans)
    for span, new, none in decided:
        if span not in settled:
            continue  # another mention has been laid over it
        if none:
            settled.discard(span)
        elif new != span:
            settled.discard(span)
            settled = laid_over(settled, new)
    return sorted(settled)


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


def doubtful(looks: Sequence[Labelling], spans: Sequence[Sequence[TokenSpan]]) -> list[list[TokenSpan]]:
    """The people, roles and institutions of some documents of which the first look is not sure."""
    asked = [[span for span in each if span[2] in SETTLED] for each in spans]
    sure = confidences([look.draft for look in looks], asked, looks[0].tags)
    return [
        [span for span, score in zip(each, scores, strict=True) if score < SURE]
        for each, scores in zip(asked, sure, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class Told:
    """Features that alternatives share: the one with number i has those of row `of[i]`."""

    opening: Column
    features: Iterable[Feature]
    of: Places


def features(view: View, found: Stretches, choices: Choices) -> Iterator[Told]:
    """What speaks for the alternatives of some mentions: as wholes, for their beginnings, for their ends."""
    of, stretches = choices.of, choices.stretches
    kinds = stretches.labels + len(LABELS) * choices.none
    was = found[of]
    yield Told(Column(_KINDS, kinds), _whole(view, stretches, was, choices.none), np.arange(len(of)))
    for tell, at, found_at in ((_start, stretches.firsts, was.firsts), (_end, stretches.ends, was.ends)):
        keys = (of * len(view.breaks) + at) * len(_KINDS.texts) + kinds
        _, rows, inverse = np.unique(keys, return_index=True, return_inverse=True)
        yield Told(Column(_KINDS, kinds[rows]), tell(view, at[rows], found_at[rows], stretches.labels[rows]), inverse)


def spelled_out(view: View, found: Stretches, choices: Choices) -> list[list[str]]:
    """All features of each alternative."""
    rows: list[list[str]] = [[] for _ in choices.of]
    for part in features(view, found, choices):
        names = spelled(part.opening, part.features)
        for row, of in zip(rows, part.of.tolist(), strict=True):
            row += names[of]
    return rows


def _start(view: View, at: Places, was: Places, labels: Places) -> Iterator[Feature]:
    word, form, kind, gap = view.word(at), view.form(at), view.kind(at), view.gap(at)
    word_before, form_before, kind_before = view.word(at - 1), view.form(at - 1), view.kind(at - 1)
    begins, within, _ = _chances(view.draft, at, labels)
    begins_later, within_later, _ = _chances(view.later, at, labels)
    yield told(":w", word)
    yield told(":s", form)
    yield told(":k", kind)
    yield told(":b", gap)
    yield told(":-w", word_before, gap)
    yield told(":-s", form_before, gap, "s", form)
    yield told(":-k", kind_before)
    yield told(":-k", kind_before, "k", kind)
    yield told(":-w", word_before, "w", word)
    yield told(":-l", view.letter(at - 1), gap)
    yield told(":--w", view.word(at - 2), " ", word_before)
    yield told(":q", number(view.quoted[at]))
    yield told(":p", begins)
    yield told(":i", within)
    yield told(":p2", begins_later)
    yield told(":i2", within_later)
    yield told(":p3", begins, "/", begins_later)
    yield from _moved(view, "<", at, was, labels)


def _end(view: View, at: Places, was: Places, labels: Places) -> Iterator[Feature]:
    word, form, kind, gap = view.word(at - 1), view.form(at - 1), view.kind(at - 1), view.gap(at)
    word_after, form_after, kind_after = view.word(at), view.form(at), view.kind(at)
    _, _, over = _chances(view.draft, at - 1, labels)
    _, within, _ = _chances(view.draft, at, labels)
    _, _, over_later = _chances(view.later, at - 1, labels)
    _, within_later, _ = _chances(view.later, at, labels)
    yield told(":W", word)
    yield told(":S", form)
    yield told(":K", kind)
    yield told(":B", gap)
    yield told(":+w", gap, word_after)
    yield told(":+s", form, gap, form_after)
    yield told(":+k", kind_after)
    yield told(":+k", kind, "k", kind_after)
    yield told(":+w", word, "w", word_after)
    yield told(":+l", gap, view.letter(at))
    yield told(":++w", word_after, " ", view.word(at + 1))
    yield told(":Q", number(view.quoted[at - 1]))
    yield told(":P", over)
    yield told(":I", within)
    yield told(":P2", over_later)
    yield told(":I2", within_later)
    yield told(":I3", within, "/", within_later)
    yield from _moved(view, ">", at, was, labels)


def _moved(view: View, border: str, at: Places, was: Places, labels: Places) -> Iterator[Feature]:
    """What a border was moved over: how far, in which direction, what it looks like, which mentions."""
    for direction, there in (("-", at < was), ("+", at > was)):
        rows = np.flatnonzero(there)
        low, high = np.minimum(at, was)[rows], np.maximum(at, was)[rows]
        over, sizes = Stretches(low, high, labels[rows]), high - low
        side = f":{border}{direction}"
        yield told(side, rows=rows)
        yield told(f"{side}n", number(np.searchsorted(_BOUNDS, sizes)), rows=rows)
        yield told(f"{side}s", _joined(view.form, " ", over, 4), rows=rows)
        yield told(f"{side}w", _joined(view.word, " ", over, 2), rows=rows)
        yield told(f"{side}k", _joined(view.kind, "|", over, 3), rows=rows)
        yield told(f"{side}p", _odds(view.means(over)), rows=rows)
        yield told(f"{side}o", letters(view.within(low, high)[:, LABELLED] > 0), rows=rows)


def _whole(view: View, those: Stretches, was: Stretches, none: NDArray[np.bool_]) -> Iterator[Feature]:
    """What speaks of alternatives as wholes."""
    firsts, ends, labels = those.firsts, those.ends, those.labels
    sizes, mean = ends - firsts, _odds(view.means(those))
    itself = (firsts == was.firsts) & (ends == was.ends) & (labels == was.labels)
    named, rows = view.named(those), np.arange(len(labels))
    same = named[rows, labels] - itself
    named[rows, labels] = 0
    counts = view.within(firsts, ends)
    inner = view.within(firsts + 1, ends)
    yield told(Column(_ITSELF, itself.astype(np.int64)))
    yield told(":n", number(np.searchsorted(_BOUNDS, sizes)))
    yield told(":m", mean)
    yield told(":same", number(np.minimum(same, 3)))
    yield told(":else", letters(named > 0))
    yield told(":f", _joined(view.form, " ", those, 5), Column(_TRUTH, (sizes > 5).astype(np.int64)))
    yield told(":h", view.kind(firsts), "|", view.kind(ends - 1))
    yield told(":lr", view.letter(firsts - 1), "|", view.letter(ends))
    yield told(":around", view.word(firsts - 1), "|", view.word(ends))
    yield told(":lines", number(np.minimum(inner[:, COUNTED_LINES], 2)))
    yield told(":gaps", number(np.minimum(inner[:, COUNTED_GAPS], 2)))
    rows = np.flatnonzero(labels != was.labels)
    before = Column(_LABELS, was.labels[rows])
    yield told(":was", before, rows=rows)
    yield told(":was", before, "m", mean[rows], rows=rows)
    rows, kinds = _kinds_within(view, those)
    yield told(":has", Column(view.vocabulary.kinds, kinds), rows=rows)
    for opening, closing in _PAIRED:
        odd = counts[:, COUNTED_MARKS[opening]] - counts[:, COUNTED_MARKS[closing]]
        rows = np.flatnonzero(odd)
        yield told(f":odd{opening}", number(odd[rows]), rows=rows)
    yield told(':odd"', rows=np.flatnonzero(counts[:, COUNTED_MARKS['"']] % 2))
    yield told(rows=np.flatnonzero(none))


def _kinds_within(view: View, those: Stretches) -> tuple[Places, Places]:
    """The kinds of words in some stretches, each once a stretch: the numbers of the stretches, and the kinds."""
    kinds = view.kinds[inside(those)]
    of = np.repeat(np.arange(len(those)), those.ends - those.firsts)
    size = len(view.vocabulary.kinds.texts)
    rows, found = np.divmod(np.unique((of * size + kinds)[kinds > 0]), size)
    return rows, found


def _joined(column: Callable[[Places], Column], mark: str, those: Stretches, most: int) -> Joined:
    """What stands in some stretches, `most` of it, with a mark between."""
    sizes = np.minimum(those.ends - those.firsts, most)
    columns = [column(np.where(number < sizes, those.firsts + number, 0)) for number in range(most)]
    return Joined(mark, columns, sizes)


def _chances(table: FloatArray, at: Places, labels: Places) -> tuple[Column, Column, Column]:
    """How probable it is that mentions of these labels begin at some places, go on there, either."""
    begins, within = table[at, 1 + 2 * labels], table[at, 2 + 2 * labels]
    return _odds(begins), _odds(within), _odds(begins + within)


def _odds(probabilities: NDArray[np.floating]) -> Column:
    """Probabilities as coarse numbers: their log-odds times 0.8, from -6 to 6."""
    p = np.clip(probabilities.astype(np.float64), _LEAST, 1 - _LEAST)
    return number(np.clip(np.rint(np.log(p / (1 - p)) * 0.8), -6, 6).astype(np.int64))
