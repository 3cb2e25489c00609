"""Events over all documents: one for each title, whose id is made of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from pipeline.normalisation.describe import shortened
from pipeline.normalisation.transliteration import key, latin_slug


def event_ids(titles: Iterable[str], known: dict[str, tuple[str, str]] | None = None) -> dict[str, str]:
    """Title → id: the slug of the title, with a number where other titles came to the same slug.

    `known` holds the slug and the key of titles that came before, and gets those of new ones.
    """
    known = {} if known is None else known
    found = set(titles)
    by_slug: dict[str, set[str]] = defaultdict(set)
    for title in found:
        if title not in known:
            known[title] = (shortened(latin_slug(title)) or "event", key(title))
        slug, folded = known[title]
        by_slug[slug].add(folded)
    ids = {}
    for title in found:
        slug, folded = known[title]
        number = sorted(by_slug[slug]).index(folded) if len(by_slug[slug]) > 1 else 0
        ids[title] = f"{slug}-{number + 1}" if number else slug
    return ids
