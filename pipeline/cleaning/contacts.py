"""Contacts (phone numbers, mail and street addresses) of a text: found, and masked character for character.

What counts as one is told by the files of `pipeline/knowledge/data/common` that `LISTS` names. Masking never changes
the length of a text, and it leaves white space as it stands, so that offsets and lines stay true.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import regex

from pipeline.knowledge import COMMON, lines, table

Kind = Literal["phone", "mail", "address", "postcode"]
#: The kinds of contacts; a postcode counts on its own, since a city may stand between it and the street.
KINDS: tuple[Kind, ...] = ("phone", "mail", "address", "postcode")
#: What stands in the place of every character of a contact but white space.
MASK = "█"
#: The lists that say what a contact is.
LISTS = (
    "address_leads", "house_words", "mail_signs", "no_house_after", "phone_extensions", "phone_leads", "phone_regions",
    "post_boxes", "street_no_names", "street_words",
)  # fmt: skip


class ContactsError(Exception):
    """Contacts cannot be looked for; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact and where it stands in the text."""

    start: int
    end: int
    kind: Kind


def contacts(text: str) -> list[Contact]:
    """The contacts of a text, in text order; none overlaps another.

    Raises:
        ContactsError: when phonenumbers is not installed.
    """
    from pipeline.cleaning import addresses, phones

    check()
    found: list[Contact] = []
    taken = bytearray(len(text))
    for contact in (*mails(text), *phones.phones(text), *addresses.addresses(text)):
        # What was found first is the surer: of an address only what stands before a phone number is one.
        first = taken.find(1, contact.start, contact.end)
        kept = text[contact.start : contact.end if first < 0 else first].rstrip(" \t\r\n\f,;:.-–—(")
        if kept:
            end = contact.start + len(kept)
            found.append(Contact(contact.start, end, contact.kind))
            taken[contact.start : end] = b"\1" * len(kept)
    return sorted(found, key=lambda c: c.start)


def masked(text: str, found: Iterable[Contact]) -> str:
    """The text with every character of the contacts masked, white space excepted. It is as long as before."""
    pieces, at = [], 0
    for contact in found:
        hidden = "".join(c if c.isspace() else MASK for c in text[contact.start : contact.end])
        pieces += [text[at : contact.start], hidden]
        at = contact.end
    return "".join([*pieces, text[at:]])


def counted(found: Iterable[Contact]) -> dict[str, int]:
    """How many contacts of each kind, those that there are."""
    counts = Counter(contact.kind for contact in found)
    return {kind: counts[kind] for kind in KINDS if counts[kind]}


def mails(text: str) -> list[Contact]:
    """The mail addresses of a text."""
    if "@" not in text and not _signs().search(text):
        return []
    return [Contact(m.start(), m.end(), "mail") for m in _mail().finditer(text)]


def check() -> None:
    """Raise a ContactsError unless contacts can be looked for."""
    if find_spec("phonenumbers") is None:
        raise ContactsError("Masking contacts needs phonenumbers. Install it with `pip install rollcall[mask]`.")


def digest() -> str:
    """A digest of all that decides what is masked: this code, its lists with those of the user, the numbering plans."""
    from phonenumbers import __version__ as plans

    total = hashlib.sha256(f"phonenumbers {plans}".encode())
    for name in ("contacts", "phones", "addresses"):
        total.update(Path(__file__).with_name(f"{name}.py").read_bytes())
    for name in LISTS:
        total.update(f"{name} {table(COMMON, name)}".encode())
    return total.hexdigest()


def words(name: str) -> str:
    """The patterns of a list as one alternation, the longest first."""
    return "|".join(sorted(lines(COMMON, name), key=len, reverse=True))


@cache
def _signs() -> regex.Pattern[str]:
    return regex.compile(words("mail_signs"), regex.IGNORECASE)


@cache
def _mail() -> regex.Pattern[str]:
    # With white space around the sign only a domain in lower case counts, since `us @ Home` is none.
    sign = rf"(?:@\s?|\s?(?:{words('mail_signs')})\s?)"
    dot = r"(?:\.|\s?(?:\(dot\)|\[dot\]|\(точка\))\s?)"
    # A local part has 64 characters at most (RFC 5321); without the bound a long row of dots takes minutes.
    local, label = r"[\p{L}\d][\p{L}\d._%+-]{0,63}", r"[\p{L}\d](?:[\p{L}\d-]*[\p{L}\d])?"
    return regex.compile(
        rf"(?<![\p{{L}}\d@]){local}(?:(?i:{sign})|[^\S\r\n]@[^\S\r\n]?(?=\p{{Ll}})){label}(?:{dot}{label})*{dot}\p{{L}}{{2,}}"
    )
