"""Fine-tuning: tagged documents in, a network out; and what a network says of documents that it has not seen.

Cross-entropy over the words of windows, AdamW with one warm-up and a linear descent (Devlin and others 2019), matrix
products in bfloat16. With the same settings on the same kind of machine the result is the same.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from pipeline.extraction.chain import FloatArray
from pipeline.extraction.encoder import codes_of, encoder_features
from pipeline.extraction.labeller import Document
from pipeline.extraction.pieces import Pieces, Window, windows
from pipeline.extraction.words import word_features
from pipeline.training.encoder.network import Around, Tagger
from pipeline.training.encoder.pretrained import Pretrained
from pipeline.training.examples import Example
from pipeline.training.labeller import TAGS

_OTHER = -100  # the tag number that the loss passes over
#: Batches are made of windows of like length, out of so many batches' windows at a time.
_SORTED_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class EncoderSettings:
    """Settings of the fine-tuning.

    layers: how many of the encoder's, from below. rate: of the encoder; head_rate: of what is new. batch: windows.
    least: a feature that fewer words have is left out. most: features of a word. codes: of a family. threads: fixed, so
    that sums come out alike.
    """

    layers: int = 6
    epochs: int = 4
    rate: float = 1.5e-4
    head_rate: float = 1e-3
    decay: float = 0.01
    warm: float = 0.06
    batch: int = 12
    drop: float = 0.1
    least: int = 5
    most: int = 16
    codes: int = 64
    seed: int = 1
    threads: int = 2


class Tuned:
    """A network with what turns documents into its input."""

    def __init__(self, source: Pretrained, names: Sequence[str], families: int, settings: EncoderSettings) -> None:
        """`names`: the features that it knows, in order."""
        self.settings, self.names = settings, list(names)
        self.pieces = Pieces(source.tokenizer)
        self._numbers = {name: i for i, name in enumerate(names, 1)}
        self.tagger = Tagger(source, settings.layers, len(TAGS), settings.drop)
        self.around = Around(len(names), families, settings.codes)

    def windows(self, documents: Sequence[Document], languages: Sequence[str]) -> list[_Read]:
        """All windows of documents."""
        found = []
        for number, (document, language) in enumerate(zip(documents, languages, strict=True)):
            if not document.words:
                continue
            features = word_features(language)
            pieces = [self.pieces.of(word) for word in document.words]
            known = [
                [self._numbers[f] for f in told if f in self._numbers]
                for told in encoder_features(features, document.words)
            ]
            codes = codes_of(document)
            for window in windows([len(p) for p in pieces], document.tokens.breaks, (0, len(pieces))):
                part = slice(window.first, window.last)
                found.append(_Read(number, window, pieces[part], known[part], codes[:, part]))
        return found

    def scores(self, batch: Sequence[_Read]) -> Tensor:
        """(windows, words, tags) log-probabilities."""
        most, words = self.settings.most, max(len(r.pieces) for r in batch)
        laid_out = [self.pieces.laid_out(r.pieces) for r in batch]
        read = torch.zeros(len(batch), max(len(flat) for flat, _, _ in laid_out), dtype=torch.long)
        mask = torch.zeros(read.shape, dtype=torch.bool)
        firsts, lasts = (torch.zeros(len(batch), words, dtype=torch.long) for _ in range(2))
        features = torch.zeros(len(batch), words, most, dtype=torch.long)
        codes = torch.zeros(len(batch), words, batch[0].codes.shape[0], dtype=torch.long)
        standing = torch.zeros(len(batch), words)
        for row, (r, (flat, first, last)) in enumerate(zip(batch, laid_out, strict=True)):
            count = len(last)
            read[row, : len(flat)] = torch.tensor(flat)
            mask[row, : len(flat)] = True
            firsts[row, :count] = torch.from_numpy(first)
            lasts[row, :count] = torch.from_numpy(last)
            for place, numbers in enumerate(r.features):
                features[row, place, : len(numbers[:most])] = torch.tensor(numbers[:most], dtype=torch.long)
            codes[row, :count] = torch.from_numpy(r.codes.T.astype(np.int64))
            standing[row, :count] = 1
        scores: Tensor = self.tagger(read, firsts, lasts, self.around(features, codes), mask, standing)
        return scores


@dataclass(frozen=True, slots=True)
class _Read:
    """A window with its words' pieces, features and codes; `document` is the number of its document."""

    document: int
    window: Window
    pieces: list[tuple[int, ...]]
    features: list[list[int]]
    codes: NDArray[np.integer]


