"""Which line breaks are only typesetting: those where the next word would not have fitted on the line.

A paragraph broken by hand or by a programme's layout keeps its lines; one that was wrapped at a width loses them.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from pipeline.cleaning.edits import Edit

#: Widths at which people and programs wrap lines; outside it a break is taken as meant.
NARROWEST, WIDEST = 38, 120
#: A line that starts like this begins an item of its own.
_ITEM = re.compile(
    r"[-–—•·*°►●>|#=_]|\d{1,2}[.:]\d\d|\d{1,3}[.)]\s|\(?[a-zA-Z\d]\)\s|[\[(]?\d{1,2}[-–]\d|https?:|www\."
)
_COLUMNS = re.compile(r"\S(?:\t| {3,})\S")
_LINE = re.compile(r"[^\n]*\n?")
#: What stands between the cells of a row.
_BAR = re.compile(r"[|¦]")


def hard_wraps(clean: str) -> Iterator[Edit]:
    """Edits that put one space in the place of each line break that was only a wrap."""
    block: list[tuple[int, str]] = []
    for match in _LINE.finditer(clean):
        line = match.group()
        if line.strip():
            block.append((match.start(), line.rstrip("\n")))
        else:
            yield from _join(block)
            block = []
    yield from _join(block)


def _join(block: list[tuple[int, str]]) -> Iterator[Edit]:
    """Edits for one block of lines without a blank one between."""
    if len(block) < 2:
        return
    lengths = sorted(len(line.rstrip()) for _, line in block)
    # The widest line sets the measure, unless it alone sticks out (a heading, a table row).
    width = lengths[-1] if len(lengths) < 4 or lengths[-1] - lengths[-2] < 12 else lengths[-2]
    bars = [len(_BAR.findall(line)) for _, line in block]
    whole = max(bars)  # how many a row of a table has
    for i, ((start, line), (following, below)) in enumerate(itertools.pairwise(block)):
        if bars[i + 1] and bars[i] == whole:
            continue  # a row is whole, and the next begins
        if _wrapped(line, below, width):
            yield Edit(start + len(line.rstrip()), following + len(below) - len(below.lstrip()), " ")


def _wrapped(line: str, below: str, width: int) -> bool:
    """Whether the break between two lines was forced by the width, or the next line plainly goes on."""
    upper, lower = line.rstrip(), below.strip()
    if _ITEM.match(lower) or _COLUMNS.search(lower) or len(upper) > WIDEST:
        return False
    words = lower.split(None, 1)
    goes_on = lower[0].islower() and upper[-1] not in ".!?:;|" and len(upper) >= NARROWEST
    full = NARROWEST <= width <= WIDEST and len(upper) + 1 + len(words[0]) > width
    return goes_on or (full and not _COLUMNS.search(upper.strip()))
