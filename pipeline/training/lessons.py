"""What comes after the labeller learns: borders, titles, edges, programmes, links, each a log-linear choice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.extraction.borders import Borders
from pipeline.extraction.calibration import Calibration
from pipeline.extraction.crf import Crf, CrfWeights
from pipeline.extraction.edges import Edges
from pipeline.extraction.labeller import CrfLabeller, Labelling
from pipeline.extraction.linker import Linker
from pipeline.extraction.models import Models
from pipeline.extraction.programme import Programme
from pipeline.extraction.ranker import Ranker
from pipeline.extraction.titles import Titles
from pipeline.extraction.words import word_features
from pipeline.training import borders, edges, links, programme, titles
from pipeline.training.examples import Example
from pipeline.training.ranker import Choices, train_ranker
from pipeline.training.settings import THRESHOLDS


@dataclass(frozen=True, slots=True)
class Rankers:
    """The trained choices."""

    borders: Ranker
    titles: Ranker
    edges: Ranker
    programme: Ranker
    links: Ranker

    def models(self, language: str, first: CrfWeights, second: CrfWeights) -> Models:
        """The models of a language, with its two CRFs."""
        features = word_features(language)
        settles = Borders(self.borders, language), Programme(self.programme, language)
        return Models(
            CrfLabeller(Crf(first, features), Crf(second, features)),
            Titles(self.titles, language, Edges(self.edges), *settles),
            Linker(self.links, language, THRESHOLDS),
            Calibration(),
        )


@dataclass(frozen=True, slots=True)
class Lessons:
    """What documents, and the looks of labellers that had not seen them, teach; made once for all folds.

    Each holds as many documents, but links twice as many: those of gold mentions, then those of drafted ones.
    """

    borders: Choices
    titles: Choices
    edges: Choices
    programme: Choices
    links: Choices

    @classmethod
    def of(cls, data: Sequence[Example], looks: Sequence[Labelling], language: str) -> Lessons:
        """Those of tagged documents and what labellers that had not seen them made of each."""
        pairs = list(zip(data, looks, strict=True))
        return cls(
            Choices.of(borders.border_choices(example, look, language) for example, look in pairs),
            Choices.of(titles.title_choices(example, look, language) for example, look in pairs),
            Choices.of(edges.edge_choices(example, look) for example, look in pairs),
            Choices.of(programme.programme_choices(example, look, language) for example, look in pairs),
            Choices.of(
                [
                    *(links.link_choices(example, language) for example in data),
                    *(links.drafted_choices(example, look.draft, language) for example, look in pairs),
                ]
            ),
        )

    def train(self, documents: Sequence[int]) -> Rankers:
        """Train on some of the documents."""
        both = [*documents, *(n + len(self.titles.begins) - 1 for n in documents)]
        return Rankers(
            train_ranker(self.borders.of_documents(documents), borders.SETTINGS),
            train_ranker(self.titles.of_documents(documents), titles.SETTINGS),
            train_ranker(self.edges.of_documents(documents), edges.SETTINGS),
            train_ranker(self.programme.of_documents(documents), programme.SETTINGS),
            train_ranker(self.links.of_documents(both), links.SETTINGS),
        )
