"""Tables written out, and cells asked for: spans keep their words."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aiqa.training.data.examples import Example, Passage
from aiqa.training.data.tables import as_table_text, lookups
from aiqa.types import Span
from tests.training.samples import asked

TABLE = "Keeper | Years | Lamp\nAda Moor | 23 | oil\nTom Reed |  | gas\nJane Park | 11 | oil"

CELL = st.text("abcXYZ 019.,;:%", max_size=8).map(str.strip)


@st.composite
def tables(draw: st.DrawFn) -> tuple[str, list[list[str]]]:
    """A piped table of two or more columns and three or more lines, and its cells."""
    columns = draw(st.integers(2, 4))
    row = st.lists(CELL, min_size=columns, max_size=columns).filter(any)
    rows = draw(st.lists(row, min_size=3, max_size=6))
    return "\n".join(" | ".join(cells) for cells in rows), rows


@given(tables(), st.data())
def test_an_answer_within_a_cell_keeps_its_words(
    table: tuple[str, list[list[str]]], data: st.DataObject
) -> None:
    text, rows = table
    body = [line for line in text.split("\n")[1:] if line.strip()]
    spans = [
        Span(place, place + len(cell))
        for row, line in zip(rows[1:], text.split("\n")[1:], strict=True)
        for cell in row
        if cell and line in body and text.count(cell) == 1
        for place in [text.index(cell)]
    ]
    answers = tuple(data.draw(st.lists(st.sampled_from(spans), max_size=3))) if spans else ()
    written = as_table_text(Example("q", "?", (Passage(text, answers),)))
    assert written is not None
    (passage,) = written.passages
    assert [passage.text[s.start : s.end] for s in passage.answers] == [
        text[s.start : s.end] for s in answers
    ]
    assert passage.is_answering == bool(answers)


def test_a_table_is_written_as_heads_with_their_cells() -> None:
    written = as_table_text(asked("Who burned gas?", TABLE, "Tom Reed"))
    assert written
    assert written.passages[0].text.split("\n") == [
        "Keeper: Ada Moor; Years: 23; Lamp: oil",
        "Keeper: Tom Reed; Lamp: gas",
        "Keeper: Jane Park; Years: 11; Lamp: oil",
    ]
    assert written.wordings == ["Tom Reed"]


def test_no_table_and_answers_across_cells_or_in_heads_are_left() -> None:
    assert as_table_text(asked("Who?", "Ada | Moor", "Ada")) is None
    assert as_table_text(asked("Who?", "no table\nof any\nkind", "table")) is None
    assert as_table_text(asked("Who?", TABLE, "Ada Moor | 23")) is None
    assert as_table_text(asked("Which?", TABLE, "Years")) is None


@given(st.lists(tables(), min_size=1, max_size=4), st.integers(0, 10_000))
def test_a_lookup_is_answered_by_one_cell_or_by_nothing(
    drawn: list[tuple[str, list[list[str]]]], seed: int
) -> None:
    examples = [asked("?", text) for text, _ in drawn]
    cells = {text: {cell for row in rows for cell in row} for text, rows in drawn}
    for example in lookups(examples, seed):
        (passage,) = example.passages
        assert passage.text in cells
        assert {*example.wordings} <= cells[passage.text]
        assert len(example.wordings) == passage.is_answering
        assert example.question.strip()


def test_lookups_ask_for_each_table_by_row_and_column() -> None:
    other = TABLE.replace("Years", "Wage").replace("Moor", "Vane").replace("Reed", "Dale")
    found = [e for seed in range(60) for e in lookups([asked("?", TABLE), asked("?", other)], seed)]
    answered = [e for e in found if e.wordings]
    for example in answered:
        heads, *rows = (line.split(" | ") for line in example.passages[0].text.split("\n"))
        assert any(
            row[0] in example.question and head.lower() in example.question.lower()
            for row in rows
            for head, cell in zip(heads, row, strict=True)
            if cell == example.wordings[0]
        )
    assert 0.1 < 1 - len(answered) / len(found) < 0.3
    assert {e.wordings[0] for e in answered} >= {"23", "11", "gas"}
