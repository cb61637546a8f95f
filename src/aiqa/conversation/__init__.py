"""Conversation: follow-up questions made complete with what was said before."""

from aiqa.conversation.exchange import Exchange
from aiqa.conversation.interpreter import Interpreter

__all__ = ["Exchange", "Interpreter"]
