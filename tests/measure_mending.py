"""Measures the mending of texts decoded twice: `python -m tests.measure_mending` tries every pair on tagged texts.

For each pair of encodings and each language: how many texts come back as they were, of those that the pair changes at
all. Characters that the real encoding does not have are taken out first. The last line counts good texts that were
changed, which must be none.
"""

from __future__ import annotations

import argparse
import random
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


if __name__ == "__main__":
    main()
