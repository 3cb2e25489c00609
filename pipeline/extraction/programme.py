"""Titles in programmes that stand without quotation marks, found by the layout of the page as well as by their words.

A title can be any words (`Moving to distributed environments`), so the labeller, which goes by words, misses many. But
in a programme the layout tells where titles stand: between a time and a speaker, on the line before or after one,
wherever the other items have theirs. So the stretches of an item that could be its title (`items.py`) are compared by
a log-linear choice (`ranker.py`), in which that none of them is one is an alternative like any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import numpy as np

from pipeline.extraction.edges import TITLE_LABELS
from pipeline.extraction.labeller import Document, Labelling
from pipeline.extraction.programme_features import (
    LOOKED_FOR,
    Asked,
    ProgrammeView,
    after_title,
    before_title,
    looked,
    of_item,
    of_none,
    of_stretch,
    of_word,
)
from pipeline.extraction.ranker import Ranker, softmax
from pipeline.extraction.spans import TokenSpan

#: That a stretch is a title must be more probable than this; than the second where a title was found there before.
SURE, SURER = 0.45, 0.65
#: What so many words weigh is kept; when there are more, all is begun anew.
_KEPT = 20_000


class Programme:
    """Finds the titles of the items of programmes."""

    def __init__(self, model: Ranker, language: str) -> None:
        self.model, self._language = model, language
        self._words: dict[str, float] = {}
        # What the looks say is the same few numbers over and over.
        self._looks = np.array(
            [[self.model.score([looked(c, v)]) for v in range(10)] for c in range(2 * len(LOOKED_FOR))]
        )

    def titles(self, document: Document, look: Labelling, spans: Sequence[TokenSpan]) -> list[tuple[TokenSpan, float]]:
        """The titles that the items of a document have, in their order and apart, and how sure each is.

        Args:
            document, look: a document and what the labeller made of it. spans: its mentions.
        """
        view = ProgrammeView.of(document, look, spans, self._language) if self.model.weights else None
        if view is None:
            return []
        likely = []
        for asked in view.asked:
            probabilities = softmax(self._scores(view, asked))
            best = max(range(len(asked.stretches)), key=probabilities.__getitem__)
            first, end = asked.stretches[best]
            found_before = any(view.labels[at] in TITLE_LABELS for at in range(first, end))
            if probabilities[best] > (SURER if found_before else SURE):
                likely.append((-probabilities[best], first, end))
        # A title may go on in the next line, which is an item as well: of two that touch the likelier is taken.
        free = [True] * len(document.words)
        found = []
        for probability, first, end in sorted(likely):
            if all(free[first:end]):
                free[first:end] = [False] * (end - first)
                found.append(((first, end, "REPORT"), -probability))
        return sorted(found)

    def _scores(self, view: ProgrammeView, asked: Asked) -> list[float]:
        """The sums of the weights of `features`; those that stretches share are looked up once."""
        item, stretches = asked.item, asked.stretches
        common = of_item(view, asked)
        opens, closes = {a for a, _ in stretches}, {b for _, b in stretches}
        low = min(opens)
        before = {at: self.model.score(before_title(view, at)) for at in opens}
        after = {at: self.model.score(after_title(view, at)) for at in closes}
        words = [0.0, *accumulate(self._of_word(view.document.words[at]) for at in range(low, max(closes)))]
        means = self._looks[np.arange(2 * len(LOOKED_FOR)), view.means(stretches)].sum(axis=1).tolist()
        own = self.model.score(common)
        scores = [
            own
            + before[a]
            + after[b]
            + words[b - low]
            - words[a - low]
            + self.model.score(of_stretch(view, item, a, b))
            + mean
            for (a, b), mean in zip(stretches, means, strict=True)
        ]
        return [*scores, self.model.score(of_none(view, asked, common))]

    def _of_word(self, word: str) -> float:
        weight = self._words.get(word)
        if weight is None:
            if len(self._words) >= _KEPT:
                self._words.clear()
            weight = self._words[word] = self.model.score(of_word(word, self._language))
        return weight
