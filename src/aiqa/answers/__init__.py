"""Spans to answers: calibrate, cite or abstain."""
