"""Confidences that mean what they say: scores of the models mapped to how often such scores were right.

The map is monotone and piecewise linear, fitted on held-out folds (isotonic regression; Zadrozny and Elkan 2002).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Curve:
    """A monotone map from a score to a probability: `scores` ascending, `rates` not descending."""

    scores: Sequence[float]
    rates: Sequence[float]

    def __call__(self, score: float) -> float:
        """The probability of being right at this score."""
        if not self.scores:
            return score
        if score <= self.scores[0]:
            return self.rates[0]
        if score >= self.scores[-1]:
            return self.rates[-1]
        i = bisect_right(self.scores, score)
        left, right = self.scores[i - 1], self.scores[i]
        share = (score - left) / (right - left)
        return self.rates[i - 1] + share * (self.rates[i] - self.rates[i - 1])


@dataclass(frozen=True, slots=True)
class Calibration:
    """A curve for each kind of row: the labels of mentions, `affiliations` and `reports`."""

    curves: Mapping[str, Curve] = field(default_factory=dict)

    def __call__(self, kind: str, score: float) -> float:
        """The calibrated confidence of a row, rounded to three digits."""
        curve = self.curves.get(kind)
        return round(min(max(curve(score) if curve else score, 0.0), 1.0), 3)

    def to_json(self) -> dict[str, list[list[float]]]:
        """The curves as plain JSON."""
        return {k: [list(c.scores), list(c.rates)] for k, c in sorted(self.curves.items())}

    @classmethod
    def from_json(cls, stored: Mapping[str, Sequence[Sequence[float]]]) -> Calibration:
        """Read what `to_json` wrote."""
        return cls({kind: Curve(tuple(scores), tuple(rates)) for kind, (scores, rates) in stored.items()})
