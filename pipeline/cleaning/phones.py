"""Phone and fax numbers in a text: by the numbering plans, by a + before them, by the words that lead to them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import regex

from pipeline.cleaning.contacts import Contact, words
from pipeline.knowledge import COMMON, lines

#: The fewest digits of a number behind a word such as `tel.`, in one that is grouped, behind the word without a full
#: stop or colon; the most.
_FEWEST, _FEWEST_GROUPED, _FEWEST_BARE, _MOST = 4, 5, 6, 15
_S = r"[^\S\r\n]"
_H = r"[-–—]"
# Of groups that stand apart by hyphens, what follows a space (`32-11-22 14 October`) is no part.
_NUMBER = regex.compile(
    rf"(?:(?:\+?\d{{1,3}}(?:{_S}|{_H})?)?\({_S}?\+?\d[\d\s-]{{0,7}}\)(?:{_S}|{_H})?(?:\d{{1,4}}(?:[-–—.]|{_S})?){{0,4}}\d{{2,4}}"
    rf"|\d{{2,4}}(?:{_H}\d{{3}}{_S}|/\d{{3}}{_H})\d{{4}}"
    rf"|(?:\+?\d{{1,3}}(?:{_S}|{_H}))?(?:\d{{2,5}}{_S})?\d{{1,4}}(?:{_H}\d{{2,4}}){{1,4}}"
    rf"|\+?\d{{1,4}}(?P<sign>{_S}|\.)\d{{2,4}}(?:(?P=sign)\d{{2,4}}){{0,4}}"
    r"|\+?\d{4,11})(?!\d)"
)
_AND = regex.compile(rf"{_S}*(?:[,;/]|and|и|және){_S}*", regex.IGNORECASE)
_SHORT = regex.compile(r"/\d{1,4}(?![\d/])")
_ANYWHERE = regex.compile(
    # With a + before it, or an area code in brackets, it is one whether or not a plan knows it.
    rf"(?<![\w+])\+{_S}?\d(?:[\s().–-]{{0,3}}\d){{7,14}}(?!\d)"
    rf"|(?<![\d\p{{L}}])(?:\+?\d{{1,3}}(?:{_S}|-)?)?\((?!(?:1[5-9]|20)\d\d\))\d{{2,6}}\){_S}?\d{{1,4}}(?:[-–]\d{{2,4}}){{1,3}}(?!\d)"
    r"|(?<![\d\p{L}-])\d{2,3}-\d{3}-\d\d-\d\d(?![\d-])"  # grouped as nothing but the numbers of phones are
    r"|(?<=wa\.me/|[?&]phone=|tel:|number=)(?:\+|%2B)?\d{7,15}(?!\d)"
)
#: What a numbering plan can know has ten digits at least; looking for that first spares most texts the search.
_TEN_DIGITS = regex.compile(r"(?:\d\W{0,4}){9}\d")
_URL = regex.compile(r"(?:https?://|www\.)\S+")
_NO_NUMBER = regex.compile(
    r"\d{1,2}\.\d{1,2}\.(?:\d{4}|\d\d).*|(?:1[5-9]|20)\d\d(?:-\d\d-\d\d.*|[-–—](?:1[5-9]|20)\d\d)?"
)


def phones(text: str) -> list[Contact]:
    """The phone numbers of a text, the surest way of telling them first; some may overlap."""
    if not regex.search(r"\d\D{0,3}\d", text):
        return []
    found = [*_led(text), *((m.start(), m.end()) for m in _ANYWHERE.finditer(text))]
    in_urls, taken = bytearray(len(text)), bytearray(len(text))
    for url in _URL.finditer(text):
        in_urls[url.start() : url.end()] = b"\1" * (url.end() - url.start())
    found += [(start, end) for start, end in _planned(text) if not in_urls[start]]
    told = []
    for start, end in found:
        end = _with_extension(text, end)
        if taken.find(1, start, end) < 0:
            taken[start:end] = b"\1" * (end - start)
            told.append(Contact(start, end, "phone"))
    return told


def _planned(text: str) -> Iterator[tuple[int, int]]:
    """Where a number stands that a numbering plan knows."""
    if not _TEN_DIGITS.search(text):
        return
    import phonenumbers

    for region in lines(COMMON, "phone_regions"):
        matches = phonenumbers.PhoneNumberMatcher(text, region, leniency=phonenumbers.Leniency.VALID)
        for match in matches:
            if not _NO_NUMBER.fullmatch(match.raw_string):
                yield match.start, match.end


def _led(text: str) -> Iterator[tuple[int, int]]:
    """The numbers behind a word that leads to one, in lists such as `tel. 32-11-22, 32-11-24/26, fax 32-53-43`."""
    for lead in _lead().finditer(text):
        fewest = _FEWEST if regex.search(r"[.:№]", lead[0]) else _FEWEST_BARE
        at = lead.end()
        while (number := _NUMBER.match(text, at)) and _counts(number[0], fewest):
            yield number.span()
            at = number.end()
            while short := _SHORT.match(text, at):
                yield short.start() + 1, short.end()
                at = short.end()
            at = _with_extension(text, at)
            if (joint := _AND.match(text, at)) is None:
                break
            at = joint.end()


def _counts(number: str, fewest: int) -> bool:
    digits = sum(c.isdigit() for c in number)
    if regex.search(r"[-–—(+]", number):  # grouped as numbers of phones are
        fewest = _FEWEST_GROUPED
    return fewest <= digits <= _MOST and not _NO_NUMBER.fullmatch(number)


def _with_extension(text: str, end: int) -> int:
    extension = _extension().match(text, end)
    return extension.end() if extension else end


@cache
def _lead() -> regex.Pattern[str]:
    word = rf"(?:{words('phone_leads')})"
    return regex.compile(
        rf"(?<!\p{{L}}){word}(?!\p{{L}})(?:\.?{_S}*[/,&+-]?{_S}*{word}(?!\p{{L}}))?"
        # `Tel. of the press service: 32-11-22`
        rf"(?:\.?(?:{_S}[\p{{L}}-]+){{1,4}}:)?[.:№\s]{{0,4}}(?=[+(\d])",
        regex.IGNORECASE,
    )


@cache
def _extension() -> regex.Pattern[str]:
    return regex.compile(
        rf"{_S}*[,(]?{_S}*(?:{words('phone_extensions')})\.?{_S}*:?{_S}*\d{{1,5}}(?:-\d{{1,4}})?(?!\d)",
        regex.IGNORECASE,
    )
