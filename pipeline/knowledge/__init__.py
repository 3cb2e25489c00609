"""What people know, as reviewed plain text files by language: read, cached, never written.

A file `data/<language>/<name>.txt` holds one entry a line. A `#` at the start of a line, or after white space,
opens a comment that runs to the end of the line; blank lines do not count. Where an entry has attributes, they
stand after it, each behind a tabulator. What belongs to no one language is filed under `common`.

Folders named by `use_folders` are laid over the files that ship: their entries are read after ours, so that an
archive can add the words of its own region without touching the package.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from pathlib import Path

#: The language under which files of no one language stand.
COMMON = "common"

_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
_COMMENT = re.compile(r"(?:^|\s)#.*\Z")
_folders: tuple[Path, ...] = ()


class UnknownKnowledgeError(LookupError):
    """There is no such file of knowledge; the message names those there are."""


def use_folders(folders: tuple[Path, ...] = ()) -> None:
    """Lay these folders (each with `<language>/<name>.txt` below it) over the files that ship.

    Called once at the start of a run; without folders it returns to what ships.
    """
    global _folders
    _folders = tuple(folders)
    table.cache_clear()
    lines.cache_clear()


def folders() -> tuple[Path, ...]:
    """The folders that `use_folders` laid over the files that ship, to be handed to worker processes."""
    return _folders


def names(language: str) -> tuple[str, ...]:
    """The names of the files that ship for this language, sorted; none for a language we know nothing of."""
    folder = files(__name__) / "data" / language
    if not folder.is_dir():
        return ()
    return tuple(sorted(f.name[:-4] for f in folder.iterdir() if f.name.endswith(".txt")))


@cache
def table(language: str, name: str) -> tuple[tuple[str, ...], ...]:
    """The entries of a file in its order, each split at its tabulators and stripped.

    Raises `UnknownKnowledgeError` when neither the package nor a folder of the user has such a file.
    """
    texts = _texts(language, name)
    if not texts:
        known = ", ".join(names(language)) or "none"
        raise UnknownKnowledgeError(
            f"There is no knowledge file {name!r} for the language {language!r}. Those there are: {known}."
        )
    return tuple(entry for text in texts for entry in entries(text))


def entries(text: str) -> list[tuple[str, ...]]:
    """The entries of the text of a file, each split at its tabulators and stripped."""
    found = []
    for line in text.splitlines():
        entry = _COMMENT.sub("", line).strip()
        if entry:
            found.append(tuple(field.strip() for field in entry.split("\t") if field.strip()))
    return found


def shipped(language: str, name: str) -> list[tuple[str, ...]]:
    """The entries of a file that ships, without those of the user's folders. It must be one of `names`."""
    return entries((files(__name__) / "data" / language / f"{name}.txt").read_text(encoding="utf-8-sig"))


@cache
def lines(language: str, name: str) -> tuple[str, ...]:
    """The entries of a file without their attributes, in its order. Raises as `table` does."""
    return tuple(entry[0] for entry in table(language, name))


def _texts(language: str, name: str) -> list[str]:
    """What the package and then the user's folders hold under this name, later ones last."""
    if not _NAME.match(language) or not _NAME.match(name):
        return []
    places = [files(__name__) / "data", *_folders]
    found = [place / language / f"{name}.txt" for place in places]
    return [file.read_text(encoding="utf-8-sig") for file in found if file.is_file()]
