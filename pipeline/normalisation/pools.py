"""Values that stand once, by number, packed in parts that are only read when they are asked for.

Beside them stand columns of numbers, which are read whole: what a linking asks of all names is asked of these. Texts
stand there as their hash of 64 bits; two texts of one hash do not occur in an archive of any size.
"""

from __future__ import annotations

import zlib
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b
from itertools import count
from typing import Any, Generic, TypeVar, overload

import msgspec
import numpy as np
import numpy.typing as npt

T = TypeVar("T")
#: Numbers of units.
Places = npt.NDArray[np.int64]
#: Gives a part of what was kept, by name and number; None behind the last.
Read = Callable[[str, int], bytes | None]
#: A part of what is to be kept: name, number, bytes.
Part = tuple[str, int, bytes]
#: So many values, and so many bytes of a column, are a part.
_VALUES, _BYTES = 1024, 1 << 16
#: So many values are found in a dictionary before they are sorted.
_LATELY = 1 << 16


def nothing(name: str, part: int) -> bytes | None:
    """What gives the parts where nothing was kept."""
    return None


def hashed(data: bytes) -> int:
    """The hash of packed bytes; never 0."""
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "little") or 1


@lru_cache(maxsize=1 << 16)
def hash_of(text: str) -> int:
    """The hash of a text; never 0."""
    return hashed(text.encode())


def parts_of(read: Read, name: str) -> Iterator[bytes]:
    """All parts of what was kept under a name."""
    part = 0
    while (data := read(name, part)) is not None:
        yield data
        part += 1


def cut(name: str, data: bytes) -> Iterator[Part]:
    """A column in parts."""
    return ((name, n, data[start : start + _BYTES]) for n, start in enumerate(range(0, len(data), _BYTES)))


class Column(Generic[T]):
    """A column of numbers that grows: an array, of which NumPy can have a look."""

    def __init__(self, name: str, code: str, read: Read = nothing) -> None:
        self.name = name
        self.values = array(code, b"".join(parts_of(read, name)))

    def __len__(self) -> int:
        return len(self.values)

    def look(self) -> npt.NDArray[Any]:
        """The numbers, as long as none is added."""
        return np.frombuffer(self.values, self.values.typecode)

    def parts(self) -> Iterator[Part]:
        """To be kept."""
        return cut(self.name, self.values.tobytes())


def stretches(starts: npt.NDArray[np.integer], sizes: npt.NDArray[np.integer]) -> Places:
    """The places of stretches that begin at some places, one stretch after the other."""
    wanted = sizes.astype(np.int64)
    before = np.cumsum(wanted) - wanted
    return np.repeat(starts - before, wanted) + np.arange(int(wanted.sum()))


class Sorted:
    """Where in a column numbers stand; the column is sorted once."""

    def __init__(self, column: npt.NDArray[np.integer]) -> None:
        """Take the column."""
        self._order = np.argsort(column, kind="stable")
        self._sorted = column[self._order]

    def places(self, numbers: npt.NDArray[np.integer]) -> Places:
        """The places of some numbers, those of one after those of the other, each ascending."""
        starts, ends = (np.searchsorted(self._sorted, numbers, side) for side in ("left", "right"))
        return self._order[stretches(starts, ends - starts)]


class Lists:
    """Lists of numbers, by number; each stands once where they are asked for by `number`."""

    def __init__(self, name: str, code: str, read: Read = nothing) -> None:
        self._sizes: Column[int] = Column(f"{name}.sizes", "H", read)
        self._flat: Column[int] = Column(f"{name}.flat", code, read)
        self._starts: Places | None = None
        self._numbers: dict[tuple[int, ...], int] | None = None

    def __len__(self) -> int:
        return len(self._sizes)

    def __getitem__(self, n: int) -> tuple[int, ...]:
        starts = self.starts()
        return tuple(self._flat.values[starts[n] : starts[n + 1]])

    def starts(self) -> Places:
        """Where each list begins, and behind them where the last ends."""
        if self._starts is None or len(self._starts) <= len(self):
            self._starts = np.concatenate([[0], np.cumsum(self._sizes.look(), dtype=np.int64)])
        return self._starts

    def sizes(self) -> npt.NDArray[Any]:
        """How long they are."""
        return self._sizes.look()

    def add(self, values: Sequence[int]) -> None:
        """One list more."""
        self._sizes.values.append(len(values))
        self._flat.values.extend(values)

    def number(self, values: tuple[int, ...]) -> int:
        """The number of a list, which is taken in where it is not there."""
        if self._numbers is None:
            self._numbers = {self[n]: n for n in range(len(self))}
        found = self._numbers.setdefault(values, len(self))
        if found == len(self):
            self.add(values)
        return found

    def forget(self) -> None:
        """Let go of what `number` looks them up in; it is made again where it is asked for again."""
        self._numbers = None

    def flat(self) -> tuple[npt.NDArray[Any], Places]:
        """All numbers of all lists, and of which list each is."""
        return self._flat.look(), np.repeat(np.arange(len(self)), self.sizes())

    def of(self, numbers: npt.NDArray[np.integer]) -> tuple[npt.NDArray[Any], Places]:
        """All numbers of some lists, one list after the other, and for each the place of its list among those."""
        starts, sizes = self.starts()[numbers], self.sizes()[numbers]
        return self._flat.look()[stretches(starts, sizes)], np.repeat(np.arange(len(numbers)), sizes)

    def holding(self, values: Iterable[int]) -> Places:
        """The lists that hold one of these numbers, ascending."""
        flat, owner = self.flat()
        return np.unique(owner[np.isin(flat, np.array(list(values), flat.dtype))])

    def parts(self) -> Iterator[Part]:
        """To be kept."""
        yield from self._sizes.parts()
        yield from self._flat.parts()


