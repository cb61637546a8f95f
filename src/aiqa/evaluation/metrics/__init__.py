"""Metrics of answers, retrieval and confidence, and their aggregation."""
