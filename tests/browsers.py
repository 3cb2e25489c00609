"""A real browser for the tests of pages: Chromium of the system, else that of playwright; a clear skip without one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest


@contextmanager
def chromium() -> Iterator[Any]:
    """A started browser."""
    playwright = pytest.importorskip("playwright.sync_api", reason="no playwright: pip install playwright")
    with playwright.sync_playwright() as started:
        path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
        if path is None and not Path(started.chromium.executable_path).exists():
            pytest.skip("no browser is installed: apt-get install chromium, or playwright install chromium")
        opened = started.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield opened
        finally:
            opened.close()


class Watched:
    """A page whose console, errors and requests are kept, to be shown to be quiet."""

    def __init__(self, browser: Any, own: tuple[str, ...], **context: Any) -> None:
        self.page = browser.new_context(**context).new_page()
        self.told: list[str] = []
        self.page.on("console", lambda message: self.told.append(message.text))
        self.page.on("pageerror", lambda error: self.told.append(str(error)))
        allowed = (*own, "data:", "blob:")
        self.page.on("request", lambda asked: None if asked.url.startswith(allowed) else self.told.append(asked.url))
