"""What a run asks of the wings above it, loaded only when it starts: the libraries behind them take seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from pipeline.records import Extraction, Mention
from pipeline.tables.rows import EntitiesLike, RoleLike

if TYPE_CHECKING:
    from pipeline.normalisation import Given
    from pipeline.normalisation.apart import Elsewhere
    from pipeline.running.packing import Last


class LanguageError(Exception):
    """There is no extraction for a language; the message names those there are."""


class ModelError(Exception):
    """The labeller that was asked for cannot be used; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Engine:
    """The work on one language. `resolve` gives small records that `link` brings together."""

    extract_many: Callable[[Iterable[str]], Iterator[Extraction]]
    resolve: Callable[[Extraction, str, str], Any]
    normalised: Callable[[Mention, str], str]
    role: Callable[[str, str], RoleLike]
    date: Callable[[Extraction, str], str]


#: Makes the engine of a language, with a labeller (`extraction.MODELS`). It must be a function of a module, so that a
#: worker can be told its name.
EngineMaker = Callable[[str, str], Engine]
#: Brings the documents together; runs once, in the process that writes the tables.
Linker = Callable[[Iterable[Any]], EntitiesLike]


def load_engine(language: str, model: str) -> Engine:
    """The engine of Rollcall itself; with `auto` each text is looked at and pipelines are loaded as texts need them.

    Raises:
        LanguageError: when there is no extraction for the language.
        ModelError: when the labeller cannot be used.
    """
    from pipeline.extraction import (
        AUTO,
        FAST,
        EncoderError,
        check_encoders,
        extract_any,
        extract_many,
        loaded,
        use_threads,
    )
    from pipeline.normalisation import document_date, normalise_mention, resolve_document
    from pipeline.normalisation.roles import canonical

    try:
        if model != FAST:
            use_threads(1)  # each of the processes that work has a core
            check_encoders(model, None if language == AUTO else [language])
        if language == AUTO:
            any_language = partial(extract_any, model=model)
            return Engine(any_language, resolve_document, normalise_mention, canonical, document_date)
        loaded(language, model)
    except EncoderError as error:
        raise ModelError(str(error)) from error
    except (LookupError, FileNotFoundError, ValueError) as error:
        raise LanguageError(f"{error} Choose another with --language.") from error

    def extract(raws: Iterable[str]) -> Iterator[Extraction]:
        return extract_many(loaded(language, model), raws)

    return Engine(extract, resolve_document, normalise_mention, canonical, document_date)


def link_documents(
    documents: Iterable[Any], given: Given | None = None, keep: bool = False, elsewhere: Elsewhere | None = None
) -> EntitiesLike:
    """The linking of Rollcall itself, with what the user brings; `keep` for one that the next is to go on from.

    `elsewhere` has parts of it done by other processes.
    """
    from pipeline.normalisation import link

    entities: EntitiesLike = link(documents, given, reasons=False, keep=keep, elsewhere=elsewhere)
    return entities


def link_again(last: Last) -> EntitiesLike:
    """The linking of Rollcall itself, gone on from the last."""
    from pipeline.normalisation import link_again

    entities: EntitiesLike = link_again(*last)
    return entities
