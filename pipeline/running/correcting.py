"""Corrections applied to an extraction: what people said goes before what the models found."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from pipeline.extraction.kinds import kind_of
from pipeline.records import Affiliation, Event, Extraction, Mention, Report
from pipeline.running.corrections import Correction, Stretch

#: How a sentence on what could not be applied begins.
_UNFIT = "a correction of `"
#: A mention by what it is and where it stands.
_Key = tuple[str, int, int]
_WORD = re.compile(r"\w+|[^\w\s]")


def corrected(extraction: Extraction, corrections: Sequence[Correction]) -> tuple[Extraction, list[str]]:
    """The extraction after the corrections of its document, and what could not be applied, in sentences.

    A mention that was called right is there with confidence 1, and others that overlap it are not. A relation follows a
    mention whose edges were corrected, and goes with one that was called wrong.

    Args:
        extraction: what the models found.
        corrections: what holds of this document (`corrections.holding`).
    """
    if not corrections:
        return extraction, []
    problems = []
    usable = []
    for c in corrections:
        if c.stands_in(extraction.raw):
            usable.append(c)
        else:
            problems.append(f"{_UNFIT}{c.text}` could not be applied: the text there is another now")
    mentions, moved = _mentions(extraction, usable, problems)
    at = {(m.label, m.start, m.end): i for i, m in enumerate(mentions)}
    made = _Corrected(extraction, mentions, moved, at)
    affiliations = made.affiliations([c for c in usable if c.kind == "affiliation"])
    events = made.events()
    reports = made.reports([c for c in usable if c.kind == "report"], affiliations, events)
    return replace(
        extraction, mentions=tuple(mentions), affiliations=tuple(affiliations), reports=tuple(reports),
        events=tuple(events),
    ), problems  # fmt: skip


def unapplied(note: str) -> str:
    """What the `note` of a document says of corrections that could not be applied, empty where it says nothing."""
    at = note.find(_UNFIT)
    return note[at:] if at >= 0 else ""


def _mentions(
    extraction: Extraction, corrections: Iterable[Correction], problems: list[str]
) -> tuple[list[Mention], dict[int, int]]:
    """The mentions after the corrections, and old → new numbers of those that are still there."""
    said: dict[_Key, tuple[str, str]] = {}  # key → (when, verdict), the latest
    for c in corrections:
        for label, (start, end) in c.stretches():
            if c.kind == "mention" or c.verdict == "right":  # a relation that is right is between names that are
                key = (label, start, end)
                said[key] = max(said.get(key, ("", "")), (c.when, c.verdict))
    right: list[_Key] = []
    for key, (_, verdict) in sorted(said.items(), key=lambda item: (item[1][0], item[0]), reverse=True):
        if verdict != "right":
            continue
        if any(_overlap(key, other) for other in right):
            problems.append(f"{_UNFIT}{extraction.raw[key[1] : key[2]]}` overlaps a later one and was put aside")
        else:
            right.append(key)
    old = [(m.label, m.start, m.end) for m in extraction.mentions]
    language = {key: m.language for key, m in zip(old, extraction.mentions, strict=True)}
    kept = [m for key, m in zip(old, extraction.mentions, strict=True)
            if key not in said and not any(_overlap(key, other) for other in right)]  # fmt: skip
    made = kept + [
        Mention(label, start, end, extraction.raw[start:end], 1.0, language=language.get((label, start, end), ""))
        for label, start, end in right
    ]
    made.sort(key=lambda m: (m.start, m.end))
    place = {(m.label, m.start, m.end): i for i, m in enumerate(made)}
    moved = {}
    for number, key in enumerate(old):
        like = [other for other in right if other[0] == key[0] and _overlap(key, other)]
        heir = key if key in place else max(like, key=lambda other: (_overlap(key, other), other), default=None)
        if heir is not None:
            moved[number] = place[heir]
    return made, moved


def _overlap(one: _Key, other: _Key) -> int:
    return max(0, min(one[2], other[2]) - max(one[1], other[1]))


class _Corrected:
    """The relations of an extraction, carried over to its corrected mentions."""

    def __init__(
        self, extraction: Extraction, mentions: list[Mention], moved: dict[int, int], at: dict[_Key, int]
    ) -> None:
        self.old, self.mentions, self.moved, self.at = extraction, mentions, moved, at
        found = list(_WORD.finditer(extraction.raw))
        self.words = [w.group() for w in found]
        self.starts = [w.start() for w in found]

    def _moved(self, number: int | None) -> int | None:
        return None if number is None else self.moved.get(number)

    def _number(self, label: str, stretch: Stretch | None) -> int | None:
        return self.at.get((label, *stretch)) if stretch else None

    def _places(self, numbers: Iterable[int | None], mentions: Sequence[Mention]) -> tuple[Stretch | None, ...]:
        return tuple(None if n is None else (mentions[n].start, mentions[n].end) for n in numbers)

    def _extent(self, *numbers: int | None) -> Stretch:
        chosen = [self.mentions[n] for n in numbers if n is not None]
        return min(m.start for m in chosen), max(m.end for m in chosen)

    def affiliations(self, corrections: Sequence[Correction]) -> list[Affiliation]:
        verdicts = {(c.stretch("person"), c.stretch("role"), c.stretch("institution")): c for c in corrections}
        found: dict[tuple[int, int, int | None], Affiliation] = {}
        for a in self.old.affiliations:
            person, role, place = map(self._moved, (a.person, a.role, a.institution))
            if person is None or role is None:
                continue
            was = self._places((a.person, a.role, a.institution), self.old.mentions)
            now = self._places((person, role, place), self.mentions)
            if any(verdicts[key].verdict == "wrong" for key in (was, now) if key in verdicts):
                continue
            found.setdefault((person, role, place), replace(
                a, person=person, role=role, institution=place, start=self._extent(person, role, place)[0],
                end=self._extent(person, role, place)[1],
            ))  # fmt: skip
        for (one, two, three), c in verdicts.items():
            numbers = self._number("PERSON", one), self._number("ROLE", two), self._number("INSTITUTION", three)
            person, role, place = numbers
            if c.verdict == "right" and person is not None and role is not None and (place is not None or not three):
                found[person, role, place] = Affiliation(person, role, place, *self._extent(*numbers), 1.0)
        return sorted(found.values(), key=lambda a: (a.start, a.end, a.role, a.person, a.institution or 0))

    def events(self) -> list[Event]:
        found = []
        for e in self.old.events:
            title = self._moved(e.title)
            if title is not None and self.mentions[title].label == "EVENT":
                date, place = self._moved(e.date), self._moved(e.place)
                start, end = self._extent(title, date, place)
                found.append(replace(e, title=title, date=date, place=place, start=start, end=end))
        told = {self._text(e.title) for e in found}
        for number, m in enumerate(self.mentions):
            if m.label == "EVENT" and self._text(number) not in told:
                told.add(self._text(number))
                kind = self._kind(m, "event_kinds")
                found.append(Event(number, kind, None, None, m.start, m.end, m.confidence))
        return sorted(found, key=lambda e: (e.start, e.title))

    def reports(
        self, corrections: Sequence[Correction], affiliations: Sequence[Affiliation], events: Sequence[Event]
    ) -> list[Report]:
        verdicts = {(c.stretch("title"), c.stretch("person")): c for c in corrections}
        found: dict[tuple[int, int | None], Report] = {}
        pattern: dict[int, Report] = {}  # title → what is known of the talk whoever gave it
        known = {e.title for e in events}
        for r in self.old.reports:
            title, person, place, event, date = map(self._moved, (r.title, r.person, r.institution, r.event, r.date))
            if title is None:
                continue
            event = event if event in known else None
            start, end = self._extent(title, person)
            told = replace(r, title=title, person=person, institution=place, event=event, date=date, start=start,
                           end=end)  # fmt: skip
            pattern.setdefault(title, told)
            was = self._places((r.title, r.person), self.old.mentions)
            now = self._places((title, person), self.mentions)
            if not any(verdicts[key].verdict == "wrong" for key in (was, now) if key in verdicts):
                found.setdefault((title, person), told)
        for (where, whom), c in verdicts.items():
            title, person = self._number("REPORT", where), self._number("PERSON", whom)
            if c.verdict == "right" and title is not None and (person is not None or not whom):
                # A speaker may have an institution and no role.
                known_at = [(a.person, a.institution) for a in affiliations]
                known_at += [(r.person, r.institution) for r in found.values() if r.person is not None]
                place = next((i for p, i in known_at if p == person and i is not None), None)
                talk = pattern.get(title) or self._talk(title, events)
                start, end = self._extent(title, person)
                found[title, person] = replace(
                    talk, person=person, institution=place, start=start, end=end, confidence=1.0
                )
        spoken = {title for title, person in found if person is not None}
        for number, m in enumerate(self.mentions):
            if m.label == "REPORT" and number not in spoken and (number, None) not in found:
                talk = pattern.get(number) or self._talk(number, events)
                found[number, None] = replace(talk, person=None, institution=None, start=m.start, end=m.end)
        rows = [r for (title, person), r in found.items() if person is not None or title not in spoken]
        return sorted(rows, key=lambda r: (r.title, r.person is None, r.person or 0))

    def _talk(self, title: int, events: Sequence[Event]) -> Report:
        """A talk that the models did not find, at the event before it."""
        m = self.mentions[title]
        event = max((e for e in events if e.title < title), key=lambda e: e.title, default=next(iter(events), None))
        kind = self._kind(m, "report_kinds")
        date = event.date if event else None
        return Report(title, None, None, event.title if event else None, kind, date, m.start, m.end, m.confidence)

    def _text(self, number: int) -> str:
        return " ".join(self.mentions[number].text.split()).casefold()

    def _kind(self, m: Mention, name: str) -> str:
        first = sum(start < m.start for start in self.starts)
        last = sum(start < m.end for start in self.starts)
        return kind_of(self.words, (first, last, m.label), m.language or self.old.language, name)
