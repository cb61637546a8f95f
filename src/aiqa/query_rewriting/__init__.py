"""Rewrites follow-up questions so that they stand alone."""

from aiqa.query_rewriting.rewriter import QueryRewriter

__all__ = ["QueryRewriter"]
