"""Encodings: what the bytes of a file are taken for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.reading.encodings import UndecodableError, decode

ENGLISH = (
    "The library’s “Caravan Archive” opens on 4 May — admission is free.\r\n"
    "Étienne Fabre, curator, café at 5 o’clock; tickets £2.\n"
)
RUSSIAN = (
    "Директор Национальной библиотеки Оспанова Б.К. приняла участие в онлайн-совещании.\n"
    "Выступили также заведующие отделами, Я. Щукина и Э. Юрьев.\n"
)
KAZAKH = "Қазақстан Республикасының Ұлттық кітапханасында өткен жиынға әріптестер қатысты.\n"


@pytest.mark.parametrize("text", [ENGLISH, RUSSIAN, KAZAKH, "plain ASCII\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_encodings_unicode_is_read_as_it_stands(text: str, encoding: str) -> None:
    data = text.encode(encoding)
    decoded = decode(data)
    assert decoded.text == text
    assert data.decode(decoded.encoding) == text


def test_encodings_utf16_big_endian_with_mark() -> None:
    assert decode(b"\xfe\xff" + ENGLISH.encode("utf-16-be")).text == ENGLISH


@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r", "cp866", "iso8859-5", "mac-cyrillic"])
def test_encodings_russian_legacy(encoding: str) -> None:
    decoded = decode(RUSSIAN.encode(encoding))
    assert (decoded.text, decoded.encoding) == (RUSSIAN, encoding)
    assert 0 < decoded.confidence <= 1


def test_encodings_kazakh_legacy() -> None:
    decoded = decode(KAZAKH.encode("kz1048"))
    assert (decoded.text, decoded.encoding) == (KAZAKH, "kz1048")


@pytest.mark.parametrize(
    "text",
    [
        "Националната библиотека ја отвори изложбата „Ѕвезди“. Директорот рече дека куќата ќе биде отворена, меѓу.",
        "Народна библиотека Србије отворила је изложбу „Ћирилица“. Ђорђе Јовановић говорио је о књизи и љубави.",
        "Національна бібліотека відкрила виставку «Її ґанок». Директорка сказала, що зал працює щодня.",
        "Бібліятэка адкрыла выставу. Дырэктар Воўк сказаў, што слоўнік даўно ёсць; гэта праўда, за чым з’езд.",
    ],
    ids=("mk", "sr", "uk", "be"),
)
def test_encodings_letters_that_kazakh_has_under_the_same_bytes(text: str) -> None:
    decoded = decode(text.encode("cp1251"))
    assert (decoded.text, decoded.encoding) == (text, "cp1251")
    assert decoded.confidence > 0.6


def test_encodings_kazakh_names_in_a_russian_notice() -> None:
    text = "Её посетила Гүлнара Қожахметова, директор музея «Ұлттық мұра» в Алматы, где открыт зал.\n"
    decoded = decode(text.encode("kz1048"))
    assert (decoded.text, decoded.encoding) == (text, "kz1048")
    assert decoded.confidence > 0.6


def test_encodings_a_doubtful_guess_shows_in_its_confidence() -> None:
    """Қ or Ќ: nothing tells."""
    text = "Буквы «Қ» и «ң» вырезали в мастерской, сообщили в музее, и зал был открыт.\n"
    assert decode(text.encode("kz1048")).confidence < 0.5


@pytest.mark.parametrize("encoding", ["cp1252", "mac-roman"])
def test_encodings_english_legacy(encoding: str) -> None:
    decoded = decode(ENGLISH.encode(encoding))
    assert (decoded.text, decoded.encoding) == (ENGLISH, encoding)


@pytest.mark.parametrize(
    "text",
    [
        "He’s here.",
        "“Yes.”",
        "A café.",
        "Dr Müller of Zürich spoke.",
        "London, 12 September – A Tatar primer",
        "BOOKS BY THE BARGE: the “King’s Library”",
        "Étienne",
        "Price £3.50, © 1994",
        "the 1990s – “a decade”",
        "naïve façade, señor Peña",
    ],
)
def test_encodings_short_english_with_few_odd_bytes_is_never_cyrillic(text: str) -> None:
    decoded = decode(text.encode("cp1252"))
    assert decoded.text == text
    assert decoded.encoding == "cp1252"


def test_encodings_one_russian_word_in_an_english_notice() -> None:
    text = "TELEPHONE +7 (727) 267-28-83\n\nДиректор\n\nOn November 24 the Director of National library spoke.\n"
    assert decode(text.encode("cp1251")).text == text


@pytest.mark.parametrize("text", ["a\rb\r\nc\n\nd", "\r\n", "a\x85b\u2028c"])
def test_encodings_newlines_stay(text: str) -> None:
    assert decode(text.encode("utf-8")).text == text


def test_encodings_damaged_utf8_names_the_place() -> None:
    data = RUSSIAN.encode("utf-8")
    broken = data[:60] + b"\xff" + data[60:]
    with pytest.raises(UndecodableError) as error:
        decode(broken)
    assert str(error.value) == (
        "the text is UTF-8, but damaged at byte 60 (line 1): open it in an editor, mend that place and save it as UTF-8"
    )


def test_encodings_utf8_cut_in_the_middle_of_a_letter() -> None:
    with pytest.raises(UndecodableError, match="damaged at byte"):
        decode(RUSSIAN.rstrip("\n.").encode("utf-8")[:-1])


def test_encodings_bytes_that_mean_nothing() -> None:
    with pytest.raises(UndecodableError) as error:
        decode(b"notice \x81\x8d\x8f\x90\x9d\xad\xb6 x\xa6\xa8y\n" * 3)
    assert str(error.value) == (
        "the text is not UTF-8 (byte 7) and makes no sense in any other encoding that Rollcall knows: "
        "open it in an editor that shows it well and save it as UTF-8"
    )


def test_encodings_cut_utf16_is_told() -> None:
    with pytest.raises(UndecodableError, match="mark of UTF-16 but is not valid UTF-16 at byte"):
        decode(b"\xff\xfe" + "notice".encode("utf-16-le")[:-1])


def test_encodings_one_stray_zero_is_not_utf16() -> None:
    text = "A notice that has one \0zero byte in it.\n"
    assert decode(text.encode()).text == text


@given(st.text())
def test_encodings_any_utf8_text_comes_back(text: str) -> None:
    data = text.encode("utf-8")
    if data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")) or "\0" in text:
        return
    assert decode(data).text == text


@given(st.binary(max_size=200))
def test_encodings_what_is_decoded_can_be_decoded_again(data: bytes) -> None:
    try:
        decoded = decode(data)
    except UndecodableError:
        return
    assert data.decode(decoded.encoding) == decoded.text
    assert 0 <= decoded.confidence <= 1
