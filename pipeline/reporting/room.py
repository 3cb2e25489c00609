"""The reading room: an output folder → a static site in OUT/report, which opens from disk without a network."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pipeline.records import LABELS
from pipeline.reporting.searching import index_row, script_of
from pipeline.reporting.sources import Record, raw_text, sentence_of, stretches
from pipeline.tables.formats import documents, records
from pipeline.tables.read import check_output

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

#: Marks a folder as a reading room that may be replaced.
MARK = ".rollcall-report"
#: So many rows a list page, so many of the busiest, so many rows of a kind of quality.
PAGE, BUSIEST, WORST = 500, 12, 200
#: An entity's page lists so many sentences at most, and says how many there are.
SENTENCES = 500
#: Who is named together with an entity is counted in so many of its documents.
MET_IN = 200
_SAFE = re.compile(r"[a-z0-9][a-z0-9-]{0,99}\Z")
_YEAR = re.compile(r"(\d{4})\b")


class ReportError(Exception):
    """The reading room cannot be made; the message says what to do."""


@dataclass(slots=True)
class _Seen:
    """What the documents tell the pages that come after them."""

    index: list[list[Any]] = field(default_factory=list)
    by_year: Counter[str] = field(default_factory=Counter)
    reports_by_year: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    rows: list[tuple[str, str, list[Any]]] = field(default_factory=list)
    ties: Counter[tuple[str, str]] = field(default_factory=Counter)
    totals: Counter[str] = field(default_factory=Counter)
    failed: list[tuple[str, str, str]] = field(default_factory=list)
    empty: list[tuple[str, str, str]] = field(default_factory=list)
    nobody: list[tuple[str, str, str]] = field(default_factory=list)
    unsure: list[tuple[float, str, str, str]] = field(default_factory=list)


def report(out: Path | str, *, interface: str = "en") -> Path:
    """Write the reading room of an output folder; gives the path of its start page.

    Args:
        out: the folder that a run wrote.
        interface: the language the pages begin in: `en`, `ru` or `kk`. Each page can be switched.

    Raises:
        TablesError: when the folder holds no finished tables.
        ReportError: when jinja2 is not installed, or `report` in the folder is something else.
    """
    folder = Path(out)
    check_output(folder)
    if find_spec("jinja2") is None:
        raise ReportError("The reading room needs jinja2. Install it with `pip install rollcall[report]`.")
    target = folder / "report"
    if os.path.lexists(target) and not (target / MARK).is_file():
        raise ReportError(f"{target} is not a reading room that Rollcall wrote. Move it away first.")
    work = Path(tempfile.mkdtemp(prefix=".rollcall-work-report-", dir=folder))
    try:
        _Room(folder, work / "report", interface).make(work / "facts.sqlite")
        (work / "report" / MARK).write_text("Written by Rollcall; replaced by the next `rollcall report`.\n")
        if target.exists():
            os.replace(target, work / "before")
        os.replace(work / "report", target)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return target / "index.html"


def page_of(kind: str, identifier: str) -> str:
    """Where the page of a document (`d`), person (`p`) or institution (`i`) lies: the same from run to run."""
    safe = _SAFE.match(identifier)
    name = identifier if safe else sha256(identifier.encode("utf-8", "backslashreplace")).hexdigest()[:20]
    return f"{kind}/{name}.html"


def year(date: str | None) -> str:
    """The year of an EDTF date; empty where it has none."""
    found = _YEAR.match(date or "")
    return found[1] if found else ""


class _Room:
    def __init__(self, out: Path, target: Path, interface: str) -> None:
        home = resources.files("pipeline.reporting")
        self.home, self.out, self.target = home, out, target
        self.words = json.loads((home / "words.json").read_text(encoding="utf-8"))
        if interface not in self.words:
            raise ReportError(f"There is no interface in {interface!r}. Choose from {', '.join(self.words)}.")
        self.common: dict[str, Any] = {"words": self.words[interface], "interface": interface, "languages": []}
        self.env = _environment(str(home / "templates"))
        self.seen = _Seen()
        self.headers: dict[str, Markup] = {}
        self.entities: dict[str, tuple[str, Record]] = {}

    def make(self, facts: Path) -> None:
        for name in ("d", "p", "i", "assets"):
            (self.target / name).mkdir(parents=True)
        for table, kind in (("people", "p"), ("institutions", "i")):
            for row in records(self.out, _table(table)):
                self.entities[row[f"{'person' if kind == 'p' else 'institution'}_id"]] = (kind, row)
        self.common["languages"] = sorted({str(d["language"]) for d in records(self.out, _table("documents"))
                                           if d["language"]})  # fmt: skip
        base = sqlite3.connect(facts)
        try:
            base.execute("PRAGMA synchronous=OFF")
            base.execute("CREATE TABLE fact (entity, what, date, said, other, document, name, anchor)")
            for document in documents(self.out):
                base.executemany("INSERT INTO fact VALUES (?,?,?,?,?,?,?,?)", list(self._document(document)))
            base.execute("CREATE INDEX by_entity ON fact (entity)")
            base.execute("CREATE INDEX by_document ON fact (document, what, entity)")
            for identifier, (kind, row) in self.entities.items():
                self._entity(base, identifier, kind, row)
        finally:
            base.close()
        self._lists()
        self._quality()
        self._start()
        self._assets()

    def _write(self, template: str, path: str, **values: Any) -> None:
        from markupsafe import Markup

        root = "../" if "/" in path else ""
        if root not in self.headers:  # the same on every page at this depth
            self.headers[root] = Markup(self.env.get_template("header.html").render(**self.common, root=root))
        common = {"heading_word": "", "header": self.headers[root], "root": root} | self.common
        html = self.env.get_template(template).render(common | values)
        (self.target / path).write_bytes(html.encode("utf-8", "backslashreplace"))

    def _link(self, identifier: str | None, root: str = "../") -> str:
        if not identifier or identifier not in self.entities:
            return ""
        return root + page_of(self.entities[identifier][0], identifier)

    def _document(self, d: Record) -> Iterator[tuple[Any, ...]]:
        """Write a document's page; gives the facts for the pages of entities."""
        seen, page = self.seen, page_of("d", d["document_id"])
        name, when, language = d["title"] or d["document_id"], year(d["date"]), d["language"] or ""
        raw, why = raw_text(self.out, d)
        rows = [*map(self._affiliation, d["affiliations"]), *map(self._report, d["reports"])]
        original = Path(d["path"])
        self._write(
            "document.html", page, heading=name, d=d, why=why, rows=rows, labels=LABELS,
            cut=list(stretches(raw, d["mentions"])) if raw else [],
            original=quote(os.path.relpath(original, self.out / "report" / "d")) if original.is_file() else "",
            page_of=lambda m: self._link(m["entity_id"]),
        )  # fmt: skip
        seen.languages[language] += 1
        seen.totals.update(documents=1, affiliations=len(d["affiliations"]), events=len(d["events"]))
        seen.totals["reports"] += len({r["report_id"] for r in d["reports"]})
        seen.by_year.update([when] if when else [])
        people = {m["entity_id"] for m in d["mentions"] if m["label"] == "PERSON" and m["entity_id"]}
        seen.rows.append((name, page, [d["date"], language, len(people), len(d["mentions"])]))
        place = (d["document_id"], page)
        if d["status"] != "ok":
            (seen.failed if d["status"] == "failed" else seen.empty).append((*place, d["reason"] or ""))
        elif not people:
            seen.nobody.append((*place, ""))
        seen.index.append(index_row("d", page, name, [d["title"] or "", d["document_id"]], when, when, language))
        talks: set[str] = set()
        for r in d["reports"]:
            told = year(r["date"]) or when
            if r["report_id"] not in talks:
                talks.add(r["report_id"])
                seen.reports_by_year.update([told] if told else [])
                seen.index.append(index_row("r", f"{page}#{r['title_mention']}", r["title"], [r["title"]], told, told,
                                            language))  # fmt: skip
            for who in {r["person_id"], r["institution_id"]} - {None}:
                yield who, "reports", r["date"] or d["date"], r["title"], None, page, name, r["title_mention"]
        for a in d["affiliations"]:
            one, other = a["person_id"], a["institution_id"]
            if one and other:
                seen.ties[one, other] += 1
            said = ", ".join(" ".join(x.split()) for x in (a["role"], a["institution"]) if x)
            of = ", ".join(" ".join(x.split()) for x in (a["person"], a["role"]) if x)
            if one:
                yield one, "affiliations", a["date"], said, other, page, name, a["person_mention"]
            if other:
                yield other, "affiliations", a["date"], of, one, page, name, a["institution_mention"]
            seen.unsure.append((a["confidence"] or 0.0, f"{said} · {a['person'] or ''}", page, name))
        if len(seen.unsure) > 20 * WORST:
            seen.unsure = sorted(seen.unsure)[:WORST]
        for m in d["mentions"]:
            if m["entity_id"] in self.entities:
                yield (m["entity_id"], "mention", d["date"], sentence_of(raw, m), " ".join(m["text"].split()), page,
                       name, m["mention_id"])  # fmt: skip

    def _affiliation(self, a: Record) -> Record:
        marks = (a["person_mention"], a["role_mention"], a["institution_mention"])
        return a | {
            "title": "", "lights": " ".join(filter(None, marks)),
            "person_page": self._link(a["person_id"]), "institution_page": self._link(a["institution_id"]),
        }  # fmt: skip

    def _report(self, r: Record) -> Record:
        _, institution = self.entities.get(r["institution_id"] or "", ("", {}))
        return r | {
            "role": "", "institution": institution.get("name"),
            "lights": " ".join(filter(None, (r["title_mention"], r["person_mention"]))),
            "person_page": self._link(r["person_id"]), "institution_page": self._link(r["institution_id"]),
        }  # fmt: skip

    def _entity(self, base: sqlite3.Connection, identifier: str, kind: str, row: Record) -> None:
        from pipeline.reporting.plots import timeline

        facts = base.execute("SELECT what, date, said, other, document, name, anchor FROM fact WHERE entity = ? "
                             "ORDER BY date IS NULL, date, document, anchor", (identifier,)).fetchall()  # fmt: skip
        told: dict[str, list[tuple[Any, ...]]] = {"affiliations": [], "reports": []}
        sources: list[tuple[str, ...]] = []
        variants: Counter[str] = Counter()
        pages: dict[str, None] = {}
        moments: list[tuple[str, str, str]] = []
        for what, date, said, other, page, name, anchor in facts:
            address = f"../{page}" + (f"#{anchor}" if anchor else "")
            if what == "mention":
                variants[other] += 1
                pages[page] = None
                if len(sources) < SENTENCES:
                    sources.append((date, said, address, name))
            else:
                told[what].append((date, said, self._link(other), address, name))
                moments.append((year(date), said, name))
        some = list(pages)[:MET_IN]
        met = base.execute(
            "SELECT entity, COUNT(DISTINCT document) AS shared FROM fact WHERE what = 'mention' AND entity != ? "
            f"AND document IN ({','.join('?' * len(some))}) GROUP BY entity ORDER BY shared DESC, entity LIMIT 40",
            (identifier, *some),
        ).fetchall()
        self._write(
            "entity.html", page_of(kind, identifier), heading=row["name"] or identifier, e=row | {"id": identifier},
            variants=variants.most_common(), tables=list(told.items()), sources=sources,
            timeline=timeline(moments, row["name"] or identifier),
            met=[(self.entities[m][1]["name"] or m, self._link(m), shared) for m, shared in met],
        )  # fmt: skip
        self.seen.index.append(index_row(
            kind, page_of(kind, identifier), row["name"] or identifier, [row["name"] or "", *row["variants"]],
            year(row["first_date"]), year(row["last_date"]), "",
        ))  # fmt: skip

    def _lists(self) -> None:
        self._list("documents", ("document", "date", "language", "people", "mentions"), self.seen.rows)
        for word, kind in (("people", "p"), ("institutions", "i")):
            rows = [
                (row["name"] or k, page_of(kind, k), [row["first_date"], row["documents"], row["mentions"]])
                for k, (its, row) in self.entities.items() if its == kind
            ]  # fmt: skip
            rows.sort(key=lambda r: (r[0].casefold(), r[1]))
            self._list(word, ("name", "date", "documents", "mentions"), rows)

    def _list(self, word: str, columns: tuple[str, ...], rows: list[tuple[str, str, list[Any]]]) -> None:
        cuts = [rows[at : at + PAGE] for at in range(0, len(rows), PAGE)] or [[]]
        names = [f"{word}{f'-{n}' if n > 1 else ''}.html" for n in range(1, len(cuts) + 1)]
        labels = [f"{c[0][0][:12]} …" if c else "" for c in cuts]
        for here, cut in zip(names, cuts, strict=True):
            self._write("list.html", here, heading=self.common["words"][word], heading_word=word, columns=columns,
                        rows=cut, here=here, pages=list(zip(labels, names, strict=True)))  # fmt: skip

    def _quality(self) -> None:
        seen = self.seen
        unsure = [(name, page, f"{said} ({sure:.2f})") for sure, said, page, name in sorted(seen.unsure)[:WORST]]
        sections = [(w, rows[:WORST], len(rows)) for w, rows in (
            ("failed_files", seen.failed), ("empty_files", seen.empty), ("nobody", seen.nobody), ("unsure", unsure)
        )]  # fmt: skip
        self._write("quality.html", "quality.html", heading=self.common["words"]["quality"], heading_word="quality",
                    sections=sections)  # fmt: skip

    def _start(self) -> None:
        from pipeline.reporting.plots import bars, network

        seen, words = self.seen, self.common["words"]
        kinds = Counter(kind for kind, _ in self.entities.values())
        busiest = []
        for word, kind in (("busiest_people", "p"), ("busiest_institutions", "i")):
            rows = [(row["name"] or k, page_of(kind, k), row["mentions"] or 0)
                    for k, (its, row) in self.entities.items() if its == kind]  # fmt: skip
            busiest.append((word, sorted(rows, key=lambda r: (-r[2], r[0]))[:BUSIEST]))
        names = {k: (row["name"] or k, kind, page_of(kind, k)) for k, (kind, row) in self.entities.items()}
        self._write(
            "start.html", "index.html", heading=words["title"], heading_word="title", busiest=busiest,
            counts=[
                ("documents", seen.totals["documents"], "documents.html"), ("people", kinds["p"], "people.html"),
                ("institutions", kinds["i"], "institutions.html"),
                ("affiliations", seen.totals["affiliations"], "people.html"),
                ("reports", seen.totals["reports"], "documents.html"),
                ("failed_files", len(seen.failed), "quality.html#failed_files"),
                ("nobody", len(seen.nobody), "quality.html#nobody"),
            ],
            by_year=bars(seen.by_year, words["by_year"]), network=network(names, seen.ties, words["network"]),
            reports_by_year=bars(seen.reports_by_year, words["reports_by_year"]),
            by_language=seen.languages.most_common(),
        )  # fmt: skip

    def _assets(self) -> None:
        for name in ("room.css", "room.js"):
            (self.target / "assets" / name).write_bytes((self.home / "assets" / name).read_bytes())
        (self.target / "assets" / "words.js").write_text(script_of("ROLLCALL_WORDS", self.words), encoding="utf-8")
        from pipeline.reporting.searching import key_rules

        search = script_of("ROLLCALL_KEY", key_rules()) + script_of("ROLLCALL_INDEX", self.seen.index)
        (self.target / "assets" / "search.js").write_text(search, encoding="utf-8")


def _table(name: str) -> Any:
    from pipeline.tables import BY_NAME

    return BY_NAME[name]


def _environment(templates: str) -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(loader=FileSystemLoader(templates), autoescape=True, undefined=StrictUndefined,
                       auto_reload=False, trim_blocks=True)  # fmt: skip
