"""The values that every other module passes along, all of them frozen.

All offsets are half-open character positions in a document's canonical text, so that
``document.text[start:end]`` is the exact text meant, always.
"""

from aiqa.types.answers import (
    Answer,
    AnswerKind,
    Cause,
    ChatTurn,
    Citation,
    Outcome,
    Position,
    RiskLevel,
    Statement,
)
from aiqa.types.blocks import Block, BlockKind, Cell
from aiqa.types.chunks import Chunk, Filters, Reading, ScoredChunk, ScoredSpan
from aiqa.types.documents import (
    Document,
    Format,
    Heading,
    Page,
    PageLayout,
    heading_path,
    locator,
    unit_of,
)
from aiqa.types.reports import (
    Change,
    Failure,
    Holding,
    IndexCheck,
    IndexStatus,
    IngestReport,
    Omission,
    Progress,
)
from aiqa.types.spans import Box, PageWord, Span

__all__ = [
    "Answer",
    "AnswerKind",
    "Block",
    "BlockKind",
    "Box",
    "Cause",
    "Cell",
    "Change",
    "ChatTurn",
    "Chunk",
    "Citation",
    "Document",
    "Failure",
    "Filters",
    "Format",
    "Heading",
    "Holding",
    "IndexCheck",
    "IndexStatus",
    "IngestReport",
    "Omission",
    "Outcome",
    "Page",
    "PageLayout",
    "PageWord",
    "Position",
    "Progress",
    "Reading",
    "RiskLevel",
    "ScoredChunk",
    "ScoredSpan",
    "Span",
    "Statement",
    "heading_path",
    "locator",
    "unit_of",
]
