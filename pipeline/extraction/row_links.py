"""What tables add to links: a talk is that of who stands in its row, a role that of the one person of the row.

What was linked within a row stays; what was linked to another row does not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from functools import lru_cache

from pipeline.extraction.candidates import Page
from pipeline.extraction.labeller import Document
from pipeline.extraction.linker import Links
from pipeline.extraction.tabular import CLOSING, OPENING, Plan, plans_of
from pipeline.knowledge import COMMON, lines

#: How sure a link in a row is.
IN_ROW = 0.9
#: Marks that join people as words do.
_MARKS = (",", ";", "/", "&", "+", "|", "¦", "-", "–")

Linked = list[tuple[int, float]]


@lru_cache(maxsize=1)
def _joints() -> frozenset[str]:
    """What joins the people of a cell."""
    return frozenset([*_MARKS, *lines(COMMON, "table_joints")])


def relink(document: Document, page: Page, links: Links) -> Links:
    """The links of a document with those that the rows of its tables tell."""
    plans = plans_of(document, page.spans)
    if not plans:
        return links
    persons, institutions, speakers = dict(links.persons), dict(links.institutions), dict(links.speakers)
    for plan in plans:
        places = _Places(page, plan)
        for title in places.of("REPORT"):
            speakers[title] = places.speakers(title, speakers.get(title, []))
        for role in places.of("ROLE"):
            persons[role] = places.holders(role, persons.get(role, []))
            institutions[role] = places.institutions(role, institutions.get(role, []))
    return Links(persons, institutions, speakers)


class _Places:
    """The mentions of a page by the rows and columns of a table."""

    def __init__(self, page: Page, plan: Plan) -> None:
        self._page, self._plan = page, plan
        cells = sorted(
            (first, last, row, column)
            for row, each in enumerate(plan.grid.rows)
            for column, cell in enumerate(each.cells)
            for first, last in cell
        )
        self._at: dict[int, tuple[int, int]] = {}
        self._rows: defaultdict[int, list[int]] = defaultdict(list)
        number = 0
        for mention, (first, _, _) in enumerate(page.spans):
            while number < len(cells) and cells[number][1] <= first:
                number += 1
            if number < len(cells) and cells[number][0] <= first:
                row, column = cells[number][2:]
                self._at[mention] = row, column
                self._rows[row].append(mention)

    def of(self, label: str) -> list[int]:
        """The mentions with a label that lie in the table."""
        return [m for m in self._page.by_label.get(label, []) if m in self._at]

    def _row(self, mention: int, label: str, columns: Collection[int]) -> list[int]:
        """The mentions with a label in the row of another, in some columns."""
        row = self._rows[self._at[mention][0]]
        return [m for m in row if self._page.spans[m][2] == label and self._at[m][1] in columns]

    def speakers(self, title: int, found: Linked) -> Linked:
        """Who gave a talk of the column of titles: the people of its row, and nobody of another row."""
        row, column = self._at[title]
        if column != self._plan.title:
            return found
        if len(self._row(title, "REPORT", [column])) > 1:
            return found  # two talks in a cell
        persons = self._row(title, "PERSON", self._plan.persons)
        sure = dict(found)
        named = self._joined(persons, sure)
        if not named:
            told = any(self._plan.grid.rows[row].cells[c] for c in self._plan.persons)
            return [] if told else [each for each in found if each[0] not in self._at]
        return [(person, max(sure.get(person, 0.0), IN_ROW)) for person in named]

    def _joined(self, persons: Sequence[int], linked: Collection[int]) -> list[int]:
        """The people of a cell: the first, those who are joined to it (`and`, a comma), those who are linked anyway."""
        kept = []
        first = True
        for before, person in zip([None, *persons], persons, strict=False):
            first = first and (before is None or self._joint(before, person))
            if first or person in linked:
                kept.append(person)
        return kept

    def _joint(self, one: int, other: int) -> bool:
        """Whether nothing but mentions, what stands in brackets and joining words stands between two people."""
        spans, words = self._page.spans, self._page.words
        said = set(range(spans[one][1], spans[other][0]))
        for mention in range(one + 1, other):
            said -= set(range(*spans[mention][:2]))
        depth, joints = 0, _joints()
        for i in sorted(said):
            depth += (words[i] in OPENING) - (words[i] in CLOSING)
            if not depth and words[i].lower() not in joints and words[i] not in CLOSING:
                return False
        return depth <= 0

    def holders(self, role: int, found: Linked) -> Linked:
        """Who holds a role: as it was found within the row, else the one person whose row it is."""
        if not self._posts(role) and self._plan.by_head:
            return found
        named = self._row(role, "PERSON", self._plan.persons) if self._plan.by_head else []
        return self._settled(role, found, named)

    def institutions(self, role: int, found: Linked) -> Linked:
        """At which institution a role is held: as it was found within the row, else the only one of the row."""
        if not self._posts(role) or not self._plan.by_head:
            return found
        plan = self._plan
        named = self._row(role, "INSTITUTION", plan.institutions) if self._at[role][1] in plan.roles else []
        return self._settled(role, found, named)

    def _posts(self, role: int) -> bool:
        """Whether a role stands in a column that tells of people and their posts."""
        plan = self._plan
        return self._at[role][1] in (*plan.roles, *plan.institutions, *plan.persons)

    def _settled(self, role: int, found: Linked, named: Sequence[int]) -> Linked:
        """What a role is linked to: as found within its row, else the only one named, and nothing of another row."""
        row = self._at[role][0]
        inside = [each for each in found if each[0] in self._at and self._at[each[0]][0] == row]
        if inside:
            return inside
        if len(named) == 1:
            return [(named[0], IN_ROW)]
        return [each for each in found if each[0] not in self._at]
