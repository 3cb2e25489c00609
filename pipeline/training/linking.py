"""How well the linking does on its own: gold mentions in, B-cubed against the corpus's slugs out. No model is needed.

`python -m pipeline.training.linking [FOLDER ...]` reads tagged files (by default all of data/training, every language
in one run, as an archive would be), and prints precision, recall and F1 for people and institutions. With `--errors N`
also the N false merges and splits that cost most. `--benchmark N` links N made-up mentions instead, and prints time and
memory. `--output FOLDER` links the documents of an output again, and prints how much of that a cluster can do.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from resource import RUSAGE_SELF, getrusage

from pipeline.normalisation import Entities, link, resolve_document
from pipeline.records import Affiliation, Extraction, Mention
from pipeline.running.packing import Records
from pipeline.running.store import STORE, Store
from pipeline.training.corpus import GoldDocument, read_file
from pipeline.training.scores import b_cubed

#: The labels that are linked across documents.
LINKED = ("PERSON", "INSTITUTION")
#: Groups of slugs that stand for one person or body, since files that were written apart named it apart.
EQUAL_SLUGS = Path("data/training/equal_slugs.txt")


@dataclass(frozen=True, slots=True)
class Linking:
    """The figures by label, (precision, recall, F1), and what was linked: (slug, entity, text, document) by label."""

    figures: dict[str, tuple[float, float, float]]
    mentions: dict[str, list[tuple[str, str, str, str]]]
    seconds: float


def equal_slugs(path: Path = EQUAL_SLUGS) -> dict[str, str]:
    """Slug → the first of the slugs that stand for the same person or body; those alone are left out."""
    if not path.is_file():
        return {}
    groups = [line.split() for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return {slug: group[0] for group in groups for slug in group}


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
    equal = equal_slugs()
    for document in documents:
        name = f"{document.language}/{document.name}"
        for index, span in enumerate(document.spans):
            if span.label in mentions and span.ids:
                entity = entities.entity_id(name, index)
                slug = equal.get(span.ids[0], span.ids[0])
                mentions[span.label].append((slug, entity, " ".join(span.text.split()), name))
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


_FAMILIES = (
    "Akhmet Omar Iskak Kasym Suleimen Zhumabek Petr Ivan Sidor Ibraim Bekmukhamed Tulegen Seitkhan Ermek Dulat Temir"
)
_SURNAME_ENDINGS = (
    "ov",
    "ova",
    "bekov",
    "bekova",
    "baev",
    "baeva",
    "khanov",
    "khanova",
    "uly",
    "enko",
    "zhanov",
    "zhanova",
)
_GIVEN = (
    "Askar Dina Marat Aigul Serik Olga Ivan Anna Petr Vera Nurlan Zhanar Bolat Saule Timur Madina Arman Gulnara "
    "Daniyar Aliya Victor Svetlana Ruslan Elena Kairat Leila Sergey Tatyana Yerlan Botagoz"
)
_TOWNS = "Pavlodar Semey Karaganda Aktobe Kyzylorda Taraz Omsk Tomsk Barnaul Bishkek Tashkent Almaty Astana Shymkent"
_BODIES = ("Regional Library", "State Archive", "Museum of Local History", "State University", "City Library No. {n}")


def made_up(mentions: int, seed: int = 1) -> list[Extraction]:
    """Announcements with so many mentions of people and institutions, common and rare names as in an archive.

    A fixed seed gives the same texts each time. An announcement names two institutions, and six people in the forms
    that texts use, drawn so that a few are named very often and most a few times.
    """
    random = Random(seed)
    families = [stem + end for stem in _FAMILIES.split() for end in _SURNAME_ENDINGS]
    families += [a + b.lower() + "ov" for a in _FAMILIES.split() for b in _FAMILIES.split()]
    given = _GIVEN.split()
    people = [
        (random.choice(families), random.choice(given), random.choice(given)[0]) for _ in range(max(50, mentions // 12))
    ]
    towns, found = _TOWNS.split(), []
    for _ in range(mentions // 10):
        found.append(_announcement(random, random.choice(towns), people))
    return found


def _announcement(random: Random, town: str, people: Sequence[tuple[str, str, str]]) -> Extraction:
    raw = ""
    spans: list[Mention] = []
    links: list[Affiliation] = []

    def add(label: str, text: str, after: str) -> int:
        nonlocal raw
        spans.append(Mention(label, len(raw), len(raw) + len(text), text))
        raw += text + after
        return len(spans) - 1

    names = [f"{town} {random.choice(_BODIES).format(n=random.randint(1, 20))}" for _ in range(2)]
    bodies = [add("INSTITUTION", name, ". ") for name in names]
    for _ in range(6):
        family, name, second = people[int(len(people) * random.random() ** 3)]
        form = random.choice((f"{name} {family}", f"{family} {name[0]}.{second}.", f"{name[0]}. {family}"))
        person = add("PERSON", form, ", ")
        if random.random() < 0.34:
            add("PERSON", family, ", ")
        if random.random() < 0.5:
            role = add("ROLE", "director", ". ")
            links.append(Affiliation(person, role, bodies[0], spans[person].start, len(raw)))
    return Extraction(raw, "en", tuple(spans), tuple(links))


def benchmark(mentions: int) -> str:
    """Time and peak memory of linking so many made-up mentions on one core, in a sentence."""
    extractions = made_up(mentions)
    named = sum(m.label in LINKED for e in extractions for m in e.mentions)
    begun = time.perf_counter()
    resolved = [resolve_document(extraction, f"{number:07d}.txt") for number, extraction in enumerate(extractions)]
    within = time.perf_counter() - begun
    del extractions
    entities = link(resolved)
    seconds = time.perf_counter() - begun
    peak = getrusage(RUSAGE_SELF).ru_maxrss / 1024
    return (
        f"{named:,} mentions in {len(resolved):,} documents: {within:.1f} s within documents, {seconds:.1f} s in all, "
        f"{peak:.0f} MB at most; {len(entities.people):,} people, {len(entities.institutions):,} institutions"
    )


def divided(out: Path) -> str:
    """What of the linking of an output's documents other processes can do, in a sentence: processor time, bytes."""
    store = Store(out / STORE, readonly=True)
    documents = list(Records(store.resolved))
    store.close()
    away, sent = [0.0], [0]

    def elsewhere(make: Callable[[bytes], bytes], parts: Iterable[bytes]) -> Iterator[bytes]:
        for part in parts:
            begun = time.process_time()
            made = make(part)
            away[0] += time.process_time() - begun
            sent[0] += len(part) + len(made)
            yield made

    begun = time.process_time()
    link(documents, reasons=False, elsewhere=elsewhere)
    whole = time.process_time() - begun
    some = len(documents) or 1
    return (
        f"{some:,} documents: {1e3 * away[0] / some:.2f} ms a document can be done elsewhere, "
        f"{1e3 * (whole - away[0]) / some:.2f} ms not; {sent[0] / some / 1e3:.1f} KB a document are sent there and back"
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="python -m pipeline.training.linking", description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path, default=[Path("data/training")], metavar="FOLDER")
    parser.add_argument("--errors", type=int, default=0, metavar="N", help="show so many of the costliest errors")
    parser.add_argument("--match", default="*", help="read only files whose names match this pattern")
    parser.add_argument("--benchmark", type=int, default=0, metavar="N", help="time the linking of N made-up mentions")
    parser.add_argument("--output", type=Path, metavar="FOLDER", help="time the linking of an output, part by part")
    given = parser.parse_args(arguments)
    if given.output:
        print(divided(given.output))
        return
    if given.benchmark:
        print(benchmark(given.benchmark))
        return
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
