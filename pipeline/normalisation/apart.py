"""What of a linking other processes and machines can do: they are given it as bytes, and give bytes back.

Kin is decided on its own, so the people among it are those that would have been found here. Institutions are decided
one after the other, each with all before it, which stays here; what takes most of the time is to compare their names,
and how much two names say the same does not depend on anything else. So wherever and in whatever order this is done,
what comes of it is the same.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

import msgspec

from pipeline.normalisation.company import Candidate, CandidateLike
from pipeline.normalisation.institutions import InstitutionName
from pipeline.normalisation.institutions_across import LARGE, Likeness
from pipeline.normalisation.institutions_within import similarity
from pipeline.normalisation.kin import name_keys
from pipeline.normalisation.people_across import Cluster, link_kin
from pipeline.normalisation.person_name import Name
from pipeline.normalisation.transliteration import key

T = TypeVar("T")
#: Has a function of a module applied to each of some parts, anywhere, and gives what it made of them in their order:
#: the built-in `map` does it here.
Elsewhere = Callable[[Callable[[bytes], bytes], Iterable[bytes]], Iterable[bytes]]
#: So many names, or people, make a part: large enough to be worth sending, small enough to be done again.
NAMES, PEOPLE = 5_000, 2_000
#: The same for pairs of names of institutions.
PAIRS = 50_000
#: So many names are compared of a block: more than clusters that are compared with one another (`LARGE`), since a
#: cluster may have several names.
_BLOCK = 2 * LARGE


class _Kin(msgspec.Struct, array_like=True, gc=False):
    """People whose names are kin, and the keys of the family names among them that are rare."""

    people: list[Candidate]
    rare: list[str]


_encode = msgspec.msgpack.Encoder().encode
_names = msgspec.msgpack.Decoder(list[Name]).decode
_keys = msgspec.msgpack.Decoder(list[list[str]]).decode
_kin = msgspec.msgpack.Decoder(list[_Kin]).decode
_blocks = msgspec.msgpack.Decoder(list[list[InstitutionName]]).decode
_alike = msgspec.msgpack.Decoder(list[list[tuple[int, int, float]]]).decode
_found = msgspec.msgpack.Decoder(list[list[tuple[Name, list[int], list[int]]]]).decode


def keys(part: bytes) -> bytes:
    """The keys of names (`kin.name_keys`)."""
    return _encode([name_keys(name) for name in _names(part)])


def people(part: bytes) -> bytes:
    """For each kin its persons: what each is called, which of the kin's people it is, and as what they were read.

    The last are numbers of readings, 0 for the name itself.
    """
    told = []
    for kin in _kin(part):
        clusters = link_kin(range(len(kin.people)), kin.people, set(kin.rare).__contains__, [])
        names = [(c.name, *c.readings) for c in kin.people]
        told.append(
            [(c.name, c.members, [names[m].index(n) for m, n in zip(c.members, c.read, strict=True)]) for c in clusters]
        )
    return _encode(told)


def alike(part: bytes) -> bytes:
    """For each block of names of institutions the pairs that do not contradict each other, and how alike they are."""
    return _encode(
        [
            [
                (n, m, score)
                for n, name in enumerate(block)
                for m in range(n)
                if (score := similarity(name, block[m])) is not None
            ]
            for block in _blocks(part)
        ]
    )


class Apart:
    """What is done elsewhere for `link_people` and `link_institutions`."""

    def __init__(self, elsewhere: Elsewhere) -> None:
        self._elsewhere = elsewhere

    def keys(self, names: Iterable[Name]) -> Iterator[Sequence[str]]:
        """The keys of each name."""
        for made in self._elsewhere(keys, map(_encode, _full(names, lambda name: 1, NAMES))):
            yield from _keys(made)

    def people(
        self, kin: Iterable[Sequence[int]], candidates: Sequence[CandidateLike], is_rare: Callable[[str], bool]
    ) -> Iterator[list[Cluster]]:
        """The persons of each kin, whose candidates are given by number."""
        waiting: deque[list[list[int]]] = deque()

        def packed() -> Iterator[bytes]:
            # In order, which decides where nothing else does.
            for some in _full(map(sorted, kin), len, PEOPLE):
                waiting.append(some)
                yield _encode([_packed(numbers, candidates, is_rare) for numbers in some if len(numbers) > 1])

        for made in self._elsewhere(people, packed()):
            found = iter(_found(made))
            for numbers in waiting.popleft():
                if len(numbers) > 1:
                    yield [
                        _cluster(candidates, name, [numbers[n] for n in members], read)
                        for name, members, read in next(found)
                    ]
                else:
                    yield [_cluster(candidates, candidates[n].name, [n], [0]) for n in numbers]

    def likeness(self, names: Sequence[InstitutionName], keys: Sequence[Iterable[str]]) -> Likeness:
        """What tells how alike two of these names are, of which the later is given first.

        Args:
            names: those of nodes, in the order of decisions. keys: those under which each meets others.
        """
        blocks: dict[str, list[int]] = defaultdict(list)
        for n, mine in enumerate(keys):
            for k in mine:
                blocks[k].append(n)
        met: list[set[str]] = [set() for _ in names]
        scores: dict[tuple[int, int], float] = {}
        waiting: deque[list[list[int]]] = deque()
        for k, block in blocks.items():
            for n in block[:_BLOCK]:
                met[n].add(k)

        def packed() -> Iterator[bytes]:
            for some in _full((b[:_BLOCK] for b in blocks.values() if len(b) > 1), lambda b: len(b) ** 2 // 2, PAIRS):
                waiting.append(some)
                yield _encode([[names[n] for n in block] for block in some])

        for made in self._elsewhere(alike, packed()):
            for block, pairs in zip(waiting.popleft(), _alike(made), strict=True):
                scores.update(((block[n], block[m]), score) for n, m, score in pairs)
        number = {name: n for n, name in enumerate(names)}

        def likeness(name: InstitutionName, other: InstitutionName) -> float | None:
            n, m = number[name], number[other]
            if (n, m) in scores:
                return scores[n, m]
            return similarity(name, other) if met[n].isdisjoint(met[m]) else None

        return likeness


def _cluster(candidates: Sequence[CandidateLike], name: Name, members: list[int], readings: Sequence[int]) -> Cluster:
    """A person of members that were read as one of their names, by number."""
    read = [(candidates[m].name, *candidates[m].readings)[n] for m, n in zip(members, readings, strict=True)]
    return Cluster(name, members=members, read=read)


def _full(items: Iterable[T], size: Callable[[T], int], full: int) -> Iterator[list[T]]:
    """Items in parts, each of which is as large as wanted, or larger by a part of its last."""
    part: list[T] = []
    total = 0
    for item in items:
        part.append(item)
        total += size(item)
        if total >= full:
            yield part
            part, total = [], 0
    if part:
        yield part


def _packed(numbers: Sequence[int], candidates: Sequence[CandidateLike], is_rare: Callable[[str], bool]) -> _Kin:
    some = [Candidate(c.name, c.document, c.company, c.readings, c.date) for c in map(candidates.__getitem__, numbers)]
    return _Kin(some, [family for family in {key(c.name.family) for c in some} if is_rare(family)])
