"""ONNX Runtime sessions on this machine's processors."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any


def processors() -> int:
    """Return OMP_NUM_THREADS, or the number of processors."""
    return int(os.environ.get("OMP_NUM_THREADS", "0")) or os.cpu_count() or 1


def session(model: Path, *, weights: Path | None = None, threads: int | None = None) -> Any:
    """Return a session of the ONNX file ``model``.

    Args:
        model: the file.
        weights: the folder of its external data, if that is not beside it.
        threads: how many threads share one run; by default as many as there are processors.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or processors()
    options.inter_op_num_threads = 1
    # Threads that spin between two runs would slow other sessions down.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    source: bytes | Path = model
    if weights:
        options.add_session_config_entry(
            "session.model_external_initializers_file_folder_path", str(weights)
        )
        source = model.read_bytes()
    return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
