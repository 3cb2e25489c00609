"""What became of a document as plain text and bytes: small to hand over and ready for the store, without pickle.

Records for the linker ↔ JSON: a dataclass is its name and its fields, a tuple is a list.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import Any

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
    return json.dumps(record, default=_fields, separators=(",", ":"))


def unpack(text: str) -> Any:
    """The record that `pack` was given."""
    return _tupled(json.loads(text, object_hook=_record))


@cache
def _classes() -> dict[str, type[Any]]:
    from pipeline.normalisation.institutions import InstitutionName
    from pipeline.normalisation.local import DocumentEntities, LocalEvent, LocalInstitution, LocalPerson
    from pipeline.normalisation.person_name import Name

    known = (DocumentEntities, LocalPerson, LocalInstitution, LocalEvent, Name, InstitutionName)
    return {c.__name__: c for c in known}


def layout() -> str:
    """A digest of the fields of these classes: what was packed with others cannot be unpacked."""
    told = [[name, [(f.name, str(f.type)) for f in fields(c)]] for name, c in sorted(_classes().items())]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


@cache
def _names(name: str) -> tuple[str, ...]:
    return tuple(f.name for f in fields(_classes()[name]))


def _fields(record: Any) -> Any:
    if isinstance(record, (frozenset, set)):
        return {"set": sorted(record)}
    kind = type(record)
    if not is_dataclass(record) or _classes().get(kind.__name__) is not kind:
        raise TypeError(f"a {kind.__name__} cannot be kept in the store")
    return {"is": kind.__name__, "with": [getattr(record, name) for name in _names(kind.__name__)]}


def _record(found: dict[str, Any]) -> Any:
    if "set" in found:
        return frozenset(map(_tupled, found["set"]))
    return _classes()[found["is"]](*map(_tupled, found["with"]))


def _tupled(value: Any) -> Any:
    return tuple(map(_tupled, value)) if isinstance(value, list) else value
