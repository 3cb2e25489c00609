"""Names, roles, dates and institutions in one form, and the people and bodies that the documents speak of."""

from __future__ import annotations

from pipeline.normalisation.dates import document_date, edtf
from pipeline.normalisation.entities import Entities, Given, Institution, Person, link, link_again
from pipeline.normalisation.institutions import fold
from pipeline.normalisation.local import DocumentEntities
from pipeline.normalisation.names import parse
from pipeline.normalisation.resolve import resolve_document
from pipeline.normalisation.roles import Role, canonical
from pipeline.normalisation.written import plain_spaces, tidy_title
from pipeline.records import Mention

__all__ = [
    "DocumentEntities",
    "Entities",
    "Given",
    "Institution",
    "Person",
    "Role",
    "canonical",
    "document_date",
    "link",
    "link_again",
    "normalise_mention",
    "resolve_document",
]


def normalise_mention(mention: Mention, language: str = "en") -> str:
    """A mention in our wording: the column `normalised` of the table of mentions.

    A person's name with the parts in one order, a role's English label, a date in EDTF, an institution's name on
    one line, a title without its quotation marks. Empty where nothing can be made of it.
    """
    if mention.label == "PERSON":
        return parse(mention.text, language).display or plain_spaces(mention.text)
    if mention.label == "ROLE":
        return canonical(mention.text, language).label
    if mention.label == "INSTITUTION":
        return fold(mention.text)
    if mention.label == "DATE":
        return edtf(mention.text, language)
    if mention.label in ("REPORT", "EVENT", "WORK"):
        return tidy_title(mention.text)
    return plain_spaces(mention.text)
