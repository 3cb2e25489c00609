"""The reader of plain text: `.txt`, `.text`, `.md`, no suffix, and text under the suffix of another format."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from pipeline.knowledge import COMMON, lines
from pipeline.reading.encodings import MARKS, Decoded, UndecodableError, decode
from pipeline.reading.mending import mend
from pipeline.reading.readers import HEAD, Context, Part, UnreadableError, signature_of

#: Control characters but for those that do stand in text files: tab, newlines, form feed, the old end-of-file mark,
#: escape.
_CONTROL = r"[\x00-\x08\x0e-\x19\x1c-\x1f]"
#: With more control characters than one in so many, a file is no text.
_ONE_IN = 50
#: Suffixes under which plain text is no document, beside those of `unread_suffixes.txt`.
_OTHERS = frozenset({".zip", ".tar", ".gz", ".bz2", ".xz", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".parquet"})
_NO_TEXT, _CONTROLS = re.compile(_CONTROL.encode()), re.compile(_CONTROL)


class PlainText:
    """Plain text in any common encoding; the whole file is one document."""

    name = "plain text"
    media_type = "text/plain"
    suffixes = frozenset({".txt", ".text", ".md", ""})

    def accepts(self, data: bytes, suffix: str) -> bool:
        """Text is known by the suffix, unless the bytes announce another format; it is asked last.

        Under suffixes that no format is known by (`readme.1st`), and those of documents, text is known by its bytes.
        """
        if signature_of(data[:HEAD]) is not None:
            return False
        return suffix in self.suffixes or (bool(data) and not _is_other(suffix) and _looks_like_text(data[:HEAD]))

    def missing(self) -> str:
        """Nothing is needed."""
        return ""

    def read(self, data: bytes, context: Context) -> Iterable[Part]:
        """Decode the file; refuse what is no text. Raises `UnreadableError`."""
        decoded = text_of(data, context)
        mended = mend(decoded.text)
        return (Part(mended.text, decoded.encoding, decoded.confidence, note=mended.note),)


def text_of(data: bytes, context: Context) -> Decoded:
    """The characters of a file that must be text. Raises `UnreadableError` when it is not."""
    try:
        decoded = decode(data, context.options.encoding, context.encoding)
    except UndecodableError as error:
        if not data.startswith(MARKS) and _controls(data.decode("latin-1")):
            raise UnreadableError(_BINARY) from None
        raise UnreadableError(str(error)) from None
    if _controls(decoded.text):
        raise UnreadableError(_BINARY)
    return decoded


@cache
def _is_other(suffix: str) -> bool:
    return suffix in _OTHERS or suffix in lines(COMMON, "unread_suffixes")


def _looks_like_text(head: bytes) -> bool:
    """Whether no control characters stand in the first bytes and a word of letters does."""
    return not _NO_TEXT.search(head) and re.search(rb"[A-Za-z\x80-\xff]{3}", head) is not None


_BINARY = "the content is binary, not text: if it is a document, export it as plain text (UTF-8) and give that file"


def _controls(text: str) -> bool:
    """Whether so many control characters stand in a text that it is none."""
    sample = text[:200_000]
    return len(_CONTROLS.findall(sample)) * _ONE_IN > len(sample)


PLAIN_TEXT = PlainText()
