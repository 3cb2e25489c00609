"""Fixtures that tests of several modules share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from browsers import chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A started browser; the test is skipped where there is none."""
    with chromium() as opened:
        yield opened
