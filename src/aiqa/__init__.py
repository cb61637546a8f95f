"""aiqa answers questions from your documents in the documents' own words, and shows where."""

from aiqa.assistant import Assistant
from aiqa.config import Settings
from aiqa.errors import AiqaError
from aiqa.types import Answer, ChatTurn, Citation, Filters, IngestReport, ScoredChunk

Exchange = ChatTurn
"""The former name of ``ChatTurn``."""

__all__ = [
    "AiqaError",
    "Answer",
    "Assistant",
    "ChatTurn",
    "Citation",
    "Exchange",
    "Filters",
    "IngestReport",
    "ScoredChunk",
    "Settings",
]
