"""A reader's matrices as integer products take them, made when the reader is loaded.

The file of weights has a scale for each block of a matrix's inputs and 4 or 8 bits for a weight. In
a product of plain integers an output has one scale, so blocks are brought to it: weights have 8
bits then, which is fine enough to tell the 16 values of each block apart. The graph that multiplies
them was written by ``aiqa.training.reader_graph``.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from aiqa.onnx_session import processors, session

LARGEST = 127
"""The largest weight of an output, in units of its scale."""

PROBE = Path(__file__).with_name("model") / "integer-probe.onnx"
"""A graph of one product, by which a processor is tried."""

PROBED = 256
"""Inputs of the probe's product, whose codes and weights are the largest that there are."""

SCALES = ".scales"
"""Suffix of the file with the scales of outputs and the factors of inputs, 32-bit floats."""

Weights = NDArray[np.int8]
Values = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class BlockMatrix:
    """A matrix: its shape, bits and block, and where its numbers begin in their files.

    ``codes`` and ``block_scales`` are in the file of weights. A weight is its code less the middle
    one, times the scale of its block; codes of 4 bits stand two to a byte, the first in its lower
    half. The scales of outputs are at ``scales`` in their file, followed by the factors of inputs.
    """

    name: str
    outputs: int
    inputs: int
    bits: int
    block: int
    codes: int
    block_scales: int
    scales: int

    def fill(self, out: Weights, data: NDArray[np.uint8], scales: NDArray[np.uint8]) -> None:
        """Fill ``out`` with the weights as the graph takes them, ``(inputs, outputs)``.

        ``data`` are the bytes of the file of weights, ``scales`` those of the file of scales.
        """
        given = np.frombuffer(scales[self.scales :], np.float32, self.outputs + self.inputs)
        whole, factors = np.split(given, [self.outputs])
        # The whole matrix in each step: between steps, threads wait for the interpreter.
        values = factors.reshape(-1, self.block, 1) * (self._scales(data) / whole)
        values *= self._codes(data)
        out[:] = np.rint(values, out=values).reshape(out.shape)

    def floats(self, data: NDArray[np.uint8]) -> Values:
        """Return the weights that the file stands for, ``(inputs, outputs)``."""
        values: Values = self._codes(data) * self._scales(data)
        return values.reshape(self.inputs, self.outputs)

    def _codes(self, data: NDArray[np.uint8]) -> Weights:
        """Return the codes less the middle one, ``(blocks, inputs of a block, outputs)``."""
        in_a_byte, middle = 8 // self.bits, 1 << (self.bits - 1)
        packed = self._by_input(data[self.codes :], np.uint8, self.inputs // in_a_byte)
        codes = np.empty((self.inputs, self.outputs), np.uint8)
        for place in range(in_a_byte):
            some = codes[place::in_a_byte]
            np.right_shift(packed, place * self.bits, out=some)
            some &= (1 << self.bits) - 1
        codes -= middle
        return codes.view(np.int8).reshape(-1, self.block, self.outputs)

    def _scales(self, data: NDArray[np.uint8]) -> Values:
        """Return the scales of the blocks, ``(blocks, 1, outputs)``."""
        blocks = self.inputs // self.block
        return self._by_input(data[self.block_scales :], np.float32, blocks)[:, np.newaxis]

    def _by_input(self, data: NDArray[np.uint8], kind: type[Any], rows: int) -> NDArray[Any]:
        """Return what ``data`` begins with, by outputs, as ``(rows, outputs)``."""
        size = rows * self.outputs * np.dtype(kind).itemsize
        return np.ascontiguousarray(data[:size].view(kind).reshape(self.outputs, rows).T)


@dataclass(frozen=True, slots=True)
class IntegerGraph:
    """What a graph of integer products needs of the file of weights."""

    matrices: tuple[BlockMatrix, ...]

    @classmethod
    def read(cls, graph: Path) -> Self:
        """Read what ``write`` wrote."""
        data: dict[str, Any] = json.loads(graph.with_suffix(".json").read_text("utf-8"))
        return cls(tuple(BlockMatrix(**entry) for entry in data["matrices"]))

    def write(self, graph: Path) -> None:
        """Write it beside ``graph``, as JSON."""
        text = json.dumps(asdict(self), indent=1)
        graph.with_suffix(".json").write_text(text + "\n", "utf-8")

    def tensors(self, weights: Path) -> dict[str, Weights]:
        """Return the graph's matrices by name, made of the file ``weights``."""
        data = np.memmap(weights, np.uint8, "r")
        scales = np.fromfile(graph_path(weights).with_suffix(SCALES), np.uint8)
        made = self._empty()
        with ThreadPoolExecutor(processors()) as threads:
            list(threads.map(lambda one: one.fill(made[one.name], data, scales), self.matrices))
        return made

    def _empty(self) -> dict[str, Weights]:
        """Return room for each matrix, in one piece, which goes back to the system as a whole."""
        ends = np.cumsum([one.inputs * one.outputs for one in self.matrices])
        rooms = np.split(np.empty(ends[-1], np.int8), ends[:-1])
        return {
            one.name: room.reshape(one.inputs, one.outputs)
            for one, room in zip(self.matrices, rooms, strict=True)
        }


@cache
def is_exact() -> bool:
    """Return whether this processor multiplies 8-bit integers exactly, by the graph ``PROBE``.

    Without the instructions for such products (VNNI), x86 processors add pairs of them in 16 bits,
    which may saturate (ONNX Runtime, "Quantize ONNX models": U8S8 on AVX2).
    """
    (row,) = session(PROBE).run(None, {"codes": np.full((1, PROBED), 255, np.uint8)})
    return bool(np.all(row == 255 * LARGEST * PROBED))


def graph_path(weights: Path) -> Path:
    """Return where the graph of integer products of the file ``weights`` is, if it has one."""
    return weights.with_name(f"{weights.stem}-integer.onnx")


def graph_files(weights: Path) -> tuple[Path, ...]:
    """Return where the graph of the file ``weights`` is and what it is loaded with."""
    graph = graph_path(weights)
    return graph, graph.with_suffix(".json"), graph.with_suffix(SCALES)
