"""The figures of an evaluation as text, and its errors grouped by what went wrong."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from pipeline.records import CORE_LABELS, LABELS
from pipeline.training.calibrate import reliability
from pipeline.training.scores import Count, Error, Scores

_HEAD = f"{'':16}{'P':>7}{'R':>7}{'F1':>7}{'overlap F1':>12}{'gold':>7}"


def table(scores: Scores) -> str:
    """The figures, one line each."""
    lines = [f"{scores.documents} documents; strict unless said otherwise", _HEAD]
    rows = [(label, scores.strict[label], scores.overlap[label]) for label in LABELS]
    rows += [
        (name, scores.total(scores.strict, labels), scores.total(scores.overlap, labels))
        for name, labels in (("core", CORE_LABELS), ("all", LABELS))
    ]
    lines += [f"{_line(name, strict)[:-7]}{overlap.f1:12.3f}{strict.gold:7}" for name, strict, overlap in rows]
    lines += [
        f"{_line(name, count)[:-7]}{'':12}{count.gold:7}"
        for name, count in (("affiliations", scores.affiliations), ("reports", scores.reports))
    ]
    for label, (precision, recall, f1) in scores.linking.items():
        lines.append(f"{'linking ' + label.lower()[:8]:16}{precision:7.3f}{recall:7.3f}{f1:7.3f}   (B-cubed)")
    return "\n".join(lines)


def _line(name: str, count: Count) -> str:
    return f"{name:16}{count.precision:7.3f}{count.recall:7.3f}{count.f1:7.3f}{count.gold:7}"


def models_table(scores: Mapping[str, Mapping[str, Scores]]) -> str:
    """The labellers of each language side by side, over the same documents: strict F1."""
    names = ("core", "person", "role", "institution", "report", "affiliations", "reports")
    lines = [f"{'':16}" + "".join(f"{name:>13}" for name in names)]
    for language, by_model in scores.items():
        for model, one in by_model.items():
            figures = one.figures()
            lines.append(f"{language} {model:13}" + "".join(f"{figures[name]:13.3f}" for name in names))
    return "\n".join(lines)


def reliability_table(scores: Scores) -> str:
    """How often rows of each confidence were right: mentions, affiliations, reports."""
    lines = [f"{'confidence':14}{'mentions':>10}{'right':>8}{'affiliations':>14}{'right':>8}{'reports':>9}{'right':>8}"]
    columns = [
        {low: (n, share) for low, _, n, share in reliability(scores.outcomes, kinds)}
        for kinds in (LABELS, ("affiliations",), ("reports",))
    ]
    for i in range(10):
        low = i / 10
        cells = [column.get(low) for column in columns]
        texts = [(f"{c[0]}", f"{c[1]:.3f}") if c else ("-", "-") for c in cells]
        (a, b), (c, d), (e, f) = texts
        lines.append(f"{low:.1f} to {low + 0.1:.1f}    {a:>10}{b:>8}{c:>14}{d:>8}{e:>9}{f:>8}")
    return "\n".join(lines)


def grouped_errors(errors: Iterable[Error], most: int) -> str:
    """The errors by cause, the most frequent cause first, with up to `most` examples of each.

    A missed and a wrong span that overlap are one error: of the edge where the label is the same, else of the label.
    """
    groups: dict[str, list[str]] = defaultdict(list)
    for cause, example in _causes(errors):
        groups[cause].append(example)
    lines = []
    for cause, examples in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0])):
        lines.append(f"{len(examples):5}  {cause}")
        lines += [f"         {example}" for example in examples[:most]]
    return "\n".join(lines)


def _causes(errors: Iterable[Error]) -> Iterable[tuple[str, str]]:
    by_document: dict[str, list[Error]] = defaultdict(list)
    for error in errors:
        by_document[error.document].append(error)
    for name, found in by_document.items():
        missed = [e for e in found if e.what == "missed" and e.kind in LABELS]
        wrong = [e for e in found if e.what == "wrong" and e.kind in LABELS]
        used: set[int] = set()
        for error in missed:
            touching = (i for i, o in enumerate(wrong) if o.end > error.start and error.end > o.start)
            partner = next((i for i in touching if i not in used), None)
            if partner is None:
                yield f"{error.kind} missed", f"{name}: {_flat(error.text)}"
                continue
            used.add(partner)
            other = wrong[partner]
            cause = f"{error.kind} edge" if other.kind == error.kind else f"{error.kind} taken for {other.kind}"
            yield cause, f"{name}: {_flat(error.text)}  →  {_flat(other.text)}"
        for i, error in enumerate(wrong):
            if i not in used:
                yield f"{error.kind} invented", f"{name}: {_flat(error.text)}"
        for error in found:
            if error.kind not in LABELS:
                yield f"{error.kind} {error.what}", f"{name}: {error.text}"


def _flat(text: str) -> str:
    return " ".join(text.split())


def counts_by_cause(errors: Iterable[Error]) -> dict[str, int]:
    """How many errors each cause has, for `--json`."""
    return dict(sorted(Counter(cause for cause, _ in _causes(errors)).items()))
