"""One judgement written by `rollcall judge`: checked against an output folder, and anchored to places in its texts."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from pipeline.normalisation.judgements import (
    OF_TWO,
    VERDICTS,
    Judgement,
    JudgementError,
    append_judgement,
    read_judgements,
)
from pipeline.reading import InputError
from pipeline.running.dossier import Dossiers
from pipeline.running.linking import JUDGEMENTS


class Placed(Protocol):
    """What is asked of the tables of an output; `Dossiers` knows it."""

    def place(self, reference: str) -> str:
        """The place of an entity's first mention; of a place, itself. Raises InputError for neither."""

    def is_person(self, entity: str) -> bool | None:
        """Whether an id is a person's; None where there is no such id."""


def judge(
    out: Path,
    verdict: str,
    one: str,
    other: str = "",
    *,
    judgements: Path | None = None,
    who: str = "",
    why: str = "",
    when: datetime | None = None,
    tables: Placed | None = None,
) -> tuple[Judgement, Path]:
    """Append a judgement; gives it and the file.

    Args:
        out: the folder with the tables that the judgement speaks of.
        verdict: `same`, `different`, `preferred`, `not-an-entity` or `undo`.
        one: an id, or the place `DOCUMENT:START` of a mention.
        other: the second entity; with `preferred` the name.
        judgements: the file; without it `judgements.csv` in the folder of the tables.
        who: who judges; without it the user of this computer.
        why: the reason.
        when: the moment; without it now.
        tables: those of `out`, where they are open already.

    Raises:
        JudgementError: where the judgement says nothing, or the file cannot be read.
        InputError: where an entity is not there.
    """
    if verdict not in VERDICTS:
        raise JudgementError(f"The verdict {verdict!r} is none of {', '.join(VERDICTS)}.")
    if verdict in ("same", "different") and not other:
        raise JudgementError(f"`{verdict}` speaks of two entities: name the second as well.")
    if verdict == "preferred" and not other:
        raise JudgementError("`preferred` needs the name after the id.")
    path = judgements or out / JUDGEMENTS
    earlier = read_judgements(path) if path.is_file() else []
    dossiers = tables or Dossiers(out)
    places = [_place(dossiers, one, earlier)]
    if verdict in OF_TWO and other:
        places.append(_place(dossiers, other, earlier))
        if one == other:
            raise JudgementError(
                f"{one} is one entity. To divide it, name two of its mentions by their places, which "
                f"`rollcall why {one}` lists."
            )
        kinds = {dossiers.is_person(one), dossiers.is_person(other)} - {None}
        if len(kinds) > 1:
            raise JudgementError(f"Of {one} and {other} one is a person and one an institution: they are different.")
    moment = (when or datetime.now(UTC)).astimezone(UTC).isoformat().replace("+00:00", "Z")
    made = Judgement(
        verdict, one, other, places[0], places[1] if len(places) > 1 else "", who or getpass.getuser(), moment, why
    )
    append_judgement(path, made)
    return made, path


def _place(dossiers: Placed, reference: str, earlier: list[Judgement]) -> str:
    """The place of an entity; of an id that an earlier judgement has made vanish, the place recorded there."""
    try:
        return dossiers.place(reference)
    except InputError:
        for j in reversed(earlier):
            for name, place in ((j.one, j.one_at), (j.other, j.other_at)):
                if name == reference and place:
                    return place
        raise
