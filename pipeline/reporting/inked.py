"""The raw text of a document as HTML: mentions coloured by kind and leading to their entities, furniture dimmed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from html import escape
from typing import TYPE_CHECKING

from pipeline.reporting.sources import Record, Stretch, lines_of

if TYPE_CHECKING:
    from markupsafe import Markup


def inked(cut: Iterable[Stretch], page_of: Callable[[Record], str], words: Mapping[str, str]) -> Markup:
    """The text as HTML, every character of it escaped; written here since a template takes twice the time.

    Args:
        cut: the stretches of the text, one after another.
        page_of: the address of the entity of a mention, empty where it has none.
        words: what the interface calls the labels and the furniture.
    """
    from markupsafe import Markup

    return Markup("".join(_stretch(s, page_of, words) for s in cut))


def _stretch(s: Stretch, page_of: Callable[[Record], str], words: Mapping[str, str]) -> str:
    if (m := s.mention) is None:
        if not s.furniture:
            return escape(s.text)
        return f'<span class="dim" title="{escape(words["furniture"])}: {escape(s.furniture)}">{escape(s.text)}</span>'
    label, page, text = m["label"], page_of(m), escape(s.text)
    kind = label
    if "\n" in s.text:
        text = "".join(f"<span>{escape(line)}</span>{gap}" for line, gap in lines_of(s.text))
        kind += " lines"
    tag, leads = ("a", f' href="{escape(page)}"') if page else ("mark", "")
    told = f'class="{kind}" id="{escape(m["mention_id"])}"{leads} title="{escape(words[label.lower()])}"'
    return f"<{tag} {told}>{text}</{tag}>"
