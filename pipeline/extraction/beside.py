"""What stands beside a talk, an event or a speaker: the date, the place or the institution that is meant for it."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise

from pipeline.extraction.candidates import Page
from pipeline.extraction.labeller import Document
from pipeline.extraction.tokens import GAP, LINE, NO_BREAK, PARAGRAPH
from pipeline.records import Mention

#: So many words may join a title to the date after it (`“Old Maps” on the evening of 3 March`).
JOINING = 4
#: So many words may stand beside the date that heads a day.
BESIDE_DATE = 3
_YEAR = re.compile(r"\d{4}")
_QUOTES = frozenset("\"'”»’“‘")
#: What stands between a speaker and an institution: it opens a bracket, goes on, or is the edge of a cell.
_APPOSITION = frozenset("(,|[")

#: Whether a mention is wanted.
Fits = Callable[[int], bool]


class Beside:
    """The mentions of one document as they stand to each other on the page."""

    def __init__(self, document: Document, page: Page, mentions: Sequence[Mention]) -> None:
        self._page = page
        self._mentions = mentions
        self._breaks: list[int] = document.tokens.breaks.tolist()
        raw, ends = document.tokens.text.raw, [0, *(m.start for m in mentions)]
        self._lines = list(accumulate(raw.count("\n", a, b) for a, b in pairwise(ends)))
        self._labels = [label for _, _, label in page.spans]

    def date(self, number: int, fits: Fits = lambda _: True) -> int | None:
        """The date of a mention: in its sentence or line, rather before than after it; None where there is none."""
        near = self._near(number, "DATE", fits)
        return min(near, key=lambda date: (*self._rank(number, date), self._apart(number, date)), default=None)

    def place(self, number: int) -> int | None:
        """The nearest place in the sentence or line of a mention, or None."""
        near = self._near(number, "PLACE", lambda _: True)
        return min(near, key=lambda m: (self._rank(number, m)[0], self._apart(number, m)), default=None)

    def _near(self, number: int, label: str, fits: Fits) -> list[int]:
        """The mentions with a label in the same sentence or line that fit."""
        sentence, line = self._page.layout.sentence, self._page.layout.line
        return [
            m
            for m in self._page.by_label.get(label, [])
            if (sentence[m] == sentence[number] or line[m] == line[number]) and fits(m)
        ]

    def _rank(self, number: int, other: int) -> tuple[int, int, bool]:
        """How little the other seems to belong to a mention.

        In a list a line is not closed by a full stop, so its last sentence goes on in the next line, whose date is
        the next entry's; what stands before in a sentence that was wrapped does belong to it. Lines are those of the
        raw text: cleaning takes the lines of a list for wrapped ones where they are long.
        """
        layout = self._page.layout
        same_line = self._lines[other] == self._lines[number]
        after = other > number and not self._joined(number, other)
        if layout.sentence[other] == layout.sentence[number]:
            order = 0 if same_line else 3 if after else 1
            return order, abs(layout.stops[other] - layout.stops[number]), after
        return 2 if same_line else 4, 0, after

    def _joined(self, number: int, following: int) -> bool:
        """Whether nothing but a few words, or a bracket, stand between a mention and the next."""
        if following != number + 1:
            return False
        between = [word for word in self._between(number, following) if word not in _QUOTES]
        # Where a new line begins with a date, it may begin an entry.
        least = int(self._lines[number] != self._lines[following])
        return least <= len(between) <= JOINING and all(w.isalnum() or w == "(" for w in between)

    def _apart(self, one: int, other: int) -> int:
        """How many characters stand between two mentions."""
        first, last = sorted((one, other))
        return self._mentions[last].start - self._mentions[first].end

    def headings(self, fits: Fits) -> list[int]:
        """The dates that head the days of a programme: fitting ones that have their line to themselves.

        A single one is believed where it leaves the year to a date above it, or where reports below it have times of
        their own; else it is the date of a release. Dates that stand below what they date, the last below the last
        report, head nothing.
        """
        dates, reports = (self._page.by_label.get(label, []) for label in ("DATE", "REPORT"))
        alone = [m for m in dates if fits(m) and self._alone(m, reports)]
        if not alone or not reports or (alone[0] > reports[0] and alone[-1] > reports[-1]):
            return []
        heads = {alone[bisect_left(alone, report) - 1] for report in reports if report > alone[0]}
        if len(heads) == 1:
            (head,) = heads
            if (dates[0] == head or _YEAR.search(self._page.texts[head])) and not self._timed(head, reports):
                return []
        return alone

    def _timed(self, head: int, reports: Sequence[int]) -> bool:
        """Whether more than one of the reports below a date has a time of day of its own before it."""
        times = self._page.layout.times
        below = [times[head], *(times[report] for report in reports if report > head)]
        return sum(later > earlier for earlier, later in pairwise(below)) > 1

    def _alone(self, number: int, reports: Sequence[int]) -> bool:
        """Whether a date stands in its line with at most a few words (`Thursday, 5 October`), and no line goes on.

        Nor may it be the foot of a paragraph, where it dates what stands above, but for the heading of a timetable.
        """
        line = self._page.layout.line
        if any(0 <= m < len(line) and line[m] == line[number] for m in (number - 1, number + 1)):
            return False
        words, (first, last, _) = self._page.words, self._page.spans[number]
        start, end = first, last
        while start and self._breaks[start] < LINE and first - start <= 2 * BESIDE_DATE:
            start -= 1
        while end < len(words) and self._breaks[end] < LINE and end - last <= 2 * BESIDE_DATE:
            end += 1
        others = [word for word in (*words[start:first], *words[last:end]) if word.isalpha()]
        foot = self._breaks[start] < PARAGRAPH and end < len(words) and self._breaks[end] == PARAGRAPH
        if len(others) > BESIDE_DATE or (foot and not self._timed(number, reports)):
            return False
        return self._new_entry(start)

    def institution(self, person: int) -> int | None:
        """The institution of a person of whom no role is told, or None.

        It follows in brackets, after a comma or in the next cell of the line, or it opens the line right before the
        person (`National Library, A. Petrova. “Old Maps”`), or it is the one that fills a cell of the person's row.
        """
        labels, line = self._labels, self._page.layout.line
        if person and labels[person - 1] == "INSTITUTION" and line[person - 1] == line[person]:
            between = self._between(person - 1, person)
            edge = between in (["|"], [","], [":"]) or (not between and self._breaks_at(person) == GAP)
            if edge and self._opens_entry(person - 1):
                return person - 1
        following = person + 1
        if labels[following : following + 2] == ["PLACE", "INSTITUTION"]:
            following += 1  # `(Prague, Charles University)`
        if labels[following : following + 1] == ["INSTITUTION"] and line[following] == line[person]:
            between = self._between(person, following)
            edge = set(between) <= _APPOSITION if between else self._breaks_at(following) == GAP
            if edge and self._ends(following):
                return following
        return self._in_row(person)

    def _in_row(self, person: int) -> int | None:
        """The only institution that fills a cell of a row, where the row has one person, at the edge of a cell."""
        line = self._page.layout.line
        row = range(bisect_left(line, line[person]), bisect_right(line, line[person]))
        cells = [m for m in row if self._labels[m] == "INSTITUTION" and all(self._edges(m))]
        persons = [m for m in row if self._labels[m] == "PERSON"]
        return cells[0] if persons == [person] and len(cells) == 1 and any(self._edges(person)) else None

    def _edges(self, number: int) -> tuple[bool, bool]:
        """Whether a mention begins and whether it ends a cell; the ends of a line without cells are none."""
        words, (first, last, _) = self._page.words, self._page.spans[number]
        before = NO_BREAK if first == 0 else self._breaks[first]
        after = LINE if last == len(words) else self._breaks[last]
        begins = before == GAP or words[first - 1 : first] == ["|"]
        ends = after == GAP or words[last : last + 1] == ["|"]
        return begins or (ends and before >= LINE), ends or (begins and after >= LINE)

    def _ends(self, number: int) -> bool:
        """Whether no word goes on after a mention, as in `National Library staff`."""
        last, words = self._page.spans[number][1], self._page.words
        return last == len(words) or self._breaks[last] >= GAP or not words[last][0].isalnum()

    def _opens_entry(self, number: int) -> bool:
        """Whether nothing but a time or a number stands before a mention in its line, and the line before is closed."""
        words, first = self._page.words, self._page.spans[number][0]
        while first and self._breaks[first] < LINE:
            first -= 1
            if any(letter.isalpha() for letter in words[first]):
                return False
        return self._new_entry(first)

    def _new_entry(self, first: int) -> bool:
        """Whether the line that begins with this token does not go on with a sentence of the line before."""
        words = self._page.words
        if first == 0 or self._breaks[first] == PARAGRAPH:
            return True
        return not (words[first - 1] == "," or words[first - 1].islower())

    def _breaks_at(self, number: int) -> int:
        """What stands before a mention."""
        return self._breaks[self._page.spans[number][0]]

    def _between(self, one: int, other: int) -> list[str]:
        """The words between two mentions that belong to none."""
        spans, words = self._page.spans, self._page.words
        return [w for m in range(one, other) for w in words[spans[m][1] : spans[m + 1][0]]]
