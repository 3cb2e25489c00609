"""What NumPy lacks: the places of many stretches, and arrays in a small file, the same bytes for the same arrays."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def places_of(starts: NDArray[np.int64], sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """The places of stretches of these sizes that begin there, one after the other."""
    places: NDArray[np.int64] = np.arange(sizes.sum()) + np.repeat(starts - np.cumsum(sizes) + sizes, sizes)
    return places


def save_arrays(path: Path, **arrays: NDArray[Any]) -> None:
    """Write arrays for `np.load(path, allow_pickle=False)`, with LZMA: a quarter smaller than `np.savez_compressed`.

    No time is stored, so that a model is the same each time.
    """
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as file:
        for name, array in arrays.items():
            packed = io.BytesIO()
            np.lib.format.write_array(packed, np.asanyarray(array), allow_pickle=False)
            file.writestr(zipfile.ZipInfo(f"{name}.npy"), packed.getvalue(), zipfile.ZIP_LZMA)
