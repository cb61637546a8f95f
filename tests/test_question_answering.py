"""Questions to answers: verbatim, traceable, and refused where they cannot be asked."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from aiqa import Answer, Assistant, Document
from aiqa.errors import QuestionError
from tests.conftest import Open


def test_an_answer_end_to_end_is_verbatim_and_traceable(
    harbour: Path, open_assistant: Open
) -> None:
    assistant = open_assistant(harbour.parent / "index")
    assistant.ingest(harbour)
    result = assistant.ask("What cargo did the schooner Petrel carry?", min_confidence=0)
    (citation,) = result.citations
    document = assistant.document(citation.document_id)
    assert document.text[citation.start : citation.end] == citation.quote == result.text
    assert (citation.source, citation.title, citation.page) == ("docs/log.pdf", "Boat log", 1)
    assert citation.section == "May"
    assert set(result.timings_ms) == {
        "interpretation",
        "retrieval",
        "reading",
        "answering",
        "total",
    }
    again = assistant.ask("What cargo did the schooner Petrel carry?", min_confidence=0)
    assert (again.text, again.confidence, again.citations, again.alternatives) == (
        result.text,
        result.confidence,
        result.citations,
        result.alternatives,
    )


def test_callers_at_the_same_time_get_the_answers_of_callers_alone(assistant: Assistant) -> None:
    def ask(question: str) -> Answer:
        return replace(assistant.ask(question, min_confidence=0), timings_ms={})

    questions = ["What cargo did the schooner Petrel carry?", "When was the lighthouse lit?"]
    alone = [ask(question) for question in questions]
    with ThreadPoolExecutor(4) as callers:
        assert list(callers.map(ask, questions * 2)) == alone * 2


@pytest.mark.parametrize("question", ["", " \n\t", "x" * 100_000])
def test_empty_and_endless_questions_are_refused(
    harbour: Path, open_assistant: Open, question: str
) -> None:
    assistant = open_assistant(harbour.parent / "index")
    assistant.ingest(harbour)
    with pytest.raises(QuestionError, match=r"empty|100,000 characters"):
        assistant.ask(question)


def test_passages_are_answered_from_without_a_search(assistant: Assistant) -> None:
    question = "When was the lighthouse on Gull Rock lit?"
    hits = assistant.search(question, k=assistant.settings.read_chunks)
    given = assistant.ask_passages(question, hits)
    asked = assistant.ask(question)
    assert given.text == asked.text == "1887"
    assert given.confidence == asked.confidence
    others = [hit for hit in hits if hit.chunk.source != "docs/lighthouse.md"]
    assert "docs/lighthouse.md" not in {
        one.source for one in assistant.ask_passages(question, others, min_confidence=0).citations
    }
    note = Document("e" * 64, "note.txt", "text", "Note", "The lighthouse was lit in 1888.")
    read = assistant.ask_passages(question, [note], min_confidence=0)
    assert read.text == "1888"
    assert [one.source for one in read.citations] == ["note.txt"]
    assert assistant.ask_passages(question, []).outcome == "not found"
