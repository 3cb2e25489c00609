"""The whole extraction with the models that ship: what a user sees of it."""

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st

import pipeline
from pipeline.extraction import COMPONENTS, extract, extract_many, loaded
from pipeline.extraction.chunks import chunks, join
from pipeline.records import Extraction

NOTICE = """\
TELEPHONE: +7 (7172) 44-61-02

On March 3, 2014 in the Zhambyl regional universal scientific library named after Sh. Ualikhanov the seminar
“The village library: yesterday and today” took place. Director of the library Sadykova G.M. opened it.
With the reports spoke: Akhmetov Yerlan Bolatovich, head of the department of methodical work of the National
Library of the Republic of Kazakhstan - “Books on wheels”, and Professor T. Iskakova - “Who reads in the aul?”.
The participants got acquainted with the project “Book in the yurt”.
"""
PIECES = st.lists(
    st.sampled_from([
        "Director of the National Library ", "Ospanova B.K.", "“The reader and the library", "”", "\n", "\n\n",
        "10.30\t", "Prof. ", "named after A.S. Pushkin", " spoke with the report ", "\u00a0", "\u200b",
        "qualifi-\ncation", "24 ноября", "кітапхана", "(", ")", "'", "𝔘", "\x00", ".", "...", "###",
    ]),
    max_size=12,
).map("".join)  # fmt: skip


def texts(found: Extraction, label: str) -> list[str]:
    return [m.text for m in found.named(label)]


def named(found: Extraction, number: int | None) -> str | None:
    return None if number is None else found.mentions[number].text


@pytest.fixture(scope="module")
def notice() -> Extraction:
    return pipeline.extract(NOTICE)


def test_extract_namesake_of_an_institution_is_no_person(notice: Extraction) -> None:
    assert texts(notice, "PERSON") == ["Sadykova G.M.", "Akhmetov Yerlan Bolatovich", "T. Iskakova"]
    assert "Zhambyl regional universal scientific library named after Sh. Ualikhanov" in texts(notice, "INSTITUTION")


def test_extract_quoted_titles_are_told_apart(notice: Extraction) -> None:
    assert texts(notice, "REPORT") == ["Books on wheels", "Who reads in the aul?"]
    assert texts(notice, "EVENT") == ["The village library: yesterday and today"]
    assert texts(notice, "WORK") == ["Book in the yurt"]


def test_extract_links_roles_and_reports_to_their_people(notice: Extraction) -> None:
    roles = {(named(notice, a.person), named(notice, a.role)) for a in notice.affiliations}
    assert ("Akhmetov Yerlan Bolatovich", "head of the department of methodical work") in roles
    assert ("T. Iskakova", "Professor") in roles
    given_by = {(named(notice, r.person), named(notice, r.title)) for r in notice.reports}
    assert given_by == {("Akhmetov Yerlan Bolatovich", "Books on wheels"), ("T. Iskakova", "Who reads in the aul?")}


def test_extract_every_row_carries_a_confidence(notice: Extraction) -> None:
    rows = [*notice.mentions, *notice.affiliations, *notice.reports, *notice.events]
    assert all(0 <= row.confidence <= 1 for row in rows)


def test_extract_furniture_is_marked(notice: Extraction) -> None:
    assert [(NOTICE[f.start : f.end], f.reason) for f in notice.furniture] == [
        ("TELEPHONE: +7 (7172) 44-61-02", "phone line")
    ]


@given(PIECES)
@settings(max_examples=120)
def test_extract_any_text_offsets_lead_to_the_raw_characters(text: str) -> None:
    found = pipeline.extract(text)
    last = 0
    for mention in found.mentions:
        assert last <= mention.start < mention.end <= len(text)
        assert text[mention.start : mention.end] == mention.text
        last = mention.end
    for row in [*found.affiliations, *found.reports, *found.events]:
        assert 0 <= row.start < row.end <= len(text)


def test_extract_many_does_not_depend_on_batches_or_neighbours(notice: Extraction) -> None:
    nlp = pipeline.load("en")
    others = ["", "   \n", "The museum is closed.", NOTICE.upper()]
    together = list(extract_many(nlp, [*others, NOTICE, *others], batch_size=3))
    assert together[len(others)] == notice
    assert together[0].mentions == ()


def test_extract_language_without_a_model_says_which_there_are() -> None:
    with pytest.raises(ValueError, match=r"There is no model for the language 'fr'. There are models for .*en"):
        pipeline.load("fr")


def test_components_work_in_somebody_elses_pipeline() -> None:
    nlp = spacy.blank("en")
    for name in COMPONENTS:
        nlp.add_pipe(name)
    title = "The history of the book in Kazakhstan"
    doc = nlp(f"Director of the National Library B.K. Ospanova made a report on the theme “{title}”.")
    assert ("B.K. Ospanova", "PERSON") in [(e.text, e.label_) for e in doc.ents]
    assert [m.text for m in doc._.rollcall.named("REPORT")] == [title]
    assert [s.text for s in doc.spans["rollcall"]] == [e.text for e in doc.ents]


def test_component_without_the_one_before_it_says_what_to_add() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("rollcall_links")
    with pytest.raises(ValueError, match="needs 'rollcall_mentions' before it"):
        nlp("A text.")


def test_chunks_long_text_is_cut_at_a_line_and_nothing_is_lost() -> None:
    text = "\n\n".join(f"Paragraph {i} of the notice." for i in range(400))
    bounds = list(chunks(text, longest=1000))
    assert "".join(text[a:b] for a, b in bounds) == text
    assert all(b - a <= 1000 for a, b in bounds)
    assert all(text[a:b].endswith("\n\n") for a, b in bounds[:-1])


def test_join_parts_have_the_offsets_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    text = NOTICE * 3
    starts = [0, len(NOTICE), 2 * len(NOTICE)]
    found = join(text, starts, [pipeline.extract(NOTICE)] * 3)
    assert len(found.mentions) == 3 * len(pipeline.extract(NOTICE).mentions)
    assert all(text[m.start : m.end] == m.text for m in found.mentions)
    spoken = {(named(found, r.person), named(found, r.title)) for r in found.reports}
    assert spoken == {("Akhmetov Yerlan Bolatovich", "Books on wheels"), ("T. Iskakova", "Who reads in the aul?")}


def test_pipeline_begun_anew_when_it_has_met_many_words_finds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "Dr Anna Petrova, director of the National Library, gave a talk “Old Maps” on 3 March 1998."
    before, first = extract(text, "en"), loaded("en")
    monkeypatch.setattr("pipeline.extraction.STRINGS_KEPT", 10)
    assert loaded("en") is not first
    assert extract(text, "en") == before
