"""Names of institutions in tables stand in the nominative, in whatever case the texts name them."""

from __future__ import annotations

import pytest

from pipeline.normalisation.institutions_in_cases import in_nominative


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Российской государственной библиотеки", "Российская государственная библиотека"),
        ("ОМСКОЙ ОБЛАСТНОЙ БИБЛИОТЕКЕ", "ОМСКАЯ ОБЛАСТНАЯ БИБЛИОТЕКА"),
        ("Центральных музеев", "Центральные музеи"),
        (
            "Томском государственном университете систем управления",
            "Томский государственный университет систем управления",
        ),
        ("Восточно-Казахстанского областного музея-заповедника", "Восточно-Казахстанский областной музей-заповедник"),
        ("музея «Гараж»", "музей «Гараж»"),
        ("Челябинской ОУНБ", "Челябинская ОУНБ"),
        ("Омского ГУ", "Омский ГУ"),
        ("Библиотеки Академии наук", "Библиотека Академии наук"),
        ("Павлодар облыстық кітапханасында", "Павлодар облыстық кітапханасы"),
        ("Еуразия ұлттық университетінің", "Еуразия ұлттық университеті"),
        ("Ұлттық музейге", "Ұлттық музей"),
        ("№58 мектептiң", "№58 мектеп"),
    ],
)
def test_a_declined_name_is_brought_to_the_nominative(written: str, name: str) -> None:
    assert in_nominative(written) == name
    assert in_nominative(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "РГБ",
        "Национальные библиотеки",
        "Эрмитаже",
        "Domom",
        "Национального библиотеки",
        "Научная библиотека МГУ",
        "Дом",
    ],
)
def test_what_does_not_agree_or_heads_no_institution_stays_as_it_is(name: str) -> None:
    assert in_nominative(name) == name
