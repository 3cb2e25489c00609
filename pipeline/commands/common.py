"""What the commands share: options, exit codes, and errors that a user can mend told as messages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

#: Exit codes.
SOME_FAILED, WRONG_USAGE, INTERRUPTED = 1, 2, 130

#: What typer raises where the command line is not understood; it has no public name of its own there.
_USAGE_ERROR: Any = typer.BadParameter.__base__

#: What `--language` may say; `run` and `show` also take `auto`.
CHOICES = ("en", "ru", "kk")


def _one_of(*choices: str) -> Callable[[str], str]:
    """The check of an option that takes one of these."""

    def check(value: str) -> str:
        if value not in choices:
            raise typer.BadParameter(f"{value!r} is none of {', '.join(choices)}.")
        return value

    return check


def _mask(value: str) -> str:
    if value not in ("", "contacts"):
        raise typer.BadParameter(f"{value!r} cannot be masked; `--mask contacts` is what there is.")
    return value


AnyLanguage = Annotated[
    str,
    typer.Option(
        "--language", "-l", callback=_one_of("auto", *CHOICES),
        help="Language of the texts: auto (detected), en, ru or kk.",
    ),
]  # fmt: skip
Language = Annotated[str, typer.Option("--language", "-l", help="Language of the texts.")]
Knowledge = Annotated[
    list[Path] | None,
    typer.Option("--knowledge", help="Folder with knowledge lines of your own; may be given several times."),
]
Model = Annotated[
    str,
    typer.Option(
        "--model", "-m", callback=_one_of("fast", "accurate", "cascade"),
        help="fast; accurate, with an encoder; or cascade, with it where fast is unsure.",
    ),
]  # fmt: skip
Mask = Annotated[
    str,
    typer.Option(callback=_mask, help="contacts: phone numbers, mail and street addresses.", show_default=False),
]
MinConfidence = Annotated[
    float, typer.Option(min=0, max=1, help="Leave out mentions and relations that are less sure than this.")
]


@contextmanager
def user_errors(when_stopped: str) -> Iterator[None]:
    """Turn what a user can mend into a message and an exit code; anything else is a bug and shows as one."""
    try:
        from pipeline.cleaning.contacts import ContactsError
        from pipeline.knowledge.own import OwnKnowledgeError
        from pipeline.reading import InputError
        from pipeline.running import LanguageError, LogError, ModelError, OutputError, StoppedError, WorkersError
        from pipeline.tables import FormatError, TablesError

        try:
            yield
        except (
            InputError,
            OutputError,
            LanguageError,
            LogError,
            ModelError,
            OwnKnowledgeError,
            FormatError,
            TablesError,
            WorkersError,
            ContactsError,
        ) as error:
            leave(str(error), WRONG_USAGE)
        except StoppedError as error:
            leave(f"Stopped at the first failure. {when_stopped}".strip(), SOME_FAILED, cause=error)
    except KeyboardInterrupt:
        leave(f"Interrupted. {when_stopped}".strip(), INTERRUPTED)


class Commands(TyperGroup):
    """The commands as a group in which wrong usage is told as everything else is that a user can mend."""

    def make_context(self, info_name: str | None, args: list[str], *others: Any, **more: Any) -> Any:
        """Read the options before the command; without anything the help is shown."""
        if not args:
            return super().make_context(info_name, args, *others, **more)
        with _usage_errors():
            return super().make_context(info_name, args, *others, **more)

    def invoke(self, ctx: Any) -> Any:
        """Read the options of the command and do it."""
        with _usage_errors():
            return super().invoke(ctx)


@contextmanager
def _usage_errors() -> Iterator[None]:
    try:
        yield
    except _USAGE_ERROR as error:
        message = error.format_message().rstrip(".")
        command = error.ctx.command_path if error.ctx else "rollcall"
        leave(f"{message}. `{command} --help` tells what there is.", WRONG_USAGE, cause=error)


def leave(message: str, code: int, cause: Exception | None = None) -> NoReturn:
    """Say what is wrong on stderr and leave with an exit code."""
    say(message)
    raise typer.Exit(code) from cause


def say(message: str) -> None:
    """A line on stderr, without characters that could steer a terminal."""
    from pipeline.running.progress import visible

    typer.echo(f"rollcall: {visible(message)}", err=True)
