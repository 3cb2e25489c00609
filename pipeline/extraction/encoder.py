"""A pretrained encoder that was fine-tuned to label tokens, run by onnxruntime: documents in, log-probabilities out.

The graph reads the pieces of a window and, for every word, a vector of what the CRF's features say of it (its shape,
its clusters, the knowledge files, the layout), so that an uncased encoder still sees capitals and lines. One window is
read at a time: its scores then depend on nothing but its own words, whatever else is in the batch, also after the
rounding to 8 bits, which is chosen by what is read together.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pipeline.extraction.chain import FloatArray
from pipeline.extraction.pieces import Pieces, Window, windows
from pipeline.extraction.words import WordFeatures, word_features

if TYPE_CHECKING:
    from pipeline.extraction.labeller import Document

GRAPH, PIECES, SURROUNDINGS = "encoder.onnx", "pieces.json", "surroundings.npz"
#: All files of an encoder.
ENCODER_FILES = (GRAPH, PIECES, SURROUNDINGS)


class EncoderError(Exception):
    """The encoder cannot be used; the message says what to do."""


def encoder_features(features: WordFeatures, words: Sequence[str]) -> list[list[str]]:
    """What of the CRF's features the encoder is told of each word: all but the word itself and its beginning."""
    return [
        [f for f in identity if not f.startswith("w=")] + [f for f in spelling if f.startswith(">") and len(f) <= 4]
        for identity, spelling, _ in features.describe(words)
    ]


class Surroundings:
    """The vectors that are added up for a word: those of its features and of the codes of its place.

    names: features. vectors: (features, width). codes: (families, codes, width), the breaks as the last family.
    """

    def __init__(self, names: Sequence[str], vectors: FloatArray, codes: FloatArray, features: WordFeatures) -> None:
        self.vectors, self.codes, self.features = vectors, codes, features
        self._numbers = {name: i for i, name in enumerate(names)}
        self._of = lru_cache(maxsize=50_000)(self._word)

    @classmethod
    def load(cls, path: Path, language: str) -> Surroundings:
        """Read what the training wrote."""
        with np.load(path, allow_pickle=False) as stored:
            names = json.loads(stored["names"].tobytes().decode("utf-8"))
            return cls(
                names, stored["vectors"].astype(np.float32), stored["codes"].astype(np.float32), word_features(language)
            )

    def _word(self, word: str) -> FloatArray:
        known = [self._numbers[f] for f in encoder_features(self.features, [word])[0] if f in self._numbers]
        total: FloatArray = self.vectors[known].sum(axis=0)
        return total

    def of(self, document: Document) -> FloatArray:
        """(n, width) the vectors of a document's words."""
        if not document.words:
            return np.zeros((0, self.vectors.shape[1]), np.float32)
        total: FloatArray = np.stack([self._of(word) for word in document.words])
        for table, codes in zip(self.codes, codes_of(document), strict=True):
            total += table[codes]
        return total


def codes_of(document: Document) -> NDArray[np.integer]:
    """(families, n) the codes of the CRF's families, and what stands before each token."""
    return np.concatenate([document.context.families, document.tokens.breaks[None].astype(np.int32)])


class Encoder:
    """An encoder of one language, ready to read."""

    def __init__(self, session: Any, pieces: Pieces, surroundings: Surroundings) -> None:
        self.session, self.pieces, self.surroundings = session, pieces, surroundings

    @classmethod
    def load(cls, folder: Path, language: str, threads: int = 0) -> Encoder:
        """Read an encoder.

        Args:
            folder: holds `ENCODER_FILES`. language: whose word features it was trained with.
            threads: how many it works with; 0 for as many as there are cores.

        Raises:
            EncoderError: where the libraries or the files are missing.
        """
        return cls(*_read(folder, threads), Surroundings.load(folder / SURROUNDINGS, language))

    def scores(self, document: Document, stretches: Sequence[tuple[int, int]]) -> list[FloatArray]:
        """(words, tags) log-probabilities for each of some stretches of a document, which may be all of it.

        Args:
            document: what was tokenized.
            stretches: (first word, the one after the last), as `labeller.sequence_lengths` cuts them or longer.
        """
        pieces = [self.pieces.of(word) for word in document.words]
        sizes = [len(p) for p in pieces]
        around = self.surroundings.of(document)
        return [
            np.concatenate(
                [self._scores(window, pieces, around) for window in windows(sizes, document.tokens.breaks, stretch)]
            )
            for stretch in stretches
        ]

    def _scores(self, window: Window, pieces: Sequence[tuple[int, ...]], around: FloatArray) -> FloatArray:
        flat, firsts, lasts = self.pieces.laid_out(pieces[window.first : window.last])
        read = {
            "pieces": np.array([flat], np.int64),
            "firsts": firsts[None],
            "lasts": lasts[None],
            "around": around[None, window.first : window.last],
        }
        (scores,) = self.session.run(None, read)
        kept: FloatArray = scores[0, window.start - window.first : window.end - window.first]
        return kept


@lru_cache(maxsize=4)
def _read(folder: Path, threads: int) -> tuple[Any, Pieces]:
    """The graph and the pieces of an encoder, read once for all languages that share it."""
    try:
        import onnxruntime

        pieces = Pieces.load(folder / PIECES)
    except ModuleNotFoundError as error:
        raise EncoderError(f'{error.name} is not installed: pip install "rollcall[encoder]".') from None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(folder / GRAPH), options, providers=["CPUExecutionProvider"]), pieces
