"""What the pages of people, institutions and roles hold; long ones go on in further pages, so none grows too long."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape as escaped
from typing import Any

from pipeline.reporting.facts import Entity, Facts, Said, Sentence, page_of, year
from pipeline.reporting.markup import joined, linked

#: So many sentences, roles and reports a page of an entity; the others are on further pages.
ROWS = 500
#: So many wordings are shown of an entity.
WORDINGS = 100
#: Who is named together with an entity is counted in so many of its documents, and so many are shown.
MET_IN, MET = 200, 40
#: So many lines of a timeline can be told apart.
LINES = 24
#: The labels of the mentions of each kind of entity.
LABEL_OF = {"p": "PERSON", "i": "INSTITUTION", "r": "ROLE"}


def entity_pages(facts: Facts, kind: str, entity: Entity) -> Iterator[tuple[str, dict[str, Any]]]:
    """(address, what the template is given) of every page of an entity.

    Args:
        facts: what the documents told.
        kind: `p`, `i` or `r`.
        entity: the entity with what is told of it.
    """
    sentences = entity.sentences
    told = {what: [s for s in entity.said if s.what == what] for what in ("affiliations", "reports")}
    page = page_of(kind, entity.id)
    size = max(1, *(-(-count // ROWS) for count in (len(sentences), *map(len, told.values()))))
    pages = [page if n == 1 else f"{page.removesuffix('.html')}.{n}.html" for n in range(1, size + 1)]
    common = {
        "heading": entity.name, "named": len(sentences), "met": (),
        "pages": [(n, f"../{address}") for n, address in enumerate(pages, 1)] if size > 1 else [], "plots": False,
    }  # fmt: skip
    for number, address in enumerate(pages, 1):
        cut = slice((number - 1) * ROWS, number * ROWS)
        yield address, common | (_head(facts, kind, entity) if number == 1 else {}) | {
            "here": number, "first": cut.start + 1,
            "sentences": joined(_item(s, LABEL_OF[kind]) for s in sentences[cut]),
            "tables": [(what, len(rows), joined(map(_row, rows[cut]))) for what, rows in told.items()],
        }  # fmt: skip


def _head(facts: Facts, kind: str, entity: Entity) -> dict[str, Any]:
    """What stands on the first page alone."""
    moments, lines = timeline(entity.said) if kind != "r" else ([], 0)
    wordings = sorted(Counter(s.text for s in entity.sentences).items(), key=lambda told: (-told[1], told[0]))
    documents = len({s.page for s in entity.sentences})
    met = facts.met(entity.number, documents, MET_IN, MET) if kind != "r" and documents else []
    return {
        "about": [part for part in (entity.id, entity.what, entity.place) if part],
        "authority": entity.authority, "part_of": link("i", entity.part_of), "part_of_name": entity.part_of_name or "",
        "variants": joined(f"<li>{escaped(w)} <small>{n}</small></li>" for w, n in wordings[:WORDINGS]),
        "more": max(0, len(wordings) - WORDINGS),
        "met": [(word, joined(f"<li>{m.link} <small>{m.documents}</small></li>" for m in met if m.kind == of))
                for word, of in (("met", "p"), ("met_institutions", "i"))],
        "moments": moments, "lines": lines, "plots": bool(moments),
    }  # fmt: skip


def timeline(said: Sequence[Said]) -> tuple[list[list[Any]], int]:
    """The dots of a timeline, at most one a line and year, and how many lines there would be without a limit.

    A dot is [year, what, words, title of the document, address, how many statements it stands for]. Reports share a
    line, a role has its own. Where there is one moment only there is nothing to draw.
    """
    dated = [(when, s) for s in said if (when := year(s.date))]
    if len(dated) < 2:
        return [], 0
    counts = Counter(_line(s) for _, s in dated)
    shown = {line for line, _ in counts.most_common(LINES)}
    dots: dict[tuple[str, str], list[Any]] = {}
    for when, s in dated:
        if (line := _line(s)) in shown:
            dot = dots.setdefault((line, when), [int(when), s.what, s.words, s.title, _place(s), 0])
            dot[5] += 1
    return list(dots.values()), len(counts)


def link(kind: str | None, identifier: str | None) -> str:
    """The address of an entity from a page one folder down; empty where there is no entity."""
    return f"../{page_of(kind, identifier)}" if kind and identifier else ""


def _line(said: Said) -> str:
    return "" if said.what == "reports" else said.words


def _place(said: Said) -> str:
    return f"../{said.page}#{said.anchor}" if said.anchor else f"../{said.page}"


def _item(s: Sentence, label: str) -> str:
    """A mention in its sentence."""
    return (
        f'<li><a href="../{escaped(s.page)}#{escaped(s.anchor)}">{escaped(s.title)}</a> '
        f"<small>{escaped(s.date or '')}</small><br>{escaped(s.before)}"
        f'<mark class="{label}">{escaped(s.text)}</mark>{escaped(s.after)}</li>'
    )


def _row(s: Said) -> str:
    """What a document says, as a row of a table: date, words, document."""
    return (
        f"<tr><td>{escaped(s.date or '')}</td><td>{linked(link(s.other_kind, s.other), s.words)}</td>"
        f'<td><a href="{escaped(_place(s))}">{escaped(s.title)}</a></td></tr>'
    )
