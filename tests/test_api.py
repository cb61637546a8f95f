"""The public names, the cost of importing them, and the import rules between modules."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

HEAVY = {
    "docx", "faiss", "gradio", "ir_measures", "lance", "lxml", "matplotlib", "onnx", "onnxruntime",
    "pandas", "pg8000", "pyarrow", "pypdfium2", "ray", "scipy",
    "sentence_transformers", "sentencex", "sklearn", "tantivy", "tiktoken", "torch",
    "transformers",
}  # fmt: skip

SOURCE = ROOT / "src" / "aiqa"

LAYERS = {
    "types": {"errors"},
    "errors": set(),
    "validation_errors": set(),
    "config": {"errors", "validation_errors"},
    "batches": set(),
    "checksums": set(),
    "onnx_session": set(),
    "shared_property": set(),
    "text": {"errors", "types"},
    "regular_file": {"errors"},
    "documents": {"checksums", "errors", "types"},
    "documents.image": {"documents", "documents.ocr", "documents.pdf", "errors"},
    "documents.ocr": {"documents", "documents.pdf", "errors"},
    "documents.pdf": {"documents", "documents.ocr", "errors", "types"},
    "documents.sandbox.worker": {"checksums", "documents", "documents.pdf", "errors", "types"},
    "documents.sandbox.confinement": set(),
    "documents.sandbox.__main__": {"documents.sandbox.confinement", "documents.sandbox.worker"},
    "documents.sandbox.pool": {"documents.sandbox.confinement", "errors", "regular_file", "types"},
    "documents.sandbox.page_images": {"documents.sandbox.pool", "errors", "storage"},
    "embedders": {"checksums", "errors", "onnx_session", "shared_property"},
    "private_file": set(),
    "index": {
        "checksums",
        "embedders",
        "errors",
        "feedback",
        "private_file",
        "shared_property",
        "storage",
        "text",
        "types",
    },
    "storage": {"embedders", "feedback", "types"},
    "cluster": {
        "batches",
        "checksums",
        "cluster.work_queue",
        "embedders",
        "errors",
        "feedback",
        "index",
        "index_move",
        "regular_file",
        "shared_property",
        "storage",
        "text",
        "types",
    },
    "cluster.work_queue": {"errors", "ingestion.change_detection", "ingestion.report", "types"},
    "cluster.worker": {
        "cluster",
        "cluster.work_queue",
        "documents.sandbox.pool",
        "errors",
        "ingestion.batch_writer",
        "ingestion.file_recorder",
        "ingestion.report",
        "storage",
        "types",
    },
    "cluster.ingestion": {
        "cluster",
        "cluster.work_queue",
        "errors",
        "ingestion.change_detection",
        "ingestion.pipeline",
        "types",
    },
    "cluster.worker_process": {
        "cluster.indexer",
        "cluster.ingestion",
        "documents.sandbox.confinement",
        "embedders",
        "errors",
    },
    "cluster.ray_workers": {
        "cluster",
        "cluster.indexer",
        "cluster.ingestion",
        "cluster.worker_process",
        "embedders",
        "errors",
    },
    "cluster.indexer": {
        "cluster",
        "cluster.ingestion",
        "cluster.ray_workers",
        "cluster.work_queue",
        "cluster.worker",
        "cluster.worker_process",
        "config",
        "document_store",
        "embedders",
        "errors",
        "ingestion.batch_writer",
        "ingestion.indexer",
        "ingestion.pipeline",
        "storage.opening",
        "storage",
    },
    "storage.opening": {"cluster", "errors", "index", "storage"},
    "retrieval": {"embedders", "errors", "storage", "types"},
    "answers.calibration": {"types"},
    "answers.values": {"text", "types"},
    "answers.same_question": {"answers.values", "text", "types"},
    "answers.builder": {
        "answers.calibration",
        "answers.comparison",
        "answers.conflicts",
        "answers.estimates",
        "answers.neighbours",
        "answers.period",
        "text",
        "types",
    },
    "answers.comparison": {"text", "types"},
    "answers.neighbours": {"types"},
    "answers.citation_check": {"types"},
    "answers.estimates": {"answers.conflicts", "answers.values"},
    "answers.period": {"types"},
    "answers.conflicts": {"answers.same_question", "answers.values", "text", "types"},
    "reader": {
        "answers.calibration",
        "answers.values",
        "checksums",
        "embedders",
        "errors",
        "onnx_session",
        "text",
        "types",
    },
    "query_rewriting": {"embedders", "text", "types"},
    "ingestion.block_context": {"text", "types"},
    "ingestion.chunker": {"errors", "ingestion.block_context", "text", "types"},
    "ingestion.file_discovery": {"documents", "errors"},
    "ingestion.change_detection": {
        "batches",
        "checksums",
        "documents",
        "ingestion.file_discovery",
        "storage",
        "types",
    },
    "ingestion.report": {
        "batches",
        "documents",
        "errors",
        "ingestion.change_detection",
        "ingestion.file_discovery",
        "storage",
        "types",
    },
    "ingestion.batch_writer": {"documents", "embedders", "ingestion.chunker", "storage", "types"},
    "ingestion.file_recorder": {
        "batches",
        "documents",
        "documents.sandbox.pool",
        "ingestion.batch_writer",
        "ingestion.change_detection",
        "ingestion.file_discovery",
        "ingestion.report",
        "storage",
        "types",
    },
    "ingestion.pipeline": {
        "documents.sandbox.pool",
        "embedders",
        "ingestion.batch_writer",
        "ingestion.change_detection",
        "ingestion.chunker",
        "ingestion.file_discovery",
        "ingestion.file_recorder",
        "ingestion.report",
        "storage",
        "types",
    },
    "feedback": {"errors", "types", "validation_errors"},
    "serialization": {"errors", "types"},
    "original_files": {"errors", "regular_file", "storage"},
    "document_store": {
        "config",
        "documents.pdf",
        "documents.sandbox.page_images",
        "documents.sandbox.pool",
        "errors",
        "feedback",
        "original_files",
        "serialization",
        "storage",
        "storage.opening",
        "types",
    },
    "index_move": {"batches", "documents", "embedders", "errors", "feedback", "storage", "types"},
    "calibrated_reader": {
        "answers.builder",
        "answers.calibration",
        "config",
        "document_store",
        "embedders",
        "errors",
        "reader",
        "types",
    },
    "receipts": {
        "checksums",
        "config",
        "document_store",
        "documents.sandbox.pool",
        "embedders",
        "errors",
        "index",
        "ingestion.file_discovery",
        "private_file",
        "reader",
        "serialization",
        "storage",
        "types",
    },
    "question_answering": {
        "answers.builder",
        "calibrated_reader",
        "config",
        "document_store",
        "embedders",
        "errors",
        "ingestion.chunker",
        "query_rewriting",
        "reader",
        "receipts",
        "retrieval",
        "shared_property",
        "storage.opening",
        "types",
    },
    "ingestion.indexer": {
        "document_store",
        "documents.sandbox.pool",
        "embedders",
        "ingestion.chunker",
        "ingestion.file_discovery",
        "ingestion.pipeline",
        "ingestion.report",
        "storage",
        "types",
    },
}
"""What each part of the core may import from aiqa, itself aside; data flows one way."""

ADAPTERS = {
    "drafting": set(),
    "evaluation": {"drafting"},
    "standing": set(),
    "integrations": set(),
    "client": set(),
    "server": {"drafting", "evaluation", "standing"},
    "training": {"evaluation"},
    "cli": {"evaluation", "server", "standing", "training"},
}
"""What stands around the core, and which of its neighbours each may import."""


ENTRY_POINTS = {
    "AiqaAnswerer": "each module of integrations/ is for the users of one framework",
    "AiqaRetriever": "each module of integrations/ is for the users of one framework",
    "load": "each module of documents/ loads one format, training/model a model",
    "main": "cli/main, documents/sandbox/worker and receipts/checker are processes",
    "picture": "documents/image and documents/pdf/render draw the pages of their format",
    "read": "each module of evaluation/loaders/ reads one format",
}
"""Functions that several modules have because something calls any of them, and why."""


def module_of(name: str) -> str:
    """The dotted path under aiqa of the module or package that ``name`` is, or is defined in."""
    path = name.split(".")[1:]
    while path:
        place = SOURCE.joinpath(*path)
        if place.is_dir() or place.with_suffix(".py").is_file():
            break
        path.pop()
    return ".".join(path)


def imported(file: Path) -> set[str]:
    """The modules of aiqa that ``file`` imports anywhere, by their dotted path under aiqa."""
    names = []
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names += [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
    return {module_of(name) for name in names if name.split(".")[0] == "aiqa"}


def layer_of(module: str) -> str:
    """The longest key of ``LAYERS`` that ``module`` is or lies in; empty if there is none."""
    keys = [key for key in LAYERS if f"{module}.".startswith(f"{key}.")]
    return max(keys, key=len, default="")


def modules() -> dict[str, Path]:
    """Every module of aiqa by its dotted path under aiqa; a package is its ``__init__``."""
    return {
        ".".join(file.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__"): file
        for file in sorted(SOURCE.rglob("*.py"))
    }


def test_importing_aiqa_loads_nothing_heavy() -> None:
    assert not HEAVY & modules_after("import aiqa.cli\nfrom aiqa import *")


def test_asking_loads_only_what_answers(index: Path) -> None:
    arguments = ["aiqa", "ask", "Who kept the lighthouse?", "--index", str(index), "--json"]
    loaded = modules_after(
        f"from aiqa.cli import main\nsys.argv = {arguments}\n"
        "try: main()\nexcept SystemExit as end: assert not end.code"
    )
    assert {"faiss", "onnxruntime", "tantivy", "tokenizers"} <= loaded
    needless = {
        "asyncio", "gradio", "lance", "lxml", "matplotlib", "onnx", "pg8000", "pydantic_settings",
        "pypdfium2", "ray", "safetensors", "scipy", "sentence_transformers", "sklearn", "tiktoken",
        "torch", "transformers",
    }  # fmt: skip
    assert not needless & loaded


def modules_after(statement: str) -> set[str]:
    """The packages that a fresh process has loaded after ``statement``."""
    code = f"import sys\n{statement}\nprint(' '.join({{m.split('.')[0] for m in sys.modules}}))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(out.stdout.split())


@pytest.mark.parametrize("layer", LAYERS)
def test_layers_import_only_what_comes_before_them(layer: str) -> None:
    files = {name: file for name, file in modules().items() if layer_of(name) == layer}
    assert files
    for name, file in files.items():
        used = {layer_of(module) or module for module in imported(file)} - {layer}
        assert used <= LAYERS[layer], f"{name} imports {used - LAYERS[layer]}"


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_adapters_import_no_other_adapter_but_the_ones_named(adapter: str) -> None:
    for name, file in modules().items():
        if name.split(".")[0] == adapter:
            used = {module.split(".")[0] for module in imported(file)} & ADAPTERS.keys()
            assert used - {adapter} <= ADAPTERS[adapter], f"{name} imports {used}"


def test_every_module_is_in_a_layer_or_an_adapter() -> None:
    on_top = {"__init__", "__main__", "assistant"}
    packages = {"answers", "documents.sandbox", "ingestion"}
    for name, file in modules().items():
        if layer_of(name) or name in on_top or name.split(".")[0] in ADAPTERS:
            continue
        assert name in packages, f"{name} is in no layer"
        assert not imported(file), f"{name} imports, though its modules are in several layers"


def test_no_public_class_or_function_has_the_name_of_another() -> None:
    places: dict[str, list[str]] = {}
    for module, file in modules().items():
        for node in ast.parse(file.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                places.setdefault(node.name, []).append(module)
    twice = {
        name: where
        for name, where in places.items()
        if len(where) > 1 and not name.startswith("_") and name not in ENTRY_POINTS
    }
    assert not twice
