"""Rows → CSV and JSONL files, through temporary files, so that nobody ever reads half a table."""

from __future__ import annotations

import csv
import errno
import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice
from json.encoder import encode_basestring
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from pipeline.tables.declare import DIGITS, SEPARATOR, Column, Table

#: What a cell may hold; None, an empty text and an empty list all mean unknown.
Cell = str | int | float | Sequence[str] | None
Row = Sequence[Cell]

# Line separators that JSON allows inside a text, but at which some readers would cut the line.
_BREAKS = {"\x85": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029"}
#: How many rows are turned into bytes at a time.
_BATCH = 500
_NUMBER = f"%.{DIGITS}f"
#: How many bytes are copied at a time.
_COPIED = 1 << 20


class TableWriter:
    """Writes one table as CSV and JSONL into a folder; a context manager.

    A lone surrogate, which UTF-8 cannot hold, is written as its escape (`\\udcff`), which JSON reads back.
    """

    def __init__(self, table: Table, folder: Path) -> None:
        self.table = table
        self.rows = 0
        self.digests: dict[str, str] = {}
        self._paths = {suffix: folder / f"{table.name}.{suffix}" for suffix in ("csv", "jsonl")}
        self._files: dict[str, IO[bytes]] = {}
        self._hashes = {suffix: hashlib.sha256() for suffix in self._paths}
        self._cells = tuple(map(_cells, table.columns))
        self._object = "{" + ", ".join(json.dumps(name).replace("%", "%%") + ": %s" for name in table.header) + "}\n"

    def __enter__(self) -> TableWriter:
        for suffix, path in self._paths.items():
            self._files[suffix] = path.open("wb")
        self._put("csv", [(",".join(self.table.header) + "\r\n").encode()])
        return self

    def write(self, row: Row) -> None:
        """Write a row, its cells in the order of the columns."""
        self.write_parts([[row]])

    def write_all(self, rows: Iterable[Row]) -> None:
        """Write rows."""
        left = iter(rows)
        while some := list(islice(left, _BATCH)):
            self.write_parts([some])

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in self._files.values():
            file.close()
        self.digests = {self._paths[s].name: h.hexdigest() for s, h in self._hashes.items()}

    def write_parts(self, parts: Sequence[Sequence[Row]]) -> list[tuple[int, int]]:
        """Write the rows of several parts; how many bytes those of each part take as CSV and as JSONL."""
        rows = [row for part in parts for row in part]
        if not rows:
            return [(0, 0)] * len(parts)
        # A column at a time: what a cell is need not be asked for each.
        columns = [cells(column) for cells, column in zip(self._cells, zip(*rows, strict=True), strict=True)]
        lines: list[str] = []
        file = _Appending(lines.append)
        csv.writer(file, lineterminator="\r\n").writerows(zip(*(column for column, _ in columns), strict=True))
        objects = [self._object % cells for cells in zip(*(column for _, column in columns), strict=True)]
        self.rows += len(rows)
        ends = list(accumulate(map(len, parts)))
        places = list(zip([0, *ends], ends, strict=False))
        made = [_bytes("".join(lines[start:end])) for start, end in places]
        told = [_bytes(_unbroken("".join(objects[start:end]))) for start, end in places]
        self._put("csv", made)
        self._put("jsonl", told)
        return list(zip(map(len, made), map(len, told), strict=True))

    def copy(self, suffix: str, source: Path, start: int, end: int) -> None:
        """Copy the bytes of rows from a file that was written like this one; their number is for the caller to add."""
        with source.open("rb") as file:
            file.seek(start)
            while start < end:
                data = file.read(min(_COPIED, end - start))
                if not data:
                    raise OSError(errno.EIO, f"{source.name} is shorter than it was")
                self._put(suffix, [data])
                start += len(data)

    def _put(self, suffix: str, parts: Sequence[bytes]) -> None:
        data = parts[0] if len(parts) == 1 else b"".join(parts)
        self._hashes[suffix].update(data)
        self._files[suffix].write(data)


@dataclass(frozen=True, slots=True)
class _Appending:
    """What the csv module takes for a file: lines are appended to a list."""

    write: Callable[[str], object]


def escaped(text: str) -> str:
    """A text that UTF-8 can hold: a lone surrogate becomes its escape (`\\udcff`)."""
    return text if text.isascii() else _bytes(text).decode("utf-8")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")


def _unbroken(text: str) -> str:
    """JSON with the line separators written out."""
    if not text.isascii():
        for character, escape in _BREAKS.items():
            text = text.replace(character, escape)
    return text


#: The cells of a column as CSV and as JSON.
_Columns = tuple[Sequence[str], Sequence[str]]


def _cells(column: Column) -> Callable[[Sequence[Any]], _Columns]:
    """What makes the cells of a column."""
    made: dict[str, Callable[[Sequence[Any]], _Columns]] = {"number": _numbers, "integer": _integers, "list": _lists}
    return made.get(column.kind, _texts)


def _numbers(values: Sequence[float | None]) -> _Columns:
    cells = ["" if v is None else _NUMBER % v for v in values]
    return cells, [cell or "null" for cell in cells]


def _integers(values: Sequence[int | None]) -> _Columns:
    cells = ["" if v is None else str(v) for v in values]
    return cells, [cell or "null" for cell in cells]


def _lists(values: Sequence[Sequence[str] | None]) -> _Columns:
    cells = [SEPARATOR.join(v or ()) for v in values]
    return cells, ["[" + ", ".join(map(encode_basestring, v or ())) + "]" for v in values]


def _texts(values: Sequence[str | None]) -> _Columns:
    # The second is what json.dumps comes down to for a text, without its questions about every cell.
    return [v or "" for v in values], [encode_basestring(v) if v else "null" for v in values]
