"""Families: which documents are one text in several places."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.cleaning.families import VALUES, families, signature
from tests.twelve import TWELVE


def test_families_reprints_and_small_changes() -> None:
    text = " ".join(TWELVE[:4])
    texts = {
        "b": text,
        "a": text.upper().replace("\n", " "),
        "c": text.replace("director", "head") + " Printed on recycled paper.",
        "d": " ".join(TWELVE[4:8]),
        "e": TWELVE[0],
    }
    found = families({name: signature(t) for name, t in texts.items()})
    assert found == {"a": "a", "b": "a", "c": "a", "d": "d", "e": "e"}


def test_families_different_announcements_stay_apart() -> None:
    found = families({str(i): signature(t) for i, t in enumerate(TWELVE)})
    assert all(family == document for document, family in found.items())


def test_families_a_text_without_words() -> None:
    assert signature(" - \n") == b""
    assert families({"a": b"", "b": b""}) == {"a": "a", "b": "b"}


def test_signature_stays_the_same_from_run_to_run() -> None:
    assert signature("one two three four")[:8].hex() == SEEN


SEEN = "4364e1823ffe3687"


@given(st.text())
def test_signature_any_text(text: str) -> None:
    assert len(signature(text)) in (0, VALUES * 4)
    assert signature(text) == signature(text)
