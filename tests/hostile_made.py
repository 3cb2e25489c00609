"""Hostile and broken files of every format: those that must fail with a reason, and odd ones that can be read."""

from __future__ import annotations

import io
import json
import struct
import tarfile
import zipfile
from email.message import EmailMessage

from tests import formats_made as made
from tests.twelve import ENGLISH, RUSSIAN

TEXT = ENGLISH[0]


def cut(data: bytes, share: float = 0.6) -> bytes:
    return data[: int(len(data) * share)]


def encrypted_zip() -> bytes:
    data = bytearray(made.zipped({"a.txt": "text"}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    return bytes(data)


def zip_with_link() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        info = zipfile.ZipInfo("link.txt")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
    return out.getvalue()


def nested_zip(depth: int) -> bytes:
    data = made.zipped({"a.txt": TEXT})
    for _ in range(depth):
        data = made.zipped({"inner.zip": data})
    return data


def docx_with(xml: str) -> bytes:
    return made.zipped({"word/document.xml": xml})


def encrypted_pdf() -> bytes:
    data = made.pdf(TEXT)
    lock = b"/Encrypt << /Filter /Standard /V 1 /R 2 /O <" + b"41" * 32 + b"> /U <" + b"42" * 32 + b"> /P -4 >> "
    return data.replace(b"/Root 1 0 R", lock + b"/ID [<00><00>] /Root 1 0 R")


def pdf_without_text() -> bytes:
    return made.pdf("\n")


def tar_of(*members: tuple[str, bytes, str, int]) -> bytes:
    """A tar of members (name, type, target, claimed size), each without content."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, kind, target, size in members:
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, target
            archive.addfile(info)
            if size:
                _claim(out, size)
    return out.getvalue()


def _claim(out: io.BytesIO, size: int) -> None:
    """Have the last header say that its member has this size."""
    data = bytearray(out.getvalue())
    at = len(data) - 512
    data[at + 124 : at + 136] = b"%011o\0" % size
    data[at + 148 : at + 156] = b" " * 8
    data[at + 148 : at + 156] = b"%06o\0 " % sum(data[at : at + 512])
    out.seek(0)
    out.write(data)


def zip_claiming(size: int) -> bytes:
    """A member of which the archive says that it is so large."""
    data = bytearray(made.zipped({"a.txt": TEXT}))
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.index(mark) + offset
        data[at : at + 4] = struct.pack("<I", size)
    return bytes(data)


def letters_in_letters(depth: int) -> bytes:
    message = EmailMessage()
    message.set_content(TEXT)
    for _ in range(depth):
        outer = EmailMessage()
        outer["Subject"], outer["From"], outer["Date"] = "Fwd", "a@example.org", "Tue, 12 May 1998 10:00:00 +0600"
        outer.set_content("See below.\n")
        outer.add_attachment(message)
        message = outer
    return message.as_bytes()


def pdf_with(old: bytes, new: bytes, text: str = TEXT) -> bytes:
    """A PDF in which bytes are exchanged for as many others, so that its table of places still holds."""
    data = made.pdf(text)
    assert old in data and len(new) <= len(old)
    return data.replace(old, new.ljust(len(old)))


def docx_dated(date: str) -> bytes:
    body = "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in ("A notice", "of the library"))
    return made.zipped({
        "word/document.xml": f"<w:document xmlns:w='w'><w:body>{body}</w:body></w:document>",
        "docProps/core.xml": f"<c xmlns:d='d'><d:title>T</d:title><d:created>{date}</d:created></c>",
    })  # fmt: skip


def odt_of(body: str) -> bytes:
    space = "xmlns:o='urn:oasis:names:tc:opendocument:xmlns:office:1.0' xmlns:t='text'"
    return made.zipped({
        "mimetype": "application/vnd.oasis.opendocument.text",
        "content.xml": f"<o:d {space}><o:body><o:text>{body}</o:text></o:body></o:d>",
    })  # fmt: skip


def parquet_of_numbers() -> bytes:
    import pyarrow
    import pyarrow.parquet

    out = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table({"id": [1, 2], "sum": [0.5, None]}), out)
    return out.getvalue()


def warc_with(old: bytes, new: bytes) -> bytes:
    return made.warc([("http://e.org/a", "text/html", made.html(TEXT))]).replace(old, new)


LAUGHS = "".join(f"<!ENTITY l{i} '{f'&l{i - 1};' * 10}'>" for i in range(1, 9))
ENTITIES = f"<?xml version='1.0'?><!DOCTYPE d [<!ENTITY l0 'ha'>{LAUGHS}]><d>&l8;</d>"
OUTSIDE = "<?xml version='1.0'?><!DOCTYPE d [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><d>&x;</d>"
DEEP = "<a>" * 50_000 + "</a>" * 50_000

ENTITY_REASON = "the document declares entities or a type of its own, which may be an attack: it is not read"

#: name → content; every one of them must fail, with a reason.
FAILING: dict[str, bytes] = {
    "deep.html": b"<html>" + b"<div>" * 5000 + b"text",
    "name.tar.gz": made.PACKINGS[".gz"](TEXT.encode()),
    "large-number.rtf": b"{\\rtf1 a\\u99999999999? b\\'zz c\\fs" + b"9" * 500 + b" d}",
    "binary.txt": bytes(range(256)) * 40,
    "zeros.txt": bytes(5000),
    "large.txt": b"x" * 3_000_001,
    "long-line.txt": b"word " * 700_000,
    "damaged-utf8.txt": RUSSIAN[0].encode()[:301] + b"\xff\xfe" + RUSSIAN[0].encode()[301:],
    "cut-utf16.txt": b"\xff\xfe" + TEXT.encode("utf-16-le")[:-1],
    "program.exe": b"MZ\x90\0" + bytes(500),
    "elf": b"\x7fELF" + bytes(500),
    "style.css": b"p { color: red }",
    "archive.rar": b"Rar!\x1a\x07\x01\0" + bytes(100),
    "archive.7z": b"7z\xbc\xaf\x27\x1c" + bytes(100),
    "data.sqlite": b"SQLite format 3\0" + bytes(100),
    "picture.png": b"\x89PNG\r\n\x1a\n" + bytes(100),
    "photo.jpg": b"\xff\xd8\xff\xe0" + bytes(100),
    "scan.tif": b"II*\0" + bytes(100),
    "moving.gif": b"GIF89a" + bytes(100),
    "cut.zip": cut(made.zipped({f"{i}.txt": TEXT for i in range(9)})),
    "head-only.zip": b"PK\x03\x04",
    "encrypted.zip": encrypted_zip(),
    "link.zip": zip_with_link(),
    "bomb.zip": made.zipped({"zeros.txt": bytes(3_500_000)}),
    "many-bombs.zip": made.zipped({f"{i}.bin": bytes(2_900_000) for i in range(4)}),
    "members.zip": made.zipped({f"{i:03}.txt": "text" for i in range(60)}),
    "deep.zip": nested_zip(8),
    "wrong-crc.zip": made.zipped({"a.txt": TEXT}).replace(b"\x00\x00\x00\x00", b"\x01\x00\x00\x00", 1)[:-30],
    "zip-of-rar.zip": made.zipped({"a.rar": b"Rar!\x1a\x07\x01\0"}),
    "bomb.gz": made.bomb(9 << 20),
    "twice.gz": made.PACKINGS[".gz"](made.bomb(9 << 20)),
    "cut.gz": cut(made.PACKINGS[".gz"](TEXT.encode())),
    "not.gz": b"\x1f\x8b" + b"nonsense",
    "cut.bz2": cut(made.PACKINGS[".bz2"](TEXT.encode())),
    "not.bz2": b"BZh9nonsense",
    "cut.xz": cut(made.PACKINGS[".xz"](TEXT.encode())),
    "link.tar": made.tar({}, {"link.txt": "/etc/passwd"}),
    "cut.tar": made.tar({"a.txt": TEXT.encode() * 5})[:1500],
    "huge-member.tar": made.tar({"a.txt": b"x" * 3_000_001}),
    "not.tar": b"x" * 600,
    "cut.docx": cut(made.docx(TEXT)),
    "entities.docx": docx_with(ENTITIES),
    "outside.docx": docx_with(OUTSIDE),
    "deep.docx": docx_with(DEEP),
    "no-xml.docx": docx_with("no markup"),
    "empty-xml.docx": docx_with(""),
    "cut-xml.docx": docx_with("<w:document xmlns:w='x'><w:body><w:p>"),
    "bomb.docx": docx_with("<a>" + "x" * 3_100_000 + "</a>"),
    "binary.docx": b"\0\1\2\3" * 50,
    "entities.odt": made.zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": ENTITIES}),
    "no-content.odt": made.zipped({"mimetype": "application/vnd.oasis.opendocument.text"}),
    "encrypted.odt": made.zipped({"content.xml": b"\1\2", "META-INF/manifest.xml": "<m:encryption-data/>"}),
    "table.xlsx": made.zipped({"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<workbook/>"}),
    "cut.pdf": cut(made.pdf(TEXT), 0.2),
    "cut-end.pdf": cut(made.pdf(TEXT), 0.97),
    "head-only.pdf": b"%PDF-1.7\n",
    "encrypted.pdf": encrypted_pdf(),
    "scan.pdf": pdf_without_text(),
    "pages.pdf": made.pdf("line\n\n" * 30, lines_a_page=2),
    "old.doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000),
    "bad.jsonl": b'{"text": "one"}\nnot json\n',
    "deep.jsonl": b"[" * 100_000,
    "list.jsonl": b"[1, 2]\n",
    "cut.parquet": b"PAR1" + bytes(40),
    "cut.warc": b"WARC/1.0\r\nWARC-Type: response\r\nContent-Le",
    "not.warc": b"WARC/9.9 nothing\r\n",
    "binary.html": b"<html>" + bytes(range(256)) * 40,
    "binary.csv": b"text\n" + bytes(range(20)) * 400,
    "damaged-utf16.html": b"\xff\xfe" + "<html><p>text".encode("utf-16-le") + b"\0",
    "sparse.txt": b"",  # the test makes it 100 MB of zeros
    "bomb.bz2": made.PACKINGS[".bz2"](bytes(9 << 20)),
    "bomb.xz": made.PACKINGS[".xz"](bytes(9 << 20)),
    "bomb.tar.gz": made.PACKINGS[".gz"](made.tar({f"{i}.txt": bytes(2_900_000) for i in range(4)})),
    "bomb-row.parquet": made.parquet(["x" * 3_000_000, "y"])[:-400],
    "claims-nothing.zip": zip_claiming(1),
    "no-directory.zip": made.zipped({"a.txt": TEXT}).split(b"PK\x01\x02")[0],
    "hard-link.tar": tar_of(("a.txt", tarfile.LNKTYPE, "a.txt", 0)),
    "device.tar": tar_of(("sda.txt", tarfile.BLKTYPE, "", 0), ("pipe.txt", tarfile.FIFOTYPE, "", 0)),
    "links-in-a-circle.tar": tar_of(("a.txt", tarfile.SYMTYPE, "b.txt", 0), ("b.txt", tarfile.SYMTYPE, "a.txt", 0)),
    "claims-8gb.tar": tar_of(("a.txt", tarfile.REGTYPE, "", 0o77777777777)),
    "letters.eml": letters_in_letters(9),
    "bomb-in-a-letter.eml": made.eml("See the file.\n", attached={"a.gz": made.bomb(9 << 20)}),
    "encrypted-in-a-letter.eml": made.eml("See the file.\n", attached={"a.zip": encrypted_zip()}),
    "cut-in-a-letter.eml": made.eml("See the file.\n", attached={"a.docx": cut(made.docx(TEXT))}),
    "program-in-a-letter.eml": made.eml("Run it!\n", attached={"notice.exe": b"MZ\x90\0" + bytes(200)}),
    "encrypted.docx": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le") + bytes(900),
    "dtd.docx": docx_with("<!DOCTYPE d SYSTEM 'http://example.org/d.dtd'><d/>"),
    "utf7.docx": docx_with("<?xml version='1.0' encoding='utf-7'?><w:document/>"),
    "no-document.docx": made.zipped({"[Content_Types].xml": "<Types/>", "word/styles.xml": "<s/>"}),
    "outside.odt": odt_of("").replace(b"mimetype", b"mimetypf") and made.zipped(
        {"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": OUTSIDE}
    ),
    "slides.pptx": made.zipped({"[Content_Types].xml": "<Types/>", "ppt/presentation.xml": "<p/>"}),
    "circle.pdf": pdf_with(b"/Kids [6 0 R]", b"/Kids [2 0 R]"),
    "no-pages.pdf": pdf_with(b"/Count 1 ", b"/Count 0 ").replace(b"/Kids [6 0 R]", b"/Kids []     "),
    "no-root.pdf": made.pdf(TEXT).replace(b"/Root 1 0 R", b"/Root 9 9 R"),
    "many-pages.pdf": made.pdf("line\n\n" * 50, lines_a_page=2),
    "utf7.html": b"<html><meta charset=utf-7>" + bytes(range(128, 256)) * 9,
    "wrong-length.warc": warc_with(b"Content-Length: ", b"Content-Length: 9"),
    "no-number.warc": warc_with(b"Content-Length: ", b"Content-Length: x"),
    "cut.warc.gz": made.warc([("http://e.org/a", "text/html", made.html(TEXT))] * 3, packed=True)[:-90],
    "big-page.warc": made.warc([("http://e.org/a", "text/html", b"<html>" + b"x" * 3_000_001)]),
    "cut-footer.parquet": made.parquet([TEXT])[:-9],
    "changed.parquet": made.parquet([TEXT])[:40] + bytes(60) + made.parquet([TEXT])[100:],
    "infinite.jsonl": b'{"text": "one"}\n{"text": 1e999\n',
    "numbers.jsonl": b"1\n2\n",
    "utf16-cut.csv": b"\xff\xfe" + "id,text\n1,one\n".encode("utf-16-le")[:-1],
}  # fmt: skip

#: Odd, but there is something to read, or nothing at all: none of them fails.
ODD: dict[str, bytes] = {
    "empty.mbox": b"From press@example.org Tue May 12 10:00:00 1998\n\n",
    "claims-4gb.zip": zip_claiming(0xFFFFFFF0),
    "empty.txt": b"",
    "empty.docx": b"",
    "blank.txt": b" \n\t\n",
    "bom.txt": b"\xef\xbb\xbf",
    "empty.zip": made.zipped({}),
    "folders.zip": made.zipped({"folder/": ""}),
    "climbing.zip": made.zipped({"../../etc/passwd.txt": TEXT, "/root/a.txt": TEXT, "C:\\b.txt": TEXT}),
    "same-names.zip": made.zipped({"a.txt": TEXT}) and made.zipped({"a.txt": TEXT, "A.txt": TEXT, "a.txt ": TEXT}),
    "empty.html": b"<html></html>",
    "open.html": b"<html><p>An announcement <b><i><table><tr><td>that never ends",
    "script.html": b"<html><body><script>while(1){}</script><p>text</p></body></html>",
    "outside.html": b"<html><body><iframe src='file:///etc/passwd'></iframe><img src='http://e.org/x.png'><p>text</p>",
    "text.doc": TEXT.encode(),
    "page.doc": made.html(TEXT),
    "word.txt": made.docx(TEXT),
    "rtf.doc": made.rtf(TEXT),
    "letter.txt": made.eml(TEXT),
    "cut.html": cut(made.html(TEXT)),
    "cut.eml": cut(made.eml(TEXT)),
    "cut.rtf": cut(made.rtf(TEXT)),
    "bad-date.eml": made.eml(TEXT).replace(b"Tue, 12 May 1998 10:00:00 +0600", b"Thu, 99 Foo 99999 77:77:77"),
    "bad-charset.eml": made.eml(TEXT).replace(b'charset="utf-8"', b'charset="klingon"'),
    "bad-boundary.eml": b"MIME-Version: 1.0\nSubject: x\nContent-Type: multipart/mixed; boundary=q\n\n--p\n\ntext",
    "charset.html": made.html(TEXT).replace(b"utf-8", b"no-such-encoding"),
    "header-only.csv": b"id,text\n",
    "one-null.txt": TEXT.encode() + b"\0",
    "quote.csv": b'id,text\n1,"never closed\n',
    "null.rtf": made.rtf(TEXT) + bytes(100),
    "deep.rtf": b"{\\rtf1 " + b"{" * 20_000 + b"text" + b"}" * 20_000 + b"}",
    "binary-part.rtf": b"{\\rtf1 text {\\pict\\bin999999999 " + bytes(range(1, 200)).replace(b"}", b"") + b"} more}",
    "invalid-date.docx": docx_dated("2023-02-30T99:00:00Z"),
    "invalid-date.pdf": made.pdf(TEXT).replace(b"%%EOF", b"") + (
        b"7 0 obj\n<< /CreationDate (D:99999999999999) >>\nendobj\n%%EOF\n"
    ),
    "odd-date.html": made.html(TEXT, head="<meta property='article:published_time' content='2023-02-30'>"),
    "invalid-date.html": made.html(TEXT, head="<meta property='article:published_time' content='2023-02-30'>"),
    "invalid-date.csv": b"id,date,text\n1,2023-99-99,one\n2,tomorrow,two\n",
    "invalid-date.warc": warc_with(b"WARC-Date: 1998-05-12T10:00:00Z", b"WARC-Date: 0000-99-99T99:99:99Z"),
    "year-nought.eml": made.eml(TEXT).replace(b"12 May 1998", b"31 Feb 0000"),
    "no-headers.eml": b"\r\n\r\n" + TEXT.encode(),
    "climbing.eml": made.eml("See the file.\n", attached={"../../../etc/passwd.txt": TEXT.encode()}),
    "bad-base64.eml": made.eml(RUSSIAN[0]).replace(b"base64", b"BASE64") + b"!!!! not base64 ===\n",
    "cut.mbox": cut(made.mbox([made.eml(TEXT), made.eml(TEXT)])),
    "ragged.csv": b"id,text\n1\n2,two,three,four\n,,,\n3,last\n",
    "surrogate.jsonl": json.dumps({"text": "a\ud800b"}).encode() + b"\n",
    "twice.jsonl": b'{"text": "one", "text": "two"}\n{"text": null}\n{"text": {"a": [1]}}\n',
    "bom.jsonl": b"\xef\xbb\xbf" + made.jsonl([TEXT]),
    "numbers.parquet": parquet_of_numbers(),
    "no-rows.parquet": made.parquet([]),
    "spaces.odt": odt_of("<t:p>a<t:s t:c='999999999'/>b</t:p>"),
    "template.docx": made.zipped({
        "word/document.xml": "<w:document xmlns:w='w'><w:body><w:p><w:r><w:t>text</w:t></w:r></w:p></w:body>"
                             "</w:document>",
        "word/_rels/settings.xml.rels": "<r Target='http://example.org/t.dotm' TargetMode='External'/>",
        "word/vbaProject.bin": bytes(100),
    }),
    "unclosed.html": b"<html>" + b"<font><b>" * 700 + b"text",
    "attributes.html": b"<html><body " + b" ".join(b"a%d='x'" % i for i in range(20_000)) + b"><p>text</p>",
    "references.html": b"<html><p>a&#x110000;&#0;&#xD800;&bogus;b" + b"&amp;" * 5000 + b"</p>",
    "entities.xhtml": f"<?xml version='1.0'?><!DOCTYPE html [<!ENTITY l0 'ha'>{LAUGHS}]>"
                      "<html><p>x&l8;</p></html>".encode(),
    "tables.html": b"<html>" + b"<table><tr><td>" * 400 + b"text",
    "redirect.html": b"<html><meta http-equiv='refresh' content='0;url=http://e.org'><base href='http://e.org'><p>text",
    "script.pdf": made.pdf(TEXT).replace(
        b"/Type /Catalog ", b"/OpenAction << /S /JavaScript /JS (app.alert(1)) >> /Type /Catalog ", 1
    ),
    "junk-before.pdf": b"junk\n" * 20 + made.pdf(TEXT),
    "utf32.txt": TEXT.encode("utf-32"),
    "bom-only.txt": b"\xff\xfe",
    "old-mac.txt": TEXT.replace("\n", "\r").encode("mac-roman"),
    "controls.txt": TEXT.encode() + b"\x1b[31m\x07\x08\x1a",
    "marks.txt": ("e" + "\u0301" * 30_000 + "\u202e\u2066\ufeff\n" + TEXT).encode(),
    "two.gz": made.PACKINGS[".gz"](b"one\n") + made.PACKINGS[".gz"](b"two\n") + bytes(64),
}  # fmt: skip
