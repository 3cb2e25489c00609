"""What people have judged of entities: read from and appended to judgements.csv, and applied on every run.

A line says that two entities are the `same` or `different`, which name is `preferred`, that something is
`not-an-entity`, or withdraws (`undo`) what was judged of the two before. The file is append-only: of several lines on
the same two entities the one with the latest `when` holds; at the same moment `undo` goes before `different` and that
before `same`. The order of the lines does not matter, and a line said twice counts once.

An entity is named by its id or by the place of a mention, `DOCUMENT:START`. Ids change when evidence does, so
`rollcall judge` also records a place for each id, and places decide.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from pipeline.normalisation.user_files import append_rows, rows_of

#: What can be judged. The first three speak of two entities.
VERDICTS = ("same", "different", "undo", "preferred", "not-an-entity")
OF_TWO = VERDICTS[:3]
#: What goes first where two lines are of the same moment.
_RANK = {"undo": 2, "different": 1}


class JudgementError(Exception):
    """A file of judgements that cannot be read; the message names the line and says what to do."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """One line. `other` is the second entity, or the name that is preferred; `when` is ISO 8601, as text."""

    verdict: str
    one: str
    other: str = ""
    one_at: str = ""
    other_at: str = ""
    who: str = ""
    when: str = ""
    why: str = ""

    @property
    def said(self) -> str:
        """The judgement in words, for reports."""
        pair = f"{self.one} {self.verdict} {self.other}".strip()
        by = " ".join(part for part in (self.who, self.when) if part)
        return f"{pair} ({by})" if by else pair


HEADER = tuple(f.name for f in fields(Judgement))


def read_judgements(path: Path) -> list[Judgement]:
    """The judgements of a file, in its order; lines that are empty or open with `#` do not count.

    The file may be saved by a spreadsheet: a byte order mark, semicolons and other orders of the columns are
    understood.

    Raises:
        JudgementError: where the file cannot be read or a line says nothing that can be applied.
    """
    rows = rows_of(path, "The judgements", JudgementError, HEADER, ("verdict", "one"))
    return [_judgement(cells, path, number) for number, cells in rows]


def _judgement(cells: list[str], path: Path, line: int) -> Judgement:
    made = Judgement(*cells)
    if made.verdict not in VERDICTS:
        raise JudgementError(f"{path}, line {line}: the verdict {made.verdict!r} is none of {', '.join(VERDICTS)}.")
    if not made.one or (made.verdict not in ("not-an-entity", "undo") and not made.other):
        needed = "the preferred name" if made.verdict == "preferred" else "the second entity"
        raise JudgementError(f"{path}, line {line}: {'`other`, ' + needed if made.one else '`one`'} is missing.")
    return made


def append_judgement(path: Path, judgement: Judgement) -> None:
    """Add a line at the end of the file, which is made if it is not there; nothing else of it is touched."""
    if path.exists():
        read_judgements(path)  # a file that is damaged is not made worse
    append_rows(path, "The judgements", JudgementError, HEADER, [astuple(judgement)])


def latest_first(judgements: Iterable[Judgement]) -> list[Judgement]:
    """Each judgement once, those that hold against others first; the order of the input does not matter."""
    unique = sorted(set(judgements), key=astuple)
    return sorted(unique, key=lambda j: (j.when, _RANK.get(j.verdict, 0)), reverse=True)
