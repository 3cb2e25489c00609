"""The reader of web pages: the main content of a page, or each notice of a page that lists several.

The text is set from the page's own elements, so that lines and programmes keep their shape. trafilatura finds the main
content among menus; a page that is hardly anything but text is taken whole, since no finder is right every time.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from typing import Any

from pipeline.reading.encodings import Decoded
from pipeline.reading.mending import mend
from pipeline.reading.notices import day_in, notices, title_of, what_is_left
from pipeline.reading.plain import text_of
from pipeline.reading.readers import HEAD, Context, Item, Part, UnreadableError, missing_modules, signature_of
from pipeline.reading.rendering import DROPPED, heading, links, render

# Each comment ends at its own mark: with many of them a looser pattern would try every way of joining them.
_START = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?:(?!-->).)*+-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.S
)
_FRAGMENT = re.compile(rb"\s*<(?:p|div|h[1-6]|table|center|font|title|meta|article|br|b|i|a|ul)\b[^>]*>", re.I)
_CHARSET = re.compile(rb"""<meta[^>]+charset\s*=\s*["']?\s*([\w.:-]+)|<\?xml[^>]+encoding\s*=\s*["']([\w.:-]+)""", re.I)

#: A page whose links hold less than this share of its characters is taken whole.
_FEW_LINKS = 0.15
#: What trafilatura finds must be so long to be believed.
_ENOUGH = 200
#: What a menu is called that is none to HTML, how much of it is links, and how many there are at least.
_MENU = re.compile(
    r"(?:^|[\s_-])(?:\w*menu|nav\w*|calendar|breadcrumbs?|pager|pagination|sidebar)(?:$|[\s_-])", re.IGNORECASE
)
_ALL_LINKS, _MENU_LINKS = 0.8, 4


class WebPage:
    """HTML and XHTML, recognised by the first elements or the suffix."""

    name = "web page (HTML)"
    media_type = "text/html"
    suffixes = frozenset({".html", ".htm", ".xhtml", ".shtml"})

    def accepts(self, data: bytes, suffix: str) -> bool:
        """Whether the file begins as a page does, or is a page's fragment under its suffix."""
        head = _narrow(data[:HEAD])
        if signature_of(data[:HEAD]) is not None:
            return False
        return bool(_START.match(head)) or (suffix in self.suffixes and (not data or bool(_FRAGMENT.search(head))))

    def missing(self) -> str:
        """Needs trafilatura, which brings lxml."""
        return missing_modules("html", "trafilatura")

    def read(self, data: bytes, context: Context) -> Iterable[Item]:
        """The page's text, or its notices. Raises `UnreadableError`."""
        found = _CHARSET.search(_narrow(data[:HEAD]))
        if found and not context.encoding:
            context.encoding = (found[1] or found[2]).decode("ascii")
        decoded = text_of(data, context)
        mended = mend(decoded.text)
        return list(_parts(mended.text, decoded, mended.note))


def _narrow(head: bytes) -> bytes:
    """The first bytes without the mark and the zeros of UTF-16, enough to see the elements."""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or (b"\0<" in head[:8] or b"<\0" in head[:8]):
        head = head.replace(b"\0", b"")
    return head.removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff")


def _parts(page: str, decoded: Decoded, note: str) -> Iterator[Part]:
    tree = _tree(page)
    title, date, address = _about(tree)
    # The finder of dates makes a day of one that does not exist (2023-02-30).
    written = set(re.findall(rf"(?<!\d){re.escape(date[:7])}-\d\d(?!\d)", page)) if date else set()
    date = date if date in written or not written else ""
    if listed := notices(tree):
        texts = [render(notice.element) for notice in listed]
        rest = what_is_left(tree, listed)
        size = len(render(tree, frozenset())) - len(rest)
        around = _left_out(size, "of menus and the like around the notices")
        for number, (notice, text) in enumerate(zip(listed, texts, strict=True), 1):
            yield Part(
                text, decoded.encoding, decoded.confidence, f"{number:03d}", title_of(notice.element) or title,
                day_in(notice.element) or "", address,
                _notes(note, f"notice {number} of {len(listed)} on this page", around),
            )  # fmt: skip
        if rest:
            what = "what stands around the notices of this page"
            yield Part(
                rest, decoded.encoding, decoded.confidence, "around", title, date, address, _notes(note, what)
            )  # fmt: skip
        return
    text, left_out = _content(tree, page)
    yield Part(text, decoded.encoding, decoded.confidence, "", title, date, address, _notes(note, left_out))


def _notes(*notes: str) -> str:
    return "; ".join(n for n in notes if n)


def _tree(page: str) -> Any:
    from lxml import etree, html

    # Nothing is fetched and no entity is resolved. Old pages that never close their elements nest hundreds deep;
    # with huge_tree libxml2 goes to a depth of 2,048 instead of 256, below which it drops text and only logs it.
    parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=True)
    cleaned = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]", " ", page)
    try:
        tree = html.document_fromstring(cleaned.encode("utf-8"), parser=parser)
    except (etree.LxmlError, ValueError) as error:
        if not re.sub(r"<[^>]*>?", "", cleaned).strip():
            return html.document_fromstring("<html><body></body></html>")
        raise UnreadableError(f"the page cannot be taken apart ({error}): save it again from its source") from None
    if any(e.type_name == "ERR_RESOURCE_LIMIT" for e in parser.error_log):
        raise UnreadableError("the elements are nested too deeply for a real page: save what a browser shows as text")
    for element in list(tree.iter(*(DROPPED - {"head"}))):
        # The text behind an element is not part of it.
        element.drop_tree() if hasattr(element, "drop_tree") else None
    for element in tree.iter("div", "ul", "ol", "table", "td", "p", "span", "center"):
        if _is_menu(element):
            element.tag = "nav"  # what a page of today would call it
    return tree


