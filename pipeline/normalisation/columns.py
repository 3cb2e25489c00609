"""What the linking needs of all documents, in columns: a few numbers a person or body instead of a record each.

Equal names, roles and the like are held once, and written forms not at all: they are read again when the entities are
known. So an archive of a hundred thousand documents is linked in the memory of a laptop.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar, cast

import numpy as np
import numpy.typing as npt

from pipeline.normalisation.company import Company
from pipeline.normalisation.division import Divided
from pipeline.normalisation.identifiers import voted
from pipeline.normalisation.institutions import InstitutionName
from pipeline.normalisation.local import DocumentEntities, LocalInstitution, LocalPerson
from pipeline.normalisation.person_name import Name
from pipeline.normalisation.transliteration import key, skeleton

Counts = npt.NDArray[np.int32]
T = TypeVar("T", bound=Hashable)
N = TypeVar("N", Name, InstitutionName)

#: The parts of the names of people and institutions.
_PARTS: dict[type, tuple[str, ...]] = {kind: kind.__struct_fields__ for kind in (Name, InstitutionName)}
#: The ids that the mentions of a person or body had in an earlier run, with the number of mentions.
Before = tuple[tuple[str, int], ...]
#: Gives, for a document, the earlier ids of people and of institutions: where a mention starts → id.
Earlier = Callable[[DocumentEntities], tuple[Mapping[int, str], Mapping[int, str]]]


@dataclass(frozen=True, slots=True)
class Body:
    """What the linking compares of a document's institution."""

    name: InstitutionName
    acronyms: tuple[str, ...]


@dataclass(slots=True)
class Units:
    """The people, or the bodies, of all documents, numbered in the order of documents.

    `first[d]` is the number of the first of document d, and `owner[u]` the document of unit u; `before[u]` are its
    earlier ids; `places` gives the units of the mentions at the places (`DOCUMENT:START`) that judgements name.
    """

    first: array[int] = field(default_factory=lambda: array("l"))
    owner: array[int] = field(default_factory=lambda: array("l"))
    before: list[Before] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.owner)


