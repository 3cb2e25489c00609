"""Documents made by hand for the tests of the normalisation."""

from __future__ import annotations

import re

from pipeline.records import Affiliation, Extraction, Mention

TAG = re.compile(r"\[([PIREDL])\s([^\]]*)\]")
LABEL = {"P": "PERSON", "I": "INSTITUTION", "R": "ROLE", "E": "EVENT", "D": "DATE", "L": "PLACE"}


def tagged(text: str, language: str = "en") -> Extraction:
    """An extraction from a text with tags: `[P B. Ospanova], [R director] of the [I Museum]`.

    A role belongs to the person tagged last before it, and to the institution right after it.
    """
    raw, mentions, affiliations, at = "", [], [], 0
    person = role = None
    for tag in TAG.finditer(text):
        raw += text[at : tag.start()]
        at = tag.end()
        mentions.append(Mention(LABEL[tag[1]], len(raw), len(raw) + len(tag[2]), tag[2]))
        raw += tag[2]
        if tag[1] == "P":
            person = len(mentions) - 1
        elif tag[1] == "R":
            role = len(mentions) - 1
        elif tag[1] == "I" and person is not None and role is not None:
            affiliations.append(Affiliation(person, role, len(mentions) - 1, 0, len(raw)))
            role = None
    return Extraction(raw + text[at:], language, tuple(mentions), tuple(affiliations))
