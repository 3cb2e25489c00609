"""Tokens: the tokenizer of announcements and the arrays that the labeller reads.

spaCy's tokenizer is used with punctuation rules of our own, so that a mention of a text with missing spaces
(`N.V.Gogol`, `"Traces",and`, `Archive(NAM)`) begins and ends at a token. White-space tokens are left out of the
arrays; what they say about the layout is kept as numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from spacy.attrs import IDX, IS_SPACE, LENGTH
from spacy.language import Language
from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc
from spacy.util import compile_infix_regex, compile_prefix_regex, compile_suffix_regex

from pipeline.cleaning import clean
from pipeline.extraction.lexicon import IntArray, Lexicon
from pipeline.extraction.splitter import Splitter
from pipeline.extraction.words import word_features
from pipeline.records import Text

#: What stands before a token: nothing or one space, a wide gap, a new line, an empty line.
NO_BREAK, GAP, LINE, PARAGRAPH = 0, 1, 2, 3

#: Where a Doc keeps its `Text`.
TEXT_KEY = "rollcall_text"

_LETTER = "A-Za-zÀ-ÖØ-öø-ÿĀ-ſА-Яа-яЁёӘәҒғҚқҢңӨөҰұҮүҺһІі"
_UPPER = "A-ZÀ-ÖØ-ÞА-ЯЁӘҒҚҢӨҰҮҺІ"
_LOWER = "a-zß-öø-ÿа-яёәғқңөұүһі"
_QUOTES = '"“”„‟«»‹›‘’`´″《》'
#: Read by the tokenizer and by `quotes.py`.
OPENING, CLOSING, EITHER = "“„«‹‟《", "”»›》", '"″'

#: Marks of footnotes, which stand at names (`Fenech¹`) and before what they say of them.
_NOTES = "¹²³⁰⁴⁵⁶⁷⁸⁹"

_PREFIXES = [
    f"[{_QUOTES}']",
    r"[-–—•·*°>|#=_№§†‡]",
    r"[\[({,;:!?…/.]",
    # Times and dates that lost what parted them from the next word: `10.30Opening`, `12.05.202010 May`
    f"\\d{{1,2}}[.:]\\d\\d(?=[-{_UPPER}])",
    r"\d{1,2}\.\d{1,2}\.(?:19|20)\d\d(?=\d)",
    f"[{_NOTES}]",
    f"\\d{{1,2}}\\.(?=[{_UPPER}])",
]
# Each entry is closed by spaCy with `$`, so alternatives stand in a group.
_SUFFIXES = [
    f"[{_QUOTES}']",
    r"(?:'s|’s|'S|’S)",
    f"[{_NOTES}]+",
    r"[_*]",
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
    f'(?<=[{_UPPER}\\d»”"])-(?=[{_LOWER}])',
    r"(?<=\d{4})-(?=\d)",
]


#: Whether a character is white space, by its code point; none above the last of these is.
_SPACE = np.array([chr(code).isspace() for code in range(0x3002)])


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of one document as arrays, white space left out.

    ids: (n,) int32, the number of each token in the lexicon; starts, ends: (n,) int32, clean offsets;
    breaks: (n,) uint8, what stands before each token (`NO_BREAK` … `PARAGRAPH`);
    glued: (n,) bool, whether no white space stands before the token.
    """

    text: Text
    lexicon: Lexicon
    ids: IntArray
    starts: NDArray[np.int32]
    ends: NDArray[np.int32]
    breaks: NDArray[np.uint8]
    glued: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.ids)

    def words(self) -> list[str]:
        """The token texts."""
        words = self.lexicon.words
        return [words[number] for number in self.ids.tolist()]


def words_apart(documents: Sequence[Tokens]) -> NDArray[np.int64]:
    """(n,) a number for each token of documents one after another: the same for the same word of one document.

    It is the number of the word and, times the size of the lexicon that all of them share, that of the document.
    """
    return np.concatenate([d.ids.astype(np.int64) + i * len(d.lexicon) for i, d in enumerate(documents)])


