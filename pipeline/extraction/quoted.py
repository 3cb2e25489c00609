"""What speaks of quoted stretches that could be titles: the words around, their own, what a first look made of them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from pipeline.extraction.chain import FloatArray
from pipeline.extraction.edges import TITLE_LABELS
from pipeline.extraction.features import Alphabet, Column, Feature, Joined, Places, told
from pipeline.extraction.labeller import Document, Labelling, spans_of
from pipeline.extraction.quotes import Quoted
from pipeline.extraction.spans import TokenSpan
from pipeline.extraction.tokens import LINE
from pipeline.extraction.views import number, teller
from pipeline.extraction.words import fold, word_features

#: The alternative that leaves the stretch as the labeller has it.
AS_IT_IS = "-"
#: Longer stretches are statements, not titles.
LONGEST_TITLE = 45
#: Kinds of words (knowledge lists) that announce a title, and how many tokens back they are looked for.
ANNOUNCING = ("report", "event", "work", "speech_verb")
FARTHEST = 80
#: How many words before a stretch are told with their place, and without it; how many after it; how many of its own.
NEAR, FAR, BEYOND, LISTED = 4, 8, 5, 12
#: Marks within a stretch that tell a title from a statement.
_TELLING = frozenset(":?!.—–")
_EDGES = frozenset("\"“”„‟«»‹›‘’`´″《》',;:.")
_NOTHING = Alphabet([""])


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Stretches of documents that could be titles, and what their features rest on.

    stretches: those of all documents, one after the other; `document`: the number of the document of each. spans: by
    document, the labeller's first look. announcing: by document, places of words that announce titles (report, seminar,
    book, spoke), with their kind. means, highest: (stretches, 3) how probable `TITLE_LABELS` are within each stretch,
    on average and at most. labels: by stretch, the one that leads.
    """

    documents: Sequence[Document]
    stretches: list[Quoted]
    document: Places
    spans: list[list[TokenSpan]]
    announcing: list[list[tuple[int, str]]]
    means: FloatArray
    highest: FloatArray
    labels: list[str]

    @classmethod
    def of(cls, documents: Sequence[Document], looks: Sequence[Labelling], language: str) -> Surroundings:
        """Look over documents."""
        found = [stretches(document) for document in documents]
        every = [quoted for each in found for quoted in each]
        of = np.repeat(np.arange(len(found)), [len(each) for each in found])
        if not every:
            nothing = np.zeros((0, len(TITLE_LABELS)), np.float32)
            return cls(documents, every, of, [], [], nothing, nothing, [])
        chains = np.concatenate([_chains(look, each) for look, each in zip(looks, found, strict=True) if each])
        sizes = np.array([quoted.last - quoted.first for quoted in every])
        starts = np.cumsum(sizes) - sizes
        means = (np.add.reduceat(chains, starts, axis=0) / sizes[:, None]).astype(np.float32)
        leads = zip(means.argmax(axis=1).tolist(), (means.max(axis=1) > 0.4).tolist(), strict=True)
        return cls(
            documents,
            every,
            of,
            draft_spans(documents, looks),
            [_announcing(document, language) for document in documents],
            means,
            np.maximum.reduceat(chains, starts, axis=0),
            [TITLE_LABELS[best] if clear else AS_IT_IS for best, clear in leads],
        )


def _chains(look: Labelling, found: Sequence[Quoted]) -> FloatArray:
    """(tokens, 3) how probable `TITLE_LABELS` are at the tokens of the stretches of a document by the first look."""
    at = np.concatenate([np.arange(quoted.first, quoted.last) for quoted in found])
    begin, further = look.columns
    chains: FloatArray = look.draft[at[:, None], begin] + look.draft[at[:, None], further]
    return chains


def _announcing(document: Document, language: str) -> list[tuple[int, str]]:
    """The places of words that announce titles, outside of quotations, with their kind."""
    kinds = document.tokens.lexicon.told(_announces(language))[document.tokens.ids]
    for quoted in document.context.quotes:
        kinds[quoted.opening : quoted.last] = 0
    places = np.flatnonzero(kinds)
    return [(i, ANNOUNCING[kind - 1]) for i, kind in zip(places.tolist(), kinds[places].tolist(), strict=True)]


