"""Documents made by hand for the tests of the extraction."""

from functools import cache

from pipeline.extraction.labeller import Document
from pipeline.extraction.languages import blank
from pipeline.extraction.tokens import tokens_of


@cache
def _blank(language: str):
    return blank(language)


def document(text: str, language: str = "en") -> Document:
    """A tokenized document."""
    return Document.of(tokens_of(_blank(language).make_doc(text)))


def words(text: str, language: str = "en") -> list[str]:
    """The tokens of a text."""
    return document(text, language).words


def quoted(text: str) -> list[str]:
    """The quoted stretches of a text, tokens joined by spaces; unclosed ones with an ellipsis."""
    found = document(text)
    return [" ".join(found.words[q.first : q.last]) + ("" if q.closed else " …") for q in found.context.quotes]
