"""Extraction: `Text` → `Extraction`, by a spaCy `Language` whose components label, classify and link."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from spacy.language import Language

from pipeline.extraction.chunks import chunks, join
from pipeline.extraction.components import COMPONENTS
from pipeline.extraction.encoded import ACCURATE, FAST, MODELS
from pipeline.extraction.encoder import EncoderError
from pipeline.extraction.languages import LANGUAGES, blank
from pipeline.extraction.mixed import AUTO, extract_mixed
from pipeline.extraction.models import available, encoded, load_models, use_threads
from pipeline.records import Extraction

__all__ = [
    "AUTO", "COMPONENTS", "FAST", "LANGUAGES", "MODELS", "EncoderError", "available", "check_encoders", "encoded",
    "extract", "extract_any", "extract_many", "load", "loaded", "use_threads",
]  # fmt: skip

#: A pipeline whose words and their forms are more than so many is begun anew (about 150 bytes each, 0.1 s to begin).
STRINGS_KEPT = 60_000
_pipelines: dict[tuple[str, str], Language] = {}


def load(language: str = "en", model: str = FAST) -> Language:
    """A spaCy pipeline that cleans, labels, classifies titles and links.

    `nlp(raw)` takes a text as it was read; `doc._.rollcall` is its `Extraction`, `doc.spans["rollcall"]` its mentions.

    Args:
        language: its code.
        model: `fast`, the CRFs alone; `accurate`, with an encoder for everything; `cascade`, with it where the CRFs are
            unsure.

    Raises:
        ValueError: when Rollcall has no model for the language, or none of this name.
        EncoderError: when the encoder cannot be used; the message says what to install.
    """
    load_models(language, model=model)  # fails here, with a clear reason, and not in the middle of a run
    nlp = blank(language)
    for name in COMPONENTS:
        nlp.add_pipe(name, config={"model": model})
    return nlp


def loaded(language: str, model: str = FAST) -> Language:
    """The pipeline of a language, loaded once; another once it has met so many words that they would fill the memory.

    spaCy keeps every word that it ever met. What is found in a text does not depend on it. Ask again for each batch.
    """
    nlp = _pipelines.get((language, model))
    if nlp is None or len(nlp.vocab.strings) > STRINGS_KEPT:
        nlp = _pipelines[language, model] = load(language, model)
    return nlp


def check_encoders(languages: Iterable[str] | None = None) -> None:
    """Read the encoders of these languages, or of all that have one, so that what is missing is told before any work.

    Raises:
        EncoderError: when one cannot be used, or a language has none; the message says what to do.
    """
    for language in languages or encoded():
        load_models(language, model=ACCURATE)


def extract(text: str, language: str | None = None, model: str = FAST) -> Extraction:
    """All that one raw text says.

    Args:
        text: as it was read.
        language: its language; None to have it detected, stretch by stretch. A text in a language that Rollcall does
            not speak then gives an `Extraction` without mentions whose `note` says so.
        model: as in `load`.

    Raises:
        ValueError: when a language is named and Rollcall has no model for it.
    """
    if language is None or language == AUTO:
        return next(extract_any([text], model=model))
    return next(extract_many(loaded(language, model), [text]))


def extract_any(raws: Iterable[str], batch_size: int = 64, model: str = FAST) -> Iterator[Extraction]:
    """The extractions of raw texts whose languages are detected; a pipeline is loaded when a text first needs it.

    Languages that have no encoder are done by the CRFs alone, whatever the model.
    """

    def pipeline_of(language: str) -> Language:
        return loaded(language, model if language in encoded() else FAST)

    return extract_mixed(raws, pipeline_of, extract_many, batch_size)


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
