"""What people see in the terminal of an answer."""

from __future__ import annotations

import pytest

from aiqa.cli.answer_output import print_answer
from aiqa.types import Answer, Citation, Statement


def said(text: str, confidence: float) -> Statement:
    end = len(text)
    return Statement(
        text,
        confidence,
        (Citation("d", "ferry.md", "The ferry", None, "", 0, end, text, 0, end, text),),
    )


def test_what_else_may_answer_is_told_likeliest_first_and_not_what_surely_does_not(
    capsys: pytest.CaptureFixture[str],
) -> None:
    others = (said("on deck", 0.002), said("twelve", 0.1), said("fourteen", 0.28))
    answer = Answer("How many?", "ten", 0.7, "span", (said("ten", 0.7),), alternatives=others)
    print_answer(answer)
    _, told = capsys.readouterr().out.split("Also possible:")
    assert [line.split() for line in told.splitlines() if "%" in line] == [
        ["28%", "fourteen"],
        ["10%", "twelve"],
    ]


def test_an_answer_without_a_likely_rival_stands_alone(capsys: pytest.CaptureFixture[str]) -> None:
    others = (said("on deck", 0.002),)
    print_answer(Answer("How many?", "ten", 0.7, "span", (said("ten", 0.7),), alternatives=others))
    assert "Also possible" not in capsys.readouterr().out
