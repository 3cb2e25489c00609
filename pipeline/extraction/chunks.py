"""Very long texts in parts: where to cut, and how what was found in the parts becomes one `Extraction` again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from pipeline.records import Extraction

#: Longer texts are cut; an announcement has some thousand characters, a year's volume of them a million.
LONGEST = 50_000


def chunks(raw: str, longest: int = LONGEST) -> Iterator[tuple[int, int]]:
    """The parts of a text, (start, end), together the whole: cut at an empty line, else a line, a sentence, a space."""
    start = 0
    while len(raw) - start > longest:
        end = start + longest
        floor = start + longest // 2
        for mark in ("\n\n", "\n", ". ", " "):
            at = raw.rfind(mark, floor, end)
            if at >= 0:
                end = at + len(mark)
                break
        yield start, end
        start = end
    yield start, len(raw)


def join(raw: str, starts: Sequence[int], parts: Sequence[Extraction]) -> Extraction:
    """One extraction of the whole text from those of its parts, which begin at `starts`."""
    whole = Extraction(raw, parts[0].language if parts else "")
    for start, part in zip(starts, parts, strict=True):
        first = len(whole.mentions)

        def number(n: int | None, first: int = first) -> int | None:
            return None if n is None else n + first

        mentions = [replace(m, start=m.start + start, end=m.end + start) for m in part.mentions]
        affiliations = [
            replace(
                a,
                person=a.person + first,
                role=a.role + first,
                institution=number(a.institution),
                start=a.start + start,
                end=a.end + start,
            )
            for a in part.affiliations
        ]
        reports = [
            replace(
                r,
                title=r.title + first,
                person=number(r.person),
                institution=number(r.institution),
                event=number(r.event),
                date=number(r.date),
                start=r.start + start,
                end=r.end + start,
            )
            for r in part.reports
        ]
        events = [
            replace(
                e,
                title=e.title + first,
                date=number(e.date),
                place=number(e.place),
                start=e.start + start,
                end=e.end + start,
            )
            for e in part.events
        ]
        furniture = [replace(f, start=f.start + start, end=f.end + start) for f in part.furniture]
        whole = replace(
            whole,
            mentions=(*whole.mentions, *mentions),
            affiliations=(*whole.affiliations, *affiliations),
            reports=(*whole.reports, *reports),
            events=(*whole.events, *events),
            furniture=(*whole.furniture, *furniture),
        )
    return whole