class Columns:
    """The columns. Documents, people and bodies are numbers; `documents` gives the id of each document."""

    def __init__(self, documents: Iterable[DocumentEntities], earlier: Earlier, wanted: Collection[str]) -> None:
        """Read documents, which come sorted by id.

        Args:
            documents: the records. earlier: the ids that their mentions had before.
            wanted: the places of mentions that judgements name.
        """
        self.documents: list[str] = []
        self.dates: list[str] = []
        self.homes: list[str] = []
        self.people, self.bodies = Units(), Units()
        self.names: list[Name] = []
        self.readings: list[tuple[Name, ...]] = []
        self.roles: list[tuple[str, ...]] = []
        self.employers: list[tuple[int, ...]] = []
        self.locals: list[Body] = []
        self.parents = array("l")
        self.events: list[tuple[tuple[str, tuple[int, ...]], ...]] = []
        #: For each document the keys of its people (`called`), in their order.
        self.called: list[tuple[str, ...]] = []
        self.contexts: list[frozenset[str]] = []
        self._mentions: list[tuple[array[int], array[int]]] = []
        self._pool: dict[Hashable, Hashable] = {}
        self._called: dict[Name, str] = {}
        for document in documents:
            self._add(document, earlier, wanted)
        self._pool.clear()
        self._called.clear()
        self.number = {document: d for d, document in enumerate(self.documents)}

    @classmethod
    def of(
        cls, documents: list[str], sizes: tuple[Counts, Counts], names: Sequence[Name],
        readings: Sequence[tuple[Name, ...]], roles: Sequence[tuple[str, ...]], employers: Sequence[tuple[int, ...]],
        locals_: Sequence[Body], called_: Sequence[tuple[str, ...]], contexts: Sequence[frozenset[str]],
    ) -> Columns:  # fmt: skip
        """Columns that were kept, as far as a further linking asks for them.

        Args:
            documents: their ids; `called_` and `contexts` are theirs. sizes: how many people and bodies each has.
            names: those of people, as are `readings`, `roles` and `employers`.
            locals_: what is compared of bodies.
        """
        made = cls((), lambda document: ({}, {}), ())
        made.documents = documents
        # Nothing is added to these any more.
        made.names, made.readings = cast(list[Name], names), cast(list[tuple[Name, ...]], readings)
        made.roles, made.employers = cast(list[tuple[str, ...]], roles), cast(list[tuple[int, ...]], employers)
        made.locals = cast(list[Body], locals_)
        made.called, made.contexts = cast(list[tuple[str, ...]], called_), cast(list[frozenset[str]], contexts)
        for units, counts in zip((made.people, made.bodies), sizes, strict=True):
            units.first = array("q", (np.cumsum(counts, dtype=np.int64) - counts).tobytes())
            units.owner = array("q", np.repeat(np.arange(len(counts)), counts).tobytes())
        return made

    def _once(self, value: T) -> T:
        return self._pool.setdefault(value, value)  # type: ignore[return-value]

    def _name(self, name: N) -> N:
        """The same for a name, whose parts (`library`, `Almaty`) many other names share."""
        known = self._pool.get(name)
        if known is None:
            known = pooled(name, self._pool)
            self._pool[known] = known
        return known  # type: ignore[return-value]

    def _add(self, document: DocumentEntities, earlier: Earlier, wanted: Collection[str]) -> None:
        d = len(self.documents)
        self.documents.append(document.document_id)
        self.dates.append(self._once(document.date))
        self.homes.append(self._once(document.home))
        self.events.append(tuple((e.title, e.mentions) for e in document.events))
        self.called.append(tuple(self._key(p.name) for p in document.people))
        self.contexts.append(frozenset(self.called[-1]) - {""})
        before = earlier(document)
        for units, locals_, ids in (
            (self.people, document.people, before[0]),
            (self.bodies, document.institutions, before[1]),
        ):
            units.first.append(len(units))
            for local in locals_:
                units.before.append(self._once(before_of(local, ids)))
                for start in local.starts if wanted else ():
                    if (place := f"{document.document_id}:{start}") in wanted:
                        units.places[place] = len(units)
                units.owner.append(d)
        for person in document.people:
            self.names.append(self._name(person.name))
            self.readings.append(self._once(tuple(map(self._name, person.readings))))
            self.roles.append(self._once(person.roles))
            self.employers.append(self._once(person.institutions))
        for body in document.institutions:
            self.locals.append(self._once(Body(self._name(body.name), self._once(body.acronyms))))
            self.parents.append(body.parent)
        found = document.named()
        self._mentions.append((array("l", [m for m, _ in found]), array("l", [n for _, n in found])))

    def _key(self, name: Name) -> str:
        if name not in self._called:
            self._called[name] = called(name)
        return self._called[name]

    def unit(self, d: int, mention: int) -> tuple[bool, int] | None:
        """Whether a mention of a document is a person's, and the number of the person or body; None for others."""
        mentions, numbers = self._mentions[d]
        at = bisect_left(mentions, mention)
        if at == len(mentions) or mentions[at] != mention:
            return None
        people = len(self.called[d])
        n = numbers[at]
        return (True, self.people.first[d] + n) if n < people else (False, self.bodies.first[d] + n - people)


def pooled(name: N, pool: dict[Hashable, Hashable]) -> N:
    """A name whose parts are those of the pool."""
    parts: list[Hashable] = [getattr(name, part) for part in _PARTS[type(name)]]
    kind: Callable[..., N] = type(name)
    return kind(*[pool.setdefault(part, part) for part in parts])


def before_of(local: LocalPerson | LocalInstitution, ids: Mapping[int, str]) -> Before:
    """The earlier ids of a person or body, given those of its document."""
    return tuple(sorted(voted(local, ids).items())) if ids else ()


def votes_of(group: Sequence[int], before: Sequence[Before]) -> Mapping[str, int]:
    """The earlier ids of a group's members, with the number of mentions."""
    votes: Counter[str] = Counter()
    for unit in group:
        for entity, count in before[unit]:
            votes[entity] += count
    return votes


def called(name: Name) -> str:
    """A key under which documents meet that name the same people: family name and first initial."""
    return f"{skeleton(name.family)}:{key(name.initials[0])}" if name.family and name.initials else ""


class OfDocuments(Sequence[T]):
    """What the documents of units have, as a sequence by unit."""

    def __init__(self, units: Units, values: Sequence[T]) -> None:
        self._owner, self._values = units.owner, values

    def __len__(self) -> int:
        return len(self._owner)

    def __getitem__(self, unit: int) -> T:  # type: ignore[override]
        return self._values[self._owner[unit]]


