"""The commands: messages, exit codes, docs."""

from __future__ import annotations

import io
import json
import math
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
import running_fakes as fakes
import typer.main
from click.testing import Result
from typer.testing import CliRunner

import cli
from pipeline.running import Failure, Progress, engine, progress
from pipeline.running.progress import duration, failure_line, shown
from pipeline.running.render import render
from pipeline.running.single import single

ROOT = Path(__file__).parents[1]
GOOD = 'TELEPHONE 5\nAsanova B., director, National Library. Bekova C.: "Maps [1]".\n'


@pytest.fixture(autouse=True)
def _stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "load_engine", fakes.make_engine)
    monkeypatch.setattr(engine, "link_documents", fakes.link)


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text(GOOD)
    return tmp_path / "in"


def rollcall(*arguments: object) -> Result:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(progress, "_EVERY", math.inf)  # a slow machine would tell of progress
        return CliRunner().invoke(cli.app, [str(a) for a in arguments])


def without_time(text: str) -> str:
    return re.sub(r" in [\d.]+ s$", " in T", text, flags=re.M)


def kept(base: Path) -> str:
    return (
        f"The tables in {base}/out are as they were; finished files are kept, and the same command goes on from there."
    )


def test_run_says_what_it_did(inputs: Path, tmp_path: Path) -> None:
    result = rollcall("run", inputs, "--out", tmp_path / "out")
    assert result.exit_code == 0
    assert without_time(result.stdout) == (
        f"1 document, 2 people, 0 institutions, 1 affiliation, 1 report in T\nThe tables are in {tmp_path}/out.\n"
    )
    assert result.stderr == ""


def test_run_mask_says_what_it_masked(inputs: Path, tmp_path: Path) -> None:
    pytest.importorskip("phonenumbers")
    (inputs / "b.txt").write_text("Asanova B., tel. 32-11-22, a@b.kz")
    result = rollcall("run", inputs, "--out", tmp_path / "out", "--mask", "contacts")
    assert "masked: 1 phone number, 1 mail address in 1 document\n" in result.stdout
    assert "tel. ████████, ██████" in rollcall("show", inputs / "b.txt", "--mask", "contacts").stdout
    result = rollcall("run", inputs, "--out", tmp_path / "out", "--mask", "names")
    assert (result.exit_code, "'names' cannot be masked; `--mask contacts`" in result.stderr) == (2, True)


def test_run_names_every_failure(inputs: Path, tmp_path: Path) -> None:
    for name in ("b.css", "c.css", "d.css", "e.css"):
        (inputs / name).write_bytes(b"x")
    (inputs / "f.txt").write_bytes(b"")
    result = rollcall("run", inputs, "--out", tmp_path / "out")
    reason = "a style sheet cannot be read: take it away, it is no document"
    assert result.exit_code == 1
    assert result.stderr == "".join(f"failed: {n}.css: {reason}\n" for n in "bcde")
    assert without_time(result.stdout) == (
        "6 documents, 2 people, 0 institutions, 1 affiliation, 1 report in T\n"
        "1 empty\n4 failed:\n"
        f"  b.css, c.css, d.css and 1 more: {reason}\n"
        f"The tables are in {tmp_path}/out.\n"
    )


def test_run_quiet_tells_failures_only(inputs: Path, tmp_path: Path) -> None:
    (inputs / "b.txt").write_text("%BREAK%")
    result = rollcall("run", inputs, "--out", tmp_path / "out", "--quiet")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("failed: b.txt: the extraction broke on this text")


@pytest.mark.parametrize(
    ("bad", "told"), [(1, "1 file failed before and stays so"), (2, "2 files failed before and stay so")]
)
def test_run_again_counts_what_stays_failed(inputs: Path, tmp_path: Path, bad: int, told: str) -> None:
    for number in range(bad):
        (inputs / f"b{number}.txt").write_text("%BREAK%")
    rollcall("run", inputs, "--out", tmp_path / "out")
    assert f"\n{told}: --retry tries again\n" in rollcall("run", inputs, "--out", tmp_path / "out").stdout


def test_run_fail_fast(inputs: Path, tmp_path: Path) -> None:
    (inputs / "b.txt").write_text("%BREAK%")
    result = rollcall("run", inputs, "--out", tmp_path / "out", "--fail-fast")
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1] == f"rollcall: Stopped at the first failure. {kept(tmp_path)}"


