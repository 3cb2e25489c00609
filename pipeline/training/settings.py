"""Settings of the training that cross-validation on the English corpus gave."""

from __future__ import annotations

from pipeline.extraction.linker import Thresholds

#: Into how many folds files are divided to measure, where nothing else is said.
FOLDS = 5
#: Into how many to train: the looks of five were no better to learn from than those of three, and took longer.
FOLDS_OF_TRAINING = 3
#: The probabilities from which links are taken, by kind of link.
THRESHOLDS = {
    "rp": Thresholds(best=0.40, further=0.35),
    "ri": Thresholds(best=None, further=0.35),
    "tp": Thresholds(best=0.40, further=0.40, fellow=0.25),
}
