"""The lists of the reading room cut into pages: by initial or by year once they are long."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

#: So many rows a page.
PAGE = 500

#: Page, name and cells of a row.
Row = tuple[str, str, list[Any]]


@dataclass(frozen=True, slots=True)
class ListPage:
    """A page of a list: its address and rows, the groups with the pages where they begin, the pages of its group,
    of which it is the one with the number `here`."""

    address: str
    group: str
    rows: list[Row]
    groups: list[tuple[str, int, str]]
    pages: list[tuple[int, str]]
    here: int = 1


def list_pages(word: str, groups: Sequence[tuple[str, int]], rows: Iterable[Row]) -> Iterator[ListPage]:
    """The pages of a list; the first lies at `WORD.html`.

    Args:
        word: what the list is called.
        groups: the initials or years in the order of the rows, each with the number of its rows.
        rows: all rows, in order.
    """
    stream = iter(rows)
    total = sum(count for _, count in groups)
    if total <= PAGE:
        yield ListPage(f"{word}.html", "", list(stream), [], [])
        return
    begin = starts(word, groups)
    told = [(group, count, begin[group]) for group, count in groups]
    number = 1
    for group, count in groups:
        size = -(-count // PAGE)
        pages = [(n, _address(word, number + n - 1)) for n in range(1, size + 1)]
        for n, address in pages:
            cut = list(islice(stream, min(PAGE, count - (n - 1) * PAGE)))
            yield ListPage(address, group, cut, told, pages if size > 1 else [], n)
        number += size


def starts(word: str, groups: Sequence[tuple[str, int]]) -> dict[str, str]:
    """The page on which each group begins."""
    if sum(count for _, count in groups) <= PAGE:
        return {group: f"{word}.html" for group, _ in groups}
    found, number = {}, 1
    for group, count in groups:
        found[group] = _address(word, number)
        number += -(-count // PAGE)
    return found


def _address(word: str, number: int) -> str:
    return f"{word}-{number}.html" if number > 1 else f"{word}.html"
