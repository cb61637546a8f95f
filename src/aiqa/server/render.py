"""Answers to HTML. Whatever comes from a document or a person is escaped here, all of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiqa.answers.calibration import in_percent
from aiqa.answers.citation_check import Standing
from aiqa.answers.conflicts import Position, positions
from aiqa.errors import AiqaError
from aiqa.server import render_silence
from aiqa.server.document_view import literal, marked
from aiqa.server.render_cite import Numbers, cite, place, said
from aiqa.server.suggestions import Section
from aiqa.types import Answer, Citation, Span, Statement

_HIGH, _MEDIUM = 0.8, 0.6
"""Confidence from which an answer is called by these words."""

_STATES = {
    "moved": "The document has changed since; these words still stand in it.",
    "changed": "The document has changed since; these words are no longer in it.",
    "gone": "The document is no longer among those that are searched.",
}


_THUMB = (
    '<svg viewBox="0 0 20 20" aria-hidden="true"><path d="M6.5 9 10 2.5c1.3 0 2.2 1 2 2.3L11.5 8'
    'h4.2c1 0 1.7 1 1.4 1.9l-1.9 6c-.2.7-.8 1.1-1.5 1.1H6.5zM3 9h2.5v8H3z"/></svg>'
)


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and what came of it, either an answer or an error.

    ``identity`` tells it from the others of a page. ``standings`` say what became of the citations
    of an answer that was given earlier; ``questions`` and ``sections`` are offered where there is
    none. Of ``sources``, the most cited documents shown at once, the rest is folded.
    """

    identity: str
    question: str
    answer: Answer | None = None
    error: AiqaError | None = None
    standings: Sequence[Standing] = ()
    questions: Sequence[str] = ()
    sections: Sequence[Section] = ()
    sources: int = 3


def turn(turn: Turn) -> str:
    """The question with its answer, an abstention, or what went wrong."""
    if turn.error:
        reply = (
            f'<p class="wrong"><strong>{literal(turn.error.message)}</strong> '
            f"{literal(turn.error.remedy)}</p>"
        )
    elif turn.answer and turn.answer.abstained:
        reply = render_silence.reply(
            turn.answer, Numbers(turn.identity), turn.questions, turn.sections
        )
    elif turn.answer:
        reply = _reply(turn, turn.answer)
    else:
        reply = ""
    kind = "error" if turn.error else turn.answer.kind if turn.answer else ""
    return (
        f'<h3 class="asked" dir="auto">{literal(turn.question)}</h3>{_interpreted(turn.answer)}'
        f'<div class="reply {kind}">{reply}</div>'
    )


def _reply(turn: Turn, answer: Answer) -> str:
    numbers = Numbers(turn.identity)
    parts = [
        _checked(turn.standings),
        _statements(answer, numbers),
        _agreement(positions(answer), numbers),
        _sources(answer.citations, numbers, turn),
        _confidence(answer.confidence, turn.identity),
        _others(answer, numbers),
        _actions(),
        numbers.tips(),
    ]
    return "".join(parts)


def _interpreted(answer: Answer | None) -> str:
    if not answer or not answer.interpreted or answer.interpreted == answer.question:
        return ""
    understood = literal(answer.interpreted)
    return (
        f'<p class="interpreted">Understood as <q dir="auto">{understood}</q> '
        f'<button type="button" class="plain edit" data-question="{understood}">Edit</button></p>'
    )


def _statements(answer: Answer, numbers: Numbers) -> str:
    if answer.kind == "list":
        items = "".join(f"<li>{said(one, numbers)}</li>" for one in answer.statements)
        return f'<ul class="said">{items}</ul>'
    return "".join(
        f'<blockquote class="said" dir="auto">{said(one, numbers)}</blockquote>'
        for one in answer.statements
    )


def _agreement(held: Sequence[Position], numbers: Numbers) -> str:
    if not held or (len(held) == 1 and held[0].documents == 1):
        return ""
    verdict = "The sources agree" if len(held) == 1 else "The sources differ"
    told = "; ".join(_position(position, numbers) for position in held)
    return f'<p class="agreement"><strong>{verdict}:</strong> {told}</p>'


def _position(position: Position, numbers: Numbers) -> str:
    count = position.documents
    cites = " ".join(cite(citation, numbers) for citation in position.citations)
    return (
        f"<bdi>{literal(position.text)}</bdi> in {count} source{'s' * (count != 1)} "
        f'<span class="cites">{cites}</span>'
    )


def _sources(citations: Sequence[Citation], numbers: Numbers, turn: Turn) -> str:
    states = {id(standing.citation): standing.state for standing in turn.standings}
    items = [_source(c, numbers, _STATES.get(states.get(id(c), ""), "")) for c in citations]
    shown = f'<ol class="sources">{"".join(items[: turn.sources])}</ol>'
    rest = items[turn.sources :]
    if not rest:
        return shown
    return (
        f"{shown}<details><summary>{len(rest)} more source{'s' * (len(rest) != 1)}</summary>"
        f'<ol class="sources">{"".join(rest)}</ol></details>'
    )


def _source(citation: Citation, numbers: Numbers, note: str) -> str:
    # What was said in the answer itself is not said again here.
    quote = Span(citation.start - citation.sentence_start, citation.end - citation.sentence_start)
    whole = Span(0, len(citation.sentence))
    words = (
        ""
        if numbers.was_said(citation)
        else f'<q dir="auto">{marked(citation.sentence, whole, quote)}</q>'
    )
    warning = f'<span class="standing">{note}</span>' if note else ""
    return f"<li>{cite(citation, numbers)} {place(citation)}{words}{warning}</li>"


def _checked(standings: Sequence[Standing]) -> str:
    if not standings:
        return ""
    lost = sum(standing.state != "stands" for standing in standings)
    told = (
        f"{lost} of {len(standings)} quotes no longer stand where they did."
        if lost
        else "Its quotes were compared with the documents just now: they stand, to the character."
    )
    return f'<p class="checked{" lost" * bool(lost)}">An earlier answer. {told}</p>'


def _confidence(confidence: float, identity: str) -> str:
    word = "High" if confidence >= _HIGH else "Medium" if confidence >= _MEDIUM else "Low"
    meaning = (
        f"Of answers given with such a confidence, about {confidence * 100:.0f} in 100 are right, "
        "as measured on questions whose answers are known."
    )
    return (
        f'<div class="confidence {word.lower()}">'
        f'<button type="button" class="plain" aria-describedby="meaning-{identity}">'
        f'<span class="bar"><span style="width:{confidence:.0%}"></span></span>'
        f"{word} confidence, {in_percent(confidence)}</button>"
        f'<span id="meaning-{identity}" hidden>{meaning}</span></div>'
    )


def _others(answer: Answer, numbers: Numbers) -> str:
    if not answer.alternatives:
        return ""
    items = "".join(_other(other, numbers) for other in answer.alternatives)
    return (
        '<details class="others"><summary>Other passages that may answer</summary>'
        f"<ul>{items}</ul></details>"
    )


def _other(other: Statement, numbers: Numbers) -> str:
    share = f'<span class="share">{in_percent(other.confidence)}</span>'
    return f"<li>{said(other, numbers)} {place(other.citations[0])} {share}</li>"


def _actions() -> str:
    return (
        '<div class="actions">'
        f'<button type="button" class="plain" data-verdict="up">{_THUMB} Right</button>'
        f'<button type="button" class="plain down" data-verdict="down">{_THUMB} Wrong</button>'
        '<button type="button" class="plain share-link">Copy link</button>'
        '<span class="told" role="status"></span></div>'
    )