class Packed(Sequence[T]):
    """Values that stand once, packed: one is made of its bytes when it is asked for. So many take little memory."""

    def __init__(self, name: str, kind: Any, read: Read = nothing) -> None:
        """Take a name under which they are kept, the type of the values, and what gives what was kept."""
        self.name, self._read = name, read
        self._hashes: Column[int] = Column(f"{name}.hashes", "Q", read)
        self._parts: dict[int, list[bytes]] = {}
        self._full: dict[int, bytes] = {}  # new parts that take no more: as one, they take less memory
        self._old = len(self._hashes)
        # Numbers by hash: of those that came lately a dictionary, of all before them sorted arrays, which are smaller.
        self._new: dict[int, int] = {}
        self._sorted, self._order = array("Q"), array("i")
        self._made: dict[int, T] = {}
        self._encode = msgspec.msgpack.Encoder(order="deterministic").encode
        self._decode = msgspec.msgpack.Decoder(kind).decode

    def __len__(self) -> int:
        return len(self._hashes)

    @overload
    def __getitem__(self, n: int) -> T: ...
    @overload
    def __getitem__(self, n: slice) -> Sequence[T]: ...
    def __getitem__(self, n: int | slice) -> T | Sequence[T]:
        if isinstance(n, slice):
            return [self[i] for i in range(*n.indices(len(self)))]
        if n not in self._made:
            self._made[n] = self.peek(n)
        return self._made[n]

    def peek(self, n: int) -> T:
        """A value, made anew."""
        value: T = self._decode(self._part(n // _VALUES)[n % _VALUES])
        return value

    def each(self) -> Iterator[T]:
        """All values, made anew."""
        for part in range(0, len(self), _VALUES):
            yield from map(self._decode, self._part(part // _VALUES))
        self.forget()

    def forget(self) -> None:
        """Let go of what was made, of what came lately, and of parts that are at hand elsewhere."""
        self._made.clear()
        self._new.clear()
        for part in self._full:
            self._parts.pop(part, None)

    def number(self, value: T) -> int:
        """The number of a value, which is taken in where it is not there."""
        packed = self._encode(value)
        told = hashed(packed)
        found = self._new.get(told, -1)
        if found < 0:
            found = self._known(told)
        if found < 0:
            found = self._new[told] = len(self)
            part = self._part(found // _VALUES)
            part.append(packed)
            if len(part) == _VALUES:
                self._full[found // _VALUES] = _packed(part)
                del self._parts[found // _VALUES]
            self._hashes.values.append(told)
        return found

    def _known(self, told: int) -> int:
        """The number of a value that did not come lately; -1 where there is none."""
        if len(self) - len(self._new) > len(self._order) or len(self._new) > _LATELY:
            order = np.argsort(self._hashes.look())
            self._sorted, self._order = array("Q", self._hashes.look()[order].tobytes()), array("i")
            self._order.frombytes(order.astype(np.int32).tobytes())
            self._new.clear()
        at = bisect_left(self._sorted, told)
        return self._order[at] if at < len(self._sorted) and self._sorted[at] == told else -1

    def _part(self, part: int) -> list[bytes]:
        if part not in self._parts:
            data = self._full.get(part)
            if data is None and part * _VALUES < self._old:
                data = self._read(self.name, part)
            self._parts[part] = _unpacked(data) if data else []
        return self._parts[part]

    def parts(self) -> Iterator[Part]:
        """To be kept: the parts that are not there as they are."""
        yield from self._hashes.parts()
        if len(self) > self._old:
            for part in range(self._old // _VALUES, (len(self) - 1) // _VALUES + 1):
                yield self.name, part, self._full.get(part) or _packed(self._part(part))


class Shelf(Generic[T]):
    """What stands for labels and is exchanged, packed in parts."""

    def __init__(self, name: str, kind: Any, read: Read = nothing) -> None:
        self.name, self._read = name, read
        self._parts: dict[int, list[bytes]] = {}
        self._full: dict[int, bytes] = {}
        self._changed: set[int] = set()
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(kind).decode

    def __getitem__(self, label: int) -> T:
        value: T = self._decode(self._part(label // _VALUES)[label % _VALUES])
        return value

    def each(self) -> Iterator[T]:
        """All that stand there, by label; they are not held."""
        for part in self._unpacked():
            yield from map(self._decode, filter(None, part))

    def _unpacked(self) -> Iterator[list[bytes]]:
        for part in count():
            packed = self._parts.get(part)
            if packed is None:
                data = self._full.get(part) or self._read(self.name, part)
                if data is None:
                    return
                packed = _unpacked(data)
            yield packed

    def of(self, labels: Iterable[int]) -> Iterator[T]:
        """What stands there for these labels, in their order; meanwhile all of it is held, packed."""
        packed = [each for part in self._unpacked() for each in part]
        return (self._decode(packed[label]) for label in labels)

    def exchange(self, make: Callable[[int, T], T]) -> None:
        """Put in the place of what stands for each label what is made of both, part by part; no label is missing."""
        for number, part in enumerate(self._unpacked()):
            part = [self._encode(make(n, self._decode(each))) for n, each in enumerate(part, number * _VALUES)]
            if len(part) == _VALUES:
                self._full[number] = _packed(part)
                self._parts.pop(number, None)
            else:
                self._parts[number] = part

    def __setitem__(self, label: int, value: T) -> None:
        part = self._part(label // _VALUES)
        part += [b""] * (label % _VALUES + 1 - len(part))
        part[label % _VALUES] = self._encode(value)
        self._changed.add(label // _VALUES)
        if self._read is nothing and len(part) == _VALUES:
            self._full[label // _VALUES] = _packed(self._parts.pop(label // _VALUES))

    def __delitem__(self, label: int) -> None:
        self._part(label // _VALUES)[label % _VALUES] = b""
        self._changed.add(label // _VALUES)

    def _part(self, part: int) -> list[bytes]:
        if part not in self._parts:
            data = self._full.pop(part, None) or self._read(self.name, part)
            self._parts[part] = _unpacked(data) if data else []
        return self._parts[part]

    def parts(self) -> Iterator[Part]:
        """To be kept: the parts that are not there as they are."""
        for part in sorted(self._changed):
            yield self.name, part, self._full.get(part) or _packed(self._parts[part])


def _packed(part: list[bytes]) -> bytes:
    """A part as bytes, small."""
    return zlib.compress(msgspec.msgpack.encode(part), 1)


def _unpacked(data: bytes) -> list[bytes]:
    part: list[bytes] = msgspec.msgpack.decode(zlib.decompress(data), type=list[bytes])
    return part


class Asked(Sequence[T]):
    """Values, none of them None, that are made when they are asked for, once."""

    def __init__(self, make: Callable[[int], T], size: int) -> None:
        self._make = make
        self._made: list[T | None] = [None] * size

    def __len__(self) -> int:
        return len(self._made)

    @overload
    def __getitem__(self, at: int) -> T: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[T]: ...
    def __getitem__(self, at: int | slice) -> T | Sequence[T]:
        if isinstance(at, slice):
            return [self[n] for n in range(*at.indices(len(self)))]
        if at < 0:
            raise IndexError(at)
        made = self._made[at]
        if made is None:
            made = self._made[at] = self._make(at)
        return made


class Looked(Sequence[T]):
    """A column whose values are looked up when they are asked for."""

    def __init__(self, get: Callable[[int], T], numbers: npt.NDArray[Any]) -> None:
        """Take what gives the value of a number, and the numbers."""
        self._get, self._numbers = get, array("i", numbers.astype(np.int32).tobytes())

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, at: int) -> T: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[T]: ...
    def __getitem__(self, at: int | slice) -> T | Sequence[T]:
        if isinstance(at, slice):
            return [self._get(n) for n in self._numbers[at]]
        return self._get(self._numbers[at])
