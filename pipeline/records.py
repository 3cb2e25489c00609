"""The nouns: frozen records that every wing passes on. They hold what was found, never how.

Offsets everywhere count Unicode code points. "Raw" is the text of the document as it was read; "clean" is
what the labeller sees. A record that leaves the extraction speaks of raw offsets only.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

#: The labels of mentions, in the order in which tables and reports list them.
LABELS = ("PERSON", "ROLE", "INSTITUTION", "REPORT", "EVENT", "WORK", "DATE", "PLACE")
#: The labels over which the core figure is taken.
CORE_LABELS = LABELS[:4]

#: The parts of a release, in whatever order a document has them; `furniture` is no part of the announcement.
SECTIONS = (
    "letterhead", "release_date", "embargo", "contact", "headline", "dateline", "body", "programme", "signature",
    "about", "furniture",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Source:
    """Where a document comes from and whether it could be read.

    `document_id` is the path below the input folder, with `/` and suffix. `status` is `ok`, `empty` or
    `failed`; `reason` says why in a sentence that tells what to do, and is empty when all went well.
    `source_title`, `source_date` and `address` are what the format says outside the text (the title of a page, the
    subject and sender of a letter); `note` tells what reading had to do, and `text_file` where the raw text is kept.
    """

    document_id: str
    path: str
    sha256: str = ""
    media_type: str = ""
    encoding: str = ""
    encoding_confidence: float = 0.0
    status: str = "ok"
    reason: str = ""
    source_title: str = ""
    source_date: str = ""
    address: str = ""
    note: str = ""
    text_file: str = ""


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of clean characters and the raw characters that it came from.

    An aligned segment maps character by character (`clean_length == raw_length`); in any other the clean
    characters stand for the raw ones as a whole (either side may be empty).
    """

    clean_start: int
    clean_length: int
    raw_start: int
    raw_length: int
    aligned: bool


@dataclass(frozen=True, slots=True)
class Change:
    """One edit that a cleaning step made, in raw offsets, so that it can be shown and replayed."""

    step: str
    start: int
    end: int
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Furniture:
    """A stretch of the raw text that is not part of the announcement: a menu, a phone line, a counter."""

    start: int
    end: int
    reason: str


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of the raw text that is one part of a release (`SECTIONS`); `reason` tells what it was known by."""

    kind: str
    start: int
    end: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """Clean characters, the raw text they came from and the map between the two.

    `segments` partition both texts in order: together they cover every clean and every raw character, so no
    character is lost without a record. `changes` lists what the steps did, `furniture` what they marked.
    """

    raw: str
    clean: str
    segments: tuple[Segment, ...]
    changes: tuple[Change, ...] = ()
    furniture: tuple[Furniture, ...] = ()
    _starts: tuple[int, ...] = field(init=False, repr=False, compare=False, default=())

    def __post_init__(self) -> None:
        object.__setattr__(self, "_starts", tuple(s.clean_start for s in self.segments))

    @classmethod
    def of(cls, raw: str) -> Text:
        """The text as it stands, nothing changed."""
        return cls(raw, raw, (Segment(0, len(raw), 0, len(raw), True),) if raw else ())

    def raw_span(self, start: int, end: int) -> tuple[int, int]:
        """The raw span that the clean span [start, end) came from.

        An empty clean span gives an empty raw one. Raises ValueError when the span is not within the text.
        """
        if not 0 <= start <= end <= len(self.clean):
            raise ValueError(f"no span {start}:{end} in a clean text of {len(self.clean)} characters")
        if start == end:
            at = self._raw_offset(start, first=True) if start < len(self.clean) else len(self.raw)
            return at, at
        return self._raw_offset(start, first=True), self._raw_offset(end - 1, first=False)

    def _raw_offset(self, clean: int, first: bool) -> int:
        """Where the raw characters behind one clean character begin (`first`) or end."""
        segment = self.segments[bisect_right(self._starts, clean) - 1]
        if segment.aligned:
            return segment.raw_start + clean - segment.clean_start + (0 if first else 1)
        return segment.raw_start + (0 if first else segment.raw_length)


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in a text: `raw[start:end] == text`. `normalised` is ours and may be empty.

    `language` is that of the stretch it stands in where it is not the document's, else empty.
    """

    label: str
    start: int
    end: int
    text: str
    confidence: float = 1.0
    normalised: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Affiliation:
    """That a person holds a role at an institution, as a document says: indices into the mentions.

    `institution` is None where the text names none. `start` and `end` span the three mentions.
    """

    person: int
    role: int
    institution: int | None
    start: int
    end: int
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Report:
    """A talk and one speaker: indices into the mentions; `person` is None where no speaker is named."""

    title: int
    person: int | None
    institution: int | None
    event: int | None
    kind: str
    date: int | None
    start: int
    end: int
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Event:
    """A named event: index of its first mention, the indices of date and place where the text gives them."""

    title: int
    kind: str
    date: int | None
    place: int | None
    start: int
    end: int
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Extraction:
    """All that one document says, in raw offsets. Mentions are sorted by start and do not overlap.

    `language` is that of most of the text; `note` says which of it was left out because of its language, and why.
    """

    raw: str
    language: str
    mentions: tuple[Mention, ...] = ()
    affiliations: tuple[Affiliation, ...] = ()
    reports: tuple[Report, ...] = ()
    events: tuple[Event, ...] = ()
    furniture: tuple[Furniture, ...] = ()
    note: str = ""

    def named(self, label: str) -> list[Mention]:
        """The mentions with this label, in text order."""
        return [m for m in self.mentions if m.label == label]
