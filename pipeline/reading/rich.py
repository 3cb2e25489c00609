"""The readers of RTF (striprtf) and of Word 97 to 2003 (`.doc`), for which a converter has to be installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

from pipeline.reading.blocks import joined
from pipeline.reading.readers import Context, Item, Part, UnreadableError, missing_modules

_CODE_PAGE = re.compile(rb"\\ansicpg(\d+)")
#: Converters of old Word files, the best first: the arguments, where `{file}` and `{folder}` are filled in.
CONVERTERS = (
    ("soffice", ("--headless", "--norestore", "-env:UserInstallation=file://{folder}/profile", "--convert-to",
                 "txt:Text (encoded):UTF8", "--outdir", "{folder}", "{file}")),
    ("antiword", ("-m", "UTF-8.txt", "-w", "0", "{file}")),
    ("catdoc", ("-d", "utf-8", "-w", "{file}")),
)  # fmt: skip


class RichText:
    """Rich Text Format, under any suffix (`.doc` is usual)."""

    name = "Rich Text (rtf)"
    media_type = "application/rtf"
    suffixes = frozenset({".rtf"})

    def accepts(self, data: bytes, suffix: str) -> bool:
        """Whether it begins as RTF does."""
        return data[:64].lstrip().startswith(b"{\\rtf")

    def missing(self) -> str:
        """Needs striprtf."""
        return missing_modules("office", "striprtf")

    def read(self, data: bytes, context: Context) -> Iterable[Item]:
        """The text of the document. Raises `UnreadableError`."""
        from striprtf.striprtf import rtf_to_text

        found = _CODE_PAGE.search(data[:4096])
        encoding = context.options.encoding or (f"cp{found[1].decode()}" if found else "cp1252")
        try:
            "".encode(encoding)
        except LookupError:
            encoding = "cp1252"
        # RTF itself is ASCII; whatever stands in it raw is in its code page, and is written as RTF writes it.
        source = re.sub(rb"[\x80-\xff]", lambda m: b"\\'%02x" % m[0][0], data.rstrip(b"\0")).decode("ascii")
        try:
            text: str = rtf_to_text(source, encoding=encoding, errors="replace")  # type: ignore[no-untyped-call]
        except (ValueError, IndexError, KeyError, OverflowError) as error:
            raise UnreadableError(f"the document is damaged ({error}): save it again from its program") from None
        text = text.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        lost = text.count("\ufffd")
        note = f"{lost:,} characters are damaged" if lost else ""
        yield Part(joined([line.rstrip() for line in text.split("\n")]), encoding, 0.9, note=note)


class OldWord:
    """Word 97 to 2003, by LibreOffice, antiword or catdoc, whichever is installed."""

    name = "Word 97 to 2003 (doc)"
    media_type = "application/msword"
    suffixes = frozenset({".doc", ".dot"})

    def accepts(self, data: bytes, suffix: str) -> bool:
        """Whether it is an old Office file that holds the stream of Word."""
        return data.startswith(b"\xd0\xcf\x11\xe0") and (
            "WordDocument".encode("utf-16-le") in data or suffix in self.suffixes
        )

    def missing(self) -> str:
        """Needs one of the converters."""
        if any(shutil.which(program) for program, _ in CONVERTERS):
            return ""
        return (
            "no converter for old Word files is installed: apt install antiword (or catdoc, or LibreOffice), "
            "or save the document as .docx"
        )

    def read(self, data: bytes, context: Context) -> Iterable[Item]:
        """The text as the converter gives it. Raises `UnreadableError`."""
        program, arguments = next((p, a) for p, a in CONVERTERS if shutil.which(p))
        with tempfile.TemporaryDirectory(prefix="rollcall-") as folder:
            path = Path(folder) / "document.doc"  # a name of our own: the user's could look like an option
            path.write_bytes(data)
            command = [shutil.which(program) or program, *(a.format(file=path, folder=folder) for a in arguments)]
            try:
                done = subprocess.run(
                    command, capture_output=True, timeout=context.options.max_seconds, check=False, cwd=folder,
                    stdin=subprocess.DEVNULL, env={**os.environ, "HOME": folder, "LC_ALL": "C.UTF-8"},
                )  # fmt: skip
            except subprocess.TimeoutExpired:
                raise UnreadableError(
                    f"{program} took more than {context.options.max_seconds:g} seconds: "
                    "save the document as .docx, or raise the limit with --max-seconds"
                ) from None
            made = path.with_suffix(".txt")
            text = (made.read_bytes() if made.exists() else done.stdout).decode("utf-8-sig", "replace")
        if done.returncode or not text.strip():
            why = " ".join(done.stderr.decode("utf-8", "replace").split())[:200] or "it gave no text"
            raise UnreadableError(f"{program} cannot read it ({why}): save the document as .docx")
        yield Part(text.replace("\r\n", "\n"), note=f"converted by {program}")


RICH_TEXT, OLD_WORD = RichText(), OldWord()
