"""What is decided at the desk: every decision is on the disk before it is answered, and can be taken back.

Corrections of what a document says go to corrections.csv, judgements of people and institutions to judgements.csv; the
desk keeps nothing of its own, so that a crash or a closed tab loses nothing.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from pipeline.normalisation.judgements import Judgement, read_judgements
from pipeline.reading import MARKER, InputError
from pipeline.records import LABELS, Extraction
from pipeline.reporting.desk.rows import Rows, Waiting, extraction_of, fields_of, queue, row_of
from pipeline.reporting.sources import Record, raw_text, sentence_of
from pipeline.running.correcting import corrected
from pipeline.running.corrections import (
    CORRECTIONS,
    STRETCHES,
    Correction,
    Corrections,
    append_corrections,
    part_of,
    read_corrections,
    words_at,
)
from pipeline.running.dossier import Dossiers, sentence_ends
from pipeline.running.judging import judge
from pipeline.running.linking import JUDGEMENTS
from pipeline.tables.read import check_output

#: So much of a long text is shown before and after the row that is looked at.
_AROUND = 2500
#: So many mentions of a person are shown beside those of another.
_SHOWN = 8
_KIND = {"affiliations": "affiliation", "reports": "report"}

Fields = dict[str, tuple[int, int] | None]


class DeskError(Exception):
    """Something that cannot be shown or decided; the message says why."""


class Desk:
    """One output folder, the one who decides, and what waits. Safe for threads: one call at a time."""

    def __init__(self, out: Path, who: str) -> None:
        """Read the tables and line up what waits.

        Raises:
            TablesError: where there are no tables.
            CorrectionError, JudgementError: where what was decided before cannot be read.
        """
        check_output(out)
        self.out, self.who = out, " ".join(who.split())
        self.corrections, self.judgements = out / CORRECTIONS, out / JUDGEMENTS
        self.rows, self.dossiers, self.queue = Rows(out), Dossiers(out), queue(out)
        self.written, self.lock = self._written(), threading.RLock()
        self._last = datetime.min.replace(tzinfo=UTC)
        self._said: tuple[tuple[int, int], Corrections] = ((0, 0), Corrections())
        self.progress()  # a file that cannot be read is told of before anything is decided

    def close(self) -> None:
        """Close the files."""
        self.rows.close()

    def _written(self) -> int:
        """When the tables were written, in nanoseconds."""
        return (self.out / MARKER).stat().st_mtime_ns if (self.out / MARKER).exists() else 0

    # What there is to see.

    def item(self, number: int, exact: bool = False) -> Record:
        """What waits at a place of the queue, or the next after it that nobody has decided; `{}` at its end."""
        with self.lock:
            while 0 <= number < len(self.queue):
                made = self._item(number)
                if made and (exact or not made["decided"]):
                    return made
                number += 1
            return {}

    def _item(self, number: int) -> Record | None:
        waits = self.queue[number]
        about = {"number": number, "waiting": len(self.queue), "kind": waits.kind}
        if waits.kind == "pair":
            told = self._judged(waits.one, waits.row)
            shown = {"one": self.entity(waits.one, _SHOWN), "other": self.entity(waits.row, _SHOWN)} if not told else {}
            return about | {"decided": told, "evidence": waits.evidence} | shown
        seen = self._document(waits)
        if seen is None:
            return None
        document, raw, row = seen
        fields = fields_of(document, waits.kind, row)
        statement = self._correction("right", document, raw, _KIND[waits.kind], fields)
        said = [c for c in self._corrections().all if c.statement == statement.statement]
        held = self._corrections().of(document["sha256"], statement.part)
        decided = [c.said for c in said if c in held.verdicts or any(c in pair for pair in held.contradicted)]
        made, _ = corrected(extraction_of(document, raw), held.verdicts)
        low = max(0, row["start"] - _AROUND)
        high = min(len(raw), row["end"] + _AROUND)
        return about | {
            "decided": decided, "document": document["document_id"], "title": document["title"] or "",
            "date": document["date"] or "", "language": document["language"] or "",
            "confidence": row["confidence"], "fields": fields, "start": low, "text": raw[low:high],
            "cut": [low > 0, high < len(raw)], "mentions": _mentions(made, low, high),
            "whole": any(c.kind == "document" and c.verdict == "right" for c in held.verdicts),
        }  # fmt: skip

    def _document(self, waits: Waiting) -> tuple[Record, str, Record] | None:
        """The document of a row that waits, its raw text and the row; None where they cannot be had any more."""
        document = self.rows.document(waits.one)
        if document is None:
            return None
        raw, _ = raw_text(self.out, document)
        row = row_of(document, waits.kind, waits.row)
        fields = fields_of(document, waits.kind, row) if row else {}
        needed = "role" if waits.kind == "affiliations" else "title"
        return (document, raw, row) if raw and row and fields.get(needed) else None

    def entity(self, identifier: str, most: int = 200) -> Record:
        """A person or institution with its mentions in their sentences. Raises InputError where there is none."""
        with self.lock:
            row = self.dossiers.row(identifier)
            seen: list[Record] = []
            roles: dict[str, None] = {}
            shown = islice(self.rows.mentions(identifier), most)
            for document_id, of_one in groupby(shown, key=lambda m: m["document_id"]):  # each document is read once
                document = self.rows.document(document_id) or {}
                raw, _ = raw_text(self.out, document)
                ends, named = sentence_ends(raw) if raw else [], set()
                for m in of_one:
                    named.add(m["mention_id"])
                    place, text = f"{document_id}:{m['start']}", sentence_of(raw, m, ends)
                    seen.append({"place": place, "date": document["date"] or "", "text": text})
                for a in document["affiliations"]:
                    if not named.isdisjoint((a["person_mention"], a["institution_mention"])):
                        roles[", ".join(filter(None, map(_line, (a["person"], a["role"], a["institution"]))))] = None
            return {
                "id": identifier, "label": "PERSON" if self.is_person(identifier) else "INSTITUTION",
                "name": row["name"], "mentions": row["mentions"], "documents": row["documents"],
                "dates": "/".join(dict.fromkeys(d for d in (row["first_date"], row["last_date"]) if d)),
                "roles": list(roles)[:_SHOWN], "seen": seen,
            }  # fmt: skip

    def find(self, name: str) -> list[Record]:
        """People and institutions that bear a name, in any script."""
        with self.lock:
            found = [(i, self.dossiers.row(i)) for i in self.dossiers.find(name)[:30]] if name.strip() else []
            return [{"id": i, "name": row["name"], "mentions": row["mentions"]} for i, row in found]

    def progress(self) -> Record:
        """How much was decided by whom, and whether the tables were written anew since the desk was opened."""
        with self.lock:
            mine = {c.when for c in _standing(self._corrections().all, self.who)}
            judged = _standing_judgements(self._judgements(), self.who)
            return {"who": self.who, "decided": len(mine) + len(judged), "outdated": self._written() != self.written}

    # Deciding.

    def decide(self, number: int, asked: Record) -> None:
        """Write a decision about what waits at a place of the queue.

        Args:
            number: the place.
            asked: `action`, one of `right`, `wrong`, `change`, `name`, `add`, `document` for rows and `same`,
                `different` for pairs; `fields` with the new places of a changed or added row; `label` and `at` of a
                name; `why`.

        Raises:
            DeskError: where it cannot be decided so.
        """
        with self.lock:
            if not 0 <= number < len(self.queue):
                raise DeskError("There is no such row any more.")
            waits, action, why = self.queue[number], asked.get("action"), _line(asked.get("why"))
            if waits.kind == "pair":
                if action not in ("same", "different"):
                    raise DeskError("Say whether these two are the same or different.")
                self.judge(action, waits.one, waits.row, why)
                return
            seen = self._document(waits)
            if seen is None:
                raise DeskError("The text of this row cannot be read any more.")
            document, raw, row = seen
            old = fields_of(document, waits.kind, row)
            made = self._decided(waits.kind, action, asked, document, raw, old)
            when = self._now().isoformat(timespec="microseconds").replace("+00:00", "Z")
            append_corrections(self.corrections, [replace(c, who=self.who, when=when, why=why) for c in made])

    def _decided(
        self, table: str, action: Any, asked: Record, document: Record, raw: str, old: Fields
    ) -> list[Correction]:
        kind = _KIND[table]
        if action == "right":
            return [self._correction("right", document, raw, kind, old)]
        if action == "wrong":
            if kind == "report" and old["person"] is None:  # nobody spoke: then it is no report at all
                return [self._name("wrong", document, raw, "REPORT", old["title"])]
            return [self._correction("wrong", document, raw, kind, old)]
        if action == "document":
            return [self._correction("right", document, raw, "document", {})]
        if action == "name":
            verdict = "wrong" if asked.get("verdict") == "wrong" else "right"
            return [self._name(verdict, document, raw, asked.get("label"), _stretch(asked.get("at"), raw))]
        if action in ("change", "add"):
            kind = asked["kind"] if action == "add" and asked.get("kind") in _KIND.values() else kind
            names = ("person", "role", "institution") if kind == "affiliation" else ("title", "person")
            given = asked.get("fields") or {}
            new: Fields = {name: _stretch(given.get(name), raw) if given.get(name) else None for name in names}
            for name in names[:2] if kind == "affiliation" else names[:1]:
                if new[name] is None:
                    raise DeskError(f"The {name} is missing: choose it in the text.")
            made = [self._correction("right", document, raw, kind, new)]
            if action == "change":
                made = [*self._outdated(document, raw, kind, old, new), *made]
            return made
        raise DeskError("This cannot be decided about a row.")

    def _outdated(self, document: Record, raw: str, kind: str, old: Fields, new: Fields) -> list[Correction]:
        """The row as it was, and names whose edges were corrected, called wrong."""
        if old == new:
            return []
        made = [self._correction("wrong", document, raw, kind, old)]
        for name, was in old.items():
            now = new[name]
            if was and now and was != now and was[0] < now[1] and now[0] < was[1]:
                made.append(self._name("wrong", document, raw, STRETCHES[name], was))
        return made

    def judge(self, verdict: str, one: str, other: str = "", why: str = "") -> Judgement:
        """Write a judgement of people or institutions. Raises JudgementError or InputError where it says nothing."""
        with self.lock:
            made, _ = judge(self.out, verdict, one, other, who=self.who, why=_line(why), when=self._now(),
                            tables=self)  # fmt: skip
            return made

    def place(self, reference: str) -> str:
        """The place of an entity's first mention; of a place, itself. Raises InputError for neither."""
        if self.dossiers.is_person(reference) is not None:
            first = next(self.rows.mentions(reference), None)
            return f"{first['document_id']}:{first['start']}" if first else ""
        if self.rows.mention_at(reference) is None:
            raise InputError(f"There is no entity {reference!r}, and no mention at such a place.")
        return reference

    def is_person(self, entity: str) -> bool | None:
        """Whether an id is a person's; None where there is no such id."""
        return self.dossiers.is_person(entity)

    def undo(self) -> str:
        """Take back this person's latest decision; gives it in words, empty where there is none."""
        with self.lock:
            lines = _standing(self._corrections().all, self.who)
            judged = max(_standing_judgements(self._judgements(), self.who), key=lambda j: j.when, default=None)
            last = max((c.when for c in lines), default="")
            if judged and judged.when > last:
                self.judge("undo", judged.one, judged.other if judged.verdict in ("same", "different") else "")
                return judged.said
            group = [c for c in lines if c.when == last]
            if not group:
                return ""
            when = self._now().isoformat(timespec="microseconds").replace("+00:00", "Z")
            append_corrections(self.corrections, [replace(c, verdict="undo", when=when, why="") for c in group])
            return f"{group[-1].verdict}: {group[-1].text or group[-1].document}"

    # The two files, which others may write to as well.

    def _corrections(self) -> Corrections:
        try:
            status = self.corrections.stat()
        except FileNotFoundError:
            return Corrections()
        stamp = (status.st_mtime_ns, status.st_size)
        if self._said[0] != stamp:
            self._said = (stamp, Corrections(read_corrections(self.corrections)))
        return self._said[1]

    def _judgements(self) -> list[Judgement]:
        return read_judgements(self.judgements) if self.judgements.is_file() else []

    def _judged(self, one: str, other: str) -> list[str]:
        held: list[str] = []
        for j in sorted(self._judgements(), key=lambda j: j.when):
            if {j.one, j.other} == {one, other}:
                held = [] if j.verdict == "undo" else [*held, j.said]
        return held

    def _now(self) -> datetime:
        """The time, later than that of every decision before, so that their order is sure."""
        self._last = max(datetime.now(UTC), self._last + timedelta(microseconds=1))
        return self._last

    def _correction(self, verdict: str, document: Record, raw: str, kind: str, fields: Fields) -> Correction:
        part = part_of(document["document_id"], document["path"])
        cells = {name: f"{at[0]}-{at[1]}" for name, at in fields.items() if at}
        made = Correction(verdict, kind, document["sha256"] or "", part, _line(document["document_id"]), **cells)
        return replace(made, text=words_at(raw, [stretch for _, stretch in made.stretches()]))

    def _name(self, verdict: str, document: Record, raw: str, label: Any, at: tuple[int, int] | None) -> Correction:
        if label not in LABELS or at is None:
            raise DeskError("Choose a stretch of the text and what it is.")
        made = replace(self._correction(verdict, document, raw, "mention", {"mention": at}), label=label)
        return replace(made, text=words_at(raw, [at]))


