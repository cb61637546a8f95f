"""The public face: its names, its weight, and which room may know of which."""

import ast
import subprocess
import sys

import pytest

import aiqa
from tests.conftest import ROOT

HEAVY = {
    "docx", "faiss", "gradio", "ir_measures", "lxml", "matplotlib", "onnx", "onnxruntime",
    "pandas", "pypdfium2", "scipy",
    "sentence_transformers", "sentencex", "sklearn", "tantivy", "tiktoken", "torch",
    "trafilatura", "transformers",
}  # fmt: skip

ROOMS = {
    "types": set(),
    "errors": set(),
    "settings": {"errors"},
    "sentences": {"types"},
    "terms": set(),
    "documents": {"documents", "errors", "types"},
    "chunking": {"errors", "sentences", "types"},
    "fingerprint": set(),
    "calibration": {"types"},
    "embedding": {"errors", "fingerprint"},
    "index": {"embedding", "errors", "index", "terms", "types"},
    "retrieval": {"embedding", "errors", "index", "types"},
    "reading": {
        "calibration",
        "embedding",
        "errors",
        "fingerprint",
        "reading",
        "sentences",
        "terms",
        "types",
    },
    "answering": {"calibration", "sentences", "types"},
    "conversation": {"conversation", "embedding", "terms", "types"},
    "discovery": {"documents", "errors"},
    "parsing": {"errors", "types"},
    "comparison": {"documents", "fingerprint", "index", "types"},
    "filters": {"errors", "types"},
    "originals": {"errors", "index"},
    "feedback": {"errors", "types"},
    "picturing": {"errors", "index", "parsing"},
    "highlighting": {"types"},
    "library": {
        "errors",
        "highlighting",
        "index",
        "originals",
        "parsing",
        "picturing",
        "settings",
        "types",
    },
    "ingestion": {
        "chunking",
        "comparison",
        "discovery",
        "documents",
        "embedding",
        "errors",
        "index",
        "parsing",
        "types",
    },
}
"""What each room of the core may import from aiqa; data flows one way."""


def test_the_public_names() -> None:
    assert aiqa.__all__ == sorted(aiqa.__all__)
    assert set(aiqa.__all__) == {
        "AiqaError",
        "Answer",
        "Assistant",
        "Citation",
        "Exchange",
        "Filters",
        "IngestReport",
        "ScoredChunk",
        "Settings",
    }
    for name in aiqa.__all__:
        assert getattr(aiqa, name).__doc__


def test_importing_aiqa_loads_nothing_heavy() -> None:
    code = "import sys, aiqa, aiqa.cli; print(' '.join({m.split('.')[0] for m in sys.modules}))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not HEAVY & set(out.stdout.split())


@pytest.mark.parametrize("room", ROOMS)
def test_rooms_import_only_what_comes_before_them(room: str) -> None:
    source = ROOT / "src" / "aiqa"
    files = (
        [source / f"{room}.py"]
        if (source / f"{room}.py").exists()
        else (source / room).glob("*.py")
    )
    for file in files:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = []
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module]
                if node.module == "aiqa":
                    names = [f"aiqa.{alias.name}" for alias in node.names]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            used = {name.split(".")[1] for name in names if name.startswith("aiqa.")}
            assert used <= ROOMS[room], f"{file.name} imports {used - ROOMS[room]}"
