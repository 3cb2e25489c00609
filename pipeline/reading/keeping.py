"""Where the raw text of a document is kept in the output: a file below `texts/` whose name tells the document_id."""

from __future__ import annotations

import hashlib
import re

#: The folder in the output.
FOLDER = "texts"
# What Windows forbids in names, and what would not be seen.
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f-\x9f<>:"\\|?*%\u2028\u2029\ud800-\udfff]')
#: File systems allow 255 bytes a name and Windows 260 characters a path.
_LONGEST_NAME, _LONGEST_PATH = 180, 220


def text_file(document_id: str) -> str:
    """The path of a document's text below the output folder, with `/`. It never leaves `texts/`."""
    *folders, name = document_id.split("/")
    # A folder never ends in .txt, so that `a.txt` may be a text and `a.txt/b` another.
    parts = [_safe(f) + ("~" if f.lower().endswith(".txt") else "") for f in folders]
    path = "/".join([*parts, _safe(name) + ".txt"])
    if len(path.encode()) > _LONGEST_PATH or any(len(p.encode()) > _LONGEST_NAME for p in path.split("/")):
        return f"{FOLDER}/long names/{hashlib.sha256(document_id.encode('utf-8', 'backslashreplace')).hexdigest()}.txt"
    return f"{FOLDER}/{path}"


def _safe(part: str) -> str:
    """One part of a path, with what no file system takes written as `%XX`."""
    safe = _FORBIDDEN.sub(lambda m: "".join(f"%{b:02X}" for b in m[0].encode("utf-8", "surrogatepass")), part)
    if safe.strip(". ") == "":
        return "".join(f"%{ord(c):02X}" for c in safe) or "%"
    # Names that end in a dot or a space lose it on Windows.
    return safe[:-1] + f"%{ord(safe[-1]):02X}" if safe[-1] in ". " else safe
