"""What is known of the words in names of institutions: the ideas behind a word, places, abbreviations, namesakes."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from pipeline import knowledge
from pipeline.normalisation.transliteration import close


@lru_cache(maxsize=32768)
def says_nothing(word: str, script: str) -> bool:
    """Whether a word only joins others, or is an initial or an abbreviation that nobody knows."""
    bare = word.rstrip(".")
    return len(bare) < 2 or bare in _joining() or (word[-1] == "." and len(word) <= 4 and word not in _words(script)[0])


@lru_cache(maxsize=16384)
def ideas_of(word: str, script: str) -> tuple[str, ...] | None:
    """The ideas behind a lower-case word; None for a proper name, empty for a word that joins."""
    whole, stems = _words(script)
    dotted = word if word.endswith(".") else word + "."
    if dotted in whole:
        return whole[dotted]
    bare = word.rstrip(".")
    for length in range(len(bare), 2, -1):
        if bare[:length] in stems:
            return stems[bare[:length]]
    if "-" in bare:
        parts = [ideas_of(part, script) for part in bare.split("-")]
        if all(p is not None for p in parts):
            return tuple(idea for p in parts if p for idea in p)
        joined = bare.replace("-", "")
        return ideas_of(joined, script) if len(joined) >= 6 else None
    return _mistyped(bare, script)


def is_stem(word: str, script: str) -> bool:
    """Whether a lower-case word is a stem that is known, with nothing after it."""
    return word in _words(script)[1]


def _mistyped(word: str, script: str) -> tuple[str, ...] | None:
    """The ideas behind a word with one slip (`culure`, `lnstitute`, `Assernbly`); None for a proper name."""
    if len(word) < 6:
        return None
    for plain in (re.sub(r"\Al(?=n)", "i", word), word.replace("rn", "m"), word.replace("1", "l")):
        if plain != word:
            return ideas_of(plain, script)
    for stem, ideas, start, end in _long_stems(script).get(word[0], ()):
        # A slip in one half of a stem leaves the other as it is.
        if (word.startswith(start) or end in word) and any(
            len(word) >= n and close(stem, word[:n]) for n in (len(stem), len(stem) - 1)
        ):
            return ideas
    return None


@cache
def _long_stems(script: str) -> dict[str, list[tuple[str, tuple[str, ...], str, str]]]:
    """The stems in which a slip can be told from another word, by their first letter: stem, ideas, start and end.

    Whatever letter is changed, added, left out or swapped with its neighbour, the start or the end stays whole.
    """
    found: dict[str, list[tuple[str, tuple[str, ...], str, str]]] = {}
    for stem, ideas in _words(script)[1].items():
        if len(stem) >= 6:
            half = len(stem) // 2
            found.setdefault(stem[0], []).append((stem, ideas, stem[:half], stem[half + 1 :]))
    return found


def places_in(lower: str, script: str) -> tuple[set[str], str]:
    """The places that a lower-case line names, and the line without them."""
    found: set[str] = set()

    def take(match: re.Match[str]) -> str:
        found.add(_place_names()[match["place"]])
        return " "

    return found, _place_pattern().sub(take, lower)


@cache
def _place_names() -> dict[str, str]:
    return {name: entry[0] for entry in knowledge.table(knowledge.COMMON, "places") for name in entry[1:]}


@cache
def _place_pattern() -> re.Pattern[str]:
    names = "|".join(re.escape(n) for n in sorted(_place_names(), key=len, reverse=True))
    adjective = r"(?:ск\w{2,3}|ск|сая|skaya|skiy|sky|skoy|skii)?"
    endings = r"(?:ның|нің|дың|дің|тың|тің|да|де|а|е|у|ой|ом|и|ы|я)?"
    return re.compile(rf"(?<![\w-])(?P<place>{names})(?:{adjective}|{endings})(?![\w])")


@cache
def sorts_of_ideas() -> dict[str, str]:
    """Idea → what sort of part it is: kind, level, field, country, …"""
    return {e[0]: e[1] for e in knowledge.table(knowledge.COMMON, "institution_concepts")}


@cache
def _words(script: str) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """Whole words (ending in a full stop) and stems with their ideas."""
    whole: dict[str, tuple[str, ...]] = {}
    stems: dict[str, tuple[str, ...]] = {}
    for word, ideas in knowledge.table(script, "institution_words"):
        target = whole if word.endswith(".") else stems
        target[word] = () if ideas == "-" else tuple(ideas.split())
    return whole, stems


@cache
def abbreviations(script: str) -> tuple[tuple[str, str], ...]:
    """Abbreviations that readers know, the longest first, with what they stand for."""
    entries = [(e[0], e[1]) for e in knowledge.table(script, "institution_abbreviations")]
    return tuple(sorted(entries, key=lambda pair: -len(pair[0])))


@cache
def near_kinds() -> dict[str, frozenset[str]]:
    """Kind → the kinds that writers use for the same body."""
    groups = knowledge.table(knowledge.COMMON, "near_kinds")
    return {kind: frozenset(k for group in groups if kind in group for k in group) for g in groups for kind in g}


@cache
def telling(part: str) -> frozenset[str]:
    """The ideas that play this part in telling bodies apart (`distinct`, `scope`, `only`, …: see the knowledge)."""
    return frozenset(e[0] for e in knowledge.table(knowledge.COMMON, "telling_concepts") if e[1] == part)


@cache
def acronym_endings() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Endings of abbreviations that tell the kind of a body."""
    entries = knowledge.table(knowledge.COMMON, "acronym_endings")
    return tuple((re.compile(e[0]), e[1]) for e in entries)


@cache
def _joining() -> frozenset[str]:
    return frozenset(knowledge.lines(knowledge.COMMON, "joining_words"))


@cache
def named_after(script: str) -> re.Pattern[str]:
    """How a language says whom a body is named after (`who`)."""
    return re.compile("|".join(knowledge.lines(script, "namesake_patterns")), re.IGNORECASE)


@cache
def place_countries() -> dict[str, str]:
    """Place → the country where it lies."""
    return {e[0]: e[1] for e in knowledge.table(knowledge.COMMON, "place_countries")}
