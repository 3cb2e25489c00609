"""What differs between two outputs: rows compared by what they say, and not by their running ids and places."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from pathlib import Path

from pipeline.reading import MARKER, InputError, printable
from pipeline.running.corrections import part_of
from pipeline.tables import TABLES

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Difference:
    """What became of one row: `came`, `went`, `changed` or `moved`, what tells it, and (column, before, after)."""

    table: str
    kind: str
    key: str
    cells: tuple[tuple[str, str, str], ...] = ()


#: What a row of a document says; rows that say the same are the same row, wherever it stands now.
_SAYS = {
    "mentions": ("label", "text"),
    "affiliations": ("person", "role", "institution"),
    "reports": ("title", "person"),
    "events": ("title",),
    "sections": ("kind", "text"),
}
#: What changes of such a row when something is written above it.
_RUNNING = frozenset({
    "document_id", "mention_id", "affiliation_id", "report_id", "section_id", "speaker", "start", "end", "page",
    "person_mention", "role_mention", "institution_mention", "title_mention",
})  # fmt: skip
#: What changes of a document when its file moves.
_MOVING = frozenset({"document_id", "path", "text_file"})
#: The columns by which the rows of the other tables are the same; without any, a row can only come and go.
_KEYS = {"people": ("person_id",), "institutions": ("institution_id",), "roles": ("role_id",)}
_LONGEST = 60


def differences(one: Path, other: Path) -> Iterator[Difference]:
    """Which rows of `other` came, went or changed against `one`, table by table; documents may also have moved.

    A document has moved where one of the same SHA-256 (and the same part of its file) is gone; its rows are compared
    with those that it had.

    Raises:
        InputError: when a folder holds no tables.
    """
    for out in (one, other):
        if not (out / MARKER).is_file() or not (out / "documents.csv").is_file():
            raise InputError(f"{printable(out)} holds no tables of Rollcall. Name a folder that `rollcall run` wrote.")
    csv.field_size_limit(10**9)
    before, after = ({row["document_id"]: row for _, row in _rows(out / "documents.csv")} for out in (one, other))
    moved = _moved(before, after)
    yield from _documents(before, after, moved)
    for table in TABLES[1:]:
        paths = one / f"{table.name}.csv", other / f"{table.name}.csv"
        if table.name in _SAYS:
            yield from _of_documents(table.name, *paths, moved)
        else:
            columns = _KEYS.get(table.name) or table.header
            old, new = ({tuple(r.get(c, "") for c in columns): r for _, r in _rows(path)} for path in paths)
            for key in sorted({**old, **new}):
                yield from _became(table.name, " ".join(filter(None, key)), old.get(key), new.get(key))


def _moved(before: Mapping[str, Row], after: Mapping[str, Row]) -> dict[str, str]:
    """Old id → new id of the documents that moved."""
    gone: dict[tuple[str, str], list[str]] = defaultdict(list)
    for document_id, row in sorted(before.items(), reverse=True):
        if row["sha256"] and document_id not in after:
            gone[row["sha256"], part_of(document_id, row["path"])].append(document_id)
    moved = {}
    for document_id, row in sorted(after.items()):
        if document_id not in before and (ids := gone[row["sha256"], part_of(document_id, row["path"])]):
            moved[ids.pop()] = document_id
    return moved


def _documents(
    before: Mapping[str, Row], after: Mapping[str, Row], moved: Mapping[str, str]
) -> Iterator[Difference]:  # fmt: skip
    came_so = set(moved.values())
    for document_id in sorted({**before, **after}):
        if document_id in came_so:
            continue
        old, new = before.get(document_id), after.get(moved.get(document_id, document_id))
        if old is not None:  # what a document that moved is called now
            old = {**old, "family_id": moved.get(old.get("family_id", ""), old.get("family_id", ""))}
        if old is not None and new is not None and document_id in moved:
            cells = _cells(old, new, _MOVING)
            yield Difference("documents", "moved", f"{document_id} → {moved[document_id]}", cells)
        else:
            yield from _became("documents", document_id, old, new)


def _of_documents(table: str, one: Path, other: Path, moved: Mapping[str, str]) -> Iterator[Difference]:
    """The rows of a table that belong to documents, a document at a time, in the order of the earlier output."""
    apart = dict.fromkeys(moved.values(), -1)  # where the rows of these begin
    if apart:
        for place, row in _rows(other):
            if apart.get(row["document_id"], 0) < 0:
                apart[row["document_id"]] = place
    left = _grouped(one)
    right = ((name, rows) for name, rows in _grouped(other) if name not in apart)
    old, new = next(left, None), next(right, None)
    while old or new:
        if new is None or (old and old[0] <= new[0]):
            assert old
            name, mine = old
            theirs: list[Row] = []
            if name in moved:
                place = apart[moved[name]]
                theirs = next(_grouped(other, place))[1] if place >= 0 else []
                apart[moved[name]] = -1  # told
            elif new and new[0] == name:
                theirs, new = new[1], next(right, None)
            old = next(left, None)
        else:
            name, theirs = new
            mine, new = [], next(right, None)
        yield from _aligned(table, moved.get(name, name), mine, theirs)
    for name, place in apart.items():  # documents that moved and had no such row before
        if place >= 0:
            yield from _aligned(table, name, [], next(_grouped(other, place))[1])


def _aligned(table: str, document_id: str, before: Sequence[Row], after: Sequence[Row]) -> Iterator[Difference]:
    """The rows of one document: those that say the same in the same order first, then those that say it elsewhere."""
    if before == after:
        return
    before, after = sorted(before, key=_place), sorted(after, key=_place)
    left, right = ([tuple(row.get(c, "") for c in _SAYS[table]) for row in rows] for rows in (before, after))
    blocks = SequenceMatcher(None, left, right, autojunk=False).get_matching_blocks()
    pairs = {b.b + n: b.a + n for b in blocks for n in range(b.size)}
    free: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for number in sorted(set(range(len(left))) - set(pairs.values()), reverse=True):
        free[left[number]].append(number)
    for number, words in enumerate(right):
        if number not in pairs and free[words]:
            pairs[number] = free[words].pop()
    told: list[tuple[Row | None, Row | None]] = [(before[n], None) for numbers in free.values() for n in numbers]
    told += [(before[pairs[n]] if n in pairs else None, row) for n, row in enumerate(after)]
    for old, new in sorted(told, key=lambda pair: _place(pair[1] or pair[0] or {})):
        row = new or old or {}
        says = "; ".join(_short(row.get(c, "")) for c in _SAYS[table] if row.get(c))
        yield from _became(table, f"{document_id} {row.get('start')}-{row.get('end')} {says}", old, new, _RUNNING)


def _became(
    table: str, key: str, old: Row | None, new: Row | None, passing: frozenset[str] = frozenset()
) -> Iterator[Difference]:
    if old is None or new is None:
        yield Difference(table, "came" if old is None else "went", key)
    elif cells := _cells(old, new, passing):
        yield Difference(table, "changed", key, cells)


def _cells(old: Row, new: Row, passing: frozenset[str]) -> tuple[tuple[str, str, str], ...]:
    columns = (c for c in {**old, **new} if c not in passing)
    return tuple((c, old.get(c, ""), new.get(c, "")) for c in columns if old.get(c, "") != new.get(c, ""))


def _place(row: Row) -> tuple[int, int]:
    start, end = row.get("start", ""), row.get("end", "")
    return int(start) if start.isdigit() else 0, int(end) if end.isdigit() else 0


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _grouped(path: Path, begin: int = 0) -> Iterator[tuple[str, list[Row]]]:
    for document_id, together in groupby(_rows(path, begin), key=lambda entry: entry[1]["document_id"]):
        yield document_id, [row for _, row in together]


def _rows(path: Path, begin: int = 0) -> Iterator[tuple[int, Row]]:
    """(place in the file, row) of a table, from a place on."""
    if not path.is_file():
        return
    with path.open("rb") as file:
        lines = (line.decode("utf-8") for line in file)
        header = next(csv.reader(lines), [])
        if header:
            header[0] = header[0].removeprefix("\ufeff")
        if begin:
            file.seek(begin)
        reader = csv.reader(lines)
        place = file.tell()
        for row in reader:
            yield place, dict(zip(header, row, strict=False))
            place = file.tell()
