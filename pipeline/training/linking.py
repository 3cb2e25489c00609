"""How well the linking does on its own: gold mentions in, B-cubed against the corpus's slugs out. No model is needed.

`python -m pipeline.training.linking [FOLDER ...]` reads tagged files (by default all of data/training, every language
in one run, as an archive would be), and prints precision, recall and F1 for people and institutions. With `--errors N`
also the N false merges and splits that cost most.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.normalisation import Entities, link, resolve_document
from pipeline.records import Affiliation, Extraction, Mention
from pipeline.training.corpus import GoldDocument, read_file
from pipeline.training.scores import b_cubed

#: The labels that are linked across documents.
LINKED = ("PERSON", "INSTITUTION")


@dataclass(frozen=True, slots=True)
class Linking:
    """The figures by label, (precision, recall, F1), and what was linked: (slug, entity, text, document) by label."""

    figures: dict[str, tuple[float, float, float]]
    mentions: dict[str, list[tuple[str, str, str, str]]]
    seconds: float


def gold_extraction(document: GoldDocument) -> Extraction:
    """A tagged document as an extraction that found everything and nothing else.

    A role with several `of` or `at` gives an affiliation for each pair; the person's mention is the one nearest to the
    role, as is the institution's.
    """
    mentions = tuple(Mention(s.label, s.start, s.end, s.text) for s in document.spans)
    named: dict[tuple[str, str], list[int]] = defaultdict(list)
    for index, span in enumerate(document.spans):
        for slug in span.ids:
            named[span.label, slug].append(index)

    def nearest(label: str, slug: str, role: int) -> int | None:
        at = document.spans[role].start
        return min(named[label, slug], key=lambda i: (abs(document.spans[i].start - at), i), default=None)

    affiliations = []
    for index, span in enumerate(document.spans):
        if span.label != "ROLE":
            continue
        for who in span.of:
            person = nearest("PERSON", who, index)
            if person is None:
                continue
            bodies = [nearest("INSTITUTION", where, index) for where in span.at] or [None]
            for body in bodies:
                parts = [document.spans[i] for i in (person, index, body) if i is not None]
                start, end = min(p.start for p in parts), max(p.end for p in parts)
                affiliations.append(Affiliation(person, index, body, start, end))
    return Extraction(document.text, document.language, mentions, tuple(affiliations))


def measure(documents: Sequence[GoldDocument]) -> tuple[Linking, Entities]:
    """Link the gold mentions of tagged documents, and score the result against their slugs."""
    begun = time.perf_counter()
    resolved = [
        resolve_document(gold_extraction(document), f"{document.language}/{document.name}") for document in documents
    ]
    entities = link(resolved)
    seconds = time.perf_counter() - begun
    mentions: dict[str, list[tuple[str, str, str, str]]] = {label: [] for label in LINKED}
    for document in documents:
        name = f"{document.language}/{document.name}"
        for index, span in enumerate(document.spans):
            if span.label in mentions and span.ids:
                entity = entities.entity_id(name, index)
                mentions[span.label].append((span.ids[0], entity, " ".join(span.text.split()), name))
    figures = {label: b_cubed([(m[0], m[1]) for m in found]) for label, found in mentions.items()}
    return Linking(figures, mentions, seconds), entities


def errors(mentions: Sequence[tuple[str, str, str, str]], most: int) -> list[str]:
    """The costliest false merges (one entity, several slugs) and splits (one slug, several entities), in words."""
    by_entity: dict[str, Counter[str]] = defaultdict(Counter)
    by_slug: dict[str, Counter[str]] = defaultdict(Counter)
    texts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for slug, entity, text, document in mentions:
        by_entity[entity][slug] += 1
        by_slug[slug][entity] += 1
        texts[slug, entity][f"{text} [{document}]"] += 1

    def listed(name: str, counts: Counter[str], key: str) -> list[str]:
        rows = [f"{name}: {' | '.join(f'{other} {n}' for other, n in counts.most_common(8))}"]
        for other, _ in counts.most_common(6):
            pair = (name, other) if key == "slug" else (other, name)
            rows.append(f"    {other}: {', '.join(t for t, _ in texts[pair].most_common(3))}")
        return rows

    def cost(counts: Counter[str]) -> float:
        whole = sum(counts.values())
        return sum(n * (1 - n / whole) for n in counts.values())

    lines = ["false merges"]
    for name, counts in sorted(by_entity.items(), key=lambda item: (-cost(item[1]), item[0]))[:most]:
        if len(counts) > 1:
            lines += listed(name, counts, "entity")
    lines.append("splits")
    for name, counts in sorted(by_slug.items(), key=lambda item: (-cost(item[1]), item[0]))[:most]:
        if len(counts) > 1:
            lines += listed(name, counts, "slug")
    return lines


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="python -m pipeline.training.linking", description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path, default=[Path("data/training")], metavar="FOLDER")
    parser.add_argument("--errors", type=int, default=0, metavar="N", help="show so many of the costliest errors")
    parser.add_argument("--match", default="*", help="read only files whose names match this pattern")
    given = parser.parse_args(arguments)
    paths = sorted(p for folder in given.folders for p in folder.rglob(f"{given.match}.xml"))
    documents = [read_file(path) for path in paths]
    found, _ = measure(documents)
    print(f"{len(documents)} documents in {found.seconds:.1f} s")
    for label, (precision, recall, f1) in found.figures.items():
        print(f"{label:12} P {precision:.4f}  R {recall:.4f}  F1 {f1:.4f}  ({len(found.mentions[label])} mentions)")
    for label in LINKED if given.errors else ():
        print(f"\n{label}")
        print("\n".join(errors(found.mentions[label], given.errors)))


if __name__ == "__main__":
    main()
