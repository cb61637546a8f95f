"""The report of a run as a self-contained HTML file."""

from aiqa.evaluation.report.html import write_report

__all__ = ["write_report"]
