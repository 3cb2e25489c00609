"""Makes documents of every format from plain text, as small as the formats allow, without their programs."""

from __future__ import annotations

import base64
import bz2
import csv
import gzip
import io
import json
import lzma
import re
import tarfile
import textwrap
import zipfile
import zlib
from email.message import EmailMessage
from xml.sax.saxutils import escape

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def html(
    text: str, charset: str = "utf-8", head: str = "", around: tuple[str, str] = ("", ""), codec: str = ""
) -> bytes:
    """A page that declares a charset, which Python calls `codec` where that is another name."""
    paragraphs = "\n".join(f"<p>{escape(p).replace(chr(10), '<br>' + chr(10))}</p>" for p in text.strip().split("\n\n"))
    page = f'<!DOCTYPE html><html><head><meta charset="{charset}">{head}</head><body>{around[0]}{paragraphs}{around[1]}'
    return f"{page}</body></html>".encode(codec or charset, "xmlcharrefreplace")


def xhtml(text: str) -> bytes:
    page = html(text).decode().replace("<br>", "<br />").replace('charset="utf-8"', 'charset="utf-8" /')
    page = page.replace("<!DOCTYPE html><html>", '<html xmlns="http://www.w3.org/1999/xhtml">')
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{page}'.encode()


def mht(text: str) -> bytes:
    """A page as browsers save it, with its pictures."""
    page = base64.encodebytes(html(text)).decode()
    return (
        "From: <Saved by a browser>\nSnapshot-Content-Location: http://e.org/notice\nSubject: Notice\n"
        'MIME-Version: 1.0\nContent-Type: multipart/related; boundary="B"\n\n'
        f"--B\nContent-Type: text/html\nContent-Transfer-Encoding: base64\n\n{page}\n"
        "--B\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=\n--B--\n"
    ).encode()


def docx(text: str) -> bytes:
    body = "".join(f"<w:p><w:r><w:t xml:space='preserve'>{escape(p)}</w:t></w:r></w:p>" for p in text.split("\n")[:-1])
    return zipped({
        "[Content_Types].xml": "<Types/>",
        "word/document.xml": f"<w:document xmlns:w='{_WORD}'><w:body>{body}</w:body></w:document>",
    })  # fmt: skip


def odt(text: str) -> bytes:
    body = "".join(f"<text:p>{escape(p)}</text:p>" for p in text.split("\n")[:-1])
    return zipped({
        "mimetype": "application/vnd.oasis.opendocument.text",
        "content.xml": "<office:document-content xmlns:office='urn:oasis:names:tc:opendocument:xmlns:office:1.0' "
        "xmlns:text='urn:oasis:names:tc:opendocument:xmlns:text:1.0'><office:body><office:text>"
        f"{body}</office:text></office:body></office:document-content>",
    })  # fmt: skip


def rtf(text: str) -> bytes:
    def character(c: str) -> str:
        if c == "\n":
            return "\\par\n"
        return c if c < "\x80" and c not in "\\{}" else f"\\u{ord(c)}?"

    return ("{\\rtf1\\ansi\\ansicpg1251\\deff0 " + "".join(map(character, text)) + "}").encode("ascii")


def rtf_of_code_page(text: str) -> bytes:
    """As Word 97 writes it: bytes of the code page, escaped."""
    body = "".join("\\par\n" if b == 10 else chr(b) if b < 128 else f"\\'{b:02x}" for b in text.encode("cp1251"))
    return ("{\\rtf1\\ansi\\ansicpg1251 " + body + "}").encode("ascii")


def pdf(text: str, width: int = 70, lines_a_page: int = 60, head: str = "") -> bytes:
    """A PDF whose characters are known by their Unicode map alone; its lines are wrapped."""
    lines: list[str] = []
    for paragraph in text.strip().split("\n\n"):
        for line in paragraph.split("\n"):
            lines += textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False) or [""]
        lines.append("")
    contents = []
    pages = [lines[i : i + lines_a_page] for i in range(0, len(lines), lines_a_page)]
    for number, page in enumerate(pages, 1):
        content = ["BT /F1 10 Tf 14 TL 50 800 Td"]
        for line in ([head, ""] if head else []) + page + (["", f"{number}"] if head else []):
            content.append(f"<{line.encode('utf-16-be').hex()}> Tj T*" if line else "T*")
        contents.append(" ".join([*content, "ET"]))
    return pdf_of(contents)


def pdf_placed(pages: list[list[tuple[float, float, str]]]) -> bytes:
    """A PDF whose lines stand at the places given (points from the lower left corner), drawn in this order."""
    return pdf_of([
        " ".join(f"BT /F1 10 Tf {x} {y} Td <{text.encode('utf-16-be').hex()}> Tj ET" for x, y, text in page)
        for page in pages
    ])  # fmt: skip


