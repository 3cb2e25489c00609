"""Texts and rows as HTML, which are too many for templates: they are most of the time that a reading room takes.

All that documents tell is escaped here as a template would; dates and addresses are ours, but are escaped as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from html import escape
from typing import TYPE_CHECKING

from pipeline.reporting.markup import joined
from pipeline.reporting.sources import Record, Stretch, lines_of

if TYPE_CHECKING:
    from markupsafe import Markup


def statement(
    marks: Iterable[str | None], confidence: float | None, person: str, role: str = "", institution: str = "",
    title: str | None = "",
) -> str:  # fmt: skip
    """What a document says of a role or a report, as a row of the table beside its text.

    Args:
        marks: the mentions that light up with the row.
        confidence: how sure it is, if that is known.
        person: who, as HTML; `role` and `institution` likewise.
        role: in what role.
        institution: where.
        title: the title of the report, as text.
    """
    lights, sure = " ".join(filter(None, marks)), "" if confidence is None else f"{confidence:.2f}"
    return (
        f'<tr tabindex="0" data-lights="{escape(lights)}"><td>{person}</td><td>{role}</td><td>{institution}</td>'
        f'<td>{escape(title or "")}</td><td class="number">{sure}</td></tr>\n'
    )


def inked(cut: Iterable[Stretch], page_of: Callable[[Record], str], words: Mapping[str, str]) -> Markup:
    """The raw text of a document: mentions coloured by kind and leading to their entities, furniture dimmed.

    Args:
        cut: the stretches of the text, one after another.
        page_of: the address of the entity of a mention, empty where it has none.
        words: what the interface calls the labels and the furniture.
    """
    return joined(_stretch(s, page_of, words) for s in cut)


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
