"""One batch of files → outcomes: read, extract, resolve, draft. A bad document costs itself, never its batch."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pipeline.cleaning import recurring
from pipeline.cleaning.families import signature
from pipeline.knowledge.own import use_own
from pipeline.reading import Document, Found, Guard, ReadOptions
from pipeline.records import Extraction, Mention, Source
from pipeline.running.confidence import only_confident
from pipeline.running.correcting import corrected
from pipeline.running.corrections import Correction, Corrections, part_of
from pipeline.running.engine import Engine, EngineMaker
from pipeline.running.masking import Masked, Masker, hide, without_contacts
from pipeline.tables.declare import DOCUMENTS
from pipeline.tables.rows import Draft, RoleLike, draft, draft_without_text

#: The longest text that is read as one document, in characters, unless the user sets another limit. Memory and time
#: grow with it.
MAX_CHARACTERS = 2_000_000
#: A batch is full with so many documents, or so many characters.
BATCH_DOCUMENTS = 64
BATCH_CHARACTERS = 100000
_BATCH_BYTES = 400_000
_LENGTH = DOCUMENTS.position("characters")


@dataclass(frozen=True, slots=True)
class Settings:
    """What bears on the result of a document."""

    language: str = "auto"
    min_confidence: float = 0.0
    max_characters: int = MAX_CHARACTERS
    reading: ReadOptions = field(default_factory=ReadOptions)
    knowledge: tuple[Path, ...] = ()
    mask: str = ""  # `contacts`, or empty
    recurring: frozenset[str] = frozenset()  # lines that are furniture in this folder, learnt before the run
    model: str = "fast"  # which labeller: fast, accurate or cascade
    corrections: tuple[Correction, ...] = ()  # what people said of documents, whether they are in this run or not

    @property
    def known_language(self) -> str:
        """The language that the user named; empty where it is to be detected."""
        return "" if self.language == "auto" else self.language


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one document: its rows and, where it was read, the records for the linking.

    `raw` is the raw text where the output keeps it (`source.text_file`), else empty; `signature` is its MinHash;
    `file` the document_id of the file that holds it; `seconds` are those of its reading and of its part of the work
    on its batch, by characters.
    """

    source: Source
    draft: Draft
    resolved: Any = None
    raw: str = ""
    signature: bytes = b""
    file: str = ""
    seconds: float = 0.0

    @property
    def characters(self) -> int:
        """The length of its text; 0 where it was not read."""
        return int(self.draft["documents"][0][_LENGTH] or 0)


@dataclass(frozen=True, slots=True)
class _Read:
    """A document that was read from a file in so many seconds, `mask` where its contacts are to be masked."""

    document: Document
    mask: Masked | None
    file: str
    seconds: float


