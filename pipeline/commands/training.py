"""Training and measuring: `train`, `evaluate`, `benchmark`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.common import INTERRUPTED, WRONG_USAGE, Knowledge, Language, leave, say

#: Libraries that only the fine-tuning of an encoder needs.
ENCODER_TRAINING = ("torch", "onnx", "onnxruntime", "safetensors", "tokenizers")
#: Exit code of `evaluate` when a figure is below its floor.
GATE_CLOSED = 1


def train(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the models.")],
    language: Language = "en",
    data: Annotated[Path, typer.Option(help="The tagged corpus, a folder a language.")] = Path("data/training"),
    add: Annotated[list[Path] | None, typer.Option(help="Further tagged files or folders of your own.")] = None,
    knowledge: Knowledge = None,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="How many processes work.")] = 2,
    force: Annotated[bool, typer.Option("--force", help="Overwrite models that are there.")] = False,
    encoder: Annotated[
        str, typer.Option(metavar="NAME", help="Fine-tune an encoder instead: minilm (for English) or e5.")
    ] = "",
    sharing: Annotated[
        list[str] | None, typer.Option("--with", metavar="LANGUAGE", help="A further language for the same encoder.")
    ] = None,
) -> None:
    """Train the models of a language on tagged announcements."""
    if encoder:
        _train_encoder(encoder, [language, *(sharing or ())], data, add or [], out, jobs, force)
        return
    if sharing:
        leave("--with names a further language for an encoder: name that with --encoder.", WRONG_USAGE)
    with training_errors():
        from pipeline.training.report import table
        from pipeline.training.tasks import train as train_models

        more, own = add or [], knowledge or []
        scores = train_models(data, language, out, more=more, jobs=jobs, force=force, knowledge=own, tell=say)
    typer.echo(table(scores))


def _train_encoder(
    encoder: str, languages: list[str], data: Path, more: list[Path], out: Path, jobs: int, force: bool
) -> None:
    """Fine-tune an encoder and write it."""
    with training_errors():
        from pipeline.training.report import models_table
        from pipeline.training.tasks import tagged_files

        if (out / f"encoder-{encoder}").exists() and not force:
            leave(f"{out} already holds this encoder. Name another folder, or overwrite it with --force.", WRONG_USAGE)
        paths = {language: tagged_files(data, language, more) for language in languages}
        from pipeline.training.encoder.tasks import train_encoder  # last: without torch it cannot be

        scores = train_encoder(paths, encoder, out, jobs=jobs, tell=say)
    typer.echo(models_table(scores))


def evaluate(
    language: Language = "en",
    data: Annotated[Path, typer.Option(help="The tagged corpus, a folder a language.")] = Path("data/training"),
    folds: Annotated[
        int | None,
        typer.Option(min=2, help="How many parts the files are divided into.  [default: 5, or those of --gate]"),
    ] = None,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="How many processes work.")] = 2,
    every: Annotated[int, typer.Option(min=1, help="Learn from every so manieth file only: a learning curve.")] = 1,
    match: Annotated[str, typer.Option(help="Score only files whose names match this pattern.")] = "*",
    errors: Annotated[int, typer.Option(min=0, help="Show the errors by cause, with so many examples of each.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Write the figures as JSON.")] = False,
    peers: Annotated[bool, typer.Option("--peers", help="Compare with another program on the same files.")] = False,
    gate: Annotated[Path | None, typer.Option(help="Check the floors in this file.")] = None,
    set_floors: Annotated[bool, typer.Option("--set-floors", help="Pin the floors of the gate instead.")] = False,
    allow_lower: Annotated[bool, typer.Option("--allow-lower", help="Let --set-floors lower a floor.")] = False,
) -> None:
    """Cross-validate by file: every document is extracted by models that never saw it."""
    import json

    if (set_floors or allow_lower) and gate is None:
        leave("--set-floors and --allow-lower need a gate file: name it with --gate.", WRONG_USAGE)
    if every > 1 and gate is not None:
        leave("The floors of a gate are those of all files: leave --every out.", WRONG_USAGE)
    with training_errors():
        from pipeline.training import report
        from pipeline.training.tasks import evaluate as cross_validate
        from pipeline.training.tasks import tagged_files

        if peers:
            from pipeline.training.peers import compare, started
            from pipeline.training.peers import table as peer_table

            peer, find = started(language)  # before the long work, so that what is missing is told at once
        done = cross_validate(
            data,
            language,
            folds=folds,
            jobs=jobs,
            every=every,
            match=match,
            gate=gate,
            pin=set_floors,
            allow_lower=allow_lower,
            tell=say,
        )
        if peers:
            compared = compare(tagged_files(data, language), language, done.scores, match, peer, find)
    if as_json:
        figures = {"figures": done.scores.figures(), "errors": report.counts_by_cause(done.scores.errors)}
        if peers:
            figures["peer"] = {
                "name": compared.peer.name, "figures": compared.theirs.figures(),
                "tokens_per_second": round(compared.their_speed),
                "rollcall_tokens_per_second": round(compared.our_speed),
            }  # fmt: skip
        typer.echo(json.dumps(figures, indent=1))
    else:
        typer.echo(f"{report.table(done.scores)}\n\n{report.reliability_table(done.scores)}")
        if peers:
            typer.echo(f"\n{peer_table(compared)}")
        if errors:
            typer.echo(f"\n{report.grouped_errors(done.scores.errors, errors)}")
    for failure in done.failures:
        say(failure)
    if done.failures:
        raise typer.Exit(GATE_CLOSED)


def benchmark(
    data: Annotated[Path, typer.Option(help="Tagged files whose texts are taken.")] = Path("data/training/en"),
    copies: Annotated[int, typer.Option(min=1, help="How often each text is taken.")] = 1,
    peer: Annotated[bool, typer.Option(help="Time en_core_web_sm's NER on the same texts.")] = True,
    stages: Annotated[bool, typer.Option("--stages", help="Tell stage by stage where the time goes instead.")] = False,
) -> None:
    """Time a run, start to tables, beside en_core_web_sm's NER alone over the same texts."""
    with training_errors():
        from pipeline.running.benchmark import benchmark as time_both
        from pipeline.training.corpus import read_folder

        if stages:
            from pipeline.running.stage_times import report, stage_times

            documents = read_folder(data)
            timed = stage_times([document.text for document in documents], documents[0].language)
            typer.echo(report(timed))
            return
        done = time_both([document.text for document in read_folder(data)], copies, peer)
    typer.echo(f"{done.documents:,} documents, {done.characters:,} characters, {done.tokens:,} tokens")
    for name, timing in (("rollcall run --jobs 1", done.rollcall), ("en_core_web_sm NER", done.peer)):
        if timing:
            typer.echo(
                f"{name:22}{timing.seconds:8.1f} s {done.tokens / timing.seconds:10,.0f} tokens/s"
                f"{timing.first_row:7.1f} s to the first{timing.peak_mb:7.0f} MB"
            )
    typer.echo(f"Reading and cleaning alone take {done.rollcall.reading:.1f} s, {done.reading_share:.0%} of the run.")
    if done.ratio:
        typer.echo(f"Rollcall is {done.ratio:.1f} times as fast.")


@contextmanager
def training_errors() -> Iterator[None]:
    """The same for the commands that train and measure."""
    try:
        from pipeline.running.benchmark import BenchmarkError
        from pipeline.training.corpus import CorpusError
        from pipeline.training.gate import GateError

        try:
            yield
        except (CorpusError, GateError, BenchmarkError, FileExistsError, OSError, ValueError) as error:
            leave(str(error), WRONG_USAGE)
        except ModuleNotFoundError as error:
            extra = "encoder-train" if error.name in ENCODER_TRAINING else "train"
            leave(f'{error.name} is not installed: pip install "rollcall[{extra}]".', WRONG_USAGE)
    except KeyboardInterrupt:
        leave("Interrupted.", INTERRUPTED)
