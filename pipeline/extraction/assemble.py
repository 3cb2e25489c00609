"""From spans and links over tokens to an `Extraction` in raw offsets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from pipeline.extraction.calibration import Calibration
from pipeline.extraction.candidates import Page
from pipeline.extraction.kinds import kind_of, tells_a_day
from pipeline.extraction.labeller import Document, Labelling, confidences, raw_spans
from pipeline.extraction.linker import Links, nearest
from pipeline.extraction.models import Models
from pipeline.extraction.spans import TokenSpan
from pipeline.records import Affiliation, Event, Extraction, Mention, Report

#: The spans of a document whose titles have been settled, and how sure those are (`Titles.apply`).
Settled = tuple[Sequence[TokenSpan], Mapping[TokenSpan, float]]


def extract_documents(documents: Sequence[Document], models: Models, language: str) -> list[Extraction]:
    """Label, classify and link a batch of documents: what the components do one after another."""
    if not documents:
        return []
    looks = models.labeller.label(documents)
    settled = models.titles.apply_all(documents, looks)
    return link_documents(list(zip(documents, looks, strict=True)), settled, models, language)


def link_documents(
    pairs: Sequence[tuple[Document, Labelling]], settled: Sequence[Settled], models: Models, language: str
) -> list[Extraction]:
    """Link the mentions of a batch of documents whose titles have been settled."""
    linker = models.linker
    pages = [
        linker.page(document.tokens, document.words, spans)
        for (document, _), (spans, _) in zip(pairs, settled, strict=True)
    ]
    looks = [look for _, look in pairs]
    scores = confidences([look.probabilities for look in looks], [spans for spans, _ in settled], models.labeller.tags)
    return [
        assemble(document, *titles, own, page, links, models.calibration, language)
        for (document, _), titles, own, page, links in zip(
            pairs, settled, scores, pages, linker.link_all(pages), strict=True
        )
    ]


def assemble(
    document: Document,
    spans: Sequence[TokenSpan],
    sure: Mapping[TokenSpan, float],
    scores: Sequence[float],
    page: Page,
    links: Links,
    calibration: Calibration,
    language: str,
) -> Extraction:
    """All that a document says, in raw offsets, with calibrated confidences.

    `sure` holds the probabilities of titles that were decided as a whole; for other spans `scores` are the labeller's.
    """
    mentions = mentions_of(document, spans, sure, scores, calibration)
    affiliations = _affiliations(mentions, links, calibration)
    events = _events(document, mentions, spans, page, language)
    reports = _reports(document, mentions, spans, page, links, affiliations, events, calibration, language)
    text = document.tokens.text
    return Extraction(
        text.raw, language, tuple(mentions), tuple(affiliations), tuple(reports), tuple(events), text.furniture
    )


def mentions_of(
    document: Document,
    spans: Sequence[TokenSpan],
    sure: Mapping[TokenSpan, float],
    scores: Sequence[float],
    calibration: Calibration,
) -> list[Mention]:
    """The mentions of spans over tokens."""
    if not spans:
        return []
    tokens, raw = document.tokens, document.tokens.text.raw
    firsts, lasts = [first for first, _, _ in spans], [end - 1 for _, end, _ in spans]
    places = raw_spans(tokens.text, tokens.starts[firsts], tokens.ends[lasts])
    return [
        Mention(span[2], start, end, raw[start:end], calibration(span[2], sure.get(span, score)))
        for span, score, start, end in zip(spans, scores, *places, strict=True)
    ]


def _extent(mentions: Sequence[Mention], numbers: Sequence[int | None]) -> tuple[int, int]:
    """The raw stretch from the first to the last of some mentions."""
    chosen = [mentions[n] for n in numbers if n is not None]
    return min([m.start for m in chosen]), max([m.end for m in chosen])


def _affiliations(mentions: Sequence[Mention], links: Links, calibration: Calibration) -> list[Affiliation]:
    """One affiliation for each person, role and institution that are linked.

    The confidence rests on the links and on the mentions that they join.
    """
    found = []
    for role, persons in links.persons.items():
        for person, sure in persons:
            institutions: list[tuple[int | None, float]] = [*links.institutions[role]] or [(None, 1.0)]
            for institution, surer in institutions:
                parts = [mentions[n].confidence for n in (person, role, institution) if n is not None]
                start, end = _extent(mentions, (person, role, institution))
                score = sure * surer * min(parts)
                found.append(Affiliation(person, role, institution, start, end, calibration("affiliations", score)))
    return sorted(found, key=lambda a: (a.start, a.end, a.role, a.person, a.institution or 0))


def _events(
    document: Document, mentions: Sequence[Mention], spans: Sequence[TokenSpan], page: Page, language: str
) -> list[Event]:
    """One event for each distinct name, at its first mention, with the date and place of its sentence or line."""
    found: list[Event] = []
    seen: set[str] = set()
    for number in page.by_label.get("EVENT", []):
        if page.texts[number] in seen:
            continue
        seen.add(page.texts[number])
        date, place = _beside(page, number, "DATE"), _beside(page, number, "PLACE")
        start, end = _extent(mentions, (number, date, place))
        kind = kind_of(document.words, spans[number], language, "event_kinds")
        found.append(Event(number, kind, date, place, start, end, mentions[number].confidence))
    return found


def _reports(
    document: Document,
    mentions: Sequence[Mention],
    spans: Sequence[TokenSpan],
    page: Page,
    links: Links,
    affiliations: Sequence[Affiliation],
    events: Sequence[Event],
    calibration: Calibration,
    language: str,
) -> list[Report]:
    """One report a speaker, with the speaker's institution, the event before it and the date beside it.

    A year alone (`manuscripts of 1861`) is what a talk is about rather than when it was given.
    """
    found = []
    for title in page.by_label.get("REPORT", []):
        kind = kind_of(document.words, spans[title], language, "report_kinds")
        event = max((e for e in events if e.title < title), key=lambda e: e.title, default=None)
        if event is None:
            event = next(iter(events), None)
        date = _beside(page, title, "DATE", lambda m: tells_a_day(page.texts[m].split(), language))
        if date is None and event is not None:
            date = event.date
        speakers: list[tuple[int | None, float]] = [*links.speakers.get(title, [])] or [(None, 1.0)]
        for person, sure in speakers:
            institution = _institution(person, page, affiliations)
            start, end = _extent(mentions, (title, person))
            parts = [mentions[n].confidence for n in (title, person) if n is not None]
            confidence = calibration("reports", sure * min(parts))
            numbers = (institution, event.title if event else None)
            found.append(Report(title, person, *numbers, kind, date, start, end, confidence))
    return found


def _institution(person: int | None, page: Page, affiliations: Sequence[Affiliation]) -> int | None:
    """The institution of a speaker: that of the nearest affiliation of the same name."""
    if person is None:
        return None
    same = [a for a in affiliations if a.institution is not None and page.texts[a.person] == page.texts[person]]
    best = min(same, key=lambda a: (abs(a.person - person), a.role), default=None)
    return best.institution if best else None


def _beside(page: Page, number: int, label: str, fits: Callable[[int], bool] = lambda _: True) -> int | None:
    """The nearest mention with a label in the same sentence or line that fits, or None."""
    layout = page.layout
    near = [
        m
        for m in page.by_label.get(label, [])
        if (layout.sentence[m] == layout.sentence[number] or layout.line[m] == layout.line[number]) and fits(m)
    ]
    return nearest(number, near)