class Candidates(Sequence["_Candidate"]):
    """The people as the linker sees them, their company made when it is asked for."""

    def __init__(self, columns: Columns, labels: Sequence[str]) -> None:
        """Take the columns; `labels` say which bodies are one: equal for equal bodies, by number."""
        self.columns, self.labels = columns, labels

    def __len__(self) -> int:
        return len(self.columns.people)

    def __getitem__(self, unit: int) -> _Candidate:  # type: ignore[override]
        if unit >= len(self):
            raise IndexError(unit)
        return _Candidate(self, unit)


class _Candidate:
    """One person of one document; see `company.Candidate`."""

    __slots__ = ("_company", "_of", "_unit")

    def __init__(self, of: Candidates, unit: int) -> None:
        self._of, self._unit = of, unit
        self._company: Company | None = None

    @property
    def name(self) -> Name:
        """The fullest reading of the name."""
        return self._of.columns.names[self._unit]

    @property
    def readings(self) -> tuple[Name, ...]:
        """Other readings of the name."""
        return self._of.columns.readings[self._unit]

    @property
    def document(self) -> str:
        """The document."""
        return self._of.columns.documents[self._of.columns.people.owner[self._unit]]

    @property
    def date(self) -> str:
        """The date of the document, or empty."""
        return self._of.columns.dates[self._of.columns.people.owner[self._unit]]

    @property
    def company(self) -> Company:
        """What stands around the person."""
        if self._company is None:
            columns, labels = self._of.columns, self._of.labels
            d = columns.people.owner[self._unit]
            first = columns.bodies.first[d]
            after = columns.bodies.first[d + 1] if d + 1 < len(columns.documents) else len(columns.bodies)
            mine = columns.called[d][self._unit - columns.people.first[d]]
            self._company = Company(
                frozenset(labels[first + b] for b in columns.employers[self._unit]),
                frozenset(columns.roles[self._unit]),
                columns.contexts[d] - {mine},
                frozenset(labels[first:after]),
            )
        return self._company


def texts_of(documents: Divided, wanted: Sequence[tuple[bool, Sequence[Sequence[int]]]]) -> list[list[dict[str, int]]]:
    """How the members of groups are written, and how often: for each list of groups a list of counts by text.

    Args:
        documents: the records, sorted by id. wanted: whether the units are people, and the groups.
    """
    found: list[list[dict[str, int]]] = []
    group_of: list[tuple[bool, array[int]]] = []
    for is_people, groups in wanted:
        size = max((u for g in groups for u in g), default=-1) + 1
        at = array("l", [-1]) * size
        for n, group in enumerate(groups):
            for unit in group:
                at[unit] = n
        group_of.append((is_people, at))
        found.append([{} for _ in groups])
    for unit, is_people, local in numbered(documents):
        for (people, at), counts in zip(group_of, found, strict=True):
            if people is is_people and unit < len(at) and at[unit] >= 0:
                mine = counts[at[unit]]
                for text in local.texts:
                    mine[text] = mine.get(text, 0) + 1
    return found


def numbered(documents: Iterable[DocumentEntities]) -> Iterator[tuple[int, bool, LocalPerson | LocalInstitution]]:
    """Every person and body of the documents with its number, and whether it is a person."""
    people = bodies = 0
    for document in documents:
        for person in document.people:
            yield people, True, person
            people += 1
        for body in document.institutions:
            yield bodies, False, body
            bodies += 1


def wholes(ids: Sequence[str], parents: Sequence[int], bodies: Units) -> dict[str, str]:
    """The id of a body → that of the body that it is part of, as most of its documents say.

    Args:
        ids: those of all bodies, empty for one that is none. parents: theirs, as in `Columns`.
    """
    said: dict[str, Counter[str]] = defaultdict(Counter)
    for unit, parent in enumerate(parents):
        entity = ids[unit]
        if entity and parent >= 0:
            whole = ids[bodies.first[bodies.owner[unit]] + parent]
            if whole and whole != entity:
                said[entity][whole] += 1
    return {entity: min(counts, key=lambda w: (-counts[w], w)) for entity, counts in said.items()}
