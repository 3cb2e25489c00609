"""How well characters above ASCII fit among their neighbours: the judge between old one-byte encodings.

Each is marked from -1 (impossible there) to 1 (at home), by its class and by what stands to its left and right: a
curly quote that opens a word, an accented letter inside a word of plain ones, a Cyrillic letter in a word of Cyrillic
ones. The mark of a text is the mean. The wrong encoding shows at once: koi8-r read as cp1251 turns the case of every
letter round, mac-roman read as cp1252 puts a capital Õ where an apostrophe stood.
"""

from __future__ import annotations

import unicodedata

_OPENING = "“‘«„‹"
_CLOSING = "”’»›"
_DASHES = "–—"
_PLAIN_SIGNS = "…•·©®™°№§£€\u00a0"
# The letters that make up 99 in 100 of a Russian text get their weight from how often they occur there (per
# mille, National Corpus of the Russian language, rounded); Kazakh and Ukrainian ones a middling weight.
_RUSSIAN = dict(
    zip("оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё",
        (110, 85, 80, 74, 67, 63, 55, 47, 45, 44, 35, 32, 30, 28, 26, 20, 19, 17, 17, 16, 16, 14, 12, 10, 9, 7, 6, 5,
         4, 3, 3, 1, 1), strict=True)
)  # fmt: skip
_KAZAKH_AND_UKRAINIAN = dict.fromkeys("әғқңөұүһіїєґў", 8)


def plausibility(text: str) -> float:
    """The mean mark of the characters above ASCII, from -1 to 1; 0 where there are none."""
    total, count = 0.0, 0
    padded = f" {text} "
    for i in range(1, len(padded) - 1):
        character = padded[i]
        if character > "\x7f":
            total += _mark(padded[i - 1], character, padded[i + 1])
            count += 1
    return total / count if count else 0.0


def _mark(left: str, character: str, right: str) -> float:
    if character in _OPENING or character in _CLOSING or character in _DASHES or character in _PLAIN_SIGNS:
        return _punctuation(left, character, right)
    if character in "¹²³½¼¾º‚":
        return 0.4  # rare, but real: a note mark, a fraction
    if not character.isalpha():
        return -1.0  # boxes, arrows, accents on their own, control characters
    if "\u0400" <= character <= "\u04ff":
        return _cyrillic(left, character, right)
    return _latin(left, character, right)


def _punctuation(left: str, character: str, right: str) -> float:
    before, after = _ends(left), right.isalnum()
    if character in "’" and left.isalpha() and right.isalpha():
        return 1.0
    if character in "»›«‹" and left.isspace() and right.isspace():
        return 0.7  # between the steps of a path through a website
    if character in _OPENING:
        return 1.0 if before and (after or not right.isspace()) else 0.2 if before or after else -0.6
    if character in _CLOSING:
        inside = left.isalnum() or left in ".,!?;:)…" or (not left.isspace() and left > "\x7f")
        return 1.0 if inside and not right.isalpha() else 0.2 if inside or not right.isalpha() else -0.6
    if character in _DASHES:
        alike = left.isspace() == right.isspace()
        return 1.0 if alike and not (left.isalpha() and right.isalpha() and right.islower()) else 0.4
    # A sign in the middle of a word is a letter of another encoding; a no-break space may stand anywhere else.
    if character == "\u00a0":
        return 0.4 if left.isalpha() and right.isalpha() else 0.95
    if left.isalpha() and right.isalpha():
        return -0.8
    return 0.7


def _ends(left: str) -> bool:
    """Whether a word may begin after this character."""
    return left.isspace() or left in "([{\"'-/|" or left in _OPENING or left in _DASHES


def _cyrillic(left: str, character: str, right: str) -> float:
    for neighbour in (left, right):
        if neighbour.isalpha() and not "\u0400" <= neighbour <= "\u04ff":
            return -1.0
    if character.islower() and right.isupper():
        return -0.8
    if character.isupper() and left.isalpha() and left.islower():
        return -0.8
    lower = character.lower()
    weight = _RUSSIAN.get(lower) or _KAZAKH_AND_UKRAINIAN.get(lower, 0)
    if not weight:
        return -0.5
    if not left.isalpha() and not right.isalpha():
        # Few words have one letter, and a lone capital is an initial or else a sign of another encoding.
        return 0.3 if (character in "аивксоуя" or right == ".") else -0.4
    return 0.6 + 0.4 * min(weight, 50) / 50


def _latin(left: str, character: str, right: str) -> float:
    if not unicodedata.name(character, "").startswith("LATIN"):
        return -1.0
    neighbours = [n for n in (left, right) if n.isalpha()]
    if neighbours and all(n > "\x7f" for n in neighbours):
        return -0.9  # a word of nothing but accents is a word of another alphabet
    if character.isupper():
        if left.isalpha() and left.islower():
            return -0.9
        if not neighbours:
            return -0.3
        # É at the start of a word, or in one of capitals.
        return 0.9
    if right.isupper() or not neighbours:
        return -0.8 if right.isupper() else -0.3
    if not left.isalpha():
        return 0.6  # words begin with an accent now and then (été)
    return 0.9 if character in "áàâäãåæçéèêëíìîïñóòôöõøœúùûüýÿßšžłń" else 0.5
