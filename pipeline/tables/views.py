"""Joined views: tables with the names behind their ids. One declaration, from which SQL and data frames come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.tables.declare import BY_NAME, Column

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Joined:
    """A column taken from another table: `source` (`table.column`) of the row that `by` points to.

    `label` restricts it to mentions with this label; of several columns with one name the first that is known counts.
    """

    name: str
    by: str
    source: str
    label: str = ""

    @property
    def table(self) -> str:
        """The table that it is taken from."""
        return self.source.split(".")[0]

    @property
    def origin(self) -> Column:
        """The column that it is taken from."""
        table, name = self.source.split(".")
        return BY_NAME[table].columns[BY_NAME[table].position(name)]

    @property
    def keys(self) -> tuple[str, ...]:
        """What finds the row: an event is known by its document as well, and may have several rows."""
        return ("document_id", "event_id") if self.table == "events" else BY_NAME[self.table].key


@dataclass(frozen=True, slots=True)
class View:
    """A table with columns of other tables. `dates` are the columns whose first known year is the column `year`."""

    name: str
    a_row_is: str
    table: str
    joined: tuple[Joined, ...]
    dates: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns that it adds to those of its table."""
        told: dict[str, Column] = {}
        for j in self.joined:
            description = f"`{j.source}` of the row that `{j.by}` points to."
            if j.name in told:
                description = f"{told[j.name].description.removesuffix('.')}, or {description}"
            told[j.name] = Column(j.name, j.origin.kind, description)
        if self.dates:
            dates = " or, where that has none, of ".join(f"`{date}`" for date in self.dates)
            told["year"] = Column("year", "integer", f"The year of {dates}.")
        return tuple(told.values())


_DOCUMENT = (
    Joined("document_title", "document_id", "documents.title"),
    Joined("document_date", "document_id", "documents.date"),
    Joined("document_language", "document_id", "documents.language"),
)
_PERSON = Joined("person_name", "person_id", "people.name")
_INSTITUTION = (
    Joined("institution_name", "institution_id", "institutions.name"),
    Joined("institution_kind", "institution_id", "institutions.kind"),
)

VIEWS = (
    View(
        "mentions_named",
        "with the name of what it means and its document",
        "mentions",
        (
            Joined("entity_name", "entity_id", "people.name", "PERSON"),
            Joined("entity_name", "entity_id", "institutions.name", "INSTITUTION"),
            Joined("entity_name", "entity_id", "roles.role", "ROLE"),
            *_DOCUMENT,
        ),
        ("document_date",),
    ),
    View(
        "affiliations_named",
        "with the names of person, role and institution and its document",
        "affiliations",
        (
            _PERSON,
            Joined("role_name", "role_id", "roles.role"),
            Joined("role_kind", "role_id", "roles.kind"),
            Joined("role_rank", "role_id", "roles.rank"),
            *_INSTITUTION,
            *_DOCUMENT,
        ),
        ("date",),
    ),
    View(
        "reports_named",
        "with the names of speaker, institution and event and its document: who spoke, at what, when",
        "reports",
        (
            Joined("title_normalised", "title_mention", "mentions.normalised"),
            _PERSON,
            *_INSTITUTION,
            Joined("event_title", "event_id", "events.title"),
            *_DOCUMENT,
        ),
        ("date", "document_date"),
    ),
    View("events_named", "with its document", "events", _DOCUMENT, ("date", "document_date")),
)
VIEWS_BY_NAME = {view.name: view for view in VIEWS}


def sql(view: View) -> str:
    """The query of a view over the tables by their names, in words that SQLite and DuckDB share."""
    aliases: dict[tuple[str, str, str], str] = {}
    chosen: dict[str, list[str]] = {}
    for j in view.joined:
        alias = aliases.setdefault((j.by, j.table, j.label), f"j{len(aliases) + 1}")
        chosen.setdefault(j.name, []).append(f"{alias}.{j.origin.name}")
    picked = [
        f"{columns[0] if len(columns) == 1 else 'coalesce(' + ', '.join(columns) + ')'} AS {name}"
        for name, columns in chosen.items()
    ]
    if view.dates:
        dates = [chosen[date][0] if date in chosen else f"t.{date}" for date in view.dates]
        cases = [
            f"WHEN substr({d}, 1, 4) GLOB '[0-9][0-9][0-9][0-9]' THEN CAST(substr({d}, 1, 4) AS INTEGER)" for d in dates
        ]
        picked.append(f"CASE {' '.join(cases)} END AS year")
    joins = [_join(alias, by, table, label) for (by, table, label), alias in aliases.items()]
    return f"SELECT t.*, {', '.join(picked)} FROM {view.table} t {' '.join(joins)}"


def _join(alias: str, by: str, table: str, label: str) -> str:
    if table == "events":
        first = (
            "(SELECT document_id, event_id, title FROM events e WHERE start = (SELECT min(start) FROM events f "
            "WHERE f.document_id = e.document_id AND f.event_id = e.event_id))"
        )
        return f"LEFT JOIN {first} {alias} ON {alias}.document_id = t.document_id AND {alias}.event_id = t.{by}"
    if table == "mentions":
        return f"LEFT JOIN mentions {alias} ON {alias}.document_id = t.document_id AND {alias}.mention_id = t.{by}"
    only = f" AND t.label = '{label}'" if label else ""
    return f"LEFT JOIN {table} {alias} ON {alias}.{BY_NAME[table].key[0]} = t.{by}{only}"


def frame(view: View, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The view as a frame, of the frames of its tables. A joined date has its companion `NAME_parsed` too."""
    made = tables[view.table].copy()
    for j in view.joined:
        columns = {j.name: j.origin.name}
        if j.origin.kind == "date":
            columns[f"{j.name}_parsed"] = f"{j.origin.name}_parsed"
        for name, source in columns.items():
            found = _found(made, j, tables[j.table], source)
            made[name] = made[name].fillna(found) if name in made else found
    if view.dates:
        made["year"] = _years(made, view.dates)
    return made


def _found(made: pd.DataFrame, j: Joined, other: pd.DataFrame, source: str) -> pd.Series[Any]:
    """What the rows point to, in their order."""
    keys = list(j.keys)
    lookup = other[[*keys, source]].drop_duplicates(keys)
    by = made[[*keys[:-1], j.by]].rename(columns={j.by: keys[-1]})
    found = by.merge(lookup, on=keys, how="left")[source].set_axis(made.index)
    return found.where(made["label"] == j.label) if j.label else found


def _years(made: pd.DataFrame, dates: tuple[str, ...]) -> pd.Series[Any]:
    years = [made[date].str.extract(r"^(\d{4})", expand=False) for date in dates]
    first = years[0]
    for year in years[1:]:
        first = first.fillna(year)
    return first.astype("Int64")
