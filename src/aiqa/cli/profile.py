"""Where the time of `aiqa ask --profile` goes, from the first import to the answer."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Self

from aiqa import IMPORTED
from aiqa.assistant import Assistant
from aiqa.types import Answer

_STAGES = {
    "import": "aiqa and the command line",
    "open index": "catalog, FAISS and tantivy",
    "load embedder": "ONNX Runtime, weights and tokenizer",
    "load reader": "the small and the base model",
    "interpretation": "a follow-up is completed",
    "retrieval": "the question is embedded and searched",
    "reading": "the models read the passages",
    "answering": "confidence, citations and the decision",
}


@dataclass
class Profile:
    """Milliseconds by stage, in order; models are loaded one after another to be told apart."""

    stages: dict[str, float] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)
    """What was not read because of ``Settings.deadline_ms``."""

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure a stage."""
        start = time.perf_counter()
        yield
        self.stages[name] = round((time.perf_counter() - start) * 1000, 2)

    @classmethod
    def of_loading(cls, assistant: Assistant) -> Self:
        """Measure how long importing took, and load what a question needs."""
        profile = cls({"import": round((time.perf_counter() - IMPORTED) * 1000, 2)})
        with profile.stage("open index"):
            assistant.store.index.snapshot()
        with profile.stage("load embedder"):
            assistant.embedder.encode([""])
        with profile.stage("load reader"):
            assistant.reader  # noqa: B018
        return profile

    def add(self, answer: Answer) -> None:
        """Add the stages of the answer, and what was not read for it."""
        self.stages |= {name: ms for name, ms in answer.timings_ms.items() if name in _STAGES}
        self.left_out = dict(answer.unread)

    def as_dict(self) -> dict[str, Any]:
        """Return the stages, their total and the peak of memory, for JSON."""
        return {
            "stages_ms": self.stages,
            "left_out": self.left_out,
            "total_ms": round(sum(self.stages.values()), 2),
            "peak_mib": round(_peak_mib()),
        }

    def lines(self) -> list[str]:
        """Return the stages for people, with their shares."""
        total = sum(self.stages.values())
        lines = [
            f"{ms:8.0f} ms  {ms / total:4.0%}  {name}: {_STAGES[name]}"
            for name, ms in self.stages.items()
        ]
        lines += [
            f"{count:8}     {name}, to answer in time" for name, count in self.left_out.items()
        ]
        return [*lines, f"{total:8.0f} ms  in all; at most {_peak_mib():.0f} MiB of memory"]


def _peak_mib() -> float:
    """Return the most memory that this process has held."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 2**20 if sys.platform == "darwin" else most / 2**10
