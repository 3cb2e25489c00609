"""The language of texts and stretches, and the merging of what was found in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.extraction import mixed
from pipeline.extraction.language import detect
from pipeline.records import Affiliation, Extraction, Mention

EN = "The director of the National Library opened the exhibition and the fair.\n"
RU = "На фото: директор Национальной библиотеки А. Ахметова на открытии выставки.\n"
KK = "Кітапхана директоры Марат Сейтханов қонақтарды құттықтады және баяндама жасады.\n"
TEXTS = {
    "en": EN,
    "ru": RU,
    "kk": KK,
    "de": "Der Direktor der Bibliothek eröffnet die Ausstellung, und Frau Müller hält einen Vortrag über die Sammlung.",
    "fr": "La directrice de la Bibliothèque nationale a présenté un exposé sur les manuscrits et leur histoire.",
    "es": "El director de la Biblioteca Nacional de España inauguró la exposición de los manuscritos.",
    "pl": "Dyrektor Biblioteki otworzył wystawę rękopisów. Profesor wygłosił referat o historii, który był długi.",
    "tr": "Müdür Ahmet Yılmaz, el yazmaları ve tarihi hakkında bir konuşma yaptı. Toplantı için çok kişi geldi.",
    "uz": "Direktor A. Karimov qo‘lyozmalar haqida ma'ruza qildi, bu haqida O‘zbekiston radiosi ham xabar berdi.",
    "uk": "Директорка Національної бібліотеки України відкрила виставку. Професор виступив із доповіддю про історію.",
    "ky": "Китепкананын директору кол жазмалар жана алардын тарыхы боюнча баяндама жасады. Бул көргөзмө эки күн болду.",
    "mn": "Үндэсний номын сангийн захирал гар бичмэлийн тухай илтгэл тавьсан юм. Энэ өдөр үзэсгэлэн нээсэн байна.",
    "zh": "国家图书馆馆长出席了开幕式",
}


@pytest.mark.parametrize("language", TEXTS)
def test_language_of_a_text(language: str) -> None:
    assert detect(TEXTS[language]).language == language


def test_language_kazakh_in_latin_letters() -> None:
    text = "Ulttyq kitaphananyń dırektory qoljazbalar týraly baıandama jasady. Bul is-shara ótti jáne kórme ashyldy."
    assert detect(text).language == "kk"


def test_language_without_words_is_unknown() -> None:
    assert detect("12.05 — 14:00\n***\n").language == ""
    assert detect("").stretches == ()


def test_language_names_alone_go_by_script() -> None:
    assert detect("10.30 N. Popova (RSL)\n11.00 K. Ermek (NL)\n").language == "en"
    assert detect("10.30 Н. Попова (РГБ)\n").language == "ru"


def test_language_a_caption_is_a_stretch() -> None:
    raw = EN * 3 + "\n" + RU + "\n" + EN
    found = [(s.language, raw[s.start : s.end].strip()) for s in detect(raw).stretches]
    assert [language for language, _ in found] == ["en", "ru", "en"]
    assert found[1][1] == RU.strip()


def test_language_a_quoted_title_or_a_name_is_no_stretch() -> None:
    raw = RU * 3 + "Медаль «Кітапхана ісінің ардагері» получила Оспанова Бакытжамал Каирбековна.\nФото: Jane Smith\n"
    assert [s.language for s in detect(raw).stretches] == ["ru"]


@given(st.lists(st.sampled_from([*TEXTS.values(), "\n", "Қ\r\n", "x\x85", "1\n"]), max_size=8).map("".join))
def test_language_stretches_are_the_whole(raw: str) -> None:
    stretches = detect(raw).stretches
    assert "".join(raw[s.start : s.end] for s in stretches) == raw
    assert all(a.end == b.start and a.language != b.language for a, b in pairwise(stretches))


def fake_extract(language: str, raws: Iterable[str]) -> Iterator[Extraction]:
    for raw in raws:
        first, second = raw.split()[:2]
        spans = [(raw.index(w), raw.index(w) + len(w)) for w in (first, second)]
        mentions = tuple(Mention("PERSON" if i == 0 else "ROLE", a, b, raw[a:b]) for i, (a, b) in enumerate(spans))
        yield Extraction(raw, language, mentions, (Affiliation(0, 1, None, spans[0][0], spans[1][1]),))


def extract(*raws: str) -> list[Extraction]:
    return list(mixed.extract_mixed(raws, lambda language: language, fake_extract))  # type: ignore[arg-type,return-value]


def test_mixed_offsets_languages_and_relations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mixed, "available", lambda: ("en", "ru"))
    raw = EN * 2 + "\n" + RU
    (made,) = extract(raw)
    assert all(raw[m.start : m.end] == m.text for m in made.mentions)
    assert [m.text for m in made.mentions] == ["The", "director", "На", "фото:"]
    assert [m.language for m in made.mentions] == ["", "", "ru", "ru"]
    assert [(a.person, a.role) for a in made.affiliations] == [(0, 1), (2, 3)]
    assert (made.language, made.note) == ("en", "")


def test_mixed_keeps_the_order_of_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mixed, "available", lambda: ("en", "ru"))
    texts = [RU, EN, TEXTS["de"], RU, EN]
    made = extract(*texts)
    assert [e.raw for e in made] == texts
    assert [e.language for e in made] == ["ru", "en", "de", "ru", "en"]


def test_mixed_a_foreign_text_gives_nothing_but_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mixed, "available", lambda: ("en",))
    german, russian, numbers = extract(TEXTS["de"], RU, "1\n")
    assert german.mentions == russian.mentions == numbers.mentions == ()
    assert "seems to be German, which Rollcall does not speak" in german.note
    assert "seems to be Russian, for which no model is installed" in russian.note
    assert "its language is not known" in numbers.note
