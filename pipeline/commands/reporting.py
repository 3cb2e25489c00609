"""Output for people: `report` makes the reading room, `review` opens the desk, `export` writes for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.common import WRONG_USAGE, leave, user_errors

OutFolder = Annotated[Path, typer.Argument(metavar="OUT", help="Folder with the tables of a run.")]


def report(
    out: OutFolder = Path("data/out"),
    interface: Annotated[str, typer.Option(help="Language the pages begin in: en, ru or kk.")] = "en",
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", "-j", min=1, help="How many processes work.  [default: the cores]"),
    ] = None,
) -> None:
    """Make the reading room: a static site in OUT/report that opens in a browser without a network."""
    with user_errors(""):
        from pipeline.reading import printable
        from pipeline.reporting.pages import ReportError
        from pipeline.reporting.room import report as make
        from pipeline.running.workers import cores

        try:
            start = make(out, interface=interface, jobs=jobs or cores())
        except ReportError as error:
            leave(str(error), WRONG_USAGE)
        typer.echo(f"The reading room is ready: open {printable(start)} in a browser.")


def review(
    out: OutFolder = Path("data/out"),
    who: Annotated[str, typer.Option(help="Who decides.  [default: the user of this computer]")] = "",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0 takes a free one.")] = 0,
    browser: Annotated[bool, typer.Option(help="Open a browser.")] = True,
    interface: Annotated[str, typer.Option(help="Language the page begins in: en, ru or kk.")] = "en",
) -> None:
    """Open the desk: a local page on which doubtful rows are accepted and corrected, and people merged and split."""
    with user_errors(""):
        import getpass
        import webbrowser
        from importlib.util import find_spec

        missing = [name for name in ("starlette", "uvicorn") if find_spec(name) is None]
        if missing:
            needed = " and ".join(missing)
            leave(f"The desk needs {needed}. Install it with `pip install rollcall[review]`.", WRONG_USAGE)
        if interface not in ("en", "ru", "kk"):
            leave(f"There is no interface in {interface!r}. Choose from en, ru, kk.", WRONG_USAGE)
        from pipeline.normalisation.judgements import JudgementError
        from pipeline.reporting.desk.decisions import Desk
        from pipeline.reporting.desk.web import serve
        from pipeline.running.corrections import CorrectionError

        def ready(address: str) -> None:
            typer.echo(f"The desk is open: {address}\nDecisions are kept at once. Ctrl-C closes it.")
            if browser:
                webbrowser.open(address)

        try:
            desk = Desk(out, who or getpass.getuser())
        except (JudgementError, CorrectionError) as error:
            leave(str(error), WRONG_USAGE)
        try:
            serve(desk, port, interface, ready)
        except KeyboardInterrupt:  # how a desk is closed
            typer.echo()
        except OSError as error:
            leave(
                f"The desk cannot be opened on port {port} ({error.strerror or error}). "
                "Name another with --port; without it a free one is taken.", WRONG_USAGE
            )  # fmt: skip
        typer.echo("The desk is closed. `rollcall run` applies what was decided.")


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
