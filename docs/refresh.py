"""Fill the generated parts of the README: files that are shown, output of commands, figures of the models.

    python docs/refresh.py           write them
    python docs/refresh.py --check   leave with exit code 1 when something is out of date
"""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
LANGUAGES = {"en": "English", "ru": "Russian", "kk": "Kazakh"}
FIGURES = ("core", "person", "role", "institution", "report", "affiliations", "reports")


def refreshed(text: str) -> str:
    """The text with its generated parts made anew."""
    text = re.sub(r"(<!-- file: (\S+) -->\n```\w*\n).*?(```)", _file, text, flags=re.S)
    text = re.sub(r"(<!-- run -->\n```console\n\$ (rollcall [^\n]*)\n).*?(```)", _command, text, flags=re.S)
    return re.sub(r"(<!-- figures -->\n).*?(<!-- /figures -->)", _figures, text, flags=re.S)


def _file(found: re.Match[str]) -> str:
    return found[1] + (ROOT / found[2]).read_text(encoding="utf-8") + found[3]


def _command(found: re.Match[str]) -> str:
    arguments = shlex.split(found[2])[1:]
    done = subprocess.run(
        [sys.executable, "cli.py", *arguments], cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=True
    )
    return found[1] + done.stdout.rstrip("\n") + "\n" + found[3]


def _figures(found: re.Match[str]) -> str:
    rows = ["| language | texts | " + " | ".join(FIGURES) + " |", "| --- |" + " --- |" * (len(FIGURES) + 1)]
    for language, name in LANGUAGES.items():
        card = json.loads((ROOT / "pipeline" / "extraction" / "models" / language / "card.json").read_text("utf-8"))
        values = " | ".join(f"{card['figures'][figure]:.3f}" for figure in FIGURES)
        rows.append(f"| {name} | {card['documents']} | {values} |")
    return found[1] + "\n".join(rows) + "\n" + found[2]


def main() -> int:
    """Write or check the README."""
    readme = ROOT / "README.md"
    old = readme.read_text(encoding="utf-8")
    new = refreshed(old)
    if "--check" in sys.argv[1:]:
        return int(new != old)
    readme.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
