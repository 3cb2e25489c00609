"""The docs are true: generated parts are up to date, links lead somewhere, Python blocks run, nothing is private."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")])
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")


def test_readme_and_docs_show_what_the_program_says() -> None:
    done = subprocess.run(
        [sys.executable, "docs/refresh.py", "--check"], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}: run `python docs/refresh.py`"


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_relative_links_lead_to_files(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        assert "://" in target or (page.parent / target).exists(), f"{page.name} links to {target}, which is not there"


def test_readme_python_block_runs(tmp_path: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.S)
    assert blocks
    code = "\n".join(blocks).replace('"data/raw"', '"data/raw/news"').replace("data/out", str(tmp_path / "out"))
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Books on wheels by Akhmetov Yerlan" in done.stdout


def test_analysis_python_blocks_run(tmp_path: Path) -> None:
    pytest.importorskip("duckdb")
    pytest.importorskip("networkx")
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "analysis.md").read_text(encoding="utf-8"), re.S)
    made = 'import pipeline\npipeline.run(["data/raw/news"], "data/out", formats=["parquet"])\n'
    code = (made + "\n".join(blocks)).replace("data/out", str(tmp_path / "out"))
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert re.search(r"\d+ nodes; \d+ ties\n\[\('", done.stdout)


def test_readme_shell_blocks_use_commands_that_exist() -> None:
    import cli

    commands = {command.callback.__name__.replace("_", "-") for command in cli.app.registered_commands}
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"rollcall ([a-z]+)", " ".join(re.findall(r"`[^`]+`|```.*?```", text, re.S))))
    assert named
    assert named <= commands


def test_readme_every_table_is_named() -> None:
    from pipeline.tables.declare import TABLES

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert all(re.search(rf"\b{table.name}\b", text) for table in TABLES)


@pytest.mark.parametrize("folder", ["pipeline", "docs", "tests", ".ci", "data/raw"])
def test_nothing_tells_of_a_machine(folder: str) -> None:
    private = re.compile(r"/(?:home/\w+|Users/\w+)/|/work/(?:main|shared)|pypi\.org/simple|--index-url")
    for path in sorted((ROOT / folder).rglob("*")):
        if path.suffix in {".py", ".md", ".txt", ".json", ".toml", ".sh"} and path.name != Path(__file__).name:
            text = path.read_text(encoding="utf-8", errors="replace")
            assert not private.search(text), f"{path.relative_to(ROOT)}: {private.search(text)}"
