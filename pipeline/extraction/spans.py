"""Spans ↔ tags: the two sides of the BIO scheme, each the other's inverse."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

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


def labels_at(spans: Iterable[TokenSpan], length: int) -> list[str]:
    """Of each of `length` tokens the label of the span in which it lies, or ""."""
    labels = [""] * length
    for first, last, label in spans:
        labels[first:last] = [label] * (last - first)
    return labels


def mentions_in(tags: NDArray[np.int32], apart: NDArray[np.bool_]) -> tuple[list[int], list[int], list[int]]:
    """First tokens, ends and label numbers of the spans that BIO tags make; an `I-` that continues nothing begins one.

    Args:
        tags: the numbers of the tags in `tag_names`.
        apart: whether a token cannot go on with what stands before it.
    """
    kinds = (tags + 1) // 2  # 0 outside, 1… the labels
    inside = kinds > 0
    changes = kinds != np.append(0, kinds[:-1])
    begins = inside & (changes | apart | (tags % 2 == 1))
    ends = inside & np.append((changes | begins)[1:], True)
    first = np.flatnonzero(begins)
    return first.tolist(), (np.flatnonzero(ends) + 1).tolist(), (kinds[first] - 1).tolist()


def balance(spans: Sequence[TokenSpan], words: Sequence[str]) -> list[TokenSpan]:
    """The spans with their round brackets made whole: a closing one that stands next is taken in, a lone one is left.

    `Officer (Manuscripts` becomes `Officer (Manuscripts)`, and the name before a bracket loses a mark that closes
    what the name did not open. (Quotation marks are not treated so: a name may end within a quotation.)
    """
    if "(" not in words and ")" not in words:
        return list(spans)
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
