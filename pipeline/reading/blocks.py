"""Builds a text from the blocks of a document: a blank line between paragraphs, a newline between lines, tabs."""

from __future__ import annotations

import re

_SPACE = re.compile(r"[ \t\r\n\f]+")
#: Longer paragraphs are prose and get a blank line around them where a document marks none itself.
_PROSE = 100


class Blocks:
    """Collects text; white space collapses as a browser does it, and blank lines come only between blocks."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._wanted = ""  # the white space that stands before whatever comes next

    def text(self, text: str, keep: bool = False) -> None:
        """Add running text; `keep` leaves its white space as it stands (preformatted text)."""
        if keep:
            self._put(text.replace("\r\n", "\n"))
            return
        text = _SPACE.sub(" ", text)
        if text.startswith(" "):
            self._want(" ")
        if text.strip(" "):
            self._put(text.strip(" "))
            if text.endswith(" "):
                self._want(" ")

    def line(self) -> None:
        """What follows stands on a new line."""
        self._want("\n")

    def forced_line(self) -> None:
        """A line break of the author: two of them leave a blank line."""
        self._wanted = self._wanted.rstrip(" \t") + "\n" if self._wanted.count("\n") < 2 else self._wanted

    def block(self) -> None:
        """What follows stands after a blank line."""
        self._want("\n\n")

    def cell(self) -> None:
        """What follows stands in the next cell of a row."""
        self._want("\t")

    def whole(self) -> str:
        """The text, ended by a newline; empty where there is none."""
        text = "".join(self._pieces)
        return text + "\n" if text.strip() else ""

    def _want(self, space: str) -> None:
        rank = {"": 0, " ": 1, "\t": 2, "\n": 3, "\n\n": 4}
        if self._pieces and rank[space] > rank.get(self._wanted, 4):
            self._wanted = space

    def _put(self, text: str) -> None:
        if self._pieces:
            self._pieces.append(self._wanted)
        self._pieces.append(text)
        self._wanted = ""


def joined(paragraphs: list[str]) -> str:
    """The paragraphs of an office document, one a line, empty ones as they stand.

    Where the author set them apart by styles and not by empty paragraphs, long ones get a blank line around them.
    """
    while paragraphs and not paragraphs[-1].strip():
        paragraphs.pop()
    while paragraphs and not paragraphs[0].strip():
        paragraphs.pop(0)
    if all(p.strip() for p in paragraphs):
        spaced: list[str] = []
        for paragraph in paragraphs:
            if spaced and (len(paragraph) > _PROSE or len(spaced[-1]) > _PROSE):
                spaced.append("")
            spaced.append(paragraph)
        paragraphs = spaced
    return "\n".join(paragraphs) + "\n" if paragraphs else ""
