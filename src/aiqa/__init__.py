"""aiqa answers questions from your documents in the documents' own words, and shows where."""

import time
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aiqa.answers.calibration import Calibration
    from aiqa.assistant import Assistant
    from aiqa.config import Settings
    from aiqa.document_store import DocumentStore
    from aiqa.embedders import Embedder
    from aiqa.errors import AiqaError
    from aiqa.feedback import Feedback, Verdict
    from aiqa.original_files import Original
    from aiqa.reader import Reader
    from aiqa.receipts.checker import Check
    from aiqa.receipts.receipt import Receipt
    from aiqa.receipts.verification import QuoteStanding, Verification
    from aiqa.types import (
        Answer,
        AnswerKind,
        Block,
        BlockKind,
        Box,
        Cause,
        Cell,
        Change,
        ChatTurn,
        Chunk,
        Citation,
        Document,
        Failure,
        Filters,
        Format,
        Heading,
        Holding,
        IndexCheck,
        IndexStatus,
        IngestReport,
        Omission,
        Page,
        PageLayout,
        PageWord,
        Position,
        Progress,
        Reading,
        RiskLevel,
        ScoredChunk,
        ScoredSpan,
        Span,
        Statement,
    )
    from aiqa.types import ChatTurn as Exchange  # the former name of ChatTurn

IMPORTED = time.perf_counter()
"""When aiqa was imported, for `aiqa ask --profile`."""

__all__ = [
    "AiqaError",
    "Answer",
    "AnswerKind",
    "Assistant",
    "Block",
    "BlockKind",
    "Box",
    "Calibration",
    "Cause",
    "Cell",
    "Change",
    "ChatTurn",
    "Check",
    "Chunk",
    "Citation",
    "Document",
    "DocumentStore",
    "Embedder",
    "Exchange",
    "Failure",
    "Feedback",
    "Filters",
    "Format",
    "Heading",
    "Holding",
    "IndexCheck",
    "IndexStatus",
    "IngestReport",
    "Omission",
    "Original",
    "Page",
    "PageLayout",
    "PageWord",
    "Position",
    "Progress",
    "QuoteStanding",
    "Reader",
    "Reading",
    "Receipt",
    "RiskLevel",
    "ScoredChunk",
    "ScoredSpan",
    "Settings",
    "Span",
    "Statement",
    "Verdict",
    "Verification",
]

_MODULES = {
    "Assistant": "assistant",
    "Calibration": "answers.calibration",
    "Check": "receipts.checker",
    "DocumentStore": "document_store",
    "Embedder": "embedders",
    "AiqaError": "errors",
    "Feedback": "feedback",
    "Original": "original_files",
    "QuoteStanding": "receipts.verification",
    "Reader": "reader",
    "Receipt": "receipts.receipt",
    "Settings": "config",
    "Verdict": "feedback",
    "Verification": "receipts.verification",
}
"""Where names come from that are not in ``types``."""

_FORMER = {"Exchange": "ChatTurn"}


def __getattr__(name: str) -> Any:
    """Import the module of a name when it is first used: the library starts in no time."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = import_module(f"{__name__}.{_MODULES.get(name, 'types')}")
    return getattr(module, _FORMER.get(name, name))


def __dir__() -> list[str]:
    return __all__
