"""Settings from files: `rollcall.toml` in the input folder and `--config`, under the names that the options have.

The signature of a command is the one declaration of its settings: names, types, bounds and defaults come from there.
"""

from __future__ import annotations

import difflib
import inspect
import math
import os
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import typer
from typer.models import OptionInfo

from pipeline.commands.common import WRONG_USAGE, say

#: What makes no sense in a file.
_COMMAND_LINE_ONLY = ("config", "dry-run")
#: Where a value comes from that nobody set, and one that was set on the command line.
DEFAULT, COMMAND_LINE = "default", "command line"

Config = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="TOML file with settings, named as the options are.")
]


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as an option declares it. `kind` is str, Path, int, float or bool; `many` says that it is a list."""

    name: str
    parameter: str
    kind: type
    many: bool
    least: float | None
    most: float | None
    check: Callable[[Any], Any] | None


@dataclass(slots=True)
class InForce:
    """The settings of a command by name, their values by parameter, their sources by name, the files that were read.

    A source is `default`, `command line`, or the file with the line.
    """

    settings: Mapping[str, Setting]
    values: dict[str, Any]
    sources: dict[str, str] = field(default_factory=dict)
    files: list[Path] = field(default_factory=list)

    def set(self) -> dict[str, str]:
        """The sources of what is not left at its default."""
        return {name: source for name, source in self.sources.items() if source != DEFAULT}


class SettingsError(Exception):
    """Settings that cannot be used; `problems` are sentences that name the file and the line."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


def settled(
    function: Callable[..., None], *, like: Callable[..., None] | None = None, known: Callable[..., None] | None = None
) -> Callable[..., None]:
    """A command that takes what the command line leaves open from the files of settings.

    The function has a first parameter `ctx`, in whose `obj` it finds `InForce`, and says with a parameter `inputs` or
    `file` what is read, with `config` which file was named.

    Args:
        function: what is done in the end.
        like: the command whose options it has, where that is another.
        known: the command whose settings may stand in the files, where that is another; those it lacks are left.
    """
    declared = like or function

    @wraps(declared)
    def command(ctx: typer.Context, **given: Any) -> None:
        try:
            ctx.obj = in_force(ctx, settings_of(declared), settings_of(known or declared), given)
        except SettingsError as error:
            for problem in error.problems:
                say(problem)
            raise typer.Exit(WRONG_USAGE) from error
        function(ctx, **ctx.obj.values)

    command.__name__, command.__doc__ = function.__name__, function.__doc__
    return command


def settings_of(command: Callable[..., None]) -> dict[str, Setting]:
    """The settings of a command, by name."""
    found = {}
    hints = get_type_hints(command, include_extras=True)
    for parameter in inspect.signature(command).parameters:
        kind, *notes = get_args(hints[parameter]) if get_origin(hints[parameter]) is Annotated else [hints[parameter]]
        option = next((note for note in notes if isinstance(note, OptionInfo)), None)
        if option is None:
            continue
        written = (option.default, *(option.param_decls or ()))  # below Annotated, the first one stands in `default`
        long = [w.split("/")[0] for w in written if isinstance(w, str) and w.startswith("--")]
        name = long[0].removeprefix("--") if long else parameter.replace("_", "-")
        if get_origin(kind) in (Union, UnionType):
            kind = next(k for k in get_args(kind) if k is not type(None))
        many = get_origin(kind) is list
        one = get_args(kind)[0] if many else kind
        found[name] = Setting(name, parameter, one, many, option.min, option.max, option.callback)
    return found


def in_force(
    ctx: typer.Context, settings: Mapping[str, Setting], known: Mapping[str, Setting], given: Mapping[str, Any]
) -> InForce:
    """What is in force: the command line before `--config` before the folders' files before defaults.

    Args:
        ctx: tells what stands on the command line. settings: those of the command. known: those that files may hold.
        given: what the command line gives, by parameter.

    Raises:
        SettingsError: when a file cannot be used, or two folders want different things.
    """
    found = InForce(settings, dict(given))
    named = given.get("config")
    inputs = given["inputs"] or ["data/raw"] if "inputs" in given else [given["file"]]
    beside = [path for path in beside_inputs(inputs) if named is None or not _same(path, named)]
    from_files: dict[str, tuple[Any, str]] = {}
    layers = [read_settings(path, known) for path in beside]
    own = read_settings(named, known) if named is not None else {}
    found.files = [*beside, *([named] if named is not None else [])]
    chosen = {
        name for name, setting in settings.items()
        if getattr(ctx.get_parameter_source(setting.parameter), "name", "") == "COMMANDLINE"
    }  # fmt: skip
    problems = []
    for layer in layers:
        for name, (value, where) in layer.items():
            other = from_files.setdefault(name, (value, where))
            if other[0] != value and name not in chosen and name not in own:
                problems.append(
                    f"{other[1]} and {where} set {name} to different values. Set it with --{name} or in a file "
                    "named with --config, or run the folders one by one."
                )
    if problems:
        raise SettingsError(problems)
    from_files |= own
    for name, setting in settings.items():
        if name in chosen:
            found.sources[name] = COMMAND_LINE
        elif name in from_files:
            found.values[setting.parameter], found.sources[name] = from_files[name]
        else:
            found.sources[name] = DEFAULT
    return found


def beside_inputs(inputs: Iterable[Path | str]) -> list[Path]:
    """The files of settings in the input folders, or in the folders of input files, each once."""
    from pipeline.reading.discovery import SETTINGS

    folders = [Path(i) if os.path.isdir(i) else Path(i).parent for i in inputs]
    files = [folder / SETTINGS for folder in folders]
    return list({os.path.realpath(f): f for f in reversed(files) if f.is_file()}.values())[::-1]


