"""Fixtures that tests of several modules share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from browsers import chromium
from hypothesis import settings

# The same examples every time; how long one takes is a matter of the machine, and speed is no matter of tests.
settings.register_profile("rollcall", deadline=None, derandomize=True)
settings.load_profile("rollcall")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A started browser; the test is skipped where there is none."""
    with chromium() as opened:
        yield opened
