"""What the user brings to a run: judgements, corrections, authority records, and the ids of the earlier output."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.reading import MARKER, InputError
from pipeline.running import engine
from pipeline.running.corrections import CORRECTIONS, CorrectionError, Corrections, read_corrections
from pipeline.running.engine import Linker
from pipeline.running.output import masked_so
from pipeline.running.packing import Records

if TYPE_CHECKING:
    from pipeline.normalisation import DocumentEntities

#: The judgements that lie beside the tables; a run reads them and never writes or removes them.
JUDGEMENTS = "judgements.csv"


def linker(out: Path, authority: Path | None = None, judgements: Path | None = None, mask: str = "") -> Linker:
    """The linking for a run into `out`. The files are read at once, so that what is wrong with them is told early.

    Args:
        out: the output folder; the ids of a complete earlier output in it are kept.
        authority: a file of authority records.
        judgements: a file of judgements; without it, `judgements.csv` in the output folder where there is one.
        mask: how contacts are masked; ids of an earlier output that was not masked so are not kept, since a street of
            an address may be part of one.

    Raises:
        InputError: when a file cannot be read.
    """
    from pipeline.normalisation import DocumentEntities
    from pipeline.normalisation.authority import Authority, AuthorityError, read_authority
    from pipeline.normalisation.entities import Given
    from pipeline.normalisation.judgements import JudgementError, read_judgements
    from pipeline.normalisation.local import Stream

    try:
        records = Authority(read_authority(authority)) if authority else None
        beside = out / JUDGEMENTS
        path = judgements or (beside if beside.is_file() else None)
        judged = read_judgements(path) if path else []
    except (AuthorityError, JudgementError) as error:
        raise InputError(str(error)) from error

    def linked(documents: Iterable[Any]) -> Any:
        first = next(iter(documents), None)
        if first is not None and not isinstance(first, DocumentEntities):
            return engine.link_documents(documents)  # records of another engine
        same = not mask or masked_so(out, mask)
        keep = isinstance(documents, Records) and not judged and records is None
        elsewhere = documents.elsewhere if isinstance(documents, Records) else None
        if isinstance(documents, Records):
            last = documents.last() if keep and same else None
            if last is not None:
                with suppress(UnicodeEncodeError):  # a lone surrogate, which cannot be packed
                    return engine.link_again(last)
            documents = Stream(documents.__iter__)
        earlier = (lambda: _Earlier(out)) if same else None
        return engine.link_documents(documents, Given(judged, records, earlier=earlier), keep, elsewhere)

    return linked


def corrections_for(out: Path, corrections: Path | None = None) -> Corrections:
    """The corrections for a run into `out`: those of a file, else of `corrections.csv` there, where there is one.

    Raises:
        InputError: when the file cannot be read.
    """
    beside = out / CORRECTIONS
    path = corrections or (beside if beside.is_file() else None)
    try:
        return Corrections(read_corrections(path) if path else ())
    except CorrectionError as error:
        raise InputError(str(error)) from error


class _Earlier:
    """The ids that people and institutions have in the output there is, asked for document by document in order.

    A mention counts only where the same text still stands at its place, so that another input in the same folder
    inherits nothing.
    """

    def __init__(self, out: Path) -> None:
        known = (out / MARKER).is_file() and (out / "mentions.csv").is_file()
        self._rows = groupby(_rows(out / "mentions.csv"), key=itemgetter(0)) if known else iter(())
        self._next = next(self._rows, None)

    def __call__(self, document: DocumentEntities) -> tuple[dict[int, str], dict[int, str]]:
        from pipeline.normalisation.identifiers import ids_before

        # Both are sorted by document.
        while self._next is not None and self._next[0] < document.document_id:
            self._next = next(self._rows, None)
        if self._next is None or self._next[0] != document.document_id:
            return {}, {}
        at = {int(start): (entity, text) for _, start, text, entity in self._next[1]}
        return ids_before(document.people, at), ids_before(document.institutions, at)


def _rows(path: Path) -> Iterator[tuple[str, str, str, str]]:
    """(document_id, start, text, entity_id) of the people and institutions in a table of mentions."""
    csv.field_size_limit(10**9)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file)
        header = next(rows, [])
        wanted = ("label", "document_id", "start", "text", "entity_id")
        if not set(wanted) <= set(header):
            return
        label, document, start, text, entity = map(header.index, wanted)
        for row in rows:
            if row[label] in ("PERSON", "INSTITUTION") and row[entity]:
                yield row[document], row[start], row[text], row[entity]
