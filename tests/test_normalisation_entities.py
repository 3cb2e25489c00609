"""People, institutions and events inside a document and over all documents."""

from __future__ import annotations

import pickle
import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from normalisation_made import tagged

from pipeline.normalisation import DocumentEntities, Entities, link, normalise_mention, resolve_document
from pipeline.normalisation.kin import kindred
from pipeline.normalisation.names import parse
from pipeline.records import Extraction, Mention


def linked(*texts: str | tuple[str, str]) -> tuple[Entities, list[DocumentEntities]]:
    """The entities of documents given as tagged texts, or (language, tagged text)."""
    pairs = [("en", t) if isinstance(t, str) else t for t in texts]
    documents = [resolve_document(tagged(t, language), f"{n:03d}.txt") for n, (language, t) in enumerate(pairs)]
    return link(documents), documents


def ids(entities: Entities, document: int, count: int) -> list[str]:
    return [entities.entity_id(f"{document:03d}.txt", i) for i in range(count)]


def people(*texts: str | tuple[str, str]) -> list[str]:
    return [person.id for person in linked(*texts)[0].people]


# Inside a document


def test_forms_of_one_person_in_a_document_are_one() -> None:
    text = "[P Ospanova Bakytzhamal Kayirbekovna] spoke. [P B. Ospanova] and [P Ospanova B.K.] and [P Ospanova]"
    assert len(people(text)) == 1


def test_given_name_with_patronymic_is_the_person_named_in_full() -> None:
    assert len(people("[P Tulegenov Marat Bolatovich] came. [P Marat Bolatovich] spoke. [P Asel Maratovna] left.")) == 2


def test_father_and_daughter_stay_apart() -> None:
    text = "[P Муканов Ерлан Тлеубаевич] и [P Муканова Динара Ерлановна]. [P Муканов] говорил, [P Муканова] слушала."
    entities, _ = linked(("ru", text))
    assert ids(entities, 0, 4)[:2] == ids(entities, 0, 4)[2:]
    assert len(entities.people) == 2


def test_russian_cases_are_one_person() -> None:
    text = "[P Исабекова Тамара Тураровна] и доклад [P Тамары Исабековой], вопрос [P Т. Исабековой]"
    assert people(("ru", text)) == ["isabekova-tamara-turarovna"]


def test_kazakh_suffixes_are_one_person() -> None:
    text = "[P Гүлнәр Әбдірахманова] келді. [P Г. Әбдірахмановамен] бірге, [P Әбдірахманованың] кітабы"
    assert len(people(("kk", text))) == 1


def test_lone_family_name_of_two_bearers_goes_to_the_one_named_last() -> None:
    entities, _ = linked("[P Harriet Threlfall] met [P Malcolm Threlfall]. Then [P Threlfall] spoke.")
    first, second, lone = ids(entities, 0, 3)
    assert first != second and lone == second


def test_mrs_with_the_name_of_the_husband_is_the_wife() -> None:
    entities, _ = linked(
        "[P Margaret F. Ostrander], or Mrs. [P Paul K. Ostrander]. Major [P Paul K. Ostrander] is away."
    )
    wife, by_husband, husband = ids(entities, 0, 3)
    assert wife == by_husband != husband


def test_father_and_son_of_one_name_are_told_apart_by_the_suffix() -> None:
    assert len(people("[P Walter H. Lindgren, Jr.] succeeds [P Walter H. Lindgren].")) == 2


def test_order_of_names_is_taken_from_the_other_forms() -> None:
    entities, _ = linked(("kk", "[P Бекет Дулат] сөйледі. [P Д. Бекет] кетті."))
    assert [p.family_name for p in entities.people] == ["Бекет"]


# Over documents


def test_same_family_given_and_patronymic_are_one_person_in_all_documents() -> None:
    texts = ("[P Ospanova Bakytzhamal Kayirbekovna]", "[P Bakytzhamal Kairbekkyzy Ospanova]")
    assert len(people(*texts)) == 1


def test_two_equal_initials_are_one_person() -> None:
    assert people("[P Ospanova B.K.]", "[P B.K.Ospanova] said") == ["ospanova-b-k"]


def test_one_person_in_three_languages() -> None:
    texts = (
        "[P Ospanova Bakytzhamal Kayirbekovna], [R director] of [I National library of the RK]",
        ("ru", "[P Оспановой Б.К.] вручили"),
        ("kk", "[P Б.К. Оспанова] айтты"),
    )
    entities, _ = linked(*texts)
    assert len(entities.people) == 1
    assert entities.people[0].variants == ("Ospanova Bakytzhamal Kayirbekovna", "Б.К. Оспанова", "Оспановой Б.К.")


