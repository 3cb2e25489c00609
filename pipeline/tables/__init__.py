"""Tables: one declaration of every table and column, the rows, and writing and reading them."""

from pipeline.tables.declare import BY_NAME, TABLES, VERSION, Column, Table, markdown
from pipeline.tables.descriptor import datapackage, write_descriptor
from pipeline.tables.formats import FORMATS, FormatError, check_formats, write_formats
from pipeline.tables.read import TablesError, read_tables
from pipeline.tables.write import TableWriter

__all__ = [
    "BY_NAME", "FORMATS", "TABLES", "VERSION", "Column", "FormatError", "Table", "TableWriter", "TablesError",
    "check_formats", "datapackage", "markdown", "read_tables", "write_descriptor", "write_formats",
]  # fmt: skip
