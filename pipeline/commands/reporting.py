"""Output for people: `report` makes the reading room, `export` writes for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.common import WRONG_USAGE, leave, user_errors

OutFolder = Annotated[Path, typer.Argument(metavar="OUT", help="Folder with the tables of a run.")]


def report(
    out: OutFolder = Path("data/out"),
    interface: Annotated[str, typer.Option(help="Language the pages begin in: en, ru or kk.")] = "en",
) -> None:
    """Make the reading room: a static site in OUT/report that opens in a browser without a network."""
    with user_errors(""):
        from pipeline.reading import printable
        from pipeline.reporting.room import ReportError
        from pipeline.reporting.room import report as make

        try:
            start = make(out, interface=interface)
        except ReportError as error:
            leave(str(error), WRONG_USAGE)
        typer.echo(f"The reading room is ready: open {printable(start)} in a browser.")


def export(
    out: OutFolder = Path("data/out"),
    form: Annotated[str, typer.Option("--as", help="graphml, eac, jsonld, annotations or openrefine.")] = "graphml",
    edition: Annotated[str, typer.Option(help="Edition of EAC-CPF: 2.0 or 2010.")] = "2.0",
    agency: Annotated[str, typer.Option(help="Name of the archive that keeps the records of EAC-CPF.")] = "",
) -> None:
    """Write people, institutions and mentions for other programs, into OUT/export."""
    with user_errors(""):
        from pipeline.reading import printable
        from pipeline.reporting.exports import Choices, ExportError
        from pipeline.reporting.exports import export as write

        try:
            written = write(out, form, Choices(edition, agency))
        except ExportError as error:
            leave(str(error), WRONG_USAGE)
        for path in written:
            typer.echo(f"Wrote {printable(path)}.")