@pytest.mark.parametrize(
    ("one", "other", "name", "initials"),
    [
        ("Oleg Kravets", "Кравец О. В.", "Oleg V. Kravets", "O.V."),
        ("Yevgeny Kravets", "Кравец Е. Ю.", "Yevgeny Yu. Kravets", "Y.Yu."),
        ("Oleg Kravets", "Олег Викторович", "Oleg Viktorovich Kravets", "O.V."),
        ("Kravets O. V.", "Олег Кравец", "Олег В. Кравец", "О.В."),
    ],
)
def test_a_name_is_shown_in_one_script(one: str, other: str, name: str, initials: str) -> None:
    entities, _ = linked(("ru", f"[P {one}], [R директор] [I Музея]. [P {other}], [R директор] [I Музея]."))
    assert [(p.name, p.initials) for p in entities.people] == [(name, initials)]


def test_namesakes_with_other_patronymics_stay_apart() -> None:
    assert len(people("[P Tulegenov Marat Bolatovich]", "[P Tulegenov Marat Kairatovich]", "[P Tulegenov M.K.]")) == 2


def test_one_initial_that_fits_two_persons_stays_apart() -> None:
    assert len(people("[P Kim Valentina Ilyinichna]", "[P Kim Viktoria Nikolaevna]", "[P V. Kim] came")) == 3


def test_one_initial_with_the_same_institution_and_role_joins() -> None:
    one = "[P Kim Valentina Ilyinichna], [R head] of [I Omsk Historical Archive]"
    other = "[P Kim Viktoria Nikolaevna], [R binder] of [I Lathrop Museum of Art]"
    entities, _ = linked(one, other, "[P V. Kim], [R head] of [I Omsk Historical Archive]")
    assert entities.entity_id("002.txt", 0) == entities.entity_id("000.txt", 0)
    assert len(entities.people) == 2


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        (
            "en",
            "[P A. Smith], [R gardener] of the [I Bristol Museum]",
            "[P Alice Smith], [R director] of [I Omsk Library]",
        ),
        ("ru", "[P А. Иванова], [R вахтер]", "[P Анна Иванова], [R директор]"),
        ("ru", "[P Т. Островская], [R вахтер]", "[P Тамара Островская], [R директор]"),
    ],
)
def test_a_common_family_name_with_an_initial_needs_company(language: str, one: str, other: str) -> None:
    assert len(people((language, one), (language, other))) == 2
    assert len(people("[P A. Threlfall], [R gardener]", "[P Alice Threlfall], [R director]")) == 1, "few bear this name"


def test_hardly_anybody_holds_posts_for_longer_than_a_working_life() -> None:
    def found(name: str, *years: int, role: str = "director", where: str = "Bristol Museum") -> int:
        places = [where] + ["Bristol Museum"] * len(years)
        texts = [f"[D 3 May {y}]\n[P {name}], [R {role}] of the [I {at}]" for y, at in zip(years, places, strict=False)]
        return len(people(*texts))

    assert found("John Smith", 1905, 2018) == 2
    assert found("John Smith", 1975, 2018) == 1
    assert found("Maud Threlfall", 1905, 2018, where="Omsk Library") == 2
    assert found("Maud Threlfall", 1905, 2018) == 1, "a rare name at one institution: the later document looks back"


def test_documents_of_other_ages_name_the_dead_but_a_common_name_does_not_tell() -> None:
    def named(name: str) -> int:
        return len(people(f"[D 3 May 1905]\n[P {name}]", f"[D 4 May 2018]\n[P {name}]"))

    assert (named("Maud Threlfall"), named("John Smith")) == (1, 2)
    lone = "[P Threlfall], [R director] of the [I Bristol Museum]"
    assert len(people(f"[D 3 May 1905]\n{lone}", f"[D 4 May 2018]\n{lone}")) == 2


def test_letters_that_latin_writes_with_two_are_not_confused() -> None:
    assert len(people("[P Akhmetova D.K.]", "[P Akhmetova D.Kh.]")) == 2


def test_a_lone_family_name_needs_company() -> None:
    assert len(people("[P Harriet Threlfall] and [P Eleanor Weatherby]", "[P Threlfall] was here")) == 3
    together = people(
        "[P Harriet Threlfall] and [P Eleanor Weatherby] and [P Otto Dessauer]",
        "[P Threlfall] and [P Eleanor Weatherby] and [P Otto Dessauer]",
    )
    assert len(together) == 3


def test_every_link_is_explained() -> None:
    entities, _ = linked("[P Ospanova B.K.]", "[P B.K.Ospanova] said")
    (reasons,) = entities.decisions.values()
    assert reasons[0].startswith("000.txt + 001.txt: same family name, same first initial, same second initial")


