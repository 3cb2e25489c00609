"""A log-linear choice among alternatives: the scorer of links and of quoted titles. Inference only.

The probability of an alternative is the softmax of the summed weights of its features over all alternatives, of which
"none of them" is one like any other (a conditional logit; McFadden 1974).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.extraction.arrays import save_arrays

#: Weights below this are not stored.
SMALLEST = 0.02


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

    def save(self, path: Path) -> None:
        """Write the weights as one `.npz`: the names in their order as bytes, the weights in half precision."""
        names = sorted(name for name, weight in self.weights.items() if abs(weight) >= SMALLEST)
        save_arrays(
            path,
            names=np.frombuffer("\n".join(names).encode("utf-8"), np.uint8),
            weights=np.array([self.weights[name] for name in names], np.float16),
        )

    @classmethod
    def load(cls, path: Path) -> Ranker:
        """Read what `save` wrote."""
        with np.load(path, allow_pickle=False) as stored:
            names = stored["names"].tobytes().decode("utf-8").split("\n")
            return cls(dict(zip(names, stored["weights"].astype(float).tolist(), strict=bool(names[0]))))


def softmax(scores: Sequence[float]) -> list[float]:
    """Scores as probabilities that sum to one."""
    highest = max(scores)
    powers = [math.exp(score - highest) for score in scores]
    whole = sum(powers)
    return [power / whole for power in powers]
