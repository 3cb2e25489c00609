"""Documents → tagged files in the format of the corpus, pre-annotated by the model, to be corrected and trained on.

The inverse of `pipeline.training.corpus.parse`: what is written is read back before it is kept, so that a text which
the format cannot hold is refused and never garbled.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from itertools import chain, count
from pathlib import Path
from typing import NamedTuple

from pipeline.reading import ReadOptions
from pipeline.records import Extraction
from pipeline.reporting.desk.rows import Rows, extraction_of
from pipeline.reporting.sources import raw_text
from pipeline.running.correcting import corrected
from pipeline.running.corrections import CORRECTIONS, Corrections, holding, part_of, read_corrections
from pipeline.running.single import Single, single
from pipeline.tables import BY_NAME
from pipeline.tables.formats import records
from pipeline.tables.read import check_output
from pipeline.training.corpus import TAGS, CorpusError, parse

_TAG_OF = {label: tag for tag, label in TAGS.items()}
#: Mentions of these labels are written with the id of their entity.
_WITH_ID = ("PERSON", "INSTITUTION", "EVENT")
#: What an id or a name cannot hold inside an attribute.
_UNSAFE = re.compile(r"[^\w.\-]+")


class AnnotationError(ValueError):
    """A document that cannot be written as a tagged file; the message says why and what to do."""


class Written(NamedTuple):
    """The tagged files that were written, and for each document that could not be written a sentence that says why."""

    files: list[Path]
    problems: list[str]


def tagged(extraction: Extraction, name: str, entity_ids: Sequence[str] = ()) -> str:
    """The tagged file of a document.

    Args:
        extraction: its mentions must not overlap, as the mentions of an extraction never do.
        name: of the document, for the attribute `id`.
        entity_ids: the id of the entity of each mention, by number; where it is empty or missing, there is no id, and
            relations to it are left out.

    Raises:
        AnnotationError: when the text holds something that reads as a tag, or cannot be stored as UTF-8.
    """
    ids = {i: _UNSAFE.sub("-", identifier or "") for i, identifier in enumerate(entity_ids)}
    attributes = _attributes(extraction, ids)
    pieces, at, raw = [], 0, extraction.raw
    for number, mention in sorted(enumerate(extraction.mentions), key=lambda item: item[1].start):
        tag = _TAG_OF[mention.label]
        opened = "".join(f' {key}="{" ".join(values)}"' for key, values in attributes[number].items() if values)
        pieces += [raw[at : mention.start], f"<{tag}{opened}>", raw[mention.start : mention.end], f"</{tag}>"]
        at = mention.end
    pieces.append(raw[at:])
    head = f'<doc id="{_UNSAFE.sub("-", name)}" lang="{extraction.language}" style="annotated">'
    source = f"{head}\n{''.join(pieces)}\n</doc>\n"
    _check(source, extraction, name)
    return source


def _attributes(extraction: Extraction, ids: dict[int, str]) -> dict[int, dict[str, list[str]]]:
    """`id`, `of`, `at` and `by` of each mention; each id once, in the order of the text."""
    found: dict[int, dict[str, list[str]]] = defaultdict(lambda: {"id": [], "of": [], "at": [], "by": []})

    def add(number: int, key: str, target: int | None) -> None:
        identifier = "" if target is None else ids.get(target, "")
        if identifier and identifier not in found[number][key]:
            found[number][key].append(identifier)

    for number, mention in enumerate(extraction.mentions):
        if mention.label in _WITH_ID:
            add(number, "id", number)
    for a in extraction.affiliations:
        add(a.role, "of", a.person)
        add(a.role, "at", a.institution)
    for r in extraction.reports:
        add(r.title, "by", r.person)
    return found


def _check(source: str, extraction: Extraction, name: str) -> None:
    """Raise AnnotationError unless the tagged file reads back as the text and the spans that it was made from."""
    wanted = sorted((m.start, m.end, m.label) for m in extraction.mentions)
    try:
        source.encode("utf-8")
        back = parse(source, name)
        same = back.text == extraction.raw and [(s.start, s.end, s.label) for s in back.spans] == wanted
    except (CorpusError, UnicodeEncodeError):
        same = False
    if not same:
        raise AnnotationError(
            f"{name} cannot be written as a tagged file: its text holds something that reads as a tag of the corpus, "
            "such as <person>, or characters that UTF-8 cannot store. Change these in the text first."
        )


def annotate(
    path: Path, out: Path, language: str = "auto", *, force: bool = False, reading: ReadOptions | None = None,
    beside: Collection[Path] = (),
) -> Written:  # fmt: skip
    """Write each document of a file as a tagged file into a folder. One that cannot be written keeps none from it.

    Documents whose ids would give one name get numbers behind it; `beside` are files that were written just before
    and whose names are taken, too.

    Raises:
        FileExistsError: when a tagged file is there and `force` is False. Nothing is written then.
        LanguageError: when a language is named that has no model.
    """
    made: dict[Path, str] = {}
    problems = []
    names = _Names(beside)
    for document in single(path, language, reading=reading):
        try:
            name = names.of(document.source.document_id)
            made[out / f"{name}.xml"] = _source(document, name)
        except AnnotationError as error:
            problems.append(str(error))
    _write(made, out, force)
    return Written(list(made), problems)


def annotate_corrected(
    output: Path, out: Path, *, force: bool = False, partly: bool = False, beside: Collection[Path] = ()
) -> Written:
    """Write the documents of an output folder that people corrected as tagged files, corrections applied.

    Args:
        output: the folder with the tables and with `corrections.csv`.
        out: the folder for the tagged files.
        force: whether tagged files that are there are overwritten.
        partly: whether also documents are written that nobody called checked as a whole; what nobody looked at in
            them is what the models found.
        beside: as in `annotate`.

    Raises:
        TablesError: when there are no tables. CorrectionError: when the corrections cannot be read.
        AnnotationError: when there is no such document.
        FileExistsError: when a tagged file is there and `force` is False. Nothing is written then.
    """
    check_output(output)
    path = output / CORRECTIONS
    said = Corrections(read_corrections(path) if path.is_file() else ())
    wanted = {(c.sha256, c.part) for c in holding(said.all).verdicts if partly or c.kind == "document"}
    made: dict[Path, str] = {}
    problems = []
    rows = Rows(output)
    names = _Names(beside)
    try:
        for row in records(output, BY_NAME["documents"]):
            part = part_of(row["document_id"], row["path"])
            document = rows.document(row["document_id"]) if (row["sha256"], part) in wanted else None
            raw, _ = raw_text(output, document) if document else (None, "")
            if document is None or raw is None:
                continue
            extraction, _ = corrected(extraction_of(document, raw), said.of(row["sha256"], part).verdicts)
            ids = {(m["label"], m["start"], m["end"]): m["entity_id"] for m in document["mentions"]}
            # A name that a person added has no entity yet: it is one of its own.
            known = [ids.get((m.label, m.start, m.end)) or f"added-{n}" for n, m in enumerate(extraction.mentions)]
            name = names.of(row["document_id"])
            try:
                made[out / f"{name}.xml"] = tagged(extraction, name, known)
            except AnnotationError as error:
                problems.append(str(error))
    finally:
        rows.close()
    if not made and not problems:
        raise AnnotationError(
            f"{output} holds no document that was checked as a whole: say so at the desk (`rollcall review`), or take "
            "those that were corrected in part with --partly."
        )
    _write(made, out, force)
    return Written(list(made), problems)


def _write(made: Mapping[Path, str], out: Path, force: bool) -> None:
    for target in made:
        if target.exists() and not force:
            raise FileExistsError(
                f"{target} is there already and may hold corrections. "
                "Name another folder, or overwrite it with --force."
            )
    if made:
        out.mkdir(parents=True, exist_ok=True)
    for target, source in made.items():
        target.write_text(source, encoding="utf-8", newline="")


class _Names:
    """Names of tagged files, each given once, also where a file system takes capitals for small letters."""

    def __init__(self, beside: Collection[Path]) -> None:
        self._taken = {path.stem.casefold() for path in beside}

    def of(self, document_id: str) -> str:
        """The name for a document: its id as far as a name and an attribute can hold it, numbered where it is taken."""
        tidy = _UNSAFE.sub("-", document_id).strip("-.") or "document"
        name = next(n for n in chain([tidy], (f"{tidy}-{k}" for k in count(2))) if n.casefold() not in self._taken)
        self._taken.add(name.casefold())
        return name


def _source(document: Single, name: str) -> str:
    if document.extraction is None or document.source.status != "ok":
        raise AnnotationError(f"{document.source.document_id}: {document.source.status}: {document.source.reason}")
    if document.extraction.note and not document.extraction.mentions:
        raise AnnotationError(f"{document.source.document_id}: {document.extraction.note}")
    return tagged(document.extraction, name, [row["entity_id"] or "" for row in document.tables["mentions"]])
