"""Commands about whole outputs: `status` of a run, `diff` between two, `trial` of scale and under faults."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.common import user_errors


def status(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The output folder.")],
    as_json: Annotated[bool, typer.Option("--json", help="Write it as JSON.")] = False,
) -> None:
    """Tell how far a run is, also while it works."""
    import json
    from dataclasses import asdict

    with user_errors(""):
        from pipeline.running import watching

        found = watching.status(out)
    if as_json:
        typer.echo(json.dumps(asdict(found), indent=1))
        return
    of = f" of {found.expected:,}" if found.expected > found.files else ""
    told = ", ".join(f"{number:,} {name}" for name, number in sorted(found.documents.items(), reverse=True))
    typer.echo(f"{found.files:,}{of} files done" + (f"; documents: {told}" if told else ""))
    typer.echo(f"A run is at work (process {found.pid})." if found.pid else "No run is at work.")
    typer.echo("The tables are whole." if found.complete else "The tables are not written yet: `rollcall run` goes on.")


def diff(
    one: Annotated[Path, typer.Argument(metavar="OUT1", help="An output folder.")],
    other: Annotated[Path, typer.Argument(metavar="OUT2", help="Another, to be compared with it.")],
    most: Annotated[int, typer.Option("--most", min=0, help="How many rows of a table are listed.")] = 20,
) -> None:
    """Tell which rows came, went and changed between two outputs."""
    with user_errors(""):
        from pipeline.running import watching
        from pipeline.running.progress import visible

        counts: Counter[tuple[str, str]] = Counter()
        listed: Counter[str] = Counter()
        for d in watching.differences(one, other):
            counts[d.table, d.kind] += 1
            listed[d.table] += 1
            if listed[d.table] <= most:
                cells = "; ".join(
                    f"{column}: {before or '(empty)'} → {after or '(empty)'}" for column, before, after in d.cells
                )
                typer.echo(visible(f"{d.table}: {d.kind}: {d.key}" + (f": {cells}" if cells else "")))
            elif listed[d.table] == most + 1:
                typer.echo(f"{d.table}: and more (--most lists them)")
    for table in dict.fromkeys(table for table, _ in counts):
        told = ", ".join(
            f"{counts[table, kind]:,} {kind}" for kind in ("came", "went", "changed") if counts[table, kind]
        )
        typer.echo(f"{table}: {told}")
    if not counts:
        typer.echo("The tables are the same.")


def trial(
    data: Annotated[Path, typer.Option(help="Tagged files whose texts the folders are made of.")] = Path(
        "data/training/en"
    ),
    scale: Annotated[list[int] | None, typer.Option(min=1, help="Time runs over so many documents.")] = None,
    workers: Annotated[list[int] | None, typer.Option(min=1, help="With so many workers.  [default: 1]")] = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(help="Try runs under a fault: main, worker, reader, memory, disk, store, or all of them."),
    ] = None,
    times: Annotated[int, typer.Option(min=1, help="How often each fault befalls.")] = 50,
    documents: Annotated[int, typer.Option(min=1, help="Documents of the runs under faults.")] = 300,
    language: Annotated[str, typer.Option("--language", "-l", help="Language of the texts.")] = "en",
) -> None:
    """Try runs of any size, and runs under faults, over folders made of the training texts."""
    from tempfile import TemporaryDirectory

    from pipeline.commands.training import training_errors

    with training_errors():
        from pipeline.running import faults, trials
        from pipeline.training.corpus import read_folder

        texts = [document.text for document in read_folder(data)]
        for done in trials.scaled(texts, scale or [], workers or [1], language):
            stages = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in done.stages.items())
            peaks = ", ".join(f"{name} {mb:,.0f} MB" for name, mb in done.peak_mb.items())
            typer.echo(
                f"{done.documents:,} documents, workers {done.jobs}: {done.seconds:.1f} s, "
                f"{done.documents / done.seconds:.1f} documents/s; {stages}; {peaks}"
            )
        different = False
        with TemporaryDirectory() as base:
            if fault:
                trials.make_folder(texts, Path(base), documents)
                faults.with_mails(Path(base))
            kinds = list(faults.KINDS) if "all" in (fault or ()) else fault or []
            for trial in faults.faults(Path(base), kinds, times, language):
                again = f", {trial.retried} documents done again with --retry" if trial.retried else ""
                told = "differ: " + ", ".join(trial.different) if trial.different else "are the same"
                typer.echo(f"{trial.kind}: {trial.faults} faults, {trial.runs} runs finished{again}; the tables {told}")
                different |= bool(trial.different)
    if different:
        raise typer.Exit(1)
