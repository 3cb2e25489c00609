"""What the user may set about reading: the bounds that no file can break, and the few choices a format leaves open."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """Bounds and choices. Every bound has a reason that names it when it is hit.

    `max_bytes` bounds a file and each member of an archive, `max_extracted` all that comes out of one file;
    `max_seconds` and `max_memory` (bytes) bound the reading of one document, in a process that is stopped when it
    exceeds them.
    """

    max_bytes: int = 50_000_000
    max_extracted: int = 500_000_000
    max_members: int = 100_000
    max_depth: int = 4
    max_pages: int = 5_000
    max_seconds: float = 60.0
    max_memory: int = 2_000_000_000
    encoding: str = ""
    text_column: str = ""
    id_column: str = ""
    ocr: bool = False
    ocr_languages: str = "auto"

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name.startswith("max_") and value <= 0:
                raise ValueError(f"{field.name} must be more than 0")


#: What is read without any option.
DEFAULTS = ReadOptions()
