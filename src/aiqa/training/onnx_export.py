"""A trained reader to ONNX with quantised weights, as the product runs it.

Matrices become ``MatMulNBits``: a scale for each block of inputs, integer arithmetic. The small
reader's have 8 bits, and its queries, keys and values keep ONNX Runtime's dynamic quantisation,
which is faster and fine enough there; the base reader's have the 4 bits it was trained with
(``quantization``), so nothing is lost by them. Embeddings have 8 bits in both.
"""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aiqa.errors import DependencyError
from aiqa.training import quantization
from aiqa.training.model import ReaderModel, load

_OPSET = 17
_BLOCK = 128
_INT8_ARITHMETIC = 4
"""``accuracy_level`` of ``MatMulNBits``."""

_FINE = ("/output/dense/MatMul", "/intermediate/dense/MatMul")
"""How the names of products end that get finer scales in the small reader: the feed-forward
blocks, and attention's outputs."""

OUTPUTS = ("starts", "ends", "evidence", "answering", "polarity")
"""The names of what the model gives, in the order of ``model.Outputs``."""


def export_reader(
    folder: Path, target: Path, *, four_bits: bool = False, split: bool = False
) -> None:
    """Write the reader in ``folder`` to ``target``, quantised.

    With ``split``, its embeddings of words go to a file beside it: hosts of repositories refuse
    files as large as the base reader whole.

    Raises:
        DependencyError: the package onnx is not installed.
        SettingsError: ``folder`` holds no reader.
    """
    with TemporaryDirectory() as work:
        exact = Path(work) / "exact.onnx"
        to_onnx(load(folder), exact)
        quantise(exact, target, four_bits=four_bits)
    if split:
        _split(target)


def to_onnx(model: ReaderModel, target: Path) -> None:
    """Write the model as it is, in 32-bit floats, with its configuration among the metadata.

    Raises:
        DependencyError: the package onnx is not installed.
    """
    try:
        import onnx
    except ImportError as error:
        raise DependencyError(
            "To write a reader as ONNX, the package onnx is needed.",
            "Install it with `pip install onnx`.",
        ) from error
    import torch

    model = model.cpu().eval()
    model.encoder.set_attn_implementation("eager")
    names = ["input_ids", "attention_mask", "token_type_ids"]
    example = torch.ones((2, 8), dtype=torch.int64)
    axes = {name: {0: "windows", 1: "length"} for name in (*names, *OUTPUTS[:3])}
    axes |= {name: {0: "windows"} for name in OUTPUTS[3:]}
    with torch.no_grad(), warnings.catch_warnings():
        # The exporter that it calls old is the one that quantisation knows the graphs of.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model,
            (example,) * 3,
            target,
            input_names=names,
            output_names=list(OUTPUTS),
            dynamic_axes=axes,
            opset_version=_OPSET,
            dynamo=False,
        )
    written = onnx.load(target)
    entry = written.metadata_props.add()
    entry.key, entry.value = "config", json.dumps(model.described())
    onnx.save(written, target)


def quantise(exact: Path, target: Path, *, four_bits: bool = False) -> None:
    """Write the model in ``exact`` with weights of 8 bits, or matrices of 4."""
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    with TemporaryDirectory() as work:
        fine = Path(work) / "fine.onnx"
        model = onnx.load(exact)
        _to_blocks(model, four_bits=four_bits)
        onnx.save(model, fine)
        quantize_dynamic(
            fine,
            target,
            weight_type=QuantType.QInt8,
            per_channel=True,
            op_types_to_quantize=["Gather"] if four_bits else None,
        )


def _split(path: Path) -> None:
    """Move the embeddings of words to a file ``.embeddings`` of the same name."""
    import onnx
    from onnx.external_data_helper import set_external_data

    model = onnx.load(path)
    beside = path.with_suffix(".embeddings")
    beside.unlink(missing_ok=True)  # onnx would append to it
    for tensor in model.graph.initializer:
        if tensor.name.endswith("word_embeddings.weight_quantized"):
            set_external_data(tensor, beside.name)
    onnx.save(model, path)


def _to_blocks(model: Any, *, four_bits: bool) -> None:
    """Replace matrix products by ``MatMulNBits``, in place."""
    from onnx import helper, numpy_helper

    graph = model.graph
    weights = {tensor.name: tensor for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type != "MatMul" or node.input[1] not in weights:
            continue
        is_fine = node.name.startswith("/layer.") if four_bits else node.name.endswith(_FINE)
        if not is_fine:
            continue
        source, name = node.input
        tensor = weights[name]
        weight = numpy_helper.to_array(tensor).T
        codes, scale = _four_bits(weight) if four_bits else _eight_bits(weight)
        graph.initializer.remove(tensor)
        graph.initializer.append(numpy_helper.from_array(codes, name))
        scales = f"{name}_scale"
        graph.initializer.append(numpy_helper.from_array(scale, scales))
        node.CopyFrom(
            helper.make_node(
                "MatMulNBits",
                [source, name, scales],
                list(node.output),
                name=node.name,
                domain="com.microsoft",
                K=weight.shape[1],
                N=weight.shape[0],
                bits=4 if four_bits else 8,
                block_size=quantization.BLOCK if four_bits else _BLOCK,
                accuracy_level=_INT8_ARITHMETIC,
            )
        )
    model.opset_import.append(helper.make_opsetid("com.microsoft", 1))


def _eight_bits(weight: NDArray[np.float32]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """``round(w / scale) + 128`` with ``scale = max |w| / 127`` in each block of a row."""
    blocks = weight.reshape(len(weight), -1, _BLOCK)
    scale = np.maximum(np.abs(blocks).max(2), np.finfo(np.float32).tiny) / 127
    codes = np.rint(blocks / scale[:, :, np.newaxis]) + 128
    return codes.astype(np.uint8), scale.astype(np.float32)


def _four_bits(weight: NDArray[np.float32]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Two codes to a byte, the first in its lower half; as ``quantization`` has them."""
    import torch

    codes, scale = quantization.encode_blocks(torch.from_numpy(np.ascontiguousarray(weight)))
    whole = (codes + 8).to(torch.uint8).numpy()
    return whole[..., ::2] | (whole[..., 1::2] << 4), scale.numpy()
