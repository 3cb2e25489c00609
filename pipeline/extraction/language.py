"""The language of a document and of its stretches: letters, scripts and function words, all from knowledge files.

Each line is scored for every language of its script: a function word counts for the languages that have it, a letter
counts against those that lack it. A line with little evidence goes with its neighbours, since a page is seldom mixed
line by line; a language that Rollcall does not speak needs more evidence than one that it does, since what is taken
for foreign is not extracted.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from itertools import groupby

from pipeline import knowledge
from pipeline.extraction.languages import LANGUAGES

#: So much more evidence than the next language must a line show to be a stretch of its own.
MARGIN = 2.0
#: The same for a language that Rollcall does not speak.
FOREIGN_MARGIN = 3.0
#: A stretch has at least so many letters: a caption; more where a name or a title could be all there is to it.
SHORT, LONG = 30, 90
#: How much a letter counts against a language that does not have it.
LETTER = 0.5
#: What a function word of one letter counts: it may be an initial, or a letter of a spaced heading.
ONE_LETTER = 0.5

_LATIN_VOWELS, _CYRILLIC_VOWELS = "aeiou", "аеиоу"
_OTHER_SCRIPTS = {
    "Kana": re.compile("[\u3040-\u30ff]"),
    "Hani": re.compile("[\u4e00-\u9fff]"),
    "Hang": re.compile("[\uac00-\ud7af]"),
    "Grek": re.compile("[\u0370-\u03ff\u1f00-\u1fff]"),
    "Arab": re.compile("[\u0600-\u06ff]"),
    "Hebr": re.compile("[\u0590-\u05ff]"),
    "Armn": re.compile("[\u0530-\u058f]"),
    "Geor": re.compile("[\u10a0-\u10ff]"),
}
_ANY_OTHER = re.compile("[\u0370-\u03ff\u0530-\u06ff\u10a0-\u10ff\u1f00-\u1fff\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")
_NOT_LATIN = re.compile("[\u0370-\u10ff\u1100-\u1dff\u1f00-\u1fff\u3040-\ud7af]")
_QUOTED = re.compile('«[^«»\n]*»|“[^“”\n]*”|"[^"\n]*"')
#: Such a language of a script goes where nothing speaks for another.
_USUAL = {"Latn": "en", "Cyrl": "ru"}


#: What speaks for each language.
Scores = defaultdict[str, float]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A run of whole lines in one language, raw[start:end]. `language` is a code such as `en`."""

    start: int
    end: int
    language: str


@dataclass(frozen=True, slots=True)
class Detection:
    """The language of most of a document, empty where it has no word, and its stretches, together the whole."""

    language: str
    stretches: tuple[Stretch, ...]


def name_of(language: str) -> str:
    """The English name of a language code; the code itself where it is unknown."""
    return _names().get(language, language)


def detect(raw: str) -> Detection:
    """The language of a text and of its stretches.

    Lines are the unit: a bilingual release or a caption in another language makes stretches of its own. A text without
    letters is taken for no language (code empty).
    """
    script, whole = _evidence(raw)
    if not script:
        return Detection("", (Stretch(0, len(raw), ""),) if raw else ())
    if script == "Latn" and _is_plain(whole) and not _NOT_LATIN.search(raw):
        return Detection("en", (Stretch(0, len(raw), "en"),))
    lines = raw.splitlines(keepends=True)
    evidence = [_evidence(line) for line in lines]
    main = _main(lines, evidence, script, whole)
    decided = [_decide(s, scores, main) for s, scores in evidence]
    return _stretches(lines, _filled(decided, main), main)


def _is_plain(scores: Scores) -> bool:
    """Whether English function words are so much in the majority that no line can be of another language."""
    others = max((n for code, n in scores.items() if code != "en"), default=0.0)
    return scores["en"] >= FOREIGN_MARGIN and others * 4 < scores["en"] and others < 8


def _evidence(text: str) -> tuple[str, Scores]:
    """The script of a text (empty where there are no letters) and what speaks for each language of it."""
    lower = text.casefold() if not text.isascii() else text.lower()
    latin = sum(map(lower.count, _LATIN_VOWELS))
    cyrillic = 0
    if not lower.isascii():
        cyrillic = sum(map(lower.count, _CYRILLIC_VOWELS))
        if _ANY_OTHER.search(lower):
            counts = {name: len(pattern.findall(lower)) for name, pattern in _OTHER_SCRIPTS.items()}
            if counts["Kana"]:
                counts["Kana"] += counts.pop("Hani")
            best = max(counts, key=lambda name: counts[name])
            if counts[best] > (latin + cyrillic) * 2:
                return best, defaultdict(float, {code: float(counts[best]) for code in _of_script(best)})
    if not latin and not cyrillic:
        return "", defaultdict(float)
    script = "Cyrl" if cyrillic >= latin else "Latn"
    words, letters = _words(script), _letters(script)
    scores: Scores = defaultdict(float)
    for word in lower.split():
        if word in words:
            weight = 1.0 if len(word) > 1 else ONE_LETTER
            for code in words[word]:
                scores[code] += weight
    if not lower.isascii():
        if script == "Cyrl" and len(rest := _QUOTED.sub("", lower)) >= SHORT:
            lower = rest  # a Russian line may quote a Kazakh title
        for letter in letters.keys() & set(lower):
            against = lower.count(letter) * LETTER
            for code in letters[letter]:
                scores[code] -= against
    return script, scores