def pdf_of(contents: list[str]) -> bytes:
    """A PDF of pages with these content streams; its font gives every character half its size as width."""
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def "
        "1 begincodespacerange <0000> <FFFF> endcodespacerange 1 beginbfrange <0000> <FFFF> <0000> endbfrange "
        "endcmap CMapName currentdict /CMap defineresource pop end end"
    )
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {len(contents)} "
        f"/Kids [{' '.join(f'{6 + 2 * i} 0 R' for i in range(len(contents)))}] >>",
        "<< /Type /Font /Subtype /Type0 /BaseFont /None /Encoding /Identity-H /DescendantFonts [4 0 R] "
        "/ToUnicode 5 0 R >>",
        "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /None /DW 500 "
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>",
        _stream(cmap),
    ]
    for content in contents:
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> "
            f"/Contents {len(objects) + 2} 0 R >>"
        )
        objects.append(_stream(content))
    out, places = b"%PDF-1.5\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1")
    start = len(out)
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    return out + (
        f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer << /Size {len(objects) + 1} /Root 1 0 R >>\n"
        f"startxref\n{start}\n%%EOF\n"
    ).encode("latin-1")


def _stream(content: str) -> str:
    return f"<< /Length {len(content)} >>\nstream\n{content}\nendstream"


def eml(text: str, charset: str = "utf-8", attached: dict[str, bytes] | None = None, as_html: bool = False) -> bytes:
    message = EmailMessage()
    message["From"] = "Пресс-служба <press@example.org>"
    message["To"] = "editor@example.org"
    message["Subject"] = "Анонс"
    message["Date"] = "Tue, 12 May 1998 10:00:00 +0600"
    if as_html:
        message.set_content(html(text).decode(), subtype="html")
    else:
        message.set_content(text, charset=charset)
    for name, data in (attached or {}).items():
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def mbox(messages: list[bytes]) -> bytes:
    lines = [b"From press@example.org Tue May 12 10:00:00 1998\n" + re.sub(rb"(?m)^From ", b">From ", m)
             for m in messages]  # fmt: skip
    return b"\n".join(lines)


def zipped(files: dict[str, str | bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def zipped_by_dos(files: dict[str, bytes]) -> bytes:
    """An archive whose names are in the code page 866, which nothing in it says."""
    places = {f"@{i:03}".ljust(len(name), "@"): name for i, name in enumerate(files)}
    data = zipped({place: files[name] for place, name in places.items()})
    for place, name in places.items():
        data = data.replace(place.encode(), name.encode("cp866"))
    return data


def tar(files: dict[str, bytes], links: dict[str, str] | None = None) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        for name, target in (links or {}).items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = tarfile.SYMTYPE, target
            archive.addfile(info)
    return made.getvalue()


def table(texts: list[str], delimiter: str = ",") -> bytes:
    made = io.StringIO()
    writer = csv.writer(made, delimiter=delimiter)
    writer.writerow(["id", "date", "text"])
    writer.writerows([f"n{i:02}", "1998-05-12", text] for i, text in enumerate(texts))
    return made.getvalue().encode("utf-8")


def jsonl(texts: list[str]) -> bytes:
    return "".join(json.dumps({"id": f"n{i:02}", "text": t}) + "\n" for i, t in enumerate(texts)).encode()


def parquet(texts: list[str]) -> bytes:
    import pyarrow
    import pyarrow.parquet

    made = io.BytesIO()
    columns = {"id": [f"n{i:02}" for i in range(len(texts))], "text": texts}
    pyarrow.parquet.write_table(pyarrow.table(columns), made)
    return made.getvalue()


def warc(pages: list[tuple[str, str, bytes]], packed: bool = False) -> bytes:
    """Records of (address, media type, content), captured on 12 May 1998."""
    records = []
    for address, media_type, content in pages:
        headers = f"HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\nContent-Length: {len(content)}\r\n\r\n"
        answer = headers.encode() + content
        record = (
            f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {address}\r\nWARC-Date: 1998-05-12T10:00:00Z\r\n"
            f"WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-{len(records):012d}>\r\n"
            f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(answer)}\r\n\r\n"
        ).encode() + answer + b"\r\n\r\n"  # fmt: skip
        records.append(gzip.compress(record, mtime=0) if packed else record)
    return b"".join(records)


PACKINGS = {".gz": lambda data: gzip.compress(data, mtime=0), ".bz2": bz2.compress, ".xz": lzma.compress}


def bomb(size: int) -> bytes:
    """Zeros packed as gzip, a thousandth of their size."""
    packer = zlib.compressobj(9, wbits=31)
    block = bytes(1 << 20)
    return b"".join([*(packer.compress(block) for _ in range(size >> 20)), packer.flush()])