def read_settings(path: Path, settings: Mapping[str, Setting]) -> dict[str, tuple[Any, str]]:
    """The settings in a file: name → (value, where it stands). Relative paths are taken from the folder of the file.

    Raises:
        SettingsError: with every problem that the file has.
    """
    from pipeline.reading import printable

    name = printable(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")  # an editor may have put a byte order mark before it
    except UnicodeDecodeError as error:
        raise SettingsError([f"{name} is not in UTF-8 (byte {error.start}); save it as UTF-8."]) from None
    except FileNotFoundError:
        raise SettingsError([f"There is no file {name}. Name a TOML file with --config."]) from None
    except OSError as error:
        raise SettingsError([f"{name} cannot be read ({error.strerror}). Name a TOML file with --config."]) from None
    text = text.replace("\r\n", "\n")
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(
            [f'{name} is not valid TOML: {error}. A line is `name = value`, with texts in quotes: language = "ru".']
        ) from None
    found: dict[str, tuple[Any, str]] = {}
    problems = []
    for key, value in told.items():
        where = f"{name}, line {_line(text, key)}"
        try:
            found[key] = (_value(_known(key, value, settings), value, path.parent), where)
        except ValueError as error:
            problems.append(f"{where}: {error}")
    if problems:
        raise SettingsError(problems)
    return found


def _known(key: str, value: Any, settings: Mapping[str, Setting]) -> Setting:
    """The setting of this name."""
    if key in _COMMAND_LINE_ONLY:
        raise ValueError(f"{key} is for the command line alone; take the line out.")
    if key in settings:
        return settings[key]
    if isinstance(value, dict):
        raise ValueError(f"there is no table [{key}]. Settings stand by themselves: name = value.")
    names = [n for n in settings if n not in _COMMAND_LINE_ONLY]
    near = difflib.get_close_matches(key.lower().replace("_", "-"), names, 1, cutoff=0.7)
    hint = f"Did you mean {near[0]}?" if near else "`rollcall config` lists those there are."
    raise ValueError(f"there is no setting {key}. {hint}")


def _value(setting: Setting, value: Any, folder: Path) -> Any:
    """A value of a file as the option would give it."""
    if not setting.many:
        return _one(setting, value, folder)
    values = value if isinstance(value, list) else [value]
    return [_one(setting, one, folder) for one in values]


def _one(setting: Setting, value: Any, folder: Path) -> Any:
    right, wanted = {
        bool: (isinstance(value, bool), "true or false"),
        int: (isinstance(value, int) and not isinstance(value, bool), "a whole number, without quotes"),
        float: (_is_number(value), "a number, without quotes"),
    }.get(setting.kind, (isinstance(value, str), "a text in quotes"))
    if not right:
        listed = f"a list, each {wanted}" if setting.many else wanted
        raise ValueError(f"{setting.name} must be {listed}, and not {toml(value)}.")
    if setting.kind is Path:
        return folder / Path(value).expanduser()
    if setting.kind in (int, float):
        _within(setting, value)
        return setting.kind(value)
    if setting.check:
        try:
            return setting.check(value)
        except typer.BadParameter as error:
            raise ValueError(f"{setting.name}: {error.message}") from None
    return value


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _within(setting: Setting, value: float) -> None:
    low, high = setting.least, setting.most
    if (low is not None and value < low) or (high is not None and value > high):
        bounds = [f"at least {low:g}"] if low is not None else []
        bounds += [f"at most {high:g}"] if high is not None else []
        raise ValueError(f"{setting.name} must be {' and '.join(bounds)}, and is {value}.")


def _line(text: str, key: str) -> int:
    """The line on which a key stands: that before which the file does not yet hold it."""
    written = rf"""\s*\[?\s*(?:{re.escape(key)}|"{re.escape(key)}"|'{re.escape(key)}')\s*[=.\]]"""
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        if re.match(written, line) and _whole("\n".join(lines[: number - 1])):
            return number
    return 1


def _whole(text: str) -> bool:
    """Whether a text is TOML by itself: the line after it then stands in no value of many lines."""
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


def _same(one: Path, other: Path) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


def config(ctx: typer.Context, **_: Any) -> None:
    """Print the settings with which `rollcall run` would work, and where each comes from."""
    from pipeline.reading import printable
    from pipeline.reading.discovery import SETTINGS

    found: InForce = ctx.obj
    inputs = ", ".join(printable(i) for i in found.values["inputs"] or ["data/raw"])
    typer.echo(f"# {inputs}: " + (", ".join(map(printable, found.files)) if found.files else f"no {SETTINGS}"))
    lines = []
    for name, setting in found.settings.items():
        if name in _COMMAND_LINE_ONLY:
            continue
        value = found.values[setting.parameter]
        unset = value is None or value == []
        lines.append((f"# {name} is not set" if unset else f"{name} = {toml(value)}", found.sources[name]))
    width = min(max(len(line) for line, _ in lines), 60)
    for line, source in lines:
        typer.echo(f"{line:{width}}  # {source}")


def toml(value: Any) -> str:
    """A value as it is written in TOML."""
    import json

    from pipeline.reading import printable

    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(toml, value))}]"
    if isinstance(value, (int, float)):
        return f"{int(value) if float(value).is_integer() else value}"
    text = printable(value) if isinstance(value, Path) else str(value)
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
