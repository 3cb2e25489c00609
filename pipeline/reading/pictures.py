"""The reader of scans: pictures, whose text tesseract recognises where it is installed and `--ocr` asks for it."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from functools import cache

from pipeline.knowledge import COMMON, table
from pipeline.reading.readers import Context, Item, Part, UnreadableError, signature_of

_INSTALL = "tesseract is not installed: apt install tesseract-ocr tesseract-ocr-rus tesseract-ocr-kaz"


def no_text(what: str) -> str:
    """The reason for a document without text, and what can be done here."""
    advice = "run with --ocr" if shutil.which("tesseract") else f"{_INSTALL}, and run with --ocr"
    return f"{what} and no text: {advice}"


#: The setting under which each document is recognised in its own languages.
AUTO = "auto"
#: A page shows its languages when it has so many letters; a script counts from this share of them, and the letters of
#: one language from this share of its script.
_LETTERS, _SCRIPT, _OWN = 60, 0.15, 0.01
_LATIN, _CYRILLIC = re.compile("[A-Za-zÀ-ɏ]"), re.compile("[\u0400-\u04ff]")


class Recogniser:
    """Recognises the pictures of one document, unless told otherwise in the languages that its first text shows.

    Tesseract mixes up letters that look alike when it may take them from several alphabets, so that a page is only
    read in all languages to see which they are.
    """

    def __init__(self, context: Context) -> None:
        self._seconds = context.options.max_seconds
        self._program = shutil.which("tesseract") or ""
        #: What tesseract is told, such as `rus+kaz`.
        self.languages = context.options.ocr_languages
        self._settled = self.languages != AUTO
        if not self._settled:
            self.languages = "+".join(name for name, *_ in _known(self._program))

    @property
    def note(self) -> str:
        """What the documents table tells."""
        return f"recognised by tesseract ({self.languages})"

    def text(self, picture: bytes) -> str:
        """The text of a picture (PNG, JPEG, TIFF, PNM). Raises `UnreadableError`."""
        if not self._program:
            raise UnreadableError(_INSTALL)
        text = self._recognised(picture)
        if self._settled or sum(map(str.isalpha, text)) < _LETTERS:
            return text
        self._settled = True
        shown = languages_of(text, _known(self._program))
        if not shown or shown == self.languages:
            return text
        self.languages = shown
        return self._recognised(picture)

    def _recognised(self, picture: bytes) -> str:
        command = [self._program, "stdin", "stdout", "-l", self.languages]
        try:
            done = subprocess.run(command, input=picture, capture_output=True, check=False, timeout=self._seconds)
        except subprocess.TimeoutExpired:
            raise UnreadableError(
                f"tesseract took more than {self._seconds:g} seconds: raise the limit with --max-seconds"
            ) from None
        if done.returncode:
            why = " ".join(done.stderr.decode("utf-8", "replace").split())[:200]
            raise UnreadableError(
                f"tesseract cannot read it ({why}): mend the scan, or name the languages it has with --ocr-languages"
            )
        return done.stdout.decode("utf-8", "replace").replace("\f", "")


@cache
def _known(program: str) -> tuple[tuple[str, ...], ...]:
    """The languages of `ocr_languages.txt` that tesseract has; all where it does not tell."""
    known = table(COMMON, "ocr_languages")
    try:
        done = subprocess.run([program, "--list-langs"], capture_output=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return known
    installed = done.stdout.decode("utf-8", "replace").split()
    return tuple(row for row in known if row[0] in installed) or known


def languages_of(text: str, known: Sequence[Sequence[str]]) -> str:
    """Those of the known languages that a text shows by its letters, as tesseract wants to be told them.

    A language with letters of its own is shown by these; the others of its script may stand beside it.
    """
    counts = {"Latn": len(_LATIN.findall(text)), "Cyrl": len(_CYRILLIC.findall(text))}
    letters = sum(counts.values())
    lower = text.lower()
    shown = []
    for name, script, own in known:
        enough = counts[script] > _SCRIPT * letters
        if enough and (own == "-" or sum(map(lower.count, own)) > _OWN * counts[script]):
            shown.append(name)
    return "+".join(shown)


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
        recogniser = Recogniser(context)
        text = recogniser.text(data)
        yield Part(text, note=recogniser.note)


PICTURE = Picture()
