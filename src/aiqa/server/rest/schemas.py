"""What the REST interface takes and gives, as ``/api/v1/openapi.json`` describes it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from aiqa.answers.citation_check import State as QuoteState
from aiqa.server.call_schemas import (
    NUMBER,
    EarlierTurn,
    QuestionText,
    SearchFilters,
)
from aiqa.server.calls import MOST_HITS, MOST_TURNS
from aiqa.server.upload import TextUpload
from aiqa.server.uploaded_file import State as UploadState
from aiqa.types import AnswerKind, Cause, Format, Outcome

DOCUMENT_ID = r"^[0-9a-f]{64}$"
MOST_QUOTES = 200
_MOST_OFFSET = 2**53

DocumentId = Annotated[str, StringConstraints(pattern=DOCUMENT_ID)]
Number = Annotated[float, NUMBER]
Whole = Annotated[int, NUMBER]
Offset = Annotated[int, Field(ge=0, le=_MOST_OFFSET), NUMBER]


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AskBody(_Body):
    """A question."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"question": "What is the price of SenseRobot?"},
                {
                    "question": "Who makes it?",
                    "history": [
                        {
                            "question": "What is the price of SenseRobot?",
                            "answer": "800 US dollars",
                            "titles": ["Robots"],
                        }
                    ],
                    "filters": {"formats": ["html"]},
                    "max_risk": 0.05,
                },
            ]
        },
    )

    question: QuestionText
    history: list[EarlierTurn] = Field(
        default=[],
        max_length=MOST_TURNS,
        description="`turn` of the earlier answers of the conversation, oldest first.",
    )
    filters: SearchFilters = SearchFilters()
    min_confidence: Annotated[float, Field(ge=0, le=1), NUMBER] | None = Field(
        default=None,
        description="No answer below this probability of being right; else the server's setting.",
    )
    max_risk: Annotated[float, Field(gt=0, lt=1), NUMBER] | None = Field(
        default=None,
        description="Only answers of which at most this share is wrong; before `min_confidence`.",
    )


class SearchBody(_Body):
    """What to look for."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={"examples": [{"question": "price of SenseRobot", "k": 3}]},
    )

    question: QuestionText
    k: Annotated[int, Field(ge=1, le=MOST_HITS), NUMBER] = Field(
        default=10, description="How many passages."
    )
    history: list[EarlierTurn] = Field(default=[], max_length=MOST_TURNS)
    filters: SearchFilters = SearchFilters()


class QuotedPlace(BaseModel):
    """Where a quote stands: it is its document's text from `start` to `end`."""

    document_id: str
    source: str
    title: str
    page: Whole | None
    section: str
    start: Whole
    end: Whole
    quote: str
    sentence_start: Whole
    sentence_end: Whole
    sentence: str
    place: str = ""


class QuotedStatement(BaseModel):
    """Words that answer, or might, with every place that says them."""

    text: str
    confidence: Number
    citations: list[QuotedPlace]


class QuotedPosition(BaseModel):
    """A value that documents give, with the places that give it."""

    text: str
    citations: list[QuotedPlace]


class GivenAnswer(BaseModel):
    """What came of a question.

    `outcome` is "answered"; or "unsure", where `text` is null and `alternatives` are what may
    answer, each with its probability; or "not found". Every `quote` is its document's text from
    `start` to `end`, counted in Unicode characters.
    """

    question: str = Field(min_length=1, max_length=100_000)
    text: str | None
    outcome: Outcome
    abstained: bool
    conflicts: bool = Field(description="Whether the documents contradict each other.")
    confidence: Number
    kind: AnswerKind
    citations: list[QuotedPlace]
    statements: list[QuotedStatement]
    alternatives: list[QuotedStatement]
    positions: list[QuotedPosition]
    cause: Cause | None
    reason: str | None
    stated: Number | None
    interpreted: str | None = Field(description="The question as its history completes it.")
    timings_ms: dict[str, Number]


class AnswerBody(GivenAnswer):
    """What came of a question, and what to send as part of `history` with the next one."""

    turn: EarlierTurn


class FoundPassage(BaseModel):
    """A passage found: the document's text from `start` to `end`."""

    score: float
    dense: float
    lexical: float | None
    document_id: str
    source: str
    title: str
    page: int | None
    section: str
    start: int
    end: int
    text: str


