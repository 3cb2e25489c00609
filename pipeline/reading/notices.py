"""The notices of a web page that lists several: elements of one kind, or stretches of it with a title and a day each.

Pages of today have an `article` a notice, those of ten years ago a `div` of some class, and those of the nineties a row
of a table, or nothing but headings one below the other. What tells notices from the sections of one notice is that each
has a day of its own; what tells them from the days of a programme is that they list no hours.
"""

from __future__ import annotations

import copy
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.reading.days import day_of
from pipeline.reading.rendering import AROUND, heading, links, render

#: Notices on a page that lists several have so many characters each, and together this share of the page.
_NOTICE, _SHARE = 120, 0.6
#: What stands around the notices is a document where it has so many characters that are no links.
_REST = 200
#: Shorter rows and stretches are spacers, buttons or headings of tables.
_SPACER = 40
#: A title is shorter than this, in characters.
_TITLE = 200
#: A day alone has so many characters at most.
_DAY = 40
#: The day stands in the first so many lines, or in the last.
_HEAD_LINES = 4
#: So many elements are looked into; a page nests its one list a few dozen deep. A title is looked for so deep in one.
_LOOK_INTO, _DEEP = 200, 5
#: What the class of a date is called, and that of a title.
_DATED = re.compile(
    r"(?:^|[\s_-])(?:(?:create|entry|post|news|item|pub)?date|published|created|posted|time)(?:$|[\s_-])", re.I
)
_TITLED = re.compile(r"(?:^|[\s_-])\w*(?:title|heading)(?:$|[\s_-])", re.I)
_HEADINGS = ("h1", "h2", "h3", "h4", "h5")
_PARENTS = ("div", "td", "ul", "ol", "dl", "section", "main", "center", "table", "tbody", "font", "body")
_ITEMS = ("div", "li", "tr", "section", "table", "dl")
#: What starts a notice where none is an element of its own.
_OPENERS = (*_HEADINGS, "dt", "hr", "title", "bold")
_HOUR = re.compile(r"(?m)^\W{0,3}\d{1,2}[.:]\d\d(?!\d|[.:]\d)")


@dataclass(frozen=True, slots=True)
class Notice:
    """The element that holds a notice; where the page has none, a copy of the elements `of` the page."""

    element: Any
    of: tuple[Any, ...] = ()


def notices(tree: Any) -> list[Notice]:
    """The notices of a page that lists several; none where it does not."""
    outer = [Notice(a) for a in tree.iter("article") if not any(True for _ in a.iterancestors("article"))]
    size = len(render(tree)) * (1 - links(tree))  # menus are links, so the page is measured without them
    for found in (outer,) if outer else _lists(tree):
        sizes = [len(render(notice.element)) for notice in found]
        teasers = sum(links(notice.element) > 0.5 for notice in found)
        # Teasers that link to the notices are a list of links, not the notices.
        if sum(s >= _NOTICE for s in sizes) > 1 and sum(sizes) >= _SHARE * size and teasers < len(found) / 2:
            return [notice for notice, length in zip(found, sizes, strict=True) if length]
    return []


def what_is_left(tree: Any, found: Sequence[Notice]) -> str:
    """The text of a page without its notices, which are taken off it; nothing where that is no text to speak of."""
    for notice in found:
        for element in notice.of or (notice.element,):
            if notice.of:  # what follows these is in the notice
                element.tail = None
            element.drop_tree()
    text = render(tree)
    return text if len(text) * (1 - links(tree)) >= _REST else ""


def _lists(tree: Any) -> Iterator[list[Notice]]:
    """Lists of elements, each with a title and a day: what stands beside each other, then stretches of elements."""
    if not _several_days(tree):
        return
    inside = (p for p in tree.iter(*_PARENTS) if len(p) > 1 and not any(a.tag in AROUND for a in p.iterancestors()))
    parents = list(itertools.islice(inside, _LOOK_INTO))
    for parent in parents:
        yield from _beside(parent)
    for parent in parents:
        yield from _stretches(parent)


def _several_days(tree: Any) -> bool:
    """Whether two lines have a day at their edge, or two elements are called one: else no list is looked for."""
    cells = (cell for line in render(tree).split("\n") for cell in line.split("\t"))
    days = itertools.chain((c for c in cells if day_of(c) is not None), _dates(tree))
    return len(list(itertools.islice(days, 2))) > 1


