"""Extraction: `Text` → `Extraction`, by a spaCy `Language` whose components label, classify and link."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from spacy.language import Language

from pipeline.extraction.assemble import extract_documents
from pipeline.extraction.chunks import chunks, join
from pipeline.extraction.components import COMPONENTS, MentionsComponent
from pipeline.extraction.encoded import FAST, MODELS
from pipeline.extraction.encoder import EncoderError
from pipeline.extraction.labeller import Document
from pipeline.extraction.languages import LANGUAGES, blank
from pipeline.extraction.mixed import AUTO, extract_mixed
from pipeline.extraction.models import available, encoded, load_models, use_threads
from pipeline.extraction.tokens import AnnouncementTokenizer
from pipeline.extraction.words import word_features
from pipeline.records import Extraction

__all__ = [
    "AUTO", "COMPONENTS", "FAST", "LANGUAGES", "MODELS", "EncoderError", "available", "check_encoders", "encoded",
    "extract", "extract_any", "extract_many", "load", "loaded", "use_threads",
]  # fmt: skip

#: So many characters are worked on together, so that long texts do not fill the memory (about 1 kB a character).
CHARACTERS_AT_ONCE = 100_000
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


def check_encoders(model: str, languages: Iterable[str] | None = None) -> None:
    """Load a model of these languages, or of all that have an encoder, so that what is missing is told before any work.

    Raises:
        EncoderError: when one cannot be used, or a language has none; the message says what to do.
    """
    for language in languages or encoded():
        load_models(language, model=model)


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
    memory stays bounded; its offsets are those of the whole. A pipeline that is as `load` made it is not asked for
    Docs, which nobody would see.
    """
    iterator = iter(raws)
    while batch := list(islice(iterator, batch_size)):
        parts = [(raw, list(chunks(raw))) for raw in batch]
        texts = (raw[a:b] for raw, bounds in parts for a, b in bounds)
        every = _directly(*ours, texts) if (ours := _ours(nlp)) else _by_docs(nlp, texts, batch_size)
        for raw, bounds in parts:
            found = list(islice(every, len(bounds)))
            yield found[0] if len(found) == 1 else join(raw, [a for a, _ in bounds], found)


def _ours(nlp: Language) -> tuple[AnnouncementTokenizer, MentionsComponent] | None:
    """What extracts without Docs, where the pipeline is as `load` made it."""
    if tuple(nlp.pipe_names) != COMPONENTS:
        return None
    tokenizer, component = nlp.tokenizer, nlp.get_pipe(COMPONENTS[0])
    if isinstance(tokenizer, AnnouncementTokenizer) and isinstance(component, MentionsComponent):
        return tokenizer, component
    return None


def _directly(
    tokenizer: AnnouncementTokenizer, component: MentionsComponent, texts: Iterable[str]
) -> Iterator[Extraction]:
    """The extractions of texts without Docs."""
    for some in _groups(texts):
        word_features(component.language).trim()
        documents = Document.all_of(tokenizer.tokens(some))
        yield from extract_documents(documents, component.models, component.language)


def _groups(texts: Iterable[str]) -> Iterator[list[str]]:
    """Texts in groups of at most so many characters, or one text that has more."""
    group: list[str] = []
    size = 0
    for text in texts:
        if group and size + len(text) > CHARACTERS_AT_ONCE:
            yield group
            group, size = [], 0
        group.append(text)
        size += len(text)
    if group:
        yield group


def _by_docs(nlp: Language, texts: Iterable[str], batch_size: int) -> Iterator[Extraction]:
    """The extractions that a pipeline's last component leaves on its Docs."""
    for doc in nlp.pipe(texts, batch_size=batch_size):
        found = doc._.rollcall
        if not isinstance(found, Extraction):
            raise ValueError("this pipeline has no 'rollcall_links'; use pipeline.load()")
        yield found
