"""Query rewriting: follow-up questions made self-contained."""

from aiqa.query_rewriting.rewriter import QueryRewriter

__all__ = ["QueryRewriter"]
