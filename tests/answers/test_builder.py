from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiqa import Answer, Assistant
from aiqa.answers.builder import Answerer, possible_answers
from aiqa.answers.builder import outcome as outcome_of
from aiqa.answers.calibration import Calibration
from aiqa.ingestion.chunker import whole_chunk
from aiqa.types import Chunk, Document, Reading, ScoredSpan, Span

Open = Callable[..., Assistant]

TEXT = "The lamp burns oil. It was lit in 1887. Ada Moor kept it. Why oil? Oil was cheap."
DOCUMENT = Document("id", "a.txt", "text", "Lamp", TEXT)


def chunk(start: int = 0, end: int = len(TEXT), source: str = "a.txt") -> Chunk:
    return whole_chunk(replace(DOCUMENT, source=source), Span(start, end))


def span(words: str, score: float, source: str = "a.txt") -> ScoredSpan:
    start = TEXT.index(words)
    place = Span(start, start + len(words))
    return ScoredSpan(chunk(source=source), place, score, evidence=(score,))


CONFIDENCE = Calibration(("score",), (0.0,), (1.0,), (1.0,), 0.0)
"""The logistic of the score."""

STATED = Calibration(("score",), (0.0,), (1.0,), (1.0,), 2.0)
"""Even odds at a score of -2."""


def answer(
    spans: Sequence[ScoredSpan],
    least: float = 0.5,
    together: int = 1,
    stated: Calibration | None = STATED,
) -> Answer:
    answerer = Answerer(CONFIDENCE, stated, 2, lambda _: DOCUMENT)
    reading = Reading(tuple(spans[:together]), tuple(spans[together:]))
    return answerer.answer("When was it lit?", reading, least)


def test_the_best_span_is_the_answer_and_the_next_are_alternatives() -> None:
    result = answer([span("It was lit in 1887.", 2), span("Ada Moor kept it.", 0), span("Oil", -1)])
    assert result.text == "It was lit in 1887."
    assert [citation.quote for citation in result.citations] == ["It was lit in 1887."]
    assert [a.text for a in result.alternatives] == ["Ada Moor kept it.", "Oil"]
    assert result.reason is None
    assert result.outcome == "answered"


def test_the_same_words_elsewhere_are_further_citations_of_one_answer() -> None:
    result = answer([span("Oil was cheap.", 2), span("Oil was cheap.", 1, source="b.txt")])
    assert [citation.source for citation in result.citations] == ["a.txt", "b.txt"]
    assert not result.alternatives


def test_below_the_threshold_it_abstains_and_shows_how_near_it_came() -> None:
    result = answer([span("It was lit in 1887.", -1)])
    assert (result.text, result.abstained, result.kind) == (None, True, "abstention")
    assert result.confidence == pytest.approx(0.2689414)
    assert result.reason
    assert "26%" in result.reason
    assert result.alternatives[0].citations[0].quote == "It was lit in 1887."
    assert not result.citations


def test_with_nothing_retrieved_it_abstains_and_says_so() -> None:
    result = answer([], least=0)
    assert result.abstained
    assert (result.cause, result.outcome) == ("nothing retrieved", "not found")
    assert "Nothing" in (result.reason or "")


def test_what_may_be_stated_is_unsure_and_has_candidates_each_with_its_probability() -> None:
    result = answer([span("It was lit in 1887.", -1), span("1887", -2), span("Oil", -3)])
    assert (result.outcome, result.cause) == ("unsure", "below strictness")
    assert [(a.text, round(a.confidence, 4)) for a in result.alternatives] == [
        ("It was lit in 1887.", 0.2689),
        ("Oil", 0.0474),  # a sentence is shown once: "1887" stands in the first
    ]
    assert "at least 50%" in (result.reason or "")


def test_possible_answers_that_follow_each_other_are_one_in_the_words_of_the_document() -> None:
    found = [span("The lamp burns oil.", -1), span("It was lit in 1887.", -1), span("Why oil?", -2)]
    first, second = answer(found, together=2).alternatives
    assert first.text == "The lamp burns oil. It was lit in 1887."
    (cited,) = {(one.start, one.end) for one in first.citations[:1]}
    assert TEXT[slice(*cited)] == first.citations[0].quote == first.citations[0].sentence
    assert second.text == "Why oil?"


def test_a_candidate_that_is_hardly_likely_is_not_worth_a_look_unless_the_best_is_no_better() -> (
    None
):
    found = [span("It was lit in 1887.", -1), span("Ada Moor kept it.", -3.8), span("Oil", -4)]
    assert [a.text for a in answer(found).alternatives] == [
        "It was lit in 1887.",
        "Ada Moor kept it.",
    ]
    unlikely = [span("It was lit in 1887.", -5), span("Ada Moor kept it.", -5.5), span("Oil", -6)]
    assert [a.text for a in possible_answers(answer(unlikely, least=0))] == [
        "It was lit in 1887.",
        "Ada Moor kept it.",
    ]
    # Beside an answer and where none is found, they are what is nearest.
    assert [a.text for a in answer(found, least=0).alternatives] == ["Ada Moor kept it.", "Oil"]


