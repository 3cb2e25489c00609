"""A linking of which parts are done elsewhere gives what one process gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from normalisation_made import tagged
from test_normalisation_again import SENTENCES

from pipeline.normalisation import DocumentEntities, Entities, apart, link, resolve_document
from pipeline.normalisation import institutions_across as bodies

texts = st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=4).map(" ".join)


def ids(entities: Entities, some: Iterable[DocumentEntities]) -> list[str]:
    return [entities.entity_id(d.document_id, m) for d in some for local in d.locals for m in local.mentions]


@pytest.mark.parametrize("large", [1, 2, 400])
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(archive=st.lists(texts, min_size=1, max_size=10))
def test_what_is_done_elsewhere_is_as_if_it_was_done_here(
    monkeypatch: pytest.MonkeyPatch, large: int, archive: list[str]
) -> None:
    for of, name, size in (
        (apart, "NAMES", 3), (apart, "PEOPLE", 4), (apart, "PAIRS", 5), (apart, "_BLOCK", large),
        (bodies, "LARGE", large),
    ):  # fmt: skip
        monkeypatch.setattr(of, name, size)
    asked: list[str] = []

    def elsewhere(make: Callable[[bytes], bytes], parts: Iterable[bytes]) -> Iterator[bytes]:
        made = {n: make(part) for n, part in reversed(list(enumerate(parts)))}  # in whatever order
        asked.extend([make.__name__] * len(made))
        yield from (made[n] for n in sorted(made))

    some = [resolve_document(tagged(text), f"{n:02}.txt") for n, text in enumerate(archive)]
    here = link(some, reasons=False, keep=True)
    there = link(some, reasons=False, keep=True, elsewhere=elsewhere)
    assert list(there.people) == list(here.people)
    assert list(there.institutions) == list(here.institutions)
    assert ids(there, some) == ids(here, some)
    assert there.state is not None and here.state is not None
    assert list(there.state.parts()) == list(here.state.parts()), "the next linking can go on from either"
    assert "keys" in asked or not any(d.people for d in some)
