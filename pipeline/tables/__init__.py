"""Tables: one declaration of every table and column, the rows, and writing and reading them."""

from pipeline.tables.declare import BY_NAME, TABLES, VERSION, Column, Table
from pipeline.tables.descriptor import datapackage, write_descriptor
from pipeline.tables.document import markdown
from pipeline.tables.formats import FORMATS, FormatError, check_formats, write_formats
from pipeline.tables.read import TablesError, read_tables
from pipeline.tables.views import VIEWS, View, sql
from pipeline.tables.write import TableWriter

__all__ = [
    "BY_NAME", "FORMATS", "TABLES", "VERSION", "VIEWS", "Column", "FormatError", "Table", "TableWriter", "TablesError",
    "View", "check_formats", "datapackage", "markdown", "read_tables", "sql", "write_descriptor", "write_formats",
]  # fmt: skip
