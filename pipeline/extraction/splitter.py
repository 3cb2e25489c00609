"""Texts split as spaCy's tokenizer splits them, but quicker: what stands between white space is split only once."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray
from spacy.attrs import IDX, IS_SPACE, LENGTH
from spacy.tokenizer import Tokenizer

from pipeline.extraction.lexicon import Lexicon

#: Marks that every rule splits off, before and behind a word or number (a full stop behind two letters or a digit).
_OPENING, _CLOSING = frozenset('“„«"(['), frozenset('”»")],;:!?…')


class Splitter:
    """Splits texts into the numbers of their words; pieces between white space are known by their text."""

    def __init__(self, rules: Tokenizer) -> None:
        self.rules = rules
        self._exceptions = frozenset(rules.rules)
        spaced = sorted(e for e in self._exceptions if len(e.split()) > 1)  # `канд. ист. наук` is one token
        self._spaced = re.compile("|".join(map(re.escape, spaced)) or r"(?!)")
        self._lexicon: Lexicon | None = None
        self._known: dict[str, list[int]] = {}

    def can_split(self, text: str) -> bool:
        """Whether no exception of the language holds white space and stands in the text."""
        return not self._spaced.search(text)

    def split(self, text: str, lexicon: Lexicon) -> list[int]:
        """The numbers of the words of a text that it `can_split`; new words are added to the lexicon."""
        if lexicon is not self._lexicon:
            self._lexicon, self._known = lexicon, {}
        known = self._known
        pieces = text.split()
        hard = []
        for piece in dict.fromkeys(pieces):
            if piece not in known:
                words = self._plain(piece)
                if words:
                    known[piece] = lexicon.add(words)
                else:
                    hard.append(piece)
        if hard:
            known.update(zip(hard, map(lexicon.add, self._ruled(hard)), strict=True))
        return [number for piece in pieces for number in known[piece]]

    def _plain(self, piece: str) -> list[str]:
        """The words of a piece that is letters or digits with at most one mark on each side; none for any other."""
        if piece.isalpha() and piece not in self._exceptions:
            return [piece]
        before = piece[0] in _OPENING
        core = piece[before:]
        after = core[-1:] in _CLOSING or (core[-1:] == "." and (len(core) > 2 or core[:-1].isdecimal()))
        core = core[: len(core) - after]
        if not (core.isalpha() or core.isdecimal()) or not self._exceptions.isdisjoint(
            (piece, core, piece[before:], piece[: len(piece) - after])
        ):
            return []
        return [*piece[:before], core, *piece[before + len(core) :]]

    def _ruled(self, pieces: list[str]) -> list[list[str]]:
        """The words of each of these pieces, by the rules."""
        text = "\n".join(pieces)
        table: NDArray[np.uint64] = self.rules(text).to_array([IDX, LENGTH, IS_SPACE])
        found: list[list[str]] = [[]]
        for start, length, space in table.tolist():
            if space:
                found.append([])
            else:
                found[-1].append(text[start : start + length])
        return found