def _ranked(script: str, scores: Scores) -> tuple[str, float]:
    """The likeliest language and how far it is ahead; the usual one of the script where nothing speaks for any."""
    usual = _USUAL.get(script, "")
    order = sorted(_of_script(script), key=lambda code: (-scores[code], code != usual, code not in LANGUAGES, code))
    best = order[0]
    # Which of the foreign languages it is matters less than whether it is one of ours.
    others = [c for c in order[1:] if _code(c) != _code(best) and _code(c) in LANGUAGES]
    rival = scores[others[0]] if others else scores[best] - FOREIGN_MARGIN
    return best, scores[best] - rival


def _main(lines: list[str], evidence: list[tuple[str, Scores]], script: str, whole: Scores) -> str:
    """The language in which most characters are; lines that show none count for the likeliest of their script."""
    weights: Scores = defaultdict(float)
    unsure: Scores = defaultdict(float)
    for line, (its, scores) in zip(lines, evidence, strict=True):
        decided = _decide(its, scores, "")
        if decided:
            weights[decided] += len(line)
        elif its:
            unsure[its] += len(line)
    for its, length in sorted(unsure.items()):
        known = [code for code in weights if its in _scripts(code)]
        best, ahead = _ranked(its, whole) if its == script else (_USUAL.get(its, ""), 0.0)
        usual = _code(best) if _code(best) in LANGUAGES or ahead >= FOREIGN_MARGIN else _USUAL.get(its, "")
        weights[max(known, key=lambda code: (weights[code], code)) if known else usual] += length
    return max(weights, key=lambda code: (weights[code], code in LANGUAGES, code))


def _decide(script: str, scores: Scores, main: str) -> str:
    """The language of a line, or empty where it does not show enough."""
    if not script:
        return ""
    best, ahead = _ranked(script, scores)
    code = _code(best)
    needed = MARGIN if code in LANGUAGES else FOREIGN_MARGIN
    if ahead >= needed and (scores[best] > 0 or code in LANGUAGES):
        return code
    if main and script not in _scripts(main):
        # Another script than the document's is evidence enough for a language that Rollcall speaks.
        return code if code in LANGUAGES else _USUAL.get(script, "")
    return ""


def _filled(decided: list[str], main: str) -> list[str]:
    """Undecided lines between two that agree go with them, all others with the document."""
    after, following = [main] * len(decided), main
    for i in range(len(decided) - 1, -1, -1):
        following = decided[i] or following
        after[i] = following
    filled, last = [], main
    for code, following in zip(decided, after, strict=True):
        filled.append(code or (last if last == following else main))
        last = code or last
    return filled


def _stretches(lines: list[str], languages: list[str], main: str) -> Detection:
    """Runs of lines of one language; a run that is too short to stand alone is the document's."""
    runs: list[Stretch] = []
    at = 0
    for language, group in groupby(zip(lines, languages, strict=True), key=lambda pair: pair[1]):
        text = "".join(line for line, _ in group)
        code = language if language == main or _letters_in(text) >= _fewest(language, main) else main
        if runs and runs[-1].language == code:
            runs[-1] = Stretch(runs[-1].start, at + len(text), code)
        else:
            runs.append(Stretch(at, at + len(text), code))
        at += len(text)
    return Detection(main, tuple(runs))


def _letters_in(text: str) -> int:
    return sum(map(str.isalpha, text[: 4 * LONG]))


def _fewest(language: str, main: str) -> int:
    """How many letters a run has at least. Russian and Kazakh pages hold names and titles of the others."""
    return SHORT if main == "en" and language in LANGUAGES else LONG


def _code(entry: str) -> str:
    """The code of a language without its script: `kk` for `kk-Latn`."""
    return entry.partition("-")[0]


@cache
def _table() -> tuple[tuple[str, str, str, str], ...]:
    rows = knowledge.table(knowledge.COMMON, "languages")
    return tuple((row[0], row[1], row[2], row[3] if len(row) > 3 else "") for row in rows)


@cache
def _names() -> dict[str, str]:
    return {_code(code): name for code, name, _, _ in _table()}


@cache
def _of_script(script: str) -> tuple[str, ...]:
    return tuple(code for code, _, its, _ in _table() if its == script)


@cache
def _scripts(language: str) -> frozenset[str]:
    return frozenset(script for code, _, script, _ in _table() if _code(code) == language)


@cache
def _letters(script: str) -> dict[str, tuple[str, ...]]:
    """Letter → the languages that lack it, of the letters that not every language of the script has."""
    having: dict[str, set[str]] = defaultdict(set)
    for code, _, its, letters in _table():
        if its == script:
            for letter in letters:
                having[letter].add(code)
    return {letter: tuple(c for c in _of_script(script) if c not in codes) for letter, codes in having.items()}


@cache
def _words(script: str) -> dict[str, tuple[str, ...]]:
    """Function word → the languages of a script that have it."""
    codes = set(_of_script(script))
    found: dict[str, list[str]] = defaultdict(list)
    for code, words in knowledge.table(knowledge.COMMON, "language_words"):
        if code in codes:
            for word in dict.fromkeys(words.split()):
                found[word].append(code)
    return {word: tuple(of) for word, of in found.items()}
