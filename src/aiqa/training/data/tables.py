"""Tables in the form in which aiqa writes them out, and look-ups of their cells as questions."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

from aiqa.training.data.examples import Example, Passage
from aiqa.types import Span

_SEPARATOR = " | "
_SHORTEST_TABLE = 3
_LOOKUPS = (
    "{column} {row}", "{row} {column}", "{column} of {row}", "What is the {column} of {row}?",
    "what is the {column} for {row}", "Which {column} does {row} have?", "{row}: {column}?",
    "what {column} is given for {row}", "Tell me the {column} of {row}",
)  # fmt: skip


def as_table_text(example: Example) -> Example | None:
    """Return ``example`` with its piped table as lines ``head: cell; head: cell``.

    None where its first passage is no such table, or an answer does not lie within one cell.
    """
    rows = _rows(example.passages[0].text)
    if rows is None:
        return None
    answers = []
    heads, *body = rows
    lines: list[str] = []
    position = 0
    moved: dict[tuple[int, int], int] = {}
    for row in body:
        line = ""
        for (head, _), (cell, start) in zip(heads, row, strict=True):
            if cell:
                line += ("; " if line else "") + (f"{head}: " if head else "")
                moved[start, start + len(cell)] = position + len(line)
                line += cell
        lines.append(line)
        position += len(line) + 1
    for answer in example.passages[0].answers:
        for (start, end), place in moved.items():
            if start <= answer.start and answer.end <= end:
                offset = place - start
                answers.append(Span(answer.start + offset, answer.end + offset))
                break
        else:
            return None
    passage = Passage("\n".join(lines), tuple(answers), is_answering=bool(answers))
    return replace(example, passages=(passage,))


def lookups(examples: Sequence[Example], seed: int) -> Iterator[Example]:
    """Ask for one cell of each distinct table by the first cell of its row and its column's head.

    One in five asks for a row or column that stands in another table, so that nothing answers.
    """
    chance = random.Random(seed)
    tables = {e.passages[0].text: e for e in examples}
    everything = [(e, rows) for text, e in tables.items() if (rows := _rows(text))]
    for number, (example, rows) in enumerate(everything):
        heads, *body = rows
        names = [row[0][0] for row in body]
        asked = [
            (r, c)
            for r, row in enumerate(body)
            for c in range(1, len(row))
            if row[c][0] and heads[c][0] and names[r] and names.count(names[r]) == 1
        ]
        if not asked or not any(ch.isalpha() for name in names for ch in name):
            continue
        r, c = chance.choice(asked)
        row, column = names[r], heads[c][0].lower()
        cell, start = body[r][c]
        answers: tuple[Span, ...] = (Span(start, start + len(cell)),)
        if chance.random() < 0.2:  # noqa: PLR2004
            other_heads, *other = chance.choice(everything)[1]
            if chance.random() < 0.5:  # noqa: PLR2004
                column = chance.choice(other_heads)[0].lower()
            else:
                row = chance.choice(other)[0][0]
            answers = ()
            lowered = example.passages[0].text.lower()
            if not row or not column or (row.lower() in lowered and column in lowered):
                continue
        question = chance.choice(_LOOKUPS).format(row=row, column=column)
        passage = Passage(example.passages[0].text, answers, is_answering=bool(answers))
        yield Example(f"lookup{number}", question, (passage,), example.heading)


def _rows(text: str) -> list[list[tuple[str, int]]] | None:
    """Return the cells of each line with their starts in ``text``; None where it is no table."""
    rows = []
    position = 0
    for line in text.split("\n"):
        if line.strip():
            cells, at = [], position
            for cell in line.split(_SEPARATOR):
                stripped = cell.strip()
                cells.append((stripped, at + len(cell) - len(cell.lstrip())))
                at += len(cell) + len(_SEPARATOR)
            rows.append(cells)
        position += len(line) + 1
    is_table = len(rows) >= _SHORTEST_TABLE and len(rows[0]) > 1
    return rows if is_table and all(len(row) == len(rows[0]) for row in rows) else None
