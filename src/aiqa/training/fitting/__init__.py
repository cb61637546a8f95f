"""Fits what weighs a reader's features: chunk and span ranking, confidence and thresholds."""
