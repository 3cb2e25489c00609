"""Texts made of the training texts: sentences recombined, names, bodies, places and titles exchanged.

Folders of any size, and copies of tagged texts, which tell a labeller the same in other words.

The folders are for trying and timing runs as an archive would have them: three languages, documents of natural length,
a vocabulary that grows with the folder, people and bodies of whom few are named very often and most a few times.
Document n depends on the seed and on n alone, so that a larger folder begins as a smaller one does, and one more file
can be added.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from pipeline import knowledge
from pipeline.training.corpus import CorpusError, GoldDocument, GoldSpan, read_folder
from pipeline.training.renaming import WORD, Person, Pools, Stems, cyrillic, gender_of, number, numbered, placed, pools
from pipeline.training.renaming import parted as parted_word

#: How many files lie in one folder.
IN_A_FOLDER = 1_000
#: The distributions from which people, institutions and places are drawn (`number`).
PEOPLE, BODIES, PLACES = (40.0, 0.8), (60.0, 0.8), (40.0, 0.9)
#: How often a block, a sentence of running text, and a title is exchanged for another.
_BLOCK, _SENTENCE, _TITLE = 0.85, 0.8, 0.8
#: How often someone named is someone whom the document has named already.
_AGAIN = 0.35
_BLANK = re.compile(r"\n[^\S\n]*\n\s*")
_SENTENCE_END = re.compile(r"(?<=[^\W\d_]{4}[.!?…])\s+(?=[^\W\d_a-zа-яё])")
_YEAR = re.compile(r"\b(?:19[6-9]|20[0-2])\d\b")
_DAY = re.compile(r"(?<![\d.:])(?:[1-9]|1\d|2[0-8])(?![\w.:])")
_QUOTES = ('"', "«»", "“”", "„“")


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of a training text with its spans, offsets within it; `origin` is the number of the text."""

    text: str
    spans: tuple[GoldSpan, ...]
    origin: int


@dataclass(frozen=True, slots=True)
class _Block:
    """Lines between blank ones: a paragraph, in sentences, or a heading or a list, as one piece."""

    pieces: tuple[_Piece, ...]
    place: str  # first, middle, last
    running: bool  # running text, of which sentences can be exchanged


def known(languages: Sequence[str] | None) -> list[str]:
    """Languages that were asked for, each once, sorted. Raises CorpusError for one that there is no corpus of."""
    for name in languages or ():
        if name not in ("en", "ru", "kk"):
            raise CorpusError(f"{name!r} is none of en, ru, kk.")
    return sorted(set(languages or ()))


