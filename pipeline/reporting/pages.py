"""Pages of the reading room from its templates; those of entities by several processes at once where there are many."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import cache
from html import escape
from importlib import resources
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline.reporting.entities import entity_pages
from pipeline.reporting.facts import ENTITIES, Facts
from pipeline.running.pool import ends_with_maker

if TYPE_CHECKING:
    from jinja2 import Environment

#: Where templates, scripts and words lie.
HOME = resources.files("pipeline.reporting")
#: Of fewer entities one process writes the pages faster than others start.
FEW = 5_000
#: So many shares a process: one that has an easy share takes another.
_SHARES = 6


class ReportError(Exception):
    """The reading room cannot be made; the message says what to do."""


class Site(NamedTuple):
    """What all pages of a reading room have in common: its folder, the language they begin in, those of documents."""

    target: Path
    interface: str
    languages: tuple[str, ...]


def words_of(interface: str) -> dict[str, str]:
    """What the pages say in a language. Raises ReportError where there is no such interface."""
    words: dict[str, dict[str, str]] = all_words()
    if interface not in words:
        raise ReportError(f"There is no interface in {interface!r}. Choose from {', '.join(words)}.")
    return words[interface]


@cache
def all_words() -> dict[str, dict[str, str]]:
    """The words of the interface by language."""
    found: dict[str, dict[str, str]] = json.loads((HOME / "words.json").read_text(encoding="utf-8"))
    return found


class Pages:
    """Writes pages into the folder of a reading room."""

    def __init__(self, site: Site) -> None:
        self.site, self.shown = site, words_of(site.interface)
        self.env = _environment(site.interface, self.shown)
        self._frames: dict[tuple[str, bool], list[str]] = {}

    def write(
        self, template: str, path: str, *, heading: str = "", word: str = "", plots: bool = False, **values: Any
    ) -> None:
        """Write a page under a heading, or under a word of the interface as its heading."""
        if word:
            title, shown = escape(self.shown[word]), f'<span data-t="{word}">{escape(self.shown[word])}</span>'
        else:
            title = shown = escape(heading)
        head, before, after, end = self._frame("../" if "/" in path else "", plots)
        html = (head, title, before, shown, after, self.env.get_template(template).render(values), end)
        file = os.open(self.site.target / path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        with open(file, "wb", buffering=0) as opened:
            opened.write("".join(html).encode("utf-8", "backslashreplace"))

    def entities(self, facts: Facts, kind: str, first: str = "", before: str | None = None) -> None:
        """Write the pages of the entities of a kind, of those whose ids lie from one on and before another."""
        for entity in facts.told(kind, first, before):
            for page, values in entity_pages(facts, kind, entity):
                self.write("entity.html", page, **values)

    def _frame(self, root: str, plots: bool) -> list[str]:
        """What is the same on every page at one depth: before the title, before the heading, before what follows, the
        end."""
        if (root, plots) not in self._frames:
            cut = "\0"
            html = self.env.get_template("page.html").render(
                root=root, plots=plots, languages=self.site.languages, title=cut, heading=cut, content=cut
            )
            self._frames[root, plots] = html.split(cut)
        return self._frames[root, plots]


@contextmanager
def entities_meanwhile(pages: Pages, facts: Facts, jobs: int) -> Iterator[None]:
    """Have the pages of all entities written, by other processes while the caller does something else.

    Args:
        pages: writes them where one process is enough.
        facts: complete.
        jobs: how many processes there may be.

    Raises:
        ReportError: where a process was ended from outside.
    """
    total = sum(map(facts.count, ENTITIES))
    if jobs <= 1 or total < FEW:
        for kind in ENTITIES:
            pages.entities(facts, kind)
        yield
        return
    size = -(-total // (jobs * _SHARES))
    begin = ends_with_maker, (_begin, pages.site, facts.path)
    with ProcessPoolExecutor(jobs, get_context("spawn"), *begin) as pool:
        shares: list[Future[None]] = []
        try:
            shares += [pool.submit(_write, kind, *cut) for kind in ENTITIES for cut in facts.cuts(kind, size)]
            yield
            for share in shares:
                share.result()
        except BrokenProcessPool:
            raise ReportError(
                "A process that wrote pages was ended, perhaps for want of memory. Try again with `--jobs 1`."
            ) from None
        finally:
            for share in shares:
                share.cancel()


_here: tuple[Pages, Facts] | None = None


def _begin(site: Site, facts: Path) -> None:
    """In a process that begins: what it writes with. The process that began it is the one that is interrupted."""
    global _here
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _here = Pages(site), Facts(facts, anew=False)


def _write(kind: str, first: str, before: str | None) -> None:
    assert _here is not None
    pages, facts = _here
    pages.entities(facts, kind, first, before)


def _environment(interface: str, words: dict[str, str]) -> Environment:
    """The templates of the pages, with what they say; everything that is put into them is escaped."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    env = Environment(loader=FileSystemLoader(str(HOME / "templates")), autoescape=True, undefined=StrictUndefined,
                      auto_reload=False, trim_blocks=True)  # fmt: skip
    told = {word: Markup('<span data-t="{}">{}</span>').format(word, said) for word, said in words.items()}

    @cache
    def cells(columns: Sequence[str]) -> Markup:
        return Markup("").join(Markup('<th scope="col">{}</th>').format(told[c]) for c in columns)

    env.globals.update(words=words, t=told, interface=interface, cells=cells)
    parts = env.get_template("parts.html").module
    env.globals.update(numbers=parts.numbers, plot=parts.plot)  # type: ignore[attr-defined]
    return env
