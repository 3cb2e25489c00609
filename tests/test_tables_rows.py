"""Rows: what they say of an extraction."""

from __future__ import annotations

from dataclasses import replace

import running_fakes as fakes

from pipeline.normalisation import document_date
from pipeline.records import Affiliation, Event, Extraction, Furniture, Mention, Report, Source
from pipeline.running.confidence import only_confident
from pipeline.running.work import Settings, Worker
from pipeline.tables import BY_NAME
from pipeline.tables.rows import Draft, draft, finish, headline, ids_of, parts

RAW = 'Asanova B., director, National Library. Asanova B. spoke: "Books". Bekova C.: "Maps" 2012-09-05.'


def made(extraction: Extraction, document_id: str = "a.txt") -> Draft:
    worker = Worker(Settings(), fakes.make_engine)
    entities = fakes.link([fakes.resolve(extraction, document_id)])
    made = draft(Source(document_id, document_id), extraction, worker)
    return finish(made, ids_of(made, entities))


def column(rows: Draft, table: str, name: str) -> list[object]:
    return [row[BY_NAME[table].position(name)] for row in rows[table]]


def test_rows_mentions_speak_of_the_raw_text() -> None:
    rows = made(fakes.extraction(RAW))
    for start, end, text in zip(*(column(rows, "mentions", c) for c in ("start", "end", "text")), strict=True):
        assert RAW[start:end] == text  # type: ignore[misc]
    assert column(rows, "mentions", "mention_id")[:2] == ["m00001", "m00002"]


def test_rows_entities_have_ids_and_roles_their_own() -> None:
    rows = made(fakes.extraction(RAW))
    ids = dict(zip(column(rows, "mentions", "text"), column(rows, "mentions", "entity_id"), strict=True))
    assert ids["Asanova B."] == "asanova-b"
    assert ids["director"] == "director"
    assert not ids["Books"]


def test_rows_affiliations_can_be_traced_to_their_mentions() -> None:
    (row,) = (
        dict(zip(BY_NAME["affiliations"].header, r, strict=True)) for r in made(fakes.extraction(RAW))["affiliations"]
    )
    assert row["person_id"] == "asanova-b"
    assert (row["person"], row["role"], row["institution"]) == ("Asanova B.", "director", "National Library")
    assert (row["person_mention"], row["role_mention"], row["institution_mention"]) == ("m00001", "m00002", "m00003")
    assert row["date"] == "2012-09-05"


def test_rows_date_takes_its_year_from_that_of_the_source() -> None:
    mention = Mention("DATE", 3, 9, "on 12 May"[3:])
    worker = Worker(Settings(), lambda *told: replace(fakes.make_engine(*told), date=document_date))
    rows = draft(Source("a.txt", "a.txt", source_date="2005-05-09"), Extraction("on 12 May", "en", (mention,)), worker)
    assert column(rows, "documents", "date") == ["2005-05-12?"]


def test_rows_documents_count_different_people() -> None:
    rows = made(fakes.extraction(RAW))
    assert column(rows, "documents", "people") == [2]
    assert column(rows, "documents", "institutions") == [1]
    assert column(rows, "documents", "mentions") == [8]


def test_rows_speakers_of_one_talk_share_its_id() -> None:
    base = fakes.extraction('Asanova B. and Bekova C.: "Books". "Maps"')
    talks = tuple(Report(2, p, None, None, "report", None, 0, 30) for p in (1, 0))
    rows = made(replace(base, reports=(*talks, Report(3, None, None, None, "report", None, 35, 39))))
    assert column(rows, "reports", "report_id") == ["r00001", "r00001", "r00002"]
    assert column(rows, "reports", "speaker") == [1, 2, 0]
    assert column(rows, "reports", "person_id") == ["asanova-b", "bekova-c", None]


def test_rows_keys_are_unique_and_sorted() -> None:
    rows = made(fakes.extraction(RAW * 20))
    for table in ("mentions", "affiliations", "reports"):
        keys = [[row[BY_NAME[table].position(k)] for k in BY_NAME[table].key] for row in rows[table]]
        assert keys == sorted(keys)
        assert len({tuple(k) for k in keys}) == len(keys) > 1


