"""Tables in further formats: Parquet, SQLite, Excel, one nested JSON, and CSV for spreadsheets; made from the JSONL."""

from __future__ import annotations

import csv
import datetime
import hashlib
import json
import re
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pipeline.tables.declare import DIGITS, SEPARATOR, TABLES, Column, Table
from pipeline.tables.read import damaged
from pipeline.tables.views import VIEWS, sql
from pipeline.tables.write import escaped

Record = dict[str, Any]

#: What a spreadsheet can hold.
SHEET_ROWS, SHEET_CELL = 1_048_575, 32_767
#: The widest column of a workbook, in characters; what is longer is cut by the next cell, not by us.
SHEET_WIDEST = 48
#: A cell that begins so could run as a formula (OWASP, CSV Injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# What a spreadsheet turns into another number (`0017`, 20 digits), into a day (`1998-03`, `1/2`, `14 October 2016`) or
# into a truth value. A year and a full day it understands as they are.
_MONTHS = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    "nov(?:ember)?|dec(?:ember)?|янв(?:ар[ья])?|фев(?:рал[ья])?|марта?|мар|апр(?:ел[ья])?|ма[йя]|июн[ья]?|июл[ья]?|"
    "авг(?:уста?)?|сен(?:тябр[ья])?|окт(?:ябр[ья])?|ноя(?:бр[ья])?|дек(?:абр[ья])?"
)
_CONVERTED = re.compile(
    rf"\s*(?:\d[\d\s.,:/\\-]*(?:e\d+|[ap]\.?m\.?|%)?|[\d\s.,/-]*(?:{_MONTHS})\.?[\d\s.,/-]*\d[\d\s.,/-]*(?:г\.?)?"
    rf"|\d[\d\s.,/-]*(?:{_MONTHS})\.?|true|false)\s*",
    re.IGNORECASE,
)
_UNDERSTOOD = re.compile(r"[1-9]\d{0,14}|[1-9]\d{3}-\d\d-\d\d(?:/\d{4}-\d\d-\d\d)?")
_BATCH = 10_000
_SQL = {"integer": "INTEGER", "number": "REAL"}


class FormatError(Exception):
    """A format cannot be written; the message says what to do."""


def check_formats(names: str | Iterable[str]) -> list[str]:
    """The formats asked for, each once, without those that every run writes.

    Args:
        names: formats, each on its own or several with commas between them (`json,parquet`).

    Raises:
        FormatError: for a name that is none, or a format whose library is not installed.
    """
    given = [names] if isinstance(names, str) else names
    names = [name.strip() for listed in given for name in listed.split(",")]
    for name in names:
        if name not in ("csv", "jsonl", *FORMATS):
            raise FormatError(f"{name!r} is no format. Choose from csv, jsonl, {', '.join(FORMATS)}.")
        needed = {"parquet": "pyarrow", "xlsx": "xlsxwriter"}.get(name, "json")
        if find_spec(needed) is None:
            raise FormatError(f"The format {name} needs {needed}. Install it with `pip install rollcall[tables]`.")
    return [name for name in FORMATS if name in names]


def write_formats(folder: Path, formats: list[str]) -> dict[str, str]:
    """Write formats beside the JSONL files in a folder; gives the SHA-256 of each file written."""
    files = [path for name in formats for path in FORMATS[name](folder)]
    return {path.name: _digest(path) for path in files}


def records(folder: Path, table: Table) -> Iterator[Record]:
    """The rows of a table from its JSONL file; a lone surrogate becomes its escape, as in CSV."""
    header = list(table.header)
    with (folder / f"{table.name}.jsonl").open(encoding="utf-8", newline="\n") as lines:
        for number, line in enumerate(lines, 1):
            try:
                row = json.loads(line)
            except ValueError as error:
                raise damaged(Path(lines.name), number, error) from None
            if "\\ud" in line or list(row) != header:
                row = {name: _clean(row.get(name)) for name in header}
            yield row


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return escaped(value)
    return [_clean(v) for v in value] if isinstance(value, list) else value