def _mentions(made: Extraction, low: int, high: int) -> list[Record]:
    return [
        {"label": m.label, "start": m.start, "end": m.end, "sure": m.confidence}
        for m in made.mentions if m.start >= low and m.end <= high
    ]  # fmt: skip


def _stretch(given: Any, raw: str) -> tuple[int, int]:
    """A stretch of the text that was sent, checked."""
    try:
        start, end = (int(cell) for cell in given)
    except (TypeError, ValueError):
        raise DeskError("A place in the text was not understood.") from None
    if not 0 <= start < end <= len(raw) or not raw[start:end].strip():
        raise DeskError("A place lies outside the text or is empty.")
    return start, end


def _line(text: Any) -> str:
    return " ".join(str(text or "").split())[:500]


def _standing(corrections: tuple[Correction, ...], who: str) -> list[Correction]:
    """The lines of a person that were not taken back."""
    standing: dict[tuple[str, ...], Correction] = {}
    for c in sorted((c for c in corrections if c.who == who), key=lambda c: c.when):
        standing.pop(c.statement, None)
        if c.verdict != "undo":
            standing[c.statement] = c
    return list(standing.values())


def _standing_judgements(judgements: list[Judgement], who: str) -> list[Judgement]:
    """The judgements of a person that were not taken back."""
    standing: dict[tuple[str, ...], Judgement] = {}
    for j in sorted((j for j in judgements if j.who == who), key=lambda j: j.when):
        of_two = j.verdict in ("same", "different") or (j.verdict == "undo" and j.other)
        about = tuple(sorted((j.one, j.other))) if of_two else (j.one,)
        standing.pop(about, None)
        if j.verdict != "undo":
            standing[about] = j
    return list(standing.values())
