"""Spans ↔ tags: the two sides of the BIO scheme, each the other's inverse."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

OUTSIDE = "O"
#: A span over tokens: first, last (exclusive), label.
TokenSpan = tuple[int, int, str]


def tag_names(labels: Iterable[str]) -> tuple[str, ...]:
    """All tags over these labels, `O` first."""
    return (OUTSIDE, *(f"{prefix}-{label}" for label in labels for prefix in "BI"))


def spans_to_tags(spans: Iterable[TokenSpan], length: int) -> list[str]:
    """BIO tags of `length` tokens. Raises ValueError when spans overlap or lie outside."""
    tags = [OUTSIDE] * length
    for first, last, label in spans:
        if not 0 <= first < last <= length or any(tag != OUTSIDE for tag in tags[first:last]):
            raise ValueError(f"span {first}:{last} ({label}) overlaps another or lies outside {length} tokens")
        tags[first] = f"B-{label}"
        tags[first + 1 : last] = [f"I-{label}"] * (last - first - 1)
    return tags


def tags_to_spans(tags: Sequence[str]) -> list[TokenSpan]:
    """The spans of BIO tags; an `I-` that continues nothing begins a span."""
    spans: list[TokenSpan] = []
    start, label = 0, ""
    for i, tag in enumerate(tags):
        kind = tag[2:]
        if label and (tag == OUTSIDE or tag[0] == "B" or kind != label):
            spans.append((start, i, label))
            label = ""
        if tag != OUTSIDE and not label:
            start, label = i, kind
    if label:
        spans.append((start, len(tags), label))
    return spans


def balance(spans: Sequence[TokenSpan], words: Sequence[str]) -> list[TokenSpan]:
    """The spans with their round brackets made whole: a closing one that stands next is taken in, a lone one is left.

    `Officer (Manuscripts` becomes `Officer (Manuscripts)`, and the name before a bracket loses a mark that closes
    what the name did not open. (Quotation marks are not treated so: a name may end within a quotation.)
    """
    whole: list[TokenSpan] = []
    for number, (first, last, label) in enumerate(spans):
        inside = words[first:last]
        opened, closed = inside.count("("), inside.count(")")
        following = spans[number + 1][0] if number + 1 < len(spans) else len(words)
        if opened == closed + 1 and last < following and words[last] == ")":
            last += 1
        elif closed > opened and inside[-1] == ")" and last - first > 1:
            last -= 1
        whole.append((first, last, label))
    return whole
