"""The options about reading that `run` and `show` share: bounds that no file can break, encodings, columns, scans."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, Annotated, Any

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
Ocr = Annotated[bool, typer.Option("--ocr/--no-ocr", help="Recognise scans with tesseract.")]
OcrLanguages = Annotated[
    str, typer.Option(help="Languages tesseract looks for, such as rus+kaz; auto: those of each document.")
]

_MB = 1_000_000


def reading_options(
    *,
    max_size: float | None = None,
    max_extracted: float | None = None,
    max_memory: float | None = None,
    encoding: str = "",
    **others: Any,
) -> ReadOptions:
    """The options as the readers want them; an encoding that does not exist ends the command with a message.

    The first three are in MB; `others` are fields of `ReadOptions` as they stand.
    """
    from pipeline.reading import ReadOptions

    if encoding:
        try:
            "".encode(encoding := codecs.lookup(encoding).name)
        except LookupError:
            leave(f"There is no encoding {encoding}. Such as cp1251, koi8-r, cp866, kz1048, utf-16 are.", WRONG_USAGE)
    megabytes = {"max_bytes": max_size, "max_extracted": max_extracted, "max_memory": max_memory}
    others |= {name: max(1, round(size * _MB)) for name, size in megabytes.items() if size is not None}
    return ReadOptions(encoding=encoding, **others)
