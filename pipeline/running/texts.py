"""The raw texts of an output: those that it keeps, of every document that is not simply a text file, and the others."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.reading import TEXTS
from pipeline.records import Source


def keep(source: Source, raw: str, folder: Path) -> None:
    """Write a raw text below a folder, newlines as they stand, so that offsets hold in its decoded content."""
    path = folder / source.text_file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(raw.encode("utf-8"))


class ChangedError(ValueError):
    """The file of a document is not the one that was read."""


def raw_text(out: Path, document: Mapping[str, Any], *, unchanged: bool) -> str:
    """The raw text of a document of an output: the one that it keeps, else the content of the text file itself.

    Args:
        out: the output folder.
        document: the row of the table documents.
        unchanged: whether a text file must have the content that the run read.

    Raises:
        OSError: when the file is not there.
        ChangedError: when `unchanged` is asked for and it is another.
        LookupError, ValueError: when it cannot be read as the row says.
    """
    if document.get("text_file"):
        path = out / str(document["text_file"])
        if not path.resolve().is_relative_to(out.resolve()):
            raise ValueError(f"{document['text_file']} lies outside {out}")
        return path.read_bytes().decode("utf-8")
    data = Path(document["path"]).read_bytes()
    if unchanged and hashlib.sha256(data).hexdigest() != document["sha256"]:
        raise ChangedError(document["path"])
    return data.decode(str(document["encoding"] or "utf-8"))


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
