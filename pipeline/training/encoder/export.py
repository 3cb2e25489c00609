"""A fine-tuned network → the files of `pipeline.extraction.encoder`: an ONNX graph in 8 bits, pieces, vectors."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import numpy as np
import torch

from pipeline.extraction.arrays import save_arrays
from pipeline.extraction.encoder import GRAPH, PIECES, SURROUNDINGS
from pipeline.training.encoder.fit import Tuned

_OPSET = 17
_INPUTS = ("pieces", "firsts", "lasts", "around")


def export(tuned: Tuned, out: Path) -> None:
    """Write a network to a folder, which is made when it is not there.

    Matrices become 8-bit numbers with a step for each column, word vectors with one step; what passes through them is
    rounded as it comes (dynamic quantization), so nothing needs calibrating.
    """
    out.mkdir(parents=True, exist_ok=True)
    tuned.tagger.eval()
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / GRAPH
        _graph(tuned, whole)
        _rounded(whole, out / GRAPH)
    tuned.pieces.tokenizer.save(str(out / PIECES), pretty=False)
    families, codes = len(tuned.around.codes.weight) // tuned.settings.codes, tuned.settings.codes
    save_arrays(
        out / SURROUNDINGS,
        names=np.frombuffer(json.dumps(tuned.names, ensure_ascii=False).encode(), np.uint8),
        vectors=tuned.around.features.weight[1:].detach().numpy().astype(np.float16),
        codes=tuned.around.codes.weight.detach().numpy().reshape(families, codes, -1).astype(np.float16),
    )


def _graph(tuned: Tuned, path: Path) -> None:
    length, words = 24, 11
    example = (
        torch.zeros(1, length, dtype=torch.long),
        torch.zeros(1, words, dtype=torch.long),
        torch.zeros(1, words, dtype=torch.long),
        torch.zeros(1, words, tuned.around.features.weight.shape[1]),
    )
    axes = {name: {1: "length" if name == "pieces" else "words"} for name in _INPUTS} | {"scores": {1: "words"}}
    with torch.no_grad():
        torch.onnx.export(
            tuned.tagger, example, str(path), input_names=list(_INPUTS), output_names=["scores"], dynamic_axes=axes,
            opset_version=_OPSET, dynamo=False,
        )  # fmt: skip


def _rounded(whole: Path, out: Path) -> None:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(
        whole, out, per_channel=True, weight_type=QuantType.QInt8, op_types_to_quantize=["MatMul", "Gemm", "Gather"],
    )  # fmt: skip
