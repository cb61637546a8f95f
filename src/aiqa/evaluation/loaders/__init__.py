"""Loaders of evaluation datasets."""

from aiqa.evaluation.loaders.registry import DatasetFormat, load_dataset

__all__ = ["DatasetFormat", "load_dataset"]
