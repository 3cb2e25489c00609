"""Mends text that was decoded twice: letters of one encoding that a program took for those of another and saved.

Only lines that look wrong are touched, and only where the mended ones read well (`plausibility`); each mending is
told. Single damaged signs in UTF-8 text (`â€™`) are left to ftfy, with everything else that it can do switched off:
quotation marks, ligatures and widths stay as they stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from pipeline.reading.kazakh import TAKEN, is_kazakh
from pipeline.reading.plausibility import plausibility

#: What the characters were taken for, and what they are; likelier pairs first.
PAIRS = tuple(
    (taken, real)
    for real in ("utf-8", "cp1251", "koi8-r", "cp866", "kz1048", "mac-cyrillic", "iso8859-5", "mac-roman", "cp1252")
    for taken in ("sloppy-windows-1252", "latin-1", "sloppy-windows-1251", "koi8-r", "cp866", "mac-roman", "cp437",
                  "mac-cyrillic", "iso8859-5")
    if taken.removeprefix("sloppy-windows-") not in (real, real.removeprefix("cp"))
)  # fmt: skip

#: A quotation in English as code pages take the marks of Windows and of the Mac for their own letters.
_QUOTED = "|".join(
    rf"{opening}(?<!\w.)(?=[A-Za-z])[^\n{opening}]{{0,200}}(?<=[A-Za-z.,!?]){closing}(?!\w)"
    for opening, closing in ("УФ", "ТУ", "ôö", "⌠■", "ÒÓ", "ìî")
)
#: What hardly stands in any text that was decoded rightly: control characters, rows of accented letters, boxes,
#: capitals inside a word, signs between Cyrillic letters; and such quotations. Each begins with the character itself,
#: since a pattern that looks back first is slow.
_WRONG = re.compile(
    "[\u0080-\u0084\u0086-\u009f]|[\u00c0-\u00ff\u0152-\u0178\u0192]{4,}|[\u2500-\u259f]|[\u0430-\u044f][\u0410-\u042f]{2,}"
    "|[\u0400-\u04ff][\u0080-\u00a6\u00a8\u00aa\u00ac-\u00af\u00b1-\u00b6\u00b8\u00ba\u00bc-\u00bf\u2020-\u2022\u2030\u20ac\u2122]"
    "[\u0400-\u04ff]|\\?[\u0410-\u042f\u0430-\u044f]{2}"
    f"|\u00d5(?<=[A-Za-z].)(?=[a-z])|{_QUOTED}"
)
#: Windows and the Mac share all small letters but я, which ends so many words that it tells them apart.
_LAST_LETTERS = (
    (re.compile("[\u0430-\u044e]\u20ac(?![\u0410-\u044f])"), "mac-cyrillic", "cp1251"),
    (re.compile("[\u0430-\u044e]\u042f(?![\u0410-\u044f])"), "sloppy-windows-1251", "mac-cyrillic"),
)
_FEWEST = 2
_KAZAKH_TAKEN = re.compile(f"[{TAKEN}]")
_UTF8_TWICE = re.compile(
    "[\u00c2-\u00f4][\u0080-\u00bf\u0152-\u0178\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]|[\u0420\u0421][\u00a0-\u00bf\u0400-\u040f\u0450-\u045f"
    "\u2018-\u203a\u20ac\u2116\u2122]|\u0432\u0402|\u221a[\u0080-\u2fff]|\u201a\u00c4"
)
_NAMES = {
    "utf-8": "UTF-8", "sloppy-windows-1252": "Windows-1252", "sloppy-windows-1251": "Windows-1251",
    "latin-1": "Latin-1", "cp1251": "Windows-1251", "koi8-r": "KOI8-R", "cp866": "DOS 866", "kz1048": "KZ-1048",
    "mac-cyrillic": "Mac Cyrillic", "iso8859-5": "ISO 8859-5", "mac-roman": "Mac Roman", "macroman": "Mac Roman",
    "cp437": "DOS 437", "cp1252": "Windows-1252",
}  # fmt: skip
#: A line reads badly below the first mark and well from the second on (`plausibility`, -1 to 1).
_BAD, _GOOD = 0.75, 0.5
#: A mended sample reads better by so much.
_GAIN = 0.15
_SAMPLE = 2_000
#: A line that nothing shows to be wrong is mended when it reads better by so much.
_CLEARLY = 0.1
#: Where most lines are mended, so is one that reads no worse but for so much.
_HARDLY = -0.05
_WINDOWS = "sloppy-windows-1251"


@dataclass(frozen=True, slots=True)
class Mended:
    """A text after mending; `note` tells what was done and is empty where nothing was."""

    text: str
    note: str = ""


def mend(text: str) -> Mended:
    """Mend what was decoded twice. A text that reads well comes back as it is."""
    if text.isascii():
        return Mended(text)
    if _WRONG.search(text) or _UTF8_TWICE.search(text):
        mended = _lines(text)
        if mended is not None:
            return mended
        if _UTF8_TWICE.search(text) and (mended := _with_ftfy(text)).note:
            return mended
    # So few letters differ in these pairs that the marks of whole lines say nothing.
    for pattern, taken, real in _LAST_LETTERS:
        if len(pattern.findall(text)) >= _FEWEST:
            return _suspected(text, pattern, taken, real)
    if _KAZAKH_TAKEN.search(text) and is_kazakh(text):
        return _suspected(text, _KAZAKH_TAKEN, _WINDOWS, "kz1048")
    return Mended(text)


def _suspected(text: str, pattern: re.Pattern[str], taken: str, real: str) -> Mended:
    """A text mended by this pair of encodings: the lines that show the pattern, and others that read better then."""
    lines = re.split("(?<=\n)", text)
    return _by(lines, {i for i, line in enumerate(lines) if pattern.search(line)}, taken, real) or Mended(text)


def _lines(text: str) -> Mended | None:
    """Lines mended by the one pair of encodings that explains the bad ones best, or None where no pair does."""
    lines = re.split("(?<=\n)", text)
    suspects = [i for i, line in enumerate(lines) if _WRONG.search(line) or _UTF8_TWICE.search(line)]
    sample = _sampled([lines[i] for i in suspects])
    before = plausibility(sample)
    if before >= _BAD:
        return None
    best = max(_candidates(sample), default=None, key=lambda c: c[0])
    if best is None:
        return None
    _, taken, real = best
    if plausibility(_convert(sample, taken, real) or "") < max(_GOOD, before + _GAIN):
        return None
    return _by(lines, set(suspects), taken, real)


def _sampled(lines: list[str]) -> str:
    """The first lines, cut where no letter of several bytes can be cut in two."""
    sample = ""
    for line in lines:
        if len(sample) + len(line) > _SAMPLE:
            return sample + line[: line.rfind(" ", 0, _SAMPLE - len(sample)) + 1] or line[:_SAMPLE]
        sample += line
    return sample


def _by(lines: list[str], suspected: set[int], taken: str, real: str) -> Mended | None:
    """The lines mended by a pair of encodings: those that are suspected, and others that read better then."""
    again = {i: _convert(line, taken, real) for i, line in enumerate(lines) if not line.isascii()}
    changed = {i: new for i, new in again.items() if new is not None and new != lines[i]}
    gain = {i: plausibility(new) - plausibility(lines[i]) for i, new in changed.items()}
    done = {i for i in changed if i in suspected or gain[i] > _CLEARLY}
    # A whole line of capitals looks right either way, and a letter that became a quotation mark looks no worse; where
    # most lines needed it, they need it too.
    if 2 * len(done) > len(again):
        done |= {i for i in changed if gain[i] > _HARDLY}
    note = f"mended: {_NAMES[real]} that had been read as {_NAMES[taken]}, in {len(done):,} of {len(lines):,} lines"
    return Mended("".join(changed[i] if i in done else line for i, line in enumerate(lines)), note) if done else None


def _candidates(sample: str) -> Iterator[tuple[float, str, str]]:
    for rank, (taken, real) in enumerate(PAIRS):
        again = _convert(sample, taken, real)
        if again is not None and again != sample:
            # UTF-8 hardly ever fits by chance, so it gets a start.
            yield plausibility(again) - 0.0005 * rank + (0.2 if real == "utf-8" else 0.0), taken, real


def _convert(line: str, taken: str, real: str) -> str | None:
    """The line as it was meant, or None where the pair does not fit.

    Characters that came in after the wrong decoding (a curly quote typed later) have no byte and stay as they are.
    """
    _register()
    try:
        return line.encode(taken).decode(real)
    except UnicodeError:
        pass
    pieces = []
    for run in re.split("([“”„«»–—’‘…№\u00a0\ufffd]+)", line):
        try:
            pieces.append(run.encode(taken).decode(real))
        except UnicodeError:
            if re.search("[^\x00-\x7f“”„«»–—’‘…№\u00a0\ufffd]", run):
                return None
            pieces.append(run)
    return "".join(pieces)


@cache
def _register() -> None:
    """Make the encodings known that also map what the standard leaves out (`sloppy-windows-1252`)."""
    import ftfy.bad_codecs

    ftfy.bad_codecs.ok()


def _with_ftfy(text: str) -> Mended:
    import ftfy

    config = ftfy.TextFixerConfig(
        unescape_html=False, remove_terminal_escapes=False, restore_byte_a0=True, replace_lossy_sequences=True,
        decode_inconsistent_utf8=True, fix_c1_controls=False, fix_latin_ligatures=False, fix_character_width=False,
        uncurl_quotes=False, fix_line_breaks=False, fix_surrogates=False, remove_control_chars=False,
        normalization=None, explain=True,
    )  # fmt: skip
    lines = re.split("(?<=\n)", text)
    done, how = 0, ""
    for i, line in enumerate(lines):
        if not _UTF8_TWICE.search(line):
            continue
        fixed = ftfy.fix_encoding_and_explain(line, config)
        if fixed.text != line:
            lines[i] = fixed.text
            how = how or next((step.parameter for step in fixed.explanation or () if step.action == "encode"), "")
            done += 1
    if not done:
        return Mended(text)
    taken = f" that had been read as {_NAMES.get(how, how)}" if how else ", decoded twice"
    return Mended("".join(lines), f"mended: UTF-8{taken}, in {done:,} of {len(lines):,} lines")
