"""Measures the mending of texts decoded twice: `python -m tests.measure_mending` tries every pair on tagged texts.

For each pair of encodings and each language: how many texts come back as they were, of those that the pair changes at
all. Characters that the real encoding does not have are taken out first. The last lines count good texts that were
changed, as they are and with letters of other languages quoted in them; both must be none.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator
from pathlib import Path

import ftfy.bad_codecs

from pipeline.reading.mending import PAIRS, mend
from pipeline.training.corpus import read_folder


def mended(text: str, taken: str, real: str) -> bool | None:
    """Whether a text that was decoded twice comes back; None where the pair does not change it."""
    data = text.encode(real, "ignore")
    text = data.decode(real)
    try:
        wrong = data.decode(taken)
    except UnicodeError:
        return None
    return None if wrong == text else mend(wrong).text == text


#: Russian sentences with letters that Kazakh in KZ-1048 gives when it is decoded as Windows-1251.
QUOTING = (
    "Буквы «ќ» и «ѕ» в старых газетах", "Мы разобрали слово с ѕ и ы.", "Газета «Ќуѓа» вышла в Скопье; её читали",
    "Профессор Ѓорѓи Ќосев выступил с докладом «Язык македонской прозы».", "Їжакевич и Євген Ґудзь, Украина",
)  # fmt: skip


def quoting(texts: list[str], chance: random.Random) -> Iterator[str]:
    """The texts, each with one such sentence among its lines."""
    for text in texts:
        lines = text.split("\n")
        lines.insert(chance.randrange(len(lines) + 1), chance.choice(QUOTING))
        yield "\n".join(lines)


def main() -> None:
    """Print a line for each pair."""
    parser = argparse.ArgumentParser(description="Measures the mending of texts decoded twice.")
    parser.add_argument("--texts", type=int, default=25, help="texts of each language")
    given = parser.parse_args()
    ftfy.bad_codecs.ok()
    folder = Path("data/training")
    every = {language: [d.text for d in read_folder(folder / language)] for language in ("en", "ru", "kk")}
    chosen = {language: random.Random(5).sample(texts, given.texts) for language, texts in every.items()}
    for taken, real in PAIRS:
        told = []
        for language, texts in chosen.items():
            results = [r for r in (mended(text, taken, real) for text in texts) if r is not None]
            told.append(f"{language} {sum(results):3} of {len(results):3}")
        print(f"{real:11} taken for {taken:20}", "   ".join(told))
    changed = sum(mend(text).text != text for texts in every.values() for text in texts)
    print(f"good texts changed: {changed} of {sum(map(len, every.values()))}")
    quoted = list(quoting([*every["en"], *every["ru"]], random.Random(5)))
    print(f"the same with letters quoted: {sum(mend(text).text != text for text in quoted)} of {len(quoted)}")


if __name__ == "__main__":
    main()
