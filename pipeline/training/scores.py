"""Scores of extractions against the gold: strict and overlap F1, affiliations, reports, linking.

The definitions are those of docs/evaluation.md. B-cubed: Bagga and Baldwin 1998.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field

from pipeline.records import CORE_LABELS, LABELS, Extraction
from pipeline.training.corpus import GoldDocument

_WORDS = re.compile(r"\w+")


def fold_text(text: str) -> str:
    """Lower case, white space and punctuation folded: how roles and titles are compared."""
    return " ".join(_WORDS.findall(text.casefold()))


@dataclass(slots=True)
class Count:
    """True positives, predicted and gold."""

    right: int = 0
    predicted: int = 0
    gold: int = 0

    def add(self, gold: set[Hashable], predicted: set[Hashable]) -> None:
        """Count one document's items."""
        self.right += len(gold & predicted)
        self.predicted += len(predicted)
        self.gold += len(gold)

    def __add__(self, other: Count) -> Count:
        return Count(self.right + other.right, self.predicted + other.predicted, self.gold + other.gold)

    @property
    def precision(self) -> float:
        """Share of the predicted that are right."""
        return self.right / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """Share of the gold that was found."""
        return self.right / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return 2 * self.right / (self.predicted + self.gold) if self.predicted + self.gold else 0.0


@dataclass(frozen=True, slots=True)
class Error:
    """One item that was missed (in the gold only) or wrong (predicted only); offsets for mentions."""

    document: str
    kind: str
    what: str
    text: str
    start: int = -1
    end: int = -1


@dataclass(slots=True)
class Scores:
    """All figures of an evaluation. `outcomes` are (kind of row, confidence, right) for the reliability table."""

    documents: int = 0
    strict: dict[str, Count] = field(default_factory=lambda: {label: Count() for label in LABELS})
    overlap: dict[str, Count] = field(default_factory=lambda: {label: Count() for label in LABELS})
    affiliations: Count = field(default_factory=Count)
    reports: Count = field(default_factory=Count)
    linking: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    outcomes: list[tuple[str, float, bool]] = field(default_factory=list)
    errors: list[Error] = field(default_factory=list)

    def total(self, counts: dict[str, Count], labels: Iterable[str]) -> Count:
        """The micro-average over some labels."""
        whole = Count()
        for label in labels:
            whole = whole + counts[label]
        return whole

    def figures(self) -> dict[str, float]:
        """The figures that a gate can pin, by name."""
        named = {"core": self.total(self.strict, CORE_LABELS).f1, "all": self.total(self.strict, LABELS).f1}
        named |= {label.lower(): self.strict[label].f1 for label in LABELS}
        named |= {"overlap_core": self.total(self.overlap, CORE_LABELS).f1}
        named |= {"affiliations": self.affiliations.f1, "reports": self.reports.f1}
        for label, (precision, recall, f1) in self.linking.items():
            named |= {
                f"linking_{label.lower()}": f1,
                f"linking_{label.lower()}_precision": precision,
                f"linking_{label.lower()}_recall": recall,
            }
        return {name: round(value, 4) for name, value in named.items()}


Pair = tuple[GoldDocument, Extraction]


def score(pairs: Sequence[Pair], entity_id: Callable[[str, int], str] | None = None) -> Scores:
    """Score extractions against the gold.

    Args:
        pairs: gold documents and what was extracted from their texts.
        entity_id: the entity of (document name, mention number), over all documents; without it each name of a document
            stands for itself and linking is not scored.
    """
    scores = Scores(documents=len(pairs))
    linked: dict[str, list[tuple[str, str]]] = {"PERSON": [], "INSTITUTION": []}
    for gold, found in pairs:
        _mentions(scores, gold, found)
        ids = _entities(gold, found, entity_id)
        _relations(scores, gold, found, ids)
        slugs = {(s.label, s.start, s.end): s.ids[0] for s in gold.spans if s.ids and s.label in linked}
        for number, mention in enumerate(found.mentions):
            slug = slugs.get((mention.label, mention.start, mention.end))
            if slug and ids.get(number):
                linked[mention.label].append((slug, ids[number]))
    if entity_id is not None:
        scores.linking = {label: b_cubed(pairs_) for label, pairs_ in linked.items()}
    return scores


