"""Files and folders → the files to read, each with its document_id: sorted, each once, nothing lost in silence."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.reading.files import printable
from pipeline.reading.remote import RemoteError, address_of, below, local

#: The file by which an output folder is known; a folder that holds it is not read.
MARKER = "rollcall.json"
#: The file with settings for an input folder; it is no announcement and is passed over.
SETTINGS = "rollcall.toml"
#: What file managers and office programs leave lying about; it is passed over like a hidden file.
_LITTER = frozenset({"Thumbs.db", "desktop.ini", "__MACOSX", SETTINGS})


class InputError(Exception):
    """An input that the user named does not exist; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file to read and its document_id. `problem` says why it cannot even be opened, where that is known.

    `address` is that of a file on another machine, `size` its size and `version` what tells whether it has changed.
    """

    path: Path
    document_id: str
    problem: str = ""
    address: str = ""
    size: int = 0
    version: str = ""


@dataclass(frozen=True, slots=True)
class _Candidate:
    path: Path
    base: Path  # the input folder, or the folder of a file that was named itself
    parts: tuple[str, ...]
    problem: str = ""
    address: str = ""
    size: int = 0
    version: str = ""
    real: str = ""  # where it lies, where that is known


def discover(inputs: Iterable[Path | str], skip: Iterable[Path | str] = ()) -> list[Found]:
    """All files below the inputs, recursively, sorted by document_id.

    Hidden files, files of settings, what is in `skip` and folders that hold the output of an earlier run are passed
    over. A file that is reached twice (named twice, below two inputs, through a link) is taken once, under the name
    that is no link.

    Args:
        inputs: files or folders; addresses such as `s3://bucket/folder`.
        skip: folders that are not entered, and files that are none of the input.

    Raises:
        InputError: when an input does not exist.
    """
    skipped = frozenset(os.path.realpath(s) for s in skip)
    candidates: list[_Candidate] = []
    for named in dict.fromkeys(map(str, inputs)):
        if address := address_of(named):
            candidates += _remote(address)
            continue
        given = local(named)
        if not os.path.lexists(given):
            name = printable(given)
            raise InputError(f"There is no file or folder {name}. Check the name, or run from another folder.")
        if given.is_dir():
            candidates += _below(given, skipped)
        elif given.name != SETTINGS:  # a pattern such as folder/* names it too
            candidates.append(_Candidate(given, given.parent, (given.name,)))
    return sorted(_named(_once(candidates, skipped)), key=lambda f: f.document_id)


def _remote(address: str) -> Iterator[_Candidate]:
    """Every file below an address."""
    try:
        for file in below(address):
            base = Path(file.address).parents[len(file.parts) - 1]
            yield _Candidate(Path(file.address), base, file.parts, "", file.address, file.size, file.version)
    except RemoteError as error:
        raise InputError(str(error)) from error


def _below(base: Path, skipped: frozenset[str]) -> Iterator[_Candidate]:
    """Every file below a folder, in order. Links to folders are followed, but never in a circle."""
    pending: list[tuple[Path, tuple[str, ...], frozenset[str]]] = [(base, (), frozenset())]
    while pending:
        folder, parts, above = pending.pop()
        real = os.path.realpath(folder)
        if real in above:
            yield _Candidate(folder, base, parts, "this link leads back to a folder above it: remove it")
            continue
        if real in skipped:
            continue
        try:
            with os.scandir(folder) as scan:
                entries = sorted(scan, key=lambda e: os.fsencode(e.name))
        except OSError as error:
            why = error.strerror or str(error)
            yield _Candidate(folder, base, parts, f"the folder cannot be opened ({why}): change its rights")
            continue
        # Not the input folder itself: who names an output folder as input means it.
        if parts and any(e.name == MARKER for e in entries):
            continue
        for entry in entries:
            if entry.name.startswith((".", "~$")) or entry.name in _LITTER:
                continue
            inside = (*parts, entry.name)
            if _is_dir(entry):
                pending.append((Path(entry.path), inside, above | {real}))
            else:
                lies = "" if entry.is_symlink() else os.path.join(real, entry.name)
                yield _Candidate(folder / entry.name, base, inside, real=lies)


def _is_dir(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False  # a link that leads to itself: reading it will say so


def _once(candidates: Sequence[_Candidate], skipped: frozenset[str]) -> list[_Candidate]:
    """Each file once: first the one that is no link, then the one named first."""
    chosen: dict[str, _Candidate] = {}
    for candidate in candidates:
        # A problem (a folder that leads back, say) is told for each place where it shows.
        if candidate.address:
            chosen.setdefault(candidate.address, candidate)
            continue
        key = candidate.real or (os.path.abspath if candidate.problem else os.path.realpath)(candidate.path)
        if key in skipped:
            continue
        if not candidate.real and not os.path.exists(key):
            key = os.path.abspath(candidate.path)  # a broken link is itself, not its target
        known = chosen.get(key)
        if known is None or (known.path.is_symlink() and not candidate.path.is_symlink()):
            chosen[key] = candidate
    return list(chosen.values())


def _named(candidates: Sequence[_Candidate]) -> list[Found]:
    """Give each its document_id; where two inputs hold the same, as many names of folders above as tell them apart."""
    depths = [0] * len(candidates)
    while True:
        ids = [_identifier(c, d) for c, d in zip(candidates, depths, strict=True)]
        count = Counter(ids)
        again = [
            i for i, (c, d) in enumerate(zip(candidates, depths, strict=True))
            if count[ids[i]] > 1 and d < len(_absolute(c.base).parts) - 1
        ]  # fmt: skip
        if not again:
            break
        for i in again:
            depths[i] += 1
    found: list[Found] = []
    seen: Counter[str] = Counter()
    whole = frozenset(ids)
    for candidate, identifier in zip(candidates, ids, strict=True):
        # `a.zip#b.txt` is what b.txt in a.zip will be called, so a file of that name beside a.zip takes another.
        if "#" in identifier and any(identifier[: m.start()] in whole for m in re.finditer("#", identifier)):
            identifier += "~file"
        seen[identifier] += 1
        mine = Found(
            candidate.path, identifier, candidate.problem, candidate.address, candidate.size, candidate.version
        )
        # Only names that differ in undecodable bytes alone, as written, can still be the same here.
        found.append(mine if seen[identifier] == 1 else replace(mine, document_id=f"{identifier}~{seen[identifier]}"))
    return found


def _identifier(candidate: _Candidate, depth: int) -> str:
    above = _absolute(candidate.base).parts[1:][-depth:] if depth else ()
    return "/".join(printable(part) for part in (*above, *candidate.parts))


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(path))
