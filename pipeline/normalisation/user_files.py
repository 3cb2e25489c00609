"""CSV files that users keep by hand and save from a spreadsheet: read and appended to, with messages that help."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from pathlib import Path


def text_of(path: Path, called: str, error_class: type[Exception]) -> str:
    """The text of a CSV file in UTF-8, with or without a byte order mark.

    Args:
        path: the file. called: what the message calls it.
        error_class: what is raised where it cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise error_class(f"{called} {path} cannot be read ({error.strerror or error}).") from error
    except UnicodeDecodeError as error:
        raise error_class(f"{path} is not UTF-8. Save it as CSV in UTF-8.") from error


def rows_of(
    path: Path, called: str, error_class: type[Exception], header: Sequence[str], needed: Sequence[str]
) -> list[tuple[int, list[str]]]:
    """The rows of a file, each with its number and its cells in the order of `header`.

    The file may be saved by a spreadsheet: a byte order mark, semicolons and other orders of the columns are
    understood. Lines that are empty or open with `#` do not count.

    Raises:
        error_class: where the file cannot be read or lacks a column of `needed`.
    """
    lines = _counting(text_of(path, called, error_class))
    if not lines:
        return []
    rows = csv.DictReader(io.StringIO("\n".join(lines)), delimiter=_delimiter(lines[0]))
    names = [(name or "").strip() for name in rows.fieldnames or ()]
    missing = [name for name in needed if name not in names]
    if missing:
        raise error_class(
            f"{path} has no column {' and no column '.join(missing)}. Its first line must be: {','.join(header)}"
        )
    found = []
    for number, row in enumerate(rows, 2):
        cells = {(k or "").strip(): v.strip() for k, v in row.items() if isinstance(v, str)}
        found.append((number, [cells.get(name, "") for name in header]))
    return found


def append_rows(
    path: Path,
    called: str,
    error_class: type[Exception],
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
) -> None:
    """Add lines at the end of a file, which is made if it is not there; nothing else of it is touched.

    The lines are written at once and are on the disk when this returns.

    Raises:
        error_class: where the file has no column for a cell.
    """
    new = not path.exists() or not path.stat().st_size
    head, delimiter = "", ","
    names: Sequence[str] = header
    if not new:
        text = text_of(path, called, error_class)
        if lines := _counting(text):
            delimiter = _delimiter(lines[0])
            names = tuple(name.strip() for name in next(csv.reader(lines[:1], delimiter=delimiter)))
        else:
            new = True
        head = "" if text.endswith("\n") else "\n"
    lost = [n for n, *cells in zip(header, *rows, strict=True) if any(cells) and n not in names]
    if lost:
        raise error_class(f"{path} has no column {', '.join(lost)}. Add it to its first line.")
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    if new:
        writer.writerow(header)
    for row in rows:
        told = dict(zip(header, row, strict=True))
        writer.writerow([told.get(name, "") for name in names])
    with path.open("a", encoding="utf-8", newline="") as file:
        file.write(head + out.getvalue())
        file.flush()
        os.fsync(file.fileno())


def _counting(text: str) -> list[str]:
    """The lines that are neither empty nor a comment."""
    return [line for line in text.splitlines() if line.strip(" \t,;") and not line.lstrip().startswith("#")]


def _delimiter(header: str) -> str:
    return ";" if header.count(";") > header.count(",") else ","
