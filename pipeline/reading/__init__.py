"""Reading: a path → `Source` and raw text. One module a format, chosen by content and suffix."""

from pipeline.reading.discovery import MARKER, Found, InputError, discover
from pipeline.reading.files import Document, printable, read
from pipeline.reading.guard import Guard
from pipeline.reading.keeping import FOLDER as TEXTS
from pipeline.reading.options import ReadOptions
from pipeline.reading.readers import (
    Context,
    Item,
    Member,
    Part,
    Reader,
    Skipped,
    StreamReader,
    UnreadableError,
    size_text,
)  # fmt: skip
from pipeline.reading.registry import READERS, plugins, readers

#: The largest file that is read unless the user sets another limit, in bytes.
MAX_BYTES = ReadOptions().max_bytes

__all__ = [
    "MARKER", "MAX_BYTES", "READERS", "TEXTS", "Context", "Document", "Found", "Guard", "InputError", "Item", "Member",
    "Part", "ReadOptions", "Reader", "Skipped", "StreamReader", "UnreadableError", "discover", "plugins", "printable",
    "read", "readers", "size_text",
]  # fmt: skip
