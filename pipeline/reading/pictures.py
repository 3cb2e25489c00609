"""The reader of scans: pictures, whose text tesseract recognises where it is installed and `--ocr` asks for it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable

from pipeline.reading.readers import Context, Item, Part, UnreadableError, signature_of

_INSTALL = "tesseract is not installed: apt install tesseract-ocr tesseract-ocr-rus tesseract-ocr-kaz"


def no_text(what: str) -> str:
    """The reason for a document without text, and what can be done here."""
    advice = "run with --ocr" if shutil.which("tesseract") else f"{_INSTALL}, and run with --ocr"
    return f"{what} and no text: {advice}"


def recognise(picture: bytes, context: Context) -> str:
    """The text of a picture (PNG, JPEG, TIFF, PNM). Raises `UnreadableError`."""
    program = shutil.which("tesseract")
    if program is None:
        raise UnreadableError(_INSTALL)
    command = [program, "stdin", "stdout", "-l", context.options.ocr_languages]
    try:
        done = subprocess.run(
            command, input=picture, capture_output=True, check=False, timeout=context.options.max_seconds
        )
    except subprocess.TimeoutExpired:
        raise UnreadableError(
            f"tesseract took more than {context.options.max_seconds:g} seconds: raise the limit with --max-seconds"
        ) from None
    if done.returncode:
        why = " ".join(done.stderr.decode("utf-8", "replace").split())[:200]
        raise UnreadableError(
            f"tesseract cannot read it ({why}): mend the scan, or name the languages it has with --ocr-languages"
        )
    return done.stdout.decode("utf-8", "replace").replace("\f", "")


class Picture:
    """PNG, JPEG and TIFF."""

    name = "scan (PNG, JPEG, TIFF)"
    media_type = "image/*"
    suffixes = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff"})

    def accepts(self, data: bytes, suffix: str) -> bool:
        """Whether the first bytes are those of a picture."""
        signature = signature_of(data)
        return signature is not None and signature.media_type in ("image/png", "image/jpeg", "image/tiff")

    def missing(self) -> str:
        """Needs tesseract."""
        return "" if shutil.which("tesseract") else f"{_INSTALL}, and run with --ocr"

    def read(self, data: bytes, context: Context) -> Iterable[Item]:
        """What tesseract recognises. Raises `UnreadableError`."""
        if not context.options.ocr:
            raise UnreadableError(no_text("this is a picture"))
        yield Part(recognise(data, context), note="recognised by tesseract")


PICTURE = Picture()
