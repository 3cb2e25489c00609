"""The languages that Rollcall speaks, as spaCy `Language` objects with the tokenizer of announcements."""

from __future__ import annotations

import spacy
from spacy.language import Language

from pipeline.extraction.tokens import create_tokenizer

#: Languages that have word lists; a model must also be there to extract (`models.available`).
LANGUAGES = ("en", "ru", "kk")


class Kazakh(Language):
    """Kazakh, for which spaCy has no class of its own; registered as `kk`."""

    lang = "kk"


def blank(language: str) -> Language:
    """A pipeline without components: the tokenizer of announcements for this language.

    Raises ValueError for a language that Rollcall does not speak.
    """
    if language not in LANGUAGES:
        raise ValueError(f"Rollcall does not speak {language!r}; it speaks {', '.join(LANGUAGES)}.")
    nlp = Kazakh() if language == "kk" else spacy.blank(language)
    nlp.tokenizer = create_tokenizer()(nlp)
    nlp.max_length = 10**9  # long texts are cut before they come here (`extract_many`)
    return nlp
