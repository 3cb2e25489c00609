"""What this installation reads: `formats`."""

from __future__ import annotations

from typing import Annotated

import typer


def formats(
    as_json: Annotated[bool, typer.Option("--json", help="Write the list as JSON.")] = False,
) -> None:
    """List the formats that are read, and what to install for the rest."""
    import json

    from pipeline.reading import plugins, readers

    rows = [
        {
            "format": reader.name,
            "suffixes": sorted(s for s in reader.suffixes if s),
            "media_type": reader.media_type,
            "missing": reader.missing(),
        }
        for reader in readers()
    ]
    if as_json:
        typer.echo(json.dumps(rows, indent=1))
        return
    width = max(len(str(row["format"])) for row in rows)
    across = max(len(" ".join(row["suffixes"])) for row in rows)
    for row in rows:
        state = f"no: {row['missing']}" if row["missing"] else "yes"
        typer.echo(f"{row['format']:{width}}  {' '.join(row['suffixes']):{across}}  {state}")
    for problem in plugins().problems:
        typer.echo(problem, err=True)
