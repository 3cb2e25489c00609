"""From spans and links over tokens to an `Extraction` in raw offsets."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from pipeline.extraction.beside import Beside
from pipeline.extraction.calibration import Calibration
from pipeline.extraction.candidates import Page
from pipeline.extraction.kinds import NAMED_DAY, is_named_day, kind_of, tells_a_day
from pipeline.extraction.labeller import Document, Labelling, confidences, raw_spans
from pipeline.extraction.linker import Links
from pipeline.extraction.models import Models
from pipeline.extraction.row_links import relink
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
        assemble(document, *titles, own, page, relink(document, page, links), models.calibration, language)
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
    beside = Beside(document, page, mentions)
    events = _events(document, mentions, page, beside, language)
    reports = _reports(document, mentions, page, beside, links, affiliations, events, calibration, language)
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


def _events(document: Document, mentions: Sequence[Mention], page: Page, beside: Beside, language: str) -> list[Event]:
    """One event for each distinct name, at its first mention.

    Its date and place are those of the sentence or line of the first mention that has any: a headline has none.
    """
    mentioned: dict[str, list[int]] = {}
    for number in page.by_label.get("EVENT", []):
        mentioned.setdefault(page.texts[number], []).append(number)
    found: list[Event] = []
    for numbers in mentioned.values():
        number = numbers[0]
        date = next((m for m in map(beside.date, numbers) if m is not None), None)
        place = next((m for m in map(beside.place, numbers) if m is not None), None)
        start, end = _extent(mentions, (number, date, place))
        if is_named_day(document.words, page.spans[number], language):
            kind = NAMED_DAY
        else:
            kind = kind_of(document.words, page.spans[number], language, "event_kinds")
        found.append(Event(number, kind, date, place, start, end, mentions[number].confidence))
    return found


def _event_of(title: int, events: Sequence[Event], days: Collection[int]) -> Event | None:
    """The event at which a talk was given: the last before it that is no named day, else the last or the first of all.

    A conference on World Book Day is where the talk was given, though the day is named after it.
    """
    before = [e for e in events if e.title < title]
    held = [e for e in before if e.title not in days]
    return next(iter([*reversed(held), *reversed(before), *events]), None)


def _reports(
    document: Document,
    mentions: Sequence[Mention],
    page: Page,
    beside: Beside,
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
    days = {e.title for e in events if is_named_day(document.words, page.spans[e.title], language)}

    def tells(date: int) -> bool:
        return tells_a_day(page.texts[date].split(), language)

    headings = beside.headings(tells)
    for title in page.by_label.get("REPORT", []):
        kind = kind_of(document.words, page.spans[title], language, "report_kinds")
        event = _event_of(title, events, days)
        date = beside.date(title, lambda m: tells(m) and m not in headings)
        if date is None:
            date = _day_of(title, headings, event)
        speakers: list[tuple[int | None, float]] = [*links.speakers.get(title, [])] or [(None, 1.0)]
        for person, sure in speakers:
            institution = _institution(person, page, beside, affiliations)
            start, end = _extent(mentions, (title, person))
            parts = [mentions[n].confidence for n in (title, person) if n is not None]
            confidence = calibration("reports", sure * min(parts))
            numbers = (institution, event.title if event else None)
            found.append(Report(title, person, *numbers, kind, date, start, end, confidence))
    return found


def _day_of(title: int, headings: Sequence[int], event: Event | None) -> int | None:
    """The date of a talk that has none of its own: of its day in the programme of the event, else of the event."""
    heading = max((date for date in headings if date < title), default=None)
    date = event.date if event else None
    return date if heading is None or (date is not None and heading < date < title) else heading


def _institution(person: int | None, page: Page, beside: Beside, affiliations: Sequence[Affiliation]) -> int | None:
    """The institution of a speaker: that of the nearest affiliation of the same name, else one beside the name.

    What belongs to somebody else by an affiliation is left to that one.
    """
    if person is None:
        return None
    name = page.texts[person]
    known = [a for a in affiliations if a.institution is not None]
    same = [a for a in known if page.texts[a.person] == name]
    if same:
        return min(same, key=lambda a: (abs(a.person - person), a.role)).institution
    others = {a.institution for a in known}
    namesakes = sorted((m for m in page.by_label["PERSON"] if page.texts[m] == name), key=lambda m: abs(m - person))
    return next((i for i in map(beside.institution, namesakes) if i is not None and i not in others), None)
