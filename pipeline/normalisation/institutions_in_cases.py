"""Names of institutions as Russian and Kazakh sentences decline them, brought back to the nominative for the tables.

Only what heads a name is declined: in Russian the first noun with the adjectives before it, in Kazakh the last word.
A name stays as it is where these do not agree, or where what heads it is no word for an institution.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import takewhile

from pipeline.normalisation import dictionary
from pipeline.normalisation.institution_words import ideas_of, is_stem, sorts_of_ideas
from pipeline.normalisation.transliteration import is_cyrillic

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_KAZAKH = re.compile(r"[әғқңөұүһі]", re.IGNORECASE)
_ABBREVIATION = re.compile(r"[А-ЯЁ]{2,}")
#: Case endings after the possessive `-ы`, `-і` of heads of Kazakh names (`университеті` + `нің`), and without it.
_POSSESSED = re.compile(r"(?<=[ыі])(?:н[ыі]ң|нда(?:ғы)?|нде(?:гі)?|нан|нен|на|не|н|мен)\Z")
_BARE = re.compile(r"(?:[ндт][ыі]ң|[дт][ае](?:ғы|гі)?|[дтн][ае]н|[ғгқк][ае]|[ндт][ыі]|[мбп]ен)\Z")


@lru_cache(maxsize=8192)
def in_nominative(name: str) -> str:
    """A name in the nominative: `Национальной библиотеки` → `Национальная библиотека`; other names as they are."""
    if not is_cyrillic(name):
        return name
    return _kazakh(name) if _KAZAKH.search(name) else _russian(name)


def _kazakh(name: str) -> str:
    last = next(reversed(list(_WORD.finditer(name))), None)
    if last is None or last.end() != len(name):
        return name
    word = last[0].lower().replace("i", "і")  # typists take the Latin letter for the Kazakh one
    # Without the possessive only words count that are known as they are: an ending may be part of the word.
    for pattern, known in ((_POSSESSED, _is_body), (_BARE, is_stem)):
        ending = pattern.search(word)
        if ending and known(word[: ending.start()], "kk"):
            return name[: last.start() + ending.start()]
    return name


def _russian(name: str) -> str:
    adjectives: list[re.Match[str]] = []
    for word in _WORD.finditer(name):
        lower = word[0].lower()
        if _is_body(lower, "ru") and not dictionary.is_adjective(lower):
            forms = dictionary.nominative([a[0].lower() for a in adjectives], lower)
            return _written(name, list(zip([*adjectives, word], forms, strict=True))) if forms else name
        if adjectives and _ABBREVIATION.fullmatch(word[0]) and not name.isupper():
            # What it stands for is not known here; of what gender it is, the adjectives tell.
            forms = dictionary.nominative_alone([a[0].lower() for a in adjectives])
            return _written(name, list(zip(adjectives, forms, strict=True))) if forms else name
        if not dictionary.is_adjective(lower):
            return name
        adjectives.append(word)
    return name


def _is_body(word: str, script: str) -> bool:
    """Whether a lower-case word says what kind of body it is."""
    return any(sorts_of_ideas().get(idea) == "kind" for idea in ideas_of(word, script) or ())


def _written(name: str, changed: list[tuple[re.Match[str], str]]) -> str:
    """The name with words in other forms, in the letters in which they were written."""
    parts, at = [], 0
    for match, form in changed:
        old = match[0]
        same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old.lower(), form, strict=False)))
        parts += [name[at : match.start()], old[:same], form[same:].upper() if old.isupper() else form[same:]]
        at = match.end()
    return "".join([*parts, name[at:]])
