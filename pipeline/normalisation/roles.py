"""Roles in one English wording: label, kind and id, whatever the language and abbreviations of the text.

English roles keep their scope (`deputy director for library work`); a Russian or Kazakh role is brought to the English
label that the knowledge gives for it, with the scope that it translates and without any other. That someone held a
role before (`former`) is no part of it, in any of the languages. A role that nothing is known of keeps its own words.
What the text says stays in the mention.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from pipeline import knowledge
from pipeline.normalisation.transliteration import is_cyrillic, kazakh_cyrillic, latin_slug, one_script
from pipeline.normalisation.written import plain_spaces


@dataclass(frozen=True, slots=True)
class Role:
    """A role in our wording: `kind` is post, degree, honour or profession.

    `rank` is how high it stands within its kind, 1 highest; 0 where there is no order.
    """

    role_id: str
    label: str
    kind: str
    rank: int = 0


@lru_cache(maxsize=8192)
def canonical(text: str, language: str = "en") -> Role:
    """The role that a text names; all fields are empty where it names none."""
    line = re.sub(r"\s*[,;:]\Z", "", plain_spaces(text)).strip('"“”„«» ').replace("’", "'").lower()
    if not line:
        return Role("", "", "")
    label = ""
    if language == "kk" and not is_cyrillic(line) and not _looks_english(line):
        line = kazakh_cyrillic(line)
    line = _former().sub("", line) or line
    if is_cyrillic(line):
        line = " ".join(one_script(word) for word in line.split(" "))
        first, second = ("kk", "ru") if language == "kk" else ("ru", "kk")
        label = _scoped(line, first) or _scoped(line, second)
    if not label:
        label = _english(line)
    return Role(latin_slug(label), label, _kind(label), rank(label))


def _looks_english(line: str) -> bool:
    return line.startswith(("phd", "dr")) or (
        bool(re.search(r"\b(?:of|the|for|and)\b|tor\Z|or\Z|er\Z|ist\Z|an\Z", line)) and line.isascii()
    )


def _translated(line: str, language: str) -> str:
    """The English label; a word before it that grades it (`старший`) is put before that of the rest."""
    label = next((label for pattern, label in _table(language) if pattern.search(line)), "")
    for pattern, graded in _grades(language):
        found = pattern.search(line)
        rest = line[found.end() :] if found else ""
        role = next((role for known, role in _table(language) if known.match(rest)), "") if rest else ""
        # Where the table knows the two words together it knows better (`главный редактор`).
        if role and label in ("", role):
            return f"{graded} {role}"
    return label


def _scoped(line: str, language: str) -> str:
    """The English label of a role, with its scope where the knowledge has both."""
    label = _translated(line, language)
    scope = next(
        (scope for pattern, scope, takes in _scopes(language) if takes.search(label) and pattern.search(line)), ""
    )
    return f"{label} {scope}" if label and scope and " for " not in label else label


def _english(line: str) -> str:
    """The wording without articles, with abbreviations written out and variant words brought to one."""
    for pattern, full in _abbreviations():
        line = pattern.sub(full, line)
    line = re.sub(r"\b(?:the|an?)\s", "", line)
    line = re.sub(r"\bof of\b", "of", line)
    line = re.sub(r"\s+", " ", line).strip(" .") if len(line) > 4 or line.count(".") == 1 else line.strip()
    for pattern, order in _orders():
        line = pattern.sub(order, line)
    return line


@lru_cache(maxsize=8192)
def _kind(label: str) -> str:
    return next((kind for pattern, kind in _kinds() if pattern.search(label)), "")


@lru_cache(maxsize=8192)
def rank(label: str) -> int:
    """How high a role stands within its kind, by its label: 1 is highest; 0 where there is no order."""
    return next((number for pattern, number in _ranks() if pattern.search(label)), 0)


@cache
def _scopes(language: str) -> tuple[tuple[re.Pattern[str], str, re.Pattern[str]], ...]:
    return tuple((re.compile(e[0]), e[1], re.compile(e[2])) for e in knowledge.table(language, "role_scopes"))


@cache
def _ranks() -> tuple[tuple[re.Pattern[str], int], ...]:
    entries = knowledge.table(knowledge.COMMON, "role_ranks")
    return tuple((re.compile(e[0], re.IGNORECASE), int(e[1])) for e in entries)


@cache
def _table(language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(e[0]), e[1]) for e in knowledge.table(language, "roles"))


@cache
def _abbreviations() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(e[0]), e[1]) for e in knowledge.table("en", "role_abbreviations"))


@cache
def _orders() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(e[0]), e[1]) for e in knowledge.table("en", "role_orders"))


@cache
def _grades(language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(rf"(?:{e[0]})\s?"), e[1]) for e in knowledge.table(language, "role_grades"))


@cache
def _former() -> re.Pattern[str]:
    return re.compile("|".join(knowledge.lines(knowledge.COMMON, "role_former")))


@cache
def _kinds() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(e[0]), e[1]) for e in knowledge.table(knowledge.COMMON, "role_kinds"))
