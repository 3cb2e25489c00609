"""The parser of person names against a table of written forms: tests/data/names.txt says what each column is."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.normalisation.names import parse

TABLE = Path(__file__).parent / "data" / "names.txt"


def rows() -> list[tuple[bool, list[str]]]:
    """(known failure, columns) of each line."""
    found = []
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            found.append((line.startswith("!"), line.removeprefix("!").replace("\\n", "\n").split("|")))
    return found


def case(failing: bool, columns: list[str]) -> object:
    marks = [pytest.mark.xfail(strict=True, reason="a known failure of the parser")] if failing else []
    return pytest.param(*columns, marks=marks, id=f"{columns[0]}-{columns[1]}".replace("\n", " "))


@pytest.mark.parametrize(
    ("language", "written", "family", "given", "patronymic", "initials", "suffix"), [case(*row) for row in rows()]
)
def test_a_written_name_is_taken_apart(
    language: str, written: str, family: str, given: str, patronymic: str, initials: str, suffix: str
) -> None:
    name = parse(written, language)
    assert (name.family, name.given, name.patronymic, name.suffix) == (family, given, patronymic, suffix)
    if initials != "*":
        assert " ".join(name.initials) == initials


def test_the_table_is_large_and_almost_all_of_it_is_read_rightly() -> None:
    table = rows()
    assert len(table) >= 400
    assert len({tuple(columns[:2]) for _, columns in table}) == len(table)
    assert sum(failing for failing, _ in table) <= 0.03 * len(table)
