"""datapackage.json (Data Package v2): what every CSV file holds, made from the declaration of the tables."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from pipeline.tables.declare import TABLES, VERSION, Column, Table

FILE = "datapackage.json"
_TYPES = {"integer": "integer", "number": "number"}


def datapackage() -> dict[str, Any]:
    """The descriptor. Dates are strings, since EDTF knows more than Table Schema; lists are strings as in the CSV."""
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "rollcall-tables",
        "title": "Who, in what role, at which institution, gave which report, when and where",
        "version": f"{VERSION}.0.0",
        "resources": [_resource(table) for table in TABLES],
    }


def write_descriptor(folder: Path) -> dict[str, str]:
    """Write datapackage.json into a folder; gives its SHA-256 by name."""
    text = json.dumps(datapackage(), ensure_ascii=False, indent=1) + "\n"
    data = text.encode("utf-8")
    (folder / FILE).write_bytes(data)
    return {FILE: hashlib.sha256(data).hexdigest()}


def _resource(table: Table) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "$schema": "https://datapackage.org/profiles/2.0/tableschema.json",
        "fields": [_field(table, column) for column in table.columns],
        "primaryKey": list(table.key),
        "missingValues": [""],
    }
    if keys := [_foreign(table, column) for column in table.columns if _is_key(column)]:
        schema["foreignKeys"] = keys
    return {
        "name": table.name,
        "type": "table",
        "description": f"A row is {table.a_row_is}.",
        "path": f"{table.name}.csv",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": schema,
    }


def _field(table: Table, column: Column) -> dict[str, Any]:
    field: dict[str, Any] = {
        "name": column.name,
        "type": _TYPES.get(column.kind, "string"),
        "description": column.description,
    }
    if column.name in table.key:
        field["constraints"] = {"required": True}
    return field


def _is_key(column: Column) -> bool:
    # An event may have several rows, so that its id alone is no key; a mention's key has two columns, of which one may
    # be empty where the pointer is, which Table Schema does not allow. Their descriptions say where they point.
    return bool(column.references) and not column.references.startswith(("events.", "mentions."))


def _foreign(table: Table, column: Column) -> dict[str, Any]:
    target, name = column.references.split(".")
    reference = {"resource": "" if target == table.name else target, "fields": [name]}
    return {"fields": [column.name], "reference": reference}
