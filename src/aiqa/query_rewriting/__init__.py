"""Conversation: follow-up questions made complete with what was said before."""

from aiqa.query_rewriting.exchange import Exchange
from aiqa.query_rewriting.rewriter import Interpreter

__all__ = ["Exchange", "Interpreter"]
