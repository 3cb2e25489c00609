"""The search of the reading room: an index whose words are comparison keys, and the rules by which pages make them."""

from __future__ import annotations

import json
import re
from typing import Any

from pipeline import knowledge
from pipeline.normalisation.transliteration import key


def index_row(
    kind: str, page: str, name: str | None, wordings: list[str], first: str, last: str, language: str
) -> list[Any]:
    """A row of the index: kind, page, name, the keys of its words each after a space, years and languages."""
    keys = {k: None for wording in wordings for word in re.findall(r"[^\W_]+", wording) if (k := key(word))}
    return [kind, page, " ".join((name or "").split()), "".join(f" {k}" for k in keys), int(first or last or 0),
            int(last or first or 0), language]  # fmt: skip


def key_rules() -> dict[str, Any]:
    """Letters and foldings by which a browser makes the key of a word that is typed: those of the linking."""
    letters = {cell[0]: cell[1] for cell in knowledge.table(knowledge.COMMON, "cyrillic_latin")}
    letters |= {cell[0]: cell[1] for cell in knowledge.table(knowledge.COMMON, "key_letters")}
    return {
        "letters": {a: "" if b == "-" else b for a, b in letters.items()},
        "folds": [
            [cell[0].replace(r"\A", "^").replace(r"\Z", "$"), "" if cell[1] == "-" else cell[1].replace("\\1", "$1")]
            for cell in knowledge.table(knowledge.COMMON, "key_folds")
        ],
    }


def script_of(name: str, value: Any) -> str:
    """A script that sets a variable of the window; nothing in it can end the script or begin a tag."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    text = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return f"window.{name}={text};\n"
