"""Rows and links as HTML, for what is too much for templates."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markupsafe import Markup


def joined(rows: Iterable[str]) -> Markup:
    """Rows of HTML one after another, for a template to take as they are."""
    from markupsafe import Markup

    return Markup("".join(rows))


def linked(page: str, words: str | None) -> str:
    """Words as HTML, as a link where there is a page."""
    shown = escape(words or "")
    return f'<a href="{escape(page)}">{shown}</a>' if page else shown
