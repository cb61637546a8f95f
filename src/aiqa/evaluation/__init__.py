"""Batch evaluation: gold questions in, figures out."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aiqa.evaluation.dataset import EvalDataset, EvalExample, Evidence
    from aiqa.evaluation.external_answers import CitedPlace, SystemAnswer
    from aiqa.evaluation.external_systems import SourceText
    from aiqa.evaluation.loaders import load_dataset
    from aiqa.evaluation.metrics.summary import Figures
    from aiqa.evaluation.runner import evaluate
    from aiqa.evaluation.scoring import Row
    from aiqa.evaluation.systems import open_system

__all__ = [
    "CitedPlace",
    "EvalDataset",
    "EvalExample",
    "Evidence",
    "Figures",
    "Row",
    "SourceText",
    "SystemAnswer",
    "evaluate",
    "load_dataset",
    "open_system",
]

_MODULES = {
    "CitedPlace": "external_answers",
    "EvalDataset": "dataset",
    "EvalExample": "dataset",
    "Evidence": "dataset",
    "Figures": "metrics.summary",
    "Row": "scoring",
    "SourceText": "external_systems",
    "SystemAnswer": "external_answers",
    "evaluate": "runner",
    "load_dataset": "loaders",
    "open_system": "systems",
}


def __getattr__(name: str) -> Any:
    """Import the module of a name when it is first used."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