@lru_cache(maxsize=8)
def _announces(language: str) -> Callable[[str], int]:
    """What tells the number of the first of the announcing kinds that a word has, from 1; 0 where it has none."""
    lists = word_features(language).lists

    def tell(word: str) -> int:
        kinds = lists.of(fold(word)) if word[0].isalpha() else ()
        return next((number for number, kind in enumerate(ANNOUNCING, 1) if kind in kinds), 0) if kinds else 0

    return tell


def draft_spans(documents: Sequence[Document], looks: Sequence[Labelling]) -> list[list[TokenSpan]]:
    """The spans of the labeller's first look at some documents: the most probable tag of each token."""
    tags = np.concatenate([look.draft.argmax(axis=1) for look in looks])
    return spans_of(tags, looks[0].tags, documents)


def stretches(document: Document) -> list[Quoted]:
    """The stretches that could be titles: outermost, closed, not too long, holding a word."""
    return [
        q
        for q in document.context.quotes
        if q.closed
        and q.depth == 0
        and q.last - q.first <= LONGEST_TITLE
        and any(word[0].isalnum() for word in document.words[q.first : q.last])
    ]


def title_span(document: Document, quoted: Quoted, label: str) -> TokenSpan:
    """The whole stretch as a span, without punctuation at its edges."""
    first, last = quoted.first, quoted.last
    while last - 1 > first and document.words[last - 1] in _EDGES:
        last -= 1
    while first < last - 1 and document.words[first] in _EDGES:
        first += 1
    return first, last, label


def features(seen: Surroundings, language: str) -> tuple[Column, Iterator[Feature]]:
    """What speaks of each stretch, with the (empty) opening of its features."""
    return Column(_NOTHING, np.zeros(len(seen.stretches), np.int64)), _features(seen, language)


def _features(seen: Surroundings, language: str) -> Iterator[Feature]:
    yield told()
    yield _spelled([_formed(seen, number) for number in range(len(seen.stretches))])
    yield from _words(seen, language)
    for column, label in enumerate(TITLE_LABELS):
        yield told(f"{label}=", number((seen.means[:, column].astype(np.float64) * 9.99).astype(np.int64)))
        yield told(f"{label}max=", number((seen.highest[:, column].astype(np.float64) * 4.99).astype(np.int64)))


def _spelled(found: Sequence[Sequence[str]]) -> Feature:
    """Features that are spelled out already, row by row."""
    texts = Alphabet()
    at = np.array([texts.place(text) for row in found for text in row], np.int64)
    return told(Column(texts, at), rows=np.repeat(np.arange(len(found)), [len(row) for row in found]))


def _words(seen: Surroundings, language: str) -> Iterator[Feature]:
    """The words before, after and within, as they are compared."""
    lexicon = seen.documents[0].tokens.lexicon
    vocabulary = teller(language).of(lexicon)
    ids = np.concatenate([document.tokens.ids for document in seen.documents])
    words = lexicon.told(vocabulary.word)[ids].astype(np.int64)
    letters = lexicon.told(_is_letter)[ids] > 0
    sizes = np.array([len(document.words) for document in seen.documents])
    ends = np.cumsum(sizes)[seen.document]
    opens = ends - sizes[seen.document]
    opening, first, last = (
        np.array([getattr(quoted, name) for quoted in seen.stretches], np.int64) + opens
        for name in ("opening", "first", "last")
    )

    def word(at: Places) -> Column:
        return Column(vocabulary.words, words[at])

    def some(name: str, at: Places, there: NDArray[np.bool_]) -> Feature:
        rows = np.flatnonzero(there)
        return told(name, word(at[rows]), rows=rows)

    def joined(at: Sequence[Places], counts: Places) -> Joined:
        return Joined(" ", [word(np.clip(each, 0, len(words) - 1)) for each in at], counts)

    before, after = np.minimum(opening - opens, FAR), np.minimum(ends - last - 1, BEYOND)
    for name, most in (("before=", 2), ("three=", 3)):
        counts = np.minimum(before, most)
        yield told(name, joined([opening - counts + i for i in range(most)], counts))
    for most in (1, 2):
        yield told("after=", joined([last + 1 + i for i in range(most)], np.minimum(after, most)))
    yield told("opens=", word(first))
    yield told("opens=", joined([first, first + 1], np.minimum(last - first, 2)))
    for distance in range(FAR):
        at, there = opening - 1 - distance, distance < before
        if distance < NEAR:
            yield some(f"b{distance}=", at, there)
            yield some("b=", at, there)
        yield some("far=", at, there)
    for distance in range(BEYOND):
        at, there = last + 1 + distance, distance < after
        yield some(f"a{distance}=", at, there)
        yield some("a=", at, there)
    for place in range(LISTED):
        at = np.minimum(first + place, last - 1)
        yield some("own=", at, (first + place < last) & letters[at])


