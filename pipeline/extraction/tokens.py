"""Tokens: the tokenizer of announcements and the arrays that the labeller reads.

spaCy's tokenizer is used with punctuation rules of our own, so that a mention of a text with missing spaces
(`N.V.Gogol`, `"Traces",and`, `Archive(NAM)`) begins and ends at a token. White-space tokens are left out of the
arrays; what they say about the layout is kept as numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from spacy.attrs import IDX, IS_SPACE, LENGTH, ORTH
from spacy.language import Language
from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc
from spacy.util import compile_infix_regex, compile_prefix_regex, compile_suffix_regex

from pipeline.cleaning import clean
from pipeline.records import Text

#: What stands before a token: nothing or one space, a wide gap, a new line, an empty line.
NO_BREAK, GAP, LINE, PARAGRAPH = 0, 1, 2, 3

#: Where a Doc keeps its `Text`.
TEXT_KEY = "rollcall_text"

_LETTER = "A-Za-zÀ-ÖØ-öø-ÿĀ-ſА-Яа-яЁёӘәҒғҚқҢңӨөҰұҮүҺһІі"
_UPPER = "A-ZÀ-ÖØ-ÞА-ЯЁӘҒҚҢӨҰҮҺІ"
_LOWER = "a-zß-öø-ÿа-яёәғқңөұүһі"
_QUOTES = "\"“”„‟«»‹›‘’`´″《》"
#: Read by the tokenizer and by `quotes.py`.
OPENING, CLOSING, EITHER = "“„«‹‟《", "”»›》", "\"″"

#: Marks of footnotes, which stand at names (`Fenech¹`) and before what they say of them.
_NOTES = "¹²³⁰⁴⁵⁶⁷⁸⁹"

_PREFIXES = [
    f"[{_QUOTES}']",
    r"[-–—•·*°>|#=_№§†‡]",
    r"[\[({,;:!?…/.]",
    r"\d{1,2}[.:]\d\d(?=-)",
    f"[{_NOTES}]",
    f"\\d{{1,2}}\\.(?=[{_UPPER}])",
]
# Each entry is closed by spaCy with `$`, so alternatives stand in a group.
_SUFFIXES = [
    f"[{_QUOTES}']",
    r"(?:'s|’s|'S|’S)",
    f"[{_NOTES}]+",
    r"[\])},;:!?…/|]",
    r"(?<=[^\W\d_]{2})\.",
    f"(?<=[\\d)\\]{_QUOTES}'+%])\\.",
    f"(?<=&[{_UPPER}])\\.",
    r"(?<=[\d)])[-–—]",
    r"[-–—]+",
]
_INFIXES = [
    r"[;,()\[\]{}|/…—–=<>@№•·*&+]|\.{2,}|--+",
    f"[{_QUOTES.replace('’', '').replace('‘', '')}]",
    f"(?<=[{_LETTER}]{{2}})[:](?=[{_LETTER}])",
    f"(?<=[{_LETTER}\\d])[’‘](?=[.,;:)])",
    # Initials glued to a surname, and surnames to initials: `S.Toraigyrov`, `Kairatova G.K.`
    f"(?<=[{_UPPER}]\\.)(?=[{_UPPER}][{_LOWER}])",
    f"(?<=[{_UPPER}][{_LOWER}]\\.)(?=[{_UPPER}][{_LOWER}])",
    f"(?<=[{_LOWER}]{{2}})\\.(?=[{_UPPER}])",
    # A case ending or a word joined to an abbreviation or number by a hyphen: `ҚР ҰК-нің`, `в 1991-м`, `125-th`
    f"(?<=[{_UPPER}\\d»”\"])-(?=[{_LOWER}])",
    r"(?<=\d{4})-(?=\d)",
]


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of one document as arrays, white space left out.

    orths: (n,) uint64, spaCy's hash of each token; starts, ends: (n,) int32, clean offsets;
    breaks: (n,) uint8, what stands before each token (`NO_BREAK` … `PARAGRAPH`);
    glued: (n,) bool, whether no white space stands before the token.
    """

    text: Text
    orths: NDArray[np.uint64]
    starts: NDArray[np.int32]
    ends: NDArray[np.int32]
    breaks: NDArray[np.uint8]
    glued: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.orths)

    def words(self) -> list[str]:
        """The token texts."""
        clean_text = self.text.clean
        return [clean_text[a:b] for a, b in zip(self.starts.tolist(), self.ends.tolist(), strict=True)]


