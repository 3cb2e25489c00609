"""One document resolved: its people, institutions and events as a small record for the linker."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from itertools import pairwise

from pipeline import knowledge
from pipeline.normalisation.dates import document_date
from pipeline.normalisation.institution_words import telling
from pipeline.normalisation.institutions import countries_of, parse
from pipeline.normalisation.institutions_within import group_institutions
from pipeline.normalisation.local import DocumentEntities, LocalEvent, LocalInstitution, LocalPerson
from pipeline.normalisation.people_within import group_people
from pipeline.normalisation.roles import canonical
from pipeline.normalisation.transliteration import key
from pipeline.normalisation.written import plain_spaces, tidy_title
from pipeline.records import Extraction


def resolve_document(extraction: Extraction, document_id: str, source_date: str = "") -> DocumentEntities:
    """The people, institutions and events of one document, as a small record for `link`.

    Args:
        extraction: what it says. document_id: its id. source_date: the date that its format gives it, empty without.
    """
    mentions = list(enumerate(extraction.mentions))
    languages = {i: m.language for i, m in mentions if m.language}
    people = group_people(
        [(i, m.text, m.start) for i, m in mentions if m.label == "PERSON"],
        extraction.language,
        extraction.raw,
        languages,
    )
    bodies = group_institutions(
        [(i, m.text, m.start, m.end) for i, m in mentions if m.label == "INSTITUTION"],
        extraction.language,
        extraction.raw,
        languages,
    )
    body_of = {i: number for number, body in enumerate(bodies) for i in body.mentions}
    roles: dict[int, set[str]] = {}
    employers: dict[int, set[int]] = {}
    for a in extraction.affiliations:
        role = extraction.mentions[a.role]
        roles.setdefault(a.person, set()).add(canonical(role.text, role.language or extraction.language).role_id)
        if a.institution is not None and a.institution in body_of:
            employers.setdefault(a.person, set()).add(body_of[a.institution])
    local_people = tuple(
        LocalPerson(
            g.name,
            tuple(plain_spaces(extraction.mentions[i].text) for i in sorted(g.mentions)),
            tuple(sorted(g.mentions)),
            tuple(sorted({r for i in g.mentions for r in roles.get(i, ())} - {""})),
            tuple(sorted({b for i in g.mentions for b in employers.get(i, ())})),
            g.readings,
            tuple(extraction.mentions[i].start for i in sorted(g.mentions)),
        )
        for g in people
    )
    parents = _parents(extraction, body_of)
    local_bodies = tuple(
        LocalInstitution(
            b.name,
            tuple(b.names),
            tuple(sorted(b.acronyms)),
            tuple(plain_spaces(extraction.mentions[i].text) for i in sorted(b.mentions)),
            tuple(sorted(b.mentions)),
            parents.get(number, -1),
            tuple(extraction.mentions[i].start for i in sorted(b.mentions)),
        )
        for number, b in enumerate(bodies)
    )
    events: dict[str, tuple[str, list[int]]] = {}
    for i, m in mentions:
        if m.label == "EVENT":
            title = tidy_title(m.text)
            events.setdefault(key(title), (title, []))[1].append(i)
    local_events = tuple(LocalEvent(title, tuple(indices)) for folded, (title, indices) in events.items() if folded)
    return DocumentEntities(
        document_id,
        extraction.language,
        document_date(extraction, source_date),
        local_people,
        local_bodies,
        local_events,
        _home_country(extraction),
    )


def _home_country(extraction: Extraction) -> str:
    """The country that most of a document's places and institutions lie in; empty where two vie for it."""
    counts: Counter[str] = Counter()
    for m in extraction.mentions:
        if m.label in ("PLACE", "INSTITUTION"):
            counts.update(countries_of(m.text, m.language or extraction.language))
    if extraction.language == "kk":
        counts["rk"] += 1
    ranked = counts.most_common(2)
    if not ranked or (len(ranked) == 2 and ranked[0][1] < 2 * ranked[1][1]):
        return ""
    return ranked[0][0]


@cache
def _joint(language: str) -> re.Pattern[str] | None:
    """What stands between a unit and the body that it is part of; None where we know of no such language."""
    try:
        return re.compile("|".join(knowledge.lines(language, "part_of_joints")), re.IGNORECASE)
    except knowledge.UnknownKnowledgeError:
        return None


def _parents(extraction: Extraction, body_of: dict[int, int]) -> dict[int, int]:
    """Bodies that the text joins to the body which they are part of: number of the part → number of the whole.

    English and Russian name the part first (`Faculty of History of the University`), Kazakh the whole.
    """
    joint = _joint(extraction.language)
    units = telling("unit")
    found: dict[int, Counter[int]] = {}
    places = [(i, m) for i, m in enumerate(extraction.mentions) if m.label == "INSTITUTION"]
    for (i, one), (j, other) in pairwise(places):
        if joint is None or other.start - one.end > 20 or not joint.fullmatch(extraction.raw[one.end : other.start]):
            continue
        part, whole = (j, i) if extraction.language == "kk" else (i, j)
        kind = parse(extraction.mentions[part].text, extraction.language).kind
        above = parse(extraction.mentions[whole].text, extraction.language).kind
        comma = "," in extraction.raw[one.end : other.start]
        if (
            body_of[part] != body_of[whole]
            and (kind in units or not (kind or comma))
            and (above not in units or not comma)
        ):
            found.setdefault(body_of[part], Counter())[body_of[whole]] += 1
    return {part: min(wholes, key=lambda w: (-wholes[w], w)) for part, wholes in found.items()}
