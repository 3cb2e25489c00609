"""The twelve announcements in every format and encoding, in one folder, give the same tables as in plain UTF-8.

Each variety is a folder of its own. One run reads them all; then each is compared with the plain texts, row for row,
and every word of every document with those of its source, so that a reader that loses a line is found out.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import ftfy.bad_codecs
import pandas as pd
import pytest

from pipeline.reading import ReadOptions
from pipeline.running import run
from tests import formats_made as made
from tests import running_fakes as fakes
from tests.twelve import ENGLISH, RUSSIAN, TWELVE, make_engine

ftfy.bad_codecs.ok()
Files = dict[str, bytes]
#: What takes the place of a character that an encoding does not have.
POORER = {"“": '"', "”": '"', "«": '"', "»": '"', "—": "-", "’": "'", "é": "e"}


def adapted(text: str, encoding: str) -> str:
    """A text as people typed it who had only this encoding."""
    ftfy.bad_codecs.ok()
    return "".join(c if c.encode(encoding, "ignore") else POORER.get(c, c) for c in text)


def fits(text: str, encoding: str) -> bool:
    return adapted(text, encoding).encode(encoding, "ignore").decode(encoding) == adapted(text, encoding)


@dataclass(frozen=True)
class Variety:
    """Files by name, and the numbers of the announcements that are in them, in the order of the documents."""

    files: Files
    numbers: tuple[int, ...]
    texts: tuple[str, ...]


def one_each(suffix: str, make: Callable[[str], bytes], texts: tuple[str, ...] = TWELVE) -> Variety:
    return Variety({f"n{i:02}{suffix}": make(t) for i, t in enumerate(texts)}, tuple(range(len(texts))), texts)


def in_one(name: str, make: Callable[[list[str]], bytes]) -> Variety:
    return Variety({name: make(list(TWELVE))}, tuple(range(12)), TWELVE)


def encoded(encoding: str, suffix: str = ".txt", make: Callable[[str], bytes] | None = None) -> Variety:
    """Every announcement whose language the encoding can write."""
    chosen = [(i, adapted(t, encoding)) for i, t in enumerate(TWELVE) if fits(t, encoding)]
    files = {f"n{i:02}{suffix}": make(t) if make else t.encode(encoding) for i, t in chosen}
    return Variety(files, tuple(i for i, _ in chosen), tuple(t for _, t in chosen))


def twice(real: str, taken: str) -> Variety:
    """Text that a program decoded wrongly and saved as UTF-8."""
    chosen = []
    for i, text in enumerate(TWELVE):
        good = adapted(text, real)
        try:
            bad = good.encode(real).decode(taken)
        except UnicodeError:
            continue
        if bad != good:
            chosen.append((i, good, bad.encode("utf-8")))
    assert len(chosen) >= 3, (real, taken)
    return Variety({f"n{i:02}.txt": b for i, _, b in chosen}, tuple(i for i, *_ in chosen),
                   tuple(t for _, t, _ in chosen))  # fmt: skip


def old_word(text: str) -> bytes:
    """Not a Word file but for its mark: what stands in for the converter prints what comes after it."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + text.encode()


def gz(text: str) -> bytes:
    return made.PACKINGS[".gz"](text.encode())


def zipped_in_1998(texts: list[str]) -> bytes:
    """Texts and names in the code page of DOS."""
    return made.zipped_by_dos({
        f"Объявл{i:02}.txt": t.encode("utf-8") if not fits(t, "cp866") else adapted(t, "cp866").encode("cp866")
        for i, t in enumerate(texts)
    })  # fmt: skip


