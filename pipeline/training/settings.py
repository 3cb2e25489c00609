"""Settings of the training that cross-validation on the English corpus gave."""

from __future__ import annotations

from pipeline.extraction.linker import Thresholds

#: Into how many folds files are divided where nothing else is said.
FOLDS = 5
#: The probabilities from which links are taken, by kind of link.
THRESHOLDS = {
    "rp": Thresholds(best=0.40, further=0.35),
    "ri": Thresholds(best=None, further=0.35),
    "tp": Thresholds(best=0.40, further=0.20),
}