def test_what_is_likely_not_stated_is_not_found_and_shows_what_is_nearest() -> None:
    result = answer([span("It was lit in 1887.", -3)])
    assert (result.outcome, result.cause) == ("not found", "not stated")
    assert "none of them" in (result.reason or "")
    assert result.alternatives[0].text == "It was lit in 1887."


def test_what_is_sure_enough_is_answered_though_likely_not_stated() -> None:
    assert answer([span("It was lit in 1887.", -3)], least=0.0).outcome == "answered"


@pytest.mark.parametrize(("score", "outcome"), [(-2.61, "unsure"), (-2.63, "not found")])
def test_a_probability_of_35_percent_of_being_stated_is_enough_to_be_unsure(
    score: float, outcome: str
) -> None:
    assert answer([span("It was lit in 1887.", score)]).outcome == outcome


def test_a_likelier_candidate_than_the_first_is_shown_first_and_counts_as_stated() -> None:
    given = replace(span("Oil was cheap.", -9), evidence=(-0.5,))
    result = answer([span("It was lit in 1887.", -3), given])
    assert (result.outcome, result.alternatives[0].text) == ("unsure", "Oil was cheap.")
    assert result.stated == result.alternatives[0].confidence
    assert "37%" in (result.reason or "")
    likely = answer([span("It was lit in 1887.", -3), replace(given, evidence=(1.5,))])
    assert (likely.outcome, likely.alternatives[0].text) == ("unsure", "Oil was cheap.")
    assert "not the likeliest" in (likely.reason or "")


def test_the_likeliest_of_the_first_three_spans_is_the_answer() -> None:
    def fact(words: str, likely: float) -> ScoredSpan:
        return replace(span(words, 0.0), kind="span", evidence=(likely,))

    lit, oil, kept, lamp = fact("1887", -1), fact("oil", 1.5), fact("Ada Moor", 2), fact("lamp", 3)
    result = answer([lit, oil, kept, lamp])
    assert (result.outcome, result.text) == ("answered", "Ada Moor")
    assert result.confidence == CONFIDENCE.confidence((2,))
    assert [other.text for other in result.alternatives] == ["1887", "oil"]
    # What answers together, or as a sentence, stays together.
    listed = answer([lit, oil, kept], together=2)
    assert listed.text == "1887\noil"
    assert answer([replace(lit, kind="sentence"), kept]).outcome == "unsure"


def test_what_is_probably_right_is_no_less_probably_stated() -> None:
    seldom = Calibration(("score",), (0.0,), (1.0,), (1.0,), -9.0)
    result = answer([span("It was lit in 1887.", -0.25)], stated=seldom)
    assert (result.outcome, result.stated) == ("unsure", result.confidence)


@pytest.mark.parametrize(("is_stated", "outcome"), [(True, "unsure"), (False, "not found")])
def test_without_a_calibration_of_what_is_stated_the_reader_s_own_view_decides(
    is_stated: bool,  # noqa: FBT001
    outcome: str,
) -> None:
    best = replace(span("It was lit in 1887.", -9), stated=is_stated)
    assert answer([best], stated=None).outcome == outcome


@given(score=st.floats(-50, 50), least=st.floats(0, 1))
def test_an_answer_is_shown_from_just_the_confidence_that_is_asked_for(
    score: float, least: float
) -> None:
    result = answer([span("It was lit in 1887.", score)], least)
    assert result.confidence == CONFIDENCE.confidence((score,))
    assert outcome_of(result.confidence, result.stated, least) == result.outcome
    assert (result.text is None) == result.abstained == (result.cause is not None)
    # What is asked for exactly is enough.
    assert not answer([span("It was lit in 1887.", score)], result.confidence).abstained


def test_several_sentences_answer_together_each_with_its_own_citations() -> None:
    spans = [span("Oil was cheap.", 1), span("The lamp burns oil.", 2), span("Why oil?", -1)]
    result = answer([*spans, span("Oil was cheap.", 0, source="b.txt")], together=2)
    assert result.kind == "sentences"
    assert [statement.text for statement in result.statements] == [
        "Oil was cheap.",
        "The lamp burns oil.",
    ]
    assert result.text == "Oil was cheap.\nThe lamp burns oil."
    assert [c.source for c in result.statements[0].citations] == ["a.txt", "b.txt"]
    assert [c.source for c in result.statements[1].citations] == ["a.txt"]
    assert result.confidence == pytest.approx(0.8807970)
    assert [a.text for a in result.alternatives] == ["Why oil?"]


def test_several_short_answers_are_a_list() -> None:
    spans = [replace(span(words, 1), kind="span") for words in ("1887", "Ada Moor")]
    result = answer(spans, together=2)
    assert (result.kind, result.text) == ("list", "1887\nAda Moor")
    (first, second) = result.citations
    assert (first.quote, first.sentence) == ("1887", "It was lit in 1887.")
    assert (second.quote, second.sentence) == ("Ada Moor", "Ada Moor kept it.")