def formats() -> Iterator[tuple[str, Variety]]:
    """One variety for every format that issue and documentation name."""
    yield "txt", one_each(".txt", str.encode)
    yield "md", one_each(".md", str.encode)
    yield "without suffix", one_each("", str.encode)
    yield "html", one_each(".html", made.html)
    yield "htm", one_each(".htm", lambda t: made.html(t, head="<title>Notice</title>"))
    yield "xhtml", one_each(".xhtml", made.xhtml)
    yield "mht", one_each(".mht", made.mht)
    yield "pdf", one_each(".pdf", made.pdf)
    yield "pdf of several pages", one_each(".pdf", lambda t: made.pdf(t, lines_a_page=8))
    yield "docx", one_each(".docx", made.docx)
    yield "odt", one_each(".odt", made.odt)
    yield "rtf", one_each(".rtf", made.rtf)
    yield "doc", one_each(".doc", old_word)
    yield "eml", one_each(".eml", made.eml)
    yield "eml with a page", one_each(".eml", lambda t: made.eml(t, as_html=True))
    yield "txt.gz", one_each(".txt.gz", gz)
    yield "txt.bz2", one_each(".txt.bz2", lambda t: made.PACKINGS[".bz2"](t.encode()))
    yield "txt.xz", one_each(".txt.xz", lambda t: made.PACKINGS[".xz"](t.encode()))
    yield "mbox", in_one("all.mbox", lambda texts: made.mbox([made.eml(t) for t in texts]))
    yield "zip", in_one("all.zip", lambda texts: made.zipped({f"n{i:02}.txt": t.encode() for i, t in enumerate(texts)}))
    yield "zip of zips", in_one("all.zip", lambda texts: made.zipped(
        {f"n{i:02}.zip": made.zipped({"a.docx": made.docx(t)}) for i, t in enumerate(texts)}))  # fmt: skip
    yield "tar", in_one("all.tar", lambda texts: made.tar({f"n{i:02}.docx": made.docx(t)
                                                           for i, t in enumerate(texts)}))  # fmt: skip
    yield "tar.gz", in_one("all.tar.gz", lambda texts: made.PACKINGS[".gz"](
        made.tar({f"n{i:02}.odt": made.odt(t) for i, t in enumerate(texts)})))  # fmt: skip
    yield "csv", in_one("all.csv", made.table)
    yield "tsv", in_one("all.tsv", lambda texts: made.table(texts, "\t"))
    yield "jsonl", in_one("all.jsonl", made.jsonl)
    yield "parquet", in_one("all.parquet", made.parquet)
    for name, packed in (("warc", False), ("warc.gz", True)):
        yield name, in_one(f"all.{name}", lambda texts, packed=packed: made.warc(
            [(f"http://e.org/{i}", "text/html; charset=utf-8", made.html(t)) for i, t in enumerate(texts)],
            packed=packed))  # fmt: skip
    numbers = tuple(range(12))
    yield "zip of DOS", Variety(
        {"all.zip": zipped_in_1998(list(TWELVE))}, numbers,
        tuple(adapted(t, "cp866") if fits(t, "cp866") else t for t in TWELVE),
    )  # fmt: skip


ENCODINGS = (
    "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1251", "koi8-r", "cp866", "iso8859-5",
    "mac-cyrillic", "kz1048", "cp1252", "mac-roman", "cp850",
)  # fmt: skip
#: What encodings are called in pages and letters.
DECLARED = {"windows-1251": "cp1251", "koi8-r": "koi8-r", "ibm866": "cp866", "iso-8859-5": "iso8859-5",
            "x-mac-cyrillic": "mac-cyrillic", "utf-16": "utf-16"}  # fmt: skip
TWICE = (
    *(("utf-8", taken) for taken in ("sloppy-windows-1251", "sloppy-windows-1252", "latin-1", "koi8-r", "cp866",
                                     "mac-roman", "cp437")),
    *(("cp1251", taken) for taken in ("latin-1", "sloppy-windows-1252", "koi8-r", "cp866", "mac-roman",
                                      "mac-cyrillic", "cp437")),
    *(("koi8-r", taken) for taken in ("latin-1", "sloppy-windows-1252", "cp1251", "cp866", "mac-roman")),
    *(("cp866", taken) for taken in ("latin-1", "sloppy-windows-1252", "sloppy-windows-1251", "koi8-r", "cp437")),
    *(("kz1048", taken) for taken in ("latin-1", "sloppy-windows-1252", "sloppy-windows-1251")),
    *(("mac-cyrillic", taken) for taken in ("latin-1", "mac-roman", "sloppy-windows-1251")),
    *(("iso8859-5", taken) for taken in ("latin-1", "sloppy-windows-1252", "sloppy-windows-1251")),
)  # fmt: skip


