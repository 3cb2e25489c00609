"""The reader of web pages: the main content of a page, or each notice of a page that lists several.

The text is set from the page's own elements, so that lines and programmes keep their shape. trafilatura finds the main
content among menus; a page that is hardly anything but text is taken whole, since no finder is right every time.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from typing import Any

from pipeline.reading.blocks import Blocks
from pipeline.reading.encodings import Decoded
from pipeline.reading.mending import mend
from pipeline.reading.plain import text_of
from pipeline.reading.readers import HEAD, Context, Item, Part, UnreadableError, missing_modules, signature_of

_START = re.compile(rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.S)
_FRAGMENT = re.compile(rb"\s*<(?:p|div|h[1-6]|table|center|font|title|meta|article|br|b|i|a|ul)\b[^>]*>", re.I)
_CHARSET = re.compile(rb"""<meta[^>]+charset\s*=\s*["']?\s*([\w.:-]+)|<\?xml[^>]+encoding\s*=\s*["']([\w.:-]+)""", re.I)

_DROPPED = frozenset(
    {"script", "style", "noscript", "template", "svg", "iframe", "object", "embed", "canvas", "math", "head", "select",
     "textarea", "button", "datalist", "map", "audio", "video", "frameset", "applet"}
)  # fmt: skip
#: What HTML itself says is not the content. A page's own `header` often holds the headline, so it is not among them.
_AROUND = frozenset({"nav", "aside", "footer", "form", "menu"})
_BLOCK = frozenset(
    {"p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "blockquote", "pre", "section",
     "article", "header", "main", "figure", "figcaption", "address", "hr", "center", "body", "fieldset", "details",
     "summary", "head", "list", "quote", "nav", "aside", "footer", "form"}
)  # fmt: skip
_LINE = frozenset({"li", "tr", "dt", "dd", "item", "row", "caption", "option", "legend"})
_CELL = frozenset({"td", "th", "cell"})
_BREAK = frozenset({"br", "lb"})
#: A page whose links hold less than this share of its characters is taken whole.
_FEW_LINKS = 0.15
#: What trafilatura finds must be so long to be believed.
_ENOUGH = 200
#: What a menu is called that is none to HTML, how much of it is links, and how many there are at least.
_MENU = re.compile(
    r"(?:^|[\s_-])(?:\w*menu|nav\w*|calendar|breadcrumbs?|pager|pagination|sidebar)(?:$|[\s_-])", re.IGNORECASE
)
_ALL_LINKS, _MENU_LINKS = 0.8, 4
#: What the class of a date is called.
_DATED = re.compile(r"(?:^|[\s_-])(?:date|published|created|posted|time)(?:$|[\s_-])", re.I)
#: Notices on a page that lists several have so many characters each, and together this share of the page.
_NOTICE, _SHARE = 120, 0.6


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
    articles = _notices(tree)
    if articles:
        for number, article in enumerate(articles, 1):
            heading = _heading(article, "h1", "h2", "h3", "h4", "h5")
            own_date = _time(article)
            yield Part(
                _render(article), decoded.encoding, decoded.confidence, f"{number:03d}", heading or title,
                own_date, address, _notes(note, f"notice {number} of {len(articles)} on this page"),
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
    for element in list(tree.iter(*(_DROPPED - {"head"}))):
        # The text behind an element is not part of it.
        element.drop_tree() if hasattr(element, "drop_tree") else None
    for element in tree.iter("div", "ul", "ol", "table", "td", "p", "span", "center"):
        if _is_menu(element):
            element.tag = "nav"  # what a page of today would call it
    return tree


def _is_menu(element: Any) -> bool:
    """Whether an element is called a menu, a calendar or the like, and holds links and nothing else to speak of."""
    called = f"{element.get('id') or ''} {element.get('class') or ''}"
    return bool(_MENU.search(called)) and _links(element) > _ALL_LINKS and len(element.findall(".//a")) >= _MENU_LINKS


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
    whole = _render(tree, frozenset())
    without = _render(tree)
    if not without.strip() or _links(tree) < _FEW_LINKS:
        text = without if without.strip() else whole
        return text, _left_out(whole, text)
    main = _main(page)
    if len(main) < _ENOUGH or len(main) < 0.25 * len(without):
        return without, _left_out(whole, without)
    heading = _heading(tree)
    if heading and " ".join(heading.split()) not in " ".join(main[:1000].split()):
        main = f"{heading}\n\n{main}"
    return main, _left_out(whole, main)


def _left_out(whole: str, text: str) -> str:
    size = len(whole) - len(text)
    return f"{size:,} characters of menus and the like around the main content were left out" if size > 20 else ""


def _main(page: str) -> str:
    import trafilatura

    try:
        found = trafilatura.bare_extraction(
            page, favor_recall=True, include_comments=False, include_tables=True, deduplicate=False
        )
    except Exception:  # a page it cannot work out is taken whole
        return ""
    body = getattr(found, "body", None)
    return "" if body is None else _render(body)


def _links(tree: Any) -> float:
    total = sum(len(t.strip()) for t in tree.itertext())
    linked = sum(len(t.strip()) for a in tree.iter("a") if a.get("href") for t in a.itertext())
    return linked / total if total else 0.0


def _notices(tree: Any) -> list[Any]:
    """The notices of a page that lists several: alike elements beside each other that make up most of it."""
    outer = [a for a in tree.iter("article") if not any(True for _ in a.iterancestors("article"))]
    articles = [a for a in (outer or _items(tree)) if len(_render(a)) >= _NOTICE]
    if len(articles) < 2:
        return []
    # Menus are links, so the page is measured without them.
    share = sum(len(_render(a)) for a in articles) / max(1.0, len(_render(tree)) * (1 - _links(tree)))
    # Teasers that link to the notices are a list of links, not the notices.
    teasers = sum(_links(a) > 0.5 for a in articles)
    return articles if share >= _SHARE and teasers < len(articles) / 2 else []


def _items(tree: Any) -> list[Any]:
    """Elements of one class beside each other, each with a heading and a date of its own: the items of older pages.

    Sections of one notice have headings too, but no dates.
    """
    for parent in tree.iter("div", "td", "ul", "section", "main", "tbody", "body"):
        alike: dict[tuple[str, str], list[Any]] = {}
        for child in parent.iterchildren("div", "li", "tr", "section"):
            if name := child.get("class"):
                alike.setdefault((child.tag, name), []).append(child)
        for items in alike.values():
            if len(items) > 1 and all(_heading(i, "h1", "h2", "h3", "h4", "h5") and _dated(i) for i in items):
                return items
    return []


def _dated(tree: Any) -> bool:
    return any(
        element.tag == "time" or _DATED.search(element.get("class") or "")
        for element in tree.iter("time", "span", "div", "p", "small", "td", "em")
    )


def _heading(tree: Any, *tags: str) -> str:
    for element in tree.iter(*(tags or ("h1", "h2", "h3"))):
        text = " ".join("".join(element.itertext()).split())
        if text:
            return text
    return ""


def _time(tree: Any) -> str:
    for element in tree.iter("time"):
        found = re.match(r"\d{4}(?:-\d\d(?:-\d\d)?)?(?=\Z|[T ])", element.get("datetime") or "")
        if found:
            return found.group()
    return ""


def _render(tree: Any, around: frozenset[str] = _AROUND) -> str:
    """The text below an element as a browser would set it, line by line."""
    from lxml import etree

    blocks = Blocks()
    skipping: Any = None
    preformatted = 0
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else ""
        tag = tag.rsplit("}", 1)[-1].lower()
        if event == "start":
            if skipping is not None:
                continue
            trafilaturas = tag == "head" and element.get("rend") is not None  # its headings are called `head`
            if element is not tree and not trafilaturas and (tag in _DROPPED or tag in around or not tag):
                skipping = element
                continue
            _before(blocks, tag)
            preformatted += tag == "pre"
            if element.text:
                blocks.text(element.text, keep=preformatted > 0)
            continue
        if skipping is not None and element is not skipping:
            continue
        if skipping is None:
            preformatted -= tag == "pre"
            if tag in _BLOCK:
                blocks.block()
            elif tag in _LINE:
                blocks.line()
        elif tag in _BLOCK:
            blocks.block()
        skipping = None if element is skipping else skipping
        if element is not tree and element.tail:
            blocks.text(element.tail, keep=preformatted > 0)
    return blocks.whole()


def _before(blocks: Blocks, tag: str) -> None:
    if tag in _BLOCK:
        blocks.block()
    elif tag in _LINE:
        blocks.line()
    elif tag in _CELL:
        blocks.cell()
    elif tag in _BREAK:
        blocks.forced_line()


WEB_PAGE = WebPage()
