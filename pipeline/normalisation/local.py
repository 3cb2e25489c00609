"""Small records of what one document says of its people and institutions: what workers hand to the linker."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec import Struct

from pipeline.normalisation.institutions import InstitutionName
from pipeline.normalisation.person_name import Name


class LocalPerson(Struct, frozen=True, array_like=True, gc=False):
    """One person of one document: the fullest reading of the name, its written forms, and the company it keeps.

    `mentions` are indices into the document's mentions, `texts` how each is written and `starts` where each begins in
    the raw text; `roles` role ids; `institutions` indices into the document's institutions, those of the person's own
    affiliations; `readings` other readings of the name that the document does not rule out.
    """

    name: Name
    texts: tuple[str, ...]
    mentions: tuple[int, ...]
    roles: tuple[str, ...] = ()
    institutions: tuple[int, ...] = ()
    readings: tuple[Name, ...] = ()
    starts: tuple[int, ...] = ()


class LocalInstitution(Struct, frozen=True, array_like=True, gc=False):
    """One institution of one document: its fullest name, all parsed names, acronyms, mentions as of a person.

    `parent` is the index of the institution that the text says it is part of, or -1.
    """

    name: InstitutionName
    names: tuple[InstitutionName, ...]
    acronyms: tuple[str, ...]
    texts: tuple[str, ...]
    mentions: tuple[int, ...]
    parent: int = -1
    starts: tuple[int, ...] = ()


class LocalEvent(Struct, frozen=True, array_like=True, gc=False):
    """One event of one document, by its title."""

    title: str
    mentions: tuple[int, ...]


class DocumentEntities(Struct, frozen=True, array_like=True, gc=False):
    """All that the linker needs of one document.

    `home` is the country that its places and institutions speak of most, or empty: `the National Library` of a
    document about one country is that country's.
    """

    document_id: str
    language: str
    date: str = ""
    people: tuple[LocalPerson, ...] = ()
    institutions: tuple[LocalInstitution, ...] = ()
    events: tuple[LocalEvent, ...] = ()
    home: str = ""

    @property
    def locals(self) -> tuple[LocalPerson | LocalInstitution, ...]:
        """The people, then the institutions."""
        return *self.people, *self.institutions

    def named(self) -> list[tuple[int, int]]:
        """The mentions that name any of them, in order, each with the place of the one that it names in `locals`."""
        return sorted((mention, n) for n, local in enumerate(self.locals) for mention in local.mentions)


class Stream:
    """Records of documents, sorted by id, that can be read again and again without being held."""

    def __init__(self, read: Callable[[], Iterator[DocumentEntities]]) -> None:
        """Take what reads them from the first to the last."""
        self._read = read

    def __iter__(self) -> Iterator[DocumentEntities]:
        return self._read()
