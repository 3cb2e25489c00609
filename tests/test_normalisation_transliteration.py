"""The comparison key: one for the spellings of one name, the same however often it is taken."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.normalisation.transliteration import (
    close,
    edits,
    is_cyrillic,
    kazakh_cyrillic,
    key,
    latin_slug,
    skeleton,
    to_cyrillic,
    to_latin,
)

LETTERS = st.text(
    alphabet="abcdefghijklmnopqrstuvwxyzäöüéèšžčńğşıабвгдеёжзийклмнопрстуфхцчшщъыьэюяәғқңөұүһі' -", max_size=24
)
#: Open syllables: where consonants meet, the letters of two can read as one (`зх` and `ж` are both `zh`).
RUSSIAN = st.lists(
    st.tuples(st.sampled_from("бвгджзклмнпрстфхцчшщ"), st.sampled_from("аеиоуыюя")).map("".join), min_size=1, max_size=6
).map("".join)


@pytest.mark.parametrize(
    "spellings",
    [
        "Yussupova Yusupova Юсупова Iusupova YUSUPOVA",
        "Жұмабекова Zhumabekova Jumabekova Джумабекова Jūmabekova",
        "Ахметова Akhmetova Ahmetova",
        "Beisembayev Beisembaev Бейсембаев",
        "Auezov Áýezov Әуезов Ауэзов",
        "Tsoi Tsoy Цой",
        "Ляззат Ләззат Lyazzat Läzzat",
        "Nurpeissov Nurpeisov Нурпеисов",
        "Victoria Viktoriya Виктория",
        "Ilyinichna Ильинична",
        "Qairat Kairat Қайрат",
        "Schmidt Шмидт Shmidt",
        "MacPherson McPherson",
        "Bērzkalns Berzkalns",
    ],
)
def test_spellings_of_one_name_have_one_key(spellings: str) -> None:
    keys = {key(spelling) for spelling in spellings.split()}
    assert len(keys) == 1, keys


@pytest.mark.parametrize("names", ["Akhmetov Akhmetova", "Marat Murat", "Zhanar Zhanat", "Ivanov Ivanova", "Kim Tsoi"])
def test_different_names_keep_different_keys(names: str) -> None:
    one, other = names.split()
    assert key(one) != key(other)


@given(LETTERS)
def test_key_is_idempotent(text: str) -> None:
    assert key(key(text)) == key(text)


@given(st.text(max_size=30))
def test_key_is_idempotent_and_plain_for_any_text(text: str) -> None:
    assert key(key(text)) == key(text)
    assert key(text).isascii()


@given(LETTERS, st.sampled_from([" ", "-", "'", "  ", "\u00a0"]))
def test_key_ignores_case_and_separators(text: str, mark: str) -> None:
    assert key(text.upper().lower()) == key(text.lower())
    assert key(mark + text + mark) == key(text)


@given(RUSSIAN)
def test_key_survives_our_own_transliteration(word: str) -> None:
    assert key(to_latin(word)) == key(word)


@given(RUSSIAN)
def test_to_latin_leaves_no_cyrillic_and_is_idempotent(word: str) -> None:
    latin = to_latin(word)
    assert latin.isascii() and to_latin(latin) == latin


def test_capitals_are_kept() -> None:
    assert to_latin("Жұмабекова ЩУКИН Щукин") == "Zhumabekova SHCHUKIN Shchukin"
    assert to_cyrillic("Zhukov SHCHUKIN") == "Жуков ЩУКИН"


def test_skeleton_meets_names_whose_vowels_differ_between_languages() -> None:
    assert skeleton("Жүсіпбек") == skeleton("Zhusupbek") == skeleton("Жусипбек")
    assert skeleton("Төлегенова") == skeleton("Tulegenova")


def test_letters_of_the_other_script_are_read_as_meant() -> None:
    assert key("Дoлгополова") == key("Долгополова")  # a Latin o
    assert key("ӘБДIКӘРIМОВА") == key("Әбдікәрімова")  # a Latin I


def test_slug_is_plain_and_readable() -> None:
    assert latin_slug("Оспанова Б.К.") == "ospanova-b-k"
    assert latin_slug("O’Brien Łukasz Šimek") == "obrien-lukasz-shimek"
    assert latin_slug("«»") == ""


def test_kazakh_in_latin_letters_is_read_back() -> None:
    assert kazakh_cyrillic("Qazaqstan") == "қазақстан"
    assert kazakh_cyrillic("Aqtöbe oblystyq") == "ақтөбе облыстық"


def test_is_cyrillic_goes_by_the_majority() -> None:
    assert is_cyrillic("Оспанова B.") and not is_cyrillic("Ospanova Б.")


@given(LETTERS, LETTERS)
def test_edits_is_symmetric_and_bounded(one: str, other: str) -> None:
    assert edits(one, other) == edits(other, one) <= max(len(one), len(other))
    assert (edits(one, other) == 0) == (one == other)


def test_close_counts_a_swap_as_one() -> None:
    assert close("kasmyov", "kasymov") and not close("kasymov", "kasenov")


@given(st.text("abcя", max_size=7), st.text("abcя", max_size=7))
def test_close_with_one_edit_agrees_with_the_count_of_edits(one: str, other: str) -> None:
    assert close(one, other) == (edits(one, other) <= 1)
