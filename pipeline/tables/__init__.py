"""Tables: one declaration of every table and column, the rows, and writing and reading them."""

from pipeline.tables.declare import BY_NAME, TABLES, VERSION, Column, Table, markdown
from pipeline.tables.read import TablesError, read_tables
from pipeline.tables.write import TableWriter

__all__ = [
    "BY_NAME", "TABLES", "VERSION", "Column", "Table", "TableWriter", "TablesError", "markdown", "read_tables",
]  # fmt: skip
