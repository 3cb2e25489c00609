"""Damaged files of every format never break reading or cleaning (`python -m tests.fuzz_reading` does so for hours)."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz_reading import damaged, findings, seeds

SEEDS = seeds()
SUFFIXES = ("", ".txt", ".html", ".docx", ".pdf", ".eml", ".csv", ".rtf")


@pytest.mark.parametrize("name", SEEDS)
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chance=st.integers(0, 2**32))
def test_fuzz_damaged_files(tmp_path: Path, name: str, chance: int) -> None:
    data = damaged(SEEDS[name], random.Random(chance))
    assert [f for f in findings(tmp_path / name, data) if not f.startswith("took")] == []


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=400), suffix=st.sampled_from(SUFFIXES))
def test_fuzz_any_bytes_under_any_suffix(tmp_path: Path, data: bytes, suffix: str) -> None:
    assert [f for f in findings(tmp_path / f"a{suffix}", data) if not f.startswith("took")] == []


def test_fuzz_good_files_have_no_findings(tmp_path: Path) -> None:
    for name, data in SEEDS.items():
        assert list(findings(tmp_path / name, data)) == []
