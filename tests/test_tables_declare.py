"""The declaration of the tables: complete, consistent, and the source of the docs."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.tables import BY_NAME, TABLES, Table, markdown

#: The columns that the design promises.
PROMISED = {
    "documents": "document_id path sha256 media_type encoding language title date characters status reason",
    "mentions": "document_id mention_id label start end text normalised entity_id confidence",
    "affiliations": "document_id person_id role role_id institution_id date start end confidence",
    "reports": "document_id report_id title person_id institution_id event_id kind date start end confidence",
    "events": "document_id event_id title kind date place start end",
    "sections": "document_id section_id kind start end text reason",
    "people": "person_id name family_name given_name patronymic initials variants documents mentions first_date "
    "last_date authority_id",
    "institutions": "institution_id name kind named_after place part_of variants documents mentions authority_id",
    "roles": "role_id role kind mentions",
    "changes": "entity_id now change",
}


def test_declare_holds_every_promised_column() -> None:
    assert {t.name for t in TABLES} == set(PROMISED)
    for name, columns in PROMISED.items():
        assert set(columns.split()) <= set(BY_NAME[name].header)


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
def test_declare_is_consistent(table: Table) -> None:
    assert len(set(table.header)) == len(table.header)
    assert set(table.key) <= set(table.header)
    for column in table.columns:
        assert column.description.endswith("."), f"{column.name} wants a whole sentence"
        if column.references:
            other, name = column.references.split(".")
            assert name in BY_NAME[other].header


def test_declare_docs_are_up_to_date() -> None:
    written = (Path(__file__).parents[1] / "docs" / "tables.md").read_text(encoding="utf-8")
    assert written == markdown(), "write docs/tables.md anew from pipeline.tables.markdown()"