def encodings() -> Iterator[tuple[str, Variety]]:
    """Plain text in every encoding, and other formats in those that they may be in."""
    for encoding in ENCODINGS:
        yield f"txt {encoding}", encoded(encoding)
    yield "txt utf-16 big-endian with mark", encoded(
        "utf-16-be", make=lambda t: b"\xfe\xff" + t.encode("utf-16-be")
    )  # fmt: skip
    for name, encoding in DECLARED.items():
        yield f"html {name}", encoded(encoding, ".html", lambda t, n=name, e=encoding: made.html(t, n, codec=e))
    yield "html that is silent", encoded("cp1251", ".html", lambda t: made.html(t, "cp1251").replace(b"charset=", b""))
    for name in ("windows-1251", "koi8-r", "iso-8859-5"):
        yield f"eml {name}", encoded(name, ".eml", lambda t, n=name: made.eml(t, n))
    yield "rtf of a code page", encoded("cp1251", ".rtf", made.rtf_of_code_page)
    for encoding in ("cp1251", "utf-16"):
        yield f"csv {encoding}", encoded(encoding, ".csv", lambda t, e=encoding: made.table([t]).decode().encode(e))
    yield "md.gz cp1251", encoded("cp1251", ".md.gz", lambda t: made.PACKINGS[".gz"](t.encode("cp1251")))
    for real, taken in TWICE:
        yield f"{real} taken for {taken}", twice(real, taken)


VARIETIES = {**dict(formats()), **dict(encodings())}


@dataclass(frozen=True)
class Tables:
    """A finished run over folders of varieties."""

    out: Path
    documents: pd.DataFrame
    frames: dict[str, pd.DataFrame]

    def of(self, variety: str) -> pd.DataFrame:
        return self.documents[self.documents["document_id"].str.startswith(f"{variety}/")]

    def rows(self, variety: str, numbers: tuple[int, ...]) -> dict[str, list[tuple[object, ...]]]:
        """What the tables say, without ids and places: each row after the number of its announcement."""
        ids = self.of(variety)["document_id"].tolist()
        assert len(ids) == len(numbers)
        number = dict(zip(ids, numbers, strict=True))
        found = {}
        for name, columns in COLUMNS.items():
            frame = self.frames[name]
            mine = frame[frame["document_id"].isin(number)]
            found[name] = [
                (number[document_id], *(" ".join(cell.split()) for cell in row))
                for document_id, *row in mine[["document_id", *columns]].itertuples(index=False)
            ]
        return found

    def text(self, document: object) -> str:
        """The raw text of a document: kept, or the file itself."""
        kept = getattr(document, "text_file")  # noqa: B009
        data = (self.out / kept if kept else Path(getattr(document, "path"))).read_bytes()  # noqa: B009
        return data.decode("utf-8" if kept else getattr(document, "encoding"))  # noqa: B009


COLUMNS = {"affiliations": ("person", "role", "institution"), "reports": ("title", "person")}


def tables(folder: Path, out: Path) -> Tables:
    result = run(folder, out, make_engine=make_engine, link=fakes.link, reading=ReadOptions())
    assert not result.failures
    frames = {
        name: pd.read_csv(out / f"{name}.csv", keep_default_na=False) for name in (*COLUMNS, "documents", "mentions")
    }
    return Tables(out, frames["documents"], frames)


def write(folder: Path, files: Files) -> None:
    folder.mkdir(parents=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tables]:
    """The run over all varieties, with a stand-in for a converter of old Word files where none is installed."""
    base = tmp_path_factory.mktemp("formats")
    (base / "bin").mkdir()
    program = base / "bin" / "antiword"
    program.write_text('#!/bin/sh\nfor file; do :; done\nexec tail -c +513 "$file"\n')
    program.chmod(0o755)
    for name, variety in VARIETIES.items():
        write(base / "in" / name, variety.files)
    with pytest.MonkeyPatch.context() as patch:
        for converter in ("soffice", "libreoffice"):
            assert not shutil.which(converter) or pytest.skip("a real converter would be asked first")
        patch.setenv("PATH", f"{base / 'bin'}{os.pathsep}{os.environ['PATH']}")
        yield tables(base / "in", base / "out")


