"""A user's own knowledge: a folder laid out as the files that ship, checked line by line before it is used."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from pipeline.knowledge import entries, names, shipped, use_folders


class OwnKnowledgeError(ValueError):
    """A folder of own knowledge that cannot be used; the message names the file and the line, and what to do."""


def use_own(folders: Iterable[Path]) -> str:
    """Check folders and lay them over the files that ship, for the rest of this process.

    Must come before anything is extracted or trained, since tables that were made of the files are kept.

    Returns:
        a checksum over all lines that they add, empty without folders.

    Raises:
        OwnKnowledgeError: as `check` does.
    """
    chosen = tuple(folders)
    total = hashlib.sha256()
    for folder in chosen:
        for file in check(folder):
            name = file.relative_to(folder).as_posix()
            total.update(name.encode() + b"\0" + file.read_bytes() + b"\0")
    if chosen:
        use_folders(chosen)
    return total.hexdigest() if chosen else ""


def check(folder: Path) -> list[Path]:
    """The files of a folder of own knowledge, sorted.

    Raises:
        OwnKnowledgeError: when it is no folder or holds no such file, when a file has not the name of one that ships,
            is not in UTF-8, or has a line with more or fewer attributes than those that ship.
    """
    if not folder.is_dir():
        raise OwnKnowledgeError(f"There is no folder {folder}. Name one that holds files such as en/features_role.txt.")
    files = sorted(f for f in folder.rglob("*.txt") if f.is_file())
    if not files:
        raise OwnKnowledgeError(f"{folder} holds no .txt file; it should hold files such as en/features_role.txt.")
    for file in files:
        _check_file(folder, file)
    return files


def _check_file(folder: Path, file: Path) -> None:
    language, _, name = file.relative_to(folder).as_posix().removesuffix(".txt").rpartition("/")
    known = names(language) if language and "/" not in language else ()
    if not known:
        raise OwnKnowledgeError(f"{file}: files stand in a folder named en, ru, kk or common below {folder}.")
    if name not in known:
        raise OwnKnowledgeError(f"{file}: there is no knowledge of this name. Those of {language}: {', '.join(known)}.")
    lengths = {len(entry) for entry in shipped(language, name)}
    fewest, most = min(lengths, default=1), max(lengths, default=1)
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise OwnKnowledgeError(f"{file} is not in UTF-8 (byte {error.start}); save it as UTF-8.") from None
    for number, line in enumerate(text.splitlines(), 1):
        for entry in entries(line):
            if not fewest <= len(entry) <= most:
                wanted = str(fewest) if fewest == most else f"{fewest} to {most}"
                raise OwnKnowledgeError(
                    f"{file}, line {number}: {len(entry)} fields between tabulators, "
                    f"where the file that ships has {wanted}."
                )
