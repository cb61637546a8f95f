"""Builds an answer from a reader's spans: confidence, citations, or abstention."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from aiqa.answers.calibration import Calibration, in_percent
from aiqa.answers.comparison import compared
from aiqa.answers.conflicts import Contender, positions
from aiqa.answers.estimates import stated_number
from aiqa.answers.neighbours import with_neighbours_joined
from aiqa.answers.period import MOST_OF_ANOTHER_YEAR, is_of_another_year
from aiqa.text.analysis import folded
from aiqa.types import (
    Answer,
    AnswerKind,
    Cause,
    Citation,
    Document,
    Outcome,
    Position,
    Reading,
    ScoredSpan,
    Statement,
    heading_path,
)

_MOST_CITATIONS = 5
"""Most citations of the same words: boilerplate may occur hundreds of times."""

MOST_CANDIDATES = 3
"""Candidates of an unsure answer that are shown."""

_LEAST_CANDIDATE, _LEAST_OF_BEST = 0.02, 0.5
"""Least probability of a candidate that is worth a look, and least share of that of the best where
all are unlikely. One that is far behind a likely one is not left out for that: it is right as often
as others of its probability."""

_LEAST_OTHER = 0.05
"""Least probability of another passage that is shown beside an answer."""

_LEAST_STATED = 0.35
"""Least probability that the documents state an answer for the outcome "unsure"."""


_AGREEING = 0.5
"""Least share of the best place's confidence for another place of the same words to be cited too:
it may say them of something else."""


@dataclass(frozen=True, slots=True)
class Answerer:
    """Builds an ``Answer`` from a ``Reading``; ``document`` looks up a document by its id.

    ``confidence`` gives the probability that a span is right, ``stated`` the probability that the
    documents state an answer; if it is None, ``ScoredSpan.stated`` of the best span decides.
    """

    confidence: Calibration
    stated: Calibration | None
    alternatives: int
    document: Callable[[str], Document]

    def answer(self, question: str, reading: Reading, least: float) -> Answer:
        """Return the answer with its citations if its confidence is at least ``least``.

        Otherwise the outcome is "unsure" or "not found", see ``Answer.outcome``. Other places with
        the same words are further citations of the same statement.
        """
        if not reading.answer:
            return _abstention(
                question, 0.0, (), "nothing retrieved", "Nothing in the documents resembles it."
            )
        reading = self._with_likeliest(question, reading)
        groups = _groups([*reading.answer, *reading.others])
        wordings = {_words(span): span for span in reading.answer}
        statements = {words: self._statement(question, group) for words, group in groups.items()}
        contenders = [
            Contender(statements[words], group[0])
            for words, group in groups.items()
            if len(wordings) == 1
        ]
        held = positions(question, contenders)
        answer = tuple(statements.pop(words) for words in wordings)
        if exact := stated_number(question, contenders):
            # The places agree: the number is as likely to be right as the estimate.
            del statements[_words(exact.span)]
            statements[_words(reading.answer[0])] = answer[0]
            answer = (replace(exact.statement, confidence=answer[0].confidence),)
        others = list(statements.values())
        confidence = max(statement.confidence for statement in answer)
        likeliest = max([confidence, *(other.confidence for other in others)])
        stated = self._stated(reading.answer[0], likeliest)
        result = outcome(confidence, stated, least)
        if result == "answered":
            return Answer(
                question=question,
                text="\n".join(statement.text for statement in answer),
                confidence=confidence,
                kind=_kind(reading.answer),
                statements=answer,
                alternatives=apart(others, answer)[: self.alternatives],
                positions=held,
                stated=stated,
            )
        # Of two things compared, each is told of by itself.
        joins = result == "unsure" and not compared(question)
        joined = self._joined(answer) if joins else answer
        nearest = _by_confidence((*apart(joined), *apart(others, answer)))
        if result == "unsure":
            nearest = _worth_a_look(nearest)
        return _abstention(
            question,
            confidence,
            nearest[: self.alternatives],
            "below strictness" if result == "unsure" else "not stated",
            _unsure_reason(likeliest, least)
            if result == "unsure"
            else "Passages on the subject were found, but none of them seems to state it.",
            stated,
            held if result == "unsure" else (),
        )

    def _with_likeliest(self, question: str, reading: Reading) -> Reading:
        """Return ``reading`` with the likeliest of its first candidates as the answer.

        Confidence weighs more than ranking does, such as the lead over other candidates. An answer
        of several spans or sentences stays as the reader formed it.
        """
        if _kind(reading.answer) != "span":
            return reading
        spans = [*reading.answer, *reading.others]
        first = spans[:MOST_CANDIDATES]
        likeliest = max(first, key=lambda span: self._statement(question, [span]).confidence)
        spans.remove(likeliest)
        return Reading((likeliest,), tuple(spans))

    def _stated(self, best: ScoredSpan, likeliest: float) -> float | None:
        """Return the probability that an answer is stated: no less than that any one is right."""
        if self.stated is None:
            return None if best.stated else 0.0
        return max(self.stated.confidence(best.evidence), likeliest)

    def _statement(self, question: str, group: Sequence[ScoredSpan]) -> Statement:
        best = group[0]
        confidence = self.confidence.confidence(best.evidence)
        likely = [
            span
            for span in group[1:]
            if self.confidence.confidence(span.evidence) >= _AGREEING * confidence
        ]
        citations = tuple(self._cite(span) for span in (best, *likely)[:_MOST_CITATIONS])
        if is_of_another_year(question, citations[0]):
            confidence = min(confidence, MOST_OF_ANOTHER_YEAR)
        return Statement(best.text, confidence, citations)

    def _joined(self, answer: tuple[Statement, ...]) -> tuple[Statement, ...]:
        """Return the statements of ``answer``, sentences that follow each other as one."""
        return tuple(map(self._as_written, with_neighbours_joined(answer)))

    def _as_written(self, statement: Statement) -> Statement:
        """Return ``statement`` in the very words of its first citation's document."""
        first, *more = statement.citations
        text = self.document(first.document_id).text
        quote = text[first.start : first.end]
        sentence = text[first.sentence_start : first.sentence_end]
        cited = (replace(first, quote=quote, sentence=sentence), *more)
        return replace(statement, text=quote, citations=cited)

    def _cite(self, span: ScoredSpan) -> Citation:
        document = self.document(span.chunk.document_id)
        around = span.chunk.sentence_around(span.span)
        return Citation(
            document_id=document.id,
            source=span.chunk.source,
            title=document.title,
            page=document.page_at(span.span.start),
            section=heading_path(span.chunk.section),
            start=span.span.start,
            end=span.span.end,
            quote=document.text[span.span.start : span.span.end],
            sentence_start=around.start,
            sentence_end=around.end,
            sentence=document.text[around.start : around.end],
            place=document.place_at(span.span.start),
        )


