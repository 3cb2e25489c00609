"""The reader of PDF files: columns in reading order, paragraphs by the gaps between lines, pages apart by form feeds.

pdfium (through pypdfium2) gives the characters and their places. A document without text is a scan: with `--ocr` and
tesseract it is recognised, else it fails and says so. Running heads and page numbers stay in the text and are marked as
furniture by the cleaning, which sees the form feeds.
"""

from __future__ import annotations

import itertools
import re
import statistics
from collections.abc import Iterable, Sequence
from typing import Any

from pipeline.reading.columns import Run, in_order, rows, split
from pipeline.reading.pictures import Recogniser, no_text
from pipeline.reading.readers import Context, Item, Part, UnreadableError, missing_modules

#: A gap of so many times the usual distance between lines parts two paragraphs.
_GAP = 1.35
#: Dots an inch at which a page is recognised.
_DPI = 300
_DAMAGED = "the PDF is damaged or was cut short: open it in a PDF program and save it again"
_DATE = re.compile(r"D:(\d{4})(\d\d)?(\d\d)?")


class PdfDocument:
    """PDF, recognised by its mark, which may stand a little after the start."""

    name = "PDF"
    media_type = "application/pdf"
    suffixes = frozenset({".pdf"})

    def accepts(self, data: bytes, suffix: str) -> bool:
        """Whether the mark stands in the first bytes."""
        return data.startswith(b"%PDF-") or (suffix in self.suffixes and b"%PDF-" in data[:1024])

    def missing(self) -> str:
        """Needs pypdfium2."""
        return missing_modules("pdf", "pypdfium2")

    def read(self, data: bytes, context: Context) -> Iterable[Item]:
        """The text of all pages as one document. Raises `UnreadableError`."""
        document = _opened(data)
        try:
            count = len(document)
            if count > context.options.max_pages:
                raise UnreadableError(
                    f"the document has {count:,} pages, more than the limit of {context.options.max_pages:,}: "
                    "split it, or raise the limit with --max-pages"
                )
            read = [_page(document, number) for number in range(count)]
            pages = [page or "" for page in read]
            damaged = read.count(None)
            notes = [f"{damaged:,} of {count:,} pages are damaged and give no text"] if damaged else []
            if damaged == count:
                raise UnreadableError(_DAMAGED)
            scanned = [n for n, page in enumerate(read) if page is not None and not page.strip()]
            if len(scanned) + damaged == count:
                if not context.options.ocr:
                    raise UnreadableError(no_text("the PDF holds pictures of pages"))
                recogniser = Recogniser(context)
                pages = [recogniser.text(_picture(document, number)) for number in range(count)]
                notes = [recogniser.note]
            elif scanned := [n for n in scanned if _holds_picture(document, n)]:
                notes.append(_with_scanned(document, pages, scanned, context))
            about = document.get_metadata_dict()
        finally:
            document.close()
        found = _DATE.match(about.get("CreationDate", ""))
        date = "-".join(part for part in found.groups() if part) if found else ""
        yield Part("\f".join(pages), title=" ".join(about.get("Title", "").split()), date=date, note="; ".join(notes))


def _with_scanned(document: Any, pages: list[str], scanned: Sequence[int], context: Context) -> str:
    """Set the text of the scanned pages among others, where it can be recognised; tells how that went."""
    told = f"{len(scanned):,} of {len(pages):,} pages are pictures"
    if not context.options.ocr:
        return no_text(told)
    recogniser = Recogniser(context)
    try:
        for number in scanned:
            pages[number] = recogniser.text(_picture(document, number))
    except UnreadableError as error:  # the others are worth having
        return f"{told} and not all of them give text: {error}"
    return f"{told}, {recogniser.note}"


def _holds_picture(document: Any, number: int) -> bool:
    """Whether there is a picture on a page, which may be a scan; an empty page has none."""
    from pypdfium2 import raw

    page = document[number]
    try:
        return next(iter(page.get_objects(filter=(raw.FPDF_PAGEOBJ_IMAGE,))), None) is not None
    finally:
        page.close()


