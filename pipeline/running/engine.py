"""What a run asks of the wings above it, loaded only when it starts: the libraries behind them take seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.records import Extraction, Mention
from pipeline.tables.rows import EntitiesLike, RoleLike

if TYPE_CHECKING:
    from pipeline.normalisation import Given


class LanguageError(Exception):
    """There is no extraction for a language; the message names those there are."""


@dataclass(frozen=True, slots=True)
class Engine:
    """The work on one language. `resolve` gives small records that `link` brings together."""

    extract_many: Callable[[Iterable[str]], Iterator[Extraction]]
    resolve: Callable[[Extraction, str], Any]
    normalised: Callable[[Mention, str], str]
    role: Callable[[str, str], RoleLike]
    date: Callable[[Extraction], str]


#: Makes the engine of a language. It must be a function of a module, so that a worker can be told its name.
EngineMaker = Callable[[str], Engine]
#: Brings the documents together; runs once, in the process that writes the tables.
Linker = Callable[[Iterable[Any]], EntitiesLike]


def load_engine(language: str) -> Engine:
    """The engine of Rollcall itself; with `auto` each text is looked at and pipelines are loaded as texts need them.

    Raises:
        LanguageError: when there is no extraction for the language.
    """
    from pipeline.extraction import AUTO, extract_any, extract_many, load
    from pipeline.normalisation import document_date, normalise_mention, resolve_document
    from pipeline.normalisation.roles import canonical

    if language == AUTO:
        return Engine(extract_any, resolve_document, normalise_mention, canonical, document_date)
    try:
        nlp = load(language)
    except (LookupError, FileNotFoundError, ValueError) as error:
        raise LanguageError(f"{error} Choose another with --language.") from error

    def extract(raws: Iterable[str]) -> Iterator[Extraction]:
        return extract_many(nlp, raws)

    return Engine(extract, resolve_document, normalise_mention, canonical, document_date)


def link_documents(documents: Iterable[Any], given: Given | None = None) -> EntitiesLike:
    """The linking of Rollcall itself, with what the user brings."""
    from pipeline.normalisation import link

    entities: EntitiesLike = link(documents, given, reasons=False)
    return entities
