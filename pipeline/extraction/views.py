"""Documents one after another as arrays, as those see them that settle mentions as wholes (`borders.py`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.extraction.arrays import places_of
from pipeline.extraction.chain import FloatArray
from pipeline.extraction.features import Alphabet, Column, Hashes, Places
from pipeline.extraction.labeller import Document, Labelling
from pipeline.extraction.layout import BREAKS, LETTERS
from pipeline.extraction.lexicon import Lexicon
from pipeline.extraction.spans import TokenSpan
from pipeline.extraction.tokens import GAP, LINE, PARAGRAPH
from pipeline.extraction.words import fold, short_shape, word_features
from pipeline.records import LABELS

#: So many empty places stand before, between and after documents.
APART = 2
LABEL_NUMBERS = {label: number for number, label in enumerate(LABELS)}
_GAPS = Alphabet(["", "+", *BREAKS.values()])
_GAP_OF_BREAK = np.array([0, *map(_GAPS.place, BREAKS.values())])
_LETTERS = Alphabet(["", *(LETTERS[label] for label in LABELS)])
#: The letters of sets of labels, each set a number with a bit a label.
_SETS = Alphabet(
    "".join(sorted(LETTERS[label] for bit, label in enumerate(LABELS) if number >> bit & 1))
    for number in range(1 << len(LABELS))
)
_BITS = 1 << np.arange(len(LABELS))
_HIGHEST = 100
_NUMBERS = Alphabet(map(str, range(-_HIGHEST, _HIGHEST + 1)))
#: The columns of what is counted up to each place: labels, marks, lines that begin there, gaps.
LABELLED = slice(len(LABELS))
COUNTED_MARKS = {mark: column for column, mark in enumerate('()“”«»„"', len(LABELS))}
COUNTED_LINES = len(LABELS) + len(COUNTED_MARKS)
COUNTED_GAPS = COUNTED_LINES + 1
_BASE = np.uint64(0x9E3779B97F4A7C15)


def number(values: NDArray[np.integer]) -> Column:
    """Whole numbers as a part of a feature; those beyond 100 count as that."""
    return Column(_NUMBERS, np.clip(values, -_HIGHEST, _HIGHEST).astype(np.int64) + _HIGHEST)


def letters(there: NDArray[np.bool_]) -> Column:
    """(n, labels) which labels there are, as a part of a feature: their letters in alphabetical order."""
    return Column(_SETS, there @ _BITS)


class Vocabulary:
    """What the words of a lexicon are compared by.

    words: themselves in small letters. forms: short shapes. kinds: those in the knowledge lists.
    """

    def __init__(self, language: str) -> None:
        self._lists = word_features(language).lists
        self.words, self.forms, self.kinds = Alphabet([""]), Alphabet([""]), Alphabet([""])

    def word(self, word: str) -> int:
        """The place of the word in `words`."""
        return self.words.place(fold(word))

    def form(self, word: str) -> int:
        """The place of its form in `forms`."""
        return self.forms.place(short_shape(word)[:5])

    def kind(self, word: str) -> int:
        """The place of its kinds in `kinds`."""
        return self.kinds.place("+".join(sorted(self._lists.of(fold(word)))))


class Teller:
    """The vocabulary of the lexicon that was met last."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._lexicon: Lexicon | None = None
        self._vocabulary = Vocabulary(language)

    def of(self, lexicon: Lexicon) -> Vocabulary:
        """The vocabulary of a lexicon; a new one for another lexicon than last time."""
        if lexicon is not self._lexicon:
            self._lexicon, self._vocabulary = lexicon, Vocabulary(self._language)
        return self._vocabulary


@lru_cache(maxsize=8)
def teller(language: str) -> Teller:
    """The teller of a language, which all share that look at its documents."""
    return Teller(language)


