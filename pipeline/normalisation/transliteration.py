"""Cyrillic and Latin spellings of one name: transliteration both ways and the comparison key.

The key is a coarse reading of a name: two spellings of one name in the usual schemes (BGN, GOST, ISO 9 with its
marks, the Kazakh Latin alphabets of 2018 and 2021, the habits of translators) get one key, and different names may
get one too. So a key finds candidates; it never decides alone. What it ignores: case, accents, apostrophes, hyphens and
spaces, doubled letters, `zh/j/dzh/ж`, `kh/h/х`, `y/i/й/ы/і`, the glide before a vowel (`Yerlan/Erlan`, `Юсупова`),
`w/v`, `q/k`, `c/k`, `ph/f`, `-off/-ov`. The tables are `key_letters` and `key_folds` of the knowledge.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

from pipeline import knowledge

_CYRILLIC = re.compile(r"[\u0400-\u052f]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_WORD = re.compile(r"[^\W_]+")
_NO_KEY = re.compile(r"[^a-z0-9]")
_SLUG_WORD = re.compile(r"[a-z0-9]+")
_APOSTROPHE = re.compile(r"(?<=\w)['’ʼ`‘](?=\w)")
#: The plain letters that a regular expression opens with, but for one that a quantifier follows.
_OPENING = re.compile(r"[a-z]+(?![?*+{])")
_DOUBLED = re.compile(r"(.)\1+")
_NO_VOWELS = str.maketrans("", "", "aeiou")
_NOTHING = "-"


def is_cyrillic(text: str) -> bool:
    """Whether most letters of the text are Cyrillic."""
    return len(_CYRILLIC.findall(text)) > len(_LATIN.findall(text))


def to_latin(text: str) -> str:
    """The text with every Cyrillic letter written in Latin ones (`Жұмабекова` → `Zhumabekova`); the rest stays.

    A word wholly in capitals stays in capitals, else only the first letter of a group takes the capital.
    """
    return text if text.isascii() else _WORD.sub(lambda word: _word_to_latin(word[0]), text)


@lru_cache(maxsize=16384)
def _word_to_latin(word: str) -> str:
    letters = _cyrillic_letters()
    shouting = len(word) > 1 and word.isupper()
    out = []
    for character in unicodedata.normalize("NFC", word):
        latin = letters.get(character.lower())
        if latin is None:
            out.append(character)
        elif character.isupper():
            out.append(latin.upper() if shouting else latin.capitalize())
        else:
            out.append(latin)
    return "".join(out)


def to_cyrillic(text: str) -> str:
    """The text with its Latin words written in Cyrillic letters, as a Russian reader would guess (`Zhukov` → `Жуков`).

    A guess, because the way back is not unique; meant for search and display, not for comparison.
    """
    return _WORD.sub(lambda word: _word_to_cyrillic(word[0]), text)


@lru_cache(maxsize=16384)
def _word_to_cyrillic(word: str) -> str:
    plain = _without_marks(unicodedata.normalize("NFC", word))

    def replace(found: re.Match[str]) -> str:
        group = found[0]
        cyrillic = _latin_groups().get(group.lower(), group)  # letter case also joins `ı` to `i`
        if not group[0].isupper():
            return cyrillic
        return cyrillic.upper() if word.isupper() and len(word) > 1 else cyrillic.capitalize()

    return _latin_pattern().sub(replace, plain)


def kazakh_cyrillic(text: str) -> str:
    """Kazakh in a Latin alphabet (2018, 2021) read back into lower-case Cyrillic: `Qazaqstan` → `қазақстан`."""
    out = unicodedata.normalize("NFC", text).casefold()
    for latin, cyrillic in _kazakh_letters():
        out = out.replace(latin, cyrillic)
    return out


def latin_slug(text: str) -> str:
    """Lower-case ASCII words of the text joined by hyphens, fit for an id: `Оспанова Б.К.` → `ospanova-b-k`."""
    plain = _without_marks(_marked_letters(to_latin(text).lower()))
    return "-".join(_SLUG_WORD.findall(_APOSTROPHE.sub("", plain)))


@lru_cache(maxsize=65536)
def key(text: str) -> str:
    """The comparison key of one name or name part: lower-case ASCII letters and digits without separators.

    Invariant under case, spacing, hyphens, apostrophes and the spellings named at the top of this module, and
    idempotent: `key(key(x)) == key(x)`. Empty where the text has no letter or digit.
    """
    plain = _NO_KEY.sub("", text.lower() if text.isascii() else _latin_letters(text))
    before = ""
    while before != plain:
        before = plain
        for pattern, replacement, opening in _folds():
            if opening in plain:
                plain = pattern.sub(replacement, plain)
    return plain


def _latin_letters(text: str) -> str:
    """Lower-case plain letters for those of the text, each word in one script; the rest stays."""
    # Composing first, folding the case and composing again: a capital with a mark must meet its small letter.
    lowered = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text).casefold())
    unmixed = " ".join(one_script(word) for word in re.split(r"[\W_]+", lowered) if word)
    # The Kazakh alphabet of 2018 writes the Cyrillic у after a vowel as ý, which elsewhere is a kind of y.
    unmixed = re.sub(r"(?<=[aáeéuú])ý", "u", unmixed)
    letters = _cyrillic_letters()
    folded = _marked_letters(unmixed)
    return _without_marks("".join(letters.get(character, character) for character in folded))


@lru_cache(maxsize=65536)
def skeleton(text: str) -> str:
    """The consonants of the key, an opening vowel written as `a`: one for `Жүсіпбек`, `Zhusupbek` and `Жусипбек`.

    Coarser than the key: vowels differ between Kazakh, Russian and English spellings of one name.
    """
    plain = key(text)
    bare = plain[1:].translate(_NO_VOWELS)
    first = "a" if plain[:1] in ("a", "e", "i", "o", "u") else plain[:1]
    return _DOUBLED.sub(r"\1", first + bare)


def close(one: str, other: str, most: int = 1) -> bool:
    """Whether two keys are at most so many single-letter edits apart (a swap of neighbours counts as one)."""
    if one == other:
        return True
    if abs(len(one) - len(other)) > most:
        return False
    return _one_edit(one, other) if most == 1 else edits(one, other) <= most


def _one_edit(one: str, other: str) -> bool:
    """Whether one edit turns one text into another whose length differs by one at most."""
    at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    if len(one) != len(other):
        short, long = sorted((one, other), key=len)
        return short[at:] == long[at + 1 :]
    changed, swapped = other[at + 1 :], one[at + 1 : at + 2] + one[at] + one[at + 2 :]
    return one[at + 1 :] == changed or swapped == other[at:]


@lru_cache(maxsize=32768)
def edits(one: str, other: str) -> int:
    """The fewest insertions, deletions, changes and swaps of neighbours that turn one text into the other."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, left in enumerate(one, 1):
        older, before, row = before, row, [i]
        for j, right in enumerate(other, 1):
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (left != right))
            if i > 1 and j > 1 and left == other[j - 2] and one[i - 2] == right:
                best = min(best, older[j - 2] + 1)
            row.append(best)
    return row[-1]


