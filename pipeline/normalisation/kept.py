"""What a linking leaves for the next one: columns of all documents and what was decided, as arrays and lists.

A further linking over an archive that changed a little reads these and the records of what changed, and decides again
only what that bears on (`again`). Numbers stand in arrays, one for each document, person, body or mention; they point
into pools, in which a value stands once.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from sys import intern
from typing import TypeVar, get_type_hints

import msgspec
import numpy as np
import numpy.typing as npt

from pipeline.normalisation.columns import Body, Columns, called
from pipeline.normalisation.describe import Institution, Person
from pipeline.normalisation.institutions import InstitutionName
from pipeline.normalisation.institutions_across import at_home, block_keys, is_node, is_specific, signed
from pipeline.normalisation.institutions_within import acronyms_of
from pipeline.normalisation.kin import bearing, is_lone, lone_word, name_keys
from pipeline.normalisation.local import DocumentEntities
from pipeline.normalisation.person_name import Name
from pipeline.normalisation.pools import Looked, Packed, Pool
from pipeline.normalisation.transliteration import key

T = TypeVar("T")
Ints = npt.NDArray[np.int32]
#: Numbers of units.
Places = npt.NDArray[np.int64]
#: Columns of numbers by name.
Table = dict[str, Ints]
_DOCUMENT = ("date", "home", "events", "people", "bodies", "mentions")
_PERSON = ("name", "readings", "roles", "employers", "texts", "label")
_BODY = ("local", "named", "parent", "texts", "label")
_MENTION = ("number", "unit")
#: What a group of names is to the linking of institutions: compared with others, put together by company, neither.
NODE, GENERIC, SILENT = 0, 1, 2


class PersonName(msgspec.Struct, array_like=True, gc=False):
    """What the linking asks of a person's name again and again.

    `lone` says whether it is a family or given name alone, `word` under which such a name looks for people; `bears`
    is the first sound beside the family name where that tells whether the family name is rare; `kin` the number of
    its kin, -1 where it has none.
    """

    called: str
    family: str
    bears: str | None
    lone: bool
    word: str
    keys: tuple[str, ...]
    kin: int = -1


class Node(msgspec.Struct, array_like=True, gc=False):
    """Institution names that say the same: their place in the order of decisions, the keys under which they meet.

    `shown` is the number of the name that stands for them; `tied` says that company had to decide where they belong.
    """

    weight: int
    signed: str
    sort: int
    specific: bool
    keys: tuple[str, ...]
    shown: int = -1
    tied: bool = False

    @property
    def order(self) -> tuple[int, str]:
        """See `institutions_across.in_order`."""
        return -self.weight, self.signed


class Kept(msgspec.Struct):
    """A linking that is over. `label` says which people, and which bodies, are one; rows are by label.

    `events_known` are the slugs and keys of titles (`event_ids`), `kin` the number of kin made so far.
    `words` are those by which a lone name may mean the people of a label (`kin.words_of`); `wishes` the ids that the
    rows would have if nobody else wished for them.
    """

    documents: list[str] = []
    of_document: dict[str, bytes] = {}
    of_person: dict[str, bytes] = {}
    of_body: dict[str, bytes] = {}
    of_mention: dict[str, bytes] = {}
    dates: list[str] = []
    homes: list[str] = []
    events: list[tuple[tuple[str, tuple[int, ...]], ...]] = []
    names: tuple[bytes, bytes] = (b"", b"")
    about: list[PersonName] = []
    readings: list[tuple[int, ...]] = []
    roles: list[tuple[str, ...]] = []
    employers: list[tuple[int, ...]] = []
    texts: tuple[bytes, bytes] = (b"", b"")
    locals: tuple[bytes, bytes] = (b"", b"")
    acronyms: list[tuple[str, ...]] = []
    named: tuple[bytes, bytes] = (b"", b"")
    node_of: list[int] = []
    spelt: list[tuple[str, ...]] = []
    nodes: list[Node] = []
    words: dict[int, tuple[str, ...]] = {}
    people: dict[int, Person] = {}
    bodies: dict[int, Institution] = {}
    people_wishes: dict[int, str] = {}
    bodies_wishes: dict[int, str] = {}
    events_known: dict[str, tuple[str, str]] = {}
    kin: int = 0


def encoded(kept: Kept) -> Iterator[tuple[str, bytes]]:
    """As bytes, field by field, without pickle."""
    encode = msgspec.msgpack.Encoder().encode
    return ((name, encode(getattr(kept, name))) for name in kept.__struct_fields__)


def decoded(fields: Iterable[tuple[str, bytes]]) -> Kept | None:
    """What was encoded; None where it was laid out by another version."""
    types = get_type_hints(Kept)
    try:
        found = {name: msgspec.msgpack.decode(data, type=types[name]) for name, data in fields}
        return Kept(**found) if found.keys() == types.keys() else None
    except (KeyError, msgspec.DecodeError, msgspec.ValidationError):
        return None


@dataclass(frozen=True, slots=True)
class Was:
    """What stood in a state before documents changed, and the numbers of the people and bodies that are gone."""

    documents: list[str]
    document: Table
    person: Table
    body: Table
    gone_people: Places
    gone_bodies: Places


class State:
    """What is kept, at work: arrays and pools. Documents can be taken out and put in (`changed`)."""

    def __init__(self, kept: Kept) -> None:
        self.documents = kept.documents
        self.document, self.person = _table(kept.of_document, _DOCUMENT), _table(kept.of_person, _PERSON)
        self.body, self.mention = _table(kept.of_body, _BODY), _table(kept.of_mention, _MENTION)
        self.dates, self.homes, self.events = Pool(kept.dates), Pool(kept.homes), Pool(kept.events)
        self.names, self.about, self.readings = Packed(Name, kept.names), kept.about, Pool(kept.readings)
        self.roles, self.employers = Pool(kept.roles), Pool(kept.employers)
        self.texts = Packed(tuple[str, ...], kept.texts)
        self.locals, self.acronyms = Packed(Body, kept.locals), kept.acronyms
        self.named, self.node_of = Packed(InstitutionName, kept.named), kept.node_of
        self.spelt, self.nodes, self.words = kept.spelt, kept.nodes, kept.words
        self.people, self.bodies = kept.people, kept.bodies
        self.people_wishes, self.bodies_wishes = kept.people_wishes, kept.bodies_wishes
        self.events_known, self.kin = kept.events_known, kept.kin
        #: Whether no two names of a document begin at one place: by places, only such documents are known again.
        self.exact = True
        self._signed: dict[str, int] | None = None

    def kept(self) -> Kept:
        """To be kept for the next time."""
        return Kept(
            self.documents, _bytes(self.document), _bytes(self.person), _bytes(self.body), _bytes(self.mention),
            list(self.dates), list(self.homes), list(self.events), self.names.packed(), self.about,
            list(self.readings), list(self.roles), list(self.employers), self.texts.packed(), self.locals.packed(),
            self.acronyms, self.named.packed(),
            self.node_of, self.spelt, self.nodes, self.words, self.people, self.bodies, self.people_wishes,
            self.bodies_wishes, self.events_known, self.kin,
        )  # fmt: skip

    def changed(self, out: Iterable[str], into: Sequence[DocumentEntities]) -> Was:
        """Take documents out and put others in, of which no id is there afterwards twice. Labels of new ones are -1."""
        gone = set(out)
        left = np.array([each in gone for each in self.documents], bool)
        kept = np.flatnonzero(~left).tolist()
        before = Was(
            self.documents, dict(self.document), dict(self.person), dict(self.body),
            np.flatnonzero(np.repeat(left, self.document["people"])),
            np.flatnonzero(np.repeat(left, self.document["bodies"])),
        )  # fmt: skip
        was = len(self.documents)
        order = sorted(
            [(self.documents[n], n) for n in kept] + [(d.document_id, was + n) for n, d in enumerate(into)]
        )
        places = np.array([n for _, n in order], np.int32)
        added = _Added(self)
        for each in into:
            added.add(each)
        counts = self.document
        for table, of, more in (
            (self.person, "people", added.person), (self.body, "bodies", added.body),
            (self.mention, "mentions", added.mention),
        ):  # fmt: skip
            sizes = np.concatenate([counts[of], np.array(added.document[of], np.int32)])
            chosen = _ranges(sizes, places)
            for name in table:
                table[name] = np.concatenate([table[name], np.array(more[name], np.int32)])[chosen]
        for name in self.document:
            self.document[name] = np.concatenate([counts[name], np.array(added.document[name], np.int32)])[places]
        self.documents = [each for each, _ in order]
        return before

    def columns(self) -> Columns:
        """The columns as the linking takes them, but for the earlier ids."""
        return Columns.of(
            self.documents, _of(self.dates, self.document["date"]), _of(self.homes, self.document["home"]),
            (self.document["people"].tolist(), self.document["bodies"].tolist()),
            Looked(self.names.__getitem__, self.person["name"]),
            Looked(lambda n: tuple(self.names[name] for name in self.readings[n]), self.person["readings"]),
            _of(self.roles, self.person["roles"]), _of(self.employers, self.person["employers"]),
            Looked(self.locals.__getitem__, self.body["local"]), self.body["parent"].tolist(),
            _of([each.called for each in self.about], self.person["name"]),
        )  # fmt: skip

    def name(self, name: Name) -> int:
        """The number of a person's name."""
        number = self.names.number(name)
        if number == len(self.about):
            self.about.append(about(name))
        return number

    def local(self, body: Body) -> int:
        """The number of what is compared of a document's institution."""
        number = self.locals.number(body)
        if number == len(self.acronyms):
            self.acronyms.append(body.acronyms)
        return number

    def institution(self, name: InstitutionName) -> int:
        """The number of an institution's name, as it is compared."""
        number = self.named.number(name)
        if number == len(self.node_of):
            if self._signed is None:
                self._signed = {each.signed: n for n, each in enumerate(self.nodes)}
            told = str(signed(name))
            if told not in self._signed:
                self._signed[told] = len(self.nodes)
                self.nodes.append(node(name, told))
            self.node_of.append(self._signed[told])
            self.spelt.append(tuple(sorted(acronyms_of(name))))
        return number


