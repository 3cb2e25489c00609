"""A folder of announcements → a finished output: the one public function behind `rollcall run`."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pipeline.reading import MAX_BYTES, Found, InputError, discover, printable
from pipeline.running import engine
from pipeline.running.engine import EngineMaker, Linker
from pipeline.running.output import Output, check
from pipeline.running.spool import Spool
from pipeline.running.work import MAX_CHARACTERS, Settings
from pipeline.running.workers import outcomes
from pipeline.tables import BY_NAME, TABLES, TableWriter
from pipeline.tables.rows import OF_DOCUMENTS, EntitiesLike, finish, institution_rows, person_rows, role_rows


@dataclass(frozen=True, slots=True)
class Failure:
    """A document that could not be read or worked on, and why."""

    document_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: sent after each document, then once a step (`linking`, `writing`)."""

    step: str
    done: int
    total: int
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run did. `counts` gives the rows of every table, and `ok`, `empty`, `failed` documents."""

    out: Path
    counts: Mapping[str, int]
    failures: tuple[Failure, ...]
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether no document failed."""
        return not self.failures


class StoppedError(Exception):
    """A run that was not to go on after a failure met one; nothing was written."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(f"{failure.document_id}: {failure.reason}")
        self.failure = failure


def run(
    inputs: Iterable[Path | str] | Path | str = "data/raw",
    out: Path | str = "data/out",
    *,
    language: str = "en",
    jobs: int = 1,
    progress: Callable[[Progress], None] | None = None,
    min_confidence: float = 0.0,
    keep_going: bool = True,
    max_bytes: int = MAX_BYTES,
    max_characters: int = MAX_CHARACTERS,
    make_engine: EngineMaker | None = None,
    link: Linker | None = None,
) -> RunResult:
    """Read every file below the inputs and write the tables.

    Args:
        inputs: files or folders, searched recursively.
        out: the folder for the tables; new, empty, or written by an earlier run, which is replaced.
        language: the language of the texts.
        jobs: how many processes work; the tables do not depend on it.
        progress: called after each document and at each later step.
        min_confidence: mentions and relations that are less sure are left out.
        keep_going: False stops at the first document that fails and writes nothing.
        max_bytes: larger files fail.
        max_characters: longer texts fail.
        make_engine: makes the engine for a language; a function of a module. Without it, Rollcall's own.
        link: brings the documents together. Without it, Rollcall's own.

    Raises:
        InputError: when an input does not exist or there is nothing to read.
        OutputError: when the output folder cannot be used.
        LanguageError: when there is no extraction for the language.
        StoppedError: when a document failed and `keep_going` is False.
        ValueError: when a setting is out of its range.
    """
    begun = time.monotonic()
    if jobs < 1:
        raise ValueError("jobs must be at least 1")
    if not 0 <= min_confidence <= 1:
        raise ValueError("min_confidence must be between 0 and 1")
    given = [inputs] if isinstance(inputs, (str, Path)) else list(inputs)
    settings = Settings(language, min_confidence, max_bytes, max_characters)
    check(Path(out))  # before the files are looked for: it is the cheaper thing to be told
    files = discover(given, skip=[out])
    if not files:
        names = ", ".join(map(printable, given))
        raise InputError(f"There is no file to read in {names}. Name a file or folder that holds some.")
    tell = progress or (lambda _: None)
    with Output(out) as output, ExitStack() as stack:
        stack.enter_context(output.writing())
        spool = Spool(output.work / "drafts.jsonl")
        stack.callback(spool.close)
        resolved, failures = _work(files, settings, jobs, make_engine or engine.load_engine, spool, tell, keep_going)
        tell(Progress("linking", len(spool), len(spool)))
        entities = (link or engine.link_documents)(resolved)
        tell(Progress("writing", len(spool), len(spool)))
        counts, digests = _write(spool, entities, output.work)
        output.commit(_manifest(settings, counts), digests)
    return RunResult(Path(out), MappingProxyType(counts), tuple(failures), time.monotonic() - begun)


def _work(
    files: Sequence[Found],
    settings: Settings,
    jobs: int,
    make_engine: EngineMaker,
    spool: Spool,
    tell: Callable[[Progress], None],
    keep_going: bool,
) -> tuple[list[Any], list[Failure]]:
    resolved: list[Any] = []
    failures: list[Failure] = []
    for done, outcome in enumerate(outcomes(files, settings, jobs, make_engine), 1):
        spool.add(outcome.draft)
        if outcome.resolved is not None:
            resolved.append(outcome.resolved)
        failure = None
        if outcome.source.status == "failed":
            failure = Failure(outcome.source.document_id, outcome.source.reason)
            failures.append(failure)
        tell(Progress("reading", done, max(done, len(files)), failure))
        if failure and not keep_going:
            raise StoppedError(failure)
    return resolved, failures


def _write(spool: Spool, entities: EntitiesLike, folder: Path) -> tuple[dict[str, int], dict[str, str]]:
    """Write all tables into a folder; gives their numbers of rows and the digests of the files."""
    roles: dict[str, tuple[str, str, int]] = {}
    status: Counter[str] = Counter({"ok": 0, "empty": 0, "failed": 0})
    place = BY_NAME["documents"].position("status")
    with ExitStack() as stack:
        writers = {t.name: stack.enter_context(TableWriter(t, folder)) for t in TABLES}
        for made in spool.drafts():
            finish(made, entities.entity_id)
            for name in OF_DOCUMENTS:
                writers[name].write_all(made[name])
            status.update(row[place] for row in made["documents"])
            for role_id, label, kind in made["roles"]:
                roles[role_id] = (label, kind, roles.get(role_id, ("", "", 0))[2] + 1)
        writers["people"].write_all(person_rows(entities))
        writers["institutions"].write_all(institution_rows(entities))
        writers["roles"].write_all(role_rows(roles))
    counts = {name: writer.rows for name, writer in writers.items()} | dict(status)
    return counts, {name: digest for w in writers.values() for name, digest in w.digests.items()}


def _manifest(settings: Settings, counts: Mapping[str, int]) -> dict[str, Any]:
    """What rollcall.json tells of a run: nothing that differs between two runs over the same input."""
    return {
        "version": version(),
        "settings": {
            "language": settings.language,
            "min_confidence": settings.min_confidence,
            "max_bytes": settings.max_bytes,
            "max_characters": settings.max_characters,
        },
        "counts": dict(counts),
    }


def version() -> str:
    """The version of Rollcall that is installed, or `unknown` in a checkout that is not."""
    from importlib import metadata

    try:
        return metadata.version("rollcall")
    except metadata.PackageNotFoundError:
        return "unknown"