def one_script(word: str) -> str:
    """A lower-case word in one script: letters of the other that only look right are replaced."""
    if word.isascii() and word.isalpha():
        return word
    if _CYRILLIC.search(word) and _LATIN.search(word):
        to_cyrillic_letter = is_cyrillic(word)
        pairs = ((latin, cyrillic) for latin, cyrillic in knowledge.table(knowledge.COMMON, "lookalikes"))
        return word.translate({ord(a if to_cyrillic_letter else b): (b if to_cyrillic_letter else a) for a, b in pairs})
    return word


def _without_marks(text: str) -> str:
    if text.isascii():
        return text
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def _marked_letters(text: str) -> str:
    return text if text.isascii() else text.translate(_key_letters())


@cache
def _key_letters() -> dict[int, str]:
    return {ord(letter): latin for letter, latin in knowledge.table(knowledge.COMMON, "key_letters")}


@cache
def _cyrillic_letters() -> dict[str, str]:
    entries = knowledge.table(knowledge.COMMON, "cyrillic_latin")
    return {letter: "" if latin == _NOTHING else latin for letter, latin in entries}


@cache
def _kazakh_letters() -> tuple[tuple[str, str], ...]:
    entries = ((e[0], e[1]) for e in knowledge.table("kk", "latin_letters"))
    return tuple(sorted(entries, key=lambda pair: -len(pair[0])))


@cache
def _latin_groups() -> dict[str, str]:
    return {entry[0]: entry[1] for entry in knowledge.table(knowledge.COMMON, "latin_cyrillic")}


@cache
def _latin_pattern() -> re.Pattern[str]:
    groups = sorted(_latin_groups(), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, groups)), re.IGNORECASE)


@cache
def _folds() -> tuple[tuple[re.Pattern[str], str, str], ...]:
    """(pattern, replacement, letters that every match opens with: most texts are without, which is soon seen)."""
    found = []
    for pattern, replacement in knowledge.table(knowledge.COMMON, "key_folds"):
        opening = None if "|" in pattern else _OPENING.match(pattern)
        plain = "" if replacement == _NOTHING else replacement
        found.append((re.compile(pattern), plain, opening[0] if opening else ""))
    return tuple(found)
