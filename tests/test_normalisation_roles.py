"""Roles in one English wording, with kind and id."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.normalisation.roles import canonical


@pytest.mark.parametrize(
    ("language", "text", "label", "kind"),
    [
        ("en", "Director", "director", "post"),
        ("en", "deputy director for  library\nwork", "deputy director for library work", "post"),
        ("en", "head of the department of rare books", "head of department of rare books", "post"),
        ("en", "Assoc. Prof.", "associate professor", "post"),
        ("en", "Chairman", "chairperson", "post"),
        ("en", "Vice President", "vice-president", "post"),
        ("en", "Cand. of Hist. Sciences", "candidate of historical sciences", "degree"),
        ("en", "Doctor of Historical Sciences", "doctor of historical sciences", "degree"),
        ("en", "Ph.D.", "doctor of philosophy", "degree"),
        ("en", "Honoured worker of culture", "honored worker of culture", "honour"),
        ("en", "laureate of the State Prize", "laureate of state prize", "honour"),
        ("en", "writer", "writer", "profession"),
        ("en", "master's student", "master's student", "post"),
        ("ru", "заместитель директора по научной работе", "deputy director for scientific work", "post"),
        ("ru", "директором", "director", "post"),
        ("ru", "заведующая отделом краеведения", "head of department of local history", "post"),
        ("ru", "заместителем директора по библиотечной работе", "deputy director for library work", "post"),
        ("ru", "заведующая отделом", "head of department", "post"),
        ("en", "deputy director on scientific work", "deputy director for scientific work", "post"),
        ("kk", "директорының ғылыми жұмыс жөніндегі орынбасары", "deputy director for scientific work", "post"),
        ("kk", "директорының қор жөніндегі орынбасары", "deputy director for collections", "post"),
        ("ru", "д.и.н.", "doctor of historical sciences", "degree"),
        ("ru", "поэта", "poet", "profession"),
        ("kk", "директорының орынбасары", "deputy director", "post"),
        ("kk", "филология ғылымдарының докторы", "doctor of philological sciences", "degree"),
        ("kk", "ақын", "poet", "profession"),
        ("kk", "bas direktory", "director-general", "post"),
        ("en", "PhD student", "doctoral student", "post"),
        ("en", "Ph.D. candidate", "doctoral candidate", "post"),
        ("kk", "PhD докторанты", "doctoral student", "post"),
        ("en", "PhD in ethnology", "doctor of philosophy in ethnology", "degree"),
        ("en", "Sc.D", "sc.d", "degree"),
        ("en", "Hon.", "honorable", "honour"),
        ("en", "Hon. Secretary", "honorary secretary", "post"),
        ("en", "deputy director on library work", "deputy director for library work", "post"),
        ("en", "chief of staff", "chief of staff", "post"),
        ("en", "head of the scientific department", "head of scientific department", "post"),
        ("ru", "ведущий библиотекарь", "leading librarian", "post"),
        ("ru", "старшего архивиста", "senior archivist", "post"),
        ("ru", "главный редактор", "editor-in-chief", "post"),
        ("ru", "и.о. заведующего отделом", "acting head of department", "post"),
        ("ru", "м.н.с.", "junior researcher", "post"),
        ("ru", "канд. техн. наук", "candidate of technical sciences", "degree"),
        ("ru", "научный консультант", "scientific consultant", "profession"),
        ("ru", "генеральный консул", "consul general", "post"),
        ("ru", "полковник", "colonel", "honour"),
        ("ru", "экскурсовод", "tour guide", "profession"),
        ("ru", "заведующая читальным залом", "head of reading room", "post"),
        ("ru", "декан филологического факультета", "dean of faculty of philology", "post"),
        ("ru", "директор департамента музеев", "director", "post"),
        ("kk", "бөлiм меңгерушiсi", "head of department", "post"),
        ("kk", "қолжазбалар бөлімінің бас архивисі", "chief archivist", "post"),
        ("kk", "Сирек кітаптар бөлімінің меңгерушісі", "head of department of rare books", "post"),
        ("kk", "техника ғылымдарының кандидаты", "candidate of technical sciences", "degree"),
        ("kk", "корректор", "proofreader", "profession"),
    ],
)
def test_role_in_our_wording(language: str, text: str, label: str, kind: str) -> None:
    role = canonical(text, language)
    assert (role.label, role.kind) == (label, kind)


@pytest.mark.parametrize(
    "wordings",
    [
        ("head of the Rare Books Department", "head of the department of rare books", "Head, Department of Rare Books"),
        ("emeritus professor of botany", "Professor Emerita of Botany", "professor of botany, emeritus"),
        ("chief of department", "head of the department", "department head"),
        ("deputy of the director", "vice-director", "Deputy Director"),
        ("Vice Rector", "vice-rector"),
        ("Col.", "Colonel"),
        ("Rev.", "Rev", "Reverend"),
        ("Acting Director", "director (acting)"),
        ("library director", "director of the library"),
    ],
)
def test_wordings_of_one_english_role_are_one(wordings: tuple[str, ...]) -> None:
    assert len({canonical(text).label for text in wordings}) == 1


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "former director"), ("en", "the late director"), ("en", "Ex-director"), ("ru", "бывшего директора"),
        ("ru", "Экс-директор"), ("kk", "бұрынғы директоры"), ("en", "director"),
    ],
)  # fmt: skip
def test_that_a_role_is_over_is_no_part_of_it(language: str, text: str) -> None:
    assert canonical(text, language).label == "director"


def test_role_id_is_a_slug_of_the_label() -> None:
    assert canonical("Deputy Director for Library Work").role_id == "deputy-director-for-library-work"
    assert canonical("директор", "ru").role_id == canonical("Director").role_id


def test_roles_of_one_kind_are_ranked_alike_in_three_languages() -> None:
    director, deputy, head = (
        {canonical(text, language).rank for language, text in each}
        for each in (
            (("en", "Director"), ("ru", "директора"), ("kk", "директоры")),
            (("en", "Deputy Director"), ("ru", "зам. директора"), ("kk", "директорының орынбасары")),
            (("en", "head of the department"), ("ru", "заведующая отделом"), ("kk", "бөлім меңгерушісі")),
        )
    )
    assert (director, deputy, head) == ({2}, {3}, {4})
    assert canonical("д.и.н.", "ru").rank < canonical("к.и.н.", "ru").rank
    assert canonical("writer").rank == 0


def test_unknown_role_keeps_its_own_words() -> None:
    assert canonical("макетчик", "ru").label == "макетчик"
    assert canonical("mustard magnate").label == "mustard magnate"


def test_no_text_is_no_role() -> None:
    assert canonical("  ") == canonical("")
    assert canonical("").role_id == ""


@given(st.text(max_size=40), st.sampled_from(["en", "ru", "kk"]))
def test_label_is_its_own_canonical_form_at_most_once_removed(text: str, language: str) -> None:
    label = canonical(text, language).label
    assert label == label.strip()
    assert canonical(f"  {text}\n", language) == canonical(text, language)
