"""Annotating: `annotate` writes tagged files to be corrected by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.common import SOME_FAILED, WRONG_USAGE, AnyLanguage, leave, say, user_errors


def annotate(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Announcements.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the tagged files.")],
    language: AnyLanguage = "auto",
    force: Annotated[bool, typer.Option("--force", help="Overwrite tagged files that are there.")] = False,
) -> None:
    """Write announcements as tagged files, pre-annotated, to be corrected and used by `train --add`."""
    import os

    failed = False
    with user_errors(""):
        from pipeline.reading import printable
        from pipeline.training.annotate import AnnotationError
        from pipeline.training.annotate import annotate as write

        for file in files:
            if not os.path.lexists(file) or file.is_dir():
                leave(f"{printable(file)} is no file. Name the announcements one by one.", WRONG_USAGE)
        for file in files:
            try:
                for written in write(file, out, language, force=force):
                    typer.echo(printable(written))
            except AnnotationError as error:
                failed = True
                say(str(error))
            except OSError as error:
                leave(str(error), WRONG_USAGE)
    if failed:
        raise typer.Exit(SOME_FAILED)
