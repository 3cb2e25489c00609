"""What a linking leaves for the next one: columns of all documents and what was decided.

A further linking over an archive that changed a little reads these and the records of what changed, and decides again
only what that bears on (`again`). Numbers stand in arrays, one for each document, person, body or mention; they point
into pools, in which a value stands once, packed (`pools`). Everything is kept in parts, of which only those are read
that are asked for, and only those written anew that changed.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import msgspec
import numpy as np
import numpy.typing as npt

from pipeline.normalisation.columns import Body
from pipeline.normalisation.describe import Institution, Person
from pipeline.normalisation.events import Titles
from pipeline.normalisation.institutions import InstitutionName
from pipeline.normalisation.institutions_across import at_home
from pipeline.normalisation.institutions_within import acronyms_of
from pipeline.normalisation.kept_names import Names, Nodes, Rows
from pipeline.normalisation.local import DocumentEntities
from pipeline.normalisation.pools import (
    Column,
    Lists,
    Packed,
    Part,
    Places,
    Read,
    hash_of,
    nothing,
    parts_of,
    stretches,
)

Ints = npt.NDArray[np.int32]
#: Columns of numbers by name.
Table = dict[str, Ints]
_DOCUMENT = ("date", "home", "events", "people", "bodies", "mentions")
_PERSON = ("name", "readings", "roles", "employers", "texts", "label", "read")
_BODY = ("local", "named", "parent", "texts", "label")
_MENTION = ("number", "unit")
_TABLES = (_DOCUMENT, _PERSON, _BODY, _MENTION)
#: So many documents are a part; one that grew to twice as many is cut.
_DOCUMENTS = 256


class KeptError(Exception):
    """What was kept cannot be read."""


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
    """What is kept, at work. Documents can be taken out and put in (`changed`).

    `label` says which people, and which bodies, are one, `read` as which of its names a person was put with others (-1
    for a family or given name alone). `words` are hashes of the words by which a lone name may mean the people of a
    label (`kin.words_of`), one a place, `words_of` those labels, -1 for those that are none any more.
    """

    def __init__(self, read: Read = nothing) -> None:
        """Take what gives the parts of what was kept.

        Raises:
            KeptError: when they do not fit together.
        """
        #: Gives what was kept, if anything was.
        self.read, self.goes_on = read, read is not nothing
        try:
            self._load(read)
        except (msgspec.DecodeError, msgspec.ValidationError, ValueError) as error:
            raise KeptError(str(error)) from error

    def _load(self, read: Read) -> None:
        blocks = [msgspec.msgpack.decode(data, type=tuple[list[str], tuple[bytes, bytes, bytes, bytes]])
                  for data in parts_of(read, "documents")]  # fmt: skip
        self.documents = [document for block in blocks for document in block[0]]
        self._block = np.repeat(np.arange(len(blocks)), [len(block[0]) for block in blocks]).astype(np.int64)
        self.document, self.person, self.body, self.mention = (
            _table([tables[n] for _, tables in blocks], names) for n, names in enumerate(_TABLES)
        )
        self.dates, self.homes = Packed[str]("dates", str, read), Packed[str]("homes", str, read)
        self.titles = Titles(read)
        self.events = Packed[tuple[tuple[int, tuple[int, ...]], ...]](
            "events", tuple[tuple[int, tuple[int, ...]], ...], read
        )
        self.names, self.readings = Names(read), Lists("readings", "i", read)
        self.roles = Packed[tuple[str, ...]]("roles", tuple[str, ...], read)
        self.employers = Packed[tuple[int, ...]]("employers", tuple[int, ...], read)
        self.texts = Packed[tuple[str, ...]]("texts", tuple[str, ...], read)
        self.locals, self.acronyms = Packed[Body]("locals", Body, read), Lists("acronyms", "Q", read)
        self.named, self.node_of = Packed[InstitutionName]("named", InstitutionName, read), Column[int]("of", "i", read)
        self.spelt, self.nodes = Lists("spelt", "Q", read), Nodes(read)
        self.words, self.words_of = Column[int]("words", "Q", read), Column[int]("words_of", "i", read)
        self.people = Rows[Person]("people", Person, read)
        self.bodies = Rows[Institution]("bodies", Institution, read)
        self._kin = Column[int]("kin", "i", read)
        self.kin = self._kin.values[0] if self._kin.values else 0
        self._pools = (
            self.dates, self.homes, self.titles, self.events, self.names, self.readings, self.roles, self.employers,
            self.texts, self.locals, self.acronyms, self.named, self.spelt, self.nodes,
        )  # fmt: skip
        #: Whether no two names of a document begin at one place: by places, only such documents are known again.
        self.exact = True
        for one, other in (
            (self.person["name"], self.names.kin), (self.names, self.names.kin), (self.body["named"], self.node_of),
            (self.named, self.node_of), (self.nodes, self.nodes.shown), (self.words, self.words_of),
        ):  # fmt: skip
            if isinstance(one, np.ndarray) and int(one.max(initial=-1)) >= len(other):
                raise ValueError("numbers of which there is no value")
            if not isinstance(one, np.ndarray) and len(one) != len(other):
                raise ValueError("columns of different length")

    def parts(self) -> Iterator[Part]:
        """What is to be kept for the next time: all parts that are not kept as they are."""
        self._kin.values = array("i", [self.kin])
        for n, (start, end) in enumerate(self._blocks()):
            sizes = [slice(start, end)]
            for of in ("people", "bodies", "mentions"):
                at = ends(self.document[of])
                sizes.append(slice(int(at[start]), int(at[end])))
            tables = (self.document, self.person, self.body, self.mention)
            packed = [_bytes(table, some) for table, some in zip(tables, sizes, strict=True)]
            yield "documents", n, msgspec.msgpack.encode((self.documents[start:end], packed))
        for each in (*self._pools, self.node_of, self.words, self.words_of, self.people, self.bodies, self._kin):
            yield from each.parts()

    @property
    def blocks(self) -> int:
        """How many parts the documents are kept in."""
        return len(self._blocks())

    def speak(self, spoken: Iterable[tuple[int, int]]) -> None:
        """Put down labels, each with a word of it, in places that no label has any more, as long as there are some."""
        free = np.flatnonzero(self.words_of.look() < 0).tolist() if self.goes_on else []
        for label, word in spoken:
            if free:
                at = free.pop()
                self.words.values[at], self.words_of.values[at] = word, label
            else:
                self.words.values.append(word)
                self.words_of.values.append(label)

    def _blocks(self) -> list[tuple[int, int]]:
        """The documents of each part, which stay together while others come and go."""
        bounds = [*np.flatnonzero(np.diff(self._block, prepend=-1)).tolist(), len(self.documents)]
        found = []
        for start, end in pairwise(bounds):
            step = _DOCUMENTS if end - start > 2 * _DOCUMENTS else end - start
            found += [(at, min(at + step, end)) for at in range(start, end, step)]
        return found

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
        self._count_titles(np.flatnonzero(left), -1)
        was = len(self.documents)
        order = sorted([(self.documents[n], n) for n in kept] + [(d.document_id, was + n) for n, d in enumerate(into)])
        places = np.array([n for _, n in order], np.int32)
        added = Added(self)
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
        # What comes is put where the document before it is.
        self._block = np.maximum.accumulate(np.concatenate([self._block, np.zeros(len(into), np.int64)])[places])
        self._count_titles(np.flatnonzero(places >= was), 1)
        return before

    def begin(self, documents: list[str], added: Added) -> None:
        """Have documents for the first time."""
        self.documents = documents
        for table, more in (
            (self.document, added.document), (self.person, added.person), (self.body, added.body),
            (self.mention, added.mention),
        ):  # fmt: skip
            table.update({name: np.array(values, np.int32) for name, values in more.items()})
        self._block = np.zeros(len(self.documents), np.int64)
        self._count_titles(np.arange(len(self.documents)), 1)
        self.forget()

    def forget(self) -> None:
        """Let go of all that can be made again of what is held in few bytes."""
        for each in self._pools:
            each.forget()

    def _count_titles(self, documents: Places, by: int) -> None:
        numbers, times = np.unique(self.document["events"][documents], return_counts=True)
        for n, count in zip(numbers.tolist(), times.tolist(), strict=True):
            for title, _ in self.events.peek(n):
                self.titles.live.values[title] += by * count

    def local(self, body: Body) -> int:
        """The number of what is compared of a document's institution."""
        number = self.locals.number(body)
        if number == len(self.acronyms):
            self.acronyms.add([hash_of(each) for each in body.acronyms])
        return number

    def institution(self, name: InstitutionName) -> int:
        """The number of an institution's name, as it is compared."""
        number = self.named.number(name)
        if number == len(self.node_of):
            self.node_of.values.append(self.nodes.of(name))
            self.spelt.add([hash_of(each) for each in sorted(acronyms_of(name))])
        return number


