"""Evaluation datasets in the formats that they come in."""

from aiqa.evaluation.loaders.registry import GoldFormat, read_gold

__all__ = ["GoldFormat", "read_gold"]
