"""Ids that stay from one run to the next."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.normalisation.identifiers import Change, keep_ids


def test_an_entity_keeps_its_id_when_a_fuller_name_turns_up() -> None:
    ids, changes = keep_ids(["ospanova-bakytzhamal"], [["a:0", "b:4"]], {"a:0": "ospanova-b"})
    assert ids == ["ospanova-b"]
    assert not changes


def test_a_merge_is_logged_and_the_larger_part_gives_the_id() -> None:
    earlier = {"a:0": "x", "a:9": "x", "b:0": "y"}
    assert keep_ids(["new"], [["a:0", "a:9", "b:0"]], earlier) == (["x"], [Change("y", "merged", "x")])


def test_a_split_is_logged_and_the_larger_part_keeps_the_id() -> None:
    earlier = {"a:0": "x", "a:9": "x", "b:0": "x"}
    ids, changes = keep_ids(["x", "other"], [["b:0"], ["a:0", "a:9"]], earlier)
    assert ids == ["x-2", "x"]
    assert changes == [Change("x", "split", "x-2")]


def test_a_new_entity_does_not_take_an_id_that_is_in_use() -> None:
    ids, _ = keep_ids(["kim-v", "kim-v-2"], [["new:0"], ["a:0"]], {"a:0": "kim-v"})
    assert ids == ["kim-v-2", "kim-v"]


places = st.lists(st.lists(st.integers(0, 20).map(lambda n: f"{n}:0"), max_size=4), min_size=1, max_size=6)


@given(places, st.dictionaries(st.integers(0, 20).map(lambda n: f"{n}:0"), st.sampled_from("abc")))
def test_ids_are_unique_and_a_second_run_changes_nothing(groups: list[list[str]], earlier: dict[str, str]) -> None:
    seen: set[str] = set()
    groups = [[p for p in g if not (p in seen or seen.add(p))] for g in groups]  # type: ignore[func-returns-value]
    wishes = [f"w{n}" for n in range(len(groups))]
    ids, _ = keep_ids(wishes, groups, earlier)
    assert len(set(ids)) == len(ids)
    again, changes = keep_ids(wishes, groups, {p: i for i, g in zip(ids, groups, strict=True) for p in g})
    assert [a for a, g in zip(again, groups, strict=True) if g] == [i for i, g in zip(ids, groups, strict=True) if g]
    assert not changes
