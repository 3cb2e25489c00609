"""The readers of Word (`.docx`) and OpenDocument (`.odt`) files: plain XML in a package, read without its program."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, ParseError

from pipeline.reading.blocks import joined
from pipeline.reading.packages import member, names, opened
from pipeline.reading.readers import Context, Item, Part, UnreadableError

_HEADER = re.compile(r"word/header\d*\.xml\Z")
_FOOTER = re.compile(r"word/footer\d*\.xml\Z")
#: Real documents nest a few dozen elements.
_DEEPEST = 1000
_NOTES = ("word/footnotes.xml", "word/endnotes.xml")


@dataclass(frozen=True, slots=True)
class _Dialect:
    """What the elements of a format mean, by local name."""

    paragraph: frozenset[str]
    text: frozenset[str]  # elements whose characters are text; empty: all
    skip: frozenset[str]
    breaks: frozenset[str]
    tabs: frozenset[str]
    cell: frozenset[str]
    row: frozenset[str]
    aside: frozenset[str] = frozenset()  # text that stands in a paragraph but is read after it
    signs: dict[str, str] = field(default_factory=dict)


_WORD = _Dialect(
    frozenset({"p"}), frozenset({"t"}),
    frozenset({"Fallback", "del", "moveFrom", "pPr", "rPr", "sectPr", "instrText"}),
    frozenset({"br", "cr"}), frozenset({"tab", "ptab"}), frozenset({"tc"}), frozenset({"tr"}),
    frozenset({"txbxContent"}), {"noBreakHyphen": "\u2011", "softHyphen": "\u00ad"},
)  # fmt: skip
_OPEN = _Dialect(
    frozenset({"p", "h"}), frozenset(), frozenset({"tracked-changes", "annotation", "note-citation", "forms"}),
    frozenset({"line-break"}), frozenset({"tab"}), frozenset({"table-cell"}), frozenset({"table-row"}),
    frozenset({"note-body", "text-box"}),
)  # fmt: skip


class _Package:
    """What the two readers share."""

    def missing(self) -> str:
        """Nothing beyond the core is needed."""
        return ""


class WordDocument(_Package):
    """Word 2007 and later."""

    name = "Word document (docx)"
    media_type = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    suffixes = frozenset({".docx", ".docm", ".dotx"})

    def accepts(self, data: bytes, suffix: str) -> bool:
        """Whether it is a package with a document of Word in it."""
        return data.startswith(b"PK") and "word/document.xml" in names(data)

    def read(self, data: bytes, context: Context) -> Iterable[Item]:
        """Heads, body, notes and feet, in this order. Raises `UnreadableError`."""
        archive = opened(data)
        inside = {info.filename: info for info in archive.infolist()}
        order = [
            *sorted(n for n in inside if _HEADER.match(n)), "word/document.xml", *(n for n in _NOTES if n in inside),
            *sorted(n for n in inside if _FOOTER.match(n)),
        ]  # fmt: skip
        pieces: list[str] = []
        for name in order:
            text = joined(list(_paragraphs(member(archive, inside[name], context), _WORD)))
            if text and text not in pieces:  # the same head for the first page and the others
                pieces.append(text)
        title, date = "", ""
        if "docProps/core.xml" in inside:
            title, date = _about(member(archive, inside["docProps/core.xml"], context))
        yield Part("\n".join(pieces), title=title, date=date)


class OpenDocument(_Package):
    """OpenDocument texts of LibreOffice and others."""

    name = "OpenDocument text (odt)"
    media_type = "application/vnd.oasis.opendocument.text"
    suffixes = frozenset({".odt", ".ott"})

    def accepts(self, data: bytes, suffix: str) -> bool:
        """Whether it is a package that says it is a text."""
        if not data.startswith(b"PK"):
            return False
        return b"opendocument.text" in data[:200] or suffix in self.suffixes

    def read(self, data: bytes, context: Context) -> Iterable[Item]:
        """The body with its notes. Raises `UnreadableError`."""
        archive = opened(data)
        inside = {info.filename: info for info in archive.infolist()}
        manifest = inside.get("META-INF/manifest.xml")
        if manifest and b"encryption-data" in member(archive, manifest, context):
            raise UnreadableError("this is encrypted: unlock it with its password and save it without one")
        if "content.xml" not in inside:
            raise UnreadableError("there is no text in this package: save the document again from its program")
        text = joined(list(_paragraphs(member(archive, inside["content.xml"], context), _OPEN)))
        title, date = "", ""
        if "meta.xml" in inside:
            title, date = _about(member(archive, inside["meta.xml"], context))
        yield Part(text, title=title, date=date)


def _root(xml: bytes) -> Element:
    """The tree of a part. Entities and document types are refused: no such document has them, except to do harm.

    Raises `UnreadableError`.
    """
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import iterparse

    root: Element | None = None
    depth = 0
    try:
        for event, element in iterparse(io.BytesIO(xml), events=("start", "end"), forbid_dtd=True):
            root = element if root is None else root
            depth += 1 if event == "start" else -1
            if depth > _DEEPEST:
                raise UnreadableError("the elements are nested too deeply for a real document: it is not read")
    except DefusedXmlException:
        raise UnreadableError(
            "the document declares entities or a type of its own, which may be an attack: it is not read"
        ) from None
    except (ParseError, ValueError, LookupError) as error:
        raise UnreadableError(f"the document is damaged ({error}): open it in its program and save it again") from None
    if root is None:
        raise UnreadableError("the document is damaged (it is empty): open it in its program and save it again")
    return root


def _paragraphs(xml: bytes, dialect: _Dialect) -> Iterator[str]:
    """The paragraphs of a document; a row of a table is one, its cells apart by tabs."""
    yield from _walk(_root(xml), dialect)


def _walk(root: Element, d: _Dialect) -> Iterator[str]:
    """Paragraphs below an element. Only a text box recurses; the depth was checked."""
    line: list[str] = []
    later: list[Element] = []
    rows = 0  # how many rows are open: a nested table is set into its cell
    done: list[str] = []
    stack: list[tuple[Element, bool]] = [(root, False)]
    open_paragraphs = 0
    while stack:
        element, leaving = stack.pop()
        tag = _local(element)
        if leaving:
            if tag in d.paragraph:
                open_paragraphs -= 1
                if rows:
                    line.append(" ")
                elif not open_paragraphs:
                    done.append(_tidy("".join(line)))
                    line = []
            elif tag in d.cell:
                line.append("\t")
            elif tag in d.row:
                rows -= 1
                if not rows:
                    done.append(_tidy(re.sub(r"(?<! ) +\t", "\t", "".join(line)).rstrip("\t ")))
                    line = []
            if element is not root and open_paragraphs and not d.text:
                line.append(_flat(element.tail))
            if tag in d.paragraph and not rows and not open_paragraphs:
                for aside in later:
                    done += _walk(aside, d)
                later = []
            yield from done
            done = []
            continue
        if element is not root and tag in d.aside and (open_paragraphs or rows):
            later.append(element)
            if open_paragraphs and not d.text:
                line.append(_flat(element.tail))
            continue
        if tag in d.skip:
            if open_paragraphs and not d.text:
                line.append(_flat(element.tail))
            continue
        if tag in d.paragraph:
            open_paragraphs += 1
        rows += tag in d.row
        if tag in d.breaks:
            line.append(" " if rows else "\n")
        elif tag in d.tabs:
            line.append("\t")
        elif tag in d.signs:
            line.append(d.signs[tag])
        elif tag == "s" and not d.text:
            line.append(" " * min(200, _count(element)))
        if tag in d.text:
            line.append(element.text or "")
        elif not d.text and open_paragraphs:
            line.append(_flat(element.text))
        stack.append((element, True))
        stack.extend((child, False) for child in reversed(list(element)))
    if "".join(line).strip():
        yield _tidy("".join(line))


def _local(element: Element) -> str:
    return element.tag.rsplit("}", 1)[-1]


def _count(element: Element) -> int:
    """How many spaces an OpenDocument `s` stands for."""
    found = next((v for k, v in element.attrib.items() if k.endswith("}c")), "1")
    return int(found) if found.isdecimal() else 1


def _flat(text: str | None) -> str:
    """White space in OpenDocument collapses as in HTML."""
    return re.sub(r"[ \t\r\n]+", " ", text or "")


def _tidy(paragraph: str) -> str:
    return "\n".join(line.rstrip() for line in paragraph.split("\n"))


def _about(xml: bytes) -> tuple[str, str]:
    """Title and date of the document's properties; nothing where they cannot be read."""
    title = date = ""
    try:
        for element in _root(xml).iter():
            text = element.text or ""
            if _local(element) == "title":
                title = " ".join(text.split())
            elif _local(element) in ("created", "creation-date"):
                found = re.match(r"\d{4}-\d\d-\d\d", text)
                date = found.group() if found else ""
    except UnreadableError:
        return "", ""
    return title, date


WORD_DOCUMENT, OPEN_DOCUMENT = WordDocument(), OpenDocument()
