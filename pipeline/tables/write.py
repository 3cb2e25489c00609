"""Rows → CSV and JSONL files, through temporary files, so that nobody ever reads half a table."""

from __future__ import annotations

import csv
import errno
import hashlib
import io
import json
from collections.abc import Callable, Iterable, Sequence
from json.encoder import encode_basestring
from pathlib import Path
from types import TracebackType
from typing import IO

from pipeline.tables.declare import DIGITS, SEPARATOR, Column, Table

#: What a cell may hold; None, an empty text and an empty list all mean unknown.
Cell = str | int | float | Sequence[str] | None
Row = Sequence[Cell]

# Line separators that JSON allows inside a text, but at which some readers would cut the line.
_BREAKS = {"\x85": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029"}
#: How many rows are turned into bytes at a time.
_BATCH = 500
#: How many bytes are copied at a time.
_COPIED = 1 << 20


class TableWriter:
    """Writes one table as CSV and JSONL into a folder, row by row; a context manager.

    A lone surrogate, which UTF-8 cannot hold, is written as its escape (`\\udcff`), which JSON reads back.
    """

    def __init__(self, table: Table, folder: Path) -> None:
        self.table = table
        self.rows = 0
        self.digests: dict[str, str] = {}
        self._paths = {suffix: folder / f"{table.name}.{suffix}" for suffix in ("csv", "jsonl")}
        self._files: dict[str, IO[bytes]] = {}
        self._hashes = {suffix: hashlib.sha256() for suffix in self._paths}
        self._csv_cells = tuple(_csv_cell(c) for c in table.columns)
        self._json_cells = tuple((json.dumps(c.name) + ": ", _json_cell(c)) for c in table.columns)
        self._waiting: list[Row] = []

    def __enter__(self) -> TableWriter:
        for suffix, path in self._paths.items():
            self._files[suffix] = path.open("wb")
        self._put("csv", ",".join(self.table.header) + "\r\n")
        return self

    def write(self, row: Row) -> None:
        """Write a row, its cells in the order of the columns."""
        self._waiting.append(row)
        if len(self._waiting) >= _BATCH:
            self._flush()

    def write_all(self, rows: Iterable[Row]) -> None:
        """Write rows."""
        for row in rows:
            self.write(row)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._flush()
        finally:
            for file in self._files.values():
                file.close()
        self.digests = {self._paths[s].name: h.hexdigest() for s, h in self._hashes.items()}

    def write_now(self, rows: Sequence[Row]) -> tuple[int, int]:
        """Write rows at once; how many bytes they take as CSV and as JSONL."""
        self._flush()
        return self._write(rows)

    def copy(self, suffix: str, source: Path, start: int, end: int) -> None:
        """Copy the bytes of rows from a file that was written like this one; their number is for the caller to add."""
        self._flush()
        with source.open("rb") as file:
            file.seek(start)
            while start < end:
                data = file.read(min(_COPIED, end - start))
                if not data:
                    raise OSError(errno.EIO, f"{source.name} is shorter than it was")
                self._hashes[suffix].update(data)
                self._files[suffix].write(data)
                start += len(data)

    def _flush(self) -> None:
        rows, self._waiting = self._waiting, []
        self._write(rows)

    def _write(self, rows: Sequence[Row]) -> tuple[int, int]:
        if not rows:
            return 0, 0
        buffer = io.StringIO(newline="")
        csv.writer(buffer, lineterminator="\r\n").writerows(
            [cell(value) for cell, value in zip(self._csv_cells, row, strict=True)] for row in rows
        )
        self.rows += len(rows)
        return self._put("csv", buffer.getvalue()), self._put("jsonl", "".join(map(self._json_line, rows)))

    def _json_line(self, row: Row) -> str:
        pairs = zip(self._json_cells, row, strict=True)
        line = "{" + ", ".join([name + cell(value) for (name, cell), value in pairs]) + "}\n"
        if not line.isascii():
            for character, escape in _BREAKS.items():
                line = line.replace(character, escape)
        return line

    def _put(self, suffix: str, text: str) -> int:
        data = text.encode("utf-8", "backslashreplace")
        self._hashes[suffix].update(data)
        self._files[suffix].write(data)
        return len(data)


def _csv_cell(column: Column) -> Callable[[Cell], str]:
    if column.kind == "number":
        return lambda value: "" if value is None else f"{value:.{DIGITS}f}"
    if column.kind == "integer":
        return lambda value: "" if value is None else str(value)
    if column.kind == "list":
        return lambda value: SEPARATOR.join(value or ())  # type: ignore[arg-type]
    return lambda value: value or ""  # type: ignore[return-value]


def _json_cell(column: Column) -> Callable[[Cell], str]:
    if column.kind in ("number", "integer"):
        cell = _csv_cell(column)
        return lambda value: cell(value) or "null"
    if column.kind == "list":
        return lambda value: json.dumps(list(value or ()), ensure_ascii=False)  # type: ignore[arg-type]
    # What json.dumps comes down to for a text, without its questions about every cell.
    return lambda value: encode_basestring(value) if value else "null"  # type: ignore[arg-type]
