"""The options about reading that `run` and `show` share: bounds that no file can break, encodings, columns, scans."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.commands.common import WRONG_USAGE, leave

if TYPE_CHECKING:
    from pipeline.reading import ReadOptions

MaxSize = Annotated[float, typer.Option(min=0, help="Largest file that is read, in MB.")]
MaxExtracted = Annotated[float, typer.Option(min=0, help="Most that may come out of one archive, in MB.")]
MaxMembers = Annotated[int, typer.Option(min=1, help="Most documents in one file.")]
MaxDepth = Annotated[int, typer.Option(min=1, help="How deep archives in archives are opened.")]
MaxPages = Annotated[int, typer.Option(min=1, help="Most pages of a PDF.")]
MaxSeconds = Annotated[float, typer.Option(min=0.1, help="Longest time for reading one document.")]
MaxMemory = Annotated[float, typer.Option(min=1, help="Most memory for reading one document, in MB.")]
Encoding = Annotated[str, typer.Option(help="Encoding of the texts, instead of a guess for each.")]
TextColumn = Annotated[str, typer.Option(help="Column with the texts in tables (csv, jsonl, parquet).")]
IdColumn = Annotated[str, typer.Option(help="Column with the ids of the rows.")]
Ocr = Annotated[bool, typer.Option("--ocr", help="Recognise scans with tesseract.")]
OcrLanguages = Annotated[str, typer.Option(help="Languages that tesseract looks for.")]

_MB = 1_000_000


def reading_options(
    max_size: float = 50.0,
    max_extracted: float = 500.0,
    max_members: int = 100_000,
    max_depth: int = 4,
    max_pages: int = 5_000,
    max_seconds: float = 60.0,
    max_memory: float = 2_000.0,
    encoding: str = "",
    text_column: str = "",
    id_column: str = "",
    ocr: bool = False,
    ocr_languages: str = "eng+rus+kaz",
) -> ReadOptions:
    """The options as the readers want them; an encoding that does not exist ends the command with a message."""
    from pipeline.reading import ReadOptions

    if encoding:
        try:
            "".encode(encoding := codecs.lookup(encoding).name)
        except LookupError:
            leave(f"There is no encoding {encoding}. Such as cp1251, koi8-r, cp866, kz1048, utf-16 are.", WRONG_USAGE)
    return ReadOptions(
        max_bytes=max(1, round(max_size * _MB)),
        max_extracted=max(1, round(max_extracted * _MB)),
        max_members=max_members,
        max_depth=max_depth,
        max_pages=max_pages,
        max_seconds=max_seconds,
        max_memory=round(max_memory * _MB),
        encoding=encoding,
        text_column=text_column,
        id_column=id_column,
        ocr=ocr,
        ocr_languages=ocr_languages,
    )
