"""Parts: what workers of a cluster made of some files, as one Parquet file on a place that all of them see."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import islice
from typing import TYPE_CHECKING, Any

from pipeline.reading import Found
from pipeline.records import Source
from pipeline.running.packing import Packed
from pipeline.running.store import Stamp

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

#: A part is full with so many files or bytes: large enough to be worth a task, small enough to be done again.
FILES, BYTES = 256, 8_000_000
#: Rows that are held in memory at a time.
_ROWS = 64


def cut(files: Sequence[Found], stamps: Mapping[str, Stamp]) -> Iterator[list[Found]]:
    """Files in parts, in their order."""
    part: list[Found] = []
    size = 0
    for found in files:
        part.append(found)
        size += stamps[found.document_id].size
        if len(part) >= FILES or size >= BYTES:
            yield part
            part, size = [], 0
    if part:
        yield part


def name(files: Sequence[Found], stamps: Mapping[str, Stamp], keys: tuple[str, str]) -> str:
    """The name of a part: the same as long as files, settings and code are, so that it need not be made twice."""
    told = [[f.document_id, stamps[f.document_id].sha256, f.problem] for f in files]
    return f"part-{hashlib.sha256(json.dumps([told, *keys]).encode()).hexdigest()[:32]}.parquet"


def place(address: str) -> tuple[AbstractFileSystem, str]:
    """The file system of an address (a path, `s3://…`), and the path there."""
    import fsspec

    system, path = fsspec.core.url_to_fs(address)
    return system, path


def exists(address: str) -> bool:
    """Whether there is a part at an address."""
    system, path = place(address)
    return bool(system.exists(path))


def write(outcomes: Iterable[Packed], address: str) -> int:
    """Write a part, whole or not at all; gives the number of its documents."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([
        ("file", pa.string()), ("document_id", pa.string()), ("status", pa.string()), ("source", pa.string()),
        ("draft", pa.string()), ("resolved", pa.string()), ("text", pa.binary()), ("signature", pa.binary()),
        ("characters", pa.int64()), ("seconds", pa.float64()),
    ])  # fmt: skip
    system, path = place(address)
    system.makedirs(system._parent(path), exist_ok=True)
    local = "file" in (system.protocol if isinstance(system.protocol, tuple) else (system.protocol,))
    # An object store shows a file once it is closed; elsewhere it is written under another name first. Two workers may
    # write the same part, when one was thought lost.
    temporary = f"{path}.{os.getpid()}-{os.urandom(4).hex()}" if local else path
    documents = 0
    try:
        with system.open(temporary, "wb") as file, pq.ParquetWriter(file, schema, compression="zstd") as writer:
            rows = map(_row, outcomes)
            while some := list(islice(rows, _ROWS)):
                writer.write_table(pa.Table.from_pylist(some, schema=schema))
                documents += len(some)
        if local:
            os.replace(temporary, path)
    except BaseException:
        if local and os.path.exists(temporary):
            os.unlink(temporary)
        raise
    return documents


def _row(outcome: Packed) -> dict[str, Any]:
    source = outcome.source
    return {
        "file": outcome.file,
        "document_id": source.document_id,
        "status": source.status,
        "source": json.dumps(asdict(source), separators=(",", ":")),
        "draft": outcome.draft,
        "resolved": outcome.resolved,
        "text": outcome.text,
        "signature": outcome.signature,
        "characters": outcome.characters,
        "seconds": outcome.seconds,
    }


def read(address: str) -> Iterator[Packed]:
    """The outcomes of a part, as they were written."""
    import pyarrow.parquet as pq

    system, path = place(address)
    with system.open(path, "rb") as file:
        for some in pq.ParquetFile(file).iter_batches(batch_size=_ROWS):
            for row in some.to_pylist():
                del row["document_id"], row["status"]  # which the source has too
                yield Packed(**{**row, "source": Source(**json.loads(row["source"]))})