def _beside(parent: Any) -> Iterator[list[Notice]]:
    """Children of one tag and class, each with a title and a day of its own."""
    alike: dict[tuple[str, str], list[Any]] = {}
    for child in parent.iterchildren(*_ITEMS):
        # Of `post-12 post hentry category-news` the number and what follows `post` may be another one each time.
        for word in {re.sub(r"\d+", "", w) for w in (child.get("class") or "").split()} or {""}:
            alike.setdefault((child.tag, word), []).append(child)
    for (_, named), items in sorted(alike.items(), key=lambda a: (-len(a[1]), not a[0][1], a[0])):
        real = items if named else [i for i in items if _has_text(i)]
        if len(real) > 1 and all(map(_is_notice, real)):
            yield [Notice(item) for item in real]


def _stretches(parent: Any) -> Iterator[list[Notice]]:
    """What lies between one heading, rule or title among the children and the next, copied into an element."""
    children = list(parent)
    for opener in _OPENERS:
        starts = [i for i, child in enumerate(children) if _opens(child, opener)]
        if len(starts) < (1 if opener == "hr" else 2):
            continue
        if opener == "hr":  # rules part notices, they do not head them
            starts = [0, *(i + 1 for i in starts)]
        ends = [*starts[1:], len(children)]
        found: list[Notice] = []
        for start, end in zip(starts, ends, strict=True):
            stretch = _copied(children[start:end])
            if _has_text(stretch):
                found.append(Notice(stretch, tuple(children[start:end])))
        if len(found) > 1 and all(_is_notice(notice.element) for notice in found):
            yield found


def _opens(child: Any, opener: str) -> bool:
    """Whether an element is, or begins with, what starts a notice."""
    if child.tag == opener:
        return True
    for element in itertools.islice(_firsts(child), _DEEP):
        if (
            (opener in _HEADINGS and element.tag == opener)
            or (opener == "title" and _TITLED.search(element.get("class") or ""))
            or (opener == "bold" and element.tag in ("b", "strong") and _has_text(element, 2))
        ):
            return True
    return False


def _firsts(element: Any) -> Iterator[Any]:
    """An element, the first in it, the first in that, as long as no text comes before."""
    while element is not None:
        yield element
        element = element[0] if len(element) and not (element.text or "").strip() else None


def _has_text(element: Any, length: int = _SPACER) -> bool:
    for text in element.itertext():
        length -= len(text.strip())
        if length <= 0:
            return True
    return False


def _copied(children: Sequence[Any]) -> Any:
    from lxml import html

    whole = html.Element("div")
    for child in children:
        whole.append(copy.deepcopy(child))
    return whole


def _is_notice(item: Any) -> bool:
    """Whether an element has a title and a day of its own, and is no day of a programme."""
    if not title_of(item):
        return False
    text = render(item)
    return (day_in(item) is not None or next(_dates(item), None) is not None) and len(_HOUR.findall(text)) < 2


def title_of(item: Any) -> str:
    """The title of a notice: its heading, what its class calls one, or the bold words that it begins with."""
    if found := heading(item, *_HEADINGS):
        return found
    for element in item.iter():
        if isinstance(element.tag, str) and _TITLED.search(element.get("class") or ""):
            text = " ".join("".join(element.itertext()).split())
            if text and len(text) <= _TITLE:
                return text
    return _bold(item)


def _bold(item: Any) -> str:
    """The bold words that an item begins with, or that follow its day."""
    text = " ".join(render(item).split())
    day = ""
    for element in item.iter("b", "strong"):
        words = " ".join("".join(element.itertext()).split())
        if not words:
            continue
        before = text.split(words, 1)[0].strip()
        if len(words) > _TITLE or (before and (len(before) > _DAY or day_of(before) is None)):
            break
        if len(words) > _DAY or day_of(words) is None:
            return words
        day = day or words
    return day


def day_in(item: Any) -> str | None:
    """The day of a notice in ISO 8601: that of a `time`, or one at the edge of its first lines or its last."""
    for element in item.iter("time"):
        found = re.match(r"\d{4}(?:-\d\d(?:-\d\d)?)?(?=\Z|[T ])", element.get("datetime") or "")
        if found:
            return found.group()
    lines = [cell for line in render(item).split("\n") if line.strip() for cell in line.split("\t")]
    for line in (*lines[:_HEAD_LINES], *lines[_HEAD_LINES:][-1:]):
        if (day := day_of(line)) is not None:
            return day
    return None


def _dates(tree: Any) -> Iterator[Any]:
    """The elements that are called a date."""
    for element in tree.iter("time", "span", "div", "p", "small", "td", "em"):
        if element.tag == "time" or _DATED.search(element.get("class") or ""):
            yield element
