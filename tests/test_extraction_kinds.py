"""What kind of report, event or date a mention is."""

from __future__ import annotations

import pytest

from pipeline.extraction.kinds import tells_a_day


@pytest.mark.parametrize(
    ("text", "language", "tells"),
    [
        ("12 May 2016", "en", True),
        ("May 2016", "en", True),
        ("Monday , the 5th", "en", True),
        ("11.30.2018", "en", True),
        ("1861", "en", False),
        ("1861 - 1865", "en", False),
        ("1940 s", "en", False),
        ("20 апреля", "ru", True),
        ("в апреле 2003 года", "ru", True),
        ("1940-х годов", "ru", False),
        ("2016 жылғы қарашада", "kk", True),
        ("2016 жылы", "kk", False),
    ],
)
def test_a_date_that_tells_more_than_a_year(text: str, language: str, tells: bool) -> None:
    assert tells_a_day(text.split(), language) is tells