def _flat(column: Column, value: Any) -> Any:
    return SEPARATOR.join(value or ()) or None if column.kind == "list" else value


def documents(folder: Path, tables: Collection[str] = ()) -> Iterator[Record]:
    """Each document with the rows that it owns inside, by table: those of all such tables, or of the named ones."""
    owned = [t for t in TABLES if "document_id" in t.key and t.name != "documents" and (not tables or t.name in tables)]
    streams = {t.name: _grouped(folder, t) for t in owned}
    waiting = {name: next(stream, None) for name, stream in streams.items()}
    for document in records(folder, TABLES[0]):
        # A table may lack a document, and all are sorted by it.
        for name, stream in streams.items():
            group = waiting[name]
            rows: list[Record] = []
            if group and group[0] == document["document_id"]:
                rows = group[1]
                waiting[name] = next(stream, None)
            document[name] = rows  # in the place of their number, where the table of documents has that
        yield document


def _json(folder: Path) -> list[Path]:
    """`tables.json`: each document with the rows it owns inside, then the tables over all documents."""
    path = folder / "tables.json"
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write('{"documents": [')
        for number, document in enumerate(documents(folder)):
            file.write((",\n" if number else "\n") + json.dumps(document, ensure_ascii=False))
        file.write("\n]")
        for table in (t for t in TABLES if "document_id" not in t.key):
            file.write(f',\n"{table.name}": [')
            for number, row in enumerate(records(folder, table)):
                file.write((",\n" if number else "\n") + json.dumps(row, ensure_ascii=False))
            file.write("\n]")
        file.write("}\n")
    return [path]


def _grouped(folder: Path, table: Table) -> Iterator[tuple[str, list[Record]]]:
    rows: list[Record] = []
    for row in records(folder, table):
        if rows and rows[0]["document_id"] != row["document_id"]:
            yield rows[0]["document_id"], rows
            rows = []
        rows.append(row)
    if rows:
        yield rows[0]["document_id"], rows


def _parquet(folder: Path) -> list[Path]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {"integer": pa.int64(), "number": pa.float64(), "list": pa.list_(pa.string())}
    paths = []
    for table in TABLES:
        schema = pa.schema(
            [
                pa.field(c.name, kinds.get(c.kind, pa.string()), metadata={"description": c.description})
                for c in table.columns
            ]
        )
        path = folder / f"{table.name}.parquet"
        with pq.ParquetWriter(path, schema, compression="zstd") as writer:
            for batch in _batches(records(folder, table)):
                writer.write_table(pa.Table.from_pylist(batch, schema=schema))
        paths.append(path)
    return paths


def _batches(rows: Iterator[Record]) -> Iterator[list[Record]]:
    batch: list[Record] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _sqlite(folder: Path) -> list[Path]:
    """`tables.sqlite`: typed tables with primary keys, an index for each pointer, and the joined views."""
    path = folder / "tables.sqlite"
    path.unlink(missing_ok=True)
    base = sqlite3.connect(path)
    try:
        for table in TABLES:
            columns = ", ".join(f'"{c.name}" {_SQL.get(c.kind, "TEXT")}' for c in table.columns)
            keys = ", ".join(f'"{k}"' for k in table.key)
            base.execute(f'CREATE TABLE "{table.name}" ({columns}, PRIMARY KEY ({keys}))')
            marks = ", ".join("?" * len(table.columns))
            base.executemany(
                f'INSERT INTO "{table.name}" VALUES ({marks})',
                ([_flat(c, row[c.name]) for c in table.columns] for row in records(folder, table)),
            )
            for column in table.columns:
                if column.references and column.name not in table.key[:1]:
                    base.execute(f'CREATE INDEX "{table.name}_{column.name}" ON "{table.name}" ("{column.name}")')
        for view in VIEWS:
            base.execute(f"CREATE VIEW {view.name} AS {sql(view)}")
        base.commit()
    finally:
        base.close()
    return [path]