class AnnouncementTokenizer:
    """Cleans a raw text, then splits it; the `Text` goes along in `doc.user_data[TEXT_KEY]`.

    So `nlp(raw)` works on a text as it was read, and every offset can be led back to it.
    """

    def __init__(self, rules: Tokenizer, language: str) -> None:
        self.rules = rules
        self.language = language
        self._splitter = Splitter(rules)

    def tokens(self, raws: Sequence[str]) -> list[Tokens]:
        """The tokens of raw texts, as `tokens_of` gives them for their Docs, which are seldom made."""
        texts = [clean(raw) for raw in raws]
        lexicon = word_features(self.language).lexicon
        easy = [self._splitter.can_split(text.clean) for text in texts]
        quick = iter(self._split([text for text, can in zip(texts, easy, strict=True) if can], lexicon))
        return [
            next(quick) if can else _from_doc(text, self.rules(text.clean), lexicon)
            for text, can in zip(texts, easy, strict=True)
        ]

    def _split(self, texts: Sequence[Text], lexicon: Lexicon) -> list[Tokens]:
        whole = "\n".join(text.clean for text in texts)
        ids = np.array(self._splitter.split(whole, lexicon), np.int32)
        characters = _characters(whole)
        # Tokens hold all that is no white space, one after the other.
        lengths = lexicon.told(len)[ids]
        solid = np.flatnonzero(~_SPACE[np.minimum(characters, len(_SPACE) - 1)]).astype(np.int32)
        firsts = np.cumsum(lengths) - lengths
        starts = solid[firsts]
        ends = solid[firsts + lengths - 1] + 1
        opens = np.cumsum([0, *(len(text.clean) + 1 for text in texts)], dtype=np.int32)
        bounds = np.searchsorted(starts, opens)
        breaks, glued = _layout(characters, starts, ends, bounds[:-1])
        return [
            Tokens(text, lexicon, ids[a:b], starts[a:b] - start, ends[a:b] - start, breaks[a:b], glued[a:b])
            for text, start, a, b in zip(texts, opens.tolist(), bounds.tolist(), bounds[1:].tolist(), strict=False)
        ]

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
        return AnnouncementTokenizer(rules, nlp.lang or "")

    return build


def text_of(doc: Doc) -> Text:
    """The `Text` behind a Doc; for a Doc of somebody else's tokenizer, its text as it stands."""
    text = doc.user_data.get(TEXT_KEY)
    return text if isinstance(text, Text) else Text.of(doc.text)


def tokens_of(doc: Doc) -> Tokens:
    """The arrays of a Doc's tokens, numbered in the lexicon of its language."""
    return _from_doc(text_of(doc), doc, word_features(doc.lang_).lexicon)


def _from_doc(text: Text, doc: Doc, lexicon: Lexicon) -> Tokens:
    table = doc.to_array([IDX, LENGTH, IS_SPACE])
    if not len(table):
        table = np.zeros((0, 3), np.uint64)
    table = table[table[:, 2] == 0]
    starts = table[:, 0].astype(np.int32)
    ends = starts + table[:, 1].astype(np.int32)
    words = [text.clean[a:b] for a, b in zip(starts.tolist(), ends.tolist(), strict=True)]
    breaks, glued = _layout(_characters(text.clean), starts, ends, np.zeros(1, np.intp))
    return Tokens(text, lexicon, np.array(lexicon.add(words), np.int32), starts, ends, breaks, glued)


def _characters(text: str) -> NDArray[np.uint32]:
    """The code points of a text."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def _layout(
    characters: NDArray[np.uint32],
    starts: NDArray[np.int32],
    ends: NDArray[np.int32],
    firsts: NDArray[np.intp],
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """What stands before each token; `firsts` are the tokens with which documents begin."""
    before = np.append(np.int32(0), ends[:-1])[: len(starts)]
    gaps = starts - before
    lines = _between(characters == ord("\n"), before, starts)
    wide = (_between(characters == ord("\t"), before, starts) > 0) | (gaps > 2)
    breaks = np.where(lines > 1, PARAGRAPH, np.where(lines > 0, LINE, np.where(wide, GAP, NO_BREAK))).astype(np.uint8)
    glued = gaps == 0
    firsts = firsts[firsts < len(starts)]
    breaks[firsts] = PARAGRAPH
    glued[firsts] = False
    return breaks, glued


def _between(there: NDArray[np.bool_], before: NDArray[np.int32], after: NDArray[np.int32]) -> NDArray[np.intp]:
    """How many of the characters from one place to another are there."""
    counts = np.append(0, np.cumsum(there))
    within: NDArray[np.intp] = counts[after] - counts[before]
    return within
