"""aiqa answers questions from your documents in the documents' own words, and shows where."""

from aiqa.answers.calibration import Calibration
from aiqa.assistant import Assistant
from aiqa.config import Settings
from aiqa.document_store import DocumentStore
from aiqa.embedders import Embedder
from aiqa.errors import AiqaError
from aiqa.feedback import Feedback, Verdict
from aiqa.ingestion.pipeline import Progress
from aiqa.original_files import Original
from aiqa.reader import Reader
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
    Position,
    Reading,
    RiskLevel,
    ScoredChunk,
    ScoredSpan,
    Span,
    Statement,
)

Exchange = ChatTurn
"""The former name of ``ChatTurn``."""

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
    "Position",
    "Progress",
    "Reader",
    "Reading",
    "RiskLevel",
    "ScoredChunk",
    "ScoredSpan",
    "Settings",
    "Span",
    "Statement",
    "Verdict",
]
