"""Near-duplicates and reprints: documents that share most of their wording form a family, so that counts are honest.

MinHash over runs of three words, then locality-sensitive banding (Broder 1997; Leskovec, Rajaraman and Ullman, Mining
of Massive Datasets, chapter 3). Our own few lines of NumPy: the libraries for it bring SciPy into every installation.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping

import numpy as np

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
    # A run that comes twice is hashed twice, which takes less time than to find it out.
    runs = hashes[: len(hashes) - RUN + 1] * _MIX[0]
    for i in range(1, RUN):
        runs += hashes[i : len(hashes) - RUN + 1 + i] * _MIX[i]
    least = np.full(VALUES, np.iinfo(np.uint64).max, np.uint64)
    for start in range(0, len(runs), _CHUNK):
        least = np.minimum(least, (runs[None, start : start + _CHUNK] * _FACTORS + _TERMS).min(axis=1))
    return (least >> np.uint64(32)).astype("<u4").tobytes()


def families(signatures: Mapping[str, bytes]) -> dict[str, str]:
    """The family of each document: the id of its first member in the order of ids. A document alone is its own.

    A document is compared with the first that shares a band with it.
    """
    ids = sorted(signatures)
    parent = list(range(len(ids)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    told = [i for i, document in enumerate(ids) if signatures[document]]
    values = np.frombuffer(b"".join(signatures[ids[i]] for i in told), "<u4").reshape(-1, VALUES)
    for band in range(VALUES // BAND):
        halves = np.ascontiguousarray(values[:, band * BAND : (band + 1) * BAND]).view("<u8").T
        order = np.lexsort(halves)  # documents of one band lie together, in their order
        new = np.ones(len(told), bool)
        new[1:] = (halves[:, order[1:]] != halves[:, order[:-1]]).any(axis=0)
        first = np.empty(len(told), np.int64)
        first[order] = order[np.flatnonzero(new)][np.cumsum(new) - 1]
        others = np.flatnonzero(first != np.arange(len(told)))
        for start in range(0, len(others), _CHUNK):
            some = others[start : start + _CHUNK]
            alike = (values[first[some]] == values[some]).mean(axis=1) >= SIMILAR
            for document in some[alike].tolist():
                one, other = root(told[first[document]]), root(told[document])
                # The earlier id stays the root, so that the family is called by its first member.
                parent[max(one, other)] = min(one, other)
    return {document: ids[root(i)] for i, document in enumerate(ids)}
