"""A reader's ONNX file as a graph of integer products, over the file's own weights.

``python -m aiqa.training.reader_graph`` writes the graphs of the bundled readers again. The file
has its matrices as ``MatMulNBits``, which rounds activations in blocks of inputs, and which ONNX
Runtime runs hardly faster than floats. Here each row of activations is rounded to 8 bits with one
scale, and each output of a matrix has one scale (``reader.integer_matrices``), so that the product
is one of plain integers, two to three times as fast.

A few inputs are much larger than the others and would take all precision, so inputs are divided by
factors with which weights are multiplied (Xiao et al., "SmoothQuant", ICML 2023). The inputs come
from a layer normalisation, whose weights tell how large each becomes.

Large tensors stay where they are: the graph names their places in the file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aiqa.reader.factory import BASE, FOLDER, SMALL
from aiqa.reader.integer_matrices import (
    LARGEST,
    PROBE,
    PROBED,
    SCALES,
    BlockMatrix,
    IntegerGraph,
    graph_path,
)

Values = NDArray[np.float32]

_RUNTIME = "com.microsoft"
_LEAST_EXTERNAL = 1024
"""Bytes of the smallest tensor that is not copied into the graph."""

_GELU_OUTPUT = re.compile(r"layer\.\d+/output/dense/MatMul$")
"""Products whose input is an output of GELU, which is never less than -0.17."""

_ROUNDINGS = {"even": (127, 128, 1e-6), "gelu": (223, 32, 1.2)}
"""Steps from 0 to the largest value of a row and the code of 0, for each kind of input, and the
least of the largest values."""

_SMOOTHING = 0.5
"""Exponent of the factors: 0 leaves all precision to weights, 1 to activations."""

_MERGER = "MatMulNBitsFusion"
"""An optimiser that would give a product its bias, which here belongs to what follows."""

_DEVIATIONS = 3
"""Standard deviations that a normalised value is reckoned with."""


def write_graph(weights: Path) -> None:
    """Write the graph of the file ``weights`` beside it, and what it needs of the file."""
    model = _optimised(weights)
    rewriting = _Rewriting(model.graph, weights)
    rewriting.run()
    target = graph_path(weights)
    target.write_bytes(model.SerializeToString(deterministic=True))
    target.with_suffix(SCALES).write_bytes(rewriting.scales)
    IntegerGraph(tuple(rewriting.matrices)).write(target)


def write_probe(path: Path) -> None:
    """Write the graph by which ``integer_matrices.is_exact`` tries a processor."""
    from onnx import TensorProto, helper, numpy_helper

    constants = {
        "weights": np.full((PROBED, 16), LARGEST, np.int8),
        "codes_scale": np.float32(1),
        "weights_scale": np.float32(1),
    }
    inputs = ["codes", "weights", "codes_scale", "weights_scale"]
    graph = helper.make_graph(
        [helper.make_node("MatMulIntegerToFloat", inputs, ["row"], domain=_RUNTIME)],
        path.stem,
        [helper.make_tensor_value_info("codes", TensorProto.UINT8, [1, PROBED])],
        [helper.make_tensor_value_info("row", TensorProto.FLOAT, [1, 16])],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid(_RUNTIME, 1)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
    path.write_bytes(model.SerializeToString(deterministic=True))


def _optimised(weights: Path) -> Any:
    """Return the model as ONNX Runtime runs it, which then need not be worked out at each start."""
    import onnx
    import onnxruntime

    options = onnxruntime.SessionOptions()
    # The level above depends on the processor.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.log_severity_level = 3
    with TemporaryDirectory() as work:
        target = Path(work) / weights.name
        options.optimized_model_filepath = str(target)
        onnxruntime.InferenceSession(
            weights,
            options,
            providers=["CPUExecutionProvider"],
            disabled_optimizers=[_MERGER],
        )
        return onnx.load(target, load_external_data=False)


class _Rewriting:
    """Replaces ``MatMulNBits`` in a graph by integer products, and tensors by their places.

    ``matrices`` and ``scales`` are what ``IntegerGraph`` reads.
    """

    def __init__(self, graph: Any, weights: Path) -> None:
        self.matrices: list[BlockMatrix] = []
        self.scales = b""
        self._graph = graph
        self._weights = weights
        self._data = weights.read_bytes()
        self._stored = {tensor.name: tensor for tensor in graph.initializer}
        self._makers = {output: node for node in graph.node for output in node.output}
        self._nodes: list[Any] = []
        self._tensors: list[Any] = []
        self._factors: dict[str, Values] = {}

    def run(self) -> None:
        """Rewrite the graph."""
        for name, (steps, zero, least) in _ROUNDINGS.items():
            self._constant(f"{name}_scale", np.float32(1 / steps))
            self._constant(f"{name}_zero", np.uint8(zero))
            self._constant(f"{name}_least", np.float32(least))
        for node in self._graph.node:
            if node.op_type == "MatMulNBits":
                self._product(node)
            else:
                self._nodes.append(node)
        kept = [self._in_place(tensor) for tensor in self._stored.values()]
        for field, values in (
            (self._graph.node, self._nodes),
            (self._graph.initializer, kept + self._tensors),
        ):
            copies = [type(value).FromString(value.SerializeToString()) for value in values]
            del field[:]
            field.extend(copies)

    def _product(self, node: Any) -> None:
        from onnx import TensorProto

        source, name, block_scales = node.input
        rounding = "gelu" if _GELU_OUTPUT.search(node.name) else "even"
        numbers = {entry.name: entry.i for entry in node.attribute}
        if source not in self._factors:
            self._factors[source] = self._round(source, rounding, numbers["K"])
        matrix = BlockMatrix(
            name=name,
            outputs=numbers["N"],
            inputs=numbers["K"],
            bits=numbers["bits"],
            block=numbers["block_size"],
            codes=self._place(self._stored.pop(name)),
            block_scales=self._place(self._stored.pop(block_scales)),
            scales=len(self.scales),
        )
        data = np.frombuffer(self._data, np.uint8)
        floats = matrix.floats(data) * self._factors[source][:, np.newaxis]
        scales = np.maximum(np.abs(floats).max(axis=0), np.finfo(np.float32).tiny) / LARGEST
        scales = scales.astype(np.float32)
        self.scales += scales.tobytes() + self._factors[source].tobytes()
        self.matrices.append(matrix)
        beside = graph_path(self._weights).with_suffix(SCALES).name
        self._external(name, TensorProto.INT8, [matrix.inputs, matrix.outputs], self._weights.name)
        self._external(
            f"{name}_scale", TensorProto.FLOAT, [matrix.outputs], beside,
            offset=matrix.scales, length=scales.nbytes,
        )  # fmt: skip
        inputs = [f"{source}_codes", name, f"{rounding}_scale", f"{name}_scale"]
        inputs.append(f"{rounding}_zero")
        product = f"{node.output[0]}_of_shares"
        self._add("MatMulIntegerToFloat", inputs, product, domain=_RUNTIME, name=node.name)
        self._add("Mul", [product, f"{source}_largest"], node.output[0])

    def _round(self, source: str, rounding: str, inputs: int) -> Values:
        """Add nodes that give each row of ``source`` as shares of its largest value, in 8 bits.

        Return the factors by which its values are divided before.
        """
        factors = np.ones(inputs, np.float32)
        values = magnitudes = source
        maker = self._makers[source]
        if maker.op_type == "LayerNormalization":
            factors = self._smoothing(*maker.input[1:])
            self._constant(f"{source}_factors", 1 / factors)
            values = magnitudes = f"{source}_smooth"
            self._add("Mul", [source, f"{source}_factors"], values)
        if rounding == "even":
            magnitudes = f"{source}_magnitudes"
            self._add("Abs", [values], magnitudes)
        self._add("ReduceMax", [magnitudes], f"{source}_most", axes=[-1], keepdims=1)
        self._add("Max", [f"{source}_most", f"{rounding}_least"], f"{source}_largest")
        self._add("Div", [values, f"{source}_largest"], f"{source}_shares")
        self._add(
            "QuantizeLinear",
            [f"{source}_shares", f"{rounding}_scale", f"{rounding}_zero"],
            f"{source}_codes",
        )
        return factors

    def _smoothing(self, weight: str, bias: str) -> Values:
        """Return the factors of the outputs of a layer normalisation; their mean logarithm is 0."""
        from onnx import numpy_helper

        spread, centre = (
            np.abs(numpy_helper.to_array(self._stored[name]).astype(np.float64))
            for name in (weight, bias)
        )
        logs = _SMOOTHING * np.log(centre + _DEVIATIONS * spread)
        factors: Values = np.exp(logs - logs.mean()).astype(np.float32)
        return factors

    def _constant(self, name: str, value: Any) -> None:
        from onnx import numpy_helper

        self._tensors.append(numpy_helper.from_array(np.asarray(value), name))

    def _add(self, operator: str, inputs: list[str], output: str, **attributes: Any) -> None:
        from onnx import helper

        self._nodes.append(helper.make_node(operator, inputs, [output], **attributes))

    def _external(
        self, name: str, kind: int, shape: Sequence[int], file: str, **place: int
    ) -> None:
        """Add a tensor whose values are in ``file``, or given when the graph is loaded."""
        self._tensors.append(_named(name, kind, shape, file, place))

    def _in_place(self, tensor: Any) -> Any:
        """Return ``tensor`` as it is, or named by its place in the file if it is large."""
        from onnx import TensorProto

        # Floats would not be aligned there.
        whole = tensor.data_type in (TensorProto.INT8, TensorProto.UINT8)
        if not whole or len(tensor.raw_data) < _LEAST_EXTERNAL:
            return tensor
        place = {"offset": self._place(tensor), "length": len(tensor.raw_data)}
        return _named(tensor.name, tensor.data_type, tensor.dims, self._weights.name, place)

    def _place(self, tensor: Any) -> int:
        """Return the offset of a tensor's bytes in the file."""
        return self._data.index(tensor.raw_data)


def _named(name: str, kind: int, shape: Sequence[int], file: str, place: Mapping[str, int]) -> Any:
    from onnx import TensorProto

    tensor = TensorProto(name=name, data_type=kind, dims=shape)
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in {"location": file, **place}.items():
        tensor.external_data.add(key=key, value=str(value))
    return tensor


if __name__ == "__main__":
    for file in (SMALL, BASE):
        write_graph(FOLDER / file)
    write_probe(PROBE)