def _xlsx(folder: Path) -> list[Path]:
    """`tables.xlsx`: a sheet a table; a longer table goes on in the next, a cut cell is told in `notes`.

    The head row stays in sight and filters; a column is as wide as what it holds, up to `SHEET_WIDEST`.
    """
    import xlsxwriter

    path = folder / "tables.xlsx"
    safe = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(str(path), {**safe, "constant_memory": True})
    # A fixed time: the same input gives the same bytes.
    book.set_properties({"title": "Rollcall", "created": datetime.datetime(2000, 1, 1)})
    bold, notes = book.add_format({"bold": True}), []
    for table in TABLES:
        sheet, line, part = None, SHEET_ROWS, 0
        widths = [0] * len(table.columns)
        for row in _with_start(records(folder, table)):
            if line >= SHEET_ROWS:
                part += 1
                _sheet_done(sheet, line, widths)
                sheet = book.add_worksheet(table.name if part == 1 else f"{table.name} {part}")
                sheet.freeze_panes(1, 0)
                sheet.write_row(0, 0, table.header, bold)
                line, widths = 0, [len(name) + 3 for name in table.header]  # with room for the button of the filter
            if row is None or sheet is None:
                continue
            line += 1
            for place, column in enumerate(table.columns):
                value = _flat(column, row[column.name])
                if isinstance(value, str):
                    if len(value) > SHEET_CELL:
                        key = ", ".join(str(row[k]) for k in table.key)
                        notes.append(f"{table.name}, {key}: {column.name} was cut to {SHEET_CELL} characters")
                    sheet.write_string(line, place, value[:SHEET_CELL])
                    widths[place] = max(widths[place], len(value))
                elif value is not None:
                    sheet.write_number(line, place, value)
        _sheet_done(sheet, line, widths)
    if notes:
        sheet = book.add_worksheet("notes")
        sheet.set_column(0, 0, 2 * SHEET_WIDEST)
        for line, note in enumerate(notes):
            sheet.write_string(line, 0, note[:SHEET_CELL])
    book.close()
    return [path]


def _sheet_done(sheet: Any, last: int, widths: list[int]) -> None:
    """The widths of the columns and the filter of a sheet, of which the last row is known now; nothing for no sheet."""
    if sheet is not None:
        for place, width in enumerate(widths):
            sheet.set_column(place, place, min(width + 1, SHEET_WIDEST))
        sheet.autofilter(0, 0, last, len(widths) - 1)


def _with_start(rows: Iterator[Record]) -> Iterator[Record | None]:
    """Rows after a None, so that a table without rows has a sheet too."""
    yield None
    yield from rows


def _excel(folder: Path) -> list[Path]:
    """`NAME.excel.csv`: with a byte order mark, and an apostrophe before a text that would run or be converted."""
    paths = []
    for table in TABLES:
        path = folder / f"{table.name}.excel.csv"
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(table.header)
            for row in records(folder, table):
                writer.writerow([_defused(c, _flat(c, row[c.name])) for c in table.columns])
        paths.append(path)
    return paths


def _defused(column: Column, value: Any) -> str:
    if isinstance(value, str):
        converted = _CONVERTED.fullmatch(value) and not _UNDERSTOOD.fullmatch(value)
        return f"'{value}" if converted or value.startswith(_FORMULA) else value
    if value is None:
        return ""
    return f"{value:.{DIGITS}f}" if column.kind == "number" else str(value)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


#: What each further format is written by.
FORMATS: dict[str, Callable[[Path], list[Path]]] = {
    "json": _json, "parquet": _parquet, "sqlite": _sqlite, "xlsx": _xlsx, "excel": _excel,
}  # fmt: skip
