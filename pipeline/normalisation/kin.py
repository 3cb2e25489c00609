"""Names that can be one person's: the keys under which they meet, and which are kin, directly or by way of others."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache

import numpy as np

from pipeline.normalisation.comparison import compare, family_parts, family_root, scanned
from pipeline.normalisation.disjoint import Disjoint
from pipeline.normalisation.name_words import patronymic_stem
from pipeline.normalisation.person_name import Name
from pipeline.normalisation.transliteration import key, skeleton


@lru_cache(maxsize=32768)
def name_keys(name: Name) -> tuple[str, ...]:
    """The keys under which names that may be one person's meet."""
    return tuple(_name_keys(name))


def _name_keys(name: Name) -> Iterator[str]:
    if name.family and name.initials:
        families = {key(name.family), family_root(name.family), *family_parts(name.family)}
        sounds = {_sound(name), *(_sound_of(word) for word in name.given.split())}
        if not name.given and name.initials[0].lower() in ("i", "y", "j"):
            sounds |= {"a", "e"}  # `Y.` may be Юрий or Ерлан
        for sound in sorted(sounds):
            yield from (f"{_filed(family)}:{sound}" for family in families)
    elif name.family:
        yield f"{_filed(key(name.family))}:"
    if name.given and name.patronymic:
        yield f"{skeleton(name.given)}+{patronymic_stem(name.patronymic)}"


def _sound(name: Name) -> str:
    """The first sound of the given name, those that languages exchange as one."""
    return _sound_of(name.given.split()[0] if name.given else name.initials[0])


def _filed(family: str) -> str:
    """A family name's key as the index files it."""
    return skeleton(scanned(family).replace("h", "g"))


def _sound_of(word: str) -> str:
    plain = key(word)
    return {"i": "e", "o": "a", "u": "a", "v": "a", "h": "k", "g": "k", "j": "e"}.get(plain[:1], plain[:1])


def is_lone(name: Name) -> bool:
    """Whether a name is a family or given name alone."""
    return not (name.family and name.initials) and not name.patronymic


def lone_word(name: Name) -> str:
    """The word under which persons are looked for whom a lone name may mean."""
    return key(name.family or name.given)


def words_of(name: Name) -> set[str]:
    """The words by which a lone name may mean the person of this name."""
    return ({key(name.family), key(name.given)} | family_parts(name.family)) - {""}


def bearing(name: Name) -> tuple[str, str] | None:
    """What tells whether a family name is rare: its key, and the first sound of the given name beside it."""
    return (key(name.family), _sound(name)) if name.family and name.initials else None


def kindred(
    names: Iterable[Name], ties: Sequence[Sequence[Name]] = (),
    keys_of: Callable[[Iterable[Name]], Iterable[Sequence[str]]] | None = None,
) -> list[list[Name]]:  # fmt: skip
    """Names in groups, such that no name can be one person's with a name of another group.

    `ties` are names that belong together whatever they say: the readings of one written name. `keys_of` gives the keys
    of each name, where it is not `name_keys`.
    """
    number: dict[Name, int] = {}
    for name in (*names, *(n for tied in ties for n in tied)):
        number.setdefault(name, len(number))
    sets = Disjoint(len(number))
    for tied in ties:
        for other in tied[1:]:
            sets.union(number[tied[0]], number[other])
    listed = list(number)
    hashes, owners = array("q"), array("i")
    for n, keys in zip(number.values(), keys_of(number) if keys_of else map(name_keys, number), strict=True):
        for k in keys:
            hashes.append(hash(k))  # keys that share one only have names compared that have nothing in common
            owners.append(n)
    for n, met in _meetings(hashes, owners):
        for m in met:
            if sets.find(n) != sets.find(m) and compare(listed[n], listed[m]) is not None:
                sets.union(n, m)
    return [[listed[n] for n in group] for group in sets.groups()]


def _meetings(hashes: array[int], owners: array[int]) -> Iterator[tuple[int, array[int]]]:
    """The owner of each key that is not the first of that key, in their order, with those of the key before it."""
    order = np.argsort(np.asarray(hashes), kind="stable").astype(np.int32)
    keys = np.asarray(hashes)[order]
    new = np.ones(len(keys), bool)
    new[1:] = keys[1:] != keys[:-1]
    del keys
    by_key = array("i", np.asarray(owners)[order].tobytes())
    place = np.empty_like(order)
    place[order] = np.arange(len(order), dtype=np.int32)
    first = np.maximum.accumulate(np.where(new, np.arange(len(order), dtype=np.int32), 0))[place]
    met = np.flatnonzero(first < place)
    columns = (array("i", each[met].tobytes()) for each in (np.asarray(owners), first, place))
    for n, start, end in zip(*columns, strict=True):
        yield n, by_key[start:end]
