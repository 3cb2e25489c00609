"""A small stand-in for extraction and normalisation, with which a run can be tested in every detail."""

from __future__ import annotations

import os
import re
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from pipeline.normalisation import resolve_document
from pipeline.records import Affiliation, Extraction, Furniture, Mention, Report
from pipeline.running.engine import Engine

_NAMES = re.compile(
    r"(?P<PERSON>[A-Z][a-z]+ova [A-Z]\.)|(?P<ROLE>director|head|HEAD)|(?P<INSTITUTION>National Library)"
    r"|\"(?P<REPORT>[^\"]+)\"|(?P<DATE>\d{4}-\d\d-\d\d)"
)
LOW = 0.4
#: What this stand-in hands to its linker: the document and (number, label, name) of mentions.
Resolved = tuple[str, tuple[tuple[int, str, str], ...]]


@dataclass(frozen=True, slots=True)
class FakeRole:
    role_id: str
    label: str
    kind: str = "post"


@dataclass(frozen=True, slots=True)
class FakePerson:
    person_id: str
    name: str
    variants: tuple[str, ...]
    documents: int
    mentions: int
    family_name: str = ""
    given_name: str = ""
    patronymic: str = ""
    initials: str = ""
    first_date: str = ""
    last_date: str = ""
    authority_id: str = ""


class FakeEntities:
    """Every wording is an entity of its own, but for what stands between its words."""

    def __init__(self, documents: Iterable[Resolved]) -> None:
        self._ids: dict[tuple[str, int], str] = {}
        seen: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for document_id, names in documents:
            for index, label, name in names:
                self._ids[document_id, index] = slug(name)
                if label == "PERSON":
                    seen[slug(name)].append((name, document_id))
        self.people = [
            FakePerson(
                entity, found[0][0], tuple(dict.fromkeys(n for n, _ in found)), len({d for _, d in found}), len(found)
            )
            for entity, found in seen.items()
        ]
        self.institutions: list[FakePerson] = []

    def entity_id(self, document_id: str, mention_index: int) -> str:
        return self._ids.get((document_id, mention_index), "")


def slug(name: str) -> str:
    return re.sub(r"\W+", "-", name.lower()).strip("-")


def extraction(raw: str) -> Extraction:
    if "%BREAK%" in raw:
        raise ValueError("a text that\nbreaks it")
    if "%DIE%" in raw:
        os._exit(9)
    once = re.search(r"%ONCE (\S+)%", raw)  # ends its process the first time, of which this file tells
    if once and not os.path.exists(once[1]):
        open(once[1], "w").close()
        os._exit(9)
    if "%HANG%" in raw:
        time.sleep(600)
    if "%GROW%" in raw:
        held = bytearray(b"x" * 400_000_000)
        time.sleep(600)
        del held
    mentions = tuple(
        Mention(m.lastgroup, m.start(m.lastgroup), m.end(m.lastgroup), m[m.lastgroup], LOW if "ova Z" in m[0] else 0.9)
        for m in _NAMES.finditer(raw)
        if m.lastgroup
    )
    label = {i: m.label for i, m in enumerate(mentions)}
    spans = {i: (m.start, m.end) for i, m in enumerate(mentions)}
    affiliations = tuple(
        Affiliation(i, i + 1, i + 2 if label.get(i + 2) == "INSTITUTION" else None, spans[i][0], spans[i + 1][1], 0.8)
        for i in label
        if label[i] == "PERSON" and label.get(i + 1) == "ROLE"
    )
    reports = tuple(
        Report(i, i - 1 if label.get(i - 1) == "PERSON" else None, None, None, "report", None, *spans[i], 0.7)
        for i in label
        if label[i] == "REPORT"
    )
    furniture = tuple(Furniture(m.start(), m.end(), "phone") for m in re.finditer(r"TELEPHONE.*", raw))
    return Extraction(raw, "en", mentions, affiliations, reports, (), furniture)


def extract_many(raws: Iterable[str]) -> Iterator[Extraction]:
    return map(extraction, raws)


def resolve(made: Extraction, document_id: str, source_date: str = "") -> Resolved:
    wanted = ("PERSON", "INSTITUTION")
    return document_id, tuple((i, m.label, m.text) for i, m in enumerate(made.mentions) if m.label in wanted)


def make_engine(language: str, model: str = "fast") -> Engine:
    return Engine(
        extract_many,
        resolve,
        lambda mention, _language: mention.text.upper(),
        lambda text, _language: FakeRole(slug(text), text),
        lambda made, _source_date: next((m.text for m in made.mentions if m.label == "DATE"), ""),
    )


def make_linking_engine(language: str, model: str = "fast") -> Engine:
    """The same with the records that Rollcall's own linking takes."""
    return replace(make_engine(language, model), resolve=resolve_document)


def upper(part: bytes) -> bytes:
    """Stands for what is made of a part of a linking."""
    text = part.decode()
    if "%DIE" in text and f"{os.getpid()}" != text.partition("%DIE")[2]:
        os._exit(9)
    return text.upper().encode()


def link(documents: Iterable[Resolved]) -> FakeEntities:
    return FakeEntities(documents)
