"""Marks the lines that are no part of the announcement: menus, counters, phone lines, `-more-`, page numbers.

They are marked and not cut: a menu can name an institution, and what the reader of the tables sees must be all there.
The patterns are knowledge and live in `pipeline/knowledge/data/common/furniture.txt`; lines that recur on the pages of
a document or in many files of a folder are found by `recurring`.
"""

from __future__ import annotations

import re
from functools import lru_cache

from pipeline.cleaning.recurring import key, recurs, running_heads
from pipeline.knowledge import table
from pipeline.records import Furniture

_LINE = re.compile(r"[^\r\n\f]+")
#: Longer lines are prose; a pattern that hits one would mark a paragraph.
LONGEST_LINE = 200


@lru_cache(maxsize=1)
def _patterns() -> tuple[re.Pattern[str], list[str]]:
    """All patterns as one alternation, and the reason of each alternative by its group number."""
    rows = list(table("common", "furniture"))
    joined = "|".join(f"(?P<f{number}>{row[0]})" for number, row in enumerate(rows))
    return re.compile(joined, re.IGNORECASE), [row[1] for row in rows]


def mark(raw: str) -> tuple[Furniture, ...]:
    """The furniture of a raw text, one a line, in text order."""
    pattern, reasons = _patterns()
    heads = running_heads(raw) if "\f" in raw else frozenset()
    found = []
    for line in _LINE.finditer(raw):
        content = line.group().strip()
        if not content or len(content) > LONGEST_LINE:
            continue
        match = pattern.fullmatch(content)
        if match and match.lastgroup:
            reason = reasons[int(match.lastgroup[1:])]
        elif heads and key(content) in heads:
            reason = "running head"
        elif recurs(content):
            reason = "recurs in the folder"
        else:
            continue
        start = line.start() + line.group().index(content)
        found.append(Furniture(start, start + len(content), reason))
    return tuple(found)
