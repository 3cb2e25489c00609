"""The raw texts that the output keeps: those of every document that is not simply a text file itself."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from pipeline.reading import TEXTS
from pipeline.records import Source


def keep(source: Source, raw: str, folder: Path) -> None:
    """Write a raw text below a folder, newlines as they stand, so that offsets hold in its decoded content."""
    path = folder / source.text_file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(raw.encode("utf-8"))


def count(out: Path) -> int:
    """How many files lie in the folder of texts below `out`."""
    return sum(len(files) for _, _, files in os.walk(out / TEXTS))


def put_in_place(work: Path, out: Path) -> None:
    """Put the folder of texts of a finished run in the place of the one before, or take that away."""
    old, new = out / TEXTS, work / TEXTS
    if old.is_symlink():  # never through a link that someone put there
        old.unlink()
    elif old.exists():
        os.replace(old, work / "texts-before")
        shutil.rmtree(work / "texts-before", ignore_errors=True)
    if new.exists():
        os.replace(new, old)
