"""What people have said of what documents say: read from and appended to corrections.csv, applied on every run.

A line is a verdict on a statement: `right`, `wrong`, or `undo`, which takes back what the same person said of it. A
statement is that a stretch of the raw text is a name (`mention`), that a person holds a role at an institution
(`affiliation`), that somebody gave a report (`report`), or that a document was looked through as a whole
(`document`). To correct one is to call it wrong and another right. The file is append-only; of several lines on one
statement the latest holds, and where two people contradict each other that is reported.

A document is named by the SHA-256 of its file and its part in it, so that corrections outlive moves and new names, and
stretches by their offsets in the raw text with the words that stand there, so that another text is never corrected.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from pipeline.normalisation.user_files import append_rows, rows_of
from pipeline.records import LABELS
from pipeline.tables.declare import SEPARATOR

#: The corrections that lie beside the tables; a run reads them and never writes or removes them.
CORRECTIONS = "corrections.csv"
VERDICTS = ("right", "wrong", "undo")
KINDS = ("mention", "affiliation", "report", "document")
#: The columns with stretches, and the label of what stands there; that of a mention is in its own column.
STRETCHES = {"mention": "", "person": "PERSON", "role": "ROLE", "institution": "INSTITUTION", "title": "REPORT"}
_NEEDED = {"mention": ("label", "mention"), "affiliation": ("person", "role"), "report": ("title",), "document": ()}
_STRETCH = re.compile(r"(\d+)-(\d+)\Z")
_CALLED = "The corrections"

#: A stretch of a raw text: start and end in code points.
Stretch = tuple[int, int]


class CorrectionError(Exception):
    """A file of corrections that cannot be read; the message names the line and says what to do."""


@dataclass(frozen=True, slots=True)
class Correction:
    """One line. Stretches are `START-END`; `text` is what stands at them; `when` is ISO 8601, as text."""

    verdict: str
    kind: str
    sha256: str
    part: str = ""
    document: str = ""
    label: str = ""
    mention: str = ""
    person: str = ""
    role: str = ""
    institution: str = ""
    title: str = ""
    text: str = ""
    who: str = ""
    when: str = ""
    why: str = ""

    @property
    def statement(self) -> tuple[str, ...]:
        """What it speaks of; equal for two lines on the same statement."""
        return (self.kind, self.sha256, self.part, self.label, *(getattr(self, name) for name in STRETCHES))

    def stretch(self, name: str) -> Stretch | None:
        """Where one of its parts stands, None where it has none."""
        found = _STRETCH.match(getattr(self, name))
        return (int(found[1]), int(found[2])) if found else None

    def stretches(self) -> list[tuple[str, Stretch]]:
        """(label, stretch) of all its parts."""
        found = ((STRETCHES[name] or self.label, self.stretch(name)) for name in STRETCHES)
        return [(label, stretch) for label, stretch in found if stretch]

    def stands_in(self, raw: str) -> bool:
        """Whether the text is the one that it speaks of, at its stretches."""
        return self.kind == "document" or words_at(raw, [s for _, s in self.stretches()]) == self.text

    @property
    def said(self) -> str:
        """The correction in words, for reports."""
        by = " ".join(part for part in (self.who, self.when) if part)
        return f"{self.verdict} ({by})" if by else self.verdict


HEADER = tuple(f.name for f in fields(Correction))


def words_at(raw: str, stretches: Iterable[Stretch]) -> str:
    """The words at stretches of a text, on one line, as the column `text` has them."""
    return SEPARATOR.join(" ".join(raw[start:end].split()) for start, end in stretches)


def read_corrections(path: Path) -> list[Correction]:
    """The corrections of a file, in its order; lines that are empty or open with `#` do not count.

    Raises:
        CorrectionError: where the file cannot be read or a line says nothing that can be applied.
    """
    rows = rows_of(path, _CALLED, CorrectionError, HEADER, ("verdict", "kind", "sha256"))
    return [_correction(cells, path, number) for number, cells in rows]


def _correction(cells: list[str], path: Path, line: int) -> Correction:
    made = Correction(*cells)
    if made.verdict not in VERDICTS:
        raise CorrectionError(f"{path}, line {line}: the verdict {made.verdict!r} is none of {', '.join(VERDICTS)}.")
    if made.kind not in KINDS:
        raise CorrectionError(f"{path}, line {line}: the kind {made.kind!r} is none of {', '.join(KINDS)}.")
    for name in _NEEDED[made.kind]:
        if not getattr(made, name):
            raise CorrectionError(f"{path}, line {line}: `{name}` is missing.")
    for name in STRETCHES:
        cell, stretch = getattr(made, name), made.stretch(name)
        if cell and (stretch is None or stretch[0] >= stretch[1]):
            raise CorrectionError(f"{path}, line {line}: `{name}` is {cell!r}; write START-END, such as 12-25.")
    if made.label and made.label not in LABELS:
        raise CorrectionError(f"{path}, line {line}: the label {made.label!r} is none of {', '.join(LABELS)}.")
    return made


def append_corrections(path: Path, corrections: Sequence[Correction]) -> None:
    """Add lines at the end of the file, all at once; they are on the disk when this returns."""
    if path.exists():
        read_corrections(path)  # a file that is damaged is not made worse
    append_rows(path, _CALLED, CorrectionError, HEADER, [astuple(c) for c in corrections])


@dataclass(frozen=True, slots=True)
class Holding:
    """What holds after all lines: the latest verdict on each statement, and statements on which people differ."""

    verdicts: tuple[Correction, ...]
    contradicted: tuple[tuple[Correction, Correction], ...]


def holding(corrections: Iterable[Correction]) -> Holding:
    """What holds of corrections in any order. `undo` takes back what the same person said of the statement before."""
    standing: dict[tuple[str, ...], dict[str, Correction]] = {}
    for c in sorted(set(corrections), key=lambda c: (c.when, VERDICTS.index(c.verdict), astuple(c))):
        said = standing.setdefault(c.statement, {})
        said.pop(c.who, None)
        if c.verdict != "undo":
            said[c.who] = c  # the latest stands last
    verdicts, contradicted = [], []
    for said in standing.values():
        if said:
            *earlier, last = said.values()
            verdicts.append(last)
            contradicted += [(last, c) for c in earlier if c.verdict != last.verdict]
    return Holding(tuple(verdicts), tuple(contradicted))


class Corrections:
    """Corrections by document."""

    def __init__(self, corrections: Iterable[Correction] = ()) -> None:
        self.all = tuple(corrections)
        self._of: dict[str, list[Correction]] = defaultdict(list)
        for c in self.all:
            self._of[c.sha256].append(c)
        self._keys: dict[tuple[str, str], str] = {}

    def of(self, sha256: str, part: str) -> Holding:
        """What holds of one document."""
        return holding(c for c in self._of.get(sha256, ()) if c.part == part)

    def key(self, settings: str, sha256: str) -> str:
        """The key of the settings of a file, with what holds of it: a file is worked on again when that changes."""
        if sha256 not in self._of or not sha256:
            return settings
        if (settings, sha256) not in self._keys:
            told = sorted(map(astuple, holding(self._of[sha256]).verdicts))
            digest = hashlib.sha256(repr((settings, told)).encode("utf-8", "backslashreplace")).hexdigest()
            self._keys[settings, sha256] = digest if told else settings
        return self._keys[settings, sha256]

    def over(self, settings: str) -> str:
        """The key of the settings with what holds of any file."""
        told = sorted(map(astuple, holding(self.all).verdicts))
        return hashlib.sha256(repr((settings, told)).encode("utf-8", "backslashreplace")).hexdigest()

    def notes(self, known: Iterable[str]) -> list[str]:
        """What a user should know: people who contradict each other, corrections of files that are not there.

        Args:
            known: the SHA-256 of every file of the run.
        """
        told = []
        for last, other in holding(self.all).contradicted:
            told.append(
                f"{last.document}: {last.kind} `{last.text}` is {last.said}, against {other.said}. The latest holds; "
                "`undo` takes one back."
            )
        lost = sorted({c.document or c.sha256 for c in holding(self.all).verdicts} - self._named(known))
        if lost:
            more = f" and {len(lost) - 3} more" if len(lost) > 3 else ""
            told.append(
                f"Corrections speak of {', '.join(lost[:3])}{more}, which is not among the files or has changed since: "
                "they were not applied."
            )
        return told

    def _named(self, known: Iterable[str]) -> set[str]:
        present = set(known)
        return {c.document or c.sha256 for c in self.all if c.sha256 in present}


def part_of(document_id: str, path: str) -> str:
    """Which part of its file a document is: what its id has after that of the file; empty for a file of its own.

    Args:
        document_id: the id of the document. path: of the file, as the table of documents has it.
    """
    place = path.replace("\\", "/")
    if place.endswith(document_id):
        return ""
    marks = [found.start() for found in re.finditer("#", document_id)]
    cut = next((at for at in marks if place.endswith(document_id[:at])), marks[0] if marks else len(document_id))
    return document_id[cut + 1 :]
