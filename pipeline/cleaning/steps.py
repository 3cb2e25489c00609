"""The cleaning steps: named, pure functions from clean characters to edits, listed in `STEPS` in the order they run.

Each can be switched off by name. None deletes words: furniture is marked by `furniture.py`, never cut.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pipeline.cleaning.edits import Edit
from pipeline.cleaning.wraps import hard_wraps


@dataclass(frozen=True, slots=True)
class Step:
    """A cleaning step: its name, why it is there, and the function that finds its edits."""

    name: str
    reason: str
    find: Callable[[str], Iterator[Edit]]


def _substitution(pattern: str, after: str) -> Callable[[str], Iterator[Edit]]:
    """A step that puts `after` in the place of every match."""
    compiled = re.compile(pattern)

    def find(clean: str) -> Iterator[Edit]:
        return (Edit(m.start(), m.end(), after) for m in compiled.finditer(clean))

    return find


# A hyphen at a line's end is the word's own when a capital or a digit follows (`Ust-\nKamenogorsk`), else the
# typesetter's. What stands before is looked at second: a pattern that begins with a letter is tried everywhere.
_HYPHENATION = r"[-\u2010\u00ac](?<=[^\W\d_]{2}.)[ \t]*\n[ \t]*(?=[^\W\d_]{2})(?=[a-zа-яёәғқңөұүһі])"
# `opened.The`, `10.The`, `“Traces”.Then`; initials (`S.Toraigyrov`) and addresses (`nlrk.kz`) have no lower-case letter
# before or no capital after.
_MISSING_SPACE = r"(?<=[a-zа-яёәғқңөұүһі)\]”»\"0-9][.!?…;])(?=[A-ZА-ЯЁӘҒҚҢӨҰҮҺІ“«„][A-Za-zА-Яа-яЁёӘәҒғҚқҢңӨөҰұҮүҺһІі])"

STEPS: tuple[Step, ...] = (
    Step(
        "line-ends",
        "Windows and old Mac line ends become one newline",
        _substitution(r"\r\n?|\u2028|\u2029|\x85", "\n"),
    ),
    Step(
        "zero-width",
        "zero-width characters, soft hyphens and byte order marks are invisible and split words",
        _substitution("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]+", ""),
    ),
    Step(
        "control-characters",
        "control characters become a space",
        _substitution(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]", " "),
    ),
    Step("form-feeds", "a page break is a line break", _substitution(r"[\x0b\x0c]", "\n")),
    Step(
        "odd-spaces",
        "no-break, thin and ideographic spaces become a plain one",
        _substitution("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]", " "),
    ),
    Step("hyphenation", "a word that was split at a line's end is joined again", _substitution(_HYPHENATION, "")),
    Step("hard-wraps", "a line that was broken only because it was full is joined to the next", hard_wraps),
    Step("missing-space", "a sentence glued to the one before gets its space back", _substitution(_MISSING_SPACE, " ")),
)

#: The names of all steps, in the order in which they run.
STEP_NAMES = tuple(step.name for step in STEPS)
