"""What the tests of runs share: the tables of an output, and a folder whose files change."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def tables(out: Path) -> dict[str, bytes]:
    """The bytes of the tables in an output folder by name."""
    return {p.name: p.read_bytes() for p in out.iterdir() if p.suffix in (".csv", ".jsonl")}


def change_files(folder: Path, changes: Mapping[str, str | None]) -> None:
    """Give files these texts; a file without one goes."""
    for name, text in changes.items():
        if text is None:
            (folder / name).unlink(missing_ok=True)
        else:
            (folder / name).write_text(text)
