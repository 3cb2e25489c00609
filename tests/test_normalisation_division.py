"""Judgements that divide a person or a body inside one document."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.normalisation import Entities, Given, link, resolve_document
from pipeline.normalisation.judgements import Judgement
from pipeline.records import Extraction, Mention

#: Two cousins, one of whom the text never names in full.
COUSINS = "[Duncan Campbell] spoke. Later [Campbell] sang. Then came [D. Campbell], the cousin; [D. Campbell] left."
LIBRARIES = "The [City Library] opened. The [City Library] of the other town closed; the [Library] of that town waits."


def linked(text: str, judgements: list[Judgement], label: str = "PERSON") -> tuple[Entities, list[str]]:
    """The entities of one document with its mentions in brackets, and the id of each mention."""
    raw, mentions = "", []
    for part in re.split(r"(\[[^]]*\])", text):
        plain = part.strip("[]") if part.startswith("[") else part
        if part.startswith("["):
            mentions.append(Mention(label, len(raw), len(raw) + len(plain), plain))
        raw += plain
    entities = link([resolve_document(Extraction(raw, "en", tuple(mentions)), "a.txt")], Given(judgements))
    return entities, [entities.entity_id("a.txt", n) for n in range(len(mentions))]


def start(text: str, number: int) -> str:
    """The place of the n-th mention in brackets."""
    found = list(re.finditer(r"\[", text))[number]
    return f"a.txt:{found.start() - 2 * number}"


def judged(text: str, verdict: str, one: int, other: int, when: str = "2026-01-01") -> Judgement:
    return Judgement(verdict, start(text, one), start(text, other), when=when)


def test_a_person_is_divided_and_the_other_mentions_go_with_the_like_or_the_near_one() -> None:
    entities, ids = linked(COUSINS, [judged(COUSINS, "different", 0, 2)])
    assert not entities.problems
    assert len(set(linked(COUSINS, [])[1])) == 1
    assert ids[0] == ids[1] != ids[2] == ids[3]
    names = {person.id: (person.name, person.mentions, person.variants) for person in entities.people}
    assert names[ids[0]] == ("Duncan Campbell", 2, ("Campbell", "Duncan Campbell"))
    assert names[ids[2]] == ("D. Campbell", 2, ("D. Campbell",))


def test_a_body_is_divided_too() -> None:
    entities, ids = linked(LIBRARIES, [judged(LIBRARIES, "different", 0, 1)], "INSTITUTION")
    assert not entities.problems
    assert ids[0] != ids[1] == ids[2]


@pytest.mark.parametrize("verdict", ["undo", "same"])
@pytest.mark.parametrize(("one", "other"), [(0, 2), (3, 1)])
def test_a_later_line_on_any_mentions_of_the_parts_puts_them_together(verdict: str, one: int, other: int) -> None:
    lines = [judged(COUSINS, "different", 0, 2), judged(COUSINS, verdict, one, other, "2026-01-02")]
    entities, ids = linked(COUSINS, lines)
    assert len(set(ids)) == 1
    assert not entities.problems


def test_an_earlier_undo_does_not_hold_against_what_came_after() -> None:
    lines = [judged(COUSINS, "undo", 0, 2), judged(COUSINS, "different", 0, 2, "2026-01-02")]
    assert len(set(linked(COUSINS, lines)[1])) == 2


def test_a_mention_told_apart_from_itself_is_reported() -> None:
    (problem,) = linked(COUSINS, [judged(COUSINS, "different", 0, 0)])[0].problems
    assert "Name two mentions by their places" in problem


@given(st.permutations(range(3)), st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=3))
def test_the_order_of_lines_does_not_matter_and_no_mention_is_lost(
    order: list[int], pairs: list[tuple[int, int]]
) -> None:
    lines = [judged(COUSINS, "different", one, other, f"2026-01-0{n + 1}") for n, (one, other) in enumerate(pairs)]
    entities, ids = linked(COUSINS, lines)
    assert all(ids)
    assert sum(person.mentions for person in entities.people) == len(ids)
    assert all(ids[one] != ids[other] for one, other in pairs if one != other)
    assert linked(COUSINS, [lines[n] for n in order if n < len(lines)])[1] == ids
