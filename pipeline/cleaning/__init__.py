"""Cleaning: raw text → `Text`, in named, pure, reversible steps. No character is lost without a record."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from pipeline.cleaning.edits import Edit, apply
from pipeline.cleaning.furniture import mark
from pipeline.cleaning.steps import STEP_NAMES, STEPS, Step
from pipeline.records import Text

__all__ = ["STEPS", "STEP_NAMES", "Edit", "Step", "apply", "clean", "mark"]


def clean(raw: str, steps: Collection[str] | None = None, furniture: bool = True) -> Text:
    """Clean a text.

    Args:
        raw: the text as read.
        steps: names of the steps to take (`STEP_NAMES`); None takes all.
        furniture: whether menus, counters and the like are marked.

    Raises:
        ValueError: for a step that does not exist.
    """
    wanted = set(STEP_NAMES if steps is None else steps)
    if unknown := wanted - set(STEP_NAMES):
        raise ValueError(f"no cleaning step named {', '.join(sorted(unknown))}; there are {', '.join(STEP_NAMES)}")
    text = Text.of(raw)
    for step in STEPS:
        if step.name in wanted:
            text = apply(text, step.name, step.find(text.clean))
    return replace(text, furniture=mark(raw)) if furniture else text
