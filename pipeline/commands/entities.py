"""Entities in an output folder: `entity` finds and shows one, `why` explains it, `judge` writes a judgement of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.common import WRONG_USAGE, leave, user_errors

Out = Annotated[Path, typer.Option("--out", "-o", help="Folder with the tables of a run.")]
AsJson = Annotated[bool, typer.Option("--json", help="Write it as JSON.")]
Judgements = Annotated[
    Path | None, typer.Option(help="CSV of judgements.  [default: judgements.csv in the folder of the tables]")
]


def entity(
    name: Annotated[str, typer.Argument(help="A name in any script, or an id.")],
    out: Out = Path("data/out"),
    as_json: AsJson = False,
) -> None:
    """Find a person or institution and show roles, institutions and reports by date."""
    import json
    from dataclasses import asdict

    with user_errors(""):
        from pipeline.running.dossier import Dossiers

        dossiers = Dossiers(out)
        found = dossiers.find(name)
        if not found:
            leave(f"Nobody and nothing in {out} is called {name!r}. Try a part of the name.", WRONG_USAGE)
        if len(found) > 1 and not as_json:
            typer.echo(f"{len(found)} bear this name; name one by its id:")
            for each in found[:20]:
                row = dossiers.row(each)
                typer.echo(_clean(f"  {each}: {row['name']} ({_counted(row).split(' in ')[0]})"))
            if len(found) > 20:
                typer.echo(f"  and {len(found) - 20} more")
            return
        cards = [dossiers.card(each) for each in found]
    if as_json:
        typer.echo(json.dumps([asdict(card) for card in cards], ensure_ascii=True, indent=1))
        return
    for card in cards:
        typer.echo(_clean(_heading(card.row, found[0])))
        for title, rows in (("Roles", card.affiliations), ("Reports", card.reports), ("Documents", card.documents)):
            if rows:
                typer.echo(title)
            for date, what, document in rows:
                typer.echo(_clean(f"  {date or 'no date':12} {what} [{document}]"))


def why(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="Id of a person or institution.")],
    out: Out = Path("data/out"),
    judgements: Judgements = None,
    as_json: AsJson = False,
) -> None:
    """Show why mentions are one entity: each with its sentence, every pair's evidence, every judgement."""
    import json
    from dataclasses import asdict

    with user_errors(""):
        from pipeline.normalisation.judgements import JudgementError
        from pipeline.running.dossier import Dossiers

        try:
            told = Dossiers(out).why(identifier, judgements)
        except JudgementError as error:
            leave(str(error), WRONG_USAGE)
    if as_json:
        typer.echo(json.dumps(asdict(told), ensure_ascii=True, indent=1))
        return
    typer.echo(_clean(_heading(told.row, identifier)))
    typer.echo("Mentions")
    for seen in told.mentions:
        typer.echo(_clean(f"  {seen.place} {seen.sentence or f'{seen.text} ({seen.missing})'}"))
    if told.pairs:
        typer.echo("Evidence, by wording")
    for pair in told.pairs:
        score = "     " if pair.score is None else f"{pair.score:5.1f}"
        typer.echo(_clean(f"  {score}  {pair.one} + {pair.other}: {pair.evidence}"))
    if told.company:
        typer.echo("Company in more than one document")
    for line in told.company:
        typer.echo(_clean(f"  {line}"))
    if told.judgements:
        typer.echo("Judgements")
    for judgement in told.judgements:
        typer.echo(_clean(f"  {judgement.said}{': ' if judgement.why else ''}{judgement.why}"))


def judge(
    verdict: Annotated[str, typer.Argument(help="same, different, preferred, not-an-entity or undo.")],
    one: Annotated[str, typer.Argument(help="Id of an entity, or the place DOCUMENT:START of a mention.")],
    other: Annotated[str, typer.Argument(help="The second entity; with `preferred` the name.")] = "",
    out: Out = Path("data/out"),
    judgements: Judgements = None,
    who: Annotated[str, typer.Option(help="Who judges.  [default: the user of this computer]")] = "",
    reason: Annotated[str, typer.Option("--why", help="Why.")] = "",
) -> None:
    """Write a judgement, which every later run applies: same, different, preferred, not-an-entity, undo."""
    with user_errors(""):
        from pipeline.normalisation.judgements import JudgementError
        from pipeline.running.judging import judge as write

        try:
            written, path = write(out, verdict, one, other, judgements=judgements, who=who, why=reason)
        except (JudgementError, OSError) as error:
            leave(str(error), WRONG_USAGE)
    typer.echo(_clean(f"{written.said}: written to {path}. It takes effect with the next `rollcall run`."))


def _heading(row: dict[str, str], identifier: str) -> str:
    dates = "/".join(d for d in dict.fromkeys((row["first_date"], row["last_date"])) if d)
    parts = [row["name"], identifier, _counted(row), dates]
    if row.get("part_of"):
        parts.append(f"part of {row['part_of']}")
    if row.get("authority_id"):
        parts.append(f"authority {row['authority_id']}")
    return " · ".join(p for p in parts if p)


def _clean(line: str) -> str:
    from pipeline.running.progress import visible

    return visible(line)


def _counted(row: dict[str, str]) -> str:
    mentions, documents = int(row["mentions"] or 0), int(row["documents"] or 0)
    return f"{mentions:,} mention{'s' * (mentions != 1)} in {documents:,} document{'s' * (documents != 1)}"
