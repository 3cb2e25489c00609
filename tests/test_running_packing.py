"""Packing: what is packed comes back, whatever its texts hold."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.normalisation import DocumentEntities
from pipeline.normalisation.institutions import InstitutionName
from pipeline.normalisation.institutions import parse as parse_institution
from pipeline.normalisation.local import LocalEvent, LocalInstitution, LocalPerson
from pipeline.normalisation.names import readings
from pipeline.running.packing import pack, plain_json, read_json, unpack

#: Texts with lone surrogates, which UTF-8 cannot hold.
texts = st.text(st.characters(codec=None, categories=None), max_size=8) | st.sampled_from(["\ud800", "a\udcffb", "Ы"])
plain: Any = st.recursive(
    texts | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | st.none() | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


def record(text: str) -> DocumentEntities:
    person, *others = readings("B. K. Ospanova", "en")
    body = parse_institution("National Library of the Republic of Kazakhstan", "en")
    return DocumentEntities(
        text, "en", "1998-11-24",
        (LocalPerson(person, (text,), (0, 3), ("director",), (0,), tuple(others), (5, 70)),),
        (LocalInstitution(body, (body,), ("nlrk",), (text,), (1,), -1, (30,)),),
        (LocalEvent(text, (2,)),),
        "rk",
    )  # fmt: skip


@given(texts)
def test_pack_gives_back_the_record_of_a_document(text: str) -> None:
    packed = pack(record(text))
    assert unpack(packed) == record(text)
    packed.encode()  # fit for the store


def test_pack_writes_sets_in_one_order() -> None:
    names = ["zeta", "alpha", "mu", "beta"]
    body = InstitutionName("x", names=frozenset(names))
    packed = pack(DocumentEntities("a", "en", institutions=(LocalInstitution(body, (body,), (), (), ()),)))
    assert plain_json(sorted(names)) in packed


@pytest.mark.parametrize("foreign", [("a", 1, (2.5, ("b",))), "text", ("\ud800",), ()])
def test_pack_gives_back_the_record_of_another_engine(foreign: Any) -> None:
    assert unpack(pack(foreign)) == foreign


@given(plain)
def test_plain_json_is_read_back(value: Any) -> None:
    assert read_json(plain_json(value)) == value


def test_plain_json_is_read_by_sqlite() -> None:
    with sqlite3.connect(":memory:") as base:
        (found,) = base.execute("SELECT json_extract(?, '$.a[1]')", (plain_json({"a": [1, 'Ы\n"q"']}),)).fetchone()
    base.close()
    assert found == 'Ы\n"q"'
