"""The one declaration of every table and column. Headers, types, data frames and docs/tables.md all come from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pipeline.records import SECTIONS as KINDS

#: Raised whenever a table changes so that older readers would misread it.
VERSION = 1
#: How many digits after the point a number has, so that the bytes do not depend on the machine.
DIGITS = 4
#: What stands between the items of a list in CSV.
SEPARATOR = " | "

Kind = Literal["text", "integer", "number", "date", "list"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: what it is called, what stands in it, and which other column it points to (`table.column`)."""

    name: str
    kind: Kind
    description: str
    references: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table. Rows are sorted by `key`, which no two rows share."""

    name: str
    a_row_is: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def header(self) -> tuple[str, ...]:
        """The names of the columns in order."""
        return tuple(c.name for c in self.columns)

    def position(self, column: str) -> int:
        """Where a column stands in a row."""
        return self.header.index(column)


def _text(name: str, description: str, references: str = "") -> Column:
    return Column(name, "text", description, references)


_DOCUMENT = _text("document_id", "The document.", "documents.document_id")
_START = Column("start", "integer", "Where it begins in the raw text, in Unicode code points from 0.")
_END = Column("end", "integer", "Where it ends: `raw[start:end]` is the stretch.")
_CONFIDENCE = Column("confidence", "number", "How sure the extraction is, from 0 to 1.")
_MENTIONS = Column("mentions", "integer", "How many mentions, over all documents.")
_IN_DOCUMENTS = Column("documents", "integer", "In how many documents.")

DOCUMENTS = Table(
    "documents",
    "a file, or a part of one",
    ("document_id",),
    (
        _text("document_id", "Path of the file below the input folder, with `/` and suffix."),
        _text("path", "Path of the file as it was given."),
        _text("sha256", "SHA-256 of the bytes of the file."),
        _text("media_type", "What the file is, such as `text/plain`."),
        _text("encoding", "How its characters are stored; of a text file `bytes.decode(encoding)` gives the raw text."),
        Column("encoding_confidence", "number", "How sure the encoding is, from 0 to 1."),
        _text("language", "The language it was read as, such as `en`."),
        _text("title", "Its headline, where it has one."),
        Column(
            "date",
            "date",
            "The date it gives itself, or its days as a range; `?` marks a year taken from a date above it or from "
            "`source_date`.",
        ),
        Column("characters", "integer", "Length of the raw text in Unicode code points."),
        Column("mentions", "integer", "How many mentions were found in it."),
        Column("people", "integer", "How many different people it mentions."),
        Column("institutions", "integer", "How many different institutions it mentions."),
        _text("status", "`ok`, `empty` or `failed`."),
        _text(
            "reason",
            "Why it is empty or failed, and what to do; of one that is `ok`, which part was left out because of its "
            "language.",
        ),
        _text("source_title", "The title that the format gives it outside its text: of the page, or the subject."),
        Column("source_date", "date", "The date that the format gives it: of the page, the letter, the capture."),
        _text("address", "The web address of a page, or the sender of a letter."),
        _text("note", "What reading had to do: a double decoding that was mended, menus that were left out."),
        _text(
            "text_file",
            "File in the output with the raw text (UTF-8); empty for a text file, read as it is, unless something in "
            "it was masked.",
        ),
        _text("family_id", "The first of the documents that share most of their wording with it: reprints count once."),
        Column("masked", "integer", "How many contacts were masked in it; empty where none were to be."),
    ),
)

MENTIONS = Table(
    "mentions",
    "a name in a text",
    ("document_id", "mention_id"),
    (
        _DOCUMENT,
        _text("mention_id", "Number of the mention in its document, in text order."),
        _text("label", "`PERSON`, `ROLE`, `INSTITUTION`, `REPORT`, `EVENT`, `WORK`, `DATE` or `PLACE`."),
        _START,
        _END,
        _text("text", "The raw text of the mention, as it stands."),
        _text("normalised", "The name, role, title or date (EDTF) in one wording."),
        _text("entity_id", "The person, institution, event or role it means: an id of the table for its label."),
        _CONFIDENCE,
        Column("page", "integer", "Its page, where the document has pages (PDF, form feeds)."),
    ),
)

AFFILIATIONS = Table(
    "affiliations",
    '"this document says P is R at I"',
    ("document_id", "affiliation_id"),
    (
        _DOCUMENT,
        _text("affiliation_id", "Number of the affiliation in its document, in text order."),
        _text("person_id", "The person.", "people.person_id"),
        _text("person", "The person as written there."),
        _text("role", "The role as written there."),
        _text("role_id", "The role in one wording.", "roles.role_id"),
        _text("institution_id", "The institution; empty where the text names none.", "institutions.institution_id"),
        _text("institution", "The institution as written there."),
        Column("date", "date", "The date of the document, which is when it was said."),
        Column("start", "integer", "Where the first of the mentions begins in the raw text."),
        Column("end", "integer", "Where the last of the mentions ends."),
        _CONFIDENCE,
        _text("person_mention", "The mention of the person.", "mentions.mention_id"),
        _text("role_mention", "The mention of the role.", "mentions.mention_id"),
        _text("institution_mention", "The mention of the institution.", "mentions.mention_id"),
    ),
)

REPORTS = Table(
    "reports",
    "a talk, one row a speaker",
    ("document_id", "report_id", "speaker"),
    (
        _DOCUMENT,
        _text("report_id", "Number of the talk in its document; its speakers share it."),
        Column("speaker", "integer", "Number of the speaker within the talk, from 1; 0 where none is named."),
        _text("title", "The title as written there."),
        _text("person_id", "The speaker; empty where the text names none.", "people.person_id"),
        _text("person", "The speaker as written there."),
        _text("institution_id", "The institution the speaker came from.", "institutions.institution_id"),
        _text("event_id", "The event at which it was given.", "events.event_id"),
        _text("kind", "What kind of talk, such as `report` or `lecture`."),
        Column("date", "date", "When it was given, as the text says; `?` marks a year taken from another date."),
        Column("start", "integer", "Where the first of the mentions begins in the raw text."),
        Column("end", "integer", "Where the last of the mentions ends."),
        _CONFIDENCE,
        _text("title_mention", "The mention of the title.", "mentions.mention_id"),
        _text("person_mention", "The mention of the speaker.", "mentions.mention_id"),
    ),
)

EVENTS = Table(
    "events",
    "a named event in a document",
    ("document_id", "event_id", "start"),
    (
        _DOCUMENT,
        _text("event_id", "The event; documents that name the same event may share it."),
        _text("title", "Its name as written there."),
        _text("kind", "What kind of event, such as `conference` or `exhibition`."),
        Column("date", "date", "When it took place, where the text says so; `?` as in reports."),
        _text("place", "Where it took place, as written there."),
        _START,
        _END,
        _CONFIDENCE,
    ),
)

SECTIONS = Table(
    "sections",
    "a part of a release: headline, contact, body",
    ("document_id", "section_id"),
    (
        _DOCUMENT,
        _text("section_id", "Number of the part in its document, in text order."),
        _text("kind", f"{', '.join(f'`{kind}`' for kind in KINDS[:-1])} or `{KINDS[-1]}`."),
        _START,
        _END,
        _text("text", "The raw text of the part; empty for `body`, which is long: `raw[start:end]` has it."),
        _text("reason", "What it was known by: the words that open it, its place, or what kind of furniture it is."),
    ),
)

PEOPLE = Table(
    "people",
    "a person, over all documents",
    ("person_id",),
    (
        _text("person_id", "Id of the person, the same from run to run."),
        _text("name", "The name that the evidence supports best."),
        _text("family_name", "Family name."),
        _text("given_name", "Given name."),
        _text("patronymic", "Patronymic."),
        _text("initials", "Initials of given name and patronymic."),
        Column("variants", "list", "Every wording found."),
        _IN_DOCUMENTS,
        _MENTIONS,
        Column("first_date", "date", "Date of the earliest document."),
        Column("last_date", "date", "Date of the latest document."),
        _text("authority_id", "Id in the authority file; empty where none or more than one record fits."),
        Column("authority_score", "number", "What speaks for the link to the authority record; 2.9 is the least."),
        _text("authority_reason", "The record and what agrees, or which records fit."),
    ),
)

INSTITUTIONS = Table(
    "institutions",
    "an institution, over all documents",
    ("institution_id",),
    (
        _text("institution_id", "Id of the institution, the same from run to run."),
        _text("name", "Its fullest name found, in the nominative."),
        _text("kind", "What it is: `library`, `museum`, `archive`, `university` and so on."),
        _text("named_after", "Whom it is named after."),
        _text("place", "Where it is, as far as its name says."),
        _text("part_of", "The institution it belongs to.", "institutions.institution_id"),
        Column("variants", "list", "Every wording found."),
        _IN_DOCUMENTS,
        _MENTIONS,
        Column("first_date", "date", "Date of the earliest document."),
        Column("last_date", "date", "Date of the latest document."),
        _text("authority_id", "Id in the authority file; empty where none or more than one record fits."),
        Column("authority_score", "number", "What speaks for the link to the authority record; 2.4 is the least."),
        _text("authority_reason", "The record and what agrees, or which records fit."),
    ),
)

ROLES = Table(
    "roles",
    "a normalised role",
    ("role_id",),
    (
        _text("role_id", "Id of the role."),
        _text(
            "role",
            "The role in one English wording, without `former`; of a Russian or Kazakh role with the scope that the "
            "knowledge has in English.",
        ),
        _text("kind", "`post`, `degree`, `honour` or `profession`."),
        _MENTIONS,
        Column("rank", "integer", "How high it stands within its kind, 1 highest; empty where there is no order."),
    ),
)

CHANGES = Table(
    "changes",
    "an id of the earlier output in the same folder that could not stay for all its mentions",
    ("entity_id", "now"),
    (
        _text("entity_id", "The person or institution in the earlier output."),
        _text("now", "The person or institution that all or some of its mentions mean now."),
        _text("change", "`merged`: all of them; `split`: some of them."),
    ),
)

#: All tables, in the order in which they are documented and written.
TABLES = (DOCUMENTS, MENTIONS, AFFILIATIONS, REPORTS, EVENTS, SECTIONS, PEOPLE, INSTITUTIONS, ROLES, CHANGES)
BY_NAME = {table.name: table for table in TABLES}
