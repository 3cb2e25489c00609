"""The reading room: an output folder → a static site in OUT/report, which opens from disk without a network."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from heapq import nsmallest
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pipeline.cleaning import mark, recurring
from pipeline.records import LABELS
from pipeline.reporting.entities import LABEL_OF, link
from pipeline.reporting.facts import ENTITIES, Facts, page_of, year
from pipeline.reporting.inked import inked, statement
from pipeline.reporting.lists import list_pages, starts
from pipeline.reporting.markup import joined, linked
from pipeline.reporting.pages import HOME, Pages, ReportError, Site, all_words, entities_meanwhile, words_of
from pipeline.reporting.searching import SearchIndex, script_of
from pipeline.reporting.sources import Record, learnt_furniture, raw_text, sentence_of, stretches
from pipeline.running.dossier import sentence_ends
from pipeline.tables import BY_NAME
from pipeline.tables.formats import documents, records
from pipeline.tables.read import check_output

#: Marks a folder as a reading room that may be replaced.
MARK = ".rollcall-report"
#: So many of the busiest, so many rows of a kind of quality.
BUSIEST, WORST = 12, 500
#: Statements less sure than this are counted as doubtful.
DOUBTFUL = 0.5
#: So many ties of people and institutions are drawn on the start page: more cannot be told apart.
TIES = 60
_KINDS = {label: kind for kind, label in LABEL_OF.items()}


@dataclass(slots=True)
class _Seen:
    """What the documents tell the start page and the page on quality."""

    totals: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    reports_by_year: Counter[str] = field(default_factory=Counter)
    quality: dict[str, list[tuple[str, str, str]]] = field(default_factory=dict)
    counted: Counter[str] = field(default_factory=Counter)
    unsure: list[tuple[float, str, str, str]] = field(default_factory=list)

    def found(self, section: str, name: str, page: str, said: str = "") -> None:
        self.counted[section] += 1
        rows = self.quality.setdefault(section, [])
        if len(rows) < WORST:
            rows.append((name, page, said))

    def doubt(self, confidence: float, said: str, page: str, name: str) -> None:
        self.totals["low"] += confidence < DOUBTFUL
        self.unsure.append((confidence, said, page, name))
        if len(self.unsure) > 20 * WORST:
            self.unsure = nsmallest(WORST, self.unsure)


def report(out: Path | str, *, interface: str = "en", jobs: int = 1) -> Path:
    """Write the reading room of an output folder; gives the path of its start page.

    Args:
        out: the folder that a run wrote.
        interface: the language the pages begin in: `en`, `ru` or `kk`. Each page can be switched.
        jobs: how many processes write pages of a large archive. A script that asks for more than one does so below
            `if __name__ == "__main__":`, since they import it.

    Raises:
        TablesError: when the folder holds no finished tables.
        ReportError: when a library is not installed, or `report` in the folder is something else.
    """
    folder = Path(out)
    check_output(folder)
    for library, called in (("jinja2", "jinja2"), ("vl_convert", "vl-convert-python")):
        if find_spec(library) is None:
            raise ReportError(f"The reading room needs {called}. Install it with `pip install rollcall[report]`.")
    target = folder / "report"
    if os.path.lexists(target) and not (target / MARK).is_file():
        raise ReportError(f"{target} is not a reading room that Rollcall wrote. Move it away first.")
    work = Path(tempfile.mkdtemp(prefix=".rollcall-work-report-", dir=folder))
    before = recurring.learnt()
    try:
        recurring.use(learnt_furniture(folder))
        _Room(folder, work, interface, jobs).make()
        (work / "report" / MARK).write_text("Written by Rollcall; replaced by the next `rollcall report`.\n")
        if target.exists():
            os.replace(target, work / "before")
        os.replace(work / "report", target)
    finally:
        recurring.use(before)
        shutil.rmtree(work, ignore_errors=True)
    return target / "index.html"


class _Room:
    def __init__(self, out: Path, work: Path, interface: str, jobs: int) -> None:
        words_of(interface)
        self.out, self.target, self.interface, self.jobs = out, work / "report", interface, jobs
        for name in ("d", *ENTITIES, "assets", "search"):
            (self.target / name).mkdir(parents=True)
        self.facts = Facts(work / "facts.sqlite")
        self.search = SearchIndex(work / "words.sqlite", self.target / "search")
        self.seen = _Seen()

    def make(self) -> None:
        try:
            for kind, (table, _) in ENTITIES.items():
                self.facts.add_entities(kind, records(self.out, BY_NAME[table]))
            found = {str(d["language"]) for d in records(self.out, BY_NAME["documents"]) if d["language"]}
            self.pages = Pages(Site(self.target, self.interface, tuple(sorted(found))))
            for document in documents(self.out, ("mentions", "affiliations", "reports", "events")):
                self._document(document)
            self.facts.complete()
            with entities_meanwhile(self.pages, self.facts, self.jobs):
                self._found()
                self._lists()
                self._quality()
                self._start()
                self._assets()
        finally:
            self.facts.close()

    def _document(self, d: Record) -> None:
        """Write a document's page, and keep the facts for the pages of entities."""
        page, when, language = page_of("d", d["document_id"]), year(d["date"]), d["language"] or ""
        name = _line(d["title"]) or d["document_id"]
        raw, why = raw_text(self.out, d)
        original = Path(d["path"])
        rows = [*map(self._affiliation, d["affiliations"]), *map(self._report, d["reports"])]
        ends = sentence_ends(raw) if raw else []
        cut = list(stretches(raw, d["mentions"], mark(raw))) if raw else []
        self.pages.write(
            "document.html", page, heading=name, d=d, why=why, rows=joined(rows), labels=LABELS,
            text=inked(cut, _page_of_mention, self.pages.shown), dim=any(s.furniture for s in cut),
            original=quote(os.path.relpath(original, self.out / "report" / "d")) if original.is_file() else "",
        )  # fmt: skip
        mentions = [
            (kind, m["entity_id"], m["mention_id"], *sentence_of(raw, m, ends))
            for m in d["mentions"] if m["entity_id"] and (kind := _KINDS.get(m["label"]))
        ]  # fmt: skip
        people = {m[1] for m in mentions if m[0] == "p"}
        row = (page, name, d["date"], when, language, len(people), len(d["mentions"]))
        self.facts.add_document(row, mentions, [*_said_of_roles(d), *_said_of_reports(d)])
        self._count(d, page, when, people)

    def _count(self, d: Record, page: str, when: str, people: set[str]) -> None:
        seen, language, name = self.seen, d["language"] or "", d["document_id"]
        seen.languages[language] += 1
        seen.totals.update(documents=1, affiliations=len(d["affiliations"]), events=len(d["events"]))
        if d["status"] != "ok":
            seen.found("failed_files" if d["status"] == "failed" else "empty_files", name, page, d["reason"] or "")
        elif d["reason"]:
            seen.found("partly", name, page, d["reason"])
        if d["status"] == "ok" and not people:
            seen.found("nobody", name, page)
        for r in {r["report_id"]: r for r in d["reports"]}.values():
            told = year(r["date"]) or when
            seen.totals["reports"] += 1
            seen.reports_by_year.update([told] if told else [])
            self.facts.add_talk(f"{page}#{r['title_mention']}", _line(r["title"]), told, language)
        for a in d["affiliations"]:
            said = f"{_line(a['person'])} · {_both(a['role'], a['institution'])}"
            seen.doubt(a["confidence"] or 0.0, said, f"{page}#{a['role_mention'] or ''}", name)
        for r in d["reports"]:
            said = " · ".join(filter(None, (_line(r["person"]), f"“{_line(r['title'])}”")))
            seen.doubt(r["confidence"] or 0.0, said, f"{page}#{r['title_mention'] or ''}", name)

    def _affiliation(self, a: Record) -> str:
        return statement(
            (a["person_mention"], a["role_mention"], a["institution_mention"]), a["confidence"],
            linked(link("p", a["person_id"]), a["person"]), linked(link("r", a["role_id"]), a["role"]),
            linked(link("i", a["institution_id"]), a["institution"]),
        )  # fmt: skip

    def _report(self, r: Record) -> str:
        place = self.facts.name("i", r["institution_id"])
        return statement(
            (r["title_mention"], r["person_mention"]), r["confidence"], linked(link("p", r["person_id"]), r["person"]),
            institution=linked(link("i", r["institution_id"]), place), title=r["title"],
        )  # fmt: skip

    def _found(self) -> None:
        """Fill the search: entities by their mentions, then roles, documents and reports."""
        search, facts = self.search, self.facts
        for kind, identifier, name, first, last, wordings, spoken in facts.ranked():
            search.add(kind, page_of(kind, identifier), name, [name, *wordings], year(first), year(last), spoken)
        for d in records(self.out, BY_NAME["documents"]):
            when, name = year(d["date"]), _line(d["title"]) or d["document_id"]
            wordings = [d["title"] or "", d["document_id"]]
            search.add("d", page_of("d", d["document_id"]), name, wordings, when, when, [d["language"] or ""])
        for page, title, when, language in facts.talks():
            search.add("t", page, title, [title], when, when, [language])
        search.finish()

    def _lists(self) -> None:
        self._list("documents", ("document", "date", "language", "people", "mentions"), self.facts.years(),
                   self.facts.documents())  # fmt: skip
        for kind, (word, _) in ENTITIES.items():
            columns = ("name", "mentions") if kind == "r" else ("name", "dates", "documents", "mentions")
            self._list(word, columns, self.facts.initials(kind), self.facts.entities(kind))

    def _list(self, word: str, columns: tuple[str, ...], groups: list[tuple[str, int]], rows: Any) -> None:
        for page in list_pages(word, groups, rows):
            called = self.pages.shown[word]
            self.pages.write("list.html", page.address, word=word, called=called, columns=columns, page=page)

    def _quality(self) -> None:
        seen = self.seen
        for sure, said, page, name in nsmallest(WORST, seen.unsure):
            seen.quality.setdefault("unsure", []).append((name, page, f"{said} ({sure:.2f})"))
        sections = [
            (w, seen.quality.get(w, []), seen.counted[w] or len(seen.quality.get(w, [])))
            for w in ("failed_files", "empty_files", "partly", "nobody", "unsure")
        ]
        self.pages.write("quality.html", "quality.html", word="quality", sections=sections)

    def _start(self) -> None:
        facts, seen = self.facts, self.seen
        years = facts.years()
        pages = starts("documents", years)
        busiest = [
            (word, [(name, page_of(kind, i), n) for i, name, n in facts.busiest(kind, BUSIEST)])
            for word, kind in (("busiest_people", "p"), ("busiest_institutions", "i"))
        ]
        ties = facts.ties(TIES)
        ends = sorted({("p", one) for one, _, _ in ties} | {("i", other) for _, other, _ in ties})
        nodes = {end: number for number, end in enumerate(ends)}
        self.pages.write(
            "start.html", "index.html", word="title", busiest=busiest, plots=True,
            counts=[
                ("documents", seen.totals["documents"], "documents.html"),
                *((word, facts.count(kind), f"{word}.html") for kind, (word, _) in ENTITIES.items()),
                ("affiliations_count", seen.totals["affiliations"], "roles.html"),
                ("reports", seen.totals["reports"], "#find?kind=t"),
                *((w, seen.counted[w], f"quality.html#{w}") for w in ("failed_files", "empty_files", "partly", "nobody")
                  if seen.counted[w] or w in ("failed_files", "nobody")),
                ("low", seen.totals["low"], "quality.html#unsure"),
            ],
            by_year=[[int(y), n, pages[y]] for y, n in years if y],
            undated=dict(years).get("", 0), undated_page=pages.get("", ""),
            reports_by_year=[[int(y), n, f"#find?kind=t&from={y}&to={y}"]
                             for y, n in sorted(seen.reports_by_year.items())],
            network={
                "nodes": [[facts.name(*end), end[0], page_of(*end)] for end in ends],
                "ties": [[nodes["p", one], nodes["i", other], n] for one, other, n in ties],
            },
            by_language=seen.languages.most_common(),
        )  # fmt: skip

    def _assets(self) -> None:
        for name in ("room.css", "room.js", "plots.js"):
            (self.target / "assets" / name).write_bytes((HOME / "assets" / name).read_bytes())
        (self.target / "assets" / "words.js").write_text(script_of("ROLLCALL_WORDS", all_words()), encoding="utf-8")
        (self.target / "assets" / "vega.js").write_text(_vega(), encoding="utf-8")


