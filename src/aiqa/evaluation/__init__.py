"""Batch evaluation: gold questions in, figures out."""

from aiqa.evaluation.calibrating import Recalibration, calibrate
from aiqa.evaluation.gold import Evidence, Question, read_gold
from aiqa.evaluation.report import Report
from aiqa.evaluation.run import Row, evaluate

__all__ = [
    "Evidence",
    "Question",
    "Recalibration",
    "Report",
    "Row",
    "calibrate",
    "evaluate",
    "read_gold",
]
