"""The columns of a linking over what is kept: of all documents the first time, of those there are in a further one."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import cast

import numpy as np

from pipeline.normalisation.columns import Before, Body, Columns, Earlier, before_of, pooled
from pipeline.normalisation.kept import Added, State, Table, ends
from pipeline.normalisation.local import DocumentEntities
from pipeline.normalisation.person_name import Name
from pipeline.normalisation.pools import Asked, Looked


def first_state(documents: Iterable[DocumentEntities], earlier: Earlier) -> tuple[State, Columns] | None:
    """The state before anything is decided, and its columns; None where no linking could go on from it.

    Args:
        documents: all of them, sorted by id. earlier: the ids that their mentions had before.
    """
    state = State()
    added = Added(state)
    listed: list[str] = []
    people: list[Before] = []
    bodies: list[Before] = []
    once: dict[Before, Before] = {}
    try:
        for document in documents:
            listed.append(document.document_id)
            added.add(document)
            of_people, of_bodies = earlier(document)
            for person in document.people:
                mine = before_of(person, of_people)
                people.append(once.setdefault(mine, mine))
            for body in document.institutions:
                mine = before_of(body, of_bodies)
                bodies.append(once.setdefault(mine, mine))
    except UnicodeEncodeError:  # a lone surrogate, which cannot be packed
        return None
    if not state.exact or len(set(listed)) < len(listed):
        return None
    state.begin(listed, added)
    columns = columns_of(state)
    columns.people.before, columns.bodies.before = people, bodies
    columns.parents = array("l", state.body["parent"].tolist())
    return state, columns


@contextmanager
def names_at_hand(state: State | None, columns: Columns) -> Iterator[None]:
    """While this lasts, the names of people are held, and not made each time that one is asked for."""
    if state is None:
        yield
        return
    looked, pool = (columns.names, columns.readings), dict[Hashable, Hashable]()
    made = [pooled(name, pool) for name in state.names.each()]
    columns.names = [made[n] for n in state.person["name"].tolist()]
    columns.readings = cast(
        list[tuple[Name, ...]],
        Looked(lambda n: tuple(made[name] for name in state.readings[n]), state.person["readings"]),
    )
    del pool
    yield
    columns.names, columns.readings = looked


@contextmanager
def bodies_at_hand(state: State | None, columns: Columns) -> Iterator[None]:
    """The same for what is compared of institutions."""
    if state is None:
        yield
        return
    looked, pool = columns.locals, dict[Hashable, Hashable]()
    made = [Body(pooled(body.name, pool), body.acronyms) for body in state.locals.each()]
    columns.locals = [made[n] for n in state.body["local"].tolist()]
    del pool, made
    yield
    columns.locals = looked


def columns_of(state: State) -> Columns:
    """The columns as the linking takes them, but for the earlier ids; what people are called is a number."""
    first = ends(state.document["people"])
    names = state.person["name"]
    hashes, number = np.unique(state.names.called.look(), return_inverse=True)
    text = Asked(lambda n: str(n) if hashes[n] else "", len(hashes))

    def called(d: int) -> tuple[str, ...]:
        return tuple(text[n] for n in number[names[first[d] : first[d + 1]]].tolist())

    of_document = Asked(called, len(state.documents))
    columns = Columns.of(
        state.documents, (state.document["people"], state.document["bodies"]),
        Looked(state.names.peek, names),
        Looked(lambda n: tuple(state.names[name] for name in state.readings[n]), state.person["readings"]),
        Looked(state.roles.__getitem__, state.person["roles"]),
        Looked(state.employers.__getitem__, state.person["employers"]),
        Looked(state.locals.peek, state.body["local"]), of_document,
        Looked(lambda d: frozenset(of_document[d]) - {""}, np.arange(len(state.documents))),
    )  # fmt: skip
    columns.dates = cast(list[str], Looked(state.dates.__getitem__, state.document["date"]))
    columns.homes = cast(list[str], Looked(state.homes.__getitem__, state.document["home"]))
    return columns


def texts_of(state: State, table: Table, groups: Iterable[Sequence[int]]) -> Iterator[Mapping[str, int]]:
    """How the members of groups of people, or of bodies, are written, and how often, group by group."""
    texts = table["texts"]
    for group in groups:
        yield Counter(text for unit in group for text in state.texts.peek(int(texts[unit])))
    state.texts.forget()