class FoundPassages(BaseModel):
    """The passages nearest to a question, best first."""

    question: str
    hits: list[FoundPassage]


class DocumentEntry(BaseModel):
    """A document; `document_id` is the SHA-256 of its file."""

    source: str
    document_id: str
    title: str
    format: Format
    collection: str
    day: str


class DocumentList(BaseModel):
    """A part of the documents, in order of their source; `count` are all that match."""

    count: int
    documents: list[DocumentEntry]


class DocumentDetails(BaseModel):
    """A document, all sources it is found at, and what was left out when it was read."""

    document_id: str
    sources: list[str]
    title: str
    format: Format
    characters: int
    pages: int
    language: str | None
    published: str | None
    url: str | None
    omissions: list[str]


class Removal(BaseModel):
    """What was removed. The files of uploads are deleted a minute later."""

    removed: list[str]


class UploadEntry(BaseModel):
    """An uploaded file on its way to being a document.

    `progress` is the share that can be asked already, as far as that is known. `error` says why
    the file, or a part of it, was not read. `documents` are the ids of what came of it.
    """

    id: str
    name: str
    size: int
    state: UploadState
    is_finished: bool
    progress: float | None
    error: str
    source: str
    documents: list[str]


class UploadList(BaseModel):
    """Uploads, in the order they came."""

    uploads: list[UploadEntry]


class TextBody(TextUpload):
    """A text that is to become a document."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [{"title": "Gate", "text": "The gate is blue.", "collection": "yard"}]
        },
    )


class DecisionBody(_Body):
    """What is to become of an upload: cancelled, or what to do about a name that is taken."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", json_schema_extra={"examples": [{"act": "replace"}]}
    )

    act: Literal["cancel", "replace", "both"]


class CorrectPlace(_Body):
    """The right answer: the document's text from `start` to `end`."""

    document_id: DocumentId
    start: Offset
    end: Offset
    quote: str = Field(min_length=1, max_length=10_000)


_EXAMPLE_ID = "8ba2b874b570250719f9a2c10fe1cc2431808b926ebf629186ec6564b3cb95a0"
_EXAMPLE_ANSWER: Any = {
    "question": "Who keeps the lighthouse?",
    "text": None,
    "outcome": "not found",
    "abstained": True,
    "conflicts": False,
    "confidence": 0.03,
    "kind": "abstention",
    "citations": [],
    "statements": [],
    "alternatives": [],
    "positions": [],
    "cause": "not stated",
    "reason": "The documents don't seem to say.",
    "stated": 0.02,
    "interpreted": None,
    "timings_ms": {"total": 51.2},
}


class FeedbackBody(_Body):
    """A verdict on an answer."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"answer": _EXAMPLE_ANSWER, "verdict": "down", "comment": "It is in the log."}
            ]
        },
    )

    answer: GivenAnswer = Field(description="The answer as `/ask` gave it.")
    verdict: Literal["up", "down"]
    correct: CorrectPlace | None = None
    comment: str | None = Field(default=None, max_length=2000)
    history: list[GivenAnswer] = Field(
        default=[], max_length=MOST_TURNS, description="The answers before it, oldest first."
    )
    filters: SearchFilters = SearchFilters()


class KeptFeedback(BaseModel):
    """Feedback as it is kept."""

    id: str
    time: str


class QuoteClaim(_Body):
    """A quote and where it is said to stand; `source` finds it if its document has changed."""

    document_id: DocumentId
    start: Offset
    quote: str = Field(min_length=1, max_length=100_000)
    source: str = Field(default="", max_length=4096)


class VerifyBody(_Body):
    """Quotes to check."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"citations": [{"document_id": _EXAMPLE_ID, "start": 387, "quote": "Third Monday"}]}
            ]
        },
    )

    citations: list[QuoteClaim] = Field(min_length=1, max_length=MOST_QUOTES)


class CheckedQuote(BaseModel):
    """What became of a quote.

    `state` is "stands", to the character where it was; "moved", elsewhere in the document of that
    source, at the place that is told; "changed", not in it any more; or "gone", no such document.
    """

    state: QuoteState
    document_id: str
    source: str
    title: str
    start: int
    end: int
    quote: str


class CheckedQuotes(BaseModel):
    """What became of the quotes, in their order."""

    stands: bool = Field(description="Whether all stand to the character.")
    checks: list[CheckedQuote]
