"""What the output tells of its run: `rollcall.json`, the same for the same input, and `run.json`, how it went."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.running.log import Log
from pipeline.running.masking import mask_key
from pipeline.running.output import RUN, stamps
from pipeline.running.work import Settings


class Stages:
    """A stopwatch: the seconds of each stage of a run, which the log is told too."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self.begun = datetime.now(UTC)
        self.seconds: dict[str, float] = {}
        self._last = time.monotonic()

    def ended(self, stage: str) -> None:
        """A stage ended and the next begins."""
        now = time.monotonic()
        self.seconds[stage] = round(now - self._last, 3)
        self._last = now
        self._log.event("stage", stage=stage, seconds=self.seconds[stage])


def manifest(settings: Settings, counts: Mapping[str, int], own: str, learnt: bool) -> dict[str, Any]:
    """What rollcall.json tells of a run: nothing that differs between two runs over the same input."""
    return {
        "version": version(),
        "settings": {
            "language": settings.language,
            "model": settings.model,
            "min_confidence": settings.min_confidence,
            "max_characters": settings.max_characters,
            **({"knowledge": own} if own else {}),
            "learn": learnt,
            **({"mask": settings.mask, "mask_rules": mask_key(settings.mask)} if settings.mask else {}),
            **asdict(settings.reading),
        },
        "counts": dict(counts),
    }


def write_run(
    out: Path,
    asked: Mapping[str, Any],
    files: Mapping[str, int],
    counts: Mapping[str, int],
    made_by: Mapping[str, str],
    stages: Stages,
    masked: Mapping[str, int] | None = None,
    written: Iterable[str] = (),
) -> None:
    """Write run.json: what was asked (inputs, settings and where they come from), counts, versions, time, memory.

    `written` are the files of the output whose size and times are put down, so that a later run need not read them.
    `masked` are the contacts masked in all documents by kind, None where none were to be.
    """
    told = {
        **asked,
        "files": dict(files),
        "counts": dict(counts),
        **({} if masked is None else {"masked": dict(masked)}),
        "made_by": dict(made_by),
        "begun": stages.begun.isoformat(timespec="seconds"),
        "ended": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": stages.seconds,
        "peak_memory_mb": peak_memory(),
        "stamps": stamps(out, written),
    }
    temporary = out / f".rollcall-work-{RUN}"
    temporary.write_text(json.dumps(told, ensure_ascii=False, indent=1, default=str) + "\n", encoding="utf-8")
    os.replace(temporary, out / RUN)


def peak_memory() -> dict[str, float]:
    """The most memory that the main process and the largest of its workers held, in MB; empty where not told."""
    if sys.platform == "win32":
        return {}
    import resource

    unit = 1_000_000 if sys.platform == "darwin" else 1_000
    who = {"main": resource.RUSAGE_SELF, "largest_worker": resource.RUSAGE_CHILDREN}
    return {name: round(resource.getrusage(of).ru_maxrss / unit, 1) for name, of in who.items()}


def version() -> str:
    """The version of Rollcall that is installed, or `unknown` in a checkout that is not."""
    from importlib import metadata

    try:
        return metadata.version("rollcall")
    except metadata.PackageNotFoundError:
        return "unknown"
