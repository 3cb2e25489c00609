"""The main job: `run` over folders, `show` for one announcement."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.commands.common import (
    SOME_FAILED,
    WRONG_USAGE,
    AnyLanguage,
    Knowledge,
    Mask,
    MinConfidence,
    Model,
    leave,
    say,
    user_errors,
)
from pipeline.commands.reading_options import (
    Encoding,
    IdColumn,
    MaxDepth,
    MaxExtracted,
    MaxMembers,
    MaxMemory,
    MaxPages,
    MaxSeconds,
    MaxSize,
    Ocr,
    OcrLanguages,
    TextColumn,
    reading_options,
)  # fmt: skip
from pipeline.commands.settings import Config

if TYPE_CHECKING:
    from pipeline.running import RunResult


def run(
    ctx: typer.Context,
    inputs: Annotated[
        list[Path] | None, typer.Argument(metavar="INPUT", help="Files or folders.  [default: data/raw]")
    ] = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the tables.")] = Path("data/out"),
    config: Config = None,
    language: AnyLanguage = "auto",
    model: Model = "fast",
    knowledge: Knowledge = None,
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", "-j", min=1, help="How many processes work.  [default: the cores, as far as it pays]"),
    ] = None,
    cluster: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Have a Dask cluster do the work: a scheduler's address, or local.")
    ] = "",
    parts: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Where its workers write.  [default: in the output folder]")
    ] = "",
    min_confidence: MinConfidence = 0.0,
    max_size: MaxSize = 50.0,
    max_extracted: MaxExtracted = 500.0,
    max_members: MaxMembers = 100_000,
    max_depth: MaxDepth = 4,
    max_pages: MaxPages = 5_000,
    max_seconds: MaxSeconds = 60.0,
    max_memory: MaxMemory = 2_000.0,
    encoding: Encoding = "",
    text_column: TextColumn = "",
    id_column: IdColumn = "",
    ocr: Ocr = False,
    ocr_languages: OcrLanguages = "auto",
    max_characters: Annotated[int, typer.Option(min=1, help="Longest text that is read.")] = 2_000_000,
    learn_furniture: Annotated[bool, typer.Option(help="Mark lines that recur in the files of a folder.")] = True,
    authority: Annotated[Path | None, typer.Option(help="CSV of authority records to link to.")] = None,
    judgements: Annotated[
        Path | None, typer.Option(help="CSV of judgements.  [default: judgements.csv in the output folder]")
    ] = None,
    corrections: Annotated[
        Path | None, typer.Option(help="CSV of corrections.  [default: corrections.csv in the output folder]")
    ] = None,
    retry: Annotated[bool, typer.Option("--retry/--no-retry", help="Work again on files that failed before.")] = False,
    refresh: Annotated[
        bool, typer.Option("--refresh/--no-refresh", help="Work again on files that another version of Rollcall did.")
    ] = False,
    keep_missing: Annotated[
        bool,
        typer.Option("--keep-missing/--no-keep-missing", help="Keep the rows of files that are not there any more."),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would be done, and do nothing.")] = False,
    formats: Annotated[
        list[str] | None,
        typer.Option("--format", help="Also json, parquet, sqlite or xlsx; several with commas between them."),
    ] = None,
    excel: Annotated[
        bool, typer.Option("--excel/--no-excel", help="Also CSV for spreadsheets, which runs and converts nothing.")
    ] = False,
    mask: Mask = "",
    search: Annotated[bool, typer.Option(help="Hold texts and an index of their words in the store.")] = True,
    log: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Add what happens to a file, one event a line, as JSON.")
    ] = None,
    fail_fast: Annotated[
        bool, typer.Option("--fail-fast/--no-fail-fast", help="Stop at the first file that fails.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet/--no-quiet", "-q", help="Say nothing but what went wrong.")] = False,
) -> None:
    """Read announcements and write the tables."""
    kept = f"The tables in {out} are as they were; finished files are kept, and the same command goes on from there."
    with user_errors(kept):
        from pipeline import running
        from pipeline.running.progress import shown

        reading = reading_options(
            max_size=max_size,
            max_extracted=max_extracted,
            max_members=max_members,
            max_depth=max_depth,
            max_pages=max_pages,
            max_seconds=max_seconds,
            max_memory=max_memory,
            encoding=encoding,
            text_column=text_column,
            id_column=id_column,
            ocr=ocr,
            ocr_languages=ocr_languages,
        )
        if model != "fast" and language == "auto" and not quiet:
            from pipeline.extraction import available, encoded

            if others := [code for code in available() if code not in encoded()]:
                say(f"There is no encoder for {', '.join(others)}: texts in these languages are done by fast.")
        with shown(sys.stderr, quiet) as tell:
            result = running.run(
                inputs or ["data/raw"],
                out,
                language=language,
                model=model,
                knowledge=knowledge or [],
                cluster=cluster,
                parts=parts,
                jobs=jobs,
                progress=tell,
                min_confidence=min_confidence,
                keep_going=not fail_fast,
                max_characters=max_characters,
                reading=reading,
                learn=learn_furniture,
                authority=authority,
                judgements=judgements,
                corrections=corrections,
                formats=[*(formats or ()), *(["excel"] if excel else [])],
                mask=mask,
                retry=retry,
                refresh=refresh,
                keep_missing=keep_missing,
                dry_run=dry_run,
                search=search,
                log=log,
                sources=ctx.obj.set(),
            )
    if dry_run:
        from pipeline.running.telling import foretold

        typer.echo("\n".join(foretold(result.files, keep_missing)))
        return
    for remark in result.remarks:
        say(remark)
    for note in result.notes:
        say(note)
    if not quiet:
        typer.echo(_summary(result))
    if not result.ok:
        raise typer.Exit(SOME_FAILED)


def show(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="The announcement.")],
    as_json: Annotated[bool, typer.Option("--json", help="Write the rows of its tables as JSON.")] = False,
    config: Config = None,
    language: AnyLanguage = "auto",
    model: Model = "fast",
    min_confidence: MinConfidence = 0.0,
    encoding: Encoding = "",
    text_column: TextColumn = "",
    id_column: IdColumn = "",
    ocr: Ocr = False,
    mask: Mask = "",
) -> None:
    """Show an announcement with its mentions, affiliations and reports."""
    import json
    import os

    with user_errors(""):
        from pipeline.reading import printable
        from pipeline.running.single import single

        if not os.path.lexists(file):
            leave(f"There is no file {printable(file)}. Check the name, or run from another folder.", WRONG_USAGE)
        if file.is_dir():
            leave(f"{printable(file)} is a folder. Name one file, or use `rollcall run` for folders.", WRONG_USAGE)
        reading = reading_options(encoding=encoding, text_column=text_column, id_column=id_column, ocr=ocr)
        documents = single(file, language, min_confidence=min_confidence, reading=reading, model=model, mask=mask)
    if as_json:
        shown = [document.tables for document in documents]
        typer.echo(json.dumps(shown[0] if len(shown) == 1 else shown, ensure_ascii=True, indent=1))
    for document in documents:
        if document.source.status != "ok":
            say(f"{document.source.status}: {document.source.document_id}: {document.source.reason}")
            continue
        if document.source.reason:
            say(f"{document.source.document_id}: {document.source.reason}")
        if not as_json:
            from pipeline.running.progress import visible
            from pipeline.running.render import render

            if len(documents) > 1:  # which is which
                typer.secho(visible(f"=== {document.source.document_id} ==="), bold=True)
            render(document, sys.stdout)
            if len(documents) > 1:
                typer.echo()
    if any(document.source.status == "failed" for document in documents):
        raise typer.Exit(SOME_FAILED)


def _summary(result: RunResult) -> str:
    """What a run did, in a few lines; failures by reason, since there may be thousands."""
    from pipeline.reading import printable
    from pipeline.running.progress import duration, visible
    from pipeline.running.telling import done, failed, hidden

    counts = result.counts
    names = ("documents", "people", "institutions", "affiliations", "reports")
    one = {"documents": "document", "people": "person", "institutions": "institution",
           "affiliations": "affiliation", "reports": "report"}  # fmt: skip
    said = [f"{counts[n]:,} {one[n] if counts[n] == 1 else n}" for n in names]
    lines = [f"{', '.join(said)} in {duration(result.seconds)}", *done(result.files)]
    if result.masked is not None:
        lines.append(hidden(result.masked))
    if counts["empty"]:
        lines.append(f"{counts['empty']:,} empty")
    lines += map(visible, failed((f.document_id, f.reason) for f in result.failures))
    lines.append(f"The tables are in {printable(result.out)}.")
    return "\n".join(lines)
