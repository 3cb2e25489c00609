"""Near-duplicates and reprints: documents that share most of their wording form a family, so that counts are honest.

MinHash over runs of three words, then locality-sensitive banding (Broder 1997; Leskovec, Rajaraman and Ullman, Mining
of Massive Datasets, chapter 3). Our own few lines of NumPy: the libraries for it bring SciPy into every installation.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

#: Words in a run; values in a signature; values in a band.
RUN, VALUES, BAND = 3, 64, 4
#: Documents that share at least this much (estimated Jaccard similarity) are of one family.
SIMILAR = 0.6

_WORD = re.compile(r"\w+")
_CHUNK = 4096
# Fixed for ever: signatures must not change from run to run.
_RANDOM = np.random.Generator(np.random.PCG64(1998))
_FACTORS = _RANDOM.integers(1, 2**63, VALUES, dtype=np.uint64)[:, None] | np.uint64(1)
_TERMS = _RANDOM.integers(0, 2**63, VALUES, dtype=np.uint64)[:, None]
_MIX = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], np.uint64)


def signature(text: str) -> bytes:
    """The MinHash of a text: `VALUES` numbers of 32 bits; empty for a text without words."""
    words = _WORD.findall(text.lower())
    if not words:
        return b""
    hashes = np.array([zlib.crc32(w.encode("utf-8", "surrogatepass")) for w in words], np.uint64)
    if len(hashes) < RUN:
        hashes = np.resize(hashes, RUN)
    runs = sum(hashes[i : len(hashes) - RUN + 1 + i] * _MIX[i] for i in range(RUN))
    runs = np.unique(np.asarray(runs, np.uint64))
    least = np.full(VALUES, np.iinfo(np.uint64).max, np.uint64)
    for start in range(0, len(runs), _CHUNK):
        least = np.minimum(least, (runs[None, start : start + _CHUNK] * _FACTORS + _TERMS).min(axis=1))
    return (least >> np.uint64(32)).astype("<u4").tobytes()


def families(signatures: Mapping[str, bytes]) -> dict[str, str]:
    """The family of each document: the id of its first member in the order of ids. A document alone is its own."""
    ids = sorted(signatures)
    parent = {i: i for i in ids}

    def root(i: str) -> str:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    values: dict[str, NDArray[np.uint32]] = {i: np.frombuffer(signatures[i], "<u4") for i in ids}
    buckets: dict[tuple[int, bytes], str] = {}
    size = BAND * 4
    for document in ids:
        mine = signatures[document]
        for band in range(len(mine) // size):
            first = buckets.setdefault((band, mine[band * size : (band + 1) * size]), document)
            one, other = root(first), root(document)
            if one != other and float((values[first] == values[document]).mean()) >= SIMILAR:
                # The earlier id stays the root, so that the family is called by its first member.
                parent[max(one, other)] = min(one, other)
    return {i: root(i) for i in ids}
