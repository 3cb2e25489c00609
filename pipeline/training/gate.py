"""The gate: floors that the evaluation must reach, pinned with the digest of the corpus they were measured on."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: A floor is set this much below what was measured: other processors round sums in another order.
MARGIN = 0.006


class GateError(Exception):
    """A gate that cannot be used or set; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Gate:
    """The floors of one language: figure name → least value. `digest` is that of the tagged files.

    folds: into how many they were divided. Two will do to see that something became worse, in a fourth of the time of
    five; figures are lower, since models learn from half of the files.
    """

    language: str
    digest: str
    floors: Mapping[str, float]
    folds: int

    def failures(self, digest: str, figures: Mapping[str, float]) -> list[str]:
        """What is wrong, a sentence each; empty when the gate is passed."""
        found = []
        if digest != self.digest:
            found.append(
                f"{self.language}: the tagged files are not those that the floors were measured on "
                f"(digest {digest[:12]}, gate {self.digest[:12]}); measure again and pin with --set-floors."
            )
        for name, floor in sorted(self.floors.items()):
            value = figures.get(name)
            if value is None:
                found.append(f"{self.language}: there is no figure {name}, for which the gate has a floor.")
            elif value < floor:
                found.append(f"{self.language}: {name} is {value:.4f}, below its floor of {floor:.4f}.")
        return found


def read_gate(path: Path, language: str) -> Gate:
    """The gate of a language. Raises GateError when there is none."""
    stored = _read(path)
    if language not in stored:
        raise GateError(f"{path} has no floors for {language!r}; measure and pin them with --set-floors.")
    return Gate(language, *(stored[language][key] for key in ("digest", "floors", "folds")))


def set_floors(
    path: Path,
    language: str,
    digest: str,
    figures: Mapping[str, float],
    names: Sequence[str],
    folds: int,
    allow_lower: bool = False,
) -> Gate:
    """Pin the floors at the figures of a cross-validation in so many folds, less `MARGIN`.

    A floor that is already higher stays; when its figure no longer reaches it, this raises GateError unless
    `allow_lower` is given, which then lowers it.
    """
    stored = _read(path)
    old = stored.get(language, {}).get("floors", {})
    new = {name: round(figures[name] - MARGIN, 4) for name in names}
    lower = [name for name in names if name in old and figures[name] < old[name]]
    if lower and not allow_lower:
        raise GateError(
            f"{', '.join(lower)} would fall below the pinned floor of {language!r}. "
            "If that is meant, say so with --allow-lower."
        )
    floors = new if allow_lower else {name: max(new[name], old.get(name, 0.0)) for name in names}
    stored[language] = {"digest": digest, "floors": floors, "folds": folds}
    path.write_text(json.dumps(stored, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return Gate(language, digest, floors, folds)


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise GateError(f"{path} is no JSON: {error}") from error
    if not isinstance(stored, dict):
        raise GateError(f"{path} holds no gate: it must be a JSON object of languages.")
    return stored
