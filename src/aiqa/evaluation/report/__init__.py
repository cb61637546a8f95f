"""The report of a run: one HTML file that needs nothing else."""

from aiqa.evaluation.report.html import write_report

__all__ = ["write_report"]
