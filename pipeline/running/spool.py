"""Drafts that wait on disk until the ids are known, so that memory does not grow with the rows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from pipeline.tables.rows import Draft


class Spool:
    """A file of drafts, written in any order and read back in the order of their ids."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._places: list[tuple[str, int]] = []
        self._file: BinaryIO = path.open("w+b")

    def add(self, made: Draft) -> None:
        """Store a draft."""
        self._places.append((made["document_id"], self._file.tell()))
        # Every character survives the escapes of JSON, lone surrogates too.
        self._file.write(json.dumps(made, separators=(",", ":")).encode("ascii") + b"\n")

    def __len__(self) -> int:
        return len(self._places)

    def drafts(self) -> Iterator[Draft]:
        """All drafts, sorted by document_id."""
        self._file.flush()
        for _, place in sorted(self._places):
            self._file.seek(place)
            yield cast(Draft, json.loads(self._file.readline()))

    def close(self) -> None:
        """Close and remove the file."""
        self._file.close()
        self._path.unlink(missing_ok=True)
