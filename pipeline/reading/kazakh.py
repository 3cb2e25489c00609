"""Tells Kazakh in KZ-1048 from the languages that have other letters under the same bytes in Windows-1251.

Both encodings give Cyrillic letters, so that how letters fit among their neighbours says little: a Russian notice that
quotes the Macedonian letter ќ reads as well with a Kazakh қ in its place. What tells is words. Decoded wrongly, Kazakh
gives words that no language can have (ќарындасы, мўражай), or beginnings that only its own words have (`ќазаќ`).
"""

from __future__ import annotations

import re
from functools import cache

from pipeline.knowledge import COMMON, lines, table

#: The letters of Windows-1251 whose bytes are letters of Kazakh in KZ-1048.
TAKEN = "ЌЏЎЈҐЄЇЅќџўјґєїѕ"
#: The letters of Kazakh as Windows-1251 decodes those of KZ-1048.
_KAZAKH = frozenset("абвгдеёжзийклмнопрстуфхцчшщъыьэюяіќџўјґєїѕ")
_CYRILLIC = frozenset(map(chr, range(0x430, 0x460))) | {"ґ"}
_WORD = re.compile(r"[^\W\d_]+")
#: What none of those languages has: ў after a consonant (at the start of a word Belarusian has it, after one that ends
#: in a vowel), є before a hard vowel, ґ after consonants that it cannot follow, ѕ and ќ at the end of a syllable.
_IN_NONE = re.compile("(?<=[^аеёіоуыэюя])ў|є(?=[аоуўы])|(?<=[бгджкмпстхцчшщ])ґ|ѕ(?=[бгдлмпст])|(?<=[ыі])[ќѕ]")
#: Letters of Serbian and Macedonian that are no letters of Kazakh, in a word.
_SOUTH_SLAVIC = re.compile("(?:[а-яј][љњђћѓ]|[љњђћѓЉЊЂЋЃ][а-яј])")
#: A text with so many different letters would have any letter of its language that is common.
_MANY = 20
#: So many different words show Kazakh; one does where such words are this share of all.
_WORDS, _SHARE = 2, 0.2


def is_kazakh(text: str) -> bool:
    """Whether a text that was decoded as Windows-1251 shows that it is Kazakh, wholly or in part, in KZ-1048."""
    shown: set[str] = set()
    foreign = 0
    words = _WORD.findall(text)
    for word in words:
        if len(word) < 2 or not any(letter in word for letter in TAKEN):
            continue
        word = word.lower().replace("i", "і")  # typists without the Cyrillic letter took the Latin one
        if _shows(word):
            shown.add(word)
            if len(shown) >= _WORDS:
                return True
        else:
            foreign += 1
    return len(shown) > foreign and len(shown) >= _SHARE * len(words)


def is_other(text: str) -> bool:
    """Whether a text that was decoded as Windows-1251 shows that it is Ukrainian, Belarusian, Serbian or the like.

    By letters that only such languages have, or because it needs no others than one of them has.
    """
    if _SOUTH_SLAVIC.search(text):
        return True
    letters = frozenset(text.lower()) & _CYRILLIC
    return len(letters) >= _MANY and any(letters <= alphabet for alphabet in _alphabets())


def _shows(word: str) -> bool:
    """Whether a word is Kazakh that was decoded wrongly."""
    again = word.encode("cp1251", "replace").decode("kz1048")
    if again.startswith(lines("kk", "telling_beginnings")):
        return True
    # What is no word of any, such as one with letters of two alphabets, shows nothing.
    letters = frozenset(word)
    return letters <= _KAZAKH and (bool(_IN_NONE.search(word)) or not any(letters <= a for a in _alphabets()))


@cache
def _alphabets() -> tuple[frozenset[str], ...]:
    return tuple(frozenset(letters) for _, letters in table(COMMON, "cyrillic_alphabets"))
