"""Texts of any language → extractions: each stretch by the pipeline of its language, the results merged into one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import islice

from spacy.language import Language

from pipeline.extraction.chunks import join
from pipeline.extraction.language import Detection, detect, name_of
from pipeline.extraction.languages import LANGUAGES
from pipeline.extraction.models import available
from pipeline.records import Extraction

#: The language setting under which each text is looked at.
AUTO = "auto"

ExtractMany = Callable[[Language, Iterable[str]], Iterator[Extraction]]


def extract_mixed(
    raws: Iterable[str], pipeline_of: Callable[[str], Language], extract_many: ExtractMany, batch_size: int = 64
) -> Iterator[Extraction]:
    """The extractions of raw texts, in their order; relations stay within a stretch of one language.

    Args:
        raws: texts as they were read.
        pipeline_of: the pipeline of a language that has a model; asked for only when a text needs it.
        extract_many: applies a pipeline to texts.
        batch_size: how many texts are worked on together.
    """
    usable = frozenset(available())
    iterator = iter(raws)
    while batch := list(islice(iterator, batch_size)):
        detections = [detect(raw) for raw in batch]
        wanted: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for number, detection in enumerate(detections):
            for place, stretch in enumerate(detection.stretches):
                if stretch.language in usable:
                    wanted[stretch.language].append((number, place))
        found: dict[tuple[int, int], Extraction] = {}
        for language, places in wanted.items():
            stretches = (detections[n].stretches[p] for n, p in places)
            texts = [batch[n][s.start : s.end] for (n, _), s in zip(places, stretches, strict=True)]
            found.update(zip(places, extract_many(pipeline_of(language), texts), strict=True))
        for number, (raw, detection) in enumerate(zip(batch, detections, strict=True)):
            yield _merged(raw, detection, {p: e for (n, p), e in found.items() if n == number}, usable)


def _merged(raw: str, detection: Detection, found: dict[int, Extraction], usable: frozenset[str]) -> Extraction:
    """One extraction from those of the stretches; mentions of another language than the document's say so."""
    note = left_out(detection, usable)
    if len(detection.stretches) == 1 and found:
        return replace(found[0], note=note)
    parts, starts = [], []
    for place, part in sorted(found.items()):
        other = part.language if part.language != detection.language else ""
        parts.append(replace(part, mentions=tuple(replace(m, language=other) for m in part.mentions)))
        starts.append(detection.stretches[place].start)
    return replace(join(raw, starts, parts), language=detection.language, note=note)


def left_out(detection: Detection, usable: frozenset[str]) -> str:
    """Which part of a text gives no rows because of its language, and why; empty where all of it was worked on."""
    if not detection.language:
        return "the text holds no word in letters, so its language is not known and nothing was extracted"
    codes = dict.fromkeys(s.language for s in detection.stretches if s.language and s.language not in usable)
    return "; ".join(_reason(code, code == detection.language) for code in codes)


def _reason(code: str, whole: bool) -> str:
    what = "the text seems to be" if whole else "part of the text seems to be"
    if code in LANGUAGES:
        return (
            f"{what} {name_of(code)}, for which no model is installed, and was not extracted: "
            "install a version of Rollcall that has one, or train one with `rollcall train`"
        )
    known = ", ".join(map(name_of, LANGUAGES))
    return (
        f"{what} {name_of(code)}, which Rollcall does not speak (it speaks {known}), and was not extracted: "
        "if that is wrong, name the language with --language"
    )
