"""Reading: a path → `Source` and raw text. One module a format, chosen by content and suffix."""

from pipeline.reading.discovery import MARKER, Found, InputError, discover
from pipeline.reading.files import MAX_BYTES, READERS, Document, printable, read, size_text
from pipeline.reading.readers import Part, Reader, UnreadableError

__all__ = [
    "MARKER", "MAX_BYTES", "READERS", "Document", "Found", "InputError", "Part", "Reader", "UnreadableError",
    "discover", "printable", "read", "size_text",
]  # fmt: skip