def _is_menu(element: Any) -> bool:
    """Whether an element is called a menu, a calendar or the like, and holds links and nothing else to speak of."""
    called = f"{element.get('id') or ''} {element.get('class') or ''}"
    return bool(_MENU.search(called)) and links(element) > _ALL_LINKS and len(element.findall(".//a")) >= _MENU_LINKS


def _about(tree: Any) -> tuple[str, str, str]:
    """Title, date and address that the page gives itself in its head."""
    import trafilatura

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    logging.getLogger("htmldate").setLevel(logging.CRITICAL)
    try:
        found = trafilatura.extract_metadata(tree, extensive=False)
    except Exception:  # what a page says of itself is never worth the page
        return "", "", ""
    title = " ".join((found.title or "").split())
    return title, found.date or "", found.url or ""


def _content(tree: Any, page: str) -> tuple[str, str]:
    """The text of a page, and what was left out of it."""
    whole = render(tree, frozenset())
    without = render(tree)
    if not without.strip() or links(tree) < _FEW_LINKS:
        text = without if without.strip() else whole
        return text, _left_out_of(whole, text)
    main = _main(page)
    if len(main) < _ENOUGH or len(main) < 0.25 * len(without):
        return without, _left_out_of(whole, without)
    headline = heading(tree)
    if headline and " ".join(headline.split()) not in " ".join(main[:1000].split()):
        main = f"{headline}\n\n{main}"
    return main, _left_out_of(whole, main)


def _left_out_of(whole: str, text: str) -> str:
    return _left_out(len(whole) - len(text), "of menus and the like around the main content")


def _left_out(size: int, what: str) -> str:
    return f"{size:,} characters {what} were left out" if size > 20 else ""


def _main(page: str) -> str:
    import trafilatura

    try:
        found = trafilatura.bare_extraction(
            page, favor_recall=True, include_comments=False, include_tables=True, deduplicate=False
        )
    except Exception:  # a page it cannot work out is taken whole
        return ""
    body = getattr(found, "body", None)
    return "" if body is None else render(body)


WEB_PAGE = WebPage()
