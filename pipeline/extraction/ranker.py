"""A log-linear choice among alternatives: the scorer of links and of quoted titles. Inference only.

The probability of an alternative is the softmax of the summed weights of its features over all alternatives, of which
"none of them" is one like any other (a conditional logit; McFadden 1974).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ranker:
    """weights: one number a feature."""

    weights: Mapping[str, float]

    def score(self, features: Iterable[str]) -> float:
        """The summed weights of one alternative."""
        weights = self.weights
        return sum(weights.get(feature, 0.0) for feature in features)

    def probabilities(self, alternatives: Sequence[Iterable[str]]) -> list[float]:
        """The probability of each alternative."""
        return softmax([self.score(features) for features in alternatives])

    def to_json(self) -> dict[str, float]:
        """The weights as plain JSON, three digits, sorted, so that the file is the same each time."""
        rounded = {name: round(value, 3) for name, value in sorted(self.weights.items())}
        return {name: value for name, value in rounded.items() if value}


def softmax(scores: Sequence[float]) -> list[float]:
    """Scores as probabilities that sum to one."""
    highest = max(scores)
    powers = [math.exp(score - highest) for score in scores]
    whole = sum(powers)
    return [power / whole for power in powers]
