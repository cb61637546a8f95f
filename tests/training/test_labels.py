"""Labels of windows: every marked place, evidence, yes and no, and no false "unanswerable"."""

from __future__ import annotations

from tokenizers import Tokenizer

from aiqa.reader.windows import Windows
from aiqa.training.data.evidence import with_evidence
from aiqa.training.data.examples import Example, Passage
from aiqa.training.labels import POLARITIES, UNKNOWN, Labelled, labelled
from aiqa.types import Span
from tests.training.samples import TEXT, asked, span_of


def of(windows: Windows, example: Example, heading: str = "") -> list[Labelled]:
    (passage,) = example.passages
    return labelled(windows, example, passage, example.question, heading)


def test_every_given_place_counts_and_no_other(windows: Windows) -> None:
    second = Span(TEXT.index("Ada Moor kept"), TEXT.index(" kept"))
    both = Example("q", "Who?", (Passage(TEXT, (span_of(TEXT, "Ada Moor"), second)),))
    (two,) = of(windows, both)
    (one,) = of(windows, Example("q", "Who?", (Passage(TEXT, (second,)),)))
    assert len(two.answers) == 2
    (place,) = one.answers
    assert one.window.span(*place, TEXT) == second


def test_a_heading_moves_the_labels_along(windows: Windows) -> None:
    example = with_evidence(asked("Who followed her?", TEXT, "Tom Reed"))
    (plain,) = of(windows, example)
    (headed,) = of(windows, example, "The lighthouse › Keepers")
    shift = headed.window.first - plain.window.first
    assert shift > 4
    assert headed.answers == tuple((a + shift, b + shift) for a, b in plain.answers)
    assert headed.evidence == tuple((a + shift, b + shift) for a, b in plain.evidence)
    for item in (plain, headed):
        (place,) = item.evidence
        span = item.window.span(*place, TEXT)
        assert TEXT[span.start : span.end].startswith("Ada Moor kept it until 1910")
        assert TEXT[span.start : span.end].endswith("followed her.")


def test_a_window_that_cuts_an_answer_is_not_called_unanswerable(tokenizer: Tokenizer) -> None:
    text = " ".join(f"w{number}" for number in range(60))
    answer = Span(text.index("w20"), text.index("w40") - 1)
    windows = Windows(tokenizer, length=40, overlap=8)
    whole = windows.cut("Which?", text)
    kept = of(windows, Example("q", "Which?", (Passage(text, (answer,)),)))
    assert len(kept) < len(whole)
    for item in kept:
        places = item.window.places
        assert item.answers or places[-1, 1] <= answer.start or places[0, 0] >= answer.end
        assert item.is_answering == bool(item.answers)


def test_evidence_is_of_windows_with_the_answer_only(tokenizer: Tokenizer) -> None:
    sentence = "The keeper of the lamp was " + "very " * 40 + "old Ada Moor."
    windows = Windows(tokenizer, length=40, overlap=8)
    found = of(windows, with_evidence(asked("Who kept it?", sentence, "Ada Moor")))
    assert [bool(item.evidence) for item in found] == [False] * (len(found) - 1) + [True]


def test_yes_and_no_hold_where_the_passage_answers(windows: Windows) -> None:
    answering = Passage("It is lit every night.", is_answering=True)
    other = Passage("Boats are painted in May.")
    example = Example("b", "is the lamp lit at night", (answering, other), polarity="yes")
    (yes,) = labelled(windows, example, answering, example.question, "")
    (neither,) = labelled(windows, example, other, example.question, "")
    assert (yes.is_answering, yes.answers, yes.polarity) == (True, (), POLARITIES["yes"])
    assert (neither.is_answering, neither.polarity) == (False, POLARITIES["neither"])


def test_an_open_question_has_no_polarity_and_another_an_unknown_one(windows: Windows) -> None:
    (open_,) = of(windows, asked("Tell me who lit it", TEXT, "Ada Moor"))
    (closed,) = of(windows, asked("Did Ada Moor light it?", TEXT, "Ada Moor"))
    assert open_.polarity == POLARITIES["neither"]
    assert closed.polarity == UNKNOWN
