"""Leaves mentions out of an extraction, with the relations that cannot do without them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from pipeline.records import Extraction, Mention


def only_confident(extraction: Extraction, minimum: float) -> Extraction:
    """The extraction without the mentions and relations below a confidence."""
    if minimum <= 0:
        return extraction
    made = only(extraction, lambda mention: mention.confidence >= minimum)
    return replace(
        made,
        affiliations=tuple(a for a in made.affiliations if a.confidence >= minimum),
        reports=tuple(r for r in made.reports if r.confidence >= minimum),
        events=tuple(e for e in made.events if e.confidence >= minimum),
    )


def only(extraction: Extraction, wanted: Callable[[Mention], bool]) -> Extraction:
    """The extraction without the mentions that are not wanted.

    A relation that loses a mention it cannot do without (person or role, title) goes with it; where it loses another
    (institution, event, date, place), that becomes unknown.
    """
    kept = [i for i, m in enumerate(extraction.mentions) if wanted(m)]
    new = {old: i for i, old in enumerate(kept)}

    def moved(index: int | None) -> int | None:
        return None if index is None else new.get(index)

    return replace(
        extraction,
        mentions=tuple(extraction.mentions[i] for i in kept),
        affiliations=tuple(
            replace(a, person=new[a.person], role=new[a.role], institution=moved(a.institution))
            for a in extraction.affiliations
            if a.person in new and a.role in new
        ),
        reports=tuple(
            replace(
                r, title=new[r.title], person=moved(r.person), institution=moved(r.institution),
                event=moved(r.event), date=moved(r.date),
            )
            for r in extraction.reports
            if r.title in new
        ),
        events=tuple(
            replace(e, title=new[e.title], date=moved(e.date), place=moved(e.place))
            for e in extraction.events
            if e.title in new
        ),
    )  # fmt: skip
