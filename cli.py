"""The commands: each a thin shell over one public function. Imports wait until a command needs them."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from pipeline.running import RunResult

app = typer.Typer(
    name="rollcall",
    help="Turns a folder of announcements into linked tables of people, roles, institutions and reports.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
    rich_markup_mode=None,
)

#: Exit codes.
SOME_FAILED, WRONG_USAGE, INTERRUPTED = 1, 2, 130
#: Exit code of `evaluate` when a figure is below its floor.
GATE_CLOSED = 1

Language = Annotated[str, typer.Option("--language", "-l", help="Language of the texts.")]
MinConfidence = Annotated[
    float, typer.Option(min=0, max=1, help="Leave out mentions and relations that are less sure than this.")
]


def _version(wanted: bool) -> None:
    if wanted:
        from pipeline.running import version

        typer.echo(f"rollcall {version()}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and leave.")
    ] = False,
) -> None:
    """Turns a folder of announcements into linked tables of people, roles, institutions and reports."""


@app.command()
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
    with _user_errors(f"Nothing in {out} was changed."):
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


@app.command()
def show(
    file: Annotated[Path, typer.Argument(help="The announcement.")],
    as_json: Annotated[bool, typer.Option("--json", help="Write the rows of its tables as JSON.")] = False,
    language: Language = "en",
    min_confidence: MinConfidence = 0.0,
) -> None:
    """Show an announcement with its mentions, affiliations and reports."""
    import json
    import os

    with _user_errors(""):
        from pipeline.reading import printable
        from pipeline.running.single import single

        if not os.path.lexists(file):
            _leave(f"There is no file {printable(file)}. Check the name, or run from another folder.", WRONG_USAGE)
        if file.is_dir():
            _leave(f"{printable(file)} is a folder. Name one file, or use `rollcall run` for folders.", WRONG_USAGE)
        documents = single(file, language, min_confidence=min_confidence)
    if as_json:
        shown = [document.tables for document in documents]
        typer.echo(json.dumps(shown[0] if len(shown) == 1 else shown, ensure_ascii=True, indent=1))
    for document in documents:
        if document.source.status != "ok":
            _say(f"{document.source.status}: {document.source.document_id}: {document.source.reason}")
        elif not as_json:
            from pipeline.running.render import render

            render(document, sys.stdout)
    if any(document.source.status == "failed" for document in documents):
        raise typer.Exit(SOME_FAILED)


@app.command()
def train(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the models.")],
    language: Language = "en",
    data: Annotated[Path, typer.Option(help="The tagged corpus, a folder a language.")] = Path("data/training"),
    add: Annotated[list[Path] | None, typer.Option(help="Further tagged files or folders of your own.")] = None,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="How many processes work.")] = 2,
    force: Annotated[bool, typer.Option("--force", help="Overwrite models that are there.")] = False,
) -> None:
    """Train the models of a language on tagged announcements."""
    with _training_errors():
        from pipeline.training.report import table
        from pipeline.training.tasks import train as train_models

        scores = train_models(data, language, out, more=add or [], jobs=jobs, force=force, tell=_say)
    typer.echo(table(scores))


@app.command()
def evaluate(
    language: Language = "en",
    data: Annotated[Path, typer.Option(help="The tagged corpus, a folder a language.")] = Path("data/training"),
    folds: Annotated[int, typer.Option(min=2, help="How many parts the files are divided into.")] = 5,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="How many processes work.")] = 2,
    match: Annotated[str, typer.Option(help="Score only files whose names match this pattern.")] = "*",
    errors: Annotated[int, typer.Option(min=0, help="Show the errors by cause, with so many examples of each.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Write the figures as JSON.")] = False,
    gate: Annotated[Path | None, typer.Option(help="Check the floors in this file.")] = None,
    set_floors: Annotated[bool, typer.Option("--set-floors", help="Pin the floors of the gate instead.")] = False,
    allow_lower: Annotated[bool, typer.Option("--allow-lower", help="Let --set-floors lower a floor.")] = False,
) -> None:
    """Cross-validate by file: every document is extracted by models that never saw it."""
    import json

    if (set_floors or allow_lower) and gate is None:
        _leave("--set-floors and --allow-lower need a gate file: name it with --gate.", WRONG_USAGE)
    with _training_errors():
        from pipeline.training import report
        from pipeline.training.tasks import evaluate as cross_validate

        done = cross_validate(
            data,
            language,
            folds=folds,
            jobs=jobs,
            match=match,
            gate=gate,
            pin=set_floors,
            allow_lower=allow_lower,
            tell=_say,
        )
    if as_json:
        figures = {"figures": done.scores.figures(), "errors": report.counts_by_cause(done.scores.errors)}
        typer.echo(json.dumps(figures, indent=1))
    else:
        typer.echo(f"{report.table(done.scores)}\n\n{report.reliability_table(done.scores)}")
        if errors:
            typer.echo(f"\n{report.grouped_errors(done.scores.errors, errors)}")
    for failure in done.failures:
        _say(failure)
    if done.failures:
        raise typer.Exit(GATE_CLOSED)


@app.command()
def benchmark(
    data: Annotated[Path, typer.Option(help="Tagged files whose texts are taken.")] = Path("data/training/en"),
    copies: Annotated[int, typer.Option(min=1, help="How often each text is taken.")] = 4,
    peer: Annotated[bool, typer.Option(help="Time en_core_web_sm's NER on the same texts.")] = True,
) -> None:
    """Time a run, start to tables, beside en_core_web_sm's NER alone over the same texts."""
    with _training_errors():
        from pipeline.running.benchmark import benchmark as time_both
        from pipeline.training.corpus import read_folder

        done = time_both([document.text for document in read_folder(data)], copies, peer)
    typer.echo(f"{done.documents:,} documents, {done.characters:,} characters, {done.tokens:,} tokens")
    for name, timing in (("rollcall run --jobs 1", done.rollcall), ("en_core_web_sm NER", done.peer)):
        if timing:
            typer.echo(
                f"{name:22}{timing.seconds:8.1f} s {done.tokens / timing.seconds:10,.0f} tokens/s"
                f"{timing.first_row:7.1f} s to the first{timing.peak_mb:7.0f} MB"
            )
    if done.ratio:
        typer.echo(f"Rollcall is {done.ratio:.1f} times as fast.")


