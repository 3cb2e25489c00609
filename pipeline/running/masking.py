"""What `--mask contacts` does to a document between its extraction and everything that is kept or written of it.

The extraction sees the text as it is, so that masking changes no finding; what leaves the worker is masked: raw text,
mentions, records for the linking, what the format says of the document. The main process, the store, the tables and
all that is made of them never hold a contact.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from pipeline.cleaning.contacts import Contact, contacts, counted, digest, mails, masked
from pipeline.reading.keeping import text_file
from pipeline.records import Extraction, Mention, Source
from pipeline.running.confidence import only

#: What `--mask` may say.
CONTACTS = "contacts"


def mask_key(mask: str) -> str:
    """What decides how an output is masked, empty without masking: rows masked otherwise are always done again."""
    return digest() if mask else ""


@dataclass(frozen=True, slots=True)
class Masked:
    """A document with its contacts masked; `counts` says how many of each kind, in text and source together."""

    source: Source
    raw: str
    found: tuple[Contact, ...]
    counts: dict[str, int]


@dataclass(slots=True)
class Masker:
    """Masks the documents of one file; two ids that become the same are told apart."""

    file_id: str
    _seen: dict[str, int] = field(default_factory=dict)

    def document(self, source: Source, raw: str) -> Masked:
        """A document masked. Where its text held a contact, the output is to keep the masked text."""
        found = tuple(contacts(raw)) if raw else ()
        told = [*found]

        def hidden(text: str, here: list[Contact]) -> str:
            told.extend(here)
            return masked(text, here)

        document_id = self._named(source.document_id)
        kept = source.text_file or (found and source.status == "ok")
        source = replace(
            source, document_id=document_id, text_file=text_file(document_id) if kept else "",
            source_title=hidden(source.source_title, contacts(source.source_title)),
            # Of a web address, numbers are parts of a path; of a sender, the mail address counts.
            address=hidden(source.address, mails(source.address)),
            note=hidden(source.note, contacts(source.note)), reason=without_contacts(source.reason),
        )  # fmt: skip
        return Masked(source, masked(raw, found), found, counted(told))

    def _named(self, document_id: str) -> str:
        """The id with mail addresses masked in what follows the name of the file, such as the ids of rows."""
        if not document_id.startswith(self.file_id):
            return document_id
        rest = document_id[len(self.file_id) :]
        named = self.file_id + masked(rest, mails(rest))
        self._seen[named] = times = self._seen.get(named, 0) + 1
        return named if times == 1 else f"{named}~{times}"


def without_contacts(text: str) -> str:
    """A sentence of ours, in which something of a document may be quoted, masked."""
    return masked(text, contacts(text))


def hide(extraction: Extraction, document: Masked) -> Extraction:
    """The extraction of a document as its masked text shows it.

    A mention that is nothing but a contact, such as the person after whom the street of an address is named, is left
    out; of one that holds a contact the rest stays, and its wording is made anew from that.
    """

    def inside(mention: Mention) -> bool:
        return any(c.start <= mention.start and mention.end <= c.end for c in document.found)

    def shown(mention: Mention) -> Mention:
        text = document.raw[mention.start : mention.end]
        return mention if text == mention.text else replace(mention, text=text, normalised="")

    made = only(extraction, lambda mention: not inside(mention))
    return replace(made, raw=document.raw, mentions=tuple(map(shown, made.mentions)), note=without_contacts(made.note))
