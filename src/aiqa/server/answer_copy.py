"""An answer with its sources, to be pasted elsewhere: as plain text, Markdown or HTML."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from aiqa.answers.builder import possible_answers
from aiqa.server.interface_language import t
from aiqa.server.interpretation import interpretation
from aiqa.server.place_names import located
from aiqa.server.rendering import confidence, render
from aiqa.types import Answer, Citation

_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+|~!])")


@dataclass(frozen=True, slots=True)
class _Quote:
    """A sentence, the numbers of its sources from 1, and how likely it answers, if in doubt."""

    text: str
    numbers: Sequence[int]
    share: str = ""


@dataclass(frozen=True, slots=True)
class CopiedAnswer:
    """A question, what came of it in a word, the sentences quoted, and their sources.

    ``understood`` is a follow-up as it was searched for, if that is not how it was put.
    """

    question: str
    understood: str
    verdict: str
    quotes: Sequence[_Quote]
    sources: Sequence[str]

    @classmethod
    def of(cls, question: str, answer: Answer) -> Self:
        """Return the text for ``answer``, each sentence and each source once."""
        is_unsure = answer.outcome == "unsure"
        statements = possible_answers(answer) if is_unsure else answer.statements
        sources: dict[str, int] = {}
        quotes: dict[str, _Quote] = {}
        for statement in statements:
            numbers = [
                sources.setdefault(_where(citation), len(sources) + 1)
                for citation in statement.citations
            ]
            share = t("{share} likely", share=confidence(statement.confidence)) if is_unsure else ""
            sentence = _line(statement.citations[0].sentence)
            quotes.setdefault(sentence, _Quote(sentence, sorted(set(numbers)), share))
        verdict = t("Possible answers, not sure") if is_unsure else ""
        if answer.outcome == "not found":
            verdict = t("The documents don’t seem to say.")
        elif answer.kind in ("span", "list") and not is_unsure:
            verdict = " · ".join(dict.fromkeys(_line(one.text) for one in statements))
        understood = _line(interpretation(answer))
        return cls(_line(question), understood, verdict, list(quotes.values()), list(sources))

    def plain(self) -> str:
        """Return plain text."""
        quotes = [
            " ".join(filter(None, (f"“{quote.text}”", _marks(quote), quote.share)))
            for quote in self.quotes
        ]
        sources = [f"[{number}] {source}" for number, source in enumerate(self.sources, 1)]
        parts = [self.question, self._reading(), self.verdict, *quotes, "\n".join(sources)]
        return "\n\n".join(filter(None, parts)) + "\n"

    def markdown(self) -> str:
        """Return Markdown without any markup of the documents."""
        quotes = [
            " ".join(filter(None, (f"> {_escaped(quote.text)}", _escaped(_marks(quote)))))
            + (f"\n>\n> {quote.share}" if quote.share else "")
            for quote in self.quotes
        ]
        sources = [f"{number}. {_escaped(source)}" for number, source in enumerate(self.sources, 1)]
        verdict = f"**{_escaped(self.verdict)}**" if self.verdict else ""
        question = f"### {_escaped(self.question)}"
        parts = [question, _escaped(self._reading()), verdict, *quotes, "\n".join(sources)]
        return "\n\n".join(filter(None, parts)) + "\n"

    def html(self) -> str:
        """Return HTML."""
        return render("copied_answer.html", copied=self, reading=self._reading())

    def _reading(self) -> str:
        return t("Understood as: {question}", question=self.understood) if self.understood else ""


def _where(citation: Citation) -> str:
    place = located(citation.source, citation.page, citation.section, citation.place)
    return ", ".join(_line(part) for part in (citation.title, place) if part)


def _marks(quote: _Quote) -> str:
    return "".join(f"[{number}]" for number in quote.numbers)


def _line(text: str) -> str:
    return " ".join(text.split())


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)