class Worker:
    """An engine and its settings; the same in the main process and in every worker process."""

    def __init__(self, settings: Settings, make_engine: EngineMaker, beat: Callable[[], None] = lambda: None) -> None:
        """Load what the work needs. `beat` is called when a document was read, to show that it goes on."""
        self.settings = settings
        self.beat = beat
        use_own(settings.knowledge)  # first, since tables that are made of the files are kept
        self.engine: Engine = make_engine(settings.language, settings.model)
        self.guard = Guard(settings.reading)
        self.corrections = Corrections(settings.corrections)
        recurring.use(settings.recurring)

    def close(self) -> None:
        """End the reader's process and forget what was learnt of this folder."""
        self.guard.close()
        recurring.use()

    # The three methods that the rows ask for.
    def normalised(self, mention: Mention, language: str) -> str:
        """The wording of a mention."""
        return self.engine.normalised(mention, language)

    def role(self, text: str, language: str) -> RoleLike:
        """The role that a text names."""
        return self.engine.role(text, language)

    def date(self, extraction: Extraction, source_date: str) -> str:
        """The date of a document."""
        return self.engine.date(extraction, source_date)

    def process(self, batch: Iterable[Found]) -> Iterator[Outcome]:
        """The outcomes of these files, in order, as they come."""
        waiting: list[_Read] = []
        characters = 0
        for found in batch:
            masker = Masker(found.document_id)
            begun = time.perf_counter()
            for document in self._read(found):
                mask = masker.document(document.source, document.raw) if self.settings.mask else None
                self.beat()
                waiting.append(_Read(document, mask, found.document_id, time.perf_counter() - begun))
                characters += len(document.raw)
                if len(waiting) >= BATCH_DOCUMENTS or characters > BATCH_CHARACTERS:
                    yield from self._timed(waiting)
                    waiting, characters = [], 0
                begun = time.perf_counter()
        yield from self._timed(waiting)

    def _timed(self, read: Sequence[_Read]) -> Iterator[Outcome]:
        """The outcomes of documents with the time that they took."""
        begun = time.perf_counter()
        made = list(self._outcomes(read))
        each = (time.perf_counter() - begun) / max(1, sum(len(r.document.raw) for r in read))
        for outcome, r in zip(made, read, strict=True):
            yield replace(outcome, file=r.file, seconds=round(r.seconds + each * len(r.document.raw), 4))

    def _read(self, found: Found) -> Iterator[Document]:
        if found.problem:
            yield Document(failed_source(found, found.problem))
            return
        for document in self.guard.read_found(found):
            yield self._bounded(document)

    def _bounded(self, document: Document) -> Document:
        limit = self.settings.max_characters
        if len(document.raw) <= limit or document.source.status != "ok":
            return document
        reason = (
            f"the text has {len(document.raw):,} characters, more than the limit of {limit:,} for one document: "
            "split the file, or raise the limit with --max-characters"
        )
        return replace(document, source=replace(document.source, status="failed", reason=reason, text_file=""))

    def _outcomes(self, read: Sequence[_Read]) -> Iterator[Outcome]:
        texts = [r.document.raw for r in read if r.document.source.status == "ok"]
        extractions = self._extractions(texts)
        for r in read:
            # Only the extraction sees what is to be masked.
            source, raw = (r.mask.source, r.mask.raw) if r.mask else (r.document.source, r.document.raw)
            counts = r.mask.counts if r.mask else None
            if source.status != "ok":
                characters = len(raw) if raw or source.status == "empty" else None
                yield Outcome(source, draft_without_text(source, self.settings.known_language, characters, counts))
                continue
            extraction = next(extractions)
            if isinstance(extraction, Exception):
                yield self._failed(source, extraction, counts)
                continue
            try:
                made = self.drafted(*self._corrected(source, extraction), r.mask)
                yield replace(made, raw=raw if source.text_file else "", signature=signature(raw))
            except Exception as error:
                yield self._failed(source, error, counts)

    def _corrected(self, source: Source, extraction: Extraction) -> tuple[Source, Extraction]:
        """The extraction as far as it is sure enough and after corrections; the source notes what did not fit."""
        held = self.corrections.of(source.sha256, part_of(source.document_id, source.path))
        made, problems = corrected(only_confident(extraction, self.settings.min_confidence), held.verdicts)
        if problems:
            if self.settings.mask:
                problems = list(map(without_contacts, problems))  # they quote the text
            source = replace(source, note="; ".join(filter(None, (source.note, *problems))))
        return source, made

    def drafted(self, source: Source, extraction: Extraction, mask: Masked | None = None) -> Outcome:
        """The outcome of a document that was read, `mask` where its contacts are masked."""
        shown = hide(extraction, mask) if mask else extraction
        if shown.note:
            source = replace(source, reason=shown.note)
        rows = draft(source, shown, self, seen=extraction, masked=mask.counts if mask else None)
        return Outcome(source, rows, self.engine.resolve(shown, source.document_id, source.source_date))

    def _extractions(self, texts: Sequence[str]) -> Iterator[Extraction | Exception]:
        """One result a text. When the batch breaks, what is left of it is tried text by text."""
        done = 0
        try:
            for extraction in self.engine.extract_many(texts):
                yield extraction
                done += 1
        except Exception:
            for text in texts[done:]:
                yield self._alone(text)
        else:
            for _ in texts[done:]:
                yield RuntimeError("the extraction gave no result")

    def _alone(self, text: str) -> Extraction | Exception:
        try:
            return next(iter(self.engine.extract_many([text])))
        except StopIteration:
            return RuntimeError("the extraction gave no result")
        except Exception as error:
            return error

    def _failed(self, source: Source, error: Exception, masked: dict[str, int] | None) -> Outcome:
        what = " ".join(f"{type(error).__name__}: {error}".split())
        reason = f"the extraction broke on this text ({what}): please report it as a bug, with the file"
        if self.settings.mask:
            reason = without_contacts(reason)
        failed = replace(source, status="failed", reason=reason, text_file="")
        return Outcome(failed, draft_without_text(failed, self.settings.known_language, masked=masked))


def failed_source(found: Found, reason: str) -> Source:
    """The source of a file that could not even be opened."""
    from pipeline.reading import printable

    return Source(found.document_id, printable(found.path), status="failed", reason=reason)


def batches(files: Sequence[Found]) -> Iterator[list[Found]]:
    """Files in batches of so many files or bytes: small ones first, so that the first rows come soon.

    A batch is handed over, and done again when its worker dies, as a whole; and all its rows are in memory at once.
    """
    most, batch, size = 1, list[Found](), 0
    for found in files:
        batch.append(found)
        size += _size(found)
        if len(batch) == most or size > _BATCH_BYTES:
            yield batch
            most, batch, size = min(most * 2, BATCH_DOCUMENTS), [], 0
    if batch:
        yield batch


def _size(found: Found) -> int:
    try:
        return found.size or os.stat(found.path).st_size
    except OSError:
        return 0  # reading it will say why
