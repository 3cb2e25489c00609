"""Values that stand once, by number: as they are, or packed, so that only those that are asked for are made."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar, overload

import msgspec
import numpy as np

T = TypeVar("T")


class Pool(list[T]):
    """Values that stand once, by number."""

    def __init__(self, values: Iterable[T] = ()) -> None:
        super().__init__(values)
        self._numbers: dict[T, int] | None = None

    def number(self, value: T) -> int:
        """The number of a value, which is taken in where it is not there."""
        if self._numbers is None:
            self._numbers = {each: n for n, each in enumerate(self)}
        found = self._numbers.setdefault(value, len(self))
        if found == len(self):
            self.append(value)
        return found


class Packed(Sequence[T]):
    """The same, packed: a value is made of its bytes when it is asked for. So many of them take little memory."""

    def __init__(self, kind: type[T], packed: tuple[bytes, bytes] = (b"", b"")) -> None:
        """Take the type of the values, and what `packed` gave."""
        self._data, sizes = packed
        self._ends = [0, *np.cumsum(np.frombuffer(sizes, "<i4"), dtype=np.int64).tolist()]
        self._more: list[bytes] = []
        self._made: dict[int, T] = {}
        self._numbers: dict[bytes, int] | None = None
        self._encode = msgspec.msgpack.Encoder(order="deterministic").encode
        self._decode = msgspec.msgpack.Decoder(kind).decode

    def __len__(self) -> int:
        return len(self._ends) - 1 + len(self._more)

    @overload
    def __getitem__(self, n: int) -> T: ...
    @overload
    def __getitem__(self, n: slice) -> Sequence[T]: ...
    def __getitem__(self, n: int | slice) -> T | Sequence[T]:
        if isinstance(n, slice):
            return [self[i] for i in range(*n.indices(len(self)))]
        if n not in self._made:
            self._made[n] = self._decode(self._bytes(n))
        return self._made[n]

    def _bytes(self, n: int) -> bytes:
        old = len(self._ends) - 1
        return self._data[self._ends[n] : self._ends[n + 1]] if n < old else self._more[n - old]

    def number(self, value: T) -> int:
        """The number of a value, which is taken in where it is not there."""
        if self._numbers is None:
            self._numbers = {self._bytes(n): n for n in range(len(self))}
        packed, fresh = self._encode(value), len(self._numbers)
        found = self._numbers.setdefault(packed, fresh)
        if found == fresh:
            self._more.append(packed)
        return found

    def packed(self) -> tuple[bytes, bytes]:
        """All values as bytes, and the size of each."""
        sizes = np.diff(np.array(self._ends, np.int64)).astype("<i4").tobytes()
        return self._data + b"".join(self._more), sizes + np.array([len(m) for m in self._more], "<i4").tobytes()


class Looked(Sequence[T]):
    """A column whose values are looked up in a pool when they are asked for."""

    def __init__(self, get: Callable[[int], T], numbers: Iterable[int]) -> None:
        """Take what gives the value of a number, and the numbers."""
        self._get, self._numbers = get, array("i", numbers)

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
