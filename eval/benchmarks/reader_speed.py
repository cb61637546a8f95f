"""How fast the reader's models run, beside the products of their files and the limit of a core.

``python -m eval.benchmarks.reader_speed [--index DIR] [--questions 20]``

The windows of gold questions are read by the graphs of integer products and by the files as they
are (``MatMulNBits``), in turns, one window to a run on one thread. The limit is the arithmetic of
these products alone at the rate of one large product of 8-bit integers, measured in the same run.
Figures are kept in eval/results/reader_speed.json.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from aiqa import Assistant
from aiqa.onnx_session import session
from aiqa.reader.factory import BASE, FITTED, FOLDER, SMALL
from aiqa.reader.integer_matrices import IntegerGraph, graph_path
from aiqa.reader.qa_models import OnnxModel
from aiqa.reader.windows import Window, padded

RESULT = Path(__file__).parents[1] / "results" / "reader_speed.json"
GOLD = Path(__file__).parents[1] / "gold.jsonl"
_INPUTS = ("input_ids", "attention_mask", "token_type_ids")
_PASSAGES = {SMALL: 20, BASE: 4}
"""Passages that each model reads for a question."""


def integer_rate() -> float:
    """Return the operations a second of a product of 8-bit integers, on one thread."""
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

    size = 1024
    weights = np.random.default_rng(0).integers(-127, 128, (size, size), np.int8)
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", ["codes", "weights"], ["sums"])],
        "product",
        [helper.make_tensor_value_info("codes", TensorProto.UINT8, [size, size])],
        [helper.make_tensor_value_info("sums", TensorProto.INT32, [size, size])],
        [numpy_helper.from_array(weights, "weights")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    rates = []
    product = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    codes = np.full((size, size), 3, np.uint8)
    for _ in range(30):
        start = time.process_time()
        product.run(None, {"codes": codes})
        rates.append(2 * size**3 / (time.process_time() - start))
    return max(rates)


def windows_of(index: str, count: int) -> dict[str, list[list[Window]]]:
    """Return the windows of each question by model, of the passages that a search finds first."""
    found: dict[str, list[list[Window]]] = {SMALL: [], BASE: []}
    checksums = json.loads((FOLDER / FITTED).read_text("utf-8"))["checksums"]
    cut = OnnxModel("small", FOLDER, SMALL, checksums).windows.cut
    with Assistant.open(index) as assistant:
        for line in GOLD.read_text("utf-8").splitlines()[:count]:
            question = json.loads(line)["question"]
            hits = assistant.passages(question, k=_PASSAGES[SMALL])
            for name, windows in found.items():
                some = [
                    cut(question, hit.chunk.text, hit.chunk.context if name == BASE else "")
                    for hit in hits[: _PASSAGES[name]]
                ]
                windows.append([window for of_chunk in some for window in of_chunk])
    return found


def compared(name: str, windows: list[list[Window]], rate: float) -> dict[str, Any]:
    """Return processor milliseconds a question of one model, and how far scores differ."""
    weights = FOLDER / name
    given = IntegerGraph.read(graph_path(weights))
    models = {
        "integer products": session(graph_path(weights), threads=1, tensors=given.tensors(weights)),
        "products of the file": session(weights, threads=1),
    }
    spent, scores = dict.fromkeys(models, 0.0), defaultdict[str, list[Any]](list)
    for window in (one for some in windows for one in some):
        inputs = dict(zip(_INPUTS, padded([window]), strict=True))
        for how, model in models.items():
            wanted = {entry.name: inputs[entry.name] for entry in model.get_inputs()}
            start = time.process_time()
            scores[how].append(model.run(["starts"], wanted)[0].ravel())
            spent[how] += time.process_time() - start
    pieces = sum(len(window.ids) for some in windows for window in some)
    work = 2 * pieces * sum(matrix.inputs * matrix.outputs for matrix in given.matrices)
    fast, slow = (np.concatenate(scores[how]) for how in models)
    return {
        "word_pieces": round(pieces / len(windows)),
        **{f"{how}, ms": round(1000 * took / len(windows), 1) for how, took in spent.items()},
        "limit, ms": round(1000 * work / rate / len(windows), 1),
        "share of the limit": round(work / rate / spent["integer products"], 2),
        "difference of scores": round(float(np.sqrt(np.mean((fast - slow) ** 2))), 3),
        "spread of scores": round(float(np.std(slow)), 2),
    }


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--index", default="index", help="an index of corpus/")
    parser.add_argument("--questions", type=int, default=20)
    options = parser.parse_args()
    rate = integer_rate()
    figures: dict[str, Any] = {"billion_integer_operations_per_second": round(rate / 1e9)}
    for name, windows in windows_of(options.index, options.questions).items():
        figures[name] = compared(name, windows, rate)
    print(json.dumps(figures, indent=1))
    RESULT.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
