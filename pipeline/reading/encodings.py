"""Bytes → characters: which encoding a text file is in, and how sure that is.

A mark at the start (BOM) or valid UTF-8 settles it. UTF-16 without a mark shows by its zero bytes. For the old
one-byte encodings every candidate is tried and the characters it gives are judged by their neighbours
(`plausibility`): general detectors count letters, which fails on an English notice whose only odd bytes
are six curly quotes. Encodings outside that list are left to charset-normalizer, and only believed where it is sure.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from dataclasses import dataclass

from pipeline.reading.kazakh import is_kazakh, is_other
from pipeline.reading.plausibility import plausibility

#: The one-byte encodings that are weighed against each other, likelier ones first: a tie goes to the earlier.
LEGACY = (
    "cp1252", "cp1251", "kz1048", "koi8-r", "cp866", "mac-roman", "mac-cyrillic", "iso8859-5", "cp850", "latin-1",
)  # fmt: skip
#: What charset-normalizer may propose when none of those makes sense.
OTHERS = (
    "cp1250", "iso8859-2", "cp1253", "iso8859-7", "cp1254", "cp1255", "cp1256", "gb18030", "big5", "shift_jis",
    "euc_jp", "euc_kr",
)  # fmt: skip

#: Below this plausibility (-1 to 1) an encoding does not explain the bytes.
_FLOOR = 0.35
#: What a candidate loses for each place it stands further back in the list of candidates.
_STEP = 0.0005
#: What is left of the confidence in KZ-1048 where no word shows that the text is Kazakh.
_DOUBT = 0.5
#: How many bytes around odd ones are judged; more adds nothing but time.
_SAMPLE = 60_000

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: What a file begins with that says it is Unicode.
MARKS = tuple(mark for mark, _ in _MARKS)
_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH = re.compile(rb"[\x80-\xff]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """The characters of a file; `bytes.decode(encoding)` gives the same again."""

    text: str
    encoding: str
    confidence: float


class UndecodableError(ValueError):
    """No encoding explains the bytes; the message says why and what to do."""


def decode(data: bytes, encoding: str = "", declared: str = "") -> Decoded:
    """Decode a whole file, newlines as they stand, a byte order mark taken off.

    Args:
        data: the bytes.
        encoding: the encoding that the user orders; nothing else is tried.
        declared: the encoding that a web page or a letter gives itself; believed where the characters make sense.

    Raises:
        UndecodableError: when the bytes make sense in no encoding, or are not valid in the one ordered.
    """
    if encoding:
        return _ordered(data, encoding)
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _with_mark(data, encoding)
    if b"\0" in data and (sixteen := _utf16_without_mark(data)):
        return sixteen
    if declared and (believed := _declared(data, declared)):
        return believed
    try:
        return Decoded(data.decode("utf-8"), "utf-8", 1.0)
    except UnicodeDecodeError as error:
        return _without_unicode(data, error)


def _ordered(data: bytes, encoding: str) -> Decoded:
    for mark, name in _MARKS:
        if data.startswith(mark) and codecs.lookup(encoding).name[:6] == name[:6]:
            encoding = name  # the mark is no character of the text
            break
    try:
        return Decoded(data.decode(encoding), encoding, 1.0)
    except UnicodeDecodeError as error:
        raise UndecodableError(
            f"the text is not valid {encoding} at byte {error.start}: name another with --encoding, or leave it out"
        ) from None


def _declared(data: bytes, declared: str) -> Decoded | None:
    """What a page says of itself is wrong so often that the characters are judged too."""
    try:
        name = codecs.lookup({"x-mac-cyrillic": "mac-cyrillic"}.get(declared.lower(), declared)).name
        if name == "iso8859-1":
            name = "cp1252"  # what every browser takes it for
        text = data.decode(name)
    except (LookupError, UnicodeError, ValueError):
        return None
    if name in ("utf-8", "ascii") or not (odd := plausibility(_sample(data).decode(name, "replace"))):
        return Decoded(text, "utf-8" if name == "ascii" else name, 1.0)
    return Decoded(text, name, round(min(1.0, odd), 4)) if odd >= _FLOOR else None


def _with_mark(data: bytes, encoding: str) -> Decoded:
    try:
        return Decoded(data.decode(encoding), encoding, 1.0)
    except UnicodeDecodeError as error:
        name = encoding.replace("-sig", "").upper()
        raise UndecodableError(
            f"the file starts with the mark of {name} but is not valid {name} at byte {error.start}: "
            "it was probably cut or damaged; save it again from its source"
        ) from None


def _utf16_without_mark(data: bytes) -> Decoded | None:
    """UTF-16 whose zero bytes stand at every second place, or nothing where that is not evident."""
    if len(data) % 2:
        return None
    for encoding, high in (("utf-16-le", 1), ("utf-16-be", 0)):
        sample = data[: _SAMPLE // 2 * 2]
        zeros, wrong = sample[high::2].count(0), sample[1 - high :: 2].count(0)
        if not zeros or wrong > zeros // 20:
            continue
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        # The letters of an alphabet share their high byte, so a text in UTF-16 has few different ones.
        high_bytes = Counter(sample[high::2])
        usual = sum(n for _, n in high_bytes.most_common(4))
        if zeros > 0.05 * high_bytes.total() and usual > 0.9 * high_bytes.total():
            return Decoded(text, encoding, 0.9)
    return None


def _without_unicode(data: bytes, error: UnicodeDecodeError) -> Decoded:
    """An old encoding, unless the file is plainly UTF-8 that was damaged."""
    # The neighbourhood shows what the file is meant to be, and a large file need not be gone through twice.
    near = data[max(0, error.start - _SAMPLE) : error.start + _SAMPLE]
    sequences = _MULTIBYTE.findall(near)
    stray = len(_HIGH.findall(near)) - sum(map(len, sequences))
    line = data.count(b"\n", 0, error.start) + 1
    damaged = UndecodableError(
        f"the text is UTF-8, but damaged at byte {error.start} (line {line}): "
        "open it in an editor, mend that place and save it as UTF-8"
    )
    # Two letters of an old encoding seldom look like one of UTF-8, a row of them never.
    if len(sequences) > 3 * stray and len(sequences) >= 3:
        raise damaged
    best = _legacy(data)
    if best is None:
        best = _other(data)
    if best is not None:
        return best
    if sequences and len(sequences) >= stray:
        raise damaged
    raise UndecodableError(
        f"the text is not UTF-8 (byte {error.start}) and makes no sense in any other encoding that Rollcall knows: "
        "open it in an editor that shows it well and save it as UTF-8"
    )


def _legacy(data: bytes) -> Decoded | None:
    sample = _sample(data)
    readings: list[tuple[float, str, str]] = []
    for rank, encoding in enumerate(LEGACY):
        try:
            text = sample.decode(encoding)
        except UnicodeDecodeError:
            continue
        readings.append((plausibility(text) - _STEP * rank, encoding, text))
    readings.sort(key=lambda reading: -reading[0])
    doubtful = _kazakh_or_not(readings)
    while readings and readings[0][0] >= _FLOOR:
        encoding, text = readings[0][1:]
        # Encodings that give the same characters do not compete with each other.
        rivals = [r for r in readings[1:] if r[0] >= _FLOOR and r[2] != text]
        try:
            whole = data.decode(encoding)
        except UnicodeDecodeError:  # somewhere outside the sample
            readings.pop(0)
            continue
        confidence = _confidence([readings[0], *rivals])
        return Decoded(whole, encoding, round(confidence * (_DOUBT if doubtful else 1), 4))
    return None


def _kazakh_or_not(readings: list[tuple[float, str, str]]) -> bool:
    """Settle by words which of Windows-1251 and KZ-1048 comes first in readings, where one of them does.

    Letters of Kazakh in one are letters of other languages in the other, and stand in the same places. Whether no word
    settled it either.
    """
    windows = next((r for r in readings if r[1] == "cp1251"), None)
    kazakh = next((r for r in readings if r[1] == "kz1048"), None)
    if not windows or not kazakh or readings[0] not in (windows, kazakh) or windows[2] == kazakh[2]:
        return False
    first = readings[0]
    if is_kazakh(windows[2]):
        first = kazakh
    elif is_other(windows[2]):
        first = windows
    else:
        return True
    readings.remove(first)
    readings.insert(0, (max(readings[0][0], first[0]), *first[1:]))
    return False


def _confidence(readings: list[tuple[float, str, str]]) -> float:
    """How well the best reading fits, less the characters on which a rival that fits nearly as well differs."""
    score, _, text = readings[0]
    fit = max(0.0, min(score, 1.0))
    if len(readings) == 1:
        return fit
    odd = sum(c > "\x7f" for c in text)
    differing = sum(a != b for a, b in zip(text, readings[1][2], strict=True)) / odd
    lead = (score - readings[1][0]) / differing
    return fit * (1 - differing * max(0.0, 0.5 - lead))


def _other(data: bytes) -> Decoded | None:
    from charset_normalizer import from_bytes  # slow to import and seldom needed

    best = from_bytes(_sample(data), cp_isolation=list(OTHERS)).best()
    if best is None or best.coherence < 0.5 or best.chaos > 0.1:
        return None
    try:
        return Decoded(data.decode(best.encoding), best.encoding, round(best.coherence * (1 - best.chaos), 4))
    except UnicodeDecodeError:
        return None


def _sample(data: bytes) -> bytes:
    """The lines that hold bytes above 127, up to a limit: the others are the same in every candidate."""
    taken, size = [], 0
    for line in re.split(rb"(?<=[\n\r])", data):
        if _HIGH.search(line):
            # A very long line is cut at its first odd byte; what is lost there is judged by the rest.
            start = max(0, _HIGH.search(line).start() - 100) if len(line) > _SAMPLE else 0  # type: ignore[union-attr]
            taken.append(line[start : start + _SAMPLE - size])
            size += len(taken[-1])
            if size >= _SAMPLE:
                break
    return b"".join(taken)
