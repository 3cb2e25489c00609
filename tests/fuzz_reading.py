"""Fuzzes readers and cleaning: `python -m tests.fuzz_reading --seconds 60` damages good files and tells what broke.

A finding is an exception that nobody thought of (`bug to report` in the reason), an offset that does not hold, or a
file that takes more than a second.
"""

from __future__ import annotations

import argparse
import faulthandler
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from pipeline.cleaning import clean
from pipeline.cleaning.anatomy import anatomy
from pipeline.reading import ReadOptions, read
from tests import formats_made as made
from tests.twelve import TWELVE

OPTIONS = ReadOptions(max_bytes=2_000_000, max_extracted=4_000_000, max_members=200, max_pages=50)
#: Seconds after which a file is said to hang.
_HANGS = 60
#: What parsers stumble over.
ODD = (b"<", b"&#x110000;", b"\\'", b"{", b"]]>", b"9" * 30, b"\xed\xa0\x80", b"\r", b'"')
TEXT = TWELVE[1] + TWELVE[5]


def seeds() -> dict[str, bytes]:
    """A good file of each format."""
    return {
        "a.txt": TEXT.encode(),
        "b.txt": TWELVE[5].encode("cp1251"),
        "a.html": made.html(TEXT, head="<title>T</title>", around=("<a href='x'>m</a>", "<footer>f</footer>")),
        "a.mht": made.mht(TEXT),
        "a.xhtml": made.xhtml(TEXT),
        "a.docx": made.docx(TEXT),
        "a.odt": made.odt(TEXT),
        "a.rtf": made.rtf(TEXT),
        "a.pdf": made.pdf(TEXT),
        "b.pdf": made.pdf_placed([[(x, 700 - 14 * i, t) for i, t in enumerate(TEXT.split("\n")) for x in (40, 310)]]),
        "a.eml": made.eml(TEXT, attached={"b.txt": b"text", "c.zip": made.zipped({"d.txt": "text"})}),
        "a.mbox": made.mbox([made.eml(TEXT), made.eml("text\n")]),
        "a.zip": made.zipped({"a.txt": TEXT, "b/c.html": made.html("text\n")}),
        "a.tar": made.tar({"a.txt": TEXT.encode()}, {"b": "c"}),
        "a.txt.gz": made.PACKINGS[".gz"](TEXT.encode()),
        "a.txt.bz2": made.PACKINGS[".bz2"](TEXT.encode()),
        "a.txt.xz": made.PACKINGS[".xz"](TEXT.encode()),
        "a.csv": made.table([TEXT, "two\n"]),
        "a.jsonl": made.jsonl([TEXT, "two\n"]),
        "a.parquet": made.parquet([TEXT, "two\n"]),
        "a.warc": made.warc([("http://e.org", "text/html", made.html(TEXT))]),
        "a.warc.gz": made.warc([("http://e.org", "text/html", made.html(TEXT))] * 3, packed=True),
    }


def damaged(data: bytes, chance: random.Random) -> bytes:
    """A file after a few accidents: bytes changed, cut out, doubled, numbers blown up."""
    out = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 3, 8, 40))):
        if not out:
            break
        at = chance.randrange(len(out))
        end = min(len(out), at + chance.choice((1, 2, 4, 16, 200)))
        kind = chance.randrange(6)
        if kind == 0:
            out[at] = chance.randrange(256)
        elif kind == 1:
            del out[at:end]
        elif kind == 2:
            out[at:at] = out[at:end] * chance.choice((1, 2, 50))
        elif kind == 3:
            out[at:end] = bytes([chance.choice((0, 255, 60, 123, 92, 10))]) * (end - at)
        elif kind == 4:
            out[at:at] = chance.choice(ODD)
        else:
            del out[at:]
    return bytes(out)


def findings(path: Path, data: bytes) -> Iterator[str]:
    """What is wrong with the reading of these bytes."""
    path.write_bytes(data)
    begun = time.process_time()  # what else the machine does is no finding
    documents = list(read(path, path.name, OPTIONS))
    if not documents:
        yield "no row"
    if len({d.source.document_id for d in documents}) < len(documents):
        yield "two rows have the same id"
    for document in documents:
        source = document.source
        if source.status not in ("ok", "empty", "failed") or (source.status != "ok" and not source.reason):
            yield f"status {source.status!r} without a reason"
        if "bug to report" in source.reason:
            yield source.reason
        if source.status == "ok":
            text = clean(document.raw)
            if "".join(text.raw[s.raw_start : s.raw_start + s.raw_length] for s in text.segments) != document.raw:
                yield "cleaning lost characters"
            if any(not 0 <= f.start < f.end <= len(document.raw) for f in text.furniture):
                yield "furniture outside the text"
            at = 0
            for part in anatomy(document.raw, text.furniture):
                if document.raw[at : part.start].strip() or not at <= part.start < part.end:
                    yield "the parts of the release leave something out or overlap"
                    break
                at = part.end
            document.raw.encode("utf-8")
    if time.process_time() - begun > 1:
        yield f"took {time.process_time() - begun:.1f} s"


def main() -> int:
    """Fuzz for a while; 1 when something was found."""
    parser = argparse.ArgumentParser(description="Damages good files and tells what breaks.")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, help="folder for the files that broke something")
    given = parser.parse_args()
    chance, good = random.Random(given.seed), seeds()
    end, tried, found = time.monotonic() + given.seconds, 0, set()
    with tempfile.TemporaryDirectory() as folder:
        for name, data in good.items():  # loading a library for the first time is no finding
            list(findings(Path(folder) / name, data))
        print(f"the files are written to {folder}", file=sys.stderr)
        while time.monotonic() < end:
            name = chance.choice(sorted(good))
            data = damaged(good[name], chance)
            tried += 1
            # What hangs is told by a traceback; the file stays where it was written last.
            faulthandler.dump_traceback_later(_HANGS, exit=True)
            for finding in findings(Path(folder) / name, data):
                if (name, finding[:120]) not in found:
                    found.add((name, finding[:120]))
                    print(f"{name}: {finding}")
                    if given.keep:
                        given.keep.mkdir(parents=True, exist_ok=True)
                        (given.keep / f"{len(found):03}-{name}").write_bytes(data)
    faulthandler.cancel_dump_traceback_later()
    print(f"{tried:,} files, {len(found)} findings", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
