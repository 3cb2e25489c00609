"""A person's name taken apart: the record that parsing gives and comparison takes."""

from __future__ import annotations

from msgspec import Struct

from pipeline.normalisation.name_words import given_gender, surname_gender


class Name(Struct, frozen=True, array_like=True, gc=False, cache_hash=True):
    """One reading of a written name, in the nominative; a part is empty where the text does not give it.

    `initials` are those of given names and patronymic in this order, without full stops, whether the text writes
    them out or not. `gender` is `m`, `f` or empty. `certain` is False where the order of family and given name is
    a guess.
    """

    family: str = ""
    given: str = ""
    patronymic: str = ""
    initials: tuple[str, ...] = ()
    suffix: str = ""
    nickname: str = ""
    gender: str = ""
    certain: bool = True
    family_first: bool = False

    @property
    def display(self) -> str:
        """The name as tables show it: given names or initials first, unless its people write the family first."""
        given = self.given.split()
        first = []
        for initial in self.initials[: -1 if self.patronymic else None]:
            if given and given[0].lower().startswith(initial[:1].lower()):
                first.append(given.pop(0))
            elif not (first and "-" in first[-1]):
                first.append(f"{initial}.")
        first += given
        patronymic = [self.patronymic] if self.patronymic else []
        parts = [self.family, *first] if self.family_first else [*first, *patronymic, self.family]
        return " ".join(p for p in [*parts, self.suffix] if p)

    @property
    def weight(self) -> int:
        """How much the form tells: larger for fuller names."""
        return (
            4 * bool(self.family)
            + 3 * bool(self.given)
            + 3 * bool(self.patronymic)
            + len(self.initials)
            + bool(self.suffix)
        )


def initial_of(word: str) -> str:
    """The initial of a written-out name: `Zh` and `Kh` stand for one Cyrillic letter and stay together."""
    return word[:2].capitalize() if word[:2].lower() in ("zh", "kh") else word[:1].upper()


def gender_of(family: str, given: list[str]) -> str:
    """`m` or `f` by the given name or else the ending of the family name; empty where neither tells."""
    return (given_gender(given[0]) if given else "") or surname_gender(family)
