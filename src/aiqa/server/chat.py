"""Handlers of the chat page: open a source, reopen or copy answers, feedback, what to ask.

Requests are JSON that a browser made; ``schemas`` checks their shape, and a document is only ever
named by its id.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from aiqa.answers.citation_check import renewed, standing
from aiqa.assistant import Assistant
from aiqa.drafting.question_drafts import Draft
from aiqa.errors import SourceError
from aiqa.serialization import read_answer
from aiqa.server import conversation_export
from aiqa.server.actor import current_actor
from aiqa.server.answer_copy import CopiedAnswer
from aiqa.server.answer_view import Turn, turn_html
from aiqa.server.evidence_view import opened_document, panel_html
from aiqa.server.interface_language import t
from aiqa.server.promise import promise
from aiqa.server.rendering import render
from aiqa.server.schemas import (
    Conversation,
    CopyRequest,
    FurtherRequest,
    Opinion,
    PlaceRequest,
    ScopeRequest,
)
from aiqa.server.scope_view import choices_html
from aiqa.server.suggestions import Examples
from aiqa.server.write_queue import WriteQueue

_LONGEST_COMMENT = 1900
"""Characters of a rejected candidate that are stored."""


class Desk:
    """Handles the requests of the page, which are JSON objects."""

    def __init__(
        self,
        assistant: Assistant,
        examples: Examples,
        writes: WriteQueue | None = None,
        bundled: Path | None = None,
    ) -> None:
        """Answer for ``assistant``; ``bundled`` is the folder to add where nothing else is.

        Without ``writes``, nothing can be added.
        """
        self._assistant = assistant
        self._examples = examples
        self._writes = writes
        self._bundled = bundled if writes else None

    def begin(self, request: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        """Return what is shown before the first question, as HTML.

        "about" says what the documents are about, or invites to add some; "among" names a few of
        them, and "examples" are the questions found so far. "waiting" says that more is to come.
        """
        examples = self._examples.so_far()
        overview = self._examples.overview
        if not self._assistant.store.has_documents:
            about = render("invitation.html", bundled=self._bundled is not None)
            return {"about": about, "among": "", "examples": [], "waiting": True}
        return {
            "about": render("about.html", overview=overview) if overview else "",
            "among": render("titles.html", overview=overview) if overview else "",
            "examples": [self._example(one) for one in examples],
            "waiting": not overview or self._examples.offered() is None,
        }

    def _example(self, draft: Draft) -> str:
        document = self._assistant.find(draft.document_id)
        title = document.title if document else ""
        return render("example.html", question=draft.question, title=title)

    def bring_bundled(self, request: Mapping[str, Any]) -> str:  # noqa: ARG002
        """Add the documents that come with aiqa, if there are none yet."""
        writes, folder = self._writes, self._bundled
        if writes is None or folder is None or self._assistant.store.has_documents:
            raise SourceError("There are documents already, or none can be added here.")
        report = writes.submit(0, lambda: self._assistant.ingest(folder)).result()
        return t("{count} documents were added.", count=report.documents)

    def given(self) -> dict[str, Any]:
        """Return the settings that the page begins with."""
        return {"least": self._assistant.settings.min_confidence}

    def promise(self, request: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        """Return what each strictness promises, and what that was measured on; "user" asks."""
        return {**promise(self._assistant), "user": current_actor().name}

    def scope(self, request: Mapping[str, Any]) -> str:
        """Return the choices of what is to be asked."""
        return choices_html(self._assistant, ScopeRequest.model_validate(request))

    def feedback(self, request: Mapping[str, Any]) -> str:
        """Store a user's verdict on an answer."""
        opinion = Opinion.model_validate(request)
        selection = opinion.selected
        correct = None
        if selection:
            source = self._assistant.document(selection.document_id).source
            correct = {"source": source, **selection.model_dump()}
        rejected = opinion.rejected[:_LONGEST_COMMENT]
        self._assistant.keep_feedback(
            opinion.record.answer,
            opinion.verdict,
            history=[before.answer for before in opinion.history],
            filters=opinion.record.scope.filters,
            correct=correct,
            comment=f"Not right: “{rejected}”" if rejected else None,
        )
        return t("Thanks, saved.")

    def further(self, request: Mapping[str, Any]) -> str:
        """Return questions that may follow an answer, each known to be answered, as HTML."""
        fields = FurtherRequest.model_validate(request)
        answer = read_answer(fields.record.answer)
        questions = self._examples.beside(answer, {answer.question, *fields.asked})
        return render("further.html", questions=questions)

    def copied(self, request: Mapping[str, Any]) -> dict[str, str]:
        """Return an answer with its sources as plain text, Markdown and HTML."""
        record = CopyRequest.model_validate(request).record
        text = CopiedAnswer.of(record.question, read_answer(record.answer))
        return {"plain": text.plain(), "markdown": text.markdown(), "html": text.html()}

    def reopen(self, request: Mapping[str, Any]) -> list[dict[str, str]]:
        """Return earlier answers as HTML, with each quote checked against the documents."""
        conversation = Conversation.model_validate(request)
        turns = []
        # Answers of one conversation cite the same documents.
        find, at = cache(self._assistant.find), cache(self._assistant.document_at)
        for record in conversation.turns:
            answer, standings = renewed(
                read_answer(record.answer), lambda citation: standing(citation, find, at)
            )
            turn = Turn(
                record.id,
                record.question,
                answer,
                standings=standings,
                sources=conversation.sources,
                find=find,
                is_scoped=record.scope.filters is not None,
            )
            turns.append({"id": record.id, "html": turn_html(turn)})
        return turns

    def open(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return the evidence panel for a place in a document."""
        place = PlaceRequest.model_validate(request)
        return {"html": panel_html(opened_document(self._assistant, place))}

    def markdown(self, request: Mapping[str, Any]) -> str:
        """Return a conversation as Markdown, with its citations."""
        conversation = Conversation.model_validate(request)
        turns = [(record.question, read_answer(record.answer)) for record in conversation.turns]
        return conversation_export.markdown(conversation.name, turns, conversation.address)
