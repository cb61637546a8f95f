"""Batch evaluation: gold questions in, figures out."""

from aiqa.evaluation.gold import Evidence, Question, read_gold
from aiqa.evaluation.report import Report
from aiqa.evaluation.run import Row, evaluate

__all__ = ["Evidence", "Question", "Report", "Row", "evaluate", "read_gold"]
