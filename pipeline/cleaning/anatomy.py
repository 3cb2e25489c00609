"""The parts of a release, in whatever order they come: headline, dateline, release date, embargo, contact, programme …

A text is taken apart into pieces: its lines, and the columns that stand side by side on one line. What a piece shows by
its own wording (`marks`) counts where it stands in a fitting place: a bare date above or below the prose and not in a
programme, `About …` after the prose. What nothing claims is body, or letterhead above the headline. Every character
that is no white space belongs to exactly one part; nothing is cut, and the labeller sees none of this.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pipeline.cleaning import marks
from pipeline.cleaning.headline import find_headline
from pipeline.cleaning.pieces import Piece, find_prose, pieces_of, prose_extent
from pipeline.records import Furniture, Section

#: Lines of a contact block, a signature or between the items of a programme are shorter than this, in characters.
_SHORT = 110
#: So many items make a programme; so many pieces may stand between its heading and the first, and between two items.
_ITEMS, _NEAR, _BETWEEN = 2, 6, 4
_BY_NAME = "a name below the text"
#: Among the first so many paragraphs whose first line has so many characters a dateline is looked for.
_DATELINES, _LED = 3, 40


def anatomy(
    raw: str, furniture: Sequence[Furniture] = (), names: Sequence[tuple[int, int]] = ()
) -> tuple[Section, ...]:
    """The parts of a text in text order, which together cover all of it but white space.

    Args:
        raw: the text as read.
        furniture: its lines that are no part of the announcement (`furniture.mark`).
        names: the spans of names in it, where they are known: a line that is nothing else is no headline.
    """
    pieces = pieces_of(raw, furniture)
    find_headline(pieces, names)
    find_prose(pieces)
    _programmes(pieces)
    _places(pieces)
    _contacts(pieces)
    _tail(pieces)
    _about(pieces)
    _rest(pieces)
    return tuple(_merged(_with_datelines(pieces)))


def _programmes(pieces: Sequence[Piece]) -> None:
    """Lists of hours or days, and lists of titles; with their heading and what stands between their items."""
    at = 0
    while at < len(pieces):
        kind = _item(pieces[at])
        if not kind:
            at += 1
            continue
        items, end = _items(pieces, at, kind)
        first, reason = _beginning(pieces, at, kind)
        titles = sum(
            marks.is_quoted(pieces[i].text)
            or any(not _item(p) and marks.is_quoted(p.text) for p in pieces[i + 1 : i + 2])
            for i in items
        )
        if len(items) >= _ITEMS and (kind != "listed" or reason != _REASONS[kind] or 2 * titles >= len(items)):
            for piece in pieces[first : end + 1]:
                if not piece.furniture:
                    piece.take("programme", reason)
                    piece.prose = False
        at = end + 1
    for index, piece in enumerate(pieces):
        if piece.kind == "programme" and not any(
            p.kind == "programme" for p in (*pieces[max(0, index - _NEAR) : index], *pieces[index + 1 : index + _NEAR])
        ):
            piece.take("")  # a heading without a programme heads nothing


_REASONS = {"hour": "lines that begin with hours", "day": "lines that begin with days", "listed": "a list of titles"}


def _items(pieces: Sequence[Piece], first: int, kind: str) -> tuple[list[int], int]:
    """The numbers of the items of one list, and of the last piece that hangs on them."""
    items, end = [first], first
    for index in range(first + 1, len(pieces)):
        piece = pieces[index]
        found = _item(piece)
        # A list of an hour or a day an item may hold lists; bullets alone never hold hours.
        if found and (found == kind or kind != "listed"):
            items.append(index)
            end = index
        elif not piece.kind and index == end + 1 and piece.block == pieces[end].block and len(piece.text) < 2 * _SHORT:
            end = index
        elif not _between(piece) or index - end > _BETWEEN:
            break
    return items, end


def _item(piece: Piece) -> str:
    """What kind of item a piece begins, where it may be one."""
    return "" if piece.furniture or piece.kind in ("headline", "contact", "embargo") else piece.item


def _between(piece: Piece) -> bool:
    """What may stand between the items of one programme: headings of sessions and days, ends of pages."""
    if piece.furniture or piece.kind in ("programme", "date", "place and date"):
        return True
    return not piece.kind and not piece.prose and len(piece.text) <= _SHORT


def _beginning(pieces: Sequence[Piece], first: int, kind: str) -> tuple[int, str]:
    """Where a programme begins, with its heading or the day above its first item, and what it is known by."""
    begin = first
    for above in range(first - 1, max(-1, first - 3), -1):
        if pieces[above].kind == "date" or (not pieces[above].kind and marks.is_date(pieces[above].text, year=False)):
            begin = above
        elif pieces[above].kind or pieces[above].prose or len(pieces[above].text) > _SHORT:
            break
    for index in range(first - 1, max(-1, first - 1 - _NEAR), -1):
        if pieces[index].kind == "programme":
            return index, pieces[index].reason
        if pieces[index].kind in ("headline", "contact") or (pieces[index].prose and pieces[index].text[-1] != ":"):
            break
    return begin, _REASONS[kind]


def _places(pieces: Sequence[Piece]) -> None:
    """Marks that hold only above or below the prose are taken off elsewhere; bare dates get their meaning."""
    first, last = prose_extent(pieces)
    if first == len(pieces):
        first = 0  # without prose there is no head
    headed = False
    for index, piece in enumerate(pieces):
        outside = index < first or index > last
        headed = headed or piece.kind == "headline"
        if piece.kind == "date":
            beside = [p for p in pieces[max(0, index - 1) : index + 2] if p.line == piece.line]
            # Above a programme it is the day of the event.
            alone = all(p.kind for p in beside) and (index > last or (index < first and pieces[first].prose))
            piece.take("release_date" if alone else "", piece.reason if alone else "")
        elif piece.kind == "place and date":
            piece.take("dateline" if outside else "", piece.reason if outside else "")
        elif piece.kind in ("embargo", "release_date"):
            for following in pieces[index + 1 : index + 2]:
                if following.block == piece.block and marks.is_date(following.text):
                    following.take(piece.kind, piece.reason)
        elif (
            (piece.kind == "letterhead" and index >= first)
            or (piece.kind == "about" and index < first)
            or (piece.kind == "signature" and not (index > last or (headed and outside)))
        ):
            piece.take("")


def _contacts(pieces: Sequence[Piece]) -> None:
    """Lines outside the prose that hold a number or address to reach; what words open goes on in its block."""
    first, last = prose_extent(pieces)
    opened, block = "", -1
    for index, piece in enumerate(pieces):
        opened = opened if piece.block == block else ""
        block = piece.block
        outside = index < first or index > last
        if piece.kind == "contact":
            opened = opened or ("" if piece.furniture else piece.reason)
        elif piece.kind or piece.prose:
            opened = ""
        elif opened and len(piece.text) <= _SHORT and (outside or marks.reaches(piece.text)):
            piece.take("contact", opened)
        elif outside and marks.reaches(piece.text):
            piece.take("contact", "a number or an address")


def _tail(pieces: Sequence[Piece]) -> None:
    """Who signs below the prose: after the words of a signature, or by a name that stands there alone."""
    _, last = prose_extent(pieces)
    if last < 0:
        return
    signed, block = "", -1
    for index in range(last + 1, len(pieces)):
        piece = pieces[index]
        if piece.kind == "signature":
            signed = piece.reason
        elif piece.kind:
            signed = signed if piece.kind == "furniture" else ""
        elif marks.is_signed(piece.text):
            if not signed:
                signed = _BY_NAME
                above = pieces[index - 1]
                if not above.kind and above.block == piece.block and not above.prose and len(above.text) <= _SHORT:
                    above.take("signature", signed)  # the post stands above the name
            piece.take("signature", signed)
        elif signed and piece.block == block and len(piece.text) <= _SHORT:
            piece.take("signature", signed)
        elif signed == _BY_NAME:
            signed = ""
        elif signed and len(piece.text) <= _SHORT and not piece.prose:
            piece.take("signature", signed)
        block = piece.block


def _about(pieces: Sequence[Piece]) -> None:
    """What is told of the sender: from its heading to whatever part comes next."""
    inside = ""
    for piece in pieces:
        if piece.kind == "about":
            inside = piece.reason
        elif piece.kind and piece.kind != "furniture":
            inside = ""
        elif inside and not piece.kind:
            piece.take("about", inside)


def _rest(pieces: Sequence[Piece]) -> None:
    """What is left is body, or letterhead where it stands above the headline or, without one, above the prose."""
    first, _ = prose_extent(pieces)
    head = min((i for i, p in enumerate(pieces) if p.kind == "headline"), default=first)
    head = min(head, first)
    for index, piece in enumerate(pieces):
        if not piece.kind:
            above = index < head < len(pieces)
            piece.take("letterhead" if above else "body", "stands above the news" if above else "")


def _with_datelines(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """The pieces, the first dateline at the head of a paragraph cut from its paragraph."""
    seen, found, block = 0, False, -1
    for piece in pieces:
        if found or seen >= _DATELINES or piece.kind != "body" or len(piece.text) < _LED or piece.block == block:
            yield piece
            continue
        seen, block = seen + 1, piece.block
        length = marks.dateline(piece.text)
        if not 0 < length < len(piece.text):
            yield piece
            continue
        found = True
        rest = piece.text[length:].lstrip()
        yield Piece(piece.start, piece.start + length, "", block, piece.line, "dateline", "heads a paragraph")
        yield Piece(piece.end - len(rest), piece.end, rest, block, piece.line, "body")


def _merged(pieces: Iterable[Piece]) -> Iterator[Section]:
    """Neighbours of one kind as one part; furniture only where its reason is the same."""
    last: Section | None = None
    for piece in pieces:
        if last is not None and last.kind == piece.kind and (last.kind != "furniture" or last.reason == piece.reason):
            last = Section(last.kind, last.start, piece.end, last.reason or piece.reason)
            continue
        if last is not None:
            yield last
        last = Section(piece.kind, piece.start, piece.end, piece.reason)
    if last is not None:
        yield last
