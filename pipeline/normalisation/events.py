"""Events over all documents: one for each title, whose id is made of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

import numpy as np

from pipeline.normalisation.describe import shortened
from pipeline.normalisation.pools import Column, Packed, Part, Read, hash_of
from pipeline.normalisation.transliteration import key, latin_slug


def event_ids(titles: Iterable[str]) -> dict[str, str]:
    """Title → id: the slug of the title, with a number where other titles came to the same slug."""
    known = {title: _told(title) for title in set(titles)}
    by_slug: dict[str, set[str]] = defaultdict(set)
    for slug, folded in known.values():
        by_slug[slug].add(folded)
    return {title: _numbered(slug, folded, by_slug[slug]) for title, (slug, folded) in known.items()}


def _told(title: str) -> tuple[str, str]:
    """The slug of a title and its key."""
    return shortened(latin_slug(title)) or "event", key(title)


def _numbered(slug: str, folded: str, others: set[str]) -> str:
    number = sorted(others).index(folded) if len(others) > 1 else 0
    return f"{slug}-{number + 1}" if number else slug


class Titles(Packed[tuple[str, str, str]]):
    """The titles of events that are kept, each with its slug and its key.

    `slugs` are hashes of the slugs, `live` the number of documents that have the title.
    """

    def __init__(self, read: Read) -> None:
        super().__init__("titles", tuple[str, str, str], read)
        self.slugs, self.live = Column[int]("titles.slugs", "Q", read), Column[int]("titles.live", "i", read)

    def of(self, title: str) -> int:
        """The number of a title."""
        slug, folded = _told(title)
        number = self.number((title, slug, folded))
        if number == len(self.slugs):
            self.slugs.values.append(hash_of(slug))
            self.live.values.append(0)
        return number

    def ids(self, some: Iterable[int]) -> dict[int, str]:
        """The ids of these titles, and of all that share a slug with one of them, given those that documents have."""
        slugs = self.slugs.look()
        wanted = np.unique(slugs[np.array(sorted(set(some)), np.int64)])
        there = np.flatnonzero(np.isin(slugs, wanted) & (self.live.look() > 0)).tolist()
        by_slug: dict[str, set[str]] = defaultdict(set)
        for n in there:
            by_slug[self[n][1]].add(self[n][2])
        return {n: _numbered(self[n][1], self[n][2], by_slug[self[n][1]]) for n in there}

    def parts(self) -> Iterator[Part]:
        """To be kept."""
        yield from super().parts()
        yield from self.slugs.parts()
        yield from self.live.parts()
