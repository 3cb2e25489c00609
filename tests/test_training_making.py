"""Made folders: the same for a seed, growing, with names of the same kind and ever new words."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import pytest
from typer.testing import CliRunner

from cli import app
from pipeline.training.corpus import CorpusError, read_folder
from pipeline.training.making import Maker, generate
from pipeline.training.renaming import Person, Stems, number, placed, pools

DATA = Path(__file__).parents[1] / "data" / "training"


@pytest.fixture(scope="module")
def maker() -> Maker:
    return Maker.read(DATA)


def contents(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*.txt"))}


def test_a_document_depends_on_seed_and_number_alone(maker: Maker) -> None:
    assert Maker.read(DATA, ["kk"]).make(7) == Maker.read(DATA, ["kk"]).make(7)
    assert maker.make(7) == maker.make(7) != maker.make(8)
    assert Maker.read(DATA, ["kk"]).make(7) != Maker.read(DATA, ["kk"], seed=1).make(7)


def test_a_larger_folder_begins_as_the_smaller_one(tmp_path: Path) -> None:
    generate(tmp_path / "small", 4, data=DATA, languages=["kk"])
    generate(tmp_path / "large", 6, data=DATA, languages=["kk"])
    small, large = contents(tmp_path / "small"), contents(tmp_path / "large")
    assert len(small) == 4 and len(large) == 6
    assert small.items() <= large.items()
    generate(tmp_path / "small", 2, first=4, data=DATA, languages=["kk"])
    assert contents(tmp_path / "small") == large


def test_a_file_that_holds_something_else_is_not_overwritten(tmp_path: Path) -> None:
    generate(tmp_path, 1, data=DATA, languages=["kk"])
    path = next(tmp_path.rglob("*.txt"))
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(FileExistsError, match="something else"):
        generate(tmp_path, 1, data=DATA, languages=["kk"])
    assert path.read_text(encoding="utf-8") == "mine"


def test_there_are_documents_of_all_languages_and_of_natural_length(maker: Maker) -> None:
    made = [maker.make(n) for n in range(300)]
    languages = Counter(language for language, _ in made)
    assert min(languages[name] for name in ("en", "ru", "kk")) > 30
    lengths = sorted(len(text) for _, text in made)
    assert 700 < lengths[150] < 3_000
    assert lengths[0] < lengths[150] / 2 and lengths[-1] > 2 * lengths[150]
    assert len({text for _, text in made}) == 300


def test_a_copy_says_the_same_with_other_names() -> None:
    documents = read_folder(DATA / "kk")[:40]
    maker = Maker([("kk", document) for document in documents])
    people = same = 0
    for n, document in enumerate(documents):
        copy = maker.copy(n, 1)
        assert copy == maker.copy(n, 1)
        assert [s.label for s in copy.spans] == [s.label for s in document.spans]
        assert all(copy.text[s.start : s.end] == s.text for s in copy.spans)
        between = [0, *(edge for s in document.spans for edge in (s.start, s.end)), len(document.text)]
        copied = [0, *(edge for s in copy.spans for edge in (s.start, s.end)), len(copy.text)]
        for text, places in ((document.text, between), (copy.text, copied)):
            outside = [text[a:b] for a, b in zip(places[::2], places[1::2], strict=True)]
            assert outside == [document.text[a:b] for a, b in zip(between[::2], between[1::2], strict=True)]
        pairs = [(a.text, b.text) for a, b in zip(document.spans, copy.spans, strict=True) if a.label == "PERSON"]
        people += len(pairs)
        same += sum(a == b for a, b in pairs)
    assert people > 100 and same < people / 10
    assert maker.copy(0, 1).text != maker.copy(0, 2).text


def test_the_vocabulary_goes_on_growing(maker: Maker) -> None:
    words: set[str] = set()
    sizes = []
    for n in range(400):
        words.update(maker.make(n)[1].split())
        sizes.append(len(words))
    # Each hundred adds words, a little less than the one before.
    added = [b - a for a, b in zip([0, *sizes[99::100]], sizes[99::100], strict=False)]
    assert all(more > 2_000 for more in added)
    assert added[0] > added[-1]


def test_few_people_are_drawn_often_and_most_seldom() -> None:
    chance = Random(1)
    drawn = Counter(number(chance, 50, 0.5) for _ in range(20_000))
    assert 2_000 < len(drawn) < 15_000
    assert max(drawn.values()) > 50
    assert sum(1 for times in drawn.values() if times == 1) > len(drawn) / 2


def test_stems_never_end_and_stay_the_same() -> None:
    stems, again = Stems(["akhmet", "tulegen", "seitkali"], "seed"), Stems(["tulegen", "seitkali", "akhmet"], "seed")
    found = [stems[k] for k in range(40)]
    assert found == [again[k] for k in range(40)]
    assert len(set(found)) > 3
    assert stems[10**12] == again[10**12]


def test_a_name_keeps_case_gender_order_and_initials() -> None:
    made = pools(["Тұлаев Иван", "Серкебаева Анна", "Омаров Олег"], ["Семей"], True, "seed")
    man = Person(3, "m", made)
    genitive = man.named("Туякбаева Кенеса Кадыровича")
    assert genitive.endswith("овича") and genitive.split()[0].endswith("ева")
    short = man.named("К.К. Туякбаев")
    assert short.split()[0] == f"{man.given[0].upper()}.{man.father[0].upper()}."
    assert man.named("ТУЯКБАЕВ").isupper()
    assert man.named("ТУЯКБАЕВ").lower() == man.named("Туякбаев").lower()
    woman = Person(3, "f", made)
    assert woman.given != man.given
    assert woman.named("Анне Серкебаевой").endswith("евой")


def test_places_keep_their_endings() -> None:
    changed = placed("в Павлодарской области и в Павлодаре", {"павлодар": "семей"})
    assert changed == "в Семейской области и в Семейе"
    assert placed("pavlodar", {"pavlodar": "semey"}) == "pavlodar"


def test_a_folder_without_a_corpus_says_so(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no folders"):
        generate(tmp_path / "out", 1, data=tmp_path)


def test_generate_command(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["generate", str(tmp_path), "-n", "3", "-l", "ru", "--data", str(DATA)])
    assert done.exit_code == 0, done.output
    assert done.output.startswith("3 documents, ")
    assert sorted(contents(tmp_path)) == [f"0000/000000{n}-ru.txt" for n in range(3)]
    wrong = CliRunner().invoke(app, ["generate", str(tmp_path), "-l", "de"])
    assert wrong.exit_code == 2
