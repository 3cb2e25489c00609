"""Lists of talks: whether the people come before the titles in them, or the titles before the people.

In a list of which every line is a title or a speaker each title stands between two speakers, and nothing near it tells
whose it is. What the list begins and ends with tells: `speaker, title, speaker, title` or `title, speaker`. A list ends
at a line without any mention (`Coffee`), at a time, and at a line that begins with a date or an event.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.extraction.layout import Layout

_PERSON, _TITLE = "PERSON", "REPORT"
_ENDING = frozenset(["DATE", "EVENT"])
#: What a list begins with, ends with, whether titles and people take turns in it, and how many titles it has.
FORMS = ("", *(f"{a}{b}{turns}{titles}" for a in "PT" for b in "PT" for turns in "am" for titles in "012"))
#: Whether more lists of a page have the people first or the titles, where they take turns.
LEADS = ("=", "P", "T")
#: How a person stands to a title in lists: just before, just after, elsewhere, in another list.
STANDINGS = ("before", "after", "else", "other")


@dataclass(frozen=True, slots=True)
class Lists:
    """The lists of a page, by mention.

    number: of its list. run: how often people and titles have taken turns, or another title begun, before it there.
    form: of its list, as a place in `FORMS`. lead: of the page, as a place in `LEADS`.
    """

    number: list[int]
    run: list[int]
    form: list[int]
    lead: int


def lists_of(labels: Sequence[str], layout: Layout) -> Lists:
    """The lists of a page with mentions of these labels."""
    numbers: list[int] = []
    runs: list[int] = []
    told: list[list[str]] = []
    line, times, run = -1, -1, 0
    for label, own_line, own_times in zip(labels, layout.line, layout.times, strict=True):
        if own_line > line + 1 or own_times > times or (own_line > line and label in _ENDING) or not told:
            told.append([])
            run = 0
        line, times = own_line, own_times
        kind = "P" if label == _PERSON else "T" if label == _TITLE else ""
        if kind:
            here = told[-1]
            run += bool(here) and not kind == here[-1] == "P"
            here.append(kind)
        numbers.append(len(told) - 1)
        runs.append(run)
    forms = [_form(each) for each in told]
    first = [FORMS[form][:2] for form in forms if FORMS[form][2:3] == "a"]
    people, titles = first.count("PT"), first.count("TP")
    lead = LEADS.index("=" if people == titles else "P" if people > titles else "T")
    return Lists(numbers, runs, [forms[number] for number in numbers], lead)


def _form(kinds: Sequence[str]) -> int:
    """The form of a list, a place in `FORMS`."""
    if not kinds:
        return 0
    turns = "m" if any(a == b == "T" for a, b in pairwise(kinds)) else "a"
    return FORMS.index(f"{kinds[0]}{kinds[-1]}{turns}{min(kinds.count('T'), 2)}")
