"""Answers, what they cite, and what a conversation remembers of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Self

from aiqa.types.documents import locator

AnswerKind = Literal["span", "sentence", "sentences", "list", "abstention"]
"""A short span; a sentence or a run of them; several statements; or no answer."""

Cause = Literal["nothing retrieved", "not stated", "below strictness"]
"""Why there is no answer: no chunk at all, none that states it, or none sure enough."""


Outcome = Literal["answered", "unsure", "not found"]
"""An answer; candidates that may answer, none sure enough; or nothing that seems to answer."""


@dataclass(frozen=True, slots=True)
class RiskLevel:
    """What it costs to be wrong in at most ``risk`` of the answers shown.

    ``min_confidence`` is the confidence to be asked for, ``coverage`` the share of the answerable
    questions that are then still answered. All are in [0, 1]; a risk that cannot be promised has
    a ``min_confidence`` of 1 and no coverage.
    """

    risk: float
    min_confidence: float
    coverage: float


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a quote stands: ``quote == document.text[start:end]``.

    ``page`` counts from 1 what the format is divided into: pages, slides, rows or records.
    ``sentence == document.text[sentence_start:sentence_end]`` is the sentence, or the run of them,
    that the quote stands in; quote and sentence are the same where whole sentences are quoted.
    ``place`` says where it stands within that page and section: "table 2, row 4", "footnote 3".
    """

    document_id: str
    source: str
    title: str
    page: int | None
    section: str
    start: int
    end: int
    quote: str
    sentence_start: int
    sentence_end: int
    sentence: str
    place: str = ""

    @property
    def locator(self) -> str:
        """The place as people write it: "p. 4, § Funding", "slide 7", "§ Sheet1, row 12"."""
        return locator(self.source, self.page, self.section, self.place)


@dataclass(frozen=True, slots=True)
class Statement:
    """Words of the documents that answer, or might, with every place cited that says them.

    ``text`` is the first citation's quote; ``confidence`` the calibrated probability that it
    answers the question.
    """

    text: str
    confidence: float
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Position:
    """A value that documents give for a question, in their words, with its citations."""

    text: str
    citations: tuple[Citation, ...]

    @property
    def documents(self) -> int:
        """Number of documents that give the value."""
        return len({citation.document_id for citation in self.citations})


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a question; ``text is None`` means that the documents do not say.

    ``statements`` are what is answered: one for a fact, several for a list or a long answer, in
    the order to be read; ``text`` is theirs, a line each. ``alternatives`` are other candidates,
    or near misses if there is no answer. ``positions`` are the values that the documents give, that
    of the answer or of the likeliest candidate first: several if they contradict each other, none
    if values cannot be compared.

    ``confidence`` is the calibrated probability, in [0, 1], that the best candidate answers the
    question: it is given for abstentions too, where it says how near the nearest chunk came.
    ``stated`` is the calibrated probability that the documents state an answer at all, None where
    nothing was read or the reader cannot tell.
    ``cause`` and, in a sentence for people, ``reason`` explain an abstention and are None
    otherwise. ``interpreted`` is the question as it was understood in its conversation, None where
    it was taken as it stands. ``timings_ms`` maps each stage to wall-clock milliseconds.
    ``unread`` counts what was not read to keep ``Settings.deadline_ms``: "unread passages" were
    read by no model, "passages not read again" by the first model only. A count of zero is left
    out, so ``unread`` is empty if all was read.
    """

    question: str
    text: str | None
    confidence: float
    kind: AnswerKind
    statements: tuple[Statement, ...] = ()
    alternatives: tuple[Statement, ...] = ()
    positions: tuple[Position, ...] = ()
    cause: Cause | None = None
    reason: str | None = None
    stated: float | None = None
    interpreted: str | None = None
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    unread: Mapping[str, int] = field(default_factory=dict)

    @property
    def citations(self) -> tuple[Citation, ...]:
        """Every citation of the statements, in order."""
        return tuple(citation for said in self.statements for citation in said.citations)

    @property
    def conflicts(self) -> bool:
        """Whether the documents contradict each other."""
        return len(self.positions) > 1

    @property
    def abstained(self) -> bool:
        """Whether aiqa declined to answer."""
        return self.text is None

    @property
    def outcome(self) -> Outcome:
        """What came of the question.

        *Unsure* where ``alternatives`` may answer, each with its probability, but none is sure
        enough to be the answer; *not found* where the documents likely do not state one.
        """
        if self.text is not None:
            return "answered"
        return "unsure" if self.cause == "below strictness" else "not found"


@dataclass(frozen=True, slots=True)
class ChatTurn:
    """An earlier ``question``, as it was understood, its ``answer`` and the ``titles`` cited."""

    question: str
    answer: str | None = None
    titles: tuple[str, ...] = ()

    @classmethod
    def of(cls, answer: Answer) -> Self:
        """What is to be remembered of ``answer``."""
        titles = dict.fromkeys(citation.title for citation in answer.citations)
        return cls(answer.interpreted or answer.question, answer.text, tuple(titles))