@pytest.mark.parametrize("name", ["missing", "data/none.txt"])
def test_run_an_input_that_does_not_exist(tmp_path: Path, name: str) -> None:
    result = rollcall("run", tmp_path / name, "--out", tmp_path / "out")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        f"rollcall: There is no file or folder {tmp_path}/{name}. Check the name, or run from another folder.\n"
    )


def test_run_an_empty_folder(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    result = rollcall("run", tmp_path / "in", "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert result.stderr == (
        f"rollcall: There is no file to read in {tmp_path}/in. Name a file or folder that holds some.\n"
    )


def test_run_a_foreign_output_folder(inputs: Path, tmp_path: Path) -> None:
    result = rollcall("run", inputs, "--out", inputs)
    assert result.exit_code == 2
    assert f"{inputs} holds something that Rollcall did not write: a.txt." in result.stderr
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").touch()
    result = rollcall("run", inputs, "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert result.stderr == (
        f"rollcall: {tmp_path}/out holds something that Rollcall did not write: mine.txt. "
        "Name another output folder with --out, or move that away.\n"
    )


def test_run_an_output_folder_below_a_file(inputs: Path) -> None:
    result = rollcall("run", inputs, "--out", inputs / "a.txt" / "out")
    assert result.exit_code == 2
    assert result.stderr == (
        f"rollcall: The output folder {inputs}/a.txt/out cannot be written (Not a directory). "
        "Name another with --out.\n"
    )


def test_run_interrupted(inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: str, __: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(engine, "load_engine", interrupt)
    result = rollcall("run", inputs, "--out", tmp_path / "out")
    assert result.exit_code == 130
    assert result.stderr == f"rollcall: Interrupted. {kept(tmp_path)}\n"


@pytest.mark.parametrize("arguments", [["run", "--jobs", "0"], ["run", "--min-confidence", "2"], ["run", "--nonsense"]])
def test_run_wrong_options(arguments: list[str]) -> None:
    result = rollcall(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    (line,) = result.stderr.splitlines()  # told as any other mistake is
    assert line.startswith("rollcall: ") and arguments[1] in line and line.endswith("run --help` tells what there is.")


def test_version() -> None:
    result = rollcall("--version")
    assert result.exit_code == 0
    assert re.fullmatch(r"rollcall \S+\n", result.stdout)


def test_show_plain(inputs: Path) -> None:
    result = rollcall("show", inputs / "a.txt")
    assert result.exit_code == 0
    assert result.stdout == (
        "TELEPHONE 5\n"
        "[PERSON Asanova B.], [ROLE director], [INSTITUTION National Library]. "
        '[PERSON Bekova C.]: "[REPORT Maps [1]]".\n'
        "\naffiliations: 1\nperson\trole\tinstitution\tconfidence\nAsanova B.\tdirector\tNational Library\t0.80\n"
        "\nreports: 1\ntitle\tperson\tkind\tdate\tconfidence\nMaps [1]\tBekova C.\treport\t\t0.70\n"
    )


def test_show_several_documents_says_which_is_which(inputs: Path) -> None:
    (inputs / "list.csv").write_text("id,text\n7,Asanova B. came\n8,Bekova C. went\n")
    told = rollcall("show", inputs / "list.csv").stdout
    first, second = told.split("=== list.csv#8 ===\n")
    assert first.startswith("=== list.csv#7 ===\n[PERSON Asanova B.] came\n") and second.startswith(
        "[PERSON Bekova C.]"
    )


def test_show_json(inputs: Path) -> None:
    result = rollcall("show", inputs / "a.txt", "--json")
    tables = json.loads(result.stdout)
    assert tables["mentions"][0]["text"] == "Asanova B."
    assert tables["affiliations"][0]["person_id"] == "asanova-b"
    assert tables["documents"][0]["reason"] is None


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_show_coloured_on_a_terminal(inputs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    (inputs / "a.txt").write_text(GOOD + "\x1b]0;title\x07 \x1b[2J end\n")
    stream = Terminal()
    (document,) = single(inputs / "a.txt", make_engine=fakes.make_engine, link=fakes.link)
    render(document, stream)
    text = stream.getvalue()
    assert "\x1b[1;36mAsanova B.\x1b[0m" in text
    assert "\x1b[2mTELEPHONE 5\x1b[0m" in text
    assert "\x1b]0" not in text and "\x1b[2J" not in text, "a text must not steer the terminal"
    assert "Maps [1]" in text and "affiliations" in text and "INSTITUTION" in text


def test_show_a_bad_file(inputs: Path) -> None:
    (inputs / "b.pdf").write_bytes(b"%PDF-1.4")
    result = rollcall("show", inputs / "b.pdf")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("rollcall: failed: b.pdf: the PDF is damaged")


def test_show_what_is_no_file(inputs: Path) -> None:
    result = rollcall("show", inputs)
    assert result.exit_code == 2
    assert result.stderr == f"rollcall: {inputs} is a folder. Name one file, or use `rollcall run` for folders.\n"
    result = rollcall("show", inputs / "no.txt")
    assert (result.exit_code, result.stderr) == (
        2, f"rollcall: There is no file {inputs}/no.txt. Check the name, or run from another folder.\n",
    )  # fmt: skip


# Progress.


def test_progress_lines_are_few(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    stream = io.StringIO()
    with shown(stream) as tell:
        for done in range(1, 101):
            now[0] += 0.125
            tell(Progress("reading", done, 100))
    assert stream.getvalue() == (
        "40 of 100 documents, 0 characters, 8.0 documents a second, 7.5 s left\n"
        "80 of 100 documents, 0 characters, 8.0 documents a second, 2.5 s left\n"
    )


def test_progress_time_left_is_not_told_of_the_first_documents(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    stream = io.StringIO()
    with shown(stream) as tell:
        now[0] = 6.0
        tell(Progress("reading", 3, 490))
    assert stream.getvalue() == "3 of 490 documents, 0 characters, 0.5 documents a second\n"


def test_progress_time_left_goes_by_the_bytes_of_the_files(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    stream = io.StringIO()
    with shown(stream) as tell:
        now[0] = 10.0  # one archive of two files held 900 documents, and half of the bytes
        tell(Progress("reading", 900, 901, characters=1_250_000, share=0.5))
    assert stream.getvalue() == "900 of 901 documents, 1.2 million characters, 90 documents a second, 10 s left\n"


def test_progress_bar_on_a_terminal_names_failures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    with shown(stream) as tell:
        tell(Progress("reading", 1, 2, Failure("[bold].txt", "why [x]")))
        tell(Progress("writing", 2, 2))
    assert "failed: [bold].txt: why [x]" in stream.getvalue()
    assert "2/2" in stream.getvalue()


def test_progress_failure_lines_cannot_garble_the_terminal() -> None:
    line = failure_line(Failure("a\n\x1b[2Jb\udcff.txt", "why"))
    assert line == "failed: a\\n\\x1b[2Jb\\udcff.txt: why"


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.44, "0.4 s"), (59.4, "59 s"), (185, "3 min 05 s"), (7800, "2 h 10 min")]
)
def test_progress_duration(seconds: float, text: str) -> None:
    assert duration(seconds) == text


# The docs and the shell.


def commands() -> dict[str, click.Command]:
    group = typer.main.get_command(cli.app)
    assert isinstance(group, click.Group) or hasattr(group, "commands")
    return dict(group.commands)  # type: ignore[attr-defined]


def test_docs_every_command_and_option_is_described() -> None:
    text = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## rollcall (\S+)\n(.*?)(?=^## |\Z)", text, flags=re.M | re.S))
    assert set(sections) == set(commands())
    for name, command in commands().items():
        if "Takes the options of `run`" in sections[name]:
            assert [p.opts for p in command.params] == [p.opts for p in commands()["run"].params]
            continue
        for parameter in command.params:
            for option in [*parameter.opts, *parameter.secondary_opts]:
                if option.startswith("-"):
                    assert f"`{option}`" in sections[name], f"docs/cli.md does not describe {option} of {name}"
        for option in re.findall(r"^\| .*?`(--[a-z-]+)`", sections[name], flags=re.M):
            assert any(option in p.opts for p in command.params), f"docs/cli.md describes {option}, which {name} lacks"
    assert "`--version`" in text.split("\n## ")[0]


def test_shell_help_is_quick_and_needs_no_libraries() -> None:
    code = "import sys, cli; print([m for m in ('spacy', 'pandas', 'numpy', 'rich.console') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_shell_a_wrong_input_has_no_traceback(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "cli.py", "run", os.fspath(tmp_path / "none"), "--out", os.fspath(tmp_path / "out")],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("rollcall: There is no file or folder")
