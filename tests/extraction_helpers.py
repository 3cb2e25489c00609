"""Documents made by hand for the tests of the extraction."""

import re
from functools import cache

from pipeline.extraction.labeller import Document
from pipeline.extraction.languages import blank
from pipeline.extraction.layout import LETTERS
from pipeline.extraction.spans import TokenSpan
from pipeline.extraction.tokens import tokens_of

_LABELS = {letter: label for label, letter in LETTERS.items()}


@cache
def _blank(language: str):
    return blank(language)


def document(text: str, language: str = "en") -> Document:
    """A tokenized document."""
    return Document.of(tokens_of(_blank(language).make_doc(text)))


def marked(text: str, language: str = "en") -> tuple[Document, list[TokenSpan]]:
    """A document whose mentions are marked as `[P:Anna Petrova]`, and their spans."""
    plain, places = "", []
    for before, letter, name in re.findall(r"([^\[]*)(?:\[([A-Z]):([^\]]*)\])?", text):
        plain += before
        if letter:
            places.append((len(plain), len(plain) + len(name), _LABELS[letter]))
        plain += name
    made = document(plain, language)
    starts, ends = made.tokens.starts.tolist(), made.tokens.ends.tolist()
    return made, [(starts.index(start), ends.index(end) + 1, label) for start, end, label in places]


def words(text: str, language: str = "en") -> list[str]:
    """The tokens of a text."""
    return document(text, language).words


def quoted(text: str) -> list[str]:
    """The quoted stretches of a text, tokens joined by spaces; unclosed ones with an ellipsis."""
    found = document(text)
    return [" ".join(found.words[q.first : q.last]) + ("" if q.closed else " …") for q in found.context.quotes]
