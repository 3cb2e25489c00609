"""Running: a folder → a finished output. One document that goes wrong never stops the others."""

from pipeline.running.engine import Engine, LanguageError, ModelError, load_engine
from pipeline.running.log import LogError
from pipeline.running.manifest import version
from pipeline.running.output import OutputError
from pipeline.running.pool import WorkersError
from pipeline.running.results import Failure, Progress, RunResult, StoppedError
from pipeline.running.run import run
from pipeline.running.work import MAX_CHARACTERS, Settings

__all__ = [
    "MAX_CHARACTERS", "Engine", "Failure", "LanguageError", "LogError", "ModelError", "OutputError", "Progress",
    "RunResult", "Settings", "StoppedError", "WorkersError", "load_engine", "run", "version",
]  # fmt: skip
