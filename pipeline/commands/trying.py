"""Commands that try Rollcall at the size of an archive: `generate` makes folders of announcements."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.training import training_errors

Corpus = Annotated[Path, typer.Option(help="The tagged corpus, a folder a language.")]


def generate(
    out: Annotated[Path, typer.Argument(metavar="DIR", help="Folder for the files.")],
    documents: Annotated[int, typer.Option("--documents", "-n", min=1, help="How many.")] = 1_000,
    first: Annotated[int, typer.Option(min=0, help="Number of the first, so that a folder can grow.")] = 0,
    seed: Annotated[int, typer.Option(help="Another seed gives other documents.")] = 0,
    language: Annotated[
        list[str] | None,
        typer.Option("--language", "-l", help="Only this language; may be given several times.  [default: all]"),
    ] = None,
    data: Corpus = Path("data/training"),
) -> None:
    """Make a folder of announcements for trials, of any size, from the training texts."""
    with training_errors():
        from pipeline.reading import printable
        from pipeline.training.making import generate as make
        from pipeline.training.making import known

        characters = make(out, documents, first=first, data=data, languages=known(language), seed=seed)
    typer.echo(f"{documents:,} documents, {characters:,} characters in {printable(out)}")
