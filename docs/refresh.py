"""Fill the generated parts of the README and of the docs: files, output of commands and scripts, figures of models; and
write docs/tables.md, which is made as a whole.

python docs/refresh.py           write them
python docs/refresh.py --check   leave with exit code 1 when something is out of date
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from pipeline.tables import markdown  # noqa: E402  (it is that of this checkout, installed or not)

TABLES = ROOT / "docs" / "tables.md"
PAGES = (ROOT / "README.md", ROOT / "docs" / "analysis.md", ROOT / "docs" / "models.md")
MODELS = ROOT / "pipeline" / "extraction" / "models"
LANGUAGES = {"en": "English", "ru": "Russian", "kk": "Kazakh"}
_SAMPLES: list[str] = []
FIGURES = ("core", "person", "role", "institution", "report", "affiliations", "reports")


def refreshed(text: str) -> str:
    """The text with its generated parts made anew."""
    text = re.sub(r"(<!-- file: (\S+) -->\n```\w*\n).*?(```)", _file, text, flags=re.S)
    text = re.sub(r"(<!-- run -->\n```console\n\$ (rollcall [^\n]*)\n).*?(```)", _command, text, flags=re.S)
    text = re.sub(r"(<!-- script: (\w+) (\d+) -->\n```console\n).*?(```)", _script, text, flags=re.S)
    text = re.sub(r"(<!-- models -->\n).*?(<!-- /models -->)", _models, text, flags=re.S)
    text = re.sub(r"(<!-- cascade -->\n).*?(<!-- /cascade -->)", _cascade, text, flags=re.S)
    return re.sub(r"(<!-- figures -->\n).*?(<!-- /figures -->)", _figures, text, flags=re.S)


def _file(found: re.Match[str]) -> str:
    return found[1] + (ROOT / found[2]).read_text(encoding="utf-8") + found[3]


def _command(found: re.Match[str]) -> str:
    arguments = shlex.split(found[2])[1:]
    done = subprocess.run(
        [sys.executable, "cli.py", *arguments], cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=True
    )
    return found[1] + done.stdout.rstrip("\n") + "\n" + found[3]


def _script(found: re.Match[str]) -> str:
    """The first lines that a script of docs/examples prints for the sample announcements."""
    name, lines = found[2], int(found[3])
    done = subprocess.run(
        [sys.executable, f"docs/examples/{name}.py", _sample_output()], cwd=ROOT, capture_output=True, text=True,
        encoding="utf-8", check=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    shown = done.stdout.splitlines()
    more = [f"… {len(shown) - lines} more lines"] if len(shown) > lines else []
    return found[1] + "\n".join([f"$ python docs/examples/{name}.py data/out", *shown[:lines], *more]) + "\n" + found[4]


@cache
def _sample_output() -> str:
    """A folder with the tables of the sample announcements."""
    out = tempfile.mkdtemp()
    _SAMPLES.append(out)
    subprocess.run([sys.executable, "cli.py", "run", "data/raw", "--out", out, "--quiet"], cwd=ROOT, check=True)
    return out


def _figures(found: re.Match[str]) -> str:
    rows = ["| language | texts | " + " | ".join(FIGURES) + " |", "| --- |" + " --- |" * (len(FIGURES) + 1)]
    for language, name in LANGUAGES.items():
        card = json.loads((MODELS / language / "card.json").read_text("utf-8"))
        values = " | ".join(f"{card['figures'][figure]:.3f}" for figure in FIGURES)
        rows.append(f"| {name} | {card['documents']} | {values} |")
    return found[1] + "\n".join(rows) + "\n" + found[2]


def _models(found: re.Match[str]) -> str:
    """The labellers over the fold that was held out from each encoder."""
    rows = ["| language | model | " + " | ".join(FIGURES) + " |", "| --- | --- |" + " --- |" * len(FIGURES)]
    for language, called in LANGUAGES.items():
        encoder = json.loads((MODELS / language / "accurate.json").read_text("utf-8"))["encoder"]
        card = json.loads((MODELS / language / encoder / "card.json").read_text("utf-8"))
        by_model = card["languages"][language]["figures"]
        for name in ("fast", "cascade", "accurate"):
            values = " | ".join(f"{by_model[name][figure]:.3f}" for figure in FIGURES)
            rows.append(f"| {called} | `{name}` | {values} |")
    return found[1] + "\n".join(rows) + "\n" + found[2]


def _cascade(found: re.Match[str]) -> str:
    """What the cascade keeps at each threshold; the one that is in force is bold."""
    told = [json.loads((MODELS / language / "accurate.json").read_text("utf-8")) for language in LANGUAGES]
    rows = ["| threshold | " + " | ".join(LANGUAGES.values()) + " |", "| --- |" + " --- |" * len(told)]
    for points in zip(*(each["cascade"] for each in told), strict=True):
        cells = []
        for point, each in zip(points, told, strict=True):
            chosen = "**" if point["unsure"] == each["mix"]["unsure"] else ""
            cells.append(f"{chosen}{point['core']:.3f} at {point['read']:.0%}{chosen}")
        rows.append(f"| {points[0]['unsure']} | " + " | ".join(cells) + " |")
    return found[1] + "\n".join(rows) + "\n" + found[2]


def main() -> int:
    """Write or check the pages."""
    stale = 0
    try:
        for page in (*PAGES, TABLES):
            old = page.read_text(encoding="utf-8")
            new = markdown() if page == TABLES else refreshed(old)
            if "--check" not in sys.argv[1:]:
                page.write_text(new, encoding="utf-8")
            elif new != old:
                print(f"{page.relative_to(ROOT)} is out of date")
                stale = 1
    finally:
        for folder in _SAMPLES:
            shutil.rmtree(folder, ignore_errors=True)
    return stale


if __name__ == "__main__":
    sys.exit(main())
