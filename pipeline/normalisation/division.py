"""People and bodies of one document divided where somebody judged two of its mentions to be different.

Within a document the evidence groups mentions before any linking (`resolve_document`), and judgements are applied to
these groups. A judgement that tells apart two mentions of one group therefore divides the group first: every other
mention goes with the judged mention that is written like it, or, where that does not tell, with the one named last
before it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from msgspec.structs import replace

from pipeline.normalisation.institutions_within import group_institutions
from pipeline.normalisation.judgements import OF_TWO, Judgement, latest_first
from pipeline.normalisation.local import DocumentEntities, LocalInstitution, LocalPerson
from pipeline.normalisation.people_within import group_people

Local = TypeVar("Local", LocalPerson, LocalInstitution)
#: A verdict on the mentions that start at two places of one document.
_Ruling = tuple[str, int, int]


class Divided:
    """The documents, with those divided of which a judgement tells two mentions of one person or body apart.

    Only judgements that name both mentions by their places (`DOCUMENT:START`) in one document count; a later `same`
    or `undo` puts the parts together again that hold its two mentions. The order of documents and of lines does not
    matter. They can be read as often as those that they are made of.
    """

    def __init__(self, documents: Iterable[DocumentEntities], judgements: Iterable[Judgement]) -> None:
        self._documents = documents
        self._told = _by_document(judgements)

    def __iter__(self) -> Iterator[DocumentEntities]:
        for document in self._documents:
            rulings = self._told.get(document.document_id)
            yield _divided(document, rulings) if rulings else document


def _by_document(judgements: Iterable[Judgement]) -> dict[str, list[_Ruling]]:
    """Document → what was judged of two of its mentions, the oldest first."""
    told: dict[str, list[_Ruling]] = defaultdict(list)
    for judgement in reversed(latest_first(judgements)):
        if judgement.verdict in OF_TWO:
            one, other = (_place(at or name) for at, name in _sides(judgement))
            if one and other and one[0] == other[0] and one[1] != other[1]:
                told[one[0]].append((judgement.verdict, one[1], other[1]))
    return told


def _sides(judgement: Judgement) -> tuple[tuple[str, str], tuple[str, str]]:
    return (judgement.one_at, judgement.one), (judgement.other_at, judgement.other)


def _place(text: str) -> tuple[str, int] | None:
    """`DOCUMENT:START` taken apart; None for an id."""
    document, colon, start = text.rpartition(":")
    return (document, int(start)) if colon and start.isdecimal() else None


def _divided(document: DocumentEntities, rulings: Sequence[_Ruling]) -> DocumentEntities:
    people = [part for p in document.people for part in _person(p, rulings, document.language)]
    bodies: list[LocalInstitution] = []
    number_of: dict[int, list[int]] = {}  # numbers before → numbers of the parts
    for before, body in enumerate(document.institutions):
        parts = _body(body, rulings, document.language)
        number_of[before] = list(range(len(bodies), len(bodies) + len(parts)))
        bodies += parts
    return replace(
        document,
        people=tuple(
            replace(p, institutions=tuple(n for before in p.institutions for n in number_of[before])) for p in people
        ),
        institutions=tuple(replace(b, parent=number_of[b.parent][0] if b.parent >= 0 else -1) for b in bodies),
    )


def _person(person: LocalPerson, rulings: Sequence[_Ruling], language: str) -> list[LocalPerson]:
    """The parts of a person. What is known of roles and employers is not known by mention: every part keeps it."""
    parts = []
    for at in _parts(person, rulings):
        mentions = [(person.mentions[n], person.texts[n], person.starts[n]) for n in at]
        fullest = max(group_people(mentions, language), key=lambda g: (g.name.weight, -min(g.mentions)))
        parts.append(replace(_part(person, at), name=fullest.name, readings=fullest.readings))
    return parts or [person]


def _body(body: LocalInstitution, rulings: Sequence[_Ruling], language: str) -> list[LocalInstitution]:
    parts = []
    for at in _parts(body, rulings):
        mentions = [(body.mentions[n], body.texts[n], body.starts[n], body.starts[n] + len(body.texts[n])) for n in at]
        groups = group_institutions(mentions, language)
        fullest = max(groups, key=lambda g: (g.name.weight, -min(g.mentions)))
        names = tuple(name for g in groups for name in g.names)
        acronyms = tuple(sorted({a for g in groups for a in g.acronyms}))
        parts.append(replace(_part(body, at), name=fullest.name, names=names, acronyms=acronyms))
    return parts or [body]


def _part(local: Local, at: Sequence[int]) -> Local:
    return replace(
        local,
        texts=tuple(local.texts[n] for n in at),
        mentions=tuple(local.mentions[n] for n in at),
        starts=tuple(local.starts[n] for n in at),
    )


def _parts(local: LocalPerson | LocalInstitution, rulings: Sequence[_Ruling]) -> list[list[int]]:
    """The mentions (their numbers in the group) of each part; nothing where the group stays whole."""
    number = {start: n for n, start in enumerate(local.starts)}
    apart: set[tuple[int, int]] = set()
    for verdict, one, other in rulings:
        if one not in number or other not in number:
            continue
        pair = number[one], number[other]
        if verdict == "different":
            apart.add(pair)
            continue
        part_of = {n: p for p, part in enumerate(_split(local, apart)) for n in part}
        whole = {part_of[n] for n in pair} if part_of else set()
        apart = {(a, b) for a, b in apart if {part_of[a], part_of[b]} != whole}
    return _split(local, apart)


def _split(local: LocalPerson | LocalInstitution, apart: Iterable[tuple[int, int]]) -> list[list[int]]:
    foes: dict[int, set[int]] = defaultdict(set)
    for one, other in apart:
        foes[one].add(other)
        foes[other].add(one)
    parts: list[list[int]] = []
    for seed in sorted(foes):
        # Of several judged mentions those that nobody told apart stay together.
        home = next((p for p in parts if not foes[seed] & set(p)), None)
        if home is None:
            parts.append([seed])
        else:
            home.append(seed)
    seeds = [list(p) for p in parts]
    for n, (text, start) in enumerate(zip(local.texts, local.starts, strict=True)):
        if n in foes or not parts:
            continue
        alike = [p for p in range(len(parts)) if any(local.texts[s] == text for s in seeds[p])]
        near = alike if len(alike) == 1 else range(len(parts))
        # As with family names that stand alone: whom the text named last before, else whom it names next.
        best = min(near, key=lambda p: min((local.starts[s] > start, abs(local.starts[s] - start)) for s in seeds[p]))
        parts[best].append(n)
    return [sorted(p) for p in parts]
