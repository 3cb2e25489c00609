"""What became of a document as plain text and bytes: small to hand over and ready for the store, without pickle.

Records for the linker ↔ JSON: a dataclass is the list of its fields, a tuple or a set is a list.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

from pipeline.records import Source
from pipeline.running.work import Outcome


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
        json.dumps(outcome.draft, separators=(",", ":")),  # its escapes keep lone surrogates too
        None if outcome.resolved is None else pack(outcome.resolved),
        zlib.compress(outcome.raw.encode("utf-8", "surrogatepass"), 1) if outcome.raw else None,
        outcome.signature,
        outcome.file,
        outcome.characters,
        outcome.seconds,
    )


def pack(record: Any) -> str:
    """A record of strings, numbers, tuples and the linker's own dataclasses as JSON."""
    own = type(record) is _document()
    return json.dumps({"document": record} if own else record, default=_plain, separators=(",", ":"))


def unpack(text: str) -> Any:
    """The record that `pack` was given."""
    found = json.loads(text)
    return _document_reader()(found["document"]) if isinstance(found, dict) else _tupled(found)


class Records:
    """Packed records that can be unpacked again and again, without being held."""

    def __init__(self, read: Callable[[], Iterator[str]]) -> None:
        """Take what reads them from the first to the last."""
        self._read = read

    def __iter__(self) -> Iterator[Any]:
        return map(unpack, self._read())


def _plain(record: Any) -> Any:
    """A dataclass as its fields in order, a set sorted."""
    if isinstance(record, (frozenset, set)):
        return sorted(record)
    if type(record) not in _classes():
        raise TypeError(f"a {type(record).__name__} cannot be kept in the store")
    return [getattr(record, name) for name in _names(type(record).__mro__[0])]


@cache
def _document() -> type[Any]:
    from pipeline.normalisation.local import DocumentEntities

    return DocumentEntities


@cache
def _classes() -> frozenset[type[Any]]:
    """The dataclasses of which a document's record is made."""
    found: set[type[Any]] = set()

    def gather(kind: Any) -> None:
        if is_dataclass(kind) and isinstance(kind, type) and kind not in found:
            found.add(kind)
            for inner in get_type_hints(kind).values():
                gather(inner)
        for inner in get_args(kind):
            gather(inner)

    gather(_document())
    return frozenset(found)


def layout() -> str:
    """A digest of the fields of these classes: what was packed with others cannot be unpacked."""
    told = [[c.__name__, [(f.name, str(f.type)) for f in fields(c)]] for c in _classes()]
    return hashlib.sha256(json.dumps(["in order", sorted(told)]).encode()).hexdigest()


@cache
def _names(kind: Hashable) -> tuple[str, ...]:
    return tuple(f.name for f in fields(kind))  # type: ignore[arg-type]


@cache
def _document_reader() -> Callable[[Any], Any]:
    return _reader(_document()) or _tupled


def _reader(kind: Any) -> Callable[[Any], Any] | None:
    """What makes a value of a type of what JSON holds for it; None where that is the value."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin is frozenset:
        return frozenset
    if origin is tuple and inner[-1] is Ellipsis:
        read = _reader(inner[0])
        return tuple if read is None else lambda found: tuple([read(value) for value in found])
    if is_dataclass(kind) and isinstance(kind, type):
        readers = [_reader(hint) for name, hint in get_type_hints(kind).items() if name in _names(kind)]
        return lambda found: kind(*[r(v) if r else v for r, v in zip(readers, found, strict=True)])
    if kind not in (str, int, float, bool):
        raise TypeError(f"{kind} cannot be kept in the store")
    return None


def _tupled(value: Any) -> Any:
    return tuple(map(_tupled, value)) if isinstance(value, list) else value
