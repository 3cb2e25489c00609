"""What names and rows say of themselves to a linking and to the next one, each kept once with a number.

A name is parsed, brought to its keys and hashed when it is first met; whatever the linking asks of it again and again
stands in columns beside it (`kept`, of which these are parts).
"""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.normalisation.columns import called
from pipeline.normalisation.describe import Described
from pipeline.normalisation.institutions import InstitutionName
from pipeline.normalisation.institutions_across import block_keys, is_node, is_specific, signed
from pipeline.normalisation.kin import bearing, is_lone, lone_word, name_keys
from pipeline.normalisation.person_name import Name
from pipeline.normalisation.pools import Column, Lists, Packed, Part, Read, Shelf, hash_of, parts_of
from pipeline.normalisation.transliteration import key

#: What a group of names is to the linking of institutions: compared with others, put together by company, neither.
NODE, GENERIC, SILENT = 0, 1, 2


class Names(Packed[Name]):
    """Names of people, and of each what the linking asks again and again.

    As hashes, 0 where there is none: `called`; `family`, its key; `sound`, the first beside the family name where that
    tells whether the family name is rare; `word`, under which a family or given name alone (`lone`) looks for people;
    `keys`, under which names meet. `kin` is the number of its kin, -1 where it has none.
    """

    def __init__(self, read: Read) -> None:
        super().__init__("names", Name, read)
        self.called, self.family, self.sound, self.word = (
            Column[int](f"names.{name}", "Q", read) for name in ("called", "family", "sound", "word")
        )
        self.lone, self.kin = Column[int]("names.lone", "b", read), Column[int]("names.kin", "i", read)
        self.keys = Lists("names.keys", "Q", read)

    def number(self, name: Name) -> int:
        """The number of a name."""
        number = super().number(name)
        if number == len(self.kin):
            borne, named = bearing(name), called(name)
            self.called.values.append(hash_of(named) if named else 0)
            self.family.values.append(hash_of(key(name.family)))
            self.sound.values.append(hash_of(borne[1]) if borne else 0)
            self.word.values.append(hash_of(lone_word(name)))
            self.lone.values.append(is_lone(name))
            self.kin.values.append(-1)
            self.keys.add([hash_of(k) for k in name_keys(name)])
        return number

    def parts(self) -> Iterator[Part]:
        """To be kept."""
        yield from super().parts()
        for each in (self.called, self.family, self.sound, self.word, self.lone, self.kin, self.keys):
            yield from each.parts()


class Nodes(Packed[tuple[int, str]]):
    """Institution names that say the same: their place in the order of decisions, the keys under which they meet.

    `sort` is NODE, GENERIC or SILENT; `shown` the number of the name that stands for them; `tied` says that company
    had to decide where they belong.
    """

    def __init__(self, read: Read) -> None:
        super().__init__("nodes", tuple[int, str], read)
        self.sort, self.specific, self.tied = (
            Column[int](f"nodes.{name}", "b", read) for name in ("sort", "specific", "tied")
        )
        self.shown = Column[int]("nodes.shown", "i", read)
        self.keys = Lists("nodes.keys", "Q", read)

    def of(self, name: InstitutionName) -> int:
        """The number of the names that are equal to this one."""
        number = self.number((-name.weight, str(signed(name))))
        if number == len(self.sort):
            sort = NODE if is_node(name) else GENERIC if name.weight else SILENT
            self.sort.values.append(sort)
            self.specific.values.append(is_specific(name))
            self.tied.values.append(0)
            self.shown.values.append(-1)
            self.keys.add([hash_of(k) for k in sorted(set(block_keys(name)))] if sort == NODE else [])
        return number

    def parts(self) -> Iterator[Part]:
        """To be kept."""
        yield from super().parts()
        for each in (self.sort, self.specific, self.tied, self.shown, self.keys):
            yield from each.parts()


class Rows(Shelf[tuple[Described, str]]):
    """The rows of people or of bodies by label, each with the id that it would have if nobody else wished for it.

    `ids` are their ids, empty for a label that is none any more; `stems` hashes of the wishes but for numbers behind.
    """

    def __init__(self, name: str, kind: type[Described], read: Read) -> None:
        super().__init__(name, tuple[kind, str], read)  # type: ignore[valid-type]
        ids = b"".join(parts_of(read, f"{name}.ids")).decode()
        self.ids = ids.split("\n")[:-1]
        self.stems = Column[int](f"{name}.stems", "Q", read)

    def put(self, label: int, row: Described, wish: str) -> None:
        """Have a row under a label."""
        while len(self.ids) <= label:
            self.ids.append("")
            self.stems.values.append(0)
        self[label] = row, wish
        self.ids[label] = row.id
        self.stems.values[label] = hash_of(stem(wish))

    def pop(self, label: int) -> None:
        """A label that is none any more."""
        del self[label]
        self.ids[label] = ""
        self.stems.values[label] = 0

    def parts(self) -> Iterator[Part]:
        """To be kept."""
        yield from super().parts()
        yield from self.stems.parts()
        for n, start in enumerate(range(0, len(self.ids), 4096)):
            yield f"{self.name}.ids", n, "".join(f"{each}\n" for each in self.ids[start : start + 4096]).encode()


def stem(wish: str) -> str:
    """An id but for numbers behind it."""
    return wish.rstrip("-0123456789")
