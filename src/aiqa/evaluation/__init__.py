"""Batch evaluation: gold questions in, figures out."""

from aiqa.evaluation.figures import Figures
from aiqa.evaluation.formats import read_gold
from aiqa.evaluation.gold import Evidence, GoldSet, Question
from aiqa.evaluation.judging import Row
from aiqa.evaluation.modes import examined
from aiqa.evaluation.run import evaluate

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