def _is_letter(word: str) -> int:
    return word[0].isalpha()


def _formed(seen: Surroundings, number: int) -> list[str]:
    """What tells of the form of a stretch and of the mentions, stretches and announcing words about it."""
    quoted, document = seen.stretches[number], int(seen.document[number])
    of, spans = seen.documents[document], seen.spans[document]
    words, breaks = of.words, of.tokens.breaks
    first, last = quoted.first, quoted.last
    line_start = breaks[quoted.opening] >= LINE
    line_end = last + 1 >= len(words) or breaks[last + 1] >= LINE
    left = bisect_left(spans, first, key=lambda s: s[1] - 1)
    right = bisect_left(spans, last, key=lambda s: s[0])
    whole = spans[left:right]
    exact = len(whole) == 1 and whole[0][:2] == title_span(of, quoted, "")[:2]
    return [
        f"len={min((last - first) // 2, 8)}",
        f"lines={line_start}{line_end}",
        f"over={'+'.join(s[2] for s in whole if s[0] < first or s[1] > last)}",
        f"inside={'+'.join(sorted({s[2] for s in whole}))}{len(whole) > 1}",
        f"exact={whole[0][2] if exact else '-'}",
        f"near={'+'.join(s[2] for s in spans[max(0, left - 2) : left])}",
        f"beyond={'+'.join(s[2] for s in spans[right : right + 1])}",
        f"marks={''.join(sorted({w for w in words[first:last] if w in _TELLING}))}",
        f"upper={words[first][0].isupper()}",
        f"ends={words[last - 1] if not words[last - 1][0].isalnum() else ''}",
        *_announced(seen, number, words, seen.announcing[document]),
    ]


def _announced(
    seen: Surroundings, number: int, words: Sequence[str], announcing: Sequence[tuple[int, str]]
) -> Iterator[str]:
    """What announced titles lately, and what the stretches of the document before and after are."""
    quoted = seen.stretches[number]
    at = bisect_left(announcing, (quoted.opening, ""))
    near = [x for x in announcing[max(0, at - 3) : at] if quoted.opening - x[0] <= FARTHEST]
    yield f"kinds={'+'.join(kind for _, kind in near)}"
    yield f"beside={_beside(seen, number, -1)}/{_beside(seen, number, 1)}"
    for rank, (place, kind) in enumerate(reversed(near)):
        yield f"said{rank}={kind}"
        yield f"said={fold(words[place])}"


def _beside(seen: Surroundings, number: int, side: int) -> str:
    """What the stretch before (-1) or after (1) one is, where it is of the same document and not far."""
    other = number + side
    if not 0 <= other < len(seen.stretches) or seen.document[other] != seen.document[number]:
        return ""
    earlier, later = sorted((number, other))
    end = seen.stretches[earlier].opening if side < 0 else seen.stretches[earlier].last
    return seen.labels[other] if seen.stretches[later].opening - end <= FARTHEST else ""
