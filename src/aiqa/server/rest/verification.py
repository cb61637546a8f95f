"""``/verify``: whether quotes still stand where they are said to."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from fastapi import APIRouter

from aiqa.answers.citation_check import standing
from aiqa.assistant import Assistant
from aiqa.server.rest.schemas import CheckedQuotes, QuoteClaim, VerifyBody
from aiqa.types import Citation


def verification_api(assistant: Assistant) -> APIRouter:
    """Return the route."""
    router = APIRouter(tags=["questions"])

    @router.post("/verify", response_model=CheckedQuotes)
    def verify(body: VerifyBody) -> Mapping[str, Any]:
        """Tell whether quotes stand in their documents, to the character."""
        # Quotes to check together are mostly from the same documents.
        find, at = cache(assistant.find), cache(assistant.document_at)
        found = [standing(_citation(claim), find, at) for claim in body.citations]
        return {
            "stands": all(one.state == "stands" for one in found),
            "checks": [
                {
                    "state": one.state,
                    "document_id": one.citation.document_id,
                    "source": one.citation.source,
                    "title": one.citation.title,
                    "start": one.citation.start,
                    "end": one.citation.end,
                    "quote": one.citation.quote,
                }
                for one in found
            ],
        }

    return router


def _citation(claim: QuoteClaim) -> Citation:
    end = claim.start + len(claim.quote)
    return Citation(
        document_id=claim.document_id,
        source=claim.source,
        title="",
        page=None,
        section="",
        start=claim.start,
        end=end,
        quote=claim.quote,
        sentence_start=claim.start,
        sentence_end=end,
        sentence=claim.quote,
    )
