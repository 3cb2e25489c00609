"""Contacts: phone numbers, mail and street addresses are found in three languages; what only looks like one is not."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.cleaning.contacts import MASK, contacts, masked

pytest.importorskip("phonenumbers")


def found(text: str) -> list[tuple[str, str]]:
    return [(c.kind, text[c.start : c.end]) for c in contacts(text)]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Inquiries: tel. 32-11-22 from 9 to 18.", "32-11-22"),
        ("Phone 7-0000, Ext. 214", "7-0000, Ext. 214"),
        ("call (202) 555-0110 today", "(202) 555-0110"),
        ("Tel: +996 (312) 00-25-17", "+996 (312) 00-25-17"),
        ("Тел.: 8 (7182) 32-11-22.", "8 (7182) 32-11-22"),
        ("Пишите 87017777777 или приходите", "87017777777"),
        ("Байланыс телефоны: 272-41-34", "272-41-34"),
        ("https://wa.me/77017777777", "77017777777"),
        ("fax 071-000 7268", "071-000 7268"),
        ("(Phone: 216/555-0190)", "216/555-0190"),
        ("Phone 0462-00-00-00", "0462-00-00-00"),
        ("River Street, Truro.  Tel. 2205", "2205"),
        ("Тел. пресс-службы: 928-00-00", "928-00-00"),
        ("Hot line 2 400 000", "2 400 000"),
        ("tel. 32-11-22 14 October", "32-11-22"),
        ("Контакт: Л. Капранчикова, 93-500-00-00", "93-500-00-00"),
    ],
)
def test_contacts_phone_numbers(text: str, number: str) -> None:
    assert found(text) == [("phone", number)]


def test_contacts_lists_of_numbers() -> None:
    text = "тел./факс: 32-11-22, 32-11-24/26, моб. +7 701 123 45 67"
    assert found(text) == [("phone", n) for n in ("32-11-22", "32-11-24", "26", "+7 701 123 45 67")]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("e-mail: info@lib.kz.", "info@lib.kz"),
        ("Пишите на почта@пример.рф!", "почта@пример.рф"),
        ("r.sydykbek (at) forum.kz", "r.sydykbek (at) forum.kz"),
        ("<av.training [at] example.org>", "av.training [at] example.org"),
        ("lvdv @ example.nl", "lvdv @ example.nl"),
    ],
)
def test_contacts_mail_addresses(text: str, address: str) -> None:
    assert found(text) == [("mail", address)]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("The museum at 44 Toraigyrov street, office 5 opened.", "44 Toraigyrov street, office 5"),
        ("Almaty, Shevchenko st., 28", "Shevchenko st., 28"),
        ("Baker Street 221b, London", "Baker Street 221b"),
        ("1525 Bernice Street | Honolulu", "1525 Bernice Street"),
        ("Vazha-Pshavela Ave. #1", "Vazha-Pshavela Ave. #1"),
        ("Naryn town, Sagynbay Orozbak uulu str. 47", "Sagynbay Orozbak uulu str. 47"),
        ("Минск, ул. Кирилла и Мефодия, 4", "ул. Кирилла и Мефодия, 4"),
        ("Алматы, ул. Шевченко, 87-Б.", "ул. Шевченко, 87-Б"),
        ("09.30 – 10.00 Тіркелу. Құрманғазы көшесі, 29", "Құрманғазы көшесі, 29"),
        ("Сенім телефоны 1414   Абай даңғылы, 14", "Абай даңғылы, 14"),
        ("Атырау қ., Қ.Сәтбаев көшесі, 15", "Қ.Сәтбаев көшесі, 15"),
        ("г. Павлодар, ул. Академика Сатпаева, д. 104, кв. 5", "ул. Академика Сатпаева, д. 104, кв. 5"),
        ("Невский проспект, 28", "Невский проспект, 28"),
        ("на улице Абая, дом 54 открылся", "улице Абая, дом 54"),
        ("проспект 50 лет Октября, 7.", "проспект 50 лет Октября, 7"),
        ("мкр. 12, д. 4", "мкр. 12, д. 4"),
        ("Абай көшесі, 54-үй", "Абай көшесі, 54-үй"),
        ("Назарбаев даңғылы, 1/1.", "Назарбаев даңғылы, 1/1"),
        ("P.O. Box 123, Nairobi", "P.O. Box 123"),
        ("Наш адрес: Павлодар, Торайгырова 44/1; вход свободный", "Павлодар, Торайгырова 44/1"),
        ("Address: Republic of Kazakhstan, Pavlodar,\nSatpaev 104", "Republic of Kazakhstan, Pavlodar,\nSatpaev 104"),
    ],
)
def test_contacts_street_addresses(text: str, address: str) -> None:
    assert found(text) == [("address", address)]


def test_contacts_postcodes_stand_beside_addresses() -> None:
    assert found("140008, г. Павлодар, пр. Назарбаева, 89") == [
        ("postcode", "140008"), ("address", "пр. Назарбаева, 89")]  # fmt: skip
    assert found("A fund of 140008 books.") == []


@pytest.mark.parametrize(
    "text",
    [
        "On 14 October Street music was heard. In 2014 Abai street was renamed.",
        "В 1937 г. на ул. Ленина жил поэт. Ул. Ленина 1937 года. ул. Пушкина 5 августа",
        "St. Petersburg, 12 museums; Lenin street, 5 people came; Park St., 6 p.m.",
        "in 1998-2004, on 14.10.2016 10:00-12:00, 2012-09-05/2012-09-07",
        "ISBN 978-5-7782-1234-1, ISSN 0000-1234, БИН 990240004528, № 12345678",
        "https://lib.kz/news/87017777777?id=87017777777",
        "10 000 people phoned; phones 2010-2012; join us @ Home; the @ sign; Address: Speech of the President.",
        "(1998) 12-13, pp. 101-112, 5.000 tenge, 40702810500000000001",
        "ул. Красный Путь       Яндекс.Метрика    16+. Тел. 2005 года",
    ],
)
def test_contacts_what_is_none(text: str) -> None:
    assert found(text) == []


def test_masked_keeps_length_lines_and_all_else() -> None:
    text = "Address: Pavlodar,\r\nSatpaev 104\r\nTel. 32-11-22"
    assert masked(text, contacts(text)) == "Address: ████████▌\r\n███████ ███\r\nTel. ████████".replace("▌", MASK)


@pytest.mark.parametrize(
    "piece",
    ["a.", "A.", "Abc ", "1 ", "(1) ", "Address: ", "140000, ", "ул. Абая, д. 5, ", "Abc street ", "tel 1-2-3-4-"],
)
def test_contacts_of_a_hostile_text_are_found_in_time(piece: str) -> None:
    begun = time.process_time()
    contacts(piece * (40_000 // len(piece)) + "@")
    assert time.process_time() - begun < 5


_PIECES = st.sampled_from(
    ["tel. ", "8 (7182) 32-11-22", "ул. Абая, ", "54", " Lenin street ", "a@b.kz", "\r\n", "+7 701 123 45 67",
     "Address: ", "140000, ", "«", " года", "(at)", "т", "🜁", "\ud83d", ", ", "P.O. Box 5", "ext. 3"]
)  # fmt: skip


@given(st.lists(_PIECES | st.text(max_size=5), max_size=12).map("".join))
def test_masked_changes_nothing_but_contacts(text: str) -> None:
    spans = contacts(text)
    hidden = masked(text, spans)
    inside = {i for c in spans for i in range(c.start, c.end)}
    assert sum(c.end - c.start for c in spans) == len(inside), "no two overlap"
    assert len(hidden) == len(text)
    for i, (before, after) in enumerate(zip(text, hidden, strict=True)):
        assert after == (MASK if i in inside and not before.isspace() else before)