class AnnouncementTokenizer:
    """Cleans a raw text, then splits it; the `Text` goes along in `doc.user_data[TEXT_KEY]`.

    So `nlp(raw)` works on a text as it was read, and every offset can be led back to it.
    """

    def __init__(self, rules: Tokenizer) -> None:
        self.rules = rules

    def __call__(self, text: str) -> Doc:
        """The tokenized document of a raw text."""
        cleaned = clean(text)
        doc: Doc = self.rules(cleaned.clean)
        doc.user_data[TEXT_KEY] = cleaned
        return doc

    # What spaCy asks of a tokenizer that is saved with a pipeline: all of this one is code.
    def to_bytes(self, **_: Any) -> bytes:
        """Nothing to keep."""
        return b""

    def from_bytes(self, _data: bytes, **_: Any) -> AnnouncementTokenizer:
        """Nothing was kept."""
        return self

    def to_disk(self, _path: str | Path, **_: Any) -> None:
        """Nothing to keep."""

    def from_disk(self, _path: str | Path, **_: Any) -> AnnouncementTokenizer:
        """Nothing was kept."""
        return self


def create_tokenizer() -> Callable[[Language], AnnouncementTokenizer]:
    """The factory registered as `rollcall.tokenizer.v1`: the language's exceptions with the rules above."""

    def build(nlp: Language) -> AnnouncementTokenizer:
        rules = Tokenizer(
            nlp.vocab,
            rules=nlp.Defaults.tokenizer_exceptions,
            prefix_search=compile_prefix_regex(_PREFIXES).search,
            suffix_search=compile_suffix_regex(_SUFFIXES).search,
            infix_finditer=compile_infix_regex(_INFIXES).finditer,
            url_match=nlp.Defaults.url_match,
        )
        return AnnouncementTokenizer(rules)

    return build


def text_of(doc: Doc) -> Text:
    """The `Text` behind a Doc; for a Doc of somebody else's tokenizer, its text as it stands."""
    text = doc.user_data.get(TEXT_KEY)
    return text if isinstance(text, Text) else Text.of(doc.text)


def tokens_of(doc: Doc) -> Tokens:
    """The arrays of a Doc's tokens."""
    text = text_of(doc)
    table = doc.to_array([ORTH, IDX, LENGTH, IS_SPACE])
    if not len(table):
        table = np.zeros((0, 4), np.uint64)
    table = table[table[:, 3] == 0]
    starts = table[:, 1].astype(np.int32)
    ends = starts + table[:, 2].astype(np.int32)
    breaks, glued = _layout(text.clean, starts, ends)
    return Tokens(text, table[:, 0].copy(), starts, ends, breaks, glued)


def _layout(
    clean_text: str, starts: NDArray[np.int32], ends: NDArray[np.int32]
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """What stands before each token."""
    n = len(starts)
    before = np.concatenate([np.zeros(1, np.int32), ends[:-1]]) if n else ends
    gaps = starts - before
    breaks = np.zeros(n, np.uint8)
    # Only gaps that are not one plain space need a look at their characters.
    for i in np.flatnonzero(gaps > 0).tolist():
        if gaps[i] == 1 and clean_text[starts[i] - 1] == " ":
            continue
        gap = clean_text[before[i] : starts[i]]
        lines = gap.count("\n")
        if lines:
            breaks[i] = LINE if lines == 1 else PARAGRAPH
        elif "\t" in gap or len(gap) > 2:
            breaks[i] = GAP
    if n:
        breaks[0] = PARAGRAPH
    glued = gaps == 0
    if n:
        glued[0] = False
    return breaks, glued
