"""ONNX Runtime sessions on this machine's processors."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from numpy.typing import NDArray

T = TypeVar("T")
R = TypeVar("R")

_MOST_RUNS = 4
"""Most runs at a time: the base model seldom reads more windows for a question."""


def processors() -> int:
    """Return OMP_NUM_THREADS, or the number of processors."""
    return int(os.environ.get("OMP_NUM_THREADS", "0")) or os.cpu_count() or 1


def at_once(run: Callable[[T], R], values: Iterable[T]) -> list[R]:
    """Return ``run`` of each value, in order; all callers of this process share its threads.

    On up to four processors each run has one thread, so that none waits for another's.
    """
    return list(_runs(min(processors(), _MOST_RUNS)).map(run, values))


@cache
def _runs(count: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(count, thread_name_prefix="reader")


def session(
    model: Path,
    *,
    weights: Path | None = None,
    threads: int | None = None,
    tensors: Mapping[str, NDArray[Any]] | None = None,
) -> Any:
    """Return a session of the ONNX file ``model``.

    Args:
        model: the file.
        weights: the folder of its external data, if that is not beside it.
        threads: how many threads share one run; by default one where ``at_once`` keeps all
            processors busy with runs, otherwise as many as there are processors.
        tensors: values of the model's external data that are in no file, by name.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    count = processors()
    options.intra_op_num_threads = threads or (1 if count <= _MOST_RUNS else count)
    options.inter_op_num_threads = 1
    # Threads that spin between two runs would slow other sessions down.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    if tensors:
        values = [onnxruntime.OrtValue.ortvalue_from_numpy(value) for value in tensors.values()]
        options.add_external_initializers(list(tensors), values)
    source: bytes | Path = model
    if weights:
        options.add_session_config_entry(
            "session.model_external_initializers_file_folder_path", str(weights)
        )
        source = model.read_bytes()
    return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
