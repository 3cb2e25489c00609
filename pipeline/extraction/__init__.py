"""Extraction: `Text` → `Extraction`, by a spaCy `Language` whose components label, classify and link."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice

from spacy.language import Language

from pipeline.extraction.chunks import chunks, join
from pipeline.extraction.components import COMPONENTS
from pipeline.extraction.languages import LANGUAGES, blank
from pipeline.extraction.mixed import AUTO, extract_mixed
from pipeline.extraction.models import available, load_models
from pipeline.records import Extraction

__all__ = ["AUTO", "COMPONENTS", "LANGUAGES", "available", "extract", "extract_any", "extract_many", "load"]


def load(language: str = "en") -> Language:
    """A spaCy pipeline that cleans, labels, classifies titles and links.

    `nlp(raw)` takes a text as it was read; `doc._.rollcall` is its `Extraction`, `doc.spans["rollcall"]` its mentions.

    Raises:
        ValueError: when Rollcall has no model for the language.
    """
    load_models(language)  # fails here, with a clear reason, and not in the middle of a run
    nlp = blank(language)
    for name in COMPONENTS:
        nlp.add_pipe(name)
    return nlp


@lru_cache(maxsize=4)
def _loaded(language: str) -> Language:
    return load(language)


def extract(text: str, language: str | None = None) -> Extraction:
    """All that one raw text says.

    Args:
        text: as it was read.
        language: its language; None to have it detected, stretch by stretch. A text in a language that Rollcall does
            not speak then gives an `Extraction` without mentions whose `note` says so.

    Raises:
        ValueError: when a language is named and Rollcall has no model for it.
    """
    if language is None or language == AUTO:
        return next(extract_any([text]))
    return next(extract_many(_loaded(language), [text]))


def extract_any(raws: Iterable[str], batch_size: int = 64) -> Iterator[Extraction]:
    """The extractions of raw texts whose languages are detected; a pipeline is loaded when a text first needs it."""
    return extract_mixed(raws, _loaded, extract_many, batch_size)


def extract_many(nlp: Language, raws: Iterable[str], batch_size: int = 64) -> Iterator[Extraction]:
    """The extractions of raw texts, in their order, a batch at a time.

    A text of more than `chunks.LONGEST` characters is worked on in parts that end at a line or a sentence, so that
    memory stays bounded; its offsets are those of the whole.
    """
    iterator = iter(raws)
    while batch := list(islice(iterator, batch_size)):
        parts = [(raw, list(chunks(raw))) for raw in batch]
        docs = nlp.pipe((raw[a:b] for raw, bounds in parts for a, b in bounds), batch_size=batch_size)
        for raw, bounds in parts:
            found = [_extraction(doc._.rollcall) for doc in islice(docs, len(bounds))]
            yield found[0] if len(found) == 1 else join(raw, [a for a, _ in bounds], found)


def _extraction(found: object) -> Extraction:
    """What the links component left, or an error that says that it did not run."""
    if not isinstance(found, Extraction):
        raise ValueError("this pipeline has no 'rollcall_links'; use pipeline.load()")
    return found
