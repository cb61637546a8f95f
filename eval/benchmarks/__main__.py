"""Every figure of docs/pages/performance.md, with the machine that gave it.

``python -m eval.benchmarks [--index DIR] [--documents DIR] [--sizes 10000 100000] [--file FILE]``

The benchmarks are run one after another, each by the command that is printed above its figures.
With FILE, rows with a context each as SQuAD's, aiqa is also measured beside Haystack and txtai,
which are installed for it. Search and memory by size are drawn for that page.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from eval.benchmarks import scale

CHART = Path(__file__).parents[2] / "docs" / "pages" / "search-by-size.svg"
_LIBRARIES = ("onnxruntime", "faiss-cpu", "tantivy", "numpy", "gradio")


def machine() -> dict[str, Any]:
    """Return what the figures depend on, beside the code."""
    described = _fields(Path("/proc/cpuinfo"))
    flags = described.get("flags", "").split()
    fast = ("avx2", "avx512f", "avx512_vnni", "avx_vnni", "amx_int8", "asimd")
    return {
        "processor": described.get("model name", platform.processor()),
        "instructions": [flag for flag in fast if flag in flags],
        "cores": os.cpu_count(),
        "memory": _fields(Path("/proc/meminfo")).get("MemTotal", "unknown"),
        "load before": [round(load, 1) for load in os.getloadavg()],
        "system": platform.platform(),
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in _LIBRARIES},
    }


def commands(options: argparse.Namespace) -> Iterator[list[str]]:
    """Yield the modules with their arguments, in order."""
    index = ["--index", str(options.index)]
    yield ["startup", *index]
    yield ["throughput", *index]
    yield ["reader_speed", *index]
    yield ["embedding", "--passages", "128"]
    yield ["ingest", str(options.documents)]
    yield ["scale", "--sizes", *map(str, options.sizes), "--recall"]
    if options.file:
        yield ["peers", str(options.file)]


def draw(figures: dict[str, Any]) -> None:
    """Draw search, opening and memory against the number of passages."""
    from matplotlib.figure import Figure

    sizes = [int(size) for size in figures]
    figure = Figure(figsize=(7, 3), layout="constrained")
    times, memory = figure.subplots(1, 2)
    for name in ("search", "search in a tenth", "open"):
        times.plot(sizes, [found[name]["ms"] for found in figures.values()], "o-", label=name)
    times.set(xscale="log", xlabel="passages", ylabel="milliseconds", ylim=0)
    times.legend()
    memory.plot(sizes, [found["resident_mib"] for found in figures.values()], "o-")
    memory.set(xscale="log", xlabel="passages", ylabel="resident MiB", ylim=0)
    figure.savefig(CHART, metadata={"Date": None})


def _fields(path: Path) -> dict[str, str]:
    """Return the first value of each field of a file of the system; none where there is none."""
    found: dict[str, str] = {}
    for line in path.read_text("utf-8").splitlines() if path.is_file() else []:
        name, _, value = line.partition(":")
        found.setdefault(name.strip(), value.strip())
    return found


def main() -> None:
    """Describe the machine, run everything and draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--index", type=Path, default=Path("index"), help="an index of corpus/")
    parser.add_argument("--documents", type=Path, default=Path("corpus"), help="what to ingest")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--file", type=Path, help="questions for the comparison with others")
    options = parser.parse_args()
    print(json.dumps(machine(), indent=1), flush=True)
    for module, *arguments in commands(options):
        command = ["-m", f"eval.benchmarks.{module}", *arguments]
        print(f"\n$ python {' '.join(command)}", flush=True)
        subprocess.run([sys.executable, *command], check=True)  # noqa: S603
    draw(json.loads(scale.RESULT.read_text("utf-8")))
    print(f"\nSearch and memory by size are drawn in {CHART}.")


if __name__ == "__main__":
    main()
