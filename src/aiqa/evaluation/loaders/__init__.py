"""Evaluation datasets in the formats that they come in."""

from aiqa.evaluation.loaders.registry import DatasetFormat, load_dataset

__all__ = ["DatasetFormat", "load_dataset"]
