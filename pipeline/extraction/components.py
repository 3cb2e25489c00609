"""The spaCy components of Rollcall, registered by entry point, so that `nlp.add_pipe("rollcall_…")` works anywhere.

They hand each other their work in `doc.user_data` and leave three things on the Doc: `doc.spans["rollcall"]`,
`doc.ents` and `doc._.rollcall`, the `Extraction` in raw offsets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import filter_spans

from pipeline.extraction.assemble import link_documents
from pipeline.extraction.encoded import FAST
from pipeline.extraction.labeller import Document, Labelling
from pipeline.extraction.models import Models, load_models
from pipeline.extraction.spans import TokenSpan
from pipeline.extraction.tokens import tokens_of
from pipeline.extraction.words import word_features
from pipeline.records import Extraction

SPANS_KEY = "rollcall"
_DOCUMENT, _LABELLING, _SPANS, _SURE, _EXTRACTION = (
    "rollcall_document",
    "rollcall_labelling",
    "rollcall_spans",
    "rollcall_sure",
    "rollcall_extraction",
)
#: A batch is closed when it holds so many tokens, so that long texts do not fill the memory (about 3 kB a token).
TOKENS_AT_ONCE = 16_384
#: The components in the order in which they run.
COMPONENTS = ("rollcall_mentions", "rollcall_titles", "rollcall_links")


class _Component:
    """What the components share: a name and the models of a language."""

    def __init__(self, models: Models, language: str, name: str) -> None:
        self.models, self.language, self.name = models, language, name

    def _needs(self, doc: Doc, key: str, component: str) -> Any:
        """What an earlier component left on the Doc. Raises ValueError when it did not run."""
        try:
            return doc.user_data[key]
        except KeyError:
            raise ValueError(
                f"{self.name!r} needs {component!r} before it; add it with nlp.add_pipe({component!r})."
            ) from None


class MentionsComponent(_Component):
    """Labels the tokens; works on batches, since the CRF decodes many texts at once."""

    def __call__(self, doc: Doc) -> Doc:
        """Label one Doc."""
        return self._label([doc])[0]

    def pipe(self, stream: Iterable[Doc], batch_size: int = 64) -> Iterator[Doc]:
        """Label a stream of Docs, lazily."""
        batch: list[Doc] = []
        tokens = 0
        for doc in stream:
            batch.append(doc)
            tokens += len(doc)
            if len(batch) >= batch_size or tokens >= TOKENS_AT_ONCE:
                yield from self._label(batch)
                batch, tokens = [], 0
        if batch:
            yield from self._label(batch)

    def _label(self, docs: list[Doc]) -> list[Doc]:
        word_features(self.language).trim()
        documents = Document.all_of([tokens_of(doc) for doc in docs])
        for doc, document, labelling in zip(docs, documents, self.models.labeller.label(documents), strict=True):
            doc.user_data[_DOCUMENT] = document
            doc.user_data[_LABELLING] = labelling
            doc.user_data[_SPANS] = labelling.spans
            show(doc, document, labelling.spans)
        return docs


class TitlesComponent(_Component):
    """Decides what each quoted stretch is: the title of a report, an event, a work, or none."""

    def __call__(self, doc: Doc) -> Doc:
        """Settle the quoted stretches of one Doc."""
        document: Document = self._needs(doc, _DOCUMENT, COMPONENTS[0])
        labelling: Labelling = doc.user_data[_LABELLING]
        spans, doc.user_data[_SURE] = self.models.titles.apply(document, labelling)
        if spans != labelling.spans:
            doc.user_data[_SPANS] = spans
            show(doc, document, spans)
        return doc


class LinksComponent(_Component):
    """Links people, roles, institutions and reports and leaves the `Extraction`."""

    def __call__(self, doc: Doc) -> Doc:
        """Link the mentions of one Doc."""
        document: Document = self._needs(doc, _DOCUMENT, COMPONENTS[0])
        spans: list[TokenSpan] = doc.user_data[_SPANS]
        sure = doc.user_data.get(_SURE, {})
        (doc.user_data[_EXTRACTION],) = link_documents(
            [(document, doc.user_data[_LABELLING])], [(spans, sure)], self.models, self.language
        )
        return doc


def show(doc: Doc, document: Document, spans: Iterable[TokenSpan]) -> None:
    """Put the spans on the Doc, as a span group and as entities."""
    starts, ends = document.tokens.starts, document.tokens.ends
    found = []
    for first, last, label in spans:
        span = doc.char_span(int(starts[first]), int(ends[last - 1]), label=label)
        if span is not None:
            found.append(span)
    doc.spans[SPANS_KEY] = found
    doc.set_ents(filter_spans(found))


def _extraction(doc: Doc) -> Extraction | None:
    found = doc.user_data.get(_EXTRACTION)
    return found if isinstance(found, Extraction) else None


def _register() -> None:
    """Make `doc._.rollcall` known to spaCy; calling it again changes nothing."""
    if not Doc.has_extension("rollcall"):
        Doc.set_extension("rollcall", getter=_extraction)


def _of(nlp: Language, model: str) -> tuple[Models, str]:
    """The models for a pipeline, and its language."""
    language = nlp.lang or ""
    return load_models(language, model=model), language


def create_mentions(nlp: Language, name: str, model: str) -> MentionsComponent:
    """The factory `rollcall_mentions`; `model` is `fast`, `accurate` or `cascade`, the same for all three."""
    return MentionsComponent(*_of(nlp, model), name)


def create_titles(nlp: Language, name: str, model: str) -> TitlesComponent:
    """The factory `rollcall_titles`."""
    return TitlesComponent(*_of(nlp, model), name)


def create_links(nlp: Language, name: str, model: str) -> LinksComponent:
    """The factory `rollcall_links`."""
    return LinksComponent(*_of(nlp, model), name)


_register()
for _name, _factory in zip(COMPONENTS, (create_mentions, create_titles, create_links), strict=True):
    Language.factory(_name, default_config={"model": FAST}, func=_factory)
