"""The heading of a document: its first line that is set apart as one. Where none is, there is no title."""

from __future__ import annotations

import re
from functools import cache

from pipeline.knowledge import COMMON, lines
from pipeline.records import Extraction

#: A longer line is a paragraph.
_LONGEST = 160
#: So many lines from the start are looked at.
_LOOK_AT = 15
_SPACE = re.compile(r"\s+")


def heading(extraction: Extraction) -> str:
    """The heading, with white space tidied; empty where no line near the start stands alone as one.

    A heading is a short line of words outside the furniture, not just a date, a place or a number, with no sentence
    end, that a blank line or a much longer line follows. Lines that often stand there and are none (a choice of
    languages, an address) are knowledge: `no_headings.txt`.
    """
    spans = _lines(extraction.raw)
    furniture = extraction.furniture
    bare = [m for m in extraction.mentions if m.label in ("DATE", "PLACE", "PERSON", "INSTITUTION")]
    for i, (start, end) in enumerate(spans):
        line = extraction.raw[start:end]
        if any(f.start < end and start < f.end for f in furniture):
            continue
        if not _is_heading(line) or any(_covers(m.start, m.end, start, end) for m in bare):
            continue
        following = spans[i + 1] if i + 1 < len(spans) else None
        alone = following is None or "\n\n" in _newlines(extraction.raw[end : following[0]])
        if alone or (following and following[1] - following[0] > 2 * len(line)):
            return _SPACE.sub(" ", line).strip()
    return ""


def _lines(raw: str) -> list[tuple[int, int]]:
    """Spans of the first lines that hold anything, without the white space around it."""
    spans = []
    for match in re.finditer(r"[^\r\n]+", raw):
        text = match.group()
        if text.strip():
            start = match.start() + len(text) - len(text.lstrip())
            spans.append((start, start + len(text.strip())))
            if len(spans) > _LOOK_AT:
                break
    return spans


def _newlines(gap: str) -> str:
    return re.sub(r"[^\n]", "", gap.replace("\r\n", "\n").replace("\r", "\n"))


def _is_heading(line: str) -> bool:
    words = re.findall(r"[^\W\d_]{2,}", line)
    if len(words) < 2 or len(line) > _LONGEST or re.search(r"[|>»›→]\s|\s[|/]\s|https?:|\w@\w|:\s*\Z", line):
        return False
    return not re.search(r"[.;,]\Z", line) and not _no_heading().fullmatch(line)


@cache
def _no_heading() -> re.Pattern[str]:
    return re.compile("|".join(lines(COMMON, "no_headings")), re.IGNORECASE)


def _covers(start: int, end: int, line_start: int, line_end: int) -> bool:
    """Whether a mention is nearly the whole of a line."""
    return start < line_end and line_start < end and (end - start) > 0.8 * (line_end - line_start)
