"""Person names taken apart: family, given, patronymic, initials, generation; what a written form may mean.

`parse` gives the likeliest reading, `readings` all that deserve to be weighed against other mentions: `Бекет Дулат`
may be Dulat Beket or Beket Dulat, `Исабекова` a woman or a man in the genitive, a lone `Roza` a given name.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from msgspec.structs import replace

from pipeline.normalisation import declension
from pipeline.normalisation.name_words import (
    capital_particles,
    families_like_patronymics,
    families_that_come_first,
    father_stems,
    given_gender,
    has_surname_ending,
    is_given,
    is_patronymic,
    particles,
    patronymic_gender,
    patronymic_stem,
    patronymic_word,
    suffixes,
)
from pipeline.normalisation.names_in_cases import in_nominative
from pipeline.normalisation.person_name import Name, gender_of, initial_of
from pipeline.normalisation.transliteration import key
from pipeline.normalisation.written import restored, tidy_name

__all__ = ["Name", "parse", "readings"]


def parse(text: str, language: str = "en") -> Name:
    """The likeliest reading of a written name; an empty `Name` where there is nothing to read."""
    return readings(text, language)[0]


@lru_cache(maxsize=16384)
def readings(text: str, language: str = "en") -> tuple[Name, ...]:
    """All readings of a written name, likeliest first; at least one."""
    written, nickname = tidy_name(text)
    if not any(character.isalpha() for character in written):
        return (Name(),)
    found = [replace(n, nickname=nickname) if nickname else n for n in _read(written, language)]
    unique = tuple(dict.fromkeys(found))
    return unique or (Name(),)


class _Token(NamedTuple):
    text: str
    kind: str  # word, initial, patronymic, suffix
    capitals: bool = False


_SON_OF = re.compile(r"(?P<given>[^.,]+?)\s(?P<of>(?P<word>bin|binti|bint|ibn)\s[^-]+)\Z")
_INITIAL = re.compile(r"[^\W\d_](?:[^\W\d_]{0,2}\.|\Z)")
_SPLIT = re.compile(
    r"(?<=[^\W\d_]\.)-?(?=[^\W\d_])|\s+"
    r"|(?<=[a-zа-яёәғқңөұүһі]{3})(?=[A-ZА-ЯЁӘҒҚҢӨҰҮІ]\.)"  # `OspanovaB.K.`
)


def _tokens(part: str) -> list[_Token]:
    """The words of one comma-free part of a name with what each is."""
    pieces = [p for p in _SPLIT.split(part) if p]
    # `Serikbai uly` and `Farhad gizi` are one patronymic.
    merged: list[str] = []
    for piece in pieces:
        if merged and patronymic_word().match(piece.lower()) and len(merged[-1]) > 2:
            merged[-1] += " " + piece
        else:
            merged.append(piece)
    mixed = any(not p.isupper() and len(p.strip(".")) > 1 for p in merged)
    return [_token(piece, at == 0, mixed) for at, piece in enumerate(merged)]


@lru_cache(maxsize=32768)
def _token(piece: str, first: bool, mixed: bool) -> _Token:
    """What a piece of a name is; `mixed` says that not all of the name is in capitals."""
    bare = piece.strip(".,").lower()
    if not first and bare in suffixes():
        return _Token(suffixes()[bare], "suffix")
    if _INITIAL.fullmatch(piece) or (len(piece) == 1 and piece.isalpha()):
        return _Token(piece.rstrip("."), "initial")
    if is_patronymic(piece):
        return _Token(piece, "patronymic", mixed and piece.isupper())
    return _Token(piece.rstrip("."), "word", mixed and piece.isupper() and len(piece) > 1)


def _read(written: str, language: str) -> list[Name]:
    """Readings of a tidy name, likeliest first."""
    parts = [p.strip() for p in written.split(",") if p.strip()]
    if not parts:
        return []
    suffix = ""
    while len(parts) > 1 and parts[-1].strip(".").lower() in suffixes():
        suffix = suffixes()[parts.pop().strip(".").lower()]
    if len(parts) > 1:
        family, rest = parts[0], _tokens(" ".join(parts[1:]))
        suffix = suffix or next((t.text for t in rest if t.kind == "suffix"), "")
        given = [t.text for t in rest if t.kind == "word"]
        patronymic = next((t.text for t in rest if t.kind == "patronymic"), "")
        return [_name(family, given, patronymic, _initials(rest), suffix)]
    son = _SON_OF.match(parts[0])
    if son:  # `Abdul Aziz bin Abdul Rahman`: no family name
        given = restored(son["given"]).split()
        patronymic = son["of"]
        initials = (*(initial_of(g) for g in given), initial_of(patronymic.split()[1]))
        return [Name("", " ".join(given), patronymic, initials, suffix, "", "f" if "t" in son["word"] else "m")]
    tokens = _tokens(parts[0])
    suffix = suffix or next((t.text for t in tokens if t.kind == "suffix"), "")
    tokens = _with_particles([t for t in tokens if t.kind != "suffix"])
    out: list[Name] = []
    for family, given, patronymic, certain, first in _orders(tokens):
        initials = _initials(_in_order(tokens, family, patronymic))
        out += in_nominative(_name(family, given, patronymic, initials, suffix, certain, first), language)
    if len(tokens) == 1 and out and out[0].family and not has_surname_ending(out[0].family):
        # `Абайдың`: what was no given name as written is one in the nominative.
        out.sort(key=lambda n: not (n.given and is_given(n.given)))
    return out


def _with_particles(tokens: list[_Token]) -> list[_Token]:
    """Particles joined to the family name that follows them, which `capitals` then marks as the family."""
    out: list[_Token] = []
    pending: list[str] = []
    family_leads = bool(tokens) and key(tokens[0].text) in families_that_come_first()
    for at, token in enumerate(tokens):
        lower = token.text.lower()
        small = token.text[:1].islower()
        last = at == len(tokens) - 1
        if lower in ("y", "и") and small and out and not last and not pending and out[-1].kind == "word":
            pending = [out.pop().text, token.text]  # `Ortega y Gasset`
        elif (
            token.kind == "word"
            and not last
            and (small or not family_leads)  # `Nguyen Van Hung`
            and lower in particles()
            and (small or lower in capital_particles())
            and (
                small
                or at > 0
                or (len(tokens) > at + 1 and tokens[at + 1].text.lower() in particles())
                or len(tokens) == 2
            )
        ):
            pending.append(token.text)
        elif pending:
            out.append(_Token(" ".join([*pending, token.text]), "word", True))
            pending = []
        else:
            out.append(token)
    return out


_Order = tuple[str, list[str], str, bool, bool]


def _orders(tokens: list[_Token]) -> list[_Order]:
    """Likely assignments of the tokens: family, given names, patronymic, certain, family first by custom."""
    words = [t for t in tokens if t.kind == "word"]
    patronymics = [t for t in tokens if t.kind == "patronymic"]
    initials = [t for t in tokens if t.kind == "initial"]
    texts = [w.text for w in words]
    if initials and not words and len(patronymics) == 1:
        return [(patronymics[0].text, [], "", True, False)]
    if patronymics and words:
        return _with_patronymic(words, patronymics, tokens)
    if patronymics:  # a patronymic alone, or a family name that looks like one
        text = " ".join(p.text for p in patronymics)
        return [(text, [], "", False, False), ("", [], text, False, False)]
    if not words:
        return [("", [], "", True, False)]
    if len(words) == 1:
        if initials:
            # An initial after the name of a person otherwise known by the given name (`Ngaire M.`) is the rarer case.
            return [(texts[0], [], "", True, False)]
        known = is_given(texts[0]) and _family_score(words[0]) <= 0
        orders: list[_Order] = [(texts[0], [], "", False, False), ("", [texts[0]], "", False, False)]
        return orders[::-1] if known else orders
    return _several_words(words, tokens, bool(initials))


def _with_patronymic(words: list[_Token], patronymics: list[_Token], tokens: list[_Token]) -> list[_Order]:
    """Orders for names in which a word has the form of a patronymic."""
    at = tokens.index(patronymics[-1])
    patronymic = patronymics[-1].text
    texts = [w.text for w in words]
    if len(patronymics) > 1:  # `Abramovich Roman Petrovich`: the first is a family name
        if tokens[0].kind == "patronymic":
            return [(patronymics[0].text, texts, patronymic, True, False)]
        return [(patronymics[-1].text, texts, patronymics[0].text, True, False)]
    if len(words) == 1:
        first = words[0].text
        as_patronymic: _Order = ("", [first], patronymic, False, False)
        as_family: _Order = (patronymic, [first], "", False, False)
        if patronymics[-1].capitals or (any(t.kind == "initial" for t in tokens)):
            return [as_family]
        if at == 0 or _surname_rather(first, patronymic) or key(patronymic) in families_like_patronymics():
            return [as_family, as_patronymic]
        if _family_score(words[0]) >= 2 and not given_gender(first):
            return [(first, [], patronymic, False, False), as_patronymic]
        return [as_patronymic, as_family]
    if at == len(tokens) - 1:  # family given patronymic
        if words[0].capitals or not words[-1].capitals:
            return [(texts[0], texts[1:], patronymic, True, False)]
        return [(texts[-1], texts[:-1], patronymic, True, False)]
    before = [t.text for t in tokens[:at] if t.kind == "word"]
    after = [t.text for t in tokens[at + 1 :] if t.kind == "word"]
    if not before:
        return [(patronymic, after, "", False, False)]
    return [(" ".join(after) or texts[-1], before, patronymic, True, False)]


def _several_words(words: list[_Token], tokens: list[_Token], has_initials: bool) -> list[_Order]:
    """Orders for two words and more without a patronymic."""
    texts = [w.text for w in words]
    if has_initials:
        if tokens[0].kind == "initial":  # `J. von Neumann`, `C. Boateng Ansah`, `H. Theodore Pettibone`
            known = len(texts) > 1 and given_gender(texts[0]) and not words[0].capitals
            return [(texts[-1], texts[:-1], "", True, False)] if known else [(" ".join(texts), [], "", True, False)]
        if tokens[-1].kind == "initial":
            if len(texts) == 2 and not words[0].capitals and (words[1].capitals or given_gender(texts[0])):
                return [(texts[1], texts[:1], "", False, False)]
            return [(" ".join(texts[:-1]) or texts[-1], texts[-1:], "", False, False)]
        return [(texts[-1], texts[:-1], "", True, False)]
    caps = [w.capitals for w in words]
    if any(caps) and not all(caps):
        family = [w.text for w in words if w.capitals]
        given = [w.text for w in words if not w.capitals]
        asian = caps[0] and key(texts[0]) in families_that_come_first() and not given_gender(texts[-1])
        return [(" ".join(family), given, "", True, asian)]
    first, last = _family_score(words[0]), _family_score(words[-1])
    leads = key(texts[0]) in families_that_come_first()
    # Given names sound like family names too (`Пак Чжон Су`): of three words the first is taken at its word.
    asian = leads and (len(texts) <= 3 or key(texts[-1]) not in families_that_come_first())
    if asian and not any(is_given(t) for t in texts[1:]) and not last > 1:
        return [(texts[0], texts[1:], "", False, True), (texts[-1], texts[:-1], "", False, False)]
    given_first: _Order = (texts[-1], texts[:-1], "", last > first, False)
    family_first: _Order = (texts[0], texts[1:], "", first > last, False)
    if first > last:
        return [family_first, given_first]
    if len(texts) > 2:
        return [given_first, (" ".join(texts[-2:]), texts[:-2], "", False, False), family_first]
    return [given_first, family_first]


def _family_score(token: _Token) -> int:
    """How much a word looks like a family name rather than a given one."""
    score = 4 * token.capitals
    if has_surname_ending(token.text):
        score += 2
    if is_given(token.text):
        score -= 2
    if _TWO_SYLLABLES.fullmatch(token.text):
        score -= 3
    return score


#: Given names of two syllables as Korean and Chinese names are written in Latin letters: `Ki-moon`.
_TWO_SYLLABLES = re.compile(r"[A-Z][a-z]{1,5}-[a-z]{1,6}")


def _in_order(tokens: list[_Token], family: str, patronymic: str) -> list[_Token]:
    """The tokens that give initials, in order: given names and initials first, the patronymic last."""
    of_family = family.split()
    rest = [t for t in tokens if t.text != patronymic and not all(w in of_family for w in t.text.split())]
    return rest + ([_Token(patronymic, "patronymic")] if patronymic else [])


def _initials(tokens: list[_Token]) -> tuple[str, ...]:
    return tuple(
        t.text[:1].upper() + t.text[1:].lower() if t.kind == "initial" else initial_of(part)
        for t in tokens
        for part in (t.text.replace("-", " ").split() if t.kind == "word" else [t.text])
        if part[:1].isalpha()
    )


def _name(
    family: str, given: list[str], patronymic: str, initials: tuple[str, ...], suffix: str,
    certain: bool = True, family_first: bool = False,
) -> Name:  # fmt: skip
    family, first = restored(family), " ".join(map(restored, given))
    gender = (patronymic_gender(patronymic) if patronymic else "") or gender_of(family, given)
    return Name(family, first, restored(patronymic), initials, suffix, "", gender, certain, family_first)


_SON = re.compile(r"(?:вич(?:а|у|ем|е)?|vich)\Z")
_NO_FATHER = re.compile(r"(?:к[еа]вич|k[eai]e?vich)\Z")


def _surname_rather(given: str, word: str) -> bool:
    """Whether a word that ends like a patronymic and follows a given name alone is likelier a family name.

    It is no woman's patronymic (`Светлана Алексиевич`), or there is no father in it (`Hrynkevich`).
    """
    known = [form.gender for form in declension.russian_given(given) if form.known] or [given_gender(given)]
    if set(known) == {"f"} and _SON.search(word.lower()):
        return True
    return bool(_NO_FATHER.search(word.lower())) and patronymic_stem(word) not in father_stems()