class Maker:
    """Makes documents of tagged ones."""

    @classmethod
    def read(cls, data: Path = Path("data/training"), languages: Sequence[str] = (), seed: int = 0) -> Maker:
        """One that makes documents of the corpus below `data`, a folder a language.

        Raises:
            CorpusError: when there are no tagged files of a language.
        """
        names = sorted(languages) or sorted(p.name for p in data.iterdir() if p.is_dir()) if data.is_dir() else []
        if not names:
            raise CorpusError(f"{data} holds no folders of tagged files, one for each language")
        return cls([(name, document) for name in names for document in read_folder(data / name)], seed)

    def __init__(self, documents: Sequence[tuple[str, GoldDocument]], seed: int = 0) -> None:
        """Take tagged documents, which may be none, each with its language; `seed` decides all that is drawn."""
        self.seed = seed
        self._languages = [name for name, _ in documents]
        self._documents = [document for _, document in documents]
        self._templates = [_blocks(document, n) for n, document in enumerate(self._documents)]
        self._blocks: dict[tuple[str, ...], list[_Block]] = defaultdict(list)
        self._sentences: dict[tuple[str, bool], list[_Piece]] = defaultdict(list)
        self._titles: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
        self._genders: dict[tuple[int, str], str] = {}
        for n, (name, document) in enumerate(documents):
            self._file(n, name, document)
        self._pools = self._made_pools()
        countries = {w for entry in knowledge.table("common", "place_countries") for e in entry for w in e.split()}
        self._countries = {parted_word(word.lower(), "place")[0] for word in countries}
        self._places = self._place_stems()

    def _file(self, n: int, language: str, document: GoldDocument) -> None:
        """File what a document has to give under where it fits."""
        for block in self._templates[n]:
            self._blocks[language, document.style, block.place, str(block.running)].append(block)
            if block.running:
                for i, sentence in enumerate(block.pieces):
                    self._sentences[language, i == 0].append(sentence)
        texts: dict[str, list[str]] = defaultdict(list)
        for span in document.spans:
            if span.label == "PERSON" and span.ids:
                texts[span.ids[0]].append(span.text)
            words = span.text.split(" ")
            if span.label in ("REPORT", "EVENT", "WORK") and len(words) > 2 and "\n" not in span.text:
                middle = next((i for i, w in enumerate(words[:-1], 1) if w[-1:] in ":,–-"), len(words) // 2)
                self._titles[language, span.label].append((" ".join(words[:middle]), " ".join(words[middle:])))
        self._genders |= {(n, who): gender_of(each) for who, each in texts.items()}

    def _made_pools(self) -> dict[tuple[str, bool], Pools]:
        """The pools by language and script."""
        names: dict[str, list[str]] = defaultdict(list)
        places: dict[str, list[str]] = defaultdict(list)
        for language, document in zip(self._languages, self._documents, strict=True):
            for span in document.spans:
                if span.label == "PERSON":
                    names[language].append(span.text)
                elif span.label == "PLACE" and WORD.fullmatch(span.text):  # not `East`, `River` of longer ones
                    places[language].append(span.text)
        return {
            (language, script): pools(names[language], places[language], script, f"{self.seed}:{language}:{script}")
            for language in sorted(set(self._languages))
            for script in (False, True)
        }

    def _place_stems(self) -> frozenset[str]:
        """What is taken for a place inside the name of an institution."""
        return frozenset(
            parted_word(span.text.lower(), "place")[0]
            for document in self._documents
            for span in document.spans
            if span.label == "PLACE" and len(span.text) > 3 and WORD.fullmatch(span.text)
        )

    def make(self, n: int) -> tuple[str, str]:
        """The n-th document: its language and its text."""
        chance = Random(f"{self.seed}:{n}")
        return _Making(self, chance, chance.randrange(len(self._documents))).made()

    def copy(self, n: int, number: int) -> GoldDocument:
        """The n-th tagged document with other names, places, dates and titles; `number` tells its copies apart."""
        document = self._documents[n]
        piece = _piece(document, 0, len(document.text), n)
        made = _Making(self, Random(f"{self.seed}:copy {number}:{document.name}"), n).renamed(piece)
        return GoldDocument(f"{document.name}-{number}", document.language, document.style, made.text, made.spans)


class _Making:
    """One document in the making: who and what was already named in it."""

    def __init__(self, maker: Maker, chance: Random, template: int) -> None:
        self._maker, self._chance, self._template = maker, chance, template
        self._language = maker._languages[template]
        self._year = self._chance.randint(1996, 2024)
        self._people: dict[tuple[int, str], Person] = {}
        self._cast: dict[tuple[str, bool], list[int]] = defaultdict(list)
        self._bodies: dict[tuple[int, str], int] = {}
        self._map: dict[str, str] = {}

    def made(self) -> tuple[str, str]:
        """The language and the text."""
        style = self._maker._documents[self._template].style
        parts, used = [], set()
        for block in self._maker._templates[self._template]:
            others = self._maker._blocks[self._language, style, block.place, str(block.running)]
            if self._chance.random() < _BLOCK:
                block = self._chance.choice(others)
            if id(block) in used:
                continue
            used.add(id(block))
            parts.append(" ".join(self.renamed(piece).text for piece in self._recombined(block)))
        return self._language, "\n\n".join(parts) + "\n"

    def _recombined(self, block: _Block) -> Iterator[_Piece]:
        for i, piece in enumerate(block.pieces):
            if block.running and len(block.pieces) > 1 and self._chance.random() < _SENTENCE:
                yield self._chance.choice(self._maker._sentences[self._language, i == 0])
            else:
                yield piece

    def renamed(self, piece: _Piece) -> _Piece:
        """A piece with its names exchanged."""
        out, spans, at, length = [], [], 0, 0
        for span in piece.spans:
            before, text = piece.text[at : span.start], self._span(span, piece.origin)
            start = length + len(before)
            at, length = span.end, start + len(text)
            out += [before, text]
            spans.append(replace(span, start=start, end=length, text=text))
        return _Piece("".join([*out, piece.text[at:]]), tuple(spans), piece.origin)

    def _span(self, span: GoldSpan, origin: int) -> str:
        text, chance = span.text, self._chance
        if span.label == "PERSON":
            return self._person(origin, span.ids[0] if span.ids else text, cyrillic(text)).named(text)
        if span.label == "INSTITUTION":
            return self._institution(text, origin, span.ids[0] if span.ids else text)
        if span.label == "PLACE":
            return self._placed(text, chance)
        if span.label == "DATE":
            text = _YEAR.sub(lambda _: str(self._year - (chance.random() < 0.1)), text)
            return _DAY.sub(lambda _: str(chance.randint(1, 28)), text)
        titles = self._maker._titles.get((self._language, span.label))
        if titles and "\n" not in text and not text.isupper() and chance.random() < _TITLE:
            one, other = chance.choice(titles), chance.choice(titles)
            made = f"{one[0]} {other[1]}"
            return made if all(made.count(pair[0]) == made.count(pair[-1]) for pair in _QUOTES[1:]) else text
        return text

    def _person(self, origin: int, slug: str, script: bool) -> Person:
        """Who stands for a person of a training text in this document."""
        if (origin, slug) not in self._people:
            gender = self._maker._genders.get((origin, slug), "m")
            cast = self._cast[gender, script]
            again = bool(cast) and self._chance.random() < _AGAIN
            k = self._chance.choice(cast) if again else number(self._chance, *PEOPLE)
            cast.append(k)
            self._people[origin, slug] = Person(k, gender, self._maker._pools[self._language, script])
        return self._people[origin, slug]

    def _institution(self, text: str, origin: int, slug: str) -> str:
        """An institution's name with other places, another namesake and number; the same for the same body."""
        k = self._bodies.setdefault((origin, slug), number(self._chance, *BODIES))
        namesake = Person(k, "m", self._maker._pools[self._language, cyrillic(text)])
        return numbered(self._placed(namesake.named(text, only=False), Random(f"body:{k}")), Random(f"number:{k}"))

    def _placed(self, text: str, chance: Random) -> str:
        """A text with its places exchanged, a place for the same one throughout the document."""
        for word in WORD.findall(text):
            stem = parted_word(word.lower(), "place")[0]
            if stem in self._map or stem not in self._maker._places or stem in self._maker._countries:
                continue
            stems: Stems = self._maker._pools[self._language, cyrillic(word)].places
            self._map[stem] = stems[number(chance, *PLACES)]
        return placed(text, self._map)


def _blocks(document: GoldDocument, origin: int) -> list[_Block]:
    """A training text in blocks; no block begins inside a span."""
    inside = [(s.start, s.end) for s in document.spans]
    cuts = [m for m in _BLANK.finditer(document.text) if not any(a < m.end() and m.start() < b for a, b in inside)]
    edges = [0, *(e for m in cuts for e in (m.start(), m.end())), len(document.text)]
    ranges = [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if document.text[a:b].strip()]
    found = []
    for i, (start, end) in enumerate(ranges):
        place = "first" if i == 0 else "last" if i == len(ranges) - 1 else "middle"
        whole = _piece(document, start, end, origin)
        lines = whole.text.splitlines()
        running = len(whole.text) > 160 and len(whole.text) / len(lines) > 60
        sentences = _sentences(document, start, end, origin) if running else []
        balanced = all(s.text.count(pair[0]) == s.text.count(pair[-1]) for s in sentences for pair in _QUOTES[1:])
        balanced = balanced and all(s.text.count('"') % 2 == 0 for s in sentences)
        parts = tuple(sentences) if sentences and balanced else (whole,)
        found.append(_Block(parts, place, bool(sentences) and balanced))
    return found


def _sentences(document: GoldDocument, start: int, end: int, origin: int) -> list[_Piece]:
    inside = [(s.start, s.end) for s in document.spans if s.start < end and s.end > start]
    ends = [m for m in _SENTENCE_END.finditer(document.text, start, end)
            if not any(a < m.end() and m.start() < b for a, b in inside)]  # fmt: skip
    edges = [start, *(e for m in ends for e in (m.start(), m.end())), end]
    return [_piece(document, a, b, origin) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _piece(document: GoldDocument, start: int, end: int, origin: int) -> _Piece:
    spans = (s for s in document.spans if s.start >= start and s.end <= end)
    moved = tuple(replace(s, start=s.start - start, end=s.end - start) for s in spans)
    return _Piece(document.text[start:end], moved, origin)


def generate(
    out: Path,
    documents: int,
    *,
    first: int = 0,
    data: Path = Path("data/training"),
    languages: Sequence[str] = (),
    seed: int = 0,
) -> int:
    """Write text files into a folder, `0000/0000000-en.txt` and so on; gives how many characters they have.

    Args:
        out: the folder. A file that is there with the same content stays.
        documents: how many. first: the number of the first, so that a folder can grow.
        data: the tagged corpus. languages: those to take; all without it. seed: decides everything.

    Raises:
        CorpusError: when there is no corpus.
        FileExistsError: when a file of the same name holds something else.
    """
    maker = Maker.read(data, languages, seed)
    characters = 0
    for n in range(first, first + documents):
        language, text = maker.make(n)
        characters += len(text)
        path = out / f"{n // IN_A_FOLDER:04}" / f"{n:07}-{language}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.read_text(encoding="utf-8") != text:
            raise FileExistsError(f"{path} is there and holds something else: name another folder.")
        path.write_text(text, encoding="utf-8", newline="")
    return characters
