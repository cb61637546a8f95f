"""Batch evaluation: gold questions in, figures out."""

from aiqa.evaluation.dataset import Evidence, GoldSet, Question
from aiqa.evaluation.loaders import read_gold
from aiqa.evaluation.metrics.summary import Figures
from aiqa.evaluation.runner import evaluate
from aiqa.evaluation.scoring import Row
from aiqa.evaluation.systems import examined

__all__ = [
    "Evidence",
    "Figures",
    "GoldSet",
    "Question",
    "Row",
    "evaluate",
    "examined",
    "read_gold",
]