def test_institution_in_three_languages_is_one() -> None:
    entities, _ = linked(
        "the [I Pavlodar regional universal scientific library after S.Toraigyrov] and the [I Regional library]",
        ("ru", "в [I Павлодарской ОУНБ им. С. Торайгырова]"),
        ("kk", "[I С.Торайғыров атындағы Павлодар облыстық ғылыми кітапханасының] басшысы"),
    )
    (library,) = entities.institutions
    assert library.kind == "library" and library.place == "Pavlodar" and library.named_after == "S. Toraigyrov"
    assert library.documents == 3 and library.mentions == 4


def test_two_libraries_of_one_namesake_stay_apart() -> None:
    entities, _ = linked("[I Omsk regional library after Pushkin]", "[I Minsk Pushkin Regional Library]")
    assert len(entities.institutions) == 2


def test_national_library_is_that_of_the_document_s_country() -> None:
    entities, _ = linked(
        "[I National Library of Kazakhstan]",
        "[I National Library of Uzbekistan]",
        "In [L Almaty] the [I National library] opened",
    )
    assert entities.entity_id("002.txt", 1) == entities.entity_id("000.txt", 0)


def test_national_library_in_another_tongue_is_not_that_of_the_document_s_country() -> None:
    entities, _ = linked(
        "[I National Library of Kazakhstan]",
        "In [L Almaty] the [I National Library] met the [I Bibliothèque nationale] and the [I Biblioteca Nacional]",
    )
    kazakh = entities.entity_id("000.txt", 0)
    assert [entities.entity_id("001.txt", n) == kazakh for n in (1, 2, 3)] == [True, False, False]


def test_part_of_is_read_from_the_chain() -> None:
    entities, _ = linked("the [I Faculty of History] of the [I Garrison State University]")
    faculty = next(i for i in entities.institutions if i.kind == "faculty")
    assert faculty.part_of == "garrison-state-university"


def test_event_has_the_slug_of_its_title() -> None:
    entities, _ = linked("the conference “[E The book and time]” and again [E The Book and Time]")
    assert ids(entities, 0, 2) == ["the-book-and-time"] * 2


def test_other_mentions_have_no_entity() -> None:
    entities, _ = linked("[D November 24] in [L Almaty]")
    assert ids(entities, 0, 2) == ["", ""]
    assert entities.entity_id("nowhere.txt", 0) == "" and entities.entity_id("000.txt", 99) == ""


def test_columns_of_a_person() -> None:
    entities, _ = linked("[D 27.05.2016]\n\n[P Ospanova B.K.] spoke to [P Ospanova Bakytzhamal Kayirbekovna]")
    (person,) = entities.people
    assert (person.name, person.family_name, person.given_name) == (
        "Bakytzhamal Kayirbekovna Ospanova",
        "Ospanova",
        "Bakytzhamal",
    )
    assert (person.patronymic, person.initials) == ("Kayirbekovna", "B.K.")
    assert (person.documents, person.mentions) == (1, 2)
    assert (person.first_date, person.last_date) == ("2016-05-27", "2016-05-27")


# Ids, order, size


TEXTS = (
    "[P Ospanova B.K.], [R director] of the [I National library of the RK]",
    "[P B. Ospanova] and [P Kim V.N.] of the [I NLRK]",
    "[P Viktoria Nikolaevna Kim], [P V. Kim] and the [I Faculty of History]",
    "[P Kim Valentina Ilyinichna], [R head] of [I Faculty of History] of [I Omsk University]",
    "[P Duncan Campbell] and [P Campbell]",
    "[P Campbell, Duncan], [R keeper] of [I Hocken Library]",
    "[P Abai] and [P Abai Kunanbayuly]; [E Abai readings]",
    "the [I Library], the [I Museum], [I UNESCO]",
    "[I UNESCO] and the [I Library] with [P Threlfall]",
)


def entities_of(order: list[int]) -> Entities:
    return link(resolve_document(tagged(TEXTS[n]), f"{n:03d}.txt") for n in order)


@settings(max_examples=40)
@given(st.permutations(range(len(TEXTS))))
def test_order_of_documents_does_not_matter(order: list[int]) -> None:
    assert entities_of(order) == entities_of(list(range(len(TEXTS))))


def test_ids_stay_when_unrelated_files_are_added() -> None:
    before = entities_of([0, 1, 2, 3])
    after = entities_of([0, 1, 2, 3, 4, 5, 6])
    assert {p.id for p in before.people} <= {p.id for p in after.people}
    assert {i.id for i in before.institutions} <= {i.id for i in after.institutions}


def test_ids_are_unique_and_sorted() -> None:
    entities = entities_of(list(range(len(TEXTS))))
    for rows in (entities.people, entities.institutions):
        found = [row.id for row in rows]
        assert found == sorted(set(found))


