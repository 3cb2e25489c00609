"""Links to the user's own authority records."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.normalisation import institutions, names
from pipeline.normalisation.authority import Authority, AuthorityError, AuthorityLink, Record, read_authority

PEOPLE = Authority(
    [
        Record("P1", ("Ospanova, Bakytzhamal Kayirbekovna", "Оспанова Б.К."), "person", 1960),
        Record("P2", ("Kolosova Galina Iosifovna",), "person"),
        Record("P3", ("Kolosova Galina Ivanovna",), "person"),
        Record("B1", ("National Library of the Republic of Kazakhstan", "NLRK"), "institution"),
        Record("B2", ("National Library of the Kyrgyz Republic",), "institution"),
    ]
)


def person(*texts: str, language: str = "en", last_date: str = "") -> AuthorityLink | None:
    return PEOPLE.person([names.parse(text, language) for text in texts], last_date)


@pytest.mark.parametrize("text", ["Bakytzhamal Ospanova", "Ospanova B.K.", "OSPANOVA BAKYTZHAMAL"])
def test_a_person_is_linked_with_score_and_reason(text: str) -> None:
    found = person(text)
    assert found is not None
    assert found.identifier == "P1"
    assert found.score >= 2.9
    assert "same family name" in found.reason


def test_scripts_meet() -> None:
    found = person("Бақытжамал Қайырбекқызы Оспанова", language="kk")
    assert found is not None and found.identifier == "P1"


def test_thin_evidence_and_contradictions_give_no_link() -> None:
    assert person("B. Ospanova") is None
    assert person("Botagoz Ospanova") is None
    assert person("Ospanova B.K.", "Ospanova B.T.") is None
    assert person("Ospanova B.K.", last_date="1951-03") is None  # before the year of birth


def test_where_two_records_fit_none_is_chosen_and_both_are_named() -> None:
    found = person("Galina I. Kolosova")
    assert found is not None
    assert found.identifier == ""
    assert "P2" in found.reason and "P3" in found.reason
    told = person("Kolosova Galina Iosifovna")
    assert told is not None and told.identifier == "P2"


def test_institutions_are_linked_across_languages_and_by_abbreviation() -> None:
    for text, language in (("Национальная библиотека Республики Казахстан", "ru"), ("NLRK", "en")):
        found = PEOPLE.institution([institutions.parse(text, language)])
        assert found is not None and found.identifier == "B1"
    assert PEOPLE.institution([institutions.parse("National Library of Latvia", "en")]) is None


def test_a_file_gives_its_local_number_or_the_first_identifier_with_its_scheme(tmp_path: Path) -> None:
    path = tmp_path / "authority.csv"
    path.write_text(
        "\ufeffName,variants,dates,kind,id,viaf\nAuezov M.O.,Ауэзов М.|Äuezov M.,1897-1961,person,17,\n"
        "Abai,,–1904,,,77\n",
        encoding="utf-8",
    )
    first, second = read_authority(path)
    assert first == Record("17", ("Auezov M.O.", "Ауэзов М.", "Äuezov M."), "person", 1897, 1961)
    assert second == Record("viaf:77", ("Abai",), "", 0, 1904)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("title,id\nx,1\n", "needs a first line with the column name"),
        ("name,id\nx,\n", "line 2: the record has no identifier"),
        ("name,id,kind\nx,1,ship\n", "line 2: the kind 'ship'"),
    ],
)
def test_a_damaged_file_says_where_and_what_to_do(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "authority.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(AuthorityError, match=told):
        read_authority(path)
