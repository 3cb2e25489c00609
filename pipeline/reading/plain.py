"""The reader of plain text: `.txt`, `.text`, `.md` and names without a suffix."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.reading.encodings import UndecodableError, decode
from pipeline.reading.readers import Part, UnreadableError, signature_of

#: Control characters that do stand in text files: tab, newlines, form feed, the old end-of-file mark, escape.
_TEXT_CONTROLS = frozenset("\t\n\v\f\r\x1a\x1b")
#: With more control characters than one in so many, a file is no text.
_ONE_IN = 50


class PlainText:
    """Plain text in any common encoding; the whole file is one document."""

    media_type = "text/plain"
    suffixes = frozenset({".txt", ".text", ".md", ""})

    def accepts(self, head: bytes, suffix: str) -> bool:
        """Text is known by the suffix alone, unless the bytes announce another format."""
        return suffix in self.suffixes and signature_of(head) is None

    def read(self, data: bytes) -> Sequence[Part]:
        """Decode the file; refuse what is no text. Raises `UnreadableError`."""
        try:
            decoded = decode(data)
        except UndecodableError as error:
            if _controls(data.decode("latin-1")):
                raise UnreadableError(_BINARY) from None
            raise UnreadableError(str(error)) from None
        if _controls(decoded.text):
            raise UnreadableError(_BINARY)
        return (Part(decoded.text, decoded.encoding, decoded.confidence),)


_BINARY = "the content is binary, not text: if it is a document, export it as plain text (UTF-8) and give that file"


def _controls(text: str) -> bool:
    """Whether so many control characters stand in a text that it is none."""
    sample = text[:200_000]
    count = sum(c < " " and c not in _TEXT_CONTROLS for c in sample)
    return count * _ONE_IN > len(sample)


PLAIN_TEXT = PlainText()