def _mentions(scores: Scores, gold: GoldDocument, found: Extraction) -> None:
    for label in LABELS:
        wanted = {(s.start, s.end) for s in gold.spans if s.label == label}
        given = {(m.start, m.end): m.confidence for m in found.mentions if m.label == label}
        scores.strict[label].add(set(wanted), set(given))
        count = scores.overlap[label]
        count.right += matched(wanted, given)
        count.predicted += len(given)
        count.gold += len(wanted)
        scores.outcomes += [(label, confidence, span in wanted) for span, confidence in given.items()]
        for what, spans in (("missed", wanted - set(given)), ("wrong", set(given) - wanted)):
            scores.errors += [Error(gold.name, label, what, gold.text[a:b], a, b) for a, b in sorted(spans)]


def matched(gold: Iterable[tuple[int, int]], predicted: Iterable[tuple[int, int]]) -> int:
    """How many spans of two sets share a character, matched one to one in text order."""
    free = sorted(predicted)
    found = 0
    for start, end in sorted(gold):
        hit = next((p for p in free if p[0] < end and start < p[1]), None)
        if hit:
            free.remove(hit)
            found += 1
    return found


def _entities(gold: GoldDocument, found: Extraction, entity_id: Callable[[str, int], str] | None) -> dict[int, str]:
    """The entity of each person and institution mention."""
    return {
        number: entity_id(gold.name, number) if entity_id else f"{m.label}:{fold_text(m.text)}"
        for number, m in enumerate(found.mentions)
        if m.label in ("PERSON", "INSTITUTION")
    }


def _aligned(gold: GoldDocument, found: Extraction, ids: dict[int, str]) -> dict[str, str]:
    """Entity → the gold slug that most characters of its mentions lie on."""
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    named = [s for s in gold.spans if s.ids]
    for number, entity in ids.items():
        mention = found.mentions[number]
        for span in named:
            shared = min(span.end, mention.end) - max(span.start, mention.start)
            if span.label == mention.label and shared > 0:
                votes[entity][span.ids[0]] += shared
    return {entity: counts.most_common(1)[0][0] for entity, counts in votes.items()}


def _relations(scores: Scores, gold: GoldDocument, found: Extraction, ids: dict[int, str]) -> None:
    slugs = _aligned(gold, found, ids)

    def slug(number: int | None) -> str | None:
        return None if number is None else slugs.get(ids[number], "?" + ids[number])

    wanted: set[Hashable] = {
        (person, fold_text(s.text), institution)
        for s in gold.spans
        if s.label == "ROLE"
        for person in s.of
        for institution in (s.at or (None,))
    }
    given: dict[Hashable, float] = {}
    for a in found.affiliations:
        row = (slug(a.person), fold_text(found.mentions[a.role].text), slug(a.institution))
        given[row] = max(a.confidence, given.get(row, 0.0))
    _tally(scores, scores.affiliations, "affiliations", gold.name, wanted, given)
    wanted = {(person, fold_text(s.text)) for s in gold.spans if s.label == "REPORT" for person in s.by}
    given = {}
    for r in found.reports:
        if r.person is not None:
            pair = (slug(r.person), fold_text(found.mentions[r.title].text))
            given[pair] = max(r.confidence, given.get(pair, 0.0))
    _tally(scores, scores.reports, "reports", gold.name, wanted, given)


def _tally(
    scores: Scores, count: Count, kind: str, name: str, wanted: set[Hashable], given: dict[Hashable, float]
) -> None:
    count.add(wanted, set(given))
    scores.outcomes += [(kind, confidence, row in wanted) for row, confidence in given.items()]
    for what, rows in (("missed", wanted - set(given)), ("wrong", set(given) - wanted)):
        scores.errors += [Error(name, kind, what, str(row)) for row in sorted(rows, key=str)]


def b_cubed(pairs: Sequence[tuple[str, str]]) -> tuple[float, float, float]:
    """(precision, recall, F1) of B-cubed over (gold entity, predicted entity) of each mention."""
    if not pairs:
        return 0.0, 0.0, 0.0
    gold, predicted, both = Counter(g for g, _ in pairs), Counter(p for _, p in pairs), Counter(pairs)
    precision = sum(both[g, p] / predicted[p] for g, p in pairs) / len(pairs)
    recall = sum(both[g, p] / gold[g] for g, p in pairs) / len(pairs)
    return precision, recall, 2 * precision * recall / (precision + recall)
