"""The headline of a release: its first line that is set apart as one. Where none is, there is no headline."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from pipeline.cleaning.pieces import Piece
from pipeline.knowledge import COMMON, lines

#: A longer line is a paragraph.
_LONGEST = 160
#: So many pieces from the start are looked at, and so many lines may make one headline.
_LOOK_AT, _LINES = 15, 4
#: A paragraph of so many characters that ends a sentence is news: what stands alone below it heads only a part.
_NEWS = 160
#: Lists of shorter lines, in characters, are menus.
_MENU = 25
_WORD = re.compile(r"[^\W\d_]{2,}")
_GAP, _WIDE = re.compile(r"\S\s+(?=\S)"), re.compile(r"\S\s{2,}(?=\S)")
_NO_HEADLINE = re.compile(r"[|>›→]\s|\s[|/•∙]\s|\A\W*\w+\s{3,}\w+(?: \w+)?\Z|https?:|\w@\w|:\s*\Z")


def find_headline(pieces: Sequence[Piece], names: Sequence[tuple[int, int]]) -> None:
    """Take the lines of the headline for it.

    A headline is a short line of words that nothing else claims, not just a name or a number, with no sentence end,
    that a blank line or a much longer line follows. Lines that often stand there and are none (a choice of languages,
    an address) are knowledge: `no_headings.txt`. Of several the first counts, but one in capitals goes before others.
    Lines above it that it plainly continues belong to it.

    Args:
        pieces: with their marks. names: spans of names; a line that is nearly nothing else is no headline.
    """
    found: list[int] = []
    weak: list[int] = []  # what only a date or a name follows, and the headings of programmes
    for index, piece in enumerate(pieces[:_LOOK_AT]):
        if not piece.kind and (len(piece.text) > _LONGEST or _ends_news(pieces, index)):
            break
        listed = [p for p in pieces[index : index + 4] if p.item]
        if piece.item and len(listed) > 1 and sum(len(p.text) for p in listed) > _MENU * len(listed):
            break  # in a list every line stands alone
        if not piece.kind and _fits(piece) and not _is_name(piece, names):
            below = pieces[index + 1] if index + 1 < len(pieces) else None
            if below is None or below.block != piece.block or len(below.text) > 2 * len(piece.text):
                found.append(index)
            elif below.line != piece.line and (below.kind or _is_name(below, names)):
                weak.append(index)
        elif piece.kind == "programme" and len(_WORD.findall(piece.text)) > 2:
            weak.append(index)
    if not found and not weak:
        return
    capitals = [i for i in found if pieces[i].text.isupper() and len(_WORD.findall(pieces[i].text)) > 2]
    last = first = (capitals or found or weak)[0]
    while first and last - first < _LINES - 1 and _continues(pieces[first - 1], pieces[first], names):
        first -= 1
    while last + 1 < len(pieces) and last - first < _LINES - 1 and _continues(pieces[last], pieces[last + 1], ()):
        last += 1
    for part in pieces[first : last + 1]:
        part.take("headline", "stands alone at the head")


def _fits(piece: Piece) -> bool:
    line = piece.text
    wide = len(_WIDE.findall(line))
    if piece.item in ("hour", "listed") or (wide > 1 and wide < len(_GAP.findall(line))):
        return False
    if piece.furniture or len(_WORD.findall(line)) < 2 or len(line) > _LONGEST or _NO_HEADLINE.search(line):
        return False
    return line[-1] not in ".;," and not _no_heading().fullmatch(line)


def _continues(above: Piece, below: Piece, names: Sequence[tuple[int, int]]) -> bool:
    """Whether a line is the beginning of the headline that ends below it."""
    if above.kind == "programme" and below.text[0].islower():
        return True  # `Programme` and below it of what
    if above.kind not in ("", "headline") or below.kind not in ("", "headline") or above.furniture:
        return False
    if above.block != below.block or above.line == below.line or below.furniture or below.item:
        return False
    if _is_name(above, names) and not below.text[0].islower():
        return False
    if len(above.text) > _LONGEST or _no_heading().fullmatch(above.text):
        return False
    text = above.text
    open_quote = text.count("«") > text.count("»") or ("„" not in text and text.count("“") > text.count("”"))
    return (
        below.text[0].islower()
        or above.text[-1] in ",-–—"
        or open_quote
        or (
            above.text.isupper()
            and below.text.isupper()
            and bool(_WORD.search(above.text))
            and above.text[-1] not in ".;:"
        )
    )


def _ends_news(pieces: Sequence[Piece], index: int) -> bool:
    """Whether the line ends a paragraph of prose."""
    piece = pieces[index]
    if piece.text[-1] not in ".!?":
        return False
    length, at = 0, index
    while at >= 0 and pieces[at].block == piece.block and not pieces[at].kind:
        length += len(pieces[at].text)
        at -= 1
    return length > _NEWS


@cache
def _no_heading() -> re.Pattern[str]:
    return re.compile("|".join(lines(COMMON, "no_headings")), re.IGNORECASE)


def _is_name(piece: Piece, names: Sequence[tuple[int, int]]) -> bool:
    """Whether a name is nearly the whole of a line."""
    return any(s < piece.end and piece.start < e and e - s > 0.8 * (piece.end - piece.start) for s, e in names)