def _opened(data: bytes) -> Any:
    import pypdfium2

    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        # The message may be that of an earlier document, so the file has to say so too.
        if "password" in str(error).lower() and b"/Encrypt" in data:
            raise UnreadableError("the PDF is encrypted: unlock it with its password and save it without one") from None
        raise UnreadableError(_DAMAGED) from None


def _page(document: Any, number: int) -> str | None:
    """The text of a page, a line a line, blank lines between paragraphs; None where the page is damaged."""
    import pypdfium2

    try:
        page = document[number]
        text_page = page.get_textpage()
    except pypdfium2.PdfiumError:
        return None
    try:
        runs = _runs(text_page)
    finally:
        text_page.close()
        page.close()
    columns = in_order([run for line in runs for run in line])
    if columns is None:
        return _set(_in_one_column([_joined(line) for line in runs]))
    return _set([_joined(row) for column in columns for row in rows(column)])


def _runs(text_page: Any) -> list[list[Run]]:
    """The lines of a page as it was drawn, each as runs of words."""
    lines: list[list[Run]] = []
    at = 0
    for piece in re.split("(\r\n|\r|\n)", text_page.get_text_range()):
        words = []
        for word in re.finditer(r"\S+", re.sub("[\x02\ufffe]", "-", piece)):
            # pdfium counts UTF-16 code units.
            first = at + word.start() + sum(c > "\uffff" for c in piece[: word.start()])
            last = first + len(word.group()) - 1 + sum(c > "\uffff" for c in word.group())
            left, bottom, _, top = _box(text_page, first)
            words.append(Run(left, max(left, _box(text_page, last)[2]), bottom, top, word.group()))
        if words:
            lines.append(split(words))
        at += len(piece) + sum(c > "\uffff" for c in piece)
    return lines


def _box(text_page: Any, index: int) -> tuple[float, float, float, float]:
    try:
        left, bottom, right, top = text_page.get_charbox(index, loose=True)
    except Exception:  # a character without a place (generated by pdfium)
        return 0.0, 0.0, 0.0, 0.0
    return left, bottom, right, top


def _joined(runs: Sequence[Run]) -> Run:
    """The runs of one line as one."""
    return Run(runs[0].left, runs[-1].right, runs[0].bottom, runs[0].top, " ".join(r.text for r in runs))


def _in_one_column(lines: list[Run]) -> list[Run]:
    """Lines of one column that were drawn out of order are put in order; anything else stays as drawn."""
    if len(lines) > 1:
        falls = sum(b.bottom < a.bottom + 1 for a, b in itertools.pairwise(lines))
        left = statistics.median(line.left for line in lines)
        if falls < len(lines) - 1 and sum(abs(line.left - left) < 100 for line in lines) > 0.9 * len(lines):
            return sorted(lines, key=lambda line: -line.bottom)
    return lines


def _set(lines: Sequence[Run]) -> str:
    """Lines as text, with a blank one where a gap parts two paragraphs."""
    gaps = [a.bottom - b.bottom for a, b in itertools.pairwise(lines) if a.bottom - b.bottom > 1]
    usual = statistics.median_low(gaps) if gaps else 0.0
    heights = [line.top - line.bottom for line in lines]
    # With few lines the gaps between paragraphs may be the usual ones; a line is never set wider than 1.6 its height.
    if heights:
        usual = min(usual, 1.6 * statistics.median(heights)) or usual
    pieces: list[str] = []
    for index, line in enumerate(lines):
        if index:
            above = lines[index - 1]
            gap = above.bottom - line.bottom
            # At the head of a column a sentence often goes on.
            parted = not line.text[:1].islower() if gap < -1 else gap > _GAP * usual
            pieces.append("\n\n" if parted else "\n")
        pieces.append(line.text)
    return "".join(pieces) + ("\n" if pieces else "")


def _picture(document: Any, number: int) -> bytes:
    """A page as a grey picture (PGM)."""
    page = document[number]
    bitmap = page.render(scale=_DPI / 72, grayscale=True)
    pixels = bitmap.to_numpy()
    page.close()
    grey = pixels[:, :, 0] if pixels.ndim == 3 else pixels
    return b"P5 %d %d 255\n" % (bitmap.width, bitmap.height) + bytes(grey.tobytes())


PDF_DOCUMENT = PdfDocument()
