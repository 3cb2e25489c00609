"""The command line: `rollcall COMMAND` and `python cli.py COMMAND`."""

from __future__ import annotations

from typing import Annotated

import typer

from pipeline.commands import (
    annotating,
    batches,
    entities,
    formats,
    main_job,
    reporting,
    settings,
    training,
    trying,
)
from pipeline.commands.common import Commands

app = typer.Typer(
    name="rollcall",
    cls=Commands,
    help="Turns a folder of announcements into linked tables of people, roles, institutions and reports.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
    rich_markup_mode=None,
)

for command in (
    settings.settled(main_job.run),
    settings.settled(settings.config, like=main_job.run),
    settings.settled(main_job.show, known=main_job.run),
    batches.status,
    batches.diff,
    batches.trial,
    formats.formats,
    annotating.annotate,
    entities.entity,
    entities.why,
    entities.judge,
    reporting.report,
    reporting.review,
    reporting.export,
    training.train,
    training.evaluate,
    training.benchmark,
    trying.generate,
):
    app.command()(command)


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


if __name__ == "__main__":
    app()
