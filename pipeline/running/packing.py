"""What became of a document as plain text and bytes: small to hand over and ready for the store, without pickle.

Records for the linker ↔ JSON: a record is the list of its fields, a tuple or a sorted set is a list.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from pipeline.normalisation.local import DocumentEntities
from pipeline.records import Source
from pipeline.running.work import Outcome

if TYPE_CHECKING:
    from pipeline.normalisation.apart import Elsewhere


@dataclass(frozen=True, slots=True)
class Packed:
    """An outcome: `draft` and `resolved` as JSON, `text` the raw text compressed where the output keeps it."""

    source: Source
    draft: str
    resolved: str | None = None
    text: bytes | None = None
    signature: bytes = b""
    file: str = ""
    characters: int = 0
    seconds: float = 0.0


def packed(outcome: Outcome) -> Packed:
    """An outcome made small, in the process that made it."""
    return Packed(
        outcome.source,
        plain_json(outcome.draft),
        None if outcome.resolved is None else pack(outcome.resolved),
        zlib.compress(outcome.raw.encode("utf-8", "surrogatepass"), 1) if outcome.raw else None,
        outcome.signature,
        outcome.file,
        outcome.characters,
        outcome.seconds,
    )


def plain_json(value: Any) -> str:
    """Lists, dicts, texts and numbers as JSON, a lone surrogate as its escape."""
    try:
        return msgspec.json.encode(value).decode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":"))


def read_json(text: str) -> Any:
    """What `plain_json` was given."""
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return json.loads(text)  # it knows lone surrogates


class _Own(msgspec.Struct):
    """What the linker needs of a document: known by its field from the records of other engines."""

    document: DocumentEntities


_OPENING = '{"document":'
_encoder, _decoder = msgspec.json.Encoder(order="deterministic"), msgspec.json.Decoder(_Own)


def pack(record: Any) -> str:
    """A record of strings, numbers and tuples, or the linker's own of a document, as JSON."""
    if not isinstance(record, DocumentEntities):
        return plain_json(record)
    own = _Own(record)
    try:
        return _encoder.encode(own).decode()
    except UnicodeEncodeError:
        return json.dumps(msgspec.to_builtins(own, order="deterministic"), separators=(",", ":"))


def unpack(text: str) -> Any:
    """The record that `pack` was given."""
    if not text.startswith(_OPENING):
        return _tupled(read_json(text))
    try:
        return _decoder.decode(text).document
    except msgspec.DecodeError:
        return msgspec.convert(json.loads(text), _Own).document


#: A linking that is over, documents that went or changed since as they were, those that came or changed as they are.
Last = tuple[Any, list[Any], list[Any]]


class Records:
    """Packed records that can be unpacked again and again, without being held."""

    def __init__(
        self, read: Callable[[], Iterator[str]], last: Callable[[], Last | None] = lambda: None,
        elsewhere: Elsewhere | None = None,
    ) -> None:  # fmt: skip
        """Take what reads them from the first to the last.

        `last` gives the last linking (`Links.last`), and `elsewhere` has parts of this one done by other processes.
        """
        self._read, self.last, self.elsewhere = read, last, elsewhere

    def __iter__(self) -> Iterator[Any]:
        return map(unpack, self._read())


def layout() -> str:
    """A digest of the fields of a document's record: what was packed with others cannot be unpacked."""
    return hashlib.sha256(repr(msgspec.inspect.type_info(_Own)).encode()).hexdigest()


def _tupled(value: Any) -> Any:
    return tuple(map(_tupled, value)) if isinstance(value, list) else value