def test_namesakes_who_stay_apart_get_a_number() -> None:
    entities, _ = linked("[P V. Kim]", "[P V. Kim]", "[P Kim Valentina Ilyinichna]", "[P Kim Viktoria Nikolaevna]")
    assert {"kim-v", "kim-v-2"} <= {p.id for p in entities.people}


def test_records_of_documents_are_small_and_can_be_sent() -> None:
    document = resolve_document(tagged(TEXTS[0]), "000.txt")
    sent = pickle.dumps(document)
    assert pickle.loads(sent) == document and len(sent) < 4000


def test_nothing_gives_nothing() -> None:
    assert link([]) == Entities([], [])
    empty = resolve_document(Extraction("", "en"), "e.txt")
    assert (empty.people, empty.institutions, empty.events) == ((), (), ())


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(["PERSON", "INSTITUTION", "EVENT"]), st.text(max_size=16)), max_size=6))
def test_odd_mentions_do_no_harm(spans: list[tuple[str, str]]) -> None:
    raw, mentions = "", []
    for label, text in spans:
        mentions.append(Mention(label, len(raw), len(raw) + len(text), text))
        raw += text + " "
    entities = link([resolve_document(Extraction(raw, "kk", tuple(mentions)), "odd.txt")])
    named = [i for i, m in enumerate(mentions) if m.label != "EVENT"]
    assert all(entities.entity_id("odd.txt", i) for i in named)


def test_many_namesakes_stay_cheap() -> None:
    chance = random.Random(1)
    documents = [
        resolve_document(tagged(f"[P A. Kim] and [P Kim {chance.choice('ABC')}.{chance.choice('DEF')}.]"), f"{n:05d}")
        for n in range(3000)
    ]
    start = time.process_time()
    link(documents)
    assert time.process_time() - start < 20


# The column `normalised`


@pytest.mark.parametrize(
    ("label", "language", "text", "expected"),
    [
        ("PERSON", "en", "Ospanova B.K.", "B. K. Ospanova"),
        ("PERSON", "ru", "Тамаре Исабековой", "Тамара Исабекова"),
        ("ROLE", "ru", "заместитель директора", "deputy director"),
        ("INSTITUTION", "en", "library  “Otyrar", "library Otyrar"),
        ("DATE", "en", "November 24", "XXXX-11-24"),
        ("DATE", "en", "today", ""),
        ("REPORT", "en", "The book\nand “time", 'The book and "time'),
        ("PLACE", "en", "Ust-\nKamenogorsk", "UstKamenogorsk"),
    ],
)
def test_normalised_form_of_a_mention(label: str, language: str, text: str, expected: str) -> None:
    assert normalise_mention(Mention(label, 0, len(text), text), language) == expected


@pytest.mark.parametrize(
    ("language", "name"),
    [
        ("en", "Human Resources"),
        ("en", "Graduate Students Union"),
        ("ru", "Учёный совет"),
        ("kk", "Шымкент қалалық филиалы"),
    ],
)
def test_part_named_by_its_subject_or_town_alone_is_one_only_in_the_same_company(language: str, name: str) -> None:
    def bodies(*heads: str) -> int:
        entities, _ = linked(*((language, f"[P {head}], [R head] of the [I {name}].") for head in heads))
        return len(entities.institutions)

    assert bodies("Aigul Serikovna Bekova", "Oleg Petrovich Dosov") == 2
    assert bodies("Aigul Serikovna Bekova", "Aigul Serikovna Bekova") == 1


def test_kin_are_names_that_can_be_one_person_s_directly_or_by_way_of_others() -> None:
    names = [parse(text) for text in ("Sardar A. Bekov", "S. Bekov", "Anna Dosova", "A. Dosova", "Dina Bekova")]
    assert [[n.family for n in kin] for kin in kindred(names)] == [["Bekov"] * 2, ["Dosova"] * 2, ["Bekova"]]
    apart = kindred(names, [(names[0], names[2])])  # two readings of what was written once
    assert sorted(map(len, apart)) == [1, 4]


def test_people_are_told_by_their_kin_alone_whatever_else_a_corpus_holds() -> None:
    ours = ("[P Sardar Bekov], [R head] of the [I City Museum].", "[P S. Bekov], [R head] of the [I City Museum].")
    alone, _ = linked(*ours, "[P Bekov] of the [I City Museum] came.")
    others = tuple(f"[P A. Dosova], [R head] of the [I Library of Town{n}]." for n in range(60))
    among, _ = linked(*ours, "[P Bekov] of the [I City Museum] came.", *others)
    assert [p for p in among.people if p.family_name == "Bekov"] == alone.people
