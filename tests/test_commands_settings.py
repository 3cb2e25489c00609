"""Settings from files: precedence, sources, messages."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
import running_fakes as fakes
from click.testing import Result
from typer.testing import CliRunner

import cli
from pipeline.running import engine

GOOD = "Asanova B., director, National Library. Zhukova Z. came."


@pytest.fixture(autouse=True)
def _stand_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(engine, "load_engine", fakes.make_engine)
    monkeypatch.setattr(engine, "link_documents", fakes.link)
    monkeypatch.chdir(tmp_path)
    Path("in").mkdir()
    Path("in/a.txt").write_text(GOOD)


def rollcall(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, arguments)


def in_force(*arguments: str) -> dict[str, tuple[object, str]]:
    """What `rollcall config` prints: name → (value, source)."""
    result = rollcall("config", *arguments)
    assert result.exit_code == 0, result.stderr
    values = tomllib.loads(result.stdout)
    sources = {}
    for line in result.stdout.splitlines()[1:]:
        said, _, source = line.rpartition("  # ")
        sources[said.removeprefix("# ").split()[0]] = source
    return {name: (values.get(name), source) for name, source in sources.items()}


def test_settings_precedence_command_line_config_folder_default() -> None:
    Path("in/rollcall.toml").write_text('language = "ru"\nmin-confidence = 0.5\nmax-pages = 7\n')
    Path("c.toml").write_text('language = "kk"\nmin-confidence = 0.75\n')
    told = in_force("in", "--config", "c.toml", "--language", "en")
    assert told["language"] == ("en", "command line")
    assert told["min-confidence"] == (0.75, "c.toml, line 2")
    assert told["max-pages"] == (7, "in/rollcall.toml, line 3")
    assert told["max-size"] == (50, "default")
    assert told["jobs"] == (None, "default")


def test_settings_every_option_may_stand_in_a_file() -> None:
    values = {
        name: value
        for name, (value, _) in in_force(
            "in", "--jobs", "1", "--authority", "x", "--judgements", "y", "--format", "json", "--knowledge", "z",
            "--log", "l", "--corrections", "c",
        ).items()
    }  # fmt: skip
    assert None not in values.values()
    command = cli.typer.main.get_command(cli.app).commands["run"]  # type: ignore[attr-defined]
    options = {max(p.opts, key=len).removeprefix("--") for p in command.params if p.opts[0].startswith("-")}
    assert set(values) == options - {"config", "dry-run", "help"}
    text = rollcall("config", "in").stdout
    Path("c.toml").write_text(text)
    again = {name: value for name, (value, _) in in_force("in", "--config", "c.toml").items() if value is not None}
    assert again == tomllib.loads(text)


def test_settings_bear_on_a_run_as_options_do() -> None:
    assert rollcall("run", "in", "--out", "out").stdout.startswith("1 document, 2 people")
    Path("in/rollcall.toml").write_text('min-confidence = 0.5\nout = "../out"\n')
    result = rollcall("run", "in")
    assert result.stdout.startswith("1 document, 1 person"), result.stdout
    assert "1 done before with other settings" in result.stdout
    assert "1 unchanged" in rollcall("run", "in", "--min-confidence", "0.5").stdout  # the same setting, the same key
    assert "1 done before with other settings" in rollcall("run", "in", "--min-confidence", "0").stdout


def test_settings_sources_stand_in_run_json() -> None:
    Path("in/rollcall.toml").write_text("min-confidence = 0.5\n")
    rollcall("run", "in", "--out", "out", "--jobs", "1")
    told = json.loads(Path("out/run.json").read_text())
    assert told["sources"] == {
        "out": "command line", "jobs": "command line", "min-confidence": "in/rollcall.toml, line 1",
    }  # fmt: skip
    assert told["settings"]["min_confidence"] == 0.5


def test_settings_file_is_no_announcement() -> None:
    Path("in/rollcall.toml").write_text("keep-missing = true\n")
    result = rollcall("run", "in/a.txt", "in/rollcall.toml", "--out", "out")
    assert (result.exit_code, result.stdout.split(",")[0]) == (0, "1 document")


def test_settings_of_show_too() -> None:
    Path("in/rollcall.toml").write_text("min-confidence = 0.5\njobs = 2\n")
    assert "[PERSON Zhukova" not in rollcall("show", "in/a.txt").stdout
    assert "[PERSON Zhukova" in rollcall("show", "in/a.txt", "--min-confidence", "0").stdout


def test_settings_paths_are_relative_to_the_file() -> None:
    Path("in/rollcall.toml").write_text('authority = "who.csv"\nknowledge = ["mine", "/theirs"]\n')
    told = in_force("in")
    assert told["authority"][0] == "in/who.csv"
    assert told["knowledge"][0] == ["in/mine", "/theirs"]


def test_settings_a_flag_is_overruled_on_the_command_line() -> None:
    Path("in/rollcall.toml").write_text("quiet = true\n")
    assert rollcall("run", "in", "--out", "out").stdout == ""
    assert rollcall("run", "in", "--out", "out", "--no-quiet").stdout != ""


def test_settings_of_two_folders_may_agree_but_not_contradict() -> None:
    Path("other").mkdir()
    Path("in/rollcall.toml").write_text('language = "ru"\nmax-pages = 7\n')
    Path("other/rollcall.toml").write_text('language = "kk"\nmax-pages = 7\n')
    result = rollcall("config", "in", "other")
    assert result.exit_code == 2
    assert result.stderr == (
        "rollcall: in/rollcall.toml, line 1 and other/rollcall.toml, line 1 set language to different values. "
        "Set it with --language or in a file named with --config, or run the folders one by one.\n"
    )
    assert in_force("in", "other", "--language", "en")["max-pages"] == (7, "in/rollcall.toml, line 2")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("min_confidence = 1", "there is no setting min_confidence. Did you mean min-confidence?"),
        ("langauge = 'en'", "there is no setting langauge. Did you mean language?"),
        ("flavour = 1", "there is no setting flavour. `rollcall config` lists those there are."),
        ("dry-run = true", "dry-run is for the command line alone; take the line out."),
        ("jobs = '2'", 'jobs must be a whole number, without quotes, and not "2".'),
        ("jobs = true", "jobs must be a whole number, without quotes, and not true."),
        ("jobs = 0", "jobs must be at least 1, and is 0."),
        ("min-confidence = 1.5", "min-confidence must be at least 0 and at most 1, and is 1.5."),
        ("max-size = nan", "max-size must be a number, without quotes, and not nan."),
        ("language = 'de'", "language: 'de' is none of auto, en, ru, kk."),
        ("ocr = 'yes'", 'ocr must be true or false, and not "yes".'),
        ("format = [1]", "format must be a list, each a text in quotes, and not 1."),
        ("[run]\njobs = 2", "there is no table [run]. Settings stand by themselves: name = value."),
    ],
)
def test_settings_wrong_ones_are_told_with_their_line(line: str, message: str) -> None:
    Path("in/rollcall.toml").write_bytes(f'\ufeff# mine\r\nencoding = """\r\n{line}"""\r\n{line}\r\n'.encode())
    result = rollcall("run", "in", "--out", "out")
    assert (result.exit_code, result.stdout) == (2, "")
    number = 4 + line.count("\n")
    assert result.stderr == f"rollcall: in/rollcall.toml, line {number}: {message}\n"
    assert not Path("out").exists()


def test_settings_all_that_is_wrong_is_told_at_once() -> None:
    Path("c.toml").write_text("jobs = 0\nocr = 1\n")
    assert len(rollcall("config", "in", "--config", "c.toml").stderr.splitlines()) == 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"language = ru\n", "c.toml is not valid TOML: Invalid value (at line 1, column 12). A line is"),
        ("encoding = 'я'".encode("cp1251"), "c.toml is not in UTF-8 (byte 12); save it as UTF-8."),
        (None, "There is no file c.toml. Name a TOML file with --config."),
    ],
)
def test_settings_files_that_cannot_be_used(content: bytes | None, message: str) -> None:
    if content is not None:
        Path("c.toml").write_bytes(content)
    result = rollcall("run", "in", "--config", "c.toml")
    assert result.exit_code == 2
    assert result.stderr.startswith(f"rollcall: {message}")