@cache
def _vega() -> str:
    """The script of Vega, which draws the plots, as the library carries it."""
    import vl_convert

    return vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")


def _line(text: str | None) -> str:
    return " ".join((text or "").split())


def _both(one: str | None, other: str | None) -> str:
    return ", ".join(filter(None, (_line(one), _line(other))))


def _page_of_mention(m: Record) -> str:
    return link(_KINDS.get(m["label"]), m["entity_id"])


def _said_of_roles(d: Record) -> list[tuple[Any, ...]]:
    """What a document says of roles, for the pages of the person, the institution and the role."""
    rows: list[tuple[Any, ...]] = []
    for a in d["affiliations"]:
        person, place, role = ("p", a["person_id"]), ("i", a["institution_id"]), ("r", a["role_id"])
        for (kind, who), words, other, anchor in (
            (person, _both(a["role"], a["institution"]), place, "person_mention"),
            (place, _both(a["person"], a["role"]), person, "institution_mention"),
            (role, _both(a["person"], a["institution"]), person, "role_mention"),
        ):
            if who:
                rows.append((kind, who, "affiliations", a["date"], words, *other, a[anchor]))
    return rows


def _said_of_reports(d: Record) -> list[tuple[Any, ...]]:
    return [
        (kind, r[column], "reports", r["date"] or d["date"], _line(r["title"]), None, None, r["title_mention"])
        for r in d["reports"] for kind, column in (("p", "person_id"), ("i", "institution_id")) if r[column]
    ]  # fmt: skip
