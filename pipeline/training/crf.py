"""Training the CRF: tokens and gold spans become feature strings for python-crfsuite, its weights become plain arrays.

python-crfsuite trains (L-BFGS, elastic net); nothing of it is needed to label.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from pipeline.extraction.context import SLOTS, IntArray
from pipeline.extraction.crf import PAIRS, CrfWeights, pair_classes
from pipeline.extraction.words import EDGE, WordFeatures

_STATE = re.compile(r"^  \(\d+\) (.+) --> (\S+): (\S+)$")


def strings(
    features: WordFeatures, words: Sequence[str], slots: IntArray, families: IntArray, names: Iterable[str]
) -> list[list[str]]:
    """The feature strings of every token, exactly those whose weights `Crf.emissions` sums.

    Args:
        features, words: the language's word features and the document's words.
        slots, families: as in `Context`, with the `names` of the families.
    """
    family_names = tuple(names)
    known: dict[str, tuple[list[str], list[str], tuple[str, ...]]] = {}

    def of(word: str) -> tuple[list[str], list[str], tuple[str, ...]]:
        if word not in known:
            known[word] = (*features.of(word), pair_classes(features, word))
        return known[word]

    rows: list[list[str]] = []
    for positions, codes in zip(slots.T.tolist(), families.T.tolist(), strict=True):
        row: list[str] = []
        at: dict[str, str] = {}
        for (slot, spelling), position in zip(SLOTS.items(), positions, strict=True):
            word = words[position] if position >= 0 else EDGE
            at[slot] = word
            identity, form, _ = of(word)
            row += [f"{slot}|{name}" for name in identity]
            if spelling:
                row += [f"{slot}|{name}" for name in form]
        row += [f"{family}#{code}" for family, code in zip(family_names, codes, strict=True)]
        row += [f"{name}:{of(at[left])[2][kind]}\t{of(at[right])[2][kind]}" for name, kind, left, right in PAIRS]
        rows.append(row)
    return rows


def train(
    sequences: Iterable[tuple[list[list[str]], list[str]]],
    labels: Sequence[str],
    families: dict[str, int],
    *,
    l1: float = 0.05,
    l2: float = 0.05,
    iterations: int = 120,
    seen: int = 1,
) -> CrfWeights:
    """Train a CRF.

    Args:
        sequences: (feature strings by token, tags by token) pairs.
        labels: all tags.
        families: the families of codes and the number of codes of each.
        l1, l2: the two penalties of the elastic net; iterations: at most so many steps of L-BFGS.
        seen: a feature that fewer tokens have is left out.
    """
    import pycrfsuite

    trainer = pycrfsuite.Trainer(algorithm="lbfgs", verbose=False)
    trainer.set_params(
        {
            "c1": l1,
            "c2": l2,
            "max_iterations": iterations,
            "feature.possible_transitions": True,
            "feature.minfreq": seen,
        }
    )
    for rows, tags in sequences:
        trainer.append(pycrfsuite.ItemSequence(rows), tags)
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "model")
        trainer.train(path)
        tagger = pycrfsuite.Tagger()
        tagger.open(path)
        info = tagger.info()
        tagger.close()
    state = {key: value for key, value in info.state_features.items() if abs(value) > 1e-4}
    return CrfWeights.from_features(labels, state, info.transitions, families)
