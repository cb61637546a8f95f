"""A trained PyTorch model to one ONNX file with 8-bit weights, as the reader runs it.

The weights lose nothing that matters by it; the activations do, which are quantised anew for each
matrix product. One scale for a whole batch, as ONNX Runtime's dynamic quantisation has it, is too
coarse for what goes into and comes out of the blocks, where a few features are far larger than the
rest. Those get a scale for each 128 features of each word piece (``MatMulNBits``, with integer
arithmetic); queries, keys and values keep the faster way. ``python -m eval.reader`` measures what
is left of the loss.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

_OPSET = 17
_BLOCK = 128
_INT8_ARITHMETIC = 4
"""``accuracy_level`` of ``MatMulNBits``."""

_FINE = ("/output/dense/MatMul", "/intermediate/dense/MatMul")
"""How the names of products end that get finer scales: the feed-forward blocks, and attention's
outputs."""


def export(folder: Path, target: Path) -> None:
    """Write the Hugging Face question-answering model in ``folder`` to ``target``, quantised."""
    with TemporaryDirectory() as work:
        exact = Path(work) / "exact.onnx"
        to_onnx(folder, exact)
        quantise(exact, target)


def to_onnx(folder: Path, target: Path) -> None:
    """Write the model as it is, in 32-bit floats."""
    import torch
    from transformers import AutoModelForQuestionAnswering

    model = AutoModelForQuestionAnswering.from_pretrained(
        folder, local_files_only=True, use_safetensors=True, attn_implementation="eager"
    ).eval()
    names = ["input_ids", "attention_mask", "token_type_ids"]
    example = torch.ones((2, 8), dtype=torch.int64)
    axes = {0: "windows", 1: "length"}
    with torch.no_grad():
        torch.onnx.export(
            model,
            (),
            target,
            kwargs=dict.fromkeys(names, example),
            input_names=names,
            output_names=["start_logits", "end_logits"],
            dynamic_axes=dict.fromkeys([*names, "start_logits", "end_logits"], axes),
            opset_version=_OPSET,
            dynamo=False,
        )


def quantise(exact: Path, target: Path) -> None:
    """Write the model in ``exact`` with weights of 8 bits."""
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    with TemporaryDirectory() as work:
        fine = Path(work) / "fine.onnx"
        model = onnx.load(exact)
        _quantise_finely(model)
        onnx.save(model, fine)
        quantize_dynamic(fine, target, weight_type=QuantType.QInt8, per_channel=True)


def _quantise_finely(model: Any) -> None:
    """Replace the products of ``_FINE`` by ``MatMulNBits``, in place.

    Weights are symmetric: ``round(w / scale) + 128`` with ``scale = max |w| / 127`` in each block
    of a column.
    """
    from onnx import helper, numpy_helper

    graph = model.graph
    weights = {tensor.name: tensor for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type != "MatMul" or not node.name.endswith(_FINE):
            continue
        source, name = node.input
        tensor = weights[name]
        weight = numpy_helper.to_array(tensor)
        rows, columns = weight.shape
        blocks = weight.T.reshape(columns, rows // _BLOCK, _BLOCK)
        scale = np.maximum(np.abs(blocks).max(2), np.finfo(np.float32).tiny) / 127
        codes = np.rint(blocks / scale[:, :, np.newaxis]) + 128
        graph.initializer.remove(tensor)
        graph.initializer.append(numpy_helper.from_array(codes.astype(np.uint8), name))
        scales = f"{name}_scale"
        graph.initializer.append(numpy_helper.from_array(scale.astype(np.float32), scales))
        node.CopyFrom(
            helper.make_node(
                "MatMulNBits",
                [source, name, scales],
                list(node.output),
                name=node.name,
                domain="com.microsoft",
                K=rows,
                N=columns,
                bits=8,
                block_size=_BLOCK,
                accuracy_level=_INT8_ARITHMETIC,
            )
        )
    model.opset_import.append(helper.make_opsetid("com.microsoft", 1))
