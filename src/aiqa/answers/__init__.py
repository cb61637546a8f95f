"""Answers: confidence, citations, abstention."""
