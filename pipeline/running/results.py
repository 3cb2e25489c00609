"""What a run tells: how far it is, which documents failed, what it did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Failure:
    """A document that could not be read or worked on, and why."""

    document_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: sent once at the start (`learning`), after each document, then once a step.

    `characters` counts those that were read; `share`, from 0 to 1, tells how much of the bytes of the files is done.
    """

    step: str
    done: int
    total: int
    failure: Failure | None = None
    characters: int = 0
    share: float = 0.0


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run did. `counts` gives the rows of every table, and `ok`, `empty`, `failed` documents.

    `notes` are judgements and corrections that could not be applied or contradict each other, in sentences. `files`
    says how many files were `new`, `changed`, done again because of other `settings` or corrections, by `retry` or by
    `refresh`, `kept` as they were (of those: `failed` before, `outdated`: done by another version), and `gone`;
    `remarks` tell what else a user should know of the store.
    `masked` says how many contacts of each kind were masked and in how many `documents`; None where none were to be.
    """

    out: Path
    counts: Mapping[str, int]
    failures: tuple[Failure, ...]
    seconds: float
    notes: tuple[str, ...] = ()
    files: Mapping[str, int] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    masked: Mapping[str, int] | None = None

    @property
    def ok(self) -> bool:
        """Whether no document failed."""
        return not self.failures


class StoppedError(Exception):
    """A run that was not to go on after a failure met one; nothing was written."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(f"{failure.document_id}: {failure.reason}")
        self.failure = failure
