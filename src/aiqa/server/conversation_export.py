"""Export of a conversation as Markdown, with verbatim quotes and their places."""

from __future__ import annotations

import re
from collections.abc import Sequence

from aiqa.answers.builder import possible_answers
from aiqa.answers.calibration import in_percent
from aiqa.types import Answer, Citation, Statement

_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~&$:])")


def markdown(name: str, turns: Sequence[tuple[str, Answer]]) -> str:
    """Return the questions and answers under a heading."""
    parts = [f"# {_plain(name or 'Conversation')}"]
    for question, answer in turns:
        parts.append(f"## {_plain(question)}")
        if answer.interpreted:
            parts.append(f"Understood as: {_plain(answer.interpreted)}")
        if answer.outcome == "unsure":
            parts.append("Possible answers, not sure:")
            parts.extend(_candidate(candidate) for candidate in possible_answers(answer))
        elif answer.abstained:
            parts.append("The documents don’t seem to say.")
        parts.extend(_statement(statement) for statement in answer.statements)
        if not answer.abstained:
            parts.append(f"Confidence: {in_percent(answer.confidence)}")
    return "\n\n".join(part for part in parts if part) + "\n"


def _candidate(candidate: Statement) -> str:
    quote = f"> {_plain(candidate.citations[0].sentence)}"
    place = _plain(_where(candidate.citations[0]))
    return f"{quote}\n\n- {place}\n- {in_percent(candidate.confidence)} likely"


def _statement(statement: Statement) -> str:
    quote = "\n".join(f"> {_plain(line)}" for line in statement.text.splitlines())
    places = "\n".join(f"- {_plain(_where(citation))}" for citation in statement.citations)
    return f"{quote}\n\n{places}"


def _where(citation: Citation) -> str:
    parts = (
        citation.title,
        citation.locator,
        citation.source,
        f"characters {citation.start} to {citation.end}",
        f"SHA-256 {citation.document_id}",
    )
    return ", ".join(part for part in parts if part)


def _plain(text: str) -> str:
    """Return ``text`` on one line, escaped for Markdown."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
