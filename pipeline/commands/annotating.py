"""Annotating: `annotate` writes tagged files, to be corrected by hand or as they were corrected at the desk."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.common import SOME_FAILED, WRONG_USAGE, AnyLanguage, leave, say, user_errors


def annotate(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE", help="Announcements, or an output folder with corrections.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the tagged files.")],
    language: AnyLanguage = "auto",
    force: Annotated[bool, typer.Option("--force", help="Overwrite tagged files that are there.")] = False,
    partly: Annotated[
        bool, typer.Option("--partly", help="Of an output folder, also documents that were corrected only in part.")
    ] = False,
) -> None:
    """Write announcements as tagged files, pre-annotated or as people corrected them, to be used by `train`."""
    import os

    failed = False
    with user_errors(""):
        from pipeline.reading import MARKER, printable
        from pipeline.running.corrections import CorrectionError
        from pipeline.training.annotate import AnnotationError, annotate_corrected
        from pipeline.training.annotate import annotate as write

        outputs = [file for file in files if (file / MARKER).is_file()]
        files = [file for file in files if file not in outputs]
        for file in files:
            if not os.path.lexists(file) or file.is_dir():
                named = printable(file)
                leave(f"{named} is no file. Name the announcements one by one, or an output folder.", WRONG_USAGE)
        beside: list[Path] = []
        for file in (*outputs, *files):
            try:
                written, problems = (
                    annotate_corrected(file, out, force=force, partly=partly, beside=beside)
                    if file in outputs
                    else write(file, out, language, force=force, beside=beside)
                )
            except AnnotationError as error:
                failed = True
                say(str(error))
            except (OSError, CorrectionError) as error:
                leave(str(error), WRONG_USAGE)
            else:
                beside += written
                failed |= bool(problems)
                for path in written:
                    typer.echo(printable(path))
                for problem in problems:
                    say(problem)
    if failed:
        raise typer.Exit(SOME_FAILED)
