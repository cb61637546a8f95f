"""What the REST interface takes and gives, as ``/api/v1/openapi.json`` describes it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints

from aiqa.answers.citation_check import State as QuoteState
from aiqa.server.call_schemas import (
    NUMBER,
    EarlierTurn,
    QuestionText,
    SearchFilters,
)
from aiqa.server.calls import MOST_HITS, MOST_TURNS
from aiqa.server.rest.examples import ANSWERED, DOCUMENT, NOT_FOUND
from aiqa.types import AnswerKind, Cause, Outcome

DOCUMENT_ID = r"^[0-9a-f]{64}$"
MOST_QUOTES = 200
_MOST_OFFSET = 2**53

DocumentId = Annotated[str, StringConstraints(pattern=DOCUMENT_ID)]
Number = Annotated[float, NUMBER]
Whole = Annotated[int, NUMBER]
Offset = Annotated[int, Field(ge=0, le=_MOST_OFFSET), NUMBER]
Count = Annotated[int, Field(ge=0, le=_MOST_OFFSET), NUMBER]


class RequestBody(BaseModel):
    """A request, which has no other fields than those described."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class AskBody(RequestBody):
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


class SearchBody(RequestBody):
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
    abstained: StrictBool
    conflicts: StrictBool = Field(description="Whether the documents contradict each other.")
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
    unread: dict[str, Count] = Field(
        default={},
        description="Counts of passages that were not read to keep the deadline, without zeros.",
    )


class AnswerBody(GivenAnswer):
    """What came of a question, and what to send as part of `history` with the next one."""

    model_config = ConfigDict(json_schema_extra={"examples": [ANSWERED]})

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


class CorrectPlace(RequestBody):
    """The right answer: the document's text from `start` to `end`."""

    document_id: DocumentId
    start: Offset
    end: Offset
    quote: str = Field(min_length=1, max_length=10_000)


class FeedbackBody(RequestBody):
    """A verdict on an answer."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [{"answer": NOT_FOUND, "verdict": "down", "comment": "It is in the log."}]
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


class QuoteClaim(RequestBody):
    """A quote and where it is said to stand; `source` finds it if its document has changed."""

    document_id: DocumentId
    start: Offset
    quote: str = Field(min_length=1, max_length=100_000)
    source: str = Field(default="", max_length=4096)


class VerifyBody(RequestBody):
    """Quotes to check."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"citations": [{"document_id": DOCUMENT, "start": 354, "quote": "800 US dollars"}]}
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
