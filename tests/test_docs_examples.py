"""The worked scripts in docs/examples run on an output and print what they say."""

from __future__ import annotations

import csv
import runpy
import sys
from pathlib import Path

import pytest
from reporting_made import HOSTILE, made

EXAMPLES = Path(__file__).parent.parent / "docs" / "examples"


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("speakers_by_year", [{"year": "1999", "person_name": "Бахыт Асанова", "institution_name": "",
                               "title_normalised": HOSTILE, "event": ""}]),
        ("careers", [{"person_name": "Бахыт Асанова", "role_name": "director", "institution_name": HOSTILE,
                      "first_seen": "1998-03", "last_seen": "1998-03", "documents": "1"}]),
        ("institutions_network", []),
    ],
)  # fmt: skip
def test_example(
    name: str, rows: list[dict[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setattr(sys, "argv", [name, str(made(tmp_path))])
    runpy.run_path(str(EXAMPLES / f"{name}.py"), run_name="__main__")
    assert list(csv.DictReader(capsys.readouterr().out.splitlines())) == rows


def test_every_example_is_tested() -> None:
    assert {p.stem for p in EXAMPLES.glob("*.py")} == {"speakers_by_year", "careers", "institutions_network"}
