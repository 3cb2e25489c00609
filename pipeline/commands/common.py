"""What the commands share: options, exit codes, and errors that a user can mend told as messages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, NoReturn

import typer

#: Exit codes.
SOME_FAILED, WRONG_USAGE, INTERRUPTED = 1, 2, 130

Language = Annotated[str, typer.Option("--language", "-l", help="Language of the texts.")]
MinConfidence = Annotated[
    float, typer.Option(min=0, max=1, help="Leave out mentions and relations that are less sure than this.")
]


@contextmanager
def user_errors(when_stopped: str) -> Iterator[None]:
    """Turn what a user can mend into a message and an exit code; anything else is a bug and shows as one."""
    try:
        from pipeline.reading import InputError
        from pipeline.running import LanguageError, OutputError, StoppedError

        try:
            yield
        except (InputError, OutputError, LanguageError) as error:
            leave(str(error), WRONG_USAGE)
        except StoppedError as error:
            leave(f"Stopped at the first failure. {when_stopped}".strip(), SOME_FAILED, cause=error)
    except KeyboardInterrupt:
        leave(f"Interrupted. {when_stopped}".strip(), INTERRUPTED)


def leave(message: str, code: int, cause: Exception | None = None) -> NoReturn:
    """Say what is wrong on stderr and leave with an exit code."""
    say(message)
    raise typer.Exit(code) from cause


def say(message: str) -> None:
    """A line on stderr, without characters that could steer a terminal."""
    from pipeline.running.progress import visible

    typer.echo(f"rollcall: {visible(message)}", err=True)
