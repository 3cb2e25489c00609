"""Quoted stretches classified as a whole: the title of a report, an event or a work, or none of them.

People, roles and institutions are settled before them (`borders.py`), titles without quotation marks after them
(`edges.py`), then those that only the layout of a programme tells (`programme.py`), at last the cells of tables.

The labeller decides token by token; a title is one thing from its opening to its closing mark. A log-linear choice
(`ranker.py`) looks at what the labeller thinks of the stretch, the words around it and its own form.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.extraction.borders import Borders
from pipeline.extraction.edges import TITLE_LABELS, Edges
from pipeline.extraction.features import Weights
from pipeline.extraction.labeller import Document, Labelling
from pipeline.extraction.programme import Programme
from pipeline.extraction.quoted import AS_IT_IS, Surroundings, features, title_span
from pipeline.extraction.ranker import Ranker, softmax
from pipeline.extraction.spans import TokenSpan
from pipeline.extraction.tabular import apart, complete

ALTERNATIVES = (*TITLE_LABELS, AS_IT_IS)


class Titles:
    """Settles what is looked at as a whole: names, quoted stretches, titles without quotation marks."""

    def __init__(self, model: Ranker, language: str, edges: Edges, borders: Borders, programme: Programme) -> None:
        self.model = model
        self.borders = borders
        self.edges = edges
        self.programme = programme
        self.language = language
        # feature → its weight for each alternative
        rows: dict[str, list[float]] = {}
        for name, weight in model.weights.items():
            alternative, _, feature = name.partition(":")
            row = rows.setdefault(feature, [0.0] * len(ALTERNATIVES))
            row[ALTERNATIVES.index(alternative)] = weight
        self._weights = Weights(rows)

    def without_borders(self) -> Titles:
        """The same for a labeller with an encoder, which sees names as wholes: borders were learnt from the CRFs."""
        return Titles(self.model, self.language, self.edges, Borders(Ranker({}), self.language), self.programme)

    def apply_all(
        self, documents: Sequence[Document], looks: Sequence[Labelling]
    ) -> list[tuple[list[TokenSpan], dict[TokenSpan, float]]]:
        """The spans of each document after its mentions have been settled, and how sure the titles are."""
        spans = self.borders.settle(documents, looks)
        quoted = self._quoted(documents, looks) if self.model.weights else [[]] * len(documents)
        return [self._settled(*each) for each in zip(documents, looks, spans, quoted, strict=True)]

    def apply(self, document: Document, labelling: Labelling) -> tuple[list[TokenSpan], dict[TokenSpan, float]]:
        """The same for one document."""
        return self.apply_all([document], [labelling])[0]

    def _settled(
        self,
        document: Document,
        look: Labelling,
        spans: list[TokenSpan],
        quoted: Sequence[tuple[TokenSpan, float]],
    ) -> tuple[list[TokenSpan], dict[TokenSpan, float]]:
        """The spans of a document with quoted titles laid over them, and other titles settled and found."""
        sure = dict(quoted)
        for own in sure:
            spans = put(spans, own)
        for span, title, probability in list(self.edges.settle(document, look, spans)):
            if span not in spans:
                continue  # another title has been laid over it
            if title is None:
                spans = [each for each in spans if each != span]
                continue
            sure[title] = probability
            if title != span:
                spans = put([each for each in spans if each != span], title)
        if listed := self.programme.titles(document, look, spans):
            titles = [title for title, _ in listed]
            spans = sorted([*apart(spans, titles), *titles])
            sure.update(listed)
        spans, filled = complete(document, spans, look)
        return spans, {**sure, **filled}

    def _quoted(self, documents: Sequence[Document], looks: Sequence[Labelling]) -> list[list[tuple[TokenSpan, float]]]:
        """The quoted titles of each document, and how sure they are."""
        found: list[list[tuple[TokenSpan, float]]] = [[] for _ in documents]
        seen = Surroundings.of(documents, looks, self.language)
        if not seen.stretches:
            return found
        totals = self._weights.sums(*features(seen, self.language)).tolist()
        for number, quoted, own in zip(seen.document.tolist(), seen.stretches, totals, strict=True):
            best = max(range(len(own)), key=own.__getitem__)
            if ALTERNATIVES[best] != AS_IT_IS:
                found[number].append((title_span(documents[number], quoted, ALTERNATIVES[best]), softmax(own)[best]))
        return found


def put(spans: Sequence[TokenSpan], new: TokenSpan) -> list[TokenSpan]:
    """The spans with a new one in the place of all that it touches."""
    kept = [s for s in spans if s[1] <= new[0] or s[0] >= new[1]]
    return sorted([*kept, new])


def alternatives_of(found: Sequence[str]) -> list[list[str]]:
    """The features of each of `ALTERNATIVES`, from those of the stretch."""
    return [[f"{alternative}:{feature}" for feature in found] for alternative in ALTERNATIVES]
