"""The main job: `run` over folders, `show` for one announcement."""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.commands.common import SOME_FAILED, WRONG_USAGE, Language, MinConfidence, leave, say, user_errors

if TYPE_CHECKING:
    from pipeline.running import RunResult


def run(
    inputs: Annotated[
        list[Path] | None, typer.Argument(metavar="INPUT", help="Files or folders.  [default: data/raw]")
    ] = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the tables.")] = Path("data/out"),
    language: Language = "en",
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="How many processes work.")] = 1,
    min_confidence: MinConfidence = 0.0,
    max_size: Annotated[float, typer.Option(min=0, help="Largest file that is read, in MB.")] = 50.0,
    max_characters: Annotated[int, typer.Option(min=1, help="Longest text that is read.")] = 2_000_000,
    fail_fast: Annotated[bool, typer.Option("--fail-fast", help="Stop at the first file that fails.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but what went wrong.")] = False,
) -> None:
    """Read announcements and write the tables."""
    with user_errors(f"Nothing in {out} was changed."):
        from pipeline import running
        from pipeline.running.progress import shown

        with shown(sys.stderr, quiet) as tell:
            result = running.run(
                inputs or ["data/raw"],
                out,
                language=language,
                jobs=jobs,
                progress=tell,
                min_confidence=min_confidence,
                keep_going=not fail_fast,
                max_bytes=round(max_size * 1_000_000),
                max_characters=max_characters,
            )
    if not quiet:
        typer.echo(_summary(result))
    if not result.ok:
        raise typer.Exit(SOME_FAILED)


def show(
    file: Annotated[Path, typer.Argument(help="The announcement.")],
    as_json: Annotated[bool, typer.Option("--json", help="Write the rows of its tables as JSON.")] = False,
    language: Language = "en",
    min_confidence: MinConfidence = 0.0,
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
        documents = single(file, language, min_confidence=min_confidence)
    if as_json:
        shown = [document.tables for document in documents]
        typer.echo(json.dumps(shown[0] if len(shown) == 1 else shown, ensure_ascii=True, indent=1))
    for document in documents:
        if document.source.status != "ok":
            say(f"{document.source.status}: {document.source.document_id}: {document.source.reason}")
        elif not as_json:
            from pipeline.running.render import render

            render(document, sys.stdout)
    if any(document.source.status == "failed" for document in documents):
        raise typer.Exit(SOME_FAILED)


def _summary(result: RunResult) -> str:
    """What a run did, in a few lines; failures by reason, since there may be thousands."""
    from pipeline.reading import printable
    from pipeline.running.progress import duration, visible

    counts = result.counts
    names = ("documents", "people", "institutions", "affiliations", "reports")
    one = {"documents": "document", "people": "person", "institutions": "institution",
           "affiliations": "affiliation", "reports": "report"}  # fmt: skip
    said = [f"{counts[n]:,} {one[n] if counts[n] == 1 else n}" for n in names]
    lines = [f"{', '.join(said)} in {duration(result.seconds)}"]
    if counts["empty"]:
        lines.append(f"{counts['empty']:,} empty")
    if result.failures:
        lines.append(f"{len(result.failures):,} failed:")
        by_reason: dict[str, list[str]] = defaultdict(list)
        for failure in result.failures:
            by_reason[failure.reason].append(failure.document_id)
        for reason, ids in by_reason.items():
            more = f" and {len(ids) - 3:,} more" if len(ids) > 3 else ""
            lines.append(visible(f"  {', '.join(ids[:3])}{more}: {reason}"))
    lines.append(f"The tables are in {printable(result.out)}.")
    return "\n".join(lines)
