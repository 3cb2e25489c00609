"""Files that users keep by hand and save from a spreadsheet: their text, or a message that says what to do."""

from __future__ import annotations

from pathlib import Path


def text_of(path: Path, called: str, error_class: type[Exception]) -> str:
    """The text of a CSV file in UTF-8, with or without a byte order mark.

    Args:
        path: the file. called: what the message calls it.
        error_class: what is raised where it cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise error_class(f"{called} {path} cannot be read ({error.strerror or error}).") from error
    except UnicodeDecodeError as error:
        raise error_class(f"{path} is not UTF-8. Save it as CSV in UTF-8.") from error