def test_rows_events_have_date_and_place() -> None:
    raw = "the Readings, 2012-09-05, Almaty"
    mentions = (
        Mention("EVENT", 4, 12, "Readings"),
        Mention("DATE", 14, 24, "2012-09-05"),
        Mention("PLACE", 26, 32, "Almaty"),
    )
    rows = made(Extraction(raw, "en", mentions, events=(Event(0, "readings", 1, 2, 4, 32),)))
    (row,) = (dict(zip(BY_NAME["events"].header, r, strict=True)) for r in rows["events"])
    assert (row["title"], row["date"], row["place"]) == ("Readings", "2012-09-05", "Almaty")


def test_confidence_a_relation_goes_with_what_it_cannot_do_without() -> None:
    mentions = tuple(
        Mention(label, i, i + 1, "x", sure)
        for i, (label, sure) in enumerate(
            [("PERSON", 0.9), ("ROLE", 0.9), ("INSTITUTION", 0.2), ("PERSON", 0.2), ("ROLE", 0.9), ("REPORT", 0.9)]
        )
    )
    everything = Extraction(
        "xxxxxx", "en", mentions,
        (Affiliation(0, 1, 2, 0, 3, 0.9), Affiliation(3, 4, None, 3, 5, 0.9), Affiliation(0, 4, None, 0, 5, 0.1)),
        (Report(5, 3, None, None, "report", None, 3, 6, 0.9),),
    )  # fmt: skip
    kept = only_confident(everything, 0.5)
    assert [(m.start, m.label) for m in kept.mentions] == [(0, "PERSON"), (1, "ROLE"), (4, "ROLE"), (5, "REPORT")]
    assert [(a.person, a.role, a.institution) for a in kept.affiliations] == [(0, 1, None)]
    assert [(r.title, r.person) for r in kept.reports] == [(3, None)]
    assert only_confident(everything, 0.0) is everything


def heading_of(raw: str, *furniture: str) -> str:
    spans = tuple(Furniture(raw.index(f), raw.index(f) + len(f), "menu") for f in furniture)
    return headline(raw, parts(Extraction(raw, "en", furniture=spans)))


def test_heading_is_the_line_that_stands_alone() -> None:
    body = "\n\nOn November 24 the Director of the library took part in a meeting of the readers."
    assert heading_of("Home | News\nViews: 5\n\nPaper  that saw\tthe water" + body, "Home | News", "Views: 5") == (
        "Paper that saw the water"
    )


def test_heading_a_name_alone_is_none() -> None:
    raw = "National Library\n\nPaper that saw the water\n\nThe Director of the library met the readers there.\n"
    library = Mention("INSTITUTION", 0, 16, raw[:16])
    assert headline(raw, parts(Extraction(raw, "en", (library,)))) == "Paper that saw the water"


def test_rows_sections_hold_their_raw_text() -> None:
    raw = "Paper that saw the water\n\nASTANA, 12 May 2014 -- The readers of the Library met.\n\nTel.: 000-12-34\n"
    rows = made(Extraction(raw, "en"))
    found = [dict(zip(BY_NAME["sections"].header, row, strict=True)) for row in rows["sections"]]
    assert [s["kind"] for s in found] == ["headline", "dateline", "body", "contact"]
    assert [s["section_id"] for s in found] == ["s00001", "s00002", "s00003", "s00004"]
    for section in found:
        assert section["text"] == ("" if section["kind"] == "body" else raw[section["start"] : section["end"]])
    assert column(rows, "documents", "title") == ["Paper that saw the water"]


def test_heading_a_paragraph_is_none() -> None:
    assert heading_of("On November 24 the Director took part in a meeting.\nThe readers came.") == ""
    assert heading_of("") == ""


def test_rows_speaker_under_two_wordings_is_one_row() -> None:
    raw = "Asanova B. spoke; Asanova B. and Bekova C. read Books."
    spans = [(0, 10, "PERSON"), (18, 28, "PERSON"), (33, 42, "PERSON"), (48, 53, "REPORT")]
    mentions = tuple(Mention(label, a, b, raw[a:b], 0.9) for a, b, label in spans)
    said = ((0, 0.5), (1, 0.8), (2, 0.7))
    reports = tuple(Report(3, person, None, None, "", None, 0, 53, sure) for person, sure in said)
    rows = made(Extraction(raw, "en", mentions, reports=reports))
    assert column(rows, "reports", "person_id") == ["asanova-b", "bekova-c"]
    assert column(rows, "reports", "speaker") == [1, 2]
    assert column(rows, "reports", "person_mention") == ["m00002", "m00003"]