def outcome(confidence: float, stated: float | None, least: float) -> Outcome:
    """Return the outcome of a question for which the reader has candidates.

    ``confidence`` and ``stated`` are those of ``Answer``; ``least`` is the threshold.
    """
    if confidence >= least:
        return "answered"
    return "unsure" if stated is None or stated >= _LEAST_STATED else "not found"


def possible_answers(answer: Answer) -> tuple[Statement, ...]:
    """Return the candidates to show for an unsure ``answer``, most likely first.

    The statements of an answer with a lower threshold count as candidates, too.
    """
    candidates = apart((*answer.statements, *answer.alternatives))
    return _worth_a_look(_by_confidence(candidates))[:MOST_CANDIDATES]


def other_answers(answer: Answer) -> tuple[Statement, ...]:
    """Return what else may answer, to show beside an ``answer`` that was found; likeliest first."""
    likely = (other for other in answer.alternatives if other.confidence >= _LEAST_OTHER)
    return _by_confidence(tuple(likely))


def apart(
    statements: Iterable[Statement], besides: Iterable[Statement] = ()
) -> tuple[Statement, ...]:
    """Return the ``statements`` from distinct sentences, other than those of ``besides``."""
    seen = {_sentence(statement) for statement in besides}
    distinct = []
    for statement in statements:
        if (sentence := _sentence(statement)) not in seen:
            seen.add(sentence)
            distinct.append(statement)
    return tuple(distinct)


def _unsure_reason(likeliest: float, least: float) -> str:
    if likeliest >= least:
        return "The candidate that the reader prefers is not the likeliest one."
    return (
        f"The nearest passage answers with a probability of {in_percent(likeliest)}; "
        f"at least {least:.0%} is asked for."
    )


def _abstention(
    question: str,
    confidence: float,
    nearest: tuple[Statement, ...],
    cause: Cause,
    reason: str,
    stated: float | None = None,
    held: tuple[Position, ...] = (),
) -> Answer:
    return Answer(
        question=question,
        text=None,
        confidence=confidence,
        kind="abstention",
        alternatives=nearest,
        positions=held,
        cause=cause,
        reason=reason,
        stated=stated,
    )


def _kind(answer: Sequence[ScoredSpan]) -> AnswerKind:
    if len(answer) == 1:
        return answer[0].kind
    return "list" if answer[0].kind == "span" else "sentences"


def _groups(spans: Sequence[ScoredSpan]) -> dict[str, list[ScoredSpan]]:
    """Group spans by their words, ignoring case and blanks; in order of the first of each."""
    groups: dict[str, list[ScoredSpan]] = {}
    for span in spans:
        groups.setdefault(_words(span), []).append(span)
    return groups


def _by_confidence(statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
    return tuple(sorted(statements, key=lambda statement: -statement.confidence))


def _worth_a_look(candidates: tuple[Statement, ...]) -> tuple[Statement, ...]:
    """Return those of ``candidates``, which are in order, that are likely enough; always one."""
    if not candidates:
        return ()
    least = min(_LEAST_CANDIDATE, _LEAST_OF_BEST * candidates[0].confidence)
    return tuple(candidate for candidate in candidates if candidate.confidence >= least)


def _sentence(statement: Statement) -> str:
    return folded(statement.citations[0].sentence)


def _words(span: ScoredSpan) -> str:
    return folded(span.text)
