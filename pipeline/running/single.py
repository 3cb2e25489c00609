"""One file → what Rollcall finds in it: behind `rollcall show`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.cleaning.contacts import check
from pipeline.reading import Found, ReadOptions
from pipeline.records import Extraction, Source
from pipeline.running import engine
from pipeline.running.engine import EngineMaker, Linker
from pipeline.running.masking import Masked, hide
from pipeline.running.work import Outcome, Settings, Worker
from pipeline.tables import BY_NAME
from pipeline.tables.declare import INSTITUTIONS, PEOPLE
from pipeline.tables.rows import OF_DOCUMENTS, EntitiesLike, entity_rows, finish, ids_of

#: A row with the names of its columns.
Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Single:
    """One document on its own: its extraction and its rows by table. `extraction` is None where it failed."""

    source: Source
    extraction: Extraction | None
    tables: dict[str, list[Record]]


def single(
    path: Path | str,
    language: str = "auto",
    *,
    min_confidence: float = 0.0,
    reading: ReadOptions | None = None,
    model: str = "fast",
    mask: str = "",
    make_engine: EngineMaker | None = None,
    link: Linker | None = None,
) -> list[Single]:
    """What one file says: the rows that a run over this file alone would write, one item for each document in it.

    Raises:
        LanguageError: when there is no extraction for the language.
        ModelError: when the labeller cannot be used.
        ContactsError: when contacts are to be masked and phonenumbers is not installed.
    """
    if mask:
        check()
    path = Path(path)
    settings = Settings(language, min_confidence, reading=reading or ReadOptions(), mask=mask, model=model)
    worker = _Keeping(settings, make_engine or engine.load_engine)
    try:
        outcomes = list(worker.process([Found(path, path.name)]))
    finally:
        worker.close()
    entities = (link or engine.link_documents)([o.resolved for o in outcomes if o.resolved is not None])
    return [Single(o.source, worker.kept.get(o.source.document_id), _records(o, entities)) for o in outcomes]


class _Keeping(Worker):
    """A worker that keeps the extractions, which a run has no more use for."""

    def __init__(self, settings: Settings, make_engine: EngineMaker) -> None:
        super().__init__(settings, make_engine)
        self.kept: dict[str, Extraction] = {}

    def drafted(self, source: Source, extraction: Extraction, mask: Masked | None = None) -> Outcome:
        self.kept[source.document_id] = hide(extraction, mask) if mask else extraction
        return super().drafted(source, extraction, mask)


def _records(outcome: Outcome, entities: EntitiesLike) -> dict[str, list[Record]]:
    made = finish(outcome.draft, ids_of(outcome.draft, entities))
    rows: dict[str, Sequence[Sequence[Any]]] = {name: made[name] for name in OF_DOCUMENTS}
    rows["people"] = list(entity_rows(PEOPLE, entities.people))
    rows["institutions"] = list(entity_rows(INSTITUTIONS, entities.institutions))
    return {
        name: [dict(zip(BY_NAME[name].header, _unknown(row), strict=True)) for row in found]
        for name, found in rows.items()
    }


def _unknown(row: Sequence[Any]) -> list[Any]:
    """Unknown is null, as in the JSONL tables."""
    return [None if cell == "" else list(cell) if isinstance(cell, tuple) else cell for cell in row]
