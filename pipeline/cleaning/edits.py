"""Edits and how a `Text` takes them: the one place where the map between clean and raw is made.

A cleaning step looks at the clean characters and returns edits; `apply` carries them out and composes the map.
Only edits that change the number of characters cut the map, so it stays short for ordinary texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from pipeline.records import Change, Segment, Text


@dataclass(frozen=True, slots=True)
class Edit:
    """Put `after` in the place of the clean characters [start, end)."""

    start: int
    end: int
    after: str


def apply(text: Text, step: str, edits: Iterable[Edit]) -> Text:
    """The text after the edits of one step, each recorded as a `Change` under the step's name.

    Args:
        text: the text before.
        step: the name that the records carry.
        edits: in order of `start`, not overlapping; an edit that changes nothing is passed over.

    Raises:
        ValueError: when edits overlap or lie outside the text.
    """
    ordered = [e for e in edits if text.clean[e.start : e.end] != e.after]
    if not ordered:
        return text
    pieces: list[str] = []
    changes: list[Change] = []
    segments: list[Segment] = []
    at = length = 0
    for edit in ordered:
        if not at <= edit.start <= edit.end <= len(text.clean):
            raise ValueError(f"{step}: edit {edit} overlaps another or lies outside the text")
        for part in _slice(text, at, edit.start):
            segments.append(replace(part, clean_start=length))
            length += part.clean_length
        pieces.append(text.clean[at : edit.start])
        raw_start, raw_end = _raw_extent(text, edit.start, edit.end, segments)
        before = text.raw[raw_start:raw_end]
        aligned = len(edit.after) == raw_end - raw_start
        segments.append(Segment(length, len(edit.after), raw_start, raw_end - raw_start, aligned))
        length += len(edit.after)
        pieces.append(edit.after)
        changes.append(Change(step, raw_start, raw_end, before, edit.after))
        at = edit.end
    for part in _slice(text, at, len(text.clean)):
        segments.append(replace(part, clean_start=length))
        length += part.clean_length
    pieces.append(text.clean[at:])
    return Text(text.raw, "".join(pieces), _close(segments, len(text.raw)), (*text.changes, *changes), text.furniture)


def _slice(text: Text, start: int, end: int) -> Iterator[Segment]:
    """The segments of the clean characters [start, end), cut to fit (a segment that is not aligned stays whole)."""
    if start >= end:
        return
    low, high = 0, len(text.segments)
    while low < high:  # the first segment that reaches past `start`
        middle = (low + high) // 2
        if text.segments[middle].clean_start + text.segments[middle].clean_length <= start:
            low = middle + 1
        else:
            high = middle
    for segment in text.segments[low:]:
        if segment.clean_start >= end:
            break
        first = max(start, segment.clean_start)
        last = min(end, segment.clean_start + segment.clean_length)
        if first >= last:
            continue
        if segment.aligned:
            raw = segment.raw_start + first - segment.clean_start
            yield Segment(first, last - first, raw, last - first, True)
        else:
            yield Segment(first, last - first, segment.raw_start, segment.raw_length, False)


def _raw_extent(text: Text, start: int, end: int, done: list[Segment]) -> tuple[int, int]:
    """The raw stretch that an edit of the clean characters [start, end) replaces."""
    if start < end:
        return text.raw_span(start, end)
    at = text.raw_span(start, start)[0]
    if done:  # an insertion belongs right behind what precedes it, before any raw characters without a clean one
        at = done[-1].raw_start + done[-1].raw_length
    return at, at


def _close(segments: list[Segment], raw_length: int) -> tuple[Segment, ...]:
    """Join aligned neighbours and give raw characters that no segment covers one of their own.

    The result partitions the raw text: what an earlier step deleted stays in it as an empty clean segment.
    """
    closed: list[Segment] = []
    covered = 0
    for segment in segments:
        if segment.raw_start > covered:
            closed.append(Segment(segment.clean_start, 0, covered, segment.raw_start - covered, False))
        covered = max(covered, segment.raw_start + segment.raw_length)
        last = closed[-1] if closed else None
        if (
            last is not None
            and last.aligned
            and segment.aligned
            and last.raw_start + last.raw_length == segment.raw_start
            and last.clean_start + last.clean_length == segment.clean_start
        ):
            closed[-1] = Segment(
                last.clean_start,
                last.clean_length + segment.clean_length,
                last.raw_start,
                last.raw_length + segment.raw_length,
                True,
            )
        elif segment.clean_length or segment.raw_length:
            closed.append(segment)
    if covered < raw_length:
        end = closed[-1].clean_start + closed[-1].clean_length if closed else 0
        closed.append(Segment(end, 0, covered, raw_length - covered, False))
    return tuple(closed)
