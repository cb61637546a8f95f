"""Lists that answer as a whole, read by the bundled reader."""

from __future__ import annotations

import pytest

from aiqa.reader.coordination import coordination
from aiqa.reader.span_reader import SpanReader
from aiqa.types import Span
from tests.reader.fakes import hit

BROCHURE = """\
The museum opens at nine in summer. Dogs wait outside.

The school visit costs 90 crowns, which includes:

- entry for thirty pupils
- a guide for two hours
- the use of the workshop

Teachers enter free of charge on weekdays."""

CLAUSE = (
    "The duty of care does not apply to goods that the keeper can show were: (a) damaged on "
    "arrival, (b) packed by the owner or (c) inherently perishable. The keeper insures the rest."
)


def answer(reader: SpanReader, question: str, text: str) -> list[str]:
    return [span.text for span in reader.read(question, [hit(text)]).answer]


def test_words_that_introduce_a_list_give_its_items(reader: SpanReader) -> None:
    items = ["entry for thirty pupils", "a guide for two hours", "the use of the workshop"]
    assert answer(reader, "What is included in a school visit?", BROCHURE) == items


def test_words_that_introduce_an_enumeration_give_it(reader: SpanReader) -> None:
    (words,) = answer(reader, "Which goods does the duty of care not apply to?", CLAUSE)
    assert words.startswith("(a) damaged on arrival, (b)")
    assert words.rstrip(".").endswith("inherently perishable")


LAYERS = """\
A lighthouse is cared for in four layers.

1. **Lamp.** It is lit at dusk. Its oil comes by boat in spring and is kept in a shed of stone.
2. **Lens.** The glass is washed with rain water, and nobody but the keeper may touch it at all.
3. **Tower.** It is painted white every other year, and the stairs are swept on Saturdays.
4. **Keeper.** Somebody must be awake at night; there are two of them, who take turns.

The shed was built later."""


def test_items_that_name_what_is_asked_and_go_on_are_given_together(reader: SpanReader) -> None:
    given = answer(reader, "Which layers make up the care of a lighthouse?", LAYERS)
    assert [item.split(".")[0].strip("*") for item in given] == ["Lamp", "Lens", "Tower", "Keeper"]


def test_as_many_items_as_are_asked_for_are_given_together(reader: SpanReader) -> None:
    several = LAYERS.replace("in four layers", "in several ways:")
    given = answer(reader, "Which four things does the care of a lighthouse concern?", several)
    assert [item.split(".")[0].strip("*") for item in given] == ["Lamp", "Lens", "Tower", "Keeper"]


def test_an_item_that_answers_alone_stands_alone(reader: SpanReader) -> None:
    answers = answer(reader, "For how many hours is there a guide?", BROCHURE)
    assert len(answers) == 1
    assert answers[0].startswith("two")


REFUND = """\
The desk is open on weekdays.

For a refund the customer brings the receipt, the torn ticket, and a bank card (any bank)."""


@pytest.mark.parametrize("said", ["receipt", "the torn ticket", "a bank card"])
def test_what_a_sentence_names_together_answers_together(said: str) -> None:
    sentence = Span(REFUND.index("For"), len(REFUND))
    start = REFUND.index(said)
    members = coordination(REFUND, sentence, Span(start, start + len(said)))
    assert members
    first, last = (REFUND[member.start : member.end] for member in members)
    assert first == "For a refund the customer brings the receipt"
    assert last == "a bank card (any bank)"


def test_two_clauses_are_not_a_coordination() -> None:
    text = "Call the porter, and wait at the gate."
    assert coordination(text, Span(0, len(text)), Span(0, 15)) is None


def test_a_question_for_several_things_gets_all_that_are_named(reader: SpanReader) -> None:
    (words,) = answer(reader, "Which things must the customer bring for a refund?", REFUND)
    assert words.startswith("the receipt, the torn ticket, and a bank card")
