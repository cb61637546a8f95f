"""Citations to HTML: a number that opens the source, and what is shown when it is pointed at."""

from __future__ import annotations

from aiqa.server.document_view import literal, marked
from aiqa.types import Citation, Span, Statement


class Numbers:
    """Gives each place cited in one turn its number, from 1, in the order of being cited."""

    def __init__(self, identity: str) -> None:
        """``identity`` tells the turn from the others of the page."""
        self._identity = identity
        self._cited: dict[tuple[str, int, int], Citation] = {}
        self._said: set[str] = set()

    def of(self, citation: Citation) -> tuple[int, str]:
        """Number of the citation, and the id of the element that describes it."""
        key = (citation.document_id, citation.start, citation.end)
        self._cited.setdefault(key, citation)
        number = list(self._cited).index(key) + 1
        return number, f"tip-{self._identity}-{number}"

    def say(self, citation: Citation) -> None:
        """Remember that the sentence of ``citation`` is shown."""
        self._said.add(citation.sentence)

    def was_said(self, citation: Citation) -> bool:
        """Whether the sentence of ``citation`` is shown already."""
        return citation.sentence in self._said

    def tips(self) -> str:
        """The descriptions of all citations so far: shown on hover, read out by screen readers."""
        return "".join(
            f'<span id="{self.of(citation)[1]}" hidden><q dir="auto">{_sentence(citation)}</q>'
            f'<span class="where">{_where(citation)}</span></span>'
            for citation in list(self._cited.values())
        )


def cite(citation: Citation, numbers: Numbers) -> str:
    """The number of a citation, as a button that opens its source."""
    number, tip = numbers.of(citation)
    return (
        f'<button type="button" class="cite" {target(citation)} '
        f'aria-label="Source {number}" aria-describedby="{tip}">{number}</button>'
    )


def target(citation: Citation) -> str:
    """Attributes that tell the page what to open."""
    return (
        f'data-document="{literal(citation.document_id)}" data-start="{citation.start}" '
        f'data-end="{citation.end}" data-sentence-start="{citation.sentence_start}" '
        f'data-sentence-end="{citation.sentence_end}"'
    )


def said(statement: Statement, numbers: Numbers) -> str:
    """A statement in its sentence, with the number of every place that says it."""
    first = statement.citations[0]
    numbers.say(first)
    cites = " ".join(cite(citation, numbers) for citation in statement.citations)
    return (
        f'<span class="words" dir="auto">{_sentence(first)}</span> '
        f'<span class="cites">{cites}</span>'
    )


def place(citation: Citation) -> str:
    """Title and place, as people write them."""
    return f'<span class="place">{_where(citation)}</span>'


def _where(citation: Citation) -> str:
    parts = (citation.title, citation.locator)
    return ", ".join(f"<bdi>{literal(part)}</bdi>" for part in parts if part)


def _sentence(citation: Citation) -> str:
    if citation.sentence == citation.quote:
        return literal(citation.quote)
    quote = Span(citation.start - citation.sentence_start, citation.end - citation.sentence_start)
    return marked(citation.sentence, Span(0, len(citation.sentence)), quote)
