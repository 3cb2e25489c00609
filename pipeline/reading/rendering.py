"""The text of a web page's elements as a browser would set it, line by line, and what these say of themselves."""

from __future__ import annotations

from typing import Any

from pipeline.reading.blocks import Blocks

DROPPED = frozenset(
    {"script", "style", "noscript", "template", "svg", "iframe", "object", "embed", "canvas", "math", "head", "select",
     "textarea", "button", "datalist", "map", "audio", "video", "frameset", "applet"}
)  # fmt: skip
#: What HTML itself says is not the content. A page's own `header` often holds the headline, so it is not among them.
AROUND = frozenset({"nav", "aside", "footer", "form", "menu"})
_BLOCK = frozenset(
    {"p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "blockquote", "pre", "section",
     "article", "header", "main", "figure", "figcaption", "address", "hr", "center", "body", "fieldset", "details",
     "summary", "head", "list", "quote", "nav", "aside", "footer", "form"}
)  # fmt: skip
_LINE = frozenset({"li", "tr", "dt", "dd", "item", "row", "caption", "option", "legend"})
_CELL = frozenset({"td", "th", "cell"})
_BREAK = frozenset({"br", "lb"})


def render(tree: Any, around: frozenset[str] = AROUND) -> str:
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
            if element is not tree and not trafilaturas and (tag in DROPPED or tag in around or not tag):
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


def links(tree: Any) -> float:
    """The share of the characters below an element that are links."""
    total = sum(len(t.strip()) for t in tree.itertext())
    linked = sum(len(t.strip()) for a in tree.iter("a") if a.get("href") for t in a.itertext())
    return linked / total if total else 0.0


def heading(tree: Any, *tags: str) -> str:
    """The first heading below an element, on one line; of these tags, without any of the first three ranks."""
    for element in tree.iter(*(tags or ("h1", "h2", "h3"))):
        text = " ".join("".join(element.itertext()).split())
        if text:
            return text
    return ""
