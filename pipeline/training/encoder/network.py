"""The network that is fine-tuned: a BERT, what the CRF's features say of each word, two convolutions, a score a tag."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from pipeline.extraction.pieces import WINDOW
from pipeline.training.encoder.pretrained import PARTS, Pretrained

#: Width of the vectors that tell what the CRF's features say of a word.
AROUND = 96
_NORM = 1e-12
#: Places that a window may need beyond its pieces: the two around it, and a single word that is longer than its room.
_SPARE = 16


class _Layer(nn.Module):
    def __init__(self, width: int, wide: int) -> None:
        super().__init__()
        self.query, self.key, self.value, self.mix = (nn.Linear(width, width) for _ in range(4))
        self.mix_norm, self.narrow_norm = nn.LayerNorm(width, _NORM), nn.LayerNorm(width, _NORM)
        self.widen, self.narrow = nn.Linear(width, wide), nn.Linear(wide, width)


class Bert(nn.Module):
    """A BERT (Devlin and others 2019) over pieces. Its word vectors stay as they are."""

    def __init__(self, source: Pretrained, layers: int, drop: float) -> None:
        """`layers`: how many of the source's, from below."""
        super().__init__()
        width = source.words.shape[1]
        self.heads, self.drop = source.heads, drop
        self.words = nn.Embedding.from_pretrained(torch.from_numpy(source.words), freeze=True)
        self.positions = nn.Parameter(torch.from_numpy(source.positions[: WINDOW + _SPARE]).clone())
        self.norm = nn.LayerNorm(width, _NORM)
        _fill(self.norm, source.norm)
        self.layers = nn.ModuleList()
        for given in source.layers[:layers]:
            layer = _Layer(width, given["widen"][0].shape[0])
            for part in PARTS:
                _fill(getattr(layer, part), given[part])
            self.layers.append(layer)

    def forward(self, pieces: Tensor, mask: Tensor | None) -> Tensor:
        """(windows, pieces, width) states; `mask` (windows, pieces) is True where a piece stands."""
        windows, length = pieces.shape
        states = self._dropped(self.norm(self.words(pieces) + self.positions[:length]))
        seen = None if mask is None else mask[:, None, None, :]
        for layer in self.layers:
            q, k, v = (
                part(states).view(windows, length, self.heads, -1).transpose(1, 2)
                for part in (layer.query, layer.key, layer.value)
            )
            mixed = functional.scaled_dot_product_attention(q, k, v, attn_mask=seen)
            mixed = layer.mix(mixed.transpose(1, 2).reshape(windows, length, -1))
            states = layer.mix_norm(states + self._dropped(mixed))
            grown = layer.narrow(functional.gelu(layer.widen(states)))
            states = layer.narrow_norm(states + self._dropped(grown))
        return states

    def _dropped(self, states: Tensor) -> Tensor:
        return functional.dropout(states, self.drop, self.training)


class Tagger(nn.Module):
    """Log-probabilities of tags for the words of windows."""

    def __init__(self, source: Pretrained, layers: int, tags: int, drop: float) -> None:
        """As many layers of the source, as many tags."""
        super().__init__()
        width = source.words.shape[1]
        self.bert = Bert(source, layers, drop)
        self.drop = 2 * drop
        self.enter, self.enter_norm = nn.Linear(width + AROUND, width), nn.LayerNorm(width)
        # A convolution over three words, written as a product so that it is rounded to 8 bits like all others.
        self.near = nn.ModuleList(nn.Linear(3 * width, width) for _ in range(2))
        self.near_norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(2))
        self.leave = nn.Linear(width, tags)

    def forward(
        self, pieces: Tensor, firsts: Tensor, lasts: Tensor, around: Tensor, mask: Tensor | None = None,
        standing: Tensor | None = None,
    ) -> Tensor:  # fmt: skip
        """(windows, words, tags) log-probabilities.

        Args:
            pieces: (windows, pieces). firsts, lasts: (windows, words) each word's first and last piece.
            around: (windows, words, AROUND). mask: (windows, pieces) where pieces stand; everywhere without it.
            standing: (windows, words) 1 where a word stands, else 0; everywhere without it.
        """
        states = self.bert(pieces, mask)
        words = (_at(states, firsts) + _at(states, lasts)) / 2
        around = functional.dropout(around, self.drop, self.training)
        hidden = self.enter_norm(functional.gelu(self.enter(torch.cat([words, around.to(words.dtype)], dim=2))))
        for near, norm in zip(self.near, self.near_norms, strict=True):
            seen = hidden if standing is None else hidden * standing[:, :, None].to(hidden.dtype)
            edge = torch.zeros_like(seen[:, :1])
            left, right = torch.cat([edge, seen[:, :-1]], dim=1), torch.cat([seen[:, 1:], edge], dim=1)
            moved = functional.gelu(near(torch.cat([left, seen, right], dim=2)))
            hidden = norm(hidden + functional.dropout(moved, self.drop, self.training))
        return functional.log_softmax(self.leave(hidden).float(), dim=-1)


class Around(nn.Module):
    """The vectors of features and of codes, which are added up for every word outside of the graph."""

    def __init__(self, features: int, families: int, codes: int) -> None:
        """`features` with a number each from 1, 0 for none; `families` of `codes` each."""
        super().__init__()
        self.features = nn.EmbeddingBag(features + 1, AROUND, mode="sum", padding_idx=0)
        self.codes = nn.Embedding(families * codes, AROUND)
        self.per_family = codes
        for table in (self.features, self.codes):
            nn.init.normal_(table.weight, std=0.1)

    def forward(self, features: Tensor, codes: Tensor) -> Tensor:
        """(windows, words, AROUND) from features (windows, words, most) and codes (windows, words, families)."""
        windows, words, most = features.shape
        summed = self.features(features.view(windows * words, most)).view(windows, words, AROUND)
        offsets = torch.arange(codes.shape[2]) * self.per_family
        return summed + self.codes(codes + offsets).sum(dim=2)


def _at(states: Tensor, places: Tensor) -> Tensor:
    """The states at places: (windows, words, width)."""
    return states.gather(1, places[:, :, None].expand(-1, -1, states.shape[2]))


def _fill(module: nn.Linear | nn.LayerNorm, given: tuple[object, object]) -> None:
    for parameter, array in zip((module.weight, module.bias), given, strict=True):
        parameter.data = torch.from_numpy(array).clone()
