"""Export of a conversation as Markdown: each quoted sentence with its title, place and link."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from aiqa.answers.builder import possible_answers
from aiqa.answers.neighbours import quotes_all
from aiqa.server.interface_language import t
from aiqa.server.interpretation import interpretation
from aiqa.server.place_names import located
from aiqa.server.rendering import confidence
from aiqa.types import Answer, Citation, Statement

_SPECIAL = re.compile(r"([\\`*\[\]<]|(?<!\w)_|_(?!\w)|~~|&(?=#?\w+;))")
"""What Markdown would take for markup wherever it stands."""

_AT_START = re.compile(r"^(\d+(?=[.)](?:\s|$))|)([#>+=|:.)-])")
"""What it would take for the start of a heading, quote, list, rule or table."""


def markdown(name: str, turns: Sequence[tuple[str, Answer]], address: str = "") -> str:
    """Return the questions and answers, under a heading if there is a ``name``.

    ``address`` is that of the page, to which the links lead.
    """
    parts = [f"# {_plain(name)}"] if name else []
    for question, answer in turns:
        parts += [f"## {_plain(question)}", *_answer(answer, address)]
    return "\n\n".join(parts) + "\n"


def _answer(answer: Answer, address: str) -> Iterator[str]:
    if understood := interpretation(answer):
        yield _plain(t("Understood as: {question}", question=understood))
    if answer.outcome == "answered":
        yield from _quotes(_citations(answer.statements), address)
        yield t("Confidence: {share}", share=confidence(answer.confidence))
    elif answer.outcome == "unsure":
        yield t("Possible answers, not sure")
        for candidate in possible_answers(answer):
            yield from _quotes(candidate.citations[:1], address)
            yield t("{share} likely", share=confidence(candidate.confidence))
    else:
        yield t("The documents don’t seem to say.")


def _citations(statements: Sequence[Statement]) -> Iterator[Citation]:
    for statement in statements:
        yield from statement.citations


def _quotes(citations: Iterable[Citation], address: str) -> Iterator[str]:
    """Yield every sentence once, with all that is quoted of it in bold, and where it stands."""
    by_sentence: dict[tuple[str, int], list[Citation]] = {}
    for citation in citations:
        place = citation.document_id, citation.sentence_start
        by_sentence.setdefault(place, []).append(citation)
    for same in by_sentence.values():
        yield f"> {_bold(same)}\n>\n> — {_link(same[0], address)}, {_code(same[0].source)}"


def _bold(same: Sequence[Citation]) -> str:
    first, parts, at = same[0], list[str](), 0
    for citation in sorted(same, key=lambda one: (one.start, -one.end)):
        start, end = (place - first.sentence_start for place in (citation.start, citation.end))
        if start < at or quotes_all(citation):
            continue
        mark = "**" if _is_bold(first.sentence, start, end) else ""
        parts += [_inline(first.sentence[at:start]), mark, _inline(first.sentence[start:end]), mark]
        at = end
    return _started("".join([*parts, _inline(first.sentence[at:])]))


def _is_bold(text: str, start: int, end: int) -> bool:
    """Return whether Markdown takes asterisks around this part of ``text`` for bold."""
    opens = text[start].isalnum() or not text[:start] or text[start - 1].isspace()
    closes = text[end - 1].isalnum() or not text[end:] or text[end].isspace()
    return opens and closes and not (text[start].isspace() or text[end - 1].isspace())


def _link(citation: Citation, address: str) -> str:
    """Return title and place, linked to the page with the document open there."""
    numbers = citation.start, citation.end, citation.sentence_start, citation.sentence_end
    place = ".".join(map(str, (citation.document_id, *numbers)))
    where = located(citation.source, citation.page, citation.section, citation.place)
    named = ", ".join(filter(None, (citation.title, where)))
    # An address has no characters that would end a link.
    base = address if re.fullmatch(r"https?://[^\s()<>\\#]+", address) else ""
    return f"[{_inline(named) or _inline(citation.source)}]({base}#place={place})"


def _code(text: str) -> str:
    """Return ``text``, a path, to the letter."""
    fence = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    space = " " if "`" in text else ""
    return f"{fence}{space}{' '.join(text.split())}{space}{fence}"


def _plain(text: str) -> str:
    """Return ``text`` on one line, so that Markdown takes nothing in it for markup."""
    return _started(_inline(text.strip()))


def _inline(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", re.sub(r"\s+", " ", text))


def _started(text: str) -> str:
    return _AT_START.sub(r"\1\\\2", text)
