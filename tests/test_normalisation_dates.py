"""Dates to EDTF with the precision of the text, and the date of a document."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.normalisation.dates import completed, document_date, edtf
from pipeline.records import Extraction, Mention


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "24 November 1998", "1998-11-24"),
        ("en", "November 24, 1998", "1998-11-24"),
        ("en", "November 24", "XXXX-11-24"),
        ("en", "24th of November", "XXXX-11-24"),
        ("en", "March 1998", "1998-03"),
        ("en", "1998", "1998"),
        ("en", "May", "XXXX-05"),
        ("en", "Winter 2018-19", "2018-24"),
        ("en", "winter 2018 - spring 2019", "2018-24/2019-21"),
        ("en", "8/13/73", "1973-08-13"),
        ("en", "13/8/1973", "1973-08-13"),
        ("en", "13.08.1973", "1973-08-13"),
        ("en", "1973-08-13", "1973-08-13"),
        ("en", "Sept. 5, '73", "1973-09-05"),
        ("en", "September 5-7, 2012", "2012-09-05/2012-09-07"),
        ("en", "from 8th to 9th October", "XXXX-10-08/XXXX-10-09"),
        ("en", "28 August – 2 September 1973", "1973-08-28/1973-09-02"),
        ("en", "25 December 1998 - 3 January 1999", "1998-12-25/1999-01-03"),
        ("en", "autumn 1998", "1998-23"),
        ("en", "21st", "XXXX-XX-21"),
        ("en", "11.iii.76", "1976-03-11"),
        ("en", "the 1990s", "199X"),
        ("en", "1998-2001", "1998/2001"),
        ("en", "1998/99", "1998/1999"),
        ("en", "October\n 5, 2011", "2011-10-05"),
        ("ru", "24 ноября 1998", "1998-11-24"),
        ("ru", "24 ноября 1998 года", "1998-11-24"),
        ("ru", "14 и 15 ноября 2018", "2018-11-14/2018-11-15"),
        ("ru", "в марте 1998", "1998-03"),
        ("ru", "05-07.09.2012", "2012-09-05/2012-09-07"),
        ("ru", "1990-е годы", "199X"),
        ("kk", "1998 жылғы 24 қараша", "1998-11-24"),
        ("kk", "24 қараша", "XXXX-11-24"),
        ("kk", "4 мамырда", "XXXX-05-04"),
        ("kk", "2025 жылдың қыркүйегінде", "2025-09"),
        ("kk", "2010 жылдың мамыр айында", "2010-05"),
        ("ru", "пятого июня 2009 года", "2009-06-05"),
        ("ru", "двадцать третьего июня 2009 года", "2009-06-23"),
        ("ru", "5/VI-2009", "2009-06-05"),
        ("en", "Novernber 6, 1969", "1969-11-06"),
        ("en", "0ctober 14, 1958", "1958-10-14"),
        ("en", "5 June 2O09", "2009-06-05"),
        ("ru", "0ктябрь 2009", "2009-10"),
    ],
)
def test_date_keeps_the_precision_of_the_text(language: str, text: str, expected: str) -> None:
    assert edtf(text, language) == expected


@pytest.mark.parametrize(
    "text", ["", "today", "February 30, 1999", "32 March 1998", "the director", "99/99/99", "5:30"]
)
def test_what_is_no_date_gives_nothing(text: str) -> None:
    assert edtf(text) == ""


@given(st.text(max_size=30))
def test_any_text_gives_a_date_or_nothing(text: str) -> None:
    assert set(edtf(text)) <= set("0123456789X-/")


@given(
    st.lists(
        st.sampled_from(["winter", "spring", "May", "осенью", "мая", "5", "31", "2014", "1999", "-", "to", ","]),
        max_size=8,
    ),
    st.sampled_from(["en", "ru", "kk"]),
)
def test_any_words_of_dates_give_a_date_or_nothing(words: list[str], language: str) -> None:
    assert set(edtf(" ".join(words), language)) <= set("0123456789X-/")


@given(st.dates(), st.sampled_from(["%d.%m.%Y", "%m/%d/%Y", "%Y-%m-%d", "%d %B %Y", "%B %d, %Y"]))
def test_full_dates_come_back(date: object, style: str) -> None:
    import datetime

    assert isinstance(date, datetime.date)
    if 1000 <= date.year < 2100:
        assert edtf(date.strftime(style)) == date.isoformat()


def extraction(raw: str, *dates: str) -> Extraction:
    mentions = [Mention("DATE", raw.index(d), raw.index(d) + len(d), d) for d in dates]
    return Extraction(raw, "en", tuple(sorted(mentions, key=lambda m: m.start)))


def test_document_date_is_the_dateline_and_not_the_date_of_what_is_told() -> None:
    raw = "ALMATY, March 3, 1998 -- On June 5, 1997 the library opened a hall for children and their parents."
    assert document_date(extraction(raw, "March 3, 1998", "June 5, 1997")) == "1998-03-03"


def test_document_date_may_stand_alone_on_a_line() -> None:
    assert document_date(
        extraction("27.05.2016\n\nTWO UNIVERSITIES\n\nOn May 25 a seminar was held.", "27.05.2016")
    ) == ("2016-05-27")


def test_document_date_follows_a_word_that_says_so() -> None:
    assert (
        document_date(extraction("FOR RELEASE: June 12, 1961\nThe Commission said today", "June 12, 1961"))
        == "1961-06-12"
    )


@pytest.mark.parametrize(
    ("raw", "date", "expected"),
    [
        ("DUSHANBE, 21.09.2016. In connection with the Day of the city", "21.09.2016", "2016-09-21"),
        ("Phone 7-0000, Ext. 214            Oct. 17, 1955\n", "Oct. 17, 1955", "1955-10-17"),
        ("News for staff | University Libraries | November 2009\n", "November 2009", "2009-11"),
    ],
)
def test_document_date_in_a_dateline_or_a_column(raw: str, date: str, expected: str) -> None:
    assert document_date(extraction(raw, date)) == expected


@pytest.mark.parametrize(
    ("head", "dates", "expected"),
    [
        ("5-6 October 2017\n\nPROGRAMME\n\n6 October\n", ("5-6 October 2017", "6 October\n"), "2017-10-06"),
        ("NEWSLETTER No. 3, 2011\n\n14 March\n", ("2011", "14 March"), "2011-03-14?"),
        ("14 March\n\nOf 2011\n", ("14 March", "2011"), "XXXX-03-14"),
    ],
)
def test_document_date_takes_its_year_from_above(head: str, dates: tuple[str, ...], expected: str) -> None:
    raw = head + "\nThe library received its readers in a new hall and told them of its plans for the year.\n"
    assert document_date(extraction(raw, *dates)) == expected


@pytest.mark.parametrize(
    ("head", "dates", "expected"),
    [
        ("SPRING SCHOOL\n5-6 October 2017\n", ("5-6 October 2017",), "2017-10-05/2017-10-06"),
        ("SPRING SCHOOL\n5-6 October 2017\n3 May 2017\n", ("5-6 October 2017", "3 May 2017"), "2017-05-03"),
        ("SPRING SCHOOL\n5-6 October\n", ("5-6 October",), ""),
    ],
)
def test_the_days_of_a_programme_are_its_date_where_it_has_no_other(
    head: str, dates: tuple[str, ...], expected: str
) -> None:
    raw = head + "\nThe library received its readers in a new hall and told them of its plans for the year.\n"
    assert document_date(extraction(raw, *dates)) == expected


def test_document_date_is_empty_where_only_the_prose_has_dates() -> None:
    raw = "The society was founded on June 5, 1897 by a group of teachers who met at the school every week."
    assert document_date(extraction(raw, "June 5, 1897")) == ""


@pytest.mark.parametrize(
    ("date", "release", "told"),
    [
        ("XXXX-11-24", "2006-11-26", "2006-11-24?"),
        ("XXXX-12-20", "2014-01-05", "2013-12-20?"),
        ("XXXX-01-15", "2013-12-20", "2014-01-15?"),
        ("XXXX-05", "2020-02-17", "2020-05?"),
        ("XXXX-09-05/XXXX-09-07", "2012-08", "2012-09-05?/2012-09-07?"),
        ("2005-11-24", "2006-11-26", "2005-11-24"),
        ("XXXX-11-24", "", "XXXX-11-24"),
        ("XXXX-11-24", "2006", "XXXX-11-24"),
        ("XXXX-XX-24", "2006-11-26", "XXXX-XX-24"),
        ("", "2006-11-26", ""),
    ],
)
def test_a_year_is_taken_from_the_release_date_with_a_mark(date: str, release: str, told: str) -> None:
    assert completed(date, release) == told
