"""docs/tables.md: the tables and the joined views, told from their declarations."""

from __future__ import annotations

from pipeline.tables.declare import DIGITS, SEPARATOR, TABLES, VERSION
from pipeline.tables.views import VIEWS

_KINDS = {
    "text": "text",
    "integer": "whole number",
    "number": f"number, {DIGITS} digits after the point",
    "date": "date (EDTF)",
    "list": "list",
}


def markdown() -> str:
    """The text of docs/tables.md."""
    lines = [
        "# The tables",
        "",
        f"Version {VERSION}. A run writes every table twice: as `NAME.csv` (UTF-8, RFC 4180, a header line) and as "
        "`NAME.jsonl` (a JSON object a line).",
        "Rows are sorted by their key, so that two runs over the same input give the same bytes.",
        "",
        "- Empty (in JSON `null`) means unknown.",
        f"- Lists are joined by `{SEPARATOR}` in CSV and are arrays in JSON.",
        "- Dates are EDTF (ISO 8601-2) with the precision of the text: `1998`, `1998-03`, `2012-09-05/2012-09-07`, "
        "`XXXX-11-24` where the year is unknown.",
        "- Offsets count Unicode code points in the raw text, and `raw[start:end] == text` holds for every mention.",
        "",
        "`pipeline.read_tables(out)` gives them as pandas frames with these types; a date column has a companion "
        "`NAME_parsed` that holds the day where the date is one full day.",
    ]
    for table in TABLES:
        key = ", ".join(f"`{k}`" for k in table.key)
        lines += ["", f"## {table.name}", "", f"A row is {table.a_row_is}. Key: {key}.", ""]
        lines += ["| column | type | what it holds |", "| --- | --- | --- |"]
        for column in table.columns:
            pointer = f" → `{column.references}`" if column.references else ""
            lines.append(f"| `{column.name}` | {_KINDS[column.kind]} | {column.description}{pointer} |")
    lines += [
        "",
        "## Joined views",
        "",
        "The tables with the names behind their ids. `pipeline.read_tables(out)` gives each under its name when it is "
        "first asked for; `tables.sqlite` has them as views, and `pipeline.tables.sql(view)` is the query, for DuckDB "
        "too. They have all columns of their table, and these:",
    ]
    for view in VIEWS:
        lines += ["", f"### {view.name}", "", f"A row of `{view.table}`, {view.a_row_is}.", ""]
        lines += ["| column | type | what it holds |", "| --- | --- | --- |"]
        for column in view.columns:
            lines.append(f"| `{column.name}` | {_KINDS[column.kind]} | {column.description} |")
    return "\n".join(lines) + "\n"