def about(name: Name) -> PersonName:
    """What the linking asks of a name."""
    borne = bearing(name)
    sound = borne[1] if borne else None
    keys = tuple(map(intern, name_keys(name)))  # many names share them
    return PersonName(intern(called(name)), intern(key(name.family)), sound, is_lone(name), lone_word(name), keys)


def node(name: InstitutionName, told: str) -> Node:
    """What the linking asks of names that are equal to this one."""
    sort = NODE if is_node(name) else GENERIC if name.weight else SILENT
    keys = tuple(sorted(set(block_keys(name)))) if sort == NODE else ()
    return Node(name.weight, told, sort, is_specific(name), keys)


class _Added:
    """Documents that come, in columns."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._named: dict[tuple[int, str], int] = {}
        self.document, self.person, self.body, self.mention = (
            {name: array("i") for name in names} for names in (_DOCUMENT, _PERSON, _BODY, _MENTION)
        )

    def add(self, document: DocumentEntities) -> None:
        """Take in one."""
        state = self._state
        for person in document.people:
            values = (
                state.name(person.name), state.readings.number(tuple(map(state.name, person.readings))),
                state.roles.number(person.roles), state.employers.number(person.institutions),
                state.texts.number(person.texts), -1,
            )  # fmt: skip
            _put(self.person, values)
        for body in document.institutions:
            local = state.local(Body(body.name, body.acronyms))
            home = (local, document.home)
            named = self._named.get(home)
            if named is None:
                named = self._named[home] = state.institution(at_home(body.name, document.home))
            _put(self.body, (local, named, body.parent, state.texts.number(body.texts), -1))
        found = document.named()
        begin = [start for local_ in document.locals for start in local_.starts]
        if len(set(begin)) < len(begin) or len(begin) != len(found):
            state.exact = False
        for pair in found:
            _put(self.mention, pair)
        events = state.events.number(tuple((e.title, e.mentions) for e in document.events))
        _put(self.document, (
            state.dates.number(document.date), state.homes.number(document.home), events, len(document.people),
            len(document.institutions), len(found),
        ))  # fmt: skip


def first_state(documents: Iterable[DocumentEntities]) -> State:
    """The state before anything is decided."""
    state = State(Kept())
    added = _Added(state)
    for each in documents:
        state.documents.append(each.document_id)
        added.add(each)
    for table, more in (
        (state.document, added.document), (state.person, added.person), (state.body, added.body),
        (state.mention, added.mention),
    ):  # fmt: skip
        table.update({name: np.array(values, np.int32) for name, values in more.items()})
    return state


def ends(counts: Ints) -> Places:
    """Where the units of each document begin, and behind them where the last ends."""
    return np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])


def _ranges(sizes: Ints, chosen: Ints) -> Places:
    """The numbers of the units of chosen documents, one document after the other."""
    starts, wanted = ends(sizes)[:-1][chosen], sizes[chosen].astype(np.int64)
    before = np.cumsum(wanted) - wanted
    return np.repeat(starts - before, wanted) + np.arange(int(wanted.sum()))


def _put(columns: dict[str, array[int]], values: Sequence[int]) -> None:
    for column, value in zip(columns.values(), values, strict=True):
        column.append(value)


def _of(pool: Sequence[T], numbers: Ints) -> list[T]:
    return [pool[n] for n in numbers.tolist()]


def _table(packed: dict[str, bytes], names: Sequence[str]) -> Table:
    return {name: np.frombuffer(packed.get(name, b""), "<i4").astype(np.int32) for name in names}


def _bytes(table: Table) -> dict[str, bytes]:
    return {name: values.astype("<i4").tobytes() for name, values in table.items()}