class Added:
    """Documents that come, in columns."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._named: dict[tuple[int, str], int] = {}
        self.document, self.person, self.body, self.mention = (
            {name: array("i") for name in names} for names in _TABLES
        )

    def add(self, document: DocumentEntities) -> None:
        """Take in one."""
        state = self._state
        for person in document.people:
            values = (
                state.names.number(person.name), state.readings.number(tuple(map(state.names.number, person.readings))),
                state.roles.number(person.roles), state.employers.number(person.institutions),
                state.texts.number(person.texts), -1, -1,
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
        events = state.events.number(tuple((state.titles.of(e.title), e.mentions) for e in document.events))
        _put(self.document, (
            state.dates.number(document.date), state.homes.number(document.home), events, len(document.people),
            len(document.institutions), len(found),
        ))  # fmt: skip


def ends(counts: Ints) -> Places:
    """Where the units of each document begin, and behind them where the last ends."""
    return np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])


def _ranges(sizes: Ints, chosen: Ints) -> Places:
    """The numbers of the units of chosen documents, one document after the other."""
    return stretches(ends(sizes)[:-1][chosen], sizes[chosen])


def _put(columns: dict[str, array[int]], values: Sequence[int]) -> None:
    for column, value in zip(columns.values(), values, strict=True):
        column.append(value)


def _table(blocks: Sequence[bytes], names: Sequence[str]) -> Table:
    """The columns of a table, of which each block has a part of each."""
    parts = [np.frombuffer(block, np.int32).reshape(len(names), -1) for block in blocks]
    whole = np.concatenate(parts, axis=1) if parts else np.zeros((len(names), 0), np.int32)
    return {name: whole[n].copy() for n, name in enumerate(names)}


def _bytes(table: Table, some: slice) -> bytes:
    return b"".join(values[some].astype(np.int32).tobytes() for values in table.values())
