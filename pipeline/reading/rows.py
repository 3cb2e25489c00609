"""The readers of tables with a text in each row: csv and tsv, JSON lines, Parquet. A row is a document."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pipeline.knowledge import lines
from pipeline.reading.mending import mend
from pipeline.reading.plain import text_of
from pipeline.reading.readers import (
    HEAD,
    Context,
    Item,
    Member,
    Part,
    UnreadableError,
    missing_modules,
    signature_of,
)  # fmt: skip

#: Longer cells are refused by the csv module; a text may well be so long.
_LONGEST_CELL = 2**31 - 1
#: So many rows are looked at to find the column of the texts.
_LOOK_AT = 50
#: A text has so many words, or so many and ends as a sentence does.
_TEXT_WORDS, _SENTENCE_WORDS = 20, 6
_SENTENCE_END = re.compile(r"[.!?…][\"'»”’)]*\Z")


class _TextTable:
    """A table whose bytes are those of a text, so that only the suffix tells it."""

    suffixes: frozenset[str]

    def accepts(self, data: bytes, suffix: str) -> bool:
        """By the suffix alone."""
        return suffix in self.suffixes and signature_of(data[:HEAD]) is None

    def missing(self) -> str:
        """Nothing beyond the core is needed."""
        return ""


class CsvTable(_TextTable):
    """CSV and TSV with a header line."""

    name = "table (csv, tsv)"
    media_type = "text/csv"
    suffixes = frozenset({".csv", ".tsv"})

    def read(self, data: bytes, context: Context) -> Iterable[Item]:
        """A document a row. Raises `UnreadableError`."""
        decoded = text_of(data, context)
        mended = mend(decoded.text)
        csv.field_size_limit(_LONGEST_CELL)
        try:
            dialect: Any = csv.Sniffer().sniff(mended.text[:20_000].split("\n", 1)[0], delimiters=",;\t|")
            dialect.doublequote, dialect.quotechar, dialect.skipinitialspace = True, '"', False
        except csv.Error:
            dialect = csv.excel_tab if context.suffix == ".tsv" else csv.excel
        rows = csv.DictReader(io.StringIO(mended.text, newline=""), dialect=dialect)
        try:
            yield from _documents(enumerate(rows, 1), context, decoded.encoding, decoded.confidence, mended.note)
        except csv.Error as error:
            raise UnreadableError(f"the table is damaged after row {rows.line_num} ({error}): mend it") from None


class JsonLines(_TextTable):
    """A JSON object a line."""

    name = "JSON lines"
    media_type = "application/jsonl"
    suffixes = frozenset({".jsonl", ".ndjson"})

    def read(self, data: bytes, context: Context) -> Iterable[Item]:
        """A document a line; a line that is no object is a document that failed."""
        decoded = text_of(data, context)
        bad: list[Member] = []

        def rows() -> Iterator[tuple[int, Mapping[Any, Any]]]:
            # Not `splitlines`: a text may hold U+2028 as it stands.
            for number, line in enumerate(io.StringIO(decoded.text, newline=None), 1):
                if not line.strip():
                    continue
                try:
                    row = json.loads(line)
                    if not isinstance(row, dict):
                        raise ValueError("no object")
                except (ValueError, RecursionError) as error:
                    what = "it is nested too deeply" if isinstance(error, RecursionError) else error
                    bad.append(Member(f"line-{number}", b"", problem=f"this line is no JSON object ({what}): mend it"))
                    continue
                yield number, row

        yield from _documents(rows(), context, decoded.encoding, decoded.confidence, "")
        yield from bad


class ParquetTable:
    """Parquet, read in batches."""

    name = "Parquet"
    media_type = "application/vnd.apache.parquet"
    suffixes = frozenset({".parquet"})

    def accepts(self, data: bytes, suffix: str) -> bool:
        """Whether it begins as Parquet does."""
        return data.startswith(b"PAR1")

    def missing(self) -> str:
        """Needs pyarrow."""
        return missing_modules("tables", "pyarrow")

    def read(self, data: bytes, context: Context) -> Iterable[Item]:
        """A document a row. Raises `UnreadableError`."""
        import pyarrow
        import pyarrow.parquet

        try:
            file = pyarrow.parquet.ParquetFile(pyarrow.BufferReader(data))
            rows = (row for batch in file.iter_batches(batch_size=256) for row in batch.to_pylist())
            yield from _documents(enumerate(rows, 1), context, "", 1.0, "")
        except (pyarrow.ArrowException, OSError, ValueError, NotImplementedError) as error:
            why = " ".join(str(error).split())[:160]
            raise UnreadableError(f"the table is damaged or was cut short ({why}): write it again") from None


_Rows = Iterable[tuple[int, Mapping[Any, Any]]]


def _documents(rows: _Rows, context: Context, encoding: str, confidence: float, note: str) -> Iterator[Item]:
    """A part a row, named by its id or, without one, its number."""
    first: list[tuple[int, Mapping[Any, Any]]] = []
    source = iter(rows)
    for row in source:
        first.append(row)
        if len(first) >= _LOOK_AT:
            break
    if not first:
        return
    columns = list(dict.fromkeys(str(c) for _, row in first for c in row if c is not None))
    text = _chosen(context.options.text_column, columns, "--text-column") or _text_column(columns, first)
    identifier = _chosen(context.options.id_column, columns, "--id-column") or _named(columns, "column_id")
    title, date, address = (_named(columns, f"column_{c}") for c in ("title", "date", "address"))

    def items() -> Iterator[Item]:
        for number, row in (*first, *source):
            day = _date(_cell(row, date))
            told = {identifier, address, date if day else ""}  # what stands in columns of the document
            if text:
                told |= {text, title}
            names = [c for c in dict.fromkeys((*columns, *row)) if c is not None and c not in told]
            rest = {c: cell for c in names if (cell := " ".join(_cell(row, c).split()))}
            if beyond := " ".join(" ".join(map(str, row.get(None) or ())).split()):  # more cells than the header has
                rest["(no heading)"] = beyond
            unread = ", ".join([*rest][:12]) if text else ""
            yield Part(
                _cell(row, text) if text else ", ".join(rest.values()), encoding, confidence,
                _cell(row, identifier) or f"{number:06d}", _cell(row, title), day, _cell(row, address),
                "; ".join(filter(None, (note, unread and f"columns not read: {unread}"))),
            )  # fmt: skip

    yield from items()


def _chosen(wanted: str, columns: list[str], option: str) -> str:
    if wanted and wanted not in columns:
        raise UnreadableError(
            f"there is no column {wanted!r} (there are: {', '.join(columns[:12])}): name another with {option}"
        )
    return wanted


def _named(columns: list[str], kind: str) -> str:
    known = lines("common", kind)
    return next((c for c in columns if c.strip().lower() in known), "")


def _text_column(columns: list[str], rows: list[tuple[int, Mapping[Any, Any]]]) -> str:
    """The column that is called as texts are, else that with the longest cells if these are texts; empty if none is."""
    if named := _named(columns, "column_text"):
        return named
    longest = max(columns, key=lambda c: sum(len(_cell(row, c)) for _, row in rows), default="")
    cells = [cell for _, row in rows if (cell := _cell(row, longest).strip())]
    return longest if 2 * sum(map(_is_text, cells)) > len(cells) else ""


def _is_text(cell: str) -> bool:
    """Whether a cell is a text, and not a name, a post or the like: many words, or a sentence."""
    words = len(cell.split())
    return words >= _TEXT_WORDS or (words >= _SENTENCE_WORDS and bool(_SENTENCE_END.search(cell)))


def _cell(row: Mapping[Any, Any], column: str) -> str:
    value = row.get(column) if column else None
    return "" if value is None else value if isinstance(value, str) else str(value)


def _date(value: str) -> str:
    if dotted := re.match(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?!\d)", value):  # dots stand in days before months alone
        day, month, year = dotted.groups()
        return f"{year}-{month:0>2}-{day:0>2}"
    found = re.match(r"\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?(?=\Z|[T ])", value)
    return found.group() if found else ""


CSV_TABLE, JSON_LINES, PARQUET_TABLE = CsvTable(), JsonLines(), ParquetTable()
