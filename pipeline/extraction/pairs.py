"""What speaks for a link between an anchor and another mention, for all candidate pairs of documents at once.

The linker's features come in groups that rest on a few small facts (how far apart two mentions are, which words stand
between them). The facts are worked out here with NumPy for all pairs, and joined to one number a group. Only where a
number is met for the first time are the features spelled out, to look up their weights (`sums.py`); training spells
out all of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from pipeline.extraction.arrays import places_of
from pipeline.extraction.book import SEEN, Book
from pipeline.extraction.candidates import (
    KNOWN,
    NEARNESS,
    REPORT_PERSON,
    ROLE_INSTITUTION,
    STEM,
    UNITS,
    Kind,
    Shared,
    Turn,
    candidates,
    shared_features,
    shared_words,
    turn_features,
)
from pipeline.extraction.fellows import MOST, STATES, fellows, told_joint
from pipeline.extraction.layout import LETTERS, NEW_PARAGRAPH, WORDS
from pipeline.extraction.lists import FORMS, LEADS, STANDINGS
from pipeline.extraction.sums import Endings, Group, Numbers

#: Longer stretches between two mentions are not spelled out as a pattern.
LONGEST_PATTERN = 9
#: In longer ones than this it is not even told which words stand there.
LONGEST_LIST = 24
_LETTERS = frozenset((*LETTERS.values(), WORDS))
#: So many marks between two mentions are told.
_MARKS = 8
_BOUNDS = np.array([1, 2, 3, 5, 8, 12, 20, 40])
#: The names of distances up to these bounds and beyond.
_DISTANCES = (*map(str, _BOUNDS.tolist()), "far")
#: Where another mention can lie as seen from an anchor: side, sentence/line/paragraph/elsewhere, how many of its like
#: between.
PLACES = tuple(f"{side}{same}{rank}" for side in "<>" for same in NEARNESS for rank in range(3))
#: Where an institution lies as seen from a role and its person: between the two, on the role's side, on the person's.
_WHERE = ("in", "role", "person")
#: More symbols than this have no numbers in a key.
_SYMBOLS = 1 << 20


@dataclass(frozen=True, slots=True)
class Pairs:
    """The candidate pairs of one kind of link in some documents, anchor by anchor.

    anchors, sizes: each anchor that has any, as (document, mention in it), and how many others are its candidates.
    anchor, other: (n,) the mentions of each pair, counted over all documents. others: the same within the document.
    side: 0 where the other stands before the anchor, 1 where after. same: how near, as a place in `NEARNESS`. rank,
    rivals: how many mentions with the label of the other and of the anchor stand between. chosen: for a role's
    institution the person that the role was linked to, -1 where there is none.
    """

    book: Book
    kind: Kind
    anchors: list[tuple[int, int]]
    sizes: list[int]
    others: list[int]
    anchor: Numbers
    other: Numbers
    side: Numbers
    same: Numbers
    rank: Numbers
    rivals: Numbers
    chosen: Numbers | None

    @classmethod
    def of(cls, book: Book, kind: Kind, chosen: Sequence[Mapping[int, int | None]] | None = None) -> Pairs:
        """All pairs of a kind; `chosen`: for each document the person that each role was linked to."""
        anchors, sizes, others = [], [], []
        for number, page in enumerate(book.pages):
            if kind[2] not in page.by_label:
                continue
            for each in page.by_label.get(kind[1], ()):
                if found := candidates(page, each, kind):
                    anchors.append((number, each))
                    sizes.append(len(found))
                    others += found
        firsts = np.repeat([book.opens[number] for number, _ in anchors], sizes).astype(np.int64)
        anchor = np.repeat([each for _, each in anchors], sizes).astype(np.int64) + firsts
        other = np.array(others, np.int64) + firsts
        persons = None
        if chosen is not None:
            of = [chosen[number].get(each) for number, each in anchors]
            persons = np.repeat([-1 if each is None else each for each in of], sizes).astype(np.int64)
            persons = np.where(persons < 0, -1, persons + firsts)
        low, high = np.minimum(anchor, other), np.maximum(anchor, other)
        near = book.near[:, anchor] == book.near[:, other]
        same = np.where(near.any(axis=0), near.argmax(axis=0), len(UNITS))
        rank, rivals = (
            book.counts[book.labels[each], high] - book.counts[book.labels[each], low + 1] for each in (other, anchor)
        )
        side = (other > anchor).astype(np.int64)
        return cls(book, kind, anchors, sizes, others, anchor, other, side, same, rank, rivals, persons)

    def alternatives(self) -> Iterator[tuple[int, list[int]]]:
        """For each anchor, in the order of `anchors`, itself and its candidates by their numbers in their document."""
        at = 0
        for (_, anchor), size in zip(self.anchors, self.sizes, strict=True):
            yield anchor, self.others[at : at + size]
            at += size

    @property
    def places(self) -> Numbers:
        """(n,) where the other of each pair lies, as a number of `PLACES`."""
        return _key(self.side, (self.same, len(NEARNESS)), (np.minimum(self.rank, 2), 3))

    def groups(self, turns: Sequence[Turn] | None = None) -> Iterator[Group | Endings]:
        """The groups of features of all pairs; `turns`: for a report's persons, whether they have had a turn."""
        book = self.book
        at = book.at[self.other]
        outer, beyond = self._edge(at - 1), self._edge(at + 1)
        low, high = np.minimum(self.anchor, self.other), np.maximum(self.anchor, self.other)
        starts, ends = book.at[low] + 1, book.at[high]
        known = book.known[self.other]
        yield self._distances(ends - starts)
        yield self._familiar(known, low, high)
        yield self._edges(outer, beyond)
        if self.chosen is not None:
            yield from self._person(self.chosen)
        if self.kind is ROLE_INSTITUTION:
            yield from self._fitting()
            yield self._shared()
        else:
            yield from self._beside(at)
        if self.kind is REPORT_PERSON:
            yield self._fellows()
            yield self._listed()
        if turns is not None:
            yield self._all("turn", np.arange(len(turns)), lambda i: turn_features(*turns[i]))
        yield self._marks(low, high)
        texts = book.names.texts.of
        yield Endings(
            np.arange(len(known)),
            [f"{opening}known={each}" for opening in self._openings for each in KNOWN],
            _key(self.side, (known, len(KNOWN))),
            [texts[number] for number in book.texts[self.anchor].tolist()],
        )
        yield from self._between(starts, ends, outer, beyond)

    def _all(self, name: str, keys: Numbers, features: Callable[[int], list[str]], size: int = 0) -> Group:
        """A group that all pairs have."""
        return Group(name, np.arange(len(keys)), keys, features, size)

    def _some(
        self, name: str, rows: Numbers, keys: Numbers, features: Callable[[int], list[str]], size: int = 0
    ) -> Group:
        """A group that some pairs have; `keys` and `features` are by the pair."""
        return Group(name, rows, keys[rows], lambda i: features(int(rows[i])), size)

    @property
    def _openings(self) -> tuple[str, str]:
        """What opens the features of pairs: the kind and the side."""
        return f"{self.kind[0]}<", f"{self.kind[0]}>"

    def _opening(self, i: int) -> str:
        return self._openings[self.side[i]]

    def _edge(self, places: Numbers) -> Numbers:
        """The symbols at some places; beyond the edge of a document a paragraph ends."""
        found = self.book.symbols[places]
        (edge,) = self.book.names.symbols.numbers([NEW_PARAGRAPH])
        return np.where(found == 0, edge, found)

    def _distances(self, lengths: Numbers) -> Group:
        distance, rank, rivals = _distance(lengths), np.minimum(self.rank, 3), np.minimum(self.rivals, 3)

        def features(i: int) -> list[str]:
            key, same = self._opening(i), NEARNESS[self.same[i]]
            return [
                key,
                f"{key}dist={_DISTANCES[distance[i]]}",
                f"{key}same={same}",
                f"{key}same={same}{rank[i]}",
                f"{key}rank={rank[i]}",
                f"{key}rivals={rivals[i]}",
                f"{key}rank={rank[i]}rivals={rivals[i]}{same}",
            ]

        parts = ((distance, len(_DISTANCES)), (self.same, len(NEARNESS)), (rank, 4), (rivals, 4))
        return self._all("distances", _key(self.side, *parts), features, _size(parts))

    def _familiar(self, known: Numbers, low: Numbers, high: Numbers) -> Group:
        book = self.book
        stops = np.minimum(book.stops[high] - book.stops[low], 3)
        _, line, paragraph = book.near[:, high] - book.near[:, low]
        lines, paragraphs = np.minimum(line - paragraph, 2), np.minimum(paragraph, 2)

        def features(i: int) -> list[str]:
            key, same = self._opening(i), NEARNESS[self.same[i]]
            told = f"{key}known={KNOWN[known[i]]}"
            return [told, f"{told}{same}", f"{key}stops={stops[i]}", f"{key}breaks={lines[i]}{paragraphs[i]}"]

        parts = ((known, len(KNOWN)), (self.same, len(NEARNESS)), (stops, 4), (lines, 3), (paragraphs, 3))
        return self._all("known", _key(self.side, *parts), features, _size(parts))

    def _edges(self, outer: Numbers, beyond: Numbers) -> Group:
        symbols = self.book.names.symbols.of

        def features(i: int) -> list[str]:
            key, a, b = self._opening(i), symbols[outer[i]], symbols[beyond[i]]
            return [f"{key}out={a}", f"{key}bey={b}", f"{key}out={a}bey={b}"]

        return self._all("edges", _key(self.side, (outer, _SYMBOLS), (beyond, _SYMBOLS)), features)

    def _person(self, chosen: Numbers) -> Iterator[Group | Endings]:
        """Where the role's person stands: for an institution."""
        book = self.book
        there = chosen >= 0
        person = np.where(there, chosen, 0)
        inside = (np.minimum(self.anchor, person) < self.other) & (self.other < np.maximum(self.anchor, person))
        where = np.where(inside, 0, np.where((self.other < self.anchor) == (self.anchor < person), 1, 2))
        one, two = book.at[person], book.at[self.other]
        starts, ends = np.minimum(one, two) + 1, np.maximum(one, two)
        rank, gap = np.minimum(self.rank, 2), _distance(ends - starts)

        def features(i: int) -> list[str]:
            key, told = self._opening(i), _WHERE[where[i]]
            return [f"{key}person={told}", f"{key}person={told}{rank[i]}", f"{key}gap={_DISTANCES[gap[i]]}{told}"]

        parts = ((where, len(_WHERE)), (rank, 3), (gap, len(_DISTANCES)))
        yield self._some("person", np.flatnonzero(there), _key(self.side, *parts), features, _size(parts))
        alone = np.flatnonzero(~there)
        yield self._some("no person", alone, self.side, lambda i: [f"{self._opening(i)}person=none"], 2)
        rows = np.flatnonzero(there & (ends - starts <= LONGEST_PATTERN))
        openings = [f"{opening}pp={told}" for opening in self._openings for told in _WHERE]
        of = _key(self.side, (where, len(_WHERE)))
        yield Endings(rows, openings, of[rows], self._spelled(starts[rows], ends[rows]))

    def _spelled(self, starts: Numbers, ends: Numbers) -> list[str]:
        """The short stretches of symbols from places to places."""
        units, strings, known = self.book.units, self.book.names.symbols.of, self.book.names.spelled
        found = []
        for a, b in zip(starts.tolist(), ends.tolist(), strict=True):
            stretch = units[a:b]
            told = known.get(stretch)
            if told is None:
                told = known[stretch] = " ".join([strings[ord(unit)] for unit in stretch])
            found.append(told)
        return found

    def _fitting(self) -> Iterator[Endings]:
        """Which words of institutions go with which roles: a rector with a university, a minister with a ministry."""
        book = self.book
        roles = [_head_and_tail(book.pages[page].texts[role]) for page, role in self.anchors]
        role = np.repeat(np.arange(len(roles)), self.sizes)
        texts = [book.names.texts.of[number] for number in book.texts[self.other].tolist()]
        words = {text: text.split() for text in set(texts)}
        stems = {text: sorted({word[:STEM] for word in of if len(word) >= STEM}) for text, of in words.items()}
        inside = [stems[text] for text in texts]
        rows = np.repeat(np.arange(len(texts)), [len(each) for each in inside])
        each = list(chain.from_iterable(inside))
        yield Endings(rows, [f"rih={head}i=" for head, _ in roles], role[rows], each)
        yield Endings(rows, [f"rit={tail}i=" for _, tail in roles], role[rows], each)
        last = {text: of[-1][:STEM] for text, of in words.items()}
        yield Endings(np.arange(len(texts)), [f"ri:hl={head}" for head, _ in roles], role, [last[t] for t in texts])

    def _shared(self) -> Group:
        """Which words a role, with what stands beside it, has in common with an institution."""
        told: list[Shared] = []
        for (number, _), (role, others) in zip(self.anchors, self.alternatives(), strict=True):
            told += shared_words(self.book.pages[number], role, others)
        keys = _key(np.array(self.book.names.shared.numbers(told), np.int64), (self.side, 2))
        return self._all("shared", keys, lambda i: shared_features("<>"[self.side[i]], *told[i]))

    def _beside(self, at: Numbers) -> Iterator[Group]:
        """The units before and after the other mention."""
        symbols = self.book.symbols
        before = _key(self.side, *((symbols[at - SEEN + i], _SYMBOLS) for i in range(SEEN)))
        after = _key(self.side, *((symbols[at + 1 + i], _SYMBOLS) for i in range(SEEN)))

        def spelled(first: int) -> str:
            return " ".join(filter(None, self.book.spelled(first, first + SEEN)))

        yield self._all("before", before, lambda i: [f"{self._opening(i)}pre={spelled(at[i] - SEEN)}"])
        yield self._all("after", after, lambda i: [f"{self._opening(i)}post={spelled(at[i] + 1)}"])

    def _fellows(self) -> Group:
        """Whether a report's person is named together with the one nearest to it, and a word says so."""
        state, many = fellows(self.book, self.other, self.side, self.rank)
        told = [told_joint(self.book.pages[page], report) for page, report in self.anchors]
        joint, rank = np.repeat(told, self.sizes).astype(np.int64), np.minimum(self.rank, 3)

        def features(i: int) -> list[str]:
            key = f"{self._opening(i)}fel={STATES[state[i]]}{many[i]}"
            more = f"{key}{'j' if joint[i] else ''}"
            return [key, more, f"{more}{NEARNESS[self.same[i]]}", f"{key}{rank[i]}"]

        parts = ((state, len(STATES)), (many, MOST + 1), (joint, 2), (self.same, len(NEARNESS)), (rank, 4))
        return self._all("fellows", _key(self.side, *parts), features, _size(parts))

    def _listed(self) -> Group:
        """Where a person stands in the list of a report, and what people and titles of such lists come first."""
        number, run, form, lead = self.book.lists
        apart = run[self.other] - run[self.anchor]
        place = np.where(apart == -1, 0, np.where(apart == 1, 1, 2))
        place = np.where(number[self.other] == number[self.anchor], place, 3)
        form, lead = form[self.anchor], lead[self.anchor]

        def features(i: int) -> list[str]:
            at, of, first = STANDINGS[place[i]], FORMS[form[i]], LEADS[lead[i]]
            return [f"tp:list={at}{of}", f"tp:list={at}{of[:3]}", f"tp:list={at}{first}", f"tp:list={at}{of}{first}"]

        keys = _key(place, (form, len(FORMS)), (lead, len(LEADS)))
        return self._all("listed", keys, features, len(STANDINGS) * len(FORMS) * len(LEADS))

    def _marks(self, low: Numbers, high: Numbers) -> Endings:
        """The mentions and breaks between."""
        marks, starts = self.book.marks, self.book.mark_at[low] + 1
        ends = np.minimum(starts + _MARKS, self.book.mark_at[high])
        found = [marks[a:b] for a, b in zip(starts.tolist(), ends.tolist(), strict=True)]
        return Endings(np.arange(len(found)), [f"{opening}let=" for opening in self._openings], self.side, found)

    def _between(self, starts: Numbers, ends: Numbers, outer: Numbers, beyond: Numbers) -> Iterator[Group | Endings]:
        """The symbols between: which there are, the first and last, all of them if they are few."""
        book, symbols = self.book, self.book.names.symbols.of
        lengths = ends - starts
        yield self._has(np.flatnonzero(lengths <= LONGEST_LIST), starts, ends)
        first, last = book.symbols[starts], book.symbols[ends - 1]

        def edges(i: int) -> list[str]:
            return [f"{self._opening(i)}first={symbols[first[i]]}", f"{self._opening(i)}last={symbols[last[i]]}"]

        keys = _key(self.side, (first, _SYMBOLS), (last, _SYMBOLS))
        yield self._some("ends", np.flatnonzero(lengths > 0), keys, edges)
        rows = np.flatnonzero(lengths <= LONGEST_PATTERN)
        spelled = self._spelled(starts[rows], ends[rows])
        side = self.side[rows]
        yield Endings(rows, [f"{opening}pat=" for opening in self._openings], side, spelled)
        # Few patterns are told apart by what stands around them.
        numbers: dict[tuple[int, str], int] = {}
        of = [numbers.setdefault(each, len(numbers)) for each in zip(side.tolist(), spelled, strict=True)]
        openings = [f"{self._openings[each]}pat={told}|" for each, told in numbers]
        around = zip(outer[rows].tolist(), beyond[rows].tolist(), strict=True)
        yield Endings(rows, openings, np.array(of, np.int64), [f"{symbols[a]}|{symbols[b]}" for a, b in around])

    def _has(self, pairs: Numbers, starts: Numbers, ends: Numbers) -> Group:
        """Which symbols other than mentions and plain words stand between, each once."""
        book = self.book
        symbols, strings = book.symbols, book.names.symbols.of
        plain = np.array([not string or string in _LETTERS for string in strings], np.bool_)[symbols]
        telling = np.flatnonzero(~plain)
        numbers = symbols[telling]
        # Where each of them was met last before: it counts for a stretch that begins after that.
        order = np.argsort(numbers, kind="stable")
        again = np.append(False, numbers[order[1:]] == numbers[order[:-1]])
        before = np.full(len(telling), -1, np.int64)
        before[order[again]] = telling[order[np.flatnonzero(again) - 1]]
        low, high = np.searchsorted(telling, starts[pairs]), np.searchsorted(telling, ends[pairs])
        sizes = high - low
        inside = places_of(low, sizes)
        rows = np.repeat(pairs, sizes)
        once = before[inside] < starts[rows]
        rows, found = rows[once], numbers[inside[once]]
        keys = _key(self.side[rows], (found, _SYMBOLS))
        return Group("has", rows, keys, lambda i: [f"{self._opening(int(rows[i]))}has={strings[found[i]]}"])


def _head_and_tail(text: str) -> tuple[str, str]:
    """The stems of the first and last word of a text."""
    words = text.split()
    return words[0][:STEM], words[-1][:STEM]


def _distance(lengths: Numbers) -> Numbers:
    """Coarse distances in units, as places in `_DISTANCES`."""
    return np.searchsorted(_BOUNDS, lengths).astype(np.int64)


def _key(first: Numbers, *more: tuple[Numbers, int]) -> Numbers:
    """One number for some; each further one comes with how many values it can have."""
    key = first
    for part, size in more:
        key = key * size + part
    return key


def _size(parts: Iterable[tuple[Numbers, int]]) -> int:
    """How many keys a side and these parts can make."""
    return 2 * math.prod(size for _, size in parts)
