"""A folder of announcements → a finished output: the one public function behind `rollcall run`."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from functools import cache, partial
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from types import MappingProxyType

from pipeline.cleaning import contacts
from pipeline.cleaning.families import families
from pipeline.cleaning.recurring import sealed
from pipeline.knowledge.own import use_own
from pipeline.reading import Found, InputError, ReadOptions, discover, printable
from pipeline.reading.remote import address_of, local
from pipeline.records import Source
from pipeline.running import engine
from pipeline.running.browsing import Browsing
from pipeline.running.cluster import Cluster, connected
from pipeline.running.correcting import unapplied
from pipeline.running.corrections import Corrections
from pipeline.running.engine import EngineMaker, Linker
from pipeline.running.exporting import export
from pipeline.running.increments import Plan, code_key, kept_lines, packed_lines, plan, settings_key
from pipeline.running.learning import learn_furniture
from pipeline.running.linking import corrections_for, linker
from pipeline.running.links import Links
from pipeline.running.log import Log
from pipeline.running.manifest import Stages, manifest, version, write_run
from pipeline.running.masking import CONTACTS, mask_key
from pipeline.running.memory import rare_collections
from pipeline.running.output import Output, check, check_masked, untouched
from pipeline.running.packing import Packed, Records
from pipeline.running.results import Failure, Progress, RunResult, StoppedError
from pipeline.running.store import STORE, Store, StoreError, open_store
from pipeline.running.texts import keep
from pipeline.running.work import MAX_CHARACTERS, Settings
from pipeline.running.workers import outcomes, workers_for
from pipeline.tables import check_formats, write_descriptor, write_formats
from pipeline.tables.declare import DOCUMENTS


@rare_collections()
def run(
    inputs: Iterable[Path | str] | Path | str = "data/raw",
    out: Path | str = "data/out",
    *,
    language: str = "auto",
    jobs: int | None = None,
    progress: Callable[[Progress], None] | None = None,
    min_confidence: float = 0.0,
    keep_going: bool = True,
    max_characters: int = MAX_CHARACTERS,
    reading: ReadOptions | None = None,
    learn: bool = True,
    knowledge: Iterable[Path] = (),
    authority: Path | None = None,
    judgements: Path | None = None,
    corrections: Path | None = None,
    retry: bool = False,
    refresh: bool = False,
    keep_missing: bool = False,
    dry_run: bool = False,
    formats: Iterable[str] = (),
    model: str = "fast",
    mask: str = "",
    search: bool = True,
    log: Path | None = None,
    sources: Mapping[str, str] | None = None,
    cluster: str = "",
    parts: str = "",
    make_engine: EngineMaker | None = None,
    link: Linker | None = None,
) -> RunResult:
    """Read every file below the inputs and write the tables.

    Args:
        inputs: files or folders, searched recursively.
        out: the folder for the tables; new, empty, or written by an earlier run. What is unchanged since is not done
            again, and what is not among the inputs any more is removed.
        language: the language of the texts; `auto` has it detected, text by text and stretch by stretch.
        jobs: how many processes work, by default as many as there are cores and work for; the tables do not depend
            on it.
        progress: called after each document and at each later step.
        min_confidence: mentions and relations that are less sure are left out.
        keep_going: False stops at the first document that fails and writes nothing.
        max_characters: longer texts fail.
        reading: bounds and choices of the readers.
        learn: whether lines that recur in many files of a folder are marked as furniture.
        knowledge: folders of own knowledge, laid over the files that ship for the rest of the process.
        authority: a CSV with the user's authority records, to which people and institutions are linked.
        judgements: a CSV with judgements; without it, `judgements.csv` in the output folder where there is one.
        corrections: a CSV with corrections; without it, `corrections.csv` in the output folder where there is one.
        retry: work again on files of which a document failed before.
        refresh: work again on files that another version of code, models or knowledge did, and learn furniture anew.
        keep_missing: keep what the output holds of files that are not among the inputs any more.
        dry_run: only tell, in `files` of the result, what would be done; nothing is written.
        formats: further formats of the tables: json, parquet, sqlite, xlsx, excel; CSV and JSONL are always written.
        model: which labeller: `fast`, `accurate` or `cascade` (docs/models.md).
        mask: `contacts` masks phone numbers, mail and street addresses in the texts that the output keeps and in all
            tables, with as many characters; findings stay the same, but for names that are part of a contact.
        search: whether the store holds the texts, and an index of their words and of names.
        log: a file to which what happens is added, one event a line, as JSON.
        sources: where settings come from that are not left at their defaults, by name; only told in run.json.
        cluster: a Dask scheduler whose workers do the documents, or `local` for one that is started here.
        parts: where these workers write, an address that they and this process see; what they wrote stays there. By
            default a folder in the output, which goes when all is in the store.
        make_engine: makes the engine for a language; a function of a module. Without it, Rollcall's own.
        link: brings the documents together. Without it, Rollcall's own.

    Raises:
        OwnKnowledgeError: when a folder of own knowledge cannot be used.
        InputError: when an input does not exist or there is nothing to read.
        OutputError: when the output folder cannot be used.
        LanguageError: when there is no extraction for the language.
        ModelError: when the labeller cannot be used.
        StoppedError: when a document failed and `keep_going` is False.
        WorkersError: when worker processes cannot be started, or a cluster cannot be used.
        LogError: when the log cannot be written.
        FormatError: when a format is unknown or its library not installed.
        ContactsError: when contacts are to be masked and phonenumbers is not installed.
        ValueError: when a setting is out of its range.
    """
    begun = time.monotonic()
    if jobs is not None and jobs < 1:
        raise ValueError("jobs must be at least 1")
    if not 0 <= min_confidence <= 1:
        raise ValueError("min_confidence must be between 0 and 1")
    further = check_formats(formats)
    given = [inputs] if isinstance(inputs, (str, Path)) else list(inputs)
    if mask not in ("", CONTACTS):
        raise ValueError(f"mask must be {CONTACTS!r} or empty, not {mask!r}")
    said = corrections_for(Path(out), corrections)
    settings = Settings(language, min_confidence, max_characters, reading or ReadOptions(), tuple(knowledge), mask,
                        model=model, corrections=said.all)  # fmt: skip
    own = use_own(settings.knowledge)  # the links and tables are made in this process
    check(Path(out))  # before the files are looked for: it is the cheaper thing to be told
    rules = ""
    if mask:
        contacts.check()
        rules = mask_key(mask)
        check_masked(Path(out), rules, keep_missing)
    files = discover(given, skip=[out, *([log] if log and not log.is_dir() else [])])
    if not files:
        names = ", ".join(map(printable, given))
        raise InputError(f"There is no file to read in {names}. Name a file or folder that holds some.")
    link = link or linker(Path(out), authority, judgements, rules)
    make_engine = make_engine or engine.load_engine
    tell = progress or (lambda _: None)
    if dry_run:
        return _foretold(Path(out), files, settings, own, learn, make_engine, retry, refresh, begun)
    with Output(out) as output, Log(log, output.path) as events, ExitStack() as stack:
        stack.enter_context(output.writing())
        stages = Stages(events)
        asked = {
            **manifest(settings, {}, own, learn)["settings"], "jobs": jobs, "formats": further, "authority": authority,
            "judgements": judgements, "corrections": corrections, "retry": retry, "refresh": refresh,
            "keep_missing": keep_missing, "search": search,
        }  # fmt: skip
        named = [address_of(i) or printable(os.path.abspath(local(i))) for i in given]
        told = {"inputs": named, "settings": asked, "sources": sources or {}}
        events.event("start", version=version(), process=os.getpid(), out=printable(os.path.abspath(out)), **told)
        store, remark = open_store(output.path, rules, trusted=STORE in untouched(output.path))
        stack.callback(store.close)
        if remark:
            events.event("warning", message=remark)
        if learn:
            tell(Progress("learning", 0, len(files)))
            settings = replace(settings, recurring=_furniture(store, files, settings, refresh))
        key, code = settings_key(settings, own, settings.recurring, make_engine), code_key()
        planned = plan(files, store.files(), partial(said.key, key), code, retry=retry, refresh=refresh)
        if planned.gone and not keep_missing:
            store.drop(planned.gone)
        store.stamped(planned.again)
        store.note("expected", str(len(files)))
        stages.ended("planning")
        workers = 0 if cluster else workers_for(planned.todo, jobs)
        events.event("plan", files=planned.counts, workers=workers, **({"cluster": cluster} if cluster else {}))
        replaced = partial(events.event, "worker", replaced=True)
        with ExitStack() as team:

            @cache  # only where there is something for it to do
            def workers_of_cluster() -> Cluster:
                client = team.enter_context(connected(cluster, jobs))
                return Cluster(client, parts or str(output.parts), settings, own, lambda why: replaced(reason=why))

            if cluster and planned.todo:
                keys = said.over(key), code
                made = workers_of_cluster().outcomes(planned.todo, planned.stamps, keys, make_engine)
            else:
                made = outcomes(planned.todo, settings, workers, make_engine, lambda why: replaced(reason=why))
            team.enter_context(closing(made))
            _work(made, planned, store, partial(said.key, key), code, tell, keep_going, events)
            output.without_parts()
            stages.ended("reading")
            total = len(store)
            tell(Progress("linking", total, total))
            links, before = Links(store, f"{code} {own}"), output.tables
            elsewhere = (lambda make, some: workers_of_cluster().map(make, some)) if cluster else None
            entities = link(Records(store.resolved, partial(links.last, before), elsewhere))
        stages.ended("linking")
        tell(Progress("writing", total, total))
        for document_id, text_file, raw in store.texts():
            keep(Source(document_id, "", text_file=text_file), raw, output.work)
        browsing = Browsing(store, search)
        tables = export(store, entities, families(store.signatures()), output.path, output.work, before, browsing)
        counts, masked = tables.counts, tables.masked if mask else None
        digests = tables.digests | write_descriptor(output.work) | write_formats(output.work, further)
        output.commit(manifest(settings, counts, own, learn), digests)
        links.keep(getattr(entities, "state", None), digests)
        failures = tuple(Failure(*failure) for failure in store.failures())
        doubts = [*said.notes(done.stamp.sha256 for done in store.files().values()), *_unapplied(store, said)]
        stages.ended("writing")
        unread = _unsearchable(browsing.texts({f.document_id: f.path for f in files}))
        if unread:
            events.event("warning", message=unread)
        stages.ended("indexing")
        store.settle()
        made_by = {"version": version(), "code": code}
        write_run(output.path, told, planned.counts, counts, made_by, stages, masked, [*digests, STORE])
        notes = (*(f"judgement not applied: {why}" for why in getattr(entities, "problems", ())), *doubts)
        for note in notes:
            events.event("warning", message=note)
        seconds = time.monotonic() - begun
        events.event("end", status="done", seconds=round(seconds, 3), counts=counts)
    remarks = tuple(filter(None, (remark, unread, events.problem)))
    return RunResult(Path(out), MappingProxyType(counts), failures, seconds, notes, planned.counts, remarks, masked)


def _foretold(
    out: Path, files: Sequence[Found], settings: Settings, own: str, learn: bool, make: EngineMaker,
    retry: bool, refresh: bool, begun: float,
) -> RunResult:  # fmt: skip
    """What a run would do. Nothing is written, so furniture that is yet to be learnt is taken to stay the same."""
    done = {}
    if (out / STORE).is_file():
        try:
            store = Store(out / STORE, readonly=True)
        except StoreError:
            pass  # the run itself would put it aside and begin anew
        else:
            lines = kept_lines(store.meta("furniture"), files, settings.reading) if learn and not refresh else None
            done = store.files()
            store.close()
            settings = replace(settings, recurring=lines or frozenset())
    key = settings_key(settings, own, settings.recurring, make)
    said = Corrections(settings.corrections)
    planned = plan(files, done, partial(said.key, key), code_key(), retry=retry, refresh=refresh)
    return RunResult(out, MappingProxyType({}), (), time.monotonic() - begun, files=planned.counts)


def _unapplied(store: Store, said: Corrections) -> list[str]:
    """The documents of which a correction could not be applied, each with what its note says of it."""
    column, told = DOCUMENTS.position("note"), []
    for document_id, draft in store.drafts(sorted({c.sha256 for c in said.all})):
        if why := unapplied(draft["documents"][0][column] or ""):
            told.append(f"{document_id}: {why}.")
    return told


def _unsearchable(documents: int) -> str:
    if not documents:
        return ""
    return (
        "Texts that cannot be searched in the store, since their files were changed or cannot be read any more: "
        f"{documents:,}."
    )


def _furniture(store: Store, files: Sequence[Found], settings: Settings, refresh: bool) -> frozenset[str]:
    """The furniture of the folder: what was learnt before, until the folder has grown a lot or readers change."""
    lines = None if refresh else kept_lines(store.meta("furniture"), files, settings.reading)
    if lines is None:
        lines = learn_furniture(files, settings.reading)
        if settings.mask:
            lines = sealed(lines)  # the lines of contact blocks among them are not to be read in the store
        store.note("furniture", packed_lines(lines, files, settings.reading))
    return lines


def _work(
    made: Iterable[Packed],
    planned: Plan,
    store: Store,
    settings: Callable[[str], str],
    code: str,
    tell: Callable[[Progress], None],
    keep_going: bool,
    events: Log,
) -> None:
    """Put every outcome in the store, a file at a time.

    The outcomes of a file follow each other, so that it is whole when the next one begins.
    """
    total = done = characters = size = 0
    whole = sum(stamp.size for stamp in planned.stamps.values()) or 1
    for file_id, of_file in groupby(made, key=attrgetter("file")):
        outcomes_of_file: list[Packed] = []
        for outcome in of_file:
            done += 1
            characters += outcome.characters
            outcomes_of_file.append(outcome)
            failure = None
            if outcome.source.status == "failed":
                failure = Failure(outcome.source.document_id, outcome.source.reason)
            total = max(done, len(planned.todo))
            tell(Progress("reading", done, total, failure, characters, size / whole))
            events.event(
                "document", document_id=outcome.source.document_id, status=outcome.source.status,
                reason=outcome.source.reason, characters=outcome.characters, seconds=outcome.seconds,
            )  # fmt: skip
            if failure and not keep_going:
                raise StoppedError(failure)
        stamp = planned.stamps[file_id]
        store.put(file_id, stamp, settings(stamp.sha256), code, outcomes_of_file)
        size += planned.stamps[file_id].size
    store.commit()
