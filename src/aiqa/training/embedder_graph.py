"""The bundled embedder as an ONNX graph over its own file of weights.

``python -m aiqa.training.embedder_graph`` writes it again. The graph names its weights as external
data at their places in ``model.safetensors``, whose SHA-256 is checked before it is run: nothing is
exported when aiqa is installed, and no weights are stored twice.

It is BERT (Devlin et al., 2019) with the mean of the last layer's outputs at length 1, as
sentence-transformers has it. Operators of ONNX Runtime's own do several steps at once. All texts of
a run have the same length, so there is no mask.
"""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

from aiqa.embedders.bundled import GRAPH, WEIGHTS, bundled_path

_OPSET = 17
_IR = 8
_RUNTIME = "com.microsoft"
"""The domain of ONNX Runtime's own operators."""


def embedder_graph(folder: Path) -> bytes:
    """Return the graph of the model in ``folder``, serialised."""
    from onnx import TensorProto, helper

    config = json.loads((folder / "config.json").read_text("utf-8"))
    graph = _Graph(folder / WEIGHTS, float(config["layer_norm_eps"]))
    graph.encoder(config["num_hidden_layers"], config["num_attention_heads"])
    ids = helper.make_tensor_value_info("ids", TensorProto.INT64, ["texts", "length"])
    vectors = helper.make_tensor_value_info(
        "vectors", TensorProto.FLOAT, ["texts", config["hidden_size"]]
    )
    model = helper.make_model(
        helper.make_graph(graph.nodes, "embedder", [ids], [vectors], list(graph.tensors.values())),
        opset_imports=[helper.make_opsetid("", _OPSET), helper.make_opsetid(_RUNTIME, 1)],
        ir_version=_IR,
    )
    return bytes(model.SerializeToString(deterministic=True))


class _Graph:
    """Nodes, and the tensors that they use; a value is known by its name."""

    def __init__(self, weights: Path, epsilon: float) -> None:
        with weights.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            self._header: dict[str, Any] = json.loads(file.read(length))
        self._start = 8 + length
        self._epsilon = epsilon
        self.nodes: list[Any] = []
        self.tensors: dict[str, Any] = {}

    def encoder(self, layers: int, heads: int) -> None:
        """Add everything between ``ids`` and ``vectors``."""
        words = self._node("Gather", self._weight("embeddings.word_embeddings.weight"), "ids")
        length = self._node("Slice", self._node("Shape", "ids"), self._ints(1), self._ints(2))
        places = self._node(
            "Slice",
            self._weight("embeddings.position_embeddings.weight"),
            self._ints(0),
            length,
        )
        segment = self._node(
            "Gather", self._weight("embeddings.token_type_embeddings.weight"), self._ints(0)
        )
        values = self._node("Add", self._node("Add", words, places), segment)
        values = self._node(
            "LayerNormalization", values, *self._norm("embeddings"), epsilon=self._epsilon
        )
        for number in range(layers):
            values = self._layer(values, f"encoder.layer.{number}", heads)
        total = self._node("ReduceSum", values, self._ints(1), keepdims=0)
        self._node("LpNormalization", total, output="vectors", axis=1, p=2)

    def _layer(self, values: str, name: str, heads: int) -> str:
        parts = [f"{name}.attention.self.{part}" for part in ("query", "key", "value")]
        biases = self._node("Concat", *(self._weight(f"{part}.bias") for part in parts), axis=0)
        attention = self._runtime_node(
            "MultiHeadAttention",
            *(self._product(values, part) for part in parts),
            biases,
            num_heads=heads,
        )
        values = self._added(attention, values, f"{name}.attention.output")
        wide = self._runtime_node(
            "BiasGelu",
            self._product(values, f"{name}.intermediate.dense"),
            self._weight(f"{name}.intermediate.dense.bias"),
        )
        return self._added(wide, values, f"{name}.output")

    def _added(self, values: str, residual: str, name: str) -> str:
        """Multiply by the matrix ``name.dense``, add ``residual``, and normalise."""
        return self._runtime_node(
            "SkipLayerNormalization",
            self._product(values, f"{name}.dense"),
            residual,
            *self._norm(name),
            self._weight(f"{name}.dense.bias"),
            epsilon=self._epsilon,
        )

    def _product(self, values: str, name: str) -> str:
        return self._runtime_node("FusedMatMul", values, self._weight(f"{name}.weight"), transB=1)

    def _norm(self, name: str) -> tuple[str, str]:
        return self._weight(f"{name}.LayerNorm.weight"), self._weight(f"{name}.LayerNorm.bias")

    def _weight(self, name: str) -> str:
        """Name a tensor of the file of weights."""
        from onnx import TensorProto

        if name not in self.tensors:
            stored = self._header[name]
            start, end = stored["data_offsets"]
            tensor = TensorProto(
                name=name,
                data_type=TensorProto.FLOAT,
                dims=stored["shape"],
                data_location=TensorProto.EXTERNAL,
            )
            place = {"location": WEIGHTS, "offset": self._start + start, "length": end - start}
            for key, value in place.items():
                tensor.external_data.add(key=key, value=str(value))
            self.tensors[name] = tensor
        return name

    def _ints(self, value: int) -> str:
        from onnx import TensorProto, helper

        name = f"[{value}]"
        self.tensors[name] = helper.make_tensor(name, TensorProto.INT64, [1], [value])
        return name

    def _runtime_node(self, operator: str, *inputs: str, **attributes: Any) -> str:
        return self._node(operator, *inputs, domain=_RUNTIME, **attributes)

    def _node(self, operator: str, *inputs: str, output: str = "", **attributes: Any) -> str:
        from onnx import helper

        output = output or f"{operator}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output


if __name__ == "__main__":
    GRAPH.write_bytes(embedder_graph(bundled_path()))
