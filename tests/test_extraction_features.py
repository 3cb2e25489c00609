"""Features as numbers: those of their texts, however these are cut into parts."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.extraction.features import Alphabet, Column, Joined, Weights, hashed, spelled, told


@given(st.lists(st.tuples(st.text(), st.text()), min_size=1))
def test_the_number_of_a_text_does_not_depend_on_its_parts(rows: list[tuple[str, str]]) -> None:
    alphabet = Alphabet(["", *(text for row in rows for text in row)])
    left, right = (Column(alphabet, np.array([alphabet.place(row[side]) for row in rows])) for side in (0, 1))
    wholes, _ = hashed([f"{a}|{b}" for a, b in rows])
    joined = Joined("|", [left, right], np.full(len(rows), 2))
    start = np.zeros(len(rows), np.uint64)
    assert joined.after(start).tolist() == wholes.tolist()
    assert right.after(Column(Alphabet(["|"]), np.zeros(len(rows), np.int64)).after(left.after(start))).tolist() == (
        wholes.tolist()
    )


def test_what_is_looked_up_is_the_weight_of_what_is_spelled_out() -> None:
    words = Alphabet(["", "dean", "of", "arts"])
    rows = np.array([1, 2, 3])
    opening, word = Column(Alphabet(["R", "P"]), np.array([0, 0, 1])), Column(words, rows)
    few = np.array([2, 2, 0])
    features = [
        told(":", word),
        told(":all", Joined(" ", [word, Column(words, rows[::-1])], np.array([0, 1, 2]))),
        told(":some", word[few], rows=few),
        told(rows=np.array([1])),
    ]
    names = spelled(opening, features)
    assert names[:2] == [["R:dean", "R:all", "R:somedean"], ["R:of", "R:allof", "R"]]
    assert names[2] == ["P:arts", "P:allarts dean", "P:somearts", "P:somearts"]
    weights = {"R:dean": 1.0, "R": 2.0, "P:allarts dean": 4.0, "P:somearts": 8.0, "R:so": 16.0}
    sums = Weights(weights).sums(opening, features)
    assert sums.tolist() == [sum(weights.get(name, 0.0) for name in row) for row in names] == [1.0, 2.0, 20.0]


def test_without_weights_everything_weighs_nothing() -> None:
    hashes, _ = hashed(["a", ""])
    assert Weights({}).of(hashes).tolist() == [0.0, 0.0]
