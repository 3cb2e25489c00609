"""The linking of a run with what the user brings: judgements, authority records, and the ids of the earlier output."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.reading import MARKER, InputError
from pipeline.running import engine
from pipeline.running.engine import Linker

if TYPE_CHECKING:
    from pipeline.normalisation import DocumentEntities

#: The judgements that lie beside the tables; a run reads them and never writes or removes them.
JUDGEMENTS = "judgements.csv"


def linker(out: Path, authority: Path | None = None, judgements: Path | None = None) -> Linker:
    """The linking for a run into `out`. The files are read at once, so that what is wrong with them is told early.

    Args:
        out: the output folder; the ids of a complete earlier output in it are kept.
        authority: a file of authority records.
        judgements: a file of judgements; without it, `judgements.csv` in the output folder where there is one.

    Raises:
        InputError: when a file cannot be read.
    """
    from pipeline.normalisation import DocumentEntities
    from pipeline.normalisation.authority import Authority, AuthorityError, read_authority
    from pipeline.normalisation.entities import Given
    from pipeline.normalisation.judgements import JudgementError, read_judgements

    try:
        records = Authority(read_authority(authority)) if authority else None
        beside = out / JUDGEMENTS
        path = judgements or (beside if beside.is_file() else None)
        judged = read_judgements(path) if path else []
    except (AuthorityError, JudgementError) as error:
        raise InputError(str(error)) from error

    def linked(documents: Iterable[Any]) -> Any:
        known = list(documents)
        if not all(isinstance(document, DocumentEntities) for document in known):
            return engine.link_documents(known)  # records of another engine
        people, institutions = _earlier(out, known)
        return engine.link_documents(known, Given(judged, records, people, institutions))

    return linked


def _earlier(out: Path, documents: Iterable[DocumentEntities]) -> tuple[dict[str, str], dict[str, str]]:
    """The ids that people and institutions had in the output there is: `DOCUMENT:START` → id.

    A mention counts only where the same text still stands at its place, so that another input in the same folder
    inherits nothing.
    """
    people: dict[str, str] = {}
    institutions: dict[str, str] = {}
    if not (out / MARKER).is_file() or not (out / "mentions.csv").is_file():
        return people, institutions
    rows: dict[str, tuple[str, str]] = {}
    for row in _rows(out / "mentions.csv"):
        if row.get("label") in ("PERSON", "INSTITUTION") and row.get("entity_id"):
            rows[f"{row['document_id']}:{row['start']}"] = (row["entity_id"], " ".join(row["text"].split()))
    for document in documents:
        for found, bodies in ((people, document.people), (institutions, document.institutions)):
            for body in bodies:
                for start, text in zip(body.starts, body.texts, strict=True):
                    place = f"{document.document_id}:{start}"
                    if place in rows and rows[place][1] == " ".join(text.split()):
                        found[place] = rows[place][0]
    return people, institutions


def _rows(path: Path) -> Iterator[dict[str, str]]:
    csv.field_size_limit(10**9)
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)
