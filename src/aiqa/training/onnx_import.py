"""From a reader's ONNX file back to its model: to train on from, or to compare with.

Weights of 8 and 4 bits become the 32-bit floats that they stand for.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aiqa.embedders import bundled_path
from aiqa.errors import DependencyError, SettingsError
from aiqa.reader.factory import FOLDER
from aiqa.training.model import ReaderModel

PACKAGED_READERS = {size: FOLDER / f"{size}.onnx" for size in ("small", "base")}
"""The files of the readers that aiqa ships, by their size."""

Arrays = dict[str, NDArray[Any]]

_NODE = re.compile(r"/(?:MatMul|Gemm_MatMul)(?:_quant)?$")
"""How the name of a matrix product ends; before it stands the name of its module."""

_MPNET = {"model_type": "mpnet", "layer_norm_eps": 1e-5, "max_position_embeddings": 514}
"""all-mpnet-base-v2, where it differs from transformers' own configuration."""


def unpack(path: Path) -> ReaderModel:
    """Return the reader in the ONNX file ``path``, as ``onnx_export`` writes them.

    External data is read from beside it.

    Raises:
        DependencyError: the package onnx is not installed.
        SettingsError: there is no such file, or it holds no reader.
    """
    try:
        import onnx
        from google.protobuf.message import DecodeError
        from onnx import numpy_helper
    except ImportError as error:
        raise DependencyError(
            "To train on from a reader's ONNX file, the package onnx is needed.",
            "Install it with `pip install onnx`.",
        ) from error
    import torch

    try:
        packed = onnx.load(path)
        stored = {t.name: numpy_helper.to_array(t) for t in packed.graph.initializer}
        state = {n: v for n, v in stored.items() if n.endswith((".weight", ".bias"))}
        state |= _embeddings(stored)
        state |= _matrices(packed.graph.node, stored)
        described = {entry.key: entry.value for entry in packed.metadata_props}
        model = ReaderModel(_config(described.get("config"), state))
        # Copied, for arrays that onnx gives are read-only.
        model.load_state_dict({n: torch.tensor(np.ascontiguousarray(v)) for n, v in state.items()})
    except (OSError, ValueError, RuntimeError, KeyError, DecodeError) as error:
        raise SettingsError(f"There is no reader in {path}: {error}") from error
    return model


def _config(described: str | None, state: Arrays) -> dict[str, Any]:
    """The encoder's configuration; a file without one is of one of the two shipped sizes."""
    if described is None and any(".attn." in name for name in state):
        return {**_MPNET, "vocab_size": len(state["encoder.embeddings.word_embeddings.weight"])}
    config: dict[str, Any] = json.loads(
        described or (bundled_path() / "config.json").read_text("utf-8")
    )
    return config


def _embeddings(stored: Arrays) -> Arrays:
    """Tables of 8 bits, by the names that they had before."""
    return {
        name.removesuffix("_quantized"): _whole(name, stored)
        for name in stored
        if name.endswith(".weight_quantized")
    }


def _matrices(nodes: Any, stored: Arrays) -> Arrays:
    """The weights of matrix products, ``(outputs, inputs)``, named by their modules."""
    found = {}
    for node in nodes:
        place = _NODE.sub("", node.name).strip("/").replace("/", ".")
        if place.startswith("layer."):  # MPNet's layers are called one by one
            place = f"encoder.encoder.{place}"
        if node.op_type == "MatMulNBits":
            bits = next(a.i for a in node.attribute if a.name == "bits")
            weight = _unblocked(stored[node.input[1]], stored[node.input[2]], bits)
        elif node.op_type == "MatMulInteger" and node.input[1] in stored:
            weight = _whole(node.input[1], stored).T
        elif node.op_type == "MatMul" and node.input[1] in stored:
            weight = stored[node.input[1]].T
        else:
            continue
        found[f"{place}.weight"] = weight
    return found


def _unblocked(
    codes: NDArray[np.uint8], scale: NDArray[np.float32], bits: int
) -> NDArray[np.float32]:
    """Return the weights of ``MatMulNBits``; the middle code stands for zero.

    ``codes`` has shape ``(outputs, blocks, bytes)``; codes of 4 bits stand two to a
    byte, the first in its lower half.
    """
    if bits == 4:  # noqa: PLR2004  # the other is 8
        codes = np.stack([codes & 15, codes >> 4], -1).reshape(*codes.shape[:2], -1)
    values = codes.astype(np.float32) - np.float32(2 ** (bits - 1))
    return (values * scale.reshape(*codes.shape[:2], 1)).reshape(len(codes), -1)


def _whole(name: str, stored: Arrays) -> NDArray[np.float32]:
    """Return what ``quantize_dynamic`` gave 8 bits: ``(code - zero point) * scale``."""
    plain = name.removesuffix("_quantized")
    zero = stored.get(f"{plain}_zero_point", np.zeros(1)).astype(np.float32)
    whole: NDArray[np.float32] = (stored[name].astype(np.float32) - zero) * stored[f"{plain}_scale"]
    return whole