@contextmanager
def _training_errors() -> Iterator[None]:
    """The same for the commands that train and measure."""
    try:
        from pipeline.running.benchmark import BenchmarkError
        from pipeline.training.corpus import CorpusError
        from pipeline.training.gate import GateError

        try:
            yield
        except (CorpusError, GateError, BenchmarkError, FileExistsError, OSError, ValueError) as error:
            _leave(str(error), WRONG_USAGE)
        except ModuleNotFoundError as error:
            _leave(f'{error.name} is not installed: pip install "rollcall[train]".', WRONG_USAGE)
    except KeyboardInterrupt:
        _leave("Interrupted.", INTERRUPTED)


@contextmanager
def _user_errors(when_stopped: str) -> Iterator[None]:
    """Turn what a user can mend into a message and an exit code; anything else is a bug and shows as one."""
    try:
        from pipeline.reading import InputError
        from pipeline.running import LanguageError, OutputError, StoppedError

        try:
            yield
        except (InputError, OutputError, LanguageError) as error:
            _leave(str(error), WRONG_USAGE)
        except StoppedError as error:
            _leave(f"Stopped at the first failure. {when_stopped}".strip(), SOME_FAILED, cause=error)
    except KeyboardInterrupt:
        _leave(f"Interrupted. {when_stopped}".strip(), INTERRUPTED)


def _leave(message: str, code: int, cause: Exception | None = None) -> NoReturn:
    _say(message)
    raise typer.Exit(code) from cause


def _say(message: str) -> None:
    from pipeline.running.progress import visible

    typer.echo(f"rollcall: {visible(message)}", err=True)


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


if __name__ == "__main__":
    app()