def fine_tune(
    data: Sequence[Example], source: Pretrained, settings: EncoderSettings, tell: Callable[[str], None]
) -> Tuned:
    """Fine-tune an encoder on tagged documents, of one language or several."""
    torch.set_num_threads(settings.threads)
    torch.use_deterministic_algorithms(True)
    torch.manual_seed(settings.seed)
    chance = random.Random(settings.seed)
    documents, languages = [e.document for e in data], [e.source.language for e in data]
    tuned = Tuned(source, _features(data, settings.least), codes_of(documents[0]).shape[0], settings)
    number = {tag: i for i, tag in enumerate(TAGS)}
    tags = [[number[tag] for tag in e.tags] for e in data]
    reads = tuned.windows(documents, languages)
    encoder = [p for p in tuned.tagger.bert.parameters() if p.requires_grad]
    known = {id(p) for p in encoder}
    new = [p for m in (tuned.tagger, tuned.around) for p in m.parameters() if p.requires_grad and id(p) not in known]
    groups = [{"params": encoder, "lr": settings.rate}, {"params": new, "lr": settings.head_rate}]
    optimizer = torch.optim.AdamW(groups, weight_decay=settings.decay)
    rates = [group["lr"] for group in optimizer.param_groups]
    steps, step = settings.epochs * -(-len(reads) // settings.batch), 0
    tuned.tagger.train()
    for epoch in range(settings.epochs):
        lost = 0.0
        for batch in _batches(reads, settings.batch, chance):
            share = min(1.0, (step + 1) / (settings.warm * steps)) * (steps - step) / steps
            for group, rate in zip(optimizer.param_groups, rates, strict=True):
                group["lr"] = rate * share
            with torch.autocast("cpu", dtype=torch.bfloat16):
                scores = tuned.scores(batch)
            loss = functional.nll_loss(
                scores.float().flatten(0, 1), _wanted(batch, tags, scores.shape[1]).flatten(), ignore_index=_OTHER
            )
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_([*encoder, *new], 1.0)
            optimizer.step()
            lost += loss.item()
            step += 1
        tell(f"epoch {epoch + 1} of {settings.epochs}: loss {lost * settings.epochs / steps:.4f}")
    tuned.tagger.eval()
    return tuned


def emissions(tuned: Tuned, documents: Sequence[Document], languages: Sequence[str]) -> list[FloatArray]:
    """(words, tags) log-probabilities of documents, as a run computes them but for the rounding."""
    found = [np.zeros((len(d.words), len(TAGS)), np.float32) for d in documents]
    reads = sorted(tuned.windows(documents, languages), key=lambda r: sum(map(len, r.pieces)))
    tuned.tagger.eval()
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        for start in range(0, len(reads), tuned.settings.batch):
            batch = reads[start : start + tuned.settings.batch]
            for r, scores in zip(batch, tuned.scores(batch).float().numpy(), strict=True):
                window = r.window
                inside = slice(window.start - window.first, window.end - window.first)
                found[r.document][window.start : window.end] = scores[inside]
    return found


def _features(data: Sequence[Example], least: int) -> list[str]:
    """The features that enough words of the documents have, sorted."""
    counts: Counter[str] = Counter()
    for example in data:
        features = word_features(example.source.language)
        counts.update(chain.from_iterable(encoder_features(features, example.document.words)))
    return sorted(name for name, count in counts.items() if count >= least)


def _batches(reads: Sequence[_Read], size: int, chance: random.Random) -> Iterator[list[_Read]]:
    """All windows once, in batches of like length, in random order."""
    order = list(range(len(reads)))
    chance.shuffle(order)
    some = size * _SORTED_AT_ONCE
    order = [
        i
        for start in range(0, len(order), some)
        for i in sorted(order[start : start + some], key=lambda i: sum(map(len, reads[i].pieces)))
    ]
    batches = [order[start : start + size] for start in range(0, len(order), size)]
    chance.shuffle(batches)
    for batch in batches:
        yield [reads[i] for i in batch]


def _wanted(batch: Sequence[_Read], tags: Sequence[Sequence[int]], words: int) -> Tensor:
    """(windows, words) the numbers of the right tags, `_OTHER` in the margins."""
    wanted = torch.full((len(batch), words), _OTHER)
    for row, r in enumerate(batch):
        start, end = r.window.start - r.window.first, r.window.end - r.window.first
        wanted[row, start:end] = torch.tensor(tags[r.document][r.window.start : r.window.end])
    return wanted
