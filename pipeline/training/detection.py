"""How often the language of a text is detected: `python -m pipeline.training.detection [FOLDER]`.

Counts, for the tagged files of each language, whole texts and their first 200 characters that were taken for it.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path

from pipeline.extraction.language import detect
from pipeline.training.corpus import read_folder

#: Of a short text, so many characters.
SHORT = 200


def confusions(texts: list[str]) -> Counter[str]:
    """How many texts were taken for each language."""
    return Counter(detect(text).language for text in texts)


def table(folder: Path) -> str:
    """The figures for the tagged files of each language below a folder, one line each, and the speed."""
    lines, seconds, characters = [], 0.0, 0
    for place in sorted(p for p in folder.iterdir() if p.is_dir()):
        texts = [document.text for document in read_folder(place)]
        begun = time.perf_counter()
        whole = confusions(texts)
        seconds += time.perf_counter() - begun
        characters += sum(map(len, texts))
        short = confusions([text[:SHORT] for text in texts])
        n = len(texts)
        mixed = sum(len(detect(text).stretches) > 1 for text in texts)
        lines.append(
            f"{place.name}: {n} texts, whole {whole[place.name] / n:.3f} {dict(whole.most_common())}, "
            f"first {SHORT} characters {short[place.name] / n:.3f} {dict(short.most_common())}, "
            f"{mixed} with stretches of several languages"
        )
    lines.append(f"{characters / seconds / 1e6:.1f} million characters a second")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table(Path(sys.argv[1] if len(sys.argv) > 1 else "data/training")))
