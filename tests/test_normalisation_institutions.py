"""Institution names taken apart, the same in three languages; short forms and abbreviations inside a document."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.normalisation.institutions import acronym_key, countries_of, fold, parse
from pipeline.normalisation.institutions_within import group_institutions, similarity


@pytest.mark.parametrize(
    ("language", "text", "kind"),
    [
        ("en", "National library of the RK", "library"),
        ("en", "Museum of Art", "museum"),
        ("en", "Department of History of Kazakhstan", "department"),
        ("en", "Kazakhstani Library Union", "union"),
        ("en", "Tallmadge University News Bureau", "bureau"),
        ("en", "Garrison State Univ.", "university"),
        ("en", "Bromley Instruments, Inc.", "company"),
        ("ru", "Государственного архива Томской области", "archive"),
        ("ru", "Павлодарская ОУНБ", "library"),
        ("kk", "Абай атындағы облыстық әмбебап кітапхананың", "library"),
        ("kk", "Aqtöbe oblystyq tarihi-ölketanu muzeiı", "museum"),
        ("en", "Bromley", ""),
    ],
)
def test_kind_is_what_the_name_is_about(language: str, text: str, kind: str) -> None:
    assert parse(text, language).kind == kind


@pytest.mark.parametrize(
    "names",
    [
        [
            ("en", "Pavlodarskaya regional universal scientific library after S.Toraigyrov"),
            ("en", "Pavlodar RUSL after S.Toraigyrov"),
            ("ru", "Павлодарская ОУНБ им. С. Торайгырова"),
            ("kk", "С. Торайғыров атындағы Павлодар ОӘҒК"),
        ],
        [
            ("en", "National library of the RK"),
            ("en", "NLRK"),
            ("ru", "Национальной библиотеки Республики Казахстан"),
            ("ru", "НБ РК"),
            ("kk", "ҚР Ұлттық кітапханасының"),
        ],
        [
            ("en", "Aktobe regional museum of local history"),
            ("ru", "Актюбинского областного историко-краеведческого музея"),
            ("kk", "Ақтөбе облыстық тарихи-өлкетану музейінде"),
            ("kk", "Aqtöbe oblystyq tarihi-ölketanu muzeiı"),
        ],
    ],
)
def test_names_of_one_body_come_to_like_parts(names: list[tuple[str, str]]) -> None:
    parsed = [parse(text, language) for language, text in names]
    for other in parsed[1:]:
        score = similarity(parsed[0], other)
        assert score is not None and score >= 2.2, other


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("National Library of Kazakhstan", "National Library of Uzbekistan"),
        ("National Library of the RK", "National Academic Library of the RK"),
        ("Omsk Regional Library named after A.S. Pushkin", "Minsk Regional Library named after A.S. Pushkin"),
        ("School No. 12", "School No. 21"),
        ("Abai Regional Library", "Abai Children's Library"),
        ("Lathrop Public Library", "Lathrop Museum"),
        ("Pavlodar Regional Library", "Pavlodar City Library"),
        ("Tallmadge University", "Tallmadge University Press"),
        ("University of Arizona", "Arizona State University"),
        ("University of North Carolina", "North Carolina State University"),
    ],
)
def test_two_bodies_contradict_each_other(one: str, other: str) -> None:
    assert similarity(parse(one), parse(other)) is None


def test_friends_of_a_body_are_a_society_and_not_the_body() -> None:
    for written in ("Friends of the British Library", "Association of Friends of the British Library"):
        assert similarity(parse(written), parse("British Library")) is None
    friends = similarity(parse("Friends of the British Library"), parse("Society of Friends of the British Library"))
    assert friends is not None and friends > 2.2


def test_namesake_is_named_in_the_nominative() -> None:
    assert parse("Regional Library after S.Toraigyrov").named_after == "S. Toraigyrov"
    assert parse("Павлодарская ОУНБ им. С. Торайгырова", "ru").named_after == "С. Торайгыров"
    assert parse("С.Торайғыров атындағы кітапхана", "kk").named_after == "С. Торайғыров"
    assert parse("National Library").named_after == ""


def test_slips_of_scanners_do_not_hide_the_kind() -> None:
    assert parse("Beruni lnstitute of Oriental Studies").kind == "institute"
    assert parse("Ministry of culure and sport").fields == parse("Ministry of culture and sport").fields


def test_fold_tidies_quotes_breaks_and_initials() -> None:
    assert fold("Scientific-universal library “Otyrar") == "Scientific-universal library Otyrar"
    assert fold("Eastern re-\ngional library after A. S. Pushkin") == "Eastern regional library after A.S. Pushkin"
    assert fold("library after S.Toraigyrov") == fold("library after S. Toraigyrov")


def test_acronyms_of_both_scripts_have_one_key() -> None:
    assert acronym_key("КазНУ") == acronym_key("KazNU")
    assert acronym_key("UCC") != acronym_key("ҰК")


def test_country_of_a_town_is_known() -> None:
    assert countries_of("Almaty", "en") == countries_of("Алматы", "kk") == frozenset({"rk"})
    assert countries_of("Kazakhstan", "en") == frozenset({"rk"})
    assert countries_of("Tallmadge", "en") == frozenset()


@given(st.text(max_size=40), st.sampled_from(["en", "ru", "kk"]))
def test_any_text_is_parsed_and_like_itself(text: str, language: str) -> None:
    name = parse(text, language)
    assert similarity(name, name) is not None


def groups(text: str, *names: str) -> list[set[str]]:
    """The groups that names (in text order, repeated where they repeat) form in a text."""
    mentions, at = [], 0
    for index, name in enumerate(names):
        at = text.index(name, at)
        mentions.append((index, name, at, at + len(name)))
        at += len(name)
    return [{names[i] for i in g.mentions} for g in group_institutions(mentions, "en", text)]


def test_abbreviation_in_brackets_is_the_body_before_it() -> None:
    text = "The Zoological Garden Trust (KXQ) met. The Public Records Office came too. KXQ agreed."
    assert groups(text, "Zoological Garden Trust", "KXQ", "Public Records Office", "KXQ") == [
        {"Zoological Garden Trust", "KXQ"},
        {"Public Records Office"},
    ]


def test_abbreviation_after_a_chain_belongs_to_what_it_abbreviates() -> None:
    text = "the Arab Regional Branch of the International Council on Archives (ARBICA)"
    assert groups(text, "Arab Regional Branch", "International Council on Archives", "ARBICA") == [
        {"Arab Regional Branch", "ARBICA"},
        {"International Council on Archives"},
    ]


def test_abbreviation_without_brackets_goes_by_its_initials() -> None:
    text = "Federal Rivers Administration said. The Museum of Art too. FRA agreed."
    assert groups(text, "Federal Rivers Administration", "Museum of Art", "FRA") == [
        {"Federal Rivers Administration", "FRA"},
        {"Museum of Art"},
    ]


def test_unrelated_abbreviation_stays_alone() -> None:
    assert groups("Bromley Instruments and UNESCO", "Bromley Instruments", "UNESCO") == [
        {"Bromley Instruments"},
        {"UNESCO"},
    ]


def test_short_forms_stand_for_the_one_body_that_they_fit() -> None:
    text = "National Library of Wales, Lathrop Museum of Art. The National library and the Museum, the Institute"
    assert groups(
        text, "National Library of Wales", "Lathrop Museum of Art", "National library", "Museum", "Institute"
    ) == [
        {"National Library of Wales", "National library"},
        {"Lathrop Museum of Art", "Museum"},
        {"Institute"},
    ]


def test_university_is_not_its_press() -> None:
    text = "Tallmadge University Press and Tallmadge University"
    assert len(groups(text, "Tallmadge University Press", "Tallmadge University")) == 2