@dataclass(frozen=True, slots=True)
class Stretches:
    """Stretches of places with a label; arrays of the same length, `labels` numbers of `LABELS`."""

    firsts: Places
    ends: Places
    labels: Places

    def __len__(self) -> int:
        return len(self.firsts)

    def __getitem__(self, rows: NDArray[np.integer] | NDArray[np.bool_]) -> Stretches:
        return Stretches(self.firsts[rows], self.ends[rows], self.labels[rows])

    def spans(self, opens: int) -> list[TokenSpan]:
        """The spans of a document that begins at a place."""
        rows = zip((self.firsts - opens).tolist(), (self.ends - opens).tolist(), self.labels.tolist(), strict=True)
        return [(first, end, LABELS[label]) for first, end, label in rows]


@dataclass(frozen=True, slots=True)
class View:
    """Documents as they are seen; the arrays are over their places, empty ones among them.

    opens: the first place of each document. mentions: those of all documents. words, forms, kinds: what stands there,
    as places in the alphabets of the vocabulary. gaps: what stands before. breaks: the same as in `Tokens`. quoted:
    where in a quotation a place lies. labels: one more than the number of the label of the mention in which it lies, 0
    for none. draft, later: (places, tags) by the first and the second look. sums: (places, labels) what the first look
    gives each label in the document before a place. counts: (places + 1, …) how many places before it have each label,
    how many hold each of some marks, how many begin a line, how many follow a gap. names: (places + 1,) sums from which
    the numbers of stretches of words follow.
    """

    vocabulary: Vocabulary
    opens: Places
    mentions: Stretches
    words: Places
    forms: Places
    kinds: Places
    gaps: Places
    breaks: Places
    quoted: Places
    labels: Places
    draft: FloatArray
    later: FloatArray
    sums: NDArray[np.float64]
    counts: NDArray[np.int32]
    names: Hashes

    @classmethod
    def of(
        cls,
        documents: Sequence[Document],
        looks: Sequence[Labelling],
        spans: Sequence[Sequence[TokenSpan]],
        language: str,
    ) -> View:
        """Look over documents, whose words are numbered in one lexicon, with their mentions."""
        lexicon = documents[0].tokens.lexicon
        vocabulary = teller(language).of(lexicon)
        sizes = np.array([len(document.words) for document in documents], np.int64)
        opens = np.cumsum(sizes + APART) - sizes
        at = np.arange(sizes.sum()) + APART * (1 + np.repeat(np.arange(len(sizes)), sizes))
        size = len(at) + APART * (len(sizes) + 1)

        def laid(parts: Sequence[NDArray[Any]], kind: type[np.generic] = np.int64) -> NDArray[Any]:
            whole = np.zeros((size, *parts[0].shape[1:]), kind)
            whole[at] = np.concatenate(parts)
            return whole

        ids = [document.tokens.ids for document in documents]
        words, forms, kinds = (
            laid([lexicon.told(told)[each] for each in ids])
            for told in (vocabulary.word, vocabulary.form, vocabulary.kind)
        )
        breaks = laid([document.tokens.breaks for document in documents])
        empty = np.ones(size, np.bool_)
        empty[at] = False
        breaks[empty] = PARAGRAPH
        glued = laid([document.tokens.glued for document in documents])
        mentions = placed(spans, opens)
        labels = np.zeros(size, np.int64)
        labels[inside(mentions)] = np.repeat(mentions.labels + 1, mentions.ends - mentions.firsts)
        counted = np.empty((size, COUNTED_GAPS + 1), np.bool_)
        counted[:, LABELLED] = labels[:, None] == np.arange(1, len(LABELS) + 1)
        for mark, column in COUNTED_MARKS.items():
            counted[:, column] = words == vocabulary.words.place(mark)
        counted[:, COUNTED_LINES], counted[:, COUNTED_GAPS] = breaks >= LINE, breaks == GAP
        hashes, _ = vocabulary.words.hashes()
        names = hashes[words] * _powers(size)
        return cls(
            vocabulary,
            opens,
            mentions,
            words,
            forms,
            kinds,
            np.where(breaks > 0, _GAP_OF_BREAK[breaks], glued),
            breaks,
            laid([document.context.family("quote") // 8 for document in documents]),
            labels,
            laid([look.draft for look in looks], np.float32),
            laid([look.probabilities for look in looks], np.float32),
            np.concatenate([np.zeros((APART, len(LABELS))), *(_sums(look.draft) for look in looks)]),
            _before(counted, np.int32),
            _before(names, np.uint64),
        )

    def word(self, at: Places) -> Column:
        """The words at some places, as a part of a feature."""
        return Column(self.vocabulary.words, self.words[at])

    def form(self, at: Places) -> Column:
        """Their forms."""
        return Column(self.vocabulary.forms, self.forms[at])

    def kind(self, at: Places) -> Column:
        """Their kinds."""
        return Column(self.vocabulary.kinds, self.kinds[at])

    def gap(self, at: Places) -> Column:
        """What stands before them: a break, nothing (`+`), or a space."""
        return Column(_GAPS, self.gaps[at])

    def letter(self, at: Places) -> Column:
        """The letters of the mentions in which they lie."""
        return Column(_LETTERS, self.labels[at])

    def within(self, firsts: Places, ends: Places) -> NDArray[np.int32]:
        """(n, …) how many of what is counted there are in some stretches."""
        counts: NDArray[np.int32] = self.counts[ends] - self.counts[firsts]
        return counts

    def means(self, stretches: Stretches) -> NDArray[np.float64]:
        """How probable their labels are by the first look, on average over the tokens of some stretches."""
        firsts, ends, labels = stretches.firsts, stretches.ends, stretches.labels
        means: NDArray[np.float64] = (self.sums[ends, labels] - self.sums[firsts, labels]) / (ends - firsts)
        return means

    def named(self, stretches: Stretches) -> NDArray[np.int64]:
        """(n, labels) how many mentions of each label the document has by the words of each stretch."""
        names, of = np.unique(self._names(self.mentions), return_inverse=True)
        counts = np.zeros((len(names) + 1, len(LABELS)), np.int64)
        np.add.at(counts, (of, self.mentions.labels), 1)
        wanted = self._names(stretches)
        at = np.searchsorted(names, wanted)
        at[names[np.minimum(at, len(names) - 1)] != wanted] = -1
        return counts[at]

    def _names(self, stretches: Stretches) -> Hashes:
        """Numbers that are the same for stretches of the same words of one document."""
        firsts, ends = stretches.firsts, stretches.ends
        words = (self.names[ends] - self.names[firsts]) * _powers(len(self.names))[-1 - firsts]
        documents = np.searchsorted(self.opens, firsts, side="right").astype(np.uint64)
        return words * _BASE + documents


def _powers(count: int) -> Hashes:
    """The powers of a number by which what stands one after the other is told apart."""
    powers: Hashes = np.cumprod(np.full(count, _BASE), dtype=np.uint64)
    return powers


def placed(spans: Sequence[Sequence[TokenSpan]], opens: Places) -> Stretches:
    """The spans of documents that begin at these places."""
    shifts = np.repeat(opens, [len(each) for each in spans])
    rows = [(first, end, LABEL_NUMBERS[label]) for each in spans for first, end, label in each]
    firsts, ends, labels = np.array(rows, np.int64).reshape(-1, 3).T
    return Stretches(firsts + shifts, ends + shifts, labels)


def inside(stretches: Stretches) -> Places:
    """All places of some stretches, one stretch after the other."""
    return places_of(stretches.firsts, stretches.ends - stretches.firsts)


def _before(values: NDArray[Any], kind: type[np.generic]) -> NDArray[Any]:
    """(n + 1, …) the sums of what stands before each place and before the end."""
    sums = np.zeros((len(values) + 1, *values.shape[1:]), kind)
    np.cumsum(values, axis=0, dtype=kind, out=sums[1:])
    return sums


def _sums(draft: FloatArray) -> NDArray[np.float64]:
    """(n + APART, labels) what a look gives each label before each token of one document, and before its end."""
    sums = np.zeros((len(draft) + APART, len(LABELS)))
    np.cumsum(draft[:, 1::2] + draft[:, 2::2], axis=0, dtype=np.float64, out=sums[1 : len(draft) + 1])
    return sums
