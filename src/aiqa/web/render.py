"""Answers to HTML. Whatever comes from a document or a person is escaped here, all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

from aiqa.errors import AiqaError
from aiqa.types import Answer, Citation, Document, IndexStatus, Statement

_CONTEXT = 360
"""Characters of the document shown on either side of a quote."""

_HIGH, _MEDIUM = 0.8, 0.6
"""Confidence from which an answer is called by these words."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and what came of it; neither answer nor error while it is being answered.

    ``documents`` holds every document that the answer cites, by id.
    """

    question: str
    answer: Answer | None = None
    error: AiqaError | None = None
    documents: Mapping[str, Document] = field(default_factory=dict)


def header(state: IndexStatus) -> str:
    """Name, purpose, and what is indexed."""
    return (
        '<header><h1>aiqa</h1><p class="motto">Answers in your documents’ own words</p>'
        f'<p class="holdings">{state.documents} documents · {state.chunks} passages · '
        "nothing leaves this machine</p></header>"
    )


def conversation(turns: Sequence[Turn]) -> str:
    """All questions with their answers, oldest first."""
    if not turns:
        inner = (
            '<p class="welcome">Ask a question. The answer is a passage from the documents, with '
            "the place where it stands. If the documents don’t say, you are told so.</p>"
        )
    else:
        inner = "".join(_turn(turn, number) for number, turn in enumerate(turns, 1))
    return f'<div role="log" aria-live="polite" aria-label="Conversation">{inner}</div>'


def sources(turns: Sequence[Turn]) -> str:
    """The cited passages, of which those of the latest turn are shown."""
    latest = len(turns)
    groups = "".join(
        f'<div class="sources-of{" shown" * (number == latest)}">{_cards(turn, number)}</div>'
        for number, turn in enumerate(turns, 1)
    )
    return f'<section aria-label="Sources"><h2>Sources</h2>{groups or _no_cards()}</section>'


def passage(document: Document, citation: Citation) -> str:
    """The quote marked in the text around it.

    The text is that of the quote's own section, headings set off; it is cut between words and
    otherwise exact.
    """
    text = document.text
    start, end = _window(document, citation)
    starts = [heading.start for heading in document.headings]
    gap = '<span class="gap" aria-label="text left out">…</span>'
    return (
        f"{'' if start in (0, *starts) else gap}{_with_headings(document, start, citation.start)}"
        f"<mark>{escape(text[citation.start : citation.end])}</mark>"
        f"{_with_headings(document, citation.end, end)}{gap if end < len(text) else ''}"
    )


def _window(document: Document, citation: Citation) -> tuple[int, int]:
    """What to show around a quote: at most ``_CONTEXT`` characters a side, within its section."""
    text = document.text
    starts = [heading.start for heading in document.headings]
    start = max(
        [0, citation.start - _CONTEXT, *(s for s in starts if s <= citation.start)],
    )
    end = min(
        [len(text), citation.end + _CONTEXT, *(s for s in starts if s >= citation.end)],
    )
    while 0 < start < citation.start and not text[start - 1].isspace():
        start += 1
    while citation.end < end < len(text) and not text[end].isspace():
        end -= 1
    while end > citation.end and text[end - 1].isspace():
        end -= 1
    return start, end


def _with_headings(document: Document, start: int, end: int) -> str:
    """Escaped text with the headings that stand wholly in it in bold."""
    parts, position = [], start
    for heading in document.headings:
        stop = heading.start + len(heading.title)
        if position <= heading.start and stop <= end:
            parts.append(escape(document.text[position : heading.start]))
            parts.append(f"<b>{escape(heading.title)}</b>")
            position = stop
    return "".join(parts) + escape(document.text[position:end])


def _turn(turn: Turn, number: int) -> str:
    if turn.error:
        reply = (
            f'<div class="reply error"><p><strong>{escape(turn.error.message)}</strong></p>'
            f"<p>{escape(turn.error.remedy)}</p></div>"
        )
    elif turn.answer:
        reply = _reply(turn.answer, number)
    else:
        reply = '<div class="reply waiting"><p>Reading the documents…</p></div>'
    asked = f'<p class="asked" dir="auto">{escape(turn.question)}</p>'
    return f'<article class="turn">{asked}{reply}</article>'


def _reply(answer: Answer, number: int) -> str:
    if answer.text is None:
        return (
            '<div class="reply abstained"><p class="verdict">The documents don’t say.</p>'
            f"<p>{escape(answer.reason or '')}</p>"
            f"{_others('Nearest passages', answer.alternatives, number, opened=True)}</div>"
        )
    seconds = answer.timings_ms.get("total", 0) / 1000
    chips = "".join(_chip(c, number, place) for place, c in enumerate(answer.citations, 1))
    return (
        f'<div class="reply"><blockquote dir="auto">{escape(answer.text)}</blockquote>'
        f'<div class="chips">{chips}</div>{_confidence(answer.confidence)}'
        f"{_others('Other passages that may answer', answer.alternatives, number)}"
        f'<p class="took">answered in {seconds:.1f} s</p></div>'
    )


def _chip(citation: Citation, number: int, place: int) -> str:
    return (
        f'<a class="chip" href="#source-{number}-{place}">'
        f"<b>{place}</b> <span>{escape(_where(citation))}</span></a>"
    )


def _where(citation: Citation) -> str:
    return ", ".join(part for part in (citation.title, citation.locator) if part)


def _confidence(confidence: float) -> str:
    word = "High" if confidence >= _HIGH else "Medium" if confidence >= _MEDIUM else "Low"
    meaning = (
        f"{word} confidence: by the evaluation set, an answer like this one is right with a "
        f"probability of about {confidence:.0%}"
    )
    return (
        f'<div class="confidence {word.lower()}" title="{meaning}">'
        f'<span class="bar" role="img" aria-label="{meaning}">'
        f'<i style="width:{confidence:.0%}"></i></span>'
        f"<span>{word} confidence, {confidence:.0%}</span></div>"
    )


def _others(
    heading: str, alternatives: Sequence[Statement], number: int, *, opened: bool = False
) -> str:
    if not alternatives:
        return ""
    items = []
    for place, alternative in enumerate(alternatives, 1):
        target = f"other-{number}-{place}"
        items.append(
            f'<li><q dir="auto">{escape(alternative.text)}</q> '
            f'<a class="chip" href="#{target}">{escape(_where(alternative.citations[0]))}</a> '
            f'<span class="share">{alternative.confidence:.0%}</span></li>'
        )
    state = " open" if opened else ""
    return (
        f'<details class="others"{state}><summary>{heading}</summary>'
        f"<ol>{''.join(items)}</ol></details>"
    )


def _cards(turn: Turn, number: int) -> str:
    if not turn.answer:
        return _no_cards()
    cited = [
        _card(turn, citation, f"source-{number}-{place}", str(place))
        for place, citation in enumerate(turn.answer.citations, 1)
    ]
    others = [
        _card(turn, alternative.citations[0], f"other-{number}-{place}", "·")
        for place, alternative in enumerate(turn.answer.alternatives, 1)
    ]
    heading = "Not the answer, but near" if cited else "Nearest passages"
    below = f"<h3>{heading}</h3>{''.join(others)}" if others else ""
    return "".join(cited) + below or _no_cards()


def _card(turn: Turn, citation: Citation, identity: str, label: str) -> str:
    document = turn.documents[citation.document_id]
    place = f'<p class="section">{escape(citation.locator)}</p>' if citation.locator else ""
    return (
        f'<article class="card" id="{identity}" tabindex="-1">'
        f'<h3><b>{label}</b> <span dir="auto">{escape(citation.title)}</span></h3>'
        f'<p class="path">{escape(citation.source)}</p>{place}'
        f'<div class="passage" dir="auto">{passage(document, citation)}</div></article>'
    )


def _no_cards() -> str:
    return '<p class="none">The passages behind an answer appear here.</p>'
