"""Commands about whole outputs: `status` of a run, `diff` between two, `trial` of scale and under faults."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.commands.common import user_errors

if TYPE_CHECKING:
    from pipeline.training.scale import Scaled


def status(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The output folder.")],
    as_json: Annotated[bool, typer.Option("--json", help="Write it as JSON.")] = False,
) -> None:
    """Tell how far a run is, also while it works."""
    import json
    from dataclasses import asdict

    with user_errors(""):
        from pipeline.running import watching
        from pipeline.running.progress import visible
        from pipeline.running.telling import failed

        found = watching.status(out)
    if as_json:
        typer.echo(json.dumps(asdict(found), indent=1))
        return
    of = f" of {found.expected:,}" if found.expected > found.files else ""
    told = ", ".join(f"{number:,} {name}" for name, number in sorted(found.documents.items(), reverse=True))
    typer.echo(f"{found.files:,}{of} files done" + (f"; documents: {told}" if told else ""))
    for line in failed(found.failures):
        typer.echo(visible(line))
    typer.echo(f"A run is at work (process {found.pid})." if found.pid else "No run is at work.")
    if found.pid:
        typer.echo("The tables are those of the run before." if found.complete else "The tables come when it is done.")
    elif found.refused:
        typer.echo(visible(f"`rollcall run` would not write here: {found.refused}"))
    else:
        typer.echo(
            "The tables are whole." if found.complete else "The tables are not written yet: `rollcall run` goes on."
        )


def diff(
    one: Annotated[Path, typer.Argument(metavar="OUT1", help="An output folder.")],
    other: Annotated[Path, typer.Argument(metavar="OUT2", help="Another, to be compared with it.")],
    most: Annotated[int, typer.Option("--most", min=0, help="How many rows of a table are listed.")] = 20,
) -> None:
    """Tell which rows came, went, moved and changed between two outputs."""
    with user_errors(""):
        from pipeline.running.differing import differences
        from pipeline.running.progress import visible

        counts: Counter[tuple[str, str]] = Counter()
        listed: Counter[str] = Counter()
        for d in differences(one, other):
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
            f"{counts[table, kind]:,} {kind}" for kind in ("came", "went", "moved", "changed") if counts[table, kind]
        )
        typer.echo(f"{table}: {told}")
    if not counts:
        typer.echo("The tables are the same.")


def trial(
    data: Annotated[Path, typer.Option(help="The tagged corpus of whose texts folders are made.")] = Path(
        "data/training"
    ),
    scale: Annotated[list[int] | None, typer.Option(min=1, help="Time runs over so many documents.")] = None,
    workers: Annotated[list[int] | None, typer.Option(min=1, help="With so many workers.  [default: 1 and 2]")] = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(help="Try runs under a fault: main, worker, reader, memory, disk, store, or all of them."),
    ] = None,
    times: Annotated[int, typer.Option(min=1, help="How often each fault befalls.")] = 50,
    documents: Annotated[int, typer.Option(min=1, help="Documents of the runs under faults.")] = 300,
    language: Annotated[
        list[str] | None,
        typer.Option("--language", "-l", help="Only this language; may be given several times.  [default: all]"),
    ] = None,
    keep: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder to work in; a temporary one without it.")
    ] = None,
) -> None:
    """Try runs of any size, and runs under faults, over folders made of the training texts."""
    from contextlib import nullcontext
    from tempfile import TemporaryDirectory

    from pipeline.commands.common import say
    from pipeline.commands.training import training_errors

    with training_errors(), nullcontext(str(keep)) if keep else TemporaryDirectory() as base:
        from pipeline.running import faults
        from pipeline.training import making
        from pipeline.training import scale as scales

        chosen = making.known(language)
        numbers = workers or [1, 2]
        for number in sorted(set(numbers) - {1}) if scale else ():
            gained = scales.most_gained(number)
            typer.echo(
                f"{number} processes of a plain loop do {gained:.2f} times as much as one; workers gain no more."
            )
        for done in scales.scaled(Path(base), scale or [], numbers, data, chosen, say):
            typer.echo("\n".join(_told(done)))
        different = False
        if fault:
            source = Path(base) / "faults"
            making.generate(source, documents, data=data, languages=chosen)
            faults.with_mails(source)
            kinds = list(faults.KINDS) if "all" in fault else fault
            for trial in faults.faults(source, kinds, times, chosen[0] if len(chosen) == 1 else "auto"):
                again = f", {trial.retried} documents done again with --retry" if trial.retried else ""
                told = "differ: " + ", ".join(trial.different) if trial.different else "are the same"
                typer.echo(f"{trial.kind}: {trial.faults} faults, {trial.runs} runs finished{again}; the tables {told}")
                different |= bool(trial.different)
    if different:
        raise typer.Exit(1)


def _told(done: Scaled) -> list[str]:
    """What was measured of one size, in three lines."""

    def stages(of: dict[str, float]) -> str:
        return ", ".join(f"{name} {seconds:.1f}" for name, seconds in of.items())

    def mb(held: float | None) -> str:
        return "unknown" if held is None else f"{held:,.0f} MB"

    return [
        f"{done.documents:,} documents, workers {done.jobs}: {done.seconds:.1f} s, "
        f"{done.documents / done.seconds:.1f} documents/s ({stages(done.stages)})",
        f"  memory of all processes: {mb(done.halfway_mb)} after half of the reading, {mb(done.read_mb)} after it, "
        f"{mb(done.peak_mb)} at most",
        f"  one file more: {done.one_more:.1f} s ({stages(done.one_more_stages)})",
    ]