def test_formats_the_plain_texts_give_rows(everything: Tables) -> None:
    plain = everything.rows("txt", tuple(range(12)))
    assert (len(plain["affiliations"]), len(plain["reports"])) == (23, 20)
    assert {row[0] for row in plain["affiliations"]} == set(range(12))


@pytest.mark.parametrize("name", VARIETIES)
def test_formats_rows_are_those_of_plain_text(name: str, everything: Tables) -> None:
    variety = VARIETIES[name]
    plain = everything.rows("txt", tuple(range(12)))
    expected = {table: [row for row in rows if row[0] in variety.numbers] for table, rows in plain.items()}
    assert everything.rows(name, variety.numbers) == expected


@pytest.mark.parametrize("name", VARIETIES)
def test_formats_no_word_is_lost(name: str, everything: Tables) -> None:
    for document, text in zip(everything.of(name).itertuples(), VARIETIES[name].texts, strict=True):
        assert everything.text(document).split() == text.split()


@pytest.mark.parametrize("name", [n for n in VARIETIES if n.startswith(("txt", "html", "eml", "csv", "md"))])
def test_formats_every_encoding_is_told(name: str, everything: Tables) -> None:
    documents = everything.of(name)
    assert (documents["encoding"] != "").all()
    assert documents["encoding_confidence"].astype(float).between(0.25, 1).all()


@pytest.mark.parametrize("name", [n for n in VARIETIES if "taken for" in n])
def test_formats_every_mending_is_told(name: str, everything: Tables) -> None:
    assert everything.of(name)["note"].str.startswith("mended: ").all()


def test_formats_offsets_lead_to_the_texts(everything: Tables) -> None:
    texts = {d.document_id: everything.text(d) for d in everything.documents.itertuples()}
    mentions = everything.frames["mentions"]
    assert len(mentions) > 2000
    for row in mentions.itertuples():
        assert texts[row.document_id][row.start : row.end] == row.text


@pytest.mark.parametrize("lost", range(0, 12, 4))
def test_formats_a_lost_line_is_found_out(lost: int, tmp_path: Path) -> None:
    """The comparison itself: without the line of one report the rows are others, and so are the words."""
    lines = TWELVE[lost].split("\n")
    at = next(i for i, line in enumerate(lines) if line.startswith(("Ospanova B., d", "Оспанова Б., д")))
    texts = [*TWELVE[:lost], "\n".join(lines[:at] + lines[at + 1 :]), *TWELVE[lost + 1 :]]
    write(tmp_path / "in" / "txt", one_each(".txt", str.encode).files)
    write(tmp_path / "in" / "docx", one_each(".docx", made.docx, tuple(texts)).files)
    found = tables(tmp_path / "in", tmp_path / "out")
    numbers = tuple(range(12))
    rows, others = found.rows("txt", numbers), found.rows("docx", numbers)
    assert len(set(rows["reports"]) - set(others["reports"])) == 1
    pairs = zip(found.of("docx").itertuples(), TWELVE, strict=True)
    assert [i for i, (d, text) in enumerate(pairs) if found.text(d).split() != text.split()] == [lost]


@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r", "cp866", "mac-cyrillic"])
def test_formats_an_encoding_can_be_ordered(encoding: str, tmp_path: Path) -> None:
    text = adapted(RUSSIAN[1], encoding)
    write(tmp_path / "in", {"a.txt": text.encode(encoding), "b.txt": adapted(ENGLISH[1], encoding).encode(encoding)})
    run(tmp_path / "in", tmp_path / "out", make_engine=make_engine, link=fakes.link,
        reading=ReadOptions(encoding=encoding))  # fmt: skip
    documents = pd.read_csv(tmp_path / "out" / "documents.csv", keep_default_na=False)
    assert documents["encoding"].tolist() == [encoding] * 2
