"""An output folder → typed pandas frames: ids stay text, whole numbers whole, dates as written plus parsed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.reading import MARKER, printable
from pipeline.tables.declare import BY_NAME, TABLES, VERSION, Column, Table
from pipeline.tables.views import VIEWS_BY_NAME, frame

if TYPE_CHECKING:
    import pandas as pd

_FULL_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")


class TablesError(Exception):
    """A folder does not hold tables that can be read; the message says what to do."""


class Tables(dict[str, "pd.DataFrame"]):
    """The tables by name; a joined view (`reports_named` …) is made, and kept, when it is first asked for."""

    def __missing__(self, name: str) -> pd.DataFrame:
        if name not in VIEWS_BY_NAME:
            raise KeyError(f"there is no table or view {name!r}; there are {', '.join([*BY_NAME, *VIEWS_BY_NAME])}")
        self[name] = frame(VIEWS_BY_NAME[name], self)
        return self[name]


def read_tables(out: Path | str = "data/out") -> Tables:
    """The tables of a finished run, by name, and on request the views that join them (docs/tables.md lists both).

    Text is pandas `string`, whole numbers `Int64`, numbers `float64`, lists are tuples. A date column stays as written;
    its companion `NAME_parsed` is a day (`datetime64[s]`) where the date is one full day, else missing.

    Raises:
        TablesError: for a folder without tables, of an unfinished run, or of another version.
    """
    folder = Path(out)
    check_output(folder)
    return Tables({table.name: _frame(table, folder / f"{table.name}.jsonl") for table in TABLES})


def check_output(folder: Path) -> None:
    """Raise a TablesError unless a folder holds the finished tables of a run of this version."""
    name = printable(folder)
    if not folder.is_dir():
        raise TablesError(f"There is no folder {name}. Write tables with `rollcall run --out {name}` first.")
    try:
        manifest = json.loads((folder / MARKER).read_text(encoding="utf-8"))
        version, complete = manifest["tables"], manifest["complete"]
    except FileNotFoundError:
        raise TablesError(
            f"{name} holds no tables of Rollcall (no {MARKER}). Name the folder that `rollcall run --out` wrote."
        ) from None
    except (ValueError, KeyError, TypeError) as error:
        raise TablesError(f"{name}/{MARKER} is damaged. Run `rollcall run --out {name}` again.") from error
    if not complete:
        raise TablesError(f"The run into {name} did not finish. Run `rollcall run --out {name}` again.")
    if version != VERSION:
        raise TablesError(
            f"{name} holds tables of version {version}; this Rollcall reads version {VERSION}. "
            f"Run `rollcall run --out {name}` again."
        )
    missing = [f"{t.name}.jsonl" for t in TABLES if not (folder / f"{t.name}.jsonl").is_file()]
    if missing:
        raise TablesError(f"{name} lacks {', '.join(missing)}. Run `rollcall run --out {name}` again.")


def damaged(path: Path, line: int, error: ValueError) -> TablesError:
    """What is said of a line that cannot be read."""
    return TablesError(f"{printable(path)} is damaged at line {line}: {error}. Run again.")


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    # Only a newline ends a line: the texts may hold other separators.
    with path.open(encoding="utf-8", newline="\n") as lines:
        for number, line in enumerate(lines, 1):
            try:
                yield json.loads(line)
            except ValueError as error:
                raise damaged(path, number, error) from None


def _frame(table: Table, path: Path) -> pd.DataFrame:
    import pandas as pd

    columns: dict[str, list[Any]] = {name: [] for name in table.header}
    for row in _lines(path):
        for name, values in columns.items():
            values.append(row.get(name))
    data: dict[str, Any] = {}
    for column in table.columns:
        data[column.name] = _series(column, columns[column.name])
        if column.kind == "date":
            data[f"{column.name}_parsed"] = _days(columns[column.name])
    return pd.DataFrame(data)


def _series(column: Column, values: list[Any]) -> pd.Series[Any]:
    import pandas as pd

    if column.kind == "integer":
        return pd.Series(values, dtype="Int64")
    if column.kind == "number":
        return pd.Series([float("nan") if v is None else v for v in values], dtype="float64")
    if column.kind == "list":
        return pd.Series([tuple(v or ()) for v in values], dtype=object)
    # Stored as Python objects whatever else is installed: Arrow cannot hold a lone surrogate.
    return pd.Series(values, dtype=pd.StringDtype("python"))


def _days(values: list[str | None]) -> pd.Series[Any]:
    import numpy as np
    import pandas as pd

    days = np.full(len(values), np.datetime64("NaT", "s"), dtype="datetime64[s]")
    for i, value in enumerate(values):
        if value and _FULL_DAY.match(value):
            with suppress(ValueError):  # a day that no calendar has
                days[i] = np.datetime64(value, "s")
    return pd.Series(days)
