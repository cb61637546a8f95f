"""``/feedback``: verdicts on answers."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from aiqa.assistant import Assistant
from aiqa.errors import FeedbackError
from aiqa.server.rest.schemas import CorrectPlace, FeedbackBody, KeptFeedback


def feedback_api(assistant: Assistant) -> APIRouter:
    """Return the route."""
    router = APIRouter(tags=["feedback"])

    @router.post("/feedback", status_code=201, response_model=KeptFeedback)
    def feedback(body: FeedbackBody) -> Any:
        """Keep a verdict on an answer, for `aiqa gold add --from-feedback`."""
        return assistant.keep_feedback(
            body.answer.model_dump(mode="json"),
            body.verdict,
            history=[answer.model_dump(mode="json") for answer in body.history],
            filters=body.filters.filters,
            correct=_place(assistant, body.correct) if body.correct else None,
            comment=body.comment,
        )

    return router


def _place(assistant: Assistant, correct: CorrectPlace) -> dict[str, Any]:
    document = assistant.find(correct.document_id)
    if document is None:
        raise FeedbackError(
            f"There is no document {correct.document_id}.", "Ask again and select its words again."
        )
    return {"source": document.source, **correct.model_dump()}
