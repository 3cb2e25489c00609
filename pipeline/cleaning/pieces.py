"""A raw text as pieces: its lines and the columns of its lines, with what each shows by its own words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.cleaning import marks
from pipeline.records import Furniture

#: Furniture that tells how to reach someone.
_REACHED = frozenset({"phone line", "mail line", "address of a page"})
#: A paragraph with so many words that ends a sentence, or so many words at all, is prose.
_PROSE, _LONG_PROSE = 12, 30
#: Lines shorter than this on average are no prose, in characters.
_NARROW = 40
_LINE = re.compile(r"[^\r\n\f\v\u2028\u2029\x85]+")
_LINE_END = re.compile(r"\r\n|[\r\n\f\v\u2028\u2029\x85]")
_COLUMNS = re.compile(r"(?<=\S)(?:[^\S\n]{3,}|\t+)(?=\S)")
_SENTENCE_END = re.compile(r"[.!?…][»”\")\]]*\Z")
_OPEN_END = re.compile(r"[\w,;–—-]\Z")
_WORD = re.compile(r"\w+")


@dataclass(slots=True)
class Piece:
    """A line, or a column of one. `block` numbers the runs of lines without a blank one between.

    `kind` is the part it is taken for and `reason` why; `date` and `place and date` are no parts yet. `item` is the
    kind of item of a list that it begins (`marks.item`).
    """

    start: int
    end: int
    text: str
    block: int
    line: int
    kind: str = ""
    reason: str = ""
    furniture: bool = False
    prose: bool = False
    item: str = ""

    def take(self, kind: str, reason: str = "") -> None:
        """Take it for a part."""
        self.kind, self.reason = kind, reason


def pieces_of(raw: str, furniture: Sequence[Furniture]) -> list[Piece]:
    """The pieces in text order, each with the mark that it shows."""
    pieces: list[Piece] = []
    for piece in _cut(raw, furniture):
        if not piece.kind and not _goes_on(pieces[-1] if pieces else None, piece):
            _mark(piece)
        pieces.append(piece)
    return pieces


def _cut(raw: str, furniture: Sequence[Furniture]) -> Iterator[Piece]:
    """Lines, cut into columns where one of these shows a mark; furniture as it was found."""
    known = {f.start: f for f in furniture}
    block = last = 0
    for number, match in enumerate(_LINE.finditer(raw)):
        text = match.group().strip()
        if not text:
            continue
        start = match.start() + match.group().index(text)
        gap = raw[last:start]
        block += "\f" in gap or len(_LINE_END.findall(gap)) > 1
        last = start + len(text)
        found = known.get(start)
        if found and found.end == last and not (found.reason == "path of pages" and _quotes(text)):
            piece = Piece(start, last, text, block, number, furniture=True)
            if found.reason not in _REACHED:
                piece.take("furniture", found.reason)
            elif not marks.is_date(text):
                piece.take("contact", found.reason)
            yield piece
            continue
        item = marks.item(text)
        columns = [] if item else _COLUMNS.split(text)
        if len(columns) > 1 and any(marks.mark(c)[0] or marks.is_date(c) for c in columns):
            at = start
            for column in columns:
                at = raw.index(column, at)
                yield Piece(at, at + len(column), column, block, number)
                at += len(column)
        else:
            yield Piece(start, last, text, block, number, item=item)


def _quotes(text: str) -> bool:
    """Whether the angles in a line are quotation marks: a heading with a quotation looks like a path of pages."""
    return not re.search("[>›]", text) and text.count("«") == text.count("»")


def _mark(piece: Piece) -> None:
    kind, words = marks.mark(piece.text)
    if kind:
        piece.take(kind, words)
    elif marks.is_date(piece.text):
        piece.take("date", "a date that stands alone")
    elif marks.is_place_and_date(piece.text):
        piece.take("place and date", "a place and a date that stand alone")


def _goes_on(before: Piece | None, piece: Piece) -> bool:
    """Whether a line only continues the one above, which was full: in the middle of a sentence nothing opens."""
    if before is None or before.block != piece.block or before.kind or before.line == piece.line:
        return False
    return len(before.text) > 50 and bool(_OPEN_END.search(before.text))


def find_prose(pieces: Sequence[Piece]) -> None:
    """Tell paragraphs of prose from headings, lists and addresses."""
    for run in _paragraphs(pieces):
        # A list is no prose, however long: each of its lines stands for itself.
        if len(run) > 1 and sum(bool(p.item) for p in run) > 0.4 * len(run):
            continue
        if len(run) > 2 and sum(len(p.text) for p in run) < _NARROW * len(run):
            continue
        words = sum(len(_WORD.findall(p.text)) for p in run)
        if words >= _LONG_PROSE or (words >= _PROSE and _SENTENCE_END.search(run[-1].text)):
            for piece in run:
                piece.prose = not (len(run) == 1 and piece.item == "hour")


def _paragraphs(pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
    """Runs of lines of one block that nothing claims."""
    run: list[Piece] = []
    for piece in pieces:
        if run and (piece.kind or piece.block != run[-1].block):
            yield run
            run = []
        if not piece.kind:
            run.append(piece)
    if run:
        yield run


def prose_extent(pieces: Sequence[Piece]) -> tuple[int, int]:
    """The numbers of the first and the last piece of prose or programme; (n, -1) where there is none."""
    inside = [i for i, p in enumerate(pieces) if p.prose or p.kind == "programme"]
    return (inside[0], inside[-1]) if inside else (len(pieces), -1)
