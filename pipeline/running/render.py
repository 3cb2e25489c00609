"""A document on the terminal: its mentions coloured by label, its affiliations and reports as tables."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import IO

from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text as Styled

from pipeline.records import LABELS, Extraction
from pipeline.running.progress import visible
from pipeline.running.single import Record, Single

#: How each label looks on a terminal.
STYLES = {
    "PERSON": "bold cyan",
    "ROLE": "green",
    "INSTITUTION": "bold yellow",
    "REPORT": "bold magenta",
    "EVENT": "magenta",
    "WORK": "blue",
    "DATE": "bright_black underline",
    "PLACE": "red",
}
_SHOWN = {
    "affiliations": ("person", "role", "institution", "confidence"),
    "reports": ("title", "person", "kind", "date", "confidence"),
}


def render(document: Single, stream: IO[str]) -> None:
    """Write a document: coloured on a terminal, else plain, with the mentions in brackets and tables of tabulators."""
    console = Console(file=stream, highlight=False)
    assert document.extraction is not None
    if console.is_terminal and not console.no_color:
        console.print(_coloured(document.extraction), soft_wrap=True)
        console.print()
        console.print(_legend())
        for name, columns in _SHOWN.items():
            console.print(_grid(name, columns, document.tables[name]))
        return
    stream.write(_bracketed(document.extraction).rstrip() + "\n")
    for name, columns in _SHOWN.items():
        stream.write(_plain(name, columns, document.tables[name]))


def _safe(raw: str) -> str:
    """The raw text, as long as it is, without anything that would steer the terminal."""
    raw = raw.replace("\r\n", " \n").replace("\r", "\n")
    return re.sub(r"[^\S \n\t]|[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]", " ", raw)


def _coloured(extraction: Extraction) -> Styled:
    text = Styled(_safe(extraction.raw))
    for furniture in extraction.furniture:
        text.stylize("dim", furniture.start, furniture.end)
    for mention in extraction.mentions:
        text.stylize(STYLES[mention.label], mention.start, mention.end)
    return text


def _legend() -> Styled:
    parts = [(label, STYLES[label]) for label in LABELS]
    return Styled("  ").join([*(Styled(label, style) for label, style in parts), Styled("furniture", "dim")])


def _grid(name: str, columns: Sequence[str], rows: Sequence[Record]) -> Grid | Styled:
    if not rows:
        return Styled(f"\nno {name}", "dim")
    grid = Grid(title=f"\n{name}", title_justify="left", title_style="bold")
    for column in columns:
        grid.add_column(column, overflow="fold", justify="right" if column == "confidence" else "left")
    for row in rows:
        grid.add_row(*(Styled(cell) for cell in _cells(columns, row)))
    return grid


def _plain(name: str, columns: Sequence[str], rows: Sequence[Record]) -> str:
    lines = [f"\n{name}: {len(rows)}", "\t".join(columns), *("\t".join(_cells(columns, row)) for row in rows)]
    return "\n".join(lines if rows else lines[:1]) + "\n"


def _cells(columns: Sequence[str], row: Record) -> list[str]:
    cells = ["" if row[c] is None else f"{row[c]:.2f}" if c == "confidence" else str(row[c]) for c in columns]
    return [visible(" ".join(cell.split())) for cell in cells]


def _bracketed(extraction: Extraction) -> str:
    raw, pieces, at = _safe(extraction.raw), [], 0
    for mention in extraction.mentions:
        pieces += [raw[at : mention.start], f"[{mention.label} {raw[mention.start : mention.end]}]"]
        at = mention.end
    return "".join([*pieces, raw[at:]])
