"""Batch evaluation: gold questions in, figures out."""

from aiqa.evaluation.dataset import EvalDataset, EvalExample, Evidence
from aiqa.evaluation.loaders import load_dataset
from aiqa.evaluation.metrics.summary import Figures
from aiqa.evaluation.runner import evaluate
from aiqa.evaluation.scoring import Row
from aiqa.evaluation.systems import open_system

__all__ = [
    "EvalDataset",
    "EvalExample",
    "Evidence",
    "Figures",
    "Row",
    "evaluate",
    "load_dataset",
    "open_system",
]
