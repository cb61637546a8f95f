"""No answer to HTML: what came nearest, what it lacks, and what the documents do cover."""

from __future__ import annotations

import re
from collections.abc import Sequence

from aiqa.answers.calibration import in_percent
from aiqa.server.document_view import literal
from aiqa.server.render_cite import Numbers, place, said
from aiqa.server.suggestions import Section
from aiqa.text.analysis import content_terms
from aiqa.types import Answer, Statement


def reply(
    answer: Answer, numbers: Numbers, questions: Sequence[str], sections: Sequence[Section]
) -> str:
    """What is shown in place of an answer."""
    return (
        '<p class="verdict">The documents don’t say.</p>'
        f'<p class="reason">{literal(answer.reason or "")}</p>'
        f"{_nearest(answer, numbers)}{_covered(questions, sections)}{numbers.tips()}"
    )


def _nearest(answer: Answer, numbers: Numbers) -> str:
    if not answer.alternatives:
        return ""
    asked = answer.interpreted or answer.question
    items = "".join(
        f"<li>{said(near, numbers)} {place(near.citations[0])}"
        f'<span class="shortfall">{_shortfall(asked, near)}</span></li>'
        for near in answer.alternatives
    )
    return f'<h4>Nearest passages, and what they lack</h4><ul class="near">{items}</ul>'


def _shortfall(question: str, near: Statement) -> str:
    """Why the chunk was not taken for an answer, as far as it can be told from outside."""
    citation = near.citations[0]
    held = set(content_terms(f"{citation.sentence} {citation.section} {citation.title}"))
    words = dict.fromkeys(re.findall(r"\w+", question))
    lacking = [word for word in words if (stems := content_terms(word)) and not held & set(stems)]
    told = f"Answers the question with a probability of {in_percent(near.confidence)}"
    if not lacking:
        return f"{told}, although it has its words."
    named = ", ".join(f"“<bdi>{literal(word)}</bdi>”" for word in lacking)
    return f"{told}. Neither it nor its headings have {named}."


def _covered(questions: Sequence[str], sections: Sequence[Section]) -> str:
    asked = "".join(
        f'<li><button type="button" class="offer" data-question="{literal(question)}">'
        f"<bdi>{literal(question)}</bdi></button></li>"
        for question in questions
    )
    opened = "".join(
        f'<li><button type="button" class="offer open" '
        f'data-document="{literal(section.document_id)}" data-start="{section.place.start}" '
        f'data-end="{section.place.end}"><bdi>{literal(section.heading)}</bdi> '
        f'<span class="in">in <bdi>{literal(section.title)}</bdi></span></button></li>'
        for section in sections
    )
    return (
        (f'<h4>Questions that these documents put and answer</h4><ul class="offers">{asked}</ul>')
        * bool(asked)
    ) + (f'<h4>Sections near it</h4><ul class="offers">{opened}</ul>' * bool(opened))
