"""Learns the furniture of a folder before its documents are worked on, from a sample of its files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from pipeline.cleaning.recurring import FEWEST, Learner
from pipeline.reading import Found, Guard, ReadOptions

#: So many files of each folder are looked at, spread evenly, and so many in all.
FILES_A_FOLDER, FILES = 60, 600
#: So many documents of each file, and so many characters of each document.
_DOCUMENTS, _CHARACTERS = 60, 50_000


def learn_furniture(files: Sequence[Found], reading: ReadOptions) -> frozenset[str]:
    """The lines that recur in the files of one folder, or in the documents of one archive or mailbox.

    What is learnt depends on the files alone and not on how many processes work.
    """
    learner = Learner()
    with Guard(reading) as guard:
        for found in _sample(files):
            for number, document in enumerate(guard.read_found(found)):
                if document.source.status == "ok":
                    learner.add(_sender(document.source.document_id), document.raw[:_CHARACTERS])
                if number >= _DOCUMENTS:
                    break
    return learner.learnt()


def _sender(document_id: str) -> str:
    """The folder, or the file that holds the document together with others."""
    for separator in ("#", "/"):
        above, found, _ = document_id.rpartition(separator)
        if found:
            return above
    return ""


def _sample(files: Sequence[Found]) -> Iterator[Found]:
    """Files of every folder that holds enough; a single file may be an archive, so it is looked at too."""
    folders: dict[str, list[Found]] = defaultdict(list)
    for found in files:
        if not found.problem:
            folders[_sender(found.document_id)].append(found)
    taken = 0
    for _, inside in sorted(folders.items()):
        if len(inside) < FEWEST and not any(_may_hold_many(f) for f in inside):
            continue
        step = max(1, len(inside) // FILES_A_FOLDER)
        for found in inside[::step][:FILES_A_FOLDER]:
            if taken >= FILES:
                return
            taken += 1
            yield found


def _may_hold_many(found: Found) -> bool:
    return found.path.suffix.lower() not in (".txt", ".md", ".text", "")
