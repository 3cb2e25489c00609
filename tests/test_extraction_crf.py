"""The CRF's arithmetic against the definition: every path of a short sequence, summed by hand."""

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.extraction.chain import Packing, passes
from pipeline.extraction.context import SLOTS
from pipeline.extraction.crf import PAIRS, Crf, CrfWeights
from pipeline.extraction.lexicon import Lexicon
from pipeline.extraction.words import WordFeatures

LABELS = ("O", "B-X", "I-X")
SLOT_NAMES = list(SLOTS)


@pytest.fixture
def weights() -> CrfWeights:
    transitions = np.random.default_rng(7).normal(size=(3, 3)).astype(np.float32)
    size = len(LABELS)
    here, before = (SLOT_NAMES.index(name) * size for name in ("0", "-1"))
    words = {
        "w=ann": (np.array([here + 1, before + 2]), np.array([2.0, 1.0], np.float32)),
        "w=lee": (np.array([here + 2]), np.array([1.5], np.float32)),
    }
    quote = np.zeros((4, size), np.float32)
    quote[0, 0] = 0.5
    pairs = [{} for _ in PAIRS]
    pairs[0]["ann\tlee"] = np.array([0.0, 0.0, 0.7], np.float32)
    return CrfWeights.from_rows(LABELS, transitions, words, {"quote": quote}, pairs)


@pytest.fixture
def crf(weights: CrfWeights) -> Crf:
    return Crf(weights, WordFeatures("en"))


def paths(scores: np.ndarray, transitions: np.ndarray) -> dict[tuple[int, ...], float]:
    result = {}
    for path in product(range(len(LABELS)), repeat=len(scores)):
        total = sum(scores[t, y] for t, y in enumerate(path))
        total += sum(transitions[a, b] for a, b in pairwise(path))
        result[path] = float(total)
    return result


@pytest.mark.parametrize("lengths", [[1], [4], [3, 5], [5, 1, 2, 4], [2] * 12 + [6]])
def test_marginals_and_decode_equal_the_sum_and_maximum_over_all_paths(crf: Crf, lengths: list[int]) -> None:
    scores = np.random.default_rng(3).normal(size=(sum(lengths), len(LABELS))).astype(np.float32)
    packing = Packing.of(lengths)
    marginals = crf.marginals(scores, packing)
    best = crf.decode(scores, packing)
    at = 0
    for length in lengths:
        part = scores[at : at + length]
        every = paths(part, crf.weights.transitions)
        whole = np.logaddexp.reduce(list(every.values()))
        expected = np.zeros((length, len(LABELS)))
        for path, total in every.items():
            for t, y in enumerate(path):
                expected[t, y] += np.exp(total - whole)
        np.testing.assert_allclose(marginals[at : at + length], expected, atol=1e-4)
        assert tuple(best[at : at + length]) == max(every, key=every.__getitem__)
        at += length


def test_passes_log_sum_is_that_of_all_paths(crf: Crf) -> None:
    lengths = [3, 1, 4]
    scores = np.random.default_rng(5).normal(size=(8, len(LABELS))).astype(np.float32)
    packing = Packing.of(lengths)
    log_sum = passes(scores[packing.order], packing, crf.weights.transitions)[3]
    parts = np.split(scores, np.cumsum(lengths)[:-1])
    expected = sum(np.logaddexp.reduce(list(paths(part, crf.weights.transitions).values())) for part in parts)
    assert log_sum == pytest.approx(expected, abs=1e-3)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=8))
def test_packing_before_names_the_step_before(lengths: list[int]) -> None:
    packing = Packing.of(lengths)
    assert sorted(packing.order.tolist()) == list(range(sum(lengths)))
    after, before = packing.before()
    assert (packing.order[after] - packing.order[before] == 1).all()
    assert len(before) == sum(lengths) - len(lengths)


def test_emissions_sum_words_families_and_pairs(crf: Crf) -> None:
    from extraction_helpers import document

    found = document("Ann Lee")
    slots = found.context.slots
    scores = crf.emissions(found.tokens.lexicon, found.tokens.ids, slots, np.zeros((1, 2), np.int32))
    np.testing.assert_allclose(scores, [[0.5, 2.0, 0.0], [0.5, 0.0, 1.5 + 1.0 + 0.7]], atol=1e-6)


def test_save_and_load_give_the_same_scores_and_the_same_bytes(weights: CrfWeights, tmp_path) -> None:
    weights.save(tmp_path / "a.npz")
    weights.save(tmp_path / "b.npz")
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    loaded = CrfWeights.load(tmp_path / "a.npz")
    assert loaded.labels == LABELS
    np.testing.assert_allclose(loaded.transitions, weights.transitions)
    for name in ("w=ann", "w=lee"):
        assert loaded.of(name)[0].tolist() == weights.of(name)[0].tolist()
        assert loaded.of(name)[1] == pytest.approx(weights.of(name)[1], abs=0.01)  # rounded to steps of 2 / 127


def test_load_model_of_another_protocol_says_how_to_mend_it(weights: CrfWeights, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("pipeline.extraction.crf.PROTOCOL", 99)
    weights.save(tmp_path / "new.npz")
    monkeypatch.undo()
    with pytest.raises(ValueError, match="train it again with `rollcall train`"):
        CrfWeights.load(tmp_path / "new.npz")


def test_emissions_of_words_that_are_numbered_anew_are_the_same(crf: Crf) -> None:
    from extraction_helpers import document

    tokens, slots = (found := document("Ann Lee met Ann")).tokens, found.context.slots
    families = np.zeros((1, 4), np.int32)
    before = crf.emissions(tokens.lexicon, tokens.ids, slots, families)
    another = Lexicon()
    another.add(["Lee", "saw"])
    ids = np.array(another.add(found.words), np.int32)
    np.testing.assert_array_equal(before, crf.emissions(another, ids, slots, families))


def test_full_lexicon_is_put_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    features = WordFeatures("en")
    first = features.lexicon
    features.trim()
    assert features.lexicon is first
    monkeypatch.setattr("pipeline.extraction.lexicon.WORDS_KEPT", 2)
    first.add(["Ann", "Lee"])
    features.trim()
    assert features.lexicon is not first
    assert first.words[1:] == ["Ann", "Lee"]


def test_parts_of_words_outlive_a_lexicon_until_they_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.extraction.lexicon.WORDS_KEPT", 2)
    features = WordFeatures("en")
    parts = features.parts
    words = ["Ann", "Lee", "saw"]
    before = features.describe(words)
    features.lexicon.add(words)
    features.trim()
    assert features.parts is parts
    assert features.describe(words) == before
    monkeypatch.setattr("pipeline.extraction.words._SPELLINGS_KEPT", 2)
    features.lexicon.add(words)
    features.trim()
    assert features.parts is not parts
    assert features.describe(words) == before
