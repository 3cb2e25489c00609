"""Street addresses in a text: a street with the number of a house, a post box, what follows `Address:`, postcodes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import regex

from pipeline.cleaning.contacts import Contact, words
from pipeline.knowledge import COMMON, table

#: How far from an address its postcode may stand.
_NEAR = 90
#: White space with at most one line end; what stands further apart in a line is another column.
_GAP = r"(?:[^\S\r\n]*\r?\n[^\S\r\n]*|[^\S\r\n]{1,2})"
_LETTERS = r"\p{L}\p{M}’'"
_CODE_BEFORE = regex.compile(
    r"(?<![\d\p{L}])(?P<code>\d{6}|[A-Z]\d\d[A-Z]\d[A-Z]\d|(?<=^[^\S\r\n]*|:[^\S\r\n]*)\d{5})"
    r"(?:,|(?=\s+(?:\p{Lu}|г\.|с\.|п\.)))[^\d;!?]{0,80}\Z",
    regex.MULTILINE,
)
_CODE_AFTER = regex.compile(r"[^\d\r\n;!?]{0,60}?,?\s*(?P<code>\d{6}|[A-Z]\d\d[A-Z]\d[A-Z]\d)(?![\d\p{L}])")


def addresses(text: str) -> list[Contact]:
    """The street addresses and post boxes of a text, and the postcodes beside them; some may overlap."""
    found: list[Contact] = []
    for needed, pattern in _patterns():
        if not needed.search(text):
            continue
        spans = [m.span("address") for m in pattern.finditer(text)]
        found += [Contact(start, end, "address") for start, end in spans if regex.search(r"\d", text[start:end])]
    return [*found, *_postcodes(text, found)]


def _postcodes(text: str, found: list[Contact]) -> Iterator[Contact]:
    for address in found:
        low = max(0, address.start - _NEAR)
        if before := _CODE_BEFORE.search(text, low, address.start):
            yield Contact(before.start("code"), before.end("code"), "postcode")
        if after := _CODE_AFTER.match(text, address.end, min(len(text), address.end + _NEAR)):
            yield Contact(after.start("code"), after.end("code"), "postcode")


@cache
def _patterns() -> tuple[tuple[regex.Pattern[str], regex.Pattern[str]], ...]:
    """The patterns, each behind a quicker one without which it cannot be found."""
    before, after = (
        "|".join(sorted((w for w, where in table(COMMON, "street_words") if where in (side, "both")), key=len)[::-1])
        for side in ("before", "after")
    )
    house_word = rf"(?i:{words('house_words')})(?![{_LETTERS}])\.?[^\S\r\n]?"
    no_house = rf"(?!\s*-?(?i:{words('no_house_after')}))"
    # A bare number like a year is a house only behind a word that says so.
    part = rf"(?:-\p{{L}}(?![{_LETTERS}\d])|\s?\p{{L}}(?![{_LETTERS}.\d]))?(?:\s?[/-]\s?\d{{1,4}}\p{{L}}?(?![\w]))?"
    number = rf"\d{{1,4}}(?!\d){part}(?:-?[^\S\r\n]?үй\b)?"
    house = rf"(?:{house_word}(?:[№#]\s?)?{number}|(?:[№#]\s?)?(?!(?:1[5-9]|20)\d\d\b){number})(?!\d|[.,:]\d){no_house}"
    tail = rf"(?:,?{_GAP}?{house_word}(?:№\s?)?\d{{1,5}}(?:\p{{L}}(?![{_LETTERS}]))?(?:[/-]\d{{1,4}})?(?!\d))*"
    no_name = rf"(?!(?i:{words('street_no_names')}|{words('phone_leads')})\b)"
    # Initials and short forms have full stops; another word that has one ends the sentence before.
    proper = rf"{no_name}(?:\p{{Lu}}\p{{Ll}}{{0,3}}\.-?)*\p{{Lu}}(?:[{_LETTERS}-]*(?!\.\s)|[{_LETTERS}]{{0,4}}\.)"
    numbered = r"(?<![\d.,:])[1-9]\d{0,2}(?:-?\p{Ll}{1,7})?(?=[\s,])"
    joint = r"лет|жыл|имени|им\.|of|the|и|and|уулу|улы|ұлы|қызы|uulu|kyzy|uly"
    more = rf"(?:{_GAP}(?:{proper}|{numbered}|{joint})){{0,4}}?"
    name = rf"(?:{proper}|{numbered}){more}"
    no_letter = rf"(?<![{_LETTERS}\d])"
    led = (
        rf"{no_letter}(?i:{words('address_leads')})\s*:\s*(?P<address>[^\r\n\"“”«»;]{{5,140}}?"
        r"(?:,[^\S\r\n]*\r?\n[^\r\n\"“”«»;]{3,90}?)?)"
        rf"(?=[\r\n;|]|\Z|(?<=\p{{Ll}}{{5}}|\d)\.\s+\p{{Lu}}|[,.(\s]+(?i:{words('phone_leads')}|e-?mail|эл\b|www)\b)"
    )
    number_first = (
        # A number like a year is a house at the start of a line alone.
        rf"(?<![{_LETTERS}\d.,/:№-])(?P<address>(?:(?<=^[^\S\r\n]*)|(?!(?:1[5-9]|20)\d\d\b))"
        rf"\d{{1,4}}\p{{L}}?(?:[/-]\d{{1,4}})?{no_house},?[^\S\r\n]{{1,2}}(?=\p{{Latin}}|\d)"
        rf"(?:{proper}|\d{{1,3}}(?:st|nd|rd|th)){more}{_GAP}(?i:{after})(?![{_LETTERS}])\.?{tail})"
    )
    word_first = rf"{no_letter}(?P<address>(?i:{before})(?![{_LETTERS}])\.?{_GAP}?{name},?{_GAP}?{house}{tail})"
    word_and_house = rf"(?i:{after})(?![{_LETTERS}])\.?,?{_GAP}?{house}"
    name_first = rf"{no_letter}(?P<address>{name}{_GAP}{word_and_house}{tail})"
    post_box = rf"{no_letter}(?P<address>(?i:{words('post_boxes')})\.?\s*(?:№|No\.?|:)?\s*\d{{1,6}})(?!\d)"
    sources = (("", led), ("", number_first), ("", word_first), (rf"\s{word_and_house}", name_first), ("", post_box))
    return tuple((regex.compile(needed), regex.compile(source, regex.MULTILINE)) for needed, source in sources)
