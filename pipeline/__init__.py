"""Rollcall: raw announcements in, tables of people, roles, institutions and reports out.

The public functions are imported when they are first asked for, so that `import pipeline` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipeline.extraction import extract, load
    from pipeline.running.run import run
    from pipeline.tables import read_tables

__all__ = ["extract", "load", "read_tables", "run"]

_HOMES = {
    "extract": "pipeline.extraction",
    "load": "pipeline.extraction",
    "read_tables": "pipeline.tables",
    "run": "pipeline.running",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'pipeline' has no attribute {name!r}")
